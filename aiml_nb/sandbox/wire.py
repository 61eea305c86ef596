"""How answers go out: JSON and server-sent events, at the sandbox's pace, whole or spoilt by a fault.

Knows Tornado and the faults, and nothing of requests, keys or media. A client that has gone raises StreamClosedError,
which ends the work.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler

from .faults import Fault
from .refusal import Refusal
from .shop import Shop

#: The longest that a fault goes on, in seconds.
LONGEST = 600.0
#: The longest that the pace makes one answer last, in seconds.
PACED = 2.0

_RATE_LIMITS = {
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-remaining-requests": "59",
    "x-ratelimit-reset-requests": "1s",
    "x-ratelimit-limit-tokens": "100000",
    "x-ratelimit-remaining-tokens": "99000",
    "x-ratelimit-reset-tokens": "600ms",
}
_PIECE = 1 << 16
_ID = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-")
_SPOIL = ("cut", "drip", "silent", "endless", "error")
_BROKEN = {"error": {"message": "The upstream model broke down.", "type": "server_error", "code": 500}}
_PAGE = "<!DOCTYPE html>\n<html><head><title>{0}</title></head><body><h1>{0}</h1><p>{1}</p></body></html>\n"
_PAGES = {
    "html": (200, "Welcome to our network", "Please log in to go on."),
    "gateway": (502, "502 Bad Gateway", "nginx"),
}


class Wire(RequestHandler):
    """A handler that can answer with JSON or a stream, and act out a fault."""

    shop: Shop
    inference_id = ""
    fault: Fault | None = None
    #: Headers besides, such as that a model is deprecated.
    notices: Mapping[str, str] = MappingProxyType({})

    def initialize(self, shop: Shop) -> None:
        """Take what all handlers share."""
        self.shop = shop
        self._gone = asyncio.Event()

    def set_default_headers(self) -> None:
        """The headers of every answer, errors too."""
        self.set_header("Server", "aiml_nb-sandbox")
        self.set_header("X-Sandbox", "no AI ran")
        for name, value in _RATE_LIMITS.items():
            self.set_header(name, value)

    def compute_etag(self) -> str | None:
        """An ETag, where the provider has one."""
        return None

    def on_connection_close(self) -> None:
        """Wake whatever waits on behalf of this client."""
        self._gone.set()

    # -- whole answers

    def head(self, status: int, content_type: str) -> None:
        """Status and the headers that every answer has."""
        self.set_status(status)
        self.set_header("Content-Type", content_type)
        self.set_header("x-inference-id", self.inference_id)
        for name, value in self.notices.items():
            self.set_header(name, value)
        if told := self.client_request_id:
            self.set_header("x-client-request-id", told)

    @property
    def client_request_id(self) -> str:
        """The client's own id of the request; empty when it sent none, or one that is not allowed."""
        told = self.request.headers.get("X-Client-Request-Id", "")
        return told if 0 < len(told) <= 128 and set(told) <= _ID else ""

    async def reply(self, body: Any, status: int = 200) -> None:
        """Send a JSON answer, with its cost in the headers when it has one."""
        self.head(status, "application/json; charset=utf-8")
        if isinstance(body, dict) and "meta" in body:
            self.set_header("x-aimlapi-credits-used", "0")
            self.set_header("x-aimlapi-usd-spent", "0.000000000")
        data = json.dumps(body, ensure_ascii=False).encode()
        if self.fault and self.fault.name in _SPOIL:
            await self._spoil(self.fault.name, data)
        else:
            await self.finish(data)

    async def send(self, data: bytes, kind: str) -> None:
        """Send a file as the answer, in pieces as a provider streams it."""
        self.head(200, kind)
        if self.fault and self.fault.name in _SPOIL:
            return await self._spoil(self.fault.name, data)
        for start in range(0, len(data), _PIECE):
            await self.say(data[start : start + _PIECE])
        return await self.finish()

    def fail(self, refusal: Refusal) -> None:
        """Send the flat error; when an answer has begun already, break it off."""
        if self._finished:
            return
        if self._headers_written:
            self.hang_up()
            return
        self.head(refusal.status, "application/json; charset=utf-8")
        for name, value in refusal.headers.items():
            self.set_header(name, value)
        self.finish(json.dumps(refusal.body(self.request.path, self.inference_id)))

    # -- streams

    async def stream(self, events: Iterable[tuple[str, Any]], *, named: bool = False) -> None:
        """Send server-sent events, (name, JSON value or text) each; named: with `event:` lines."""
        self.head(200, "text/event-stream; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        lines = [_event(name, value, named=named) for name, value in events]
        delay = min(self.shop.pace, PACED / max(1, len(lines)))
        if self.fault and self.fault.name in _SPOIL:
            return await self._spoil_stream(self.fault, lines)
        for line in lines if delay else [b"".join(lines)]:
            await self.say(line)
            await self.pause(delay)
        return await self.finish()

    async def say(self, data: bytes) -> None:
        """Send at once."""
        if self._gone.is_set():
            raise StreamClosedError
        self.write(data)
        await self.flush()

    async def pause(self, seconds: float) -> None:
        """Wait, but not on behalf of a client that has gone."""
        if seconds <= 0:
            return
        try:
            await asyncio.wait_for(self._gone.wait(), min(seconds, LONGEST))
        except TimeoutError:
            return
        raise StreamClosedError

    def hang_up(self) -> None:
        """Close the connection as it stands, with no proper end of the answer."""
        self.detach().close()

    # -- faults

    async def strike(self, fault: Fault) -> bool:
        """Act out a fault that comes before the answer, or in its place; True when nothing is left to say."""
        refusal = fault.refusal()
        if refusal is not None:
            raise refusal
        if fault.name == "slow":
            await self.pause(3.0 if fault.seconds is None else fault.seconds)
        elif fault.name == "hangup":
            self.hang_up()
        elif fault.name in _PAGES:
            status, title, text = _PAGES[fault.name]
            self.head(status, "text/html; charset=utf-8")
            await self.finish(_PAGE.format(title, text))
        return self._finished

    async def _spoil(self, name: str, data: bytes) -> None:
        if name == "error":
            raise Refusal(500, "The upstream model broke down.")
        if name in ("silent", "endless"):
            await self.pause(LONGEST)
            return self.hang_up()
        self.set_header("Content-Length", str(len(data)))
        if name == "cut":
            await self.say(data[: len(data) // 2])
            return self.hang_up()
        return await self._drip(data)

    async def _spoil_stream(self, fault: Fault, lines: list[bytes]) -> None:
        if fault.name == "silent":
            return await self._repeat(b": keep-alive\n\n", fault.seconds or 1.0)
        if fault.name == "drip":
            return await self._drip(b"".join(lines))
        half = breaking_point(len(lines))
        for line in lines[:half]:
            await self.say(line)
            await self.pause(self.shop.pace)
        if fault.name == "endless":
            return await self._repeat(lines[half - 1], fault.seconds or 0.05)
        if fault.name == "error":
            await self.say(_event("error", _BROKEN, named=False))
            return await self.finish()
        return self.hang_up()

    async def _repeat(self, data: bytes, seconds: float) -> None:
        for _ in range(int(LONGEST / seconds)):
            await self.say(data)
            await self.pause(seconds)
        self.hang_up()

    async def _drip(self, data: bytes) -> None:
        seconds = min(self.shop.pace / 10, PACED / len(data))
        for index in range(len(data)):
            await self.say(data[index : index + 1])
            await self.pause(seconds)
        await self.finish()


def breaking_point(count: int) -> int:
    """How many of a stream's `count` events go out before a fault breaks it off."""
    return max(1, count // 2)


def _event(name: str, value: Any, *, named: bool) -> bytes:
    data = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"event: {name}\ndata: {data}\n\n".encode() if named else f"data: {data}\n\n".encode()
