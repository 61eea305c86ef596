"""The quirks of real providers, played on loopback from `data/provider_quirks.json` and `data/sse_vectors.json`.

`quirks.url(name)` is a base URL under which a vector's answers are given in turn; `quirks.seen(name)` tells when each
request came and what it carried. `@SELF`, `@OTHER` and `@HTTPDATE+n` in a vector are filled in here. A second listener
is the foreign origin, whose requests are under the name `OTHER`.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import email.utils
import gzip
import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).parent / "data"
VECTORS = {v["name"]: v for v in json.loads((DATA / "provider_quirks.json").read_text("utf-8"))["vectors"]}
STREAMS = {v["name"]: v for v in json.loads((DATA / "sse_vectors.json").read_text("utf-8"))["chat"]}
FRAMING = json.loads((DATA / "sse_vectors.json").read_text("utf-8"))["framing"]
OTHER, FILES = "__other", "__files"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
MP4 = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2" + b"\0" * 64


class Quirks:
    """The two listeners, run by a thread of their own."""

    def __init__(self) -> None:
        self._log: dict[str, list[dict[str, Any]]] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._servers = [self._run(self._listen(other=False)), self._run(self._listen(other=True))]
        self.port, self.other = (server.sockets[0].getsockname()[1] for server in self._servers)

    def url(self, name: str, *, stream: bool = False) -> str:
        """The base URL of a vector, with `stream` one of `STREAMS`; its log begins anew."""
        self._log.pop(name, None)
        return f"http://127.0.0.1:{self.port}/{'s' if stream else 'q'}/{name}"

    def seen(self, name: str) -> list[dict[str, Any]]:
        return list(self._log.get(name, []))

    def stop(self) -> None:
        async def end() -> None:
            for server in self._servers:
                server.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            await asyncio.sleep(0.05)

        self._run(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _run(self, what: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _listen(self, *, other: bool) -> asyncio.Server:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                while await self._one(reader, writer, other=other):
                    pass
            with contextlib.suppress(ConnectionError, RuntimeError):
                writer.close()

        return await asyncio.start_server(serve, "127.0.0.1", 0, limit=1 << 20)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, other: bool) -> bool:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split(" ", 2)
        headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:] if ": " in line)}
        body = await reader.readexactly(int(headers.get("content-length") or 0))
        kind, _, name = path.lstrip("/").partition("/")
        name = OTHER if other else FILES if kind == "blob" else name.partition("/")[0]
        self._log.setdefault(name, []).append({
            "time": time.time(), "method": method, "path": path, "headers": headers, "size": len(body),
        })  # fmt: skip
        if other:
            return await _send(writer, _head(200, {"content-length": "2"}) + b"{}")
        if kind == "blob":
            return await self._file(writer, path)
        given = STREAMS[name] if kind == "s" else None
        if given is not None:
            return await self._play(writer, {"status": 200, "headers": {"content-type": "text/event-stream"}, **given})
        answers = VECTORS[name]["responses"]
        return await self._play(writer, answers[min(len(self._log[name]), len(answers)) - 1])

    async def _play(self, writer: asyncio.StreamWriter, answer: dict[str, Any]) -> bool:
        end = answer.get("end")
        if end in {"rst_before_headers", "close_before_headers"}:
            return _reset(writer) if end.startswith("rst") else False
        await asyncio.sleep(answer.get("delay_ms", 0) / 1000)
        body = self._body(answer)
        headers = {name: self._filled(value) for name, value in answer["headers"].items()}
        if end == "bad_chunk":
            head = _head(answer["status"], {**headers, "transfer-encoding": "chunked"})
            await _send(writer, head + b"ZZZ\r\n" + body + b"\r\n0\r\n\r\n")
            return False
        chunks = [chunk.encode("latin-1") for chunk in answer.get("chunks", ())]
        if not end and not chunks and not answer.get("drip"):
            if answer["status"] == 204:
                return await _send(writer, _head(204, headers))
            headers.setdefault("content-length", str(len(body)))
            return await _send(writer, _head(answer["status"], headers) + body)
        await _send(writer, _head(answer["status"], {"connection": "close", **headers}))
        step = answer.get("drip") or len(body) or 1
        for chunk in chunks or [body[at : at + step] for at in range(0, len(body), step)]:
            await _send(writer, chunk)
            await asyncio.sleep(0.002)
        return await self._finish(writer, end)

    async def _finish(self, writer: asyncio.StreamWriter, end: str | None) -> bool:
        if end == "rst":
            await asyncio.sleep(0.05)
            return _reset(writer)
        if end == "stall":
            await asyncio.sleep(120)
        if end == "comments":
            for _ in range(600):
                await _send(writer, b": keep-alive\n\n")
                await asyncio.sleep(0.1)
        return False

    async def _file(self, writer: asyncio.StreamWriter, path: str) -> bool:
        name = path.split("/blob/")[1].partition("?")[0]
        if name == "redirect-to-metadata":
            where = "http://169.254.169.254/latest/meta-data/"
            return await _send(writer, _head(302, {"location": where, "content-length": "0"}))
        if name == "endless":
            await _send(writer, _head(200, {"content-type": "image/png", "connection": "close"}) + PNG)
            for _ in range(4096):
                await _send(writer, bytes(65536))
            return False
        status, mime, body = {
            "png": (200, "image/png", PNG),
            "mp4": (200, "video/mp4", MP4),
            "html": (200, "text/html", b"<html>expired</html>"),
            "403": (403, "application/xml", b"<Error/>\n"),
        }.get(name, (200, "text/plain", b"?"))
        return await _send(writer, _head(status, {"content-type": mime, "content-length": str(len(body))}) + body)

    def _body(self, answer: dict[str, Any]) -> bytes:
        body = self._filled(answer.get("body", "")).encode("latin-1")
        if "gzip_of" in answer:
            body = gzip.compress(answer["gzip_of"].encode())
        if "gzip_zeros_mb" in answer:
            body = gzip.compress(bytes(answer["gzip_zeros_mb"] << 20), 9)
        if "body_pad_mb" in answer:
            body = body[:-1] + b',"pad":"' + b"x" * (answer["body_pad_mb"] << 20) + b'"}'
        return body

    def _filled(self, text: str) -> str:
        text = text.replace("@SELF", f"http://127.0.0.1:{self.port}").replace(
            "@OTHER", f"http://localhost:{self.other}"
        )
        if text.startswith("@HTTPDATE"):
            return email.utils.formatdate(time.time() + float(text[9:]), usegmt=True)
        return text


def _head(status: int, headers: dict[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode("latin-1")


async def _send(writer: asyncio.StreamWriter, data: bytes) -> bool:
    writer.write(data)
    await writer.drain()
    return True


def _reset(writer: asyncio.StreamWriter) -> bool:
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    return False


@pytest.fixture(scope="session")
def quirks() -> Iterator[Quirks]:
    """The player, one a run."""
    player = Quirks()
    yield player
    player.stop()
