"""Stream: the events of one answer while they arrive, as bytes, whatever the server made of the wish to stream.

Server-sent events are decoded whatever their label; a plain JSON answer comes as one event; silence, a page of HTML and
an error in the stream are errors. A stream is sent when it is first iterated, so one that nobody reads costs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Self

from ..costs import Cost, RateLimit
from ..errors import APIError, StreamError
from ..settings.secret import scrub
from ..sse import Decoder, Event
from ..transport import problems
from . import answers
from .translate import no_answer, refusal, translated

if TYPE_CHECKING:
    from .exchange import Exchange

#: The longest plain answer that is taken in place of a stream, in bytes.
MAX_BYTES = 256 << 20

_BLANK = b" \t\r\n\xef\xbb\xbf"


class Stream:
    """The data of each event, as bytes, `b"[DONE]"` the last where the server sends it. Iterate it once; `close` is always safe.

    status, headers, request_id, limits, cost: of the answer; None or empty before it began. client_request_id: ours.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._events: Iterator[bytes] | None = None
        self.client_request_id = exchange.client_request_id

    def __repr__(self) -> str:
        return f"<Stream {self.status or 'not begun'}>"

    def __iter__(self) -> Iterator[bytes]:
        if self._events is None:
            # Not a method of this object: a generator that holds what holds it would end only when garbage is collected.
            self._events = _Reader(self._exchange).run()
        return self._events

    def __next__(self) -> bytes:
        return next(iter(self))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def status(self) -> int | None:
        """HTTP status."""
        return self._exchange.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The answer's headers."""
        return self._exchange.headers

    @property
    def request_id(self) -> str | None:
        """The provider's id of this call."""
        return answers.request_id(self.headers)

    @property
    def limits(self) -> RateLimit | None:
        """What is left of the rate limits."""
        return RateLimit.from_headers(self.headers)

    @property
    def cost(self) -> Cost | None:
        """What the headers say it cost; a stream's last event may say it too, which is for its reader to see."""
        return Cost.from_headers(self.headers)

    def close(self) -> None:
        """End the call where it stands and give the connection back."""
        close = getattr(self._events, "close", None)
        if close is not None:
            close()


class _Reader:
    """Turns one exchange into events."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def run(self) -> Iterator[bytes]:
        """Send, read, and give the connection back, however it ends."""
        exchange = self._exchange
        try:
            with translated(exchange.scene):
                exchange.send()
                yield from self._read(exchange.blocks())
        finally:
            exchange.close()

    def _read(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        head = b""
        for block in blocks:
            head += block
            if head.strip(_BLANK):
                break
        start = head.strip(_BLANK)[:1]
        if start in {b"{", b"[", b"<"}:
            yield from self._whole(head, blocks)
        elif start or self._is_labelled():
            yield from self._stream(head, blocks)
        else:
            raise answers.unreadable(b"", self._exchange.scene.request_id)

    def _stream(self, head: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The hot path: a block, its events, each looked at for an error and handed on."""
        decoder, key = Decoder(), self._exchange.key
        patience, now = self._exchange.scene.timeout, time.monotonic
        since, count = now(), 0  # since: the end of the last data; 0.0 while more of it comes
        block: bytes | None = head
        while block is not None:
            found = decoder.feed(block)
            if found:
                since, count = 0.0, count + 1
                # What a block has not, none of its events has, but for the first, which may have begun before it.
                first = found[0][0]
                suspect = b'"error"' in block or b'"error"' in first or (key and (key in block or key in first))
                for event in found:
                    data = event[0]
                    if (
                        event[1]
                        or data[:1] != b"{"
                        or b"\n" in data
                        or (suspect and (b'"error"' in data[:300] or (key and key in data)))
                    ):
                        yield from self._odd(event)
                        if data.strip() == b"[DONE]":
                            self._exchange.finish(blocks)
                            return
                    else:
                        yield data
            elif not since:
                since = now()
            elif now() - since > patience:
                raise no_answer(self._exchange.scene)
            block = next(blocks, None)
        self._exchange.end_if_cancelled()
        if not count and not self._is_labelled() and not answers.is_stream(head):
            raise answers.unreadable(head, self._exchange.scene.request_id)
        for data in answers.unfinished(decoder):
            yield from self._odd((data, "", ""))

    def _odd(self, event: Event) -> Iterator[bytes]:
        """An event that is named, or not plainly a JSON object, or speaks of an error, or holds the key."""
        raw, name, _ = event
        if name in {"ping", "keepalive", "keep-alive", "heartbeat"}:
            return
        for data in answers.usable(self._scrubbed(raw)):
            error = self._error(data, name)
            if error is None:
                yield data
                continue
            if b'"choices"' in data:
                yield data
            raise error

    def _error(self, data: bytes, name: str) -> APIError | None:
        if name != "error" and b'"error"' not in data[:300]:
            return None
        body = problems.parsed(data)
        told = body.get("error") or body.get("type") == "error" if isinstance(body, dict) else None
        if not told and name != "error":
            return None
        problem = problems.read(500, {}, data)
        return StreamError(
            scrub(f"{self._exchange.scene.host} broke off: {problem.text}")[:300],
            kind=problem.kind if problem.kind != "server" else None,
            advice="Run it again; what came until then is kept.",
            request_id=self._exchange.scene.request_id,
        )

    def _whole(self, head: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """A body that is no stream: JSON in one piece, or one JSON text a line."""
        body = self._scrubbed(self._exchange.collect(blocks, head, MAX_BYTES))
        status = problems.hidden(body) if len(body) < 1 << 16 else None
        if status:
            raise refusal(problems.read(status, self._exchange.headers, body), self._exchange.scene)
        if answers.is_json(body):
            yield body.strip(_BLANK)
            return
        lines = [line for line in body.splitlines() if line.strip()]
        if len(lines) < 2 or not answers.is_json(lines[0]):
            answers.loads(body, self._exchange.scene.request_id)
        for line in lines:
            yield from self._odd((line, "", ""))

    def _scrubbed(self, data: bytes) -> bytes:
        key = self._exchange.key
        return scrub(data.decode("utf-8", "replace")).encode() if key and key in data else data

    def _is_labelled(self) -> bool:
        return "event-stream" in self._exchange.headers.get("content-type", "")
