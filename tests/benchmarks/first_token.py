"""Time to the first token on a warm connection, over what a raw socket needs: raw, ours and the SDK in turn."""

from __future__ import annotations

import json
import socket
import statistics
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from measure import KEY, Bar, main, our_session, their_client

ROUNDS = 200
MESSAGES = [{"role": "user", "content": "hello"}]


def raw(url: str) -> Callable[[], None]:
    parts = urlsplit(url)
    connection = socket.create_connection((parts.hostname or "", parts.port or 80))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    body = json.dumps({"model": "line", "messages": MESSAGES, "stream": True}).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {KEY}\r\ncontent-length: {len(body)}"
    )
    request = head.encode() + b"\r\n\r\n" + body

    def ask() -> None:
        connection.sendall(request)
        seen = b""
        while not seen.endswith(b"0\r\n\r\n"):
            seen += connection.recv(65_536)

    return ask


def compared(url: str) -> dict[str, float]:
    session, sdk = our_session(url), their_client(url)
    client, socket_ask = session.client(), raw(url)
    body = {"model": "line", "messages": MESSAGES, "stream": True}

    def timed(name: str) -> float:
        start = time.perf_counter()
        if name == "raw":
            socket_ask()
            return time.perf_counter() - start
        if name == "client":
            stream = iter(client.stream("POST", "/v1/chat/completions", json=body))
        elif name == "session":
            stream = iter(session.start("chat", "hello", model="line"))
        else:
            stream = iter(sdk.chat.completions.create(**body))
        next(stream)
        took = time.perf_counter() - start
        for _ in stream:
            pass
        return took

    times: dict[str, list[float]] = {"raw": [], "client": [], "session": [], "openai": []}
    for _ in range(ROUNDS):
        for name, seen in times.items():
            seen.append(timed(name))
    medians = {name: statistics.median(seen[20:]) for name, seen in times.items()}
    return {name: median - (medians["raw"] if name != "raw" else 0) for name, median in medians.items()}


if __name__ == "__main__":
    main(
        __file__,
        {"all": compared},
        [
            Bar("first token over a raw socket's, client", "all.client", "all.openai", 1 / 2, "s"),
            Bar("first token over a raw socket's, Session.start", "all.session", "all.openai", 1 / 2, "s"),
        ],
        runs=3,
    )
