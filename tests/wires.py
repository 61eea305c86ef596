"""A real HTTP server on loopback whose answers are raw bytes, written by a function of the test: for what no server library would send."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

JSON = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s"
SSE = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"


@dataclass
class Seen:
    """A request as the server read it; `n` counts from 1."""

    n: int
    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int
    time: float = field(default_factory=time.monotonic)


Handler = Callable[[socket.socket, Seen], bytes | None]


class Server:
    """`handler(sock, seen)` writes to the socket, or returns what to write; None closes the connection."""

    def __init__(self, handler: Handler, context: ssl.SSLContext | None = None) -> None:
        self.seen: list[Seen] = []
        self._handler = handler
        self._context = context
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.port}"
        self._open: list[socket.socket] = []
        self.closed = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for each in self._open:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(client)
            threading.Thread(target=self._serve, args=(client, len(self._open)), daemon=True).start()

    def _serve(self, client: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._context is not None:
                client = self._context.wrap_socket(client, server_side=True)
                self._open.append(client)
            while (seen := self._read(client, number)) is not None:
                answer = self._handler(client, seen)
                if answer is None:
                    break
                client.sendall(answer)
        self.closed += 1
        with contextlib.suppress(OSError):
            client.close()

    def _read(self, client: socket.socket, number: int) -> Seen | None:
        data = b""
        while b"\r\n\r\n" not in data:
            more = client.recv(65536)
            if not more:
                return None
            data += more
            if data[:1] == b"\x16":  # somebody speaks TLS to a plain port
                client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                return None
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split(" ", 2)
        headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:])}
        while len(body) < int(headers.get("content-length", 0)):
            body += client.recv(65536)
        seen = Seen(len(self.seen) + 1, method, path, headers, body, number)
        self.seen.append(seen)
        return seen


@contextlib.contextmanager
def serving(handler: Handler, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(handler, context)
    try:
        yield server
    finally:
        server.stop()


def answer(body: bytes = b"{}", status: int = 200, **headers: str) -> bytes:
    """A plain answer; header names with `_` for `-`."""
    told = {"content-type": "application/json", "content-length": str(len(body))}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode("latin-1") + body


def event(data: str) -> bytes:
    return f"data: {data}\n\n".encode()


def reset(client: socket.socket) -> None:
    """Close with RST, as a crashed server does."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)
