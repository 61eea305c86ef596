"""The other end: a bare asyncio server that costs next to nothing, so that what is measured is the client.

The model's name says what comes: `event-20000` one HTTP chunk an event, `block-20000` the same in 16 kB blocks,
`token-200-5` with 5 ms between two, `line` one short answer, `size-20` (for pictures) a PNG of about 20 MB. Prints its
URL. With a certificate's path as argument it speaks TLS.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
import re
import ssl
import sys
from functools import lru_cache

BLOCK = 16_384
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: "


def event(text: str | None, finish: str | None = None) -> bytes:
    delta = {"role": "assistant", "content": text} if text is not None else {}
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_700_000_000,
        "model": "m",
        "system_fingerprint": "fp",
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
    }
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


END = event(None, "stop") + b"data: [DONE]\n\n"


@lru_cache
def streamed(kind: str, count: int) -> bytes:
    """The whole body of a stream without pauses."""
    events = [event(f" word{number}") for number in range(count)]
    if kind == "event":
        return b"".join(map(chunk, [*events, END])) + b"0\r\n\r\n"
    whole = b"".join([*events, END])
    return b"".join(chunk(whole[at : at + BLOCK]) for at in range(0, len(whole), BLOCK)) + b"0\r\n\r\n"


@lru_cache
def picture(megabytes: int) -> bytes:
    """An image answer whose PNG has about that many megabytes: noise does not compress."""
    import random

    from PIL import Image

    edge = int((megabytes * 1e6 / 3) ** 0.5)
    image = Image.frombytes("RGB", (edge, edge), random.Random(1).randbytes(edge * edge * 3))
    image.save(out := io.BytesIO(), "png", compress_level=0)
    encoded = base64.b64encode(out.getvalue()).decode()
    return json.dumps({"created": 1, "data": [{"b64_json": encoded}]}).encode()


def plain(text: str) -> bytes:
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    answer = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": choices, "usage": usage}
    return json.dumps(answer).encode()


def whole(body: bytes) -> bytes:
    return HEAD + f"application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


async def read(reader: asyncio.StreamReader) -> tuple[bytes, bytes, bytes] | None:
    """One request: its method and path, and the first and last kilobytes of its body (a large one is not kept)."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    if b"100-continue" in head.lower():
        raise ValueError("nobody here expects 100-continue")
    line = head.split(b"\r\n", 1)[0]
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    if length:
        left, first, last = int(length[1]), b"", b""
        while left:
            part = await reader.read(min(left, 1 << 18))
            first, last = first or part[:4096], (last + part)[-4096:]
            left -= len(part)
        return line, first, last
    first = last = b""
    if b"chunked" in head.lower():
        while size := int(await reader.readline(), 16):
            part = await reader.readexactly(size)
            first, last = first or part[:4096], (last + part)[-4096:]
            await reader.readline()
        await reader.readline()
    return line, first, last


async def answer(line: bytes, body: bytes, writer: asyncio.StreamWriter) -> None:
    if b"/models" in line:
        writer.write(whole(b'{"object":"list","data":[]}'))
        return
    model = re.search(rb'"model": ?"([a-z]+)(?:-(\d+))?(?:-(\d+))?"', body)
    kind, count, pause = (model[1].decode(), int(model[2] or 0), int(model[3] or 0)) if model else ("line", 0, 0)
    streams = re.search(rb'"stream": ?true', body) is not None
    if kind == "size":
        writer.write(whole(picture(count)))
    elif not streams:
        writer.write(whole(plain("A short answer.")))
    elif kind == "line":
        writer.write(HEAD + b"text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        writer.write(chunk(event("A short answer.")) + chunk(END) + b"0\r\n\r\n")
    else:
        writer.write(HEAD + b"text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
        if kind != "token":
            writer.write(streamed(kind, count))
            return
        for number in range(count):
            writer.write(chunk(event(f" word{number}")))
            await writer.drain()
            await asyncio.sleep(pause / 1000)
        writer.write(chunk(END) + b"0\r\n\r\n")


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while (request := await read(reader)) is not None:
            line, first, last = request
            await answer(line, first + last, writer)
            await writer.drain()
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def main() -> None:
    context = None
    if len(sys.argv) > 1:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1])
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context, limit=1 << 20, backlog=256)
    port = server.sockets[0].getsockname()[1]
    print(f"http{'s' if context else ''}://127.0.0.1:{port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
