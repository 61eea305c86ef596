"""Answer: what came back from one request, read to its end; and the lenient reading of JSON and of streamed bodies.

It judges a body by what it is, not by its label: JSON with a byte order mark, an event stream where JSON was asked, a
page of HTML. It does no network.
"""

from __future__ import annotations

import contextlib
import json
import re
import weakref
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ..costs import Cost, RateLimit
from ..errors import APIError, shorten
from ..sse import Decoder

_BOM = b"\xef\xbb\xbf"
_FIELD = re.compile(rb"(?:data|event|id|retry)?:|data[\r\n]")
_TITLE = re.compile(rb"<title[^>]*>(.{0,200}?)</title", re.IGNORECASE | re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_valid = msgspec.json.Decoder(msgspec.Raw).decode


class Answer:
    """A finished answer.

    status, headers, content: as they came, but for the key. request_id: the provider's id; client_request_id: ours.
    media: files taken out of the body (`Client.request_media`), by the text that stands for each in `json()`.
    """

    def __init__(
        self,
        status: int,
        headers: Mapping[str, str],
        content: bytes,
        *,
        client_request_id: str = "",
        media: Mapping[str, Path] | None = None,
    ) -> None:
        self.status = status
        self.headers = headers
        self.content = content
        self.client_request_id = client_request_id
        self.media = dict(media or {})
        if self.media:
            weakref.finalize(self, _remove, list(self.media.values()))

    def __repr__(self) -> str:
        return f"<Answer {self.status}, {len(self.content)} bytes>"

    @property
    def request_id(self) -> str | None:
        """The provider's id of this call."""
        return request_id(self.headers)

    @property
    def limits(self) -> RateLimit | None:
        """What is left of the rate limits."""
        return RateLimit.from_headers(self.headers)

    @property
    def cost(self) -> Cost | None:
        """What the headers, or else the body, say it cost."""
        told = Cost.from_headers(self.headers)
        if told is None and (b"usage" in self.content[:4096] or b"usage" in self.content[-4096:]):
            with contextlib.suppress(APIError):
                told = Cost.from_json(self.json())
        return told

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8-sig", "replace")

    def json(self) -> Any:
        """The body, decoded. Raises APIError: kind "protocol" for nothing or broken JSON, "not_json" for a page or text.

        Of a stream that came in place of JSON it is the last event.
        """
        if is_stream(self.content):
            told = [event for event in self.events() if event != b"[DONE]"]
            return loads(told[-1] if told else b"", self.request_id)
        return loads(self.content, self.request_id)

    def events(self) -> list[bytes]:
        """The data of each event where the server streamed although JSON was asked; else the body as the only one."""
        return list(events(self.content)) if is_stream(self.content) else [self.content]


def request_id(headers: Mapping[str, str]) -> str | None:
    """The provider's id of a call, of `x-inference-id` or `x-request-id`."""
    named = headers.get("x-inference-id") or headers.get("x-request-id")
    return shorten(named, 128) if named else None


def loads(content: bytes, request_id: str | None = None) -> Any:
    """JSON as servers send it: byte order marks, bad UTF-8, lone surrogates and NaN are no reason to lose an answer.

    Raises APIError, kind "protocol" or "not_json".
    """
    content = content.removeprefix(_BOM)
    try:
        return msgspec.json.decode(content)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        pass
    try:
        return _encodable(json.loads(content.decode("utf-8", "replace"), strict=False))
    except RecursionError:
        problem = APIError(
            "the answer is JSON nested too deep to be read",
            advice="That is no model's answer; check the base URL.",
            request_id=request_id,
        )
    except ValueError:
        problem = unreadable(content, request_id)
    raise problem


def is_json(content: bytes) -> bool:
    """True when the whole of `content` is JSON; quick, builds nothing."""
    try:
        _valid(content.removeprefix(_BOM))
    except (msgspec.MsgspecError, RecursionError):
        try:
            json.loads(content.decode("utf-8-sig", "replace"), strict=False)
        except (ValueError, RecursionError):
            return False
    return True


def is_stream(content: bytes) -> bool:
    """True when it begins as server-sent events do."""
    return _FIELD.match(content.removeprefix(_BOM).lstrip()[:16]) is not None


def events(content: bytes) -> Iterator[bytes]:
    """The data of each event in a whole body, `[DONE]` the last."""
    decoder = Decoder()
    for data, _, _ in decoder.feed(content):
        yield from usable(data)
    yield from unfinished(decoder)


def unfinished(decoder: Decoder) -> Iterator[bytes]:
    """What a stream left without the blank line that ends an event, where it is whole all the same."""
    tail = decoder.tail()
    yield from (data for data in usable(tail) if data == b"[DONE]" or is_json(data))


def usable(data: bytes) -> Iterator[bytes]:
    """The payloads in one event's data: most often itself. Left out: nothing, and comments that a proxy wrapped as data.

    Several JSON texts, one a line, come from servers that forget the blank line; `data: ` twice from proxies that wrap twice.
    """
    if data[:1] == b"{" and b"\n" not in data:
        yield data
        return
    data = data.strip()
    if b"\n" in data and not is_json(data):
        for line in data.split(b"\n"):
            yield from usable(line)
    elif data.startswith(b"data:"):
        yield from usable(data[5:])
    elif data.startswith(b"[DONE]"):
        yield b"[DONE]"
    elif data and data[:1] != b":":
        yield data


def unreadable(content: bytes, request_id: str | None = None) -> APIError:
    """The error for a body that is no JSON: empty, HTML, cut off, or something else."""
    content = content.removeprefix(_BOM).strip()
    if not content:
        return APIError(
            "the answer is empty", advice="Run it again; if it stays, try another model.", request_id=request_id
        )
    if content[:1] in b'{["':
        return APIError(
            "the answer is broken JSON, cut off or garbled on the way", advice="Run it again.", request_id=request_id
        )
    what = "text"
    if content[:1] == b"<":
        title = _TITLE.search(content[:65536])
        what = f"a web page titled “{shorten(title[1].decode('utf-8', 'replace'), 80)}”" if title else "a web page"
    return APIError(
        f"the server answered with {what} in place of JSON",
        kind="not_json",
        advice="Check the base URL (%aiml status shows it); a login page of the network or a proxy may be in the way.",
        request_id=request_id,
    )


def _encodable(value: Any) -> Any:
    """`value` without lone surrogates, which no file and no front end takes."""
    if isinstance(value, str):
        if _SURROGATE.search(value):
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return value
    if isinstance(value, list):
        return [_encodable(each) for each in value]
    if isinstance(value, dict):
        return {_encodable(key): _encodable(each) for key, each in value.items()}
    return value


def _remove(paths: list[Path]) -> None:
    for path in paths:
        with contextlib.suppress(OSError):
            path.unlink()
