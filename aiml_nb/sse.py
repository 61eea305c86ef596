"""Server-sent events from bytes, by the WHATWG rules (https://html.spec.whatwg.org/multipage/server-sent-events.html).

A decoder is fed blocks as they come off the wire, cut anywhere, and returns the events that they complete. It works on
bytes and leaves the text alone, so a character cut in two is nobody's problem here. It knows nothing of HTTP, JSON or
models; what is lenient for the sake of models is done by the client.
"""

from __future__ import annotations

import re

from .errors import StreamError

#: The largest event that is taken, in bytes; a picture sent as base64 in one event fits.
LIMIT = 128 << 20

#: (data, event, id): the data as bytes, `event` is "" where the stream named none, `id` is the last one seen.
Event = tuple[bytes, str, str]

# Nearly every event of a model is one line of data and a blank line.
_ONE_LINE = re.compile(rb"data: ?([^\r\n]*)\n\n").match
_LINE_END = re.compile(rb"\r\n|\r|\n").search
_BOM = b"\xef\xbb\xbf"


class Decoder:
    """One stream's decoder; `retry` is the reconnection time that the stream asked for, in milliseconds, or None."""

    def __init__(self, *, limit: int = LIMIT) -> None:
        self.retry: int | None = None
        self._limit = limit
        self._begun = False
        self._plain = False  # nothing is held over from the block before
        self._after_cr = False
        self._parts: list[bytes] = []  # a line that has not ended yet
        self._held = 0  # bytes kept in _parts and _data
        self._data: list[bytes] = []
        self._name = ""
        self._id = ""

    def feed(self, block: bytes) -> list[Event]:
        """The events that `block` completes."""
        if (
            self._plain
            and block.startswith(b"data: ")
            and block.endswith(b"\n\n")
            and block.count(b"\n") == 2
            and b"\r" not in block
        ):
            # One whole event, as it comes from a model that streams token by token.
            return [(block[6:-2], "", self._id)]
        if not self._begun and not (block := self._begin(block)):
            return []
        if self._after_cr and block:
            self._after_cr = False
            block = block[1:] if block[:1] == b"\n" else block
        if self._parts:
            if b"\n" not in block and b"\r" not in block:
                self._keep(block)
                return []
            block = b"".join((*self._parts, block))
            self._parts.clear()
        self._held = 0 if not self._data else self._held
        events = self._events(block)
        self._plain = not (self._data or self._name or self._parts or self._after_cr)
        return events

    def tail(self) -> bytes:
        """The data of a last event that no blank line ended; the standard drops it, a lenient client may look at it."""
        if self._parts:
            line, self._parts = b"".join(self._parts), []
            self._field(line)
        data, self._data = b"\n".join(self._data), []
        return data

    def _events(self, block: bytes) -> list[Event]:
        events: list[Event] = []
        end, at = len(block), 0
        plain = not self._data and not self._name
        while at < end:
            if plain and (one := _ONE_LINE(block, at)) is not None:
                events.append((one[1], "", self._id))
                at = one.end()
                continue
            stop = _LINE_END(block, at)
            if stop is None:
                self._keep(block[at:] if at else block)
                break
            self._line(block[at : stop.start()], events)
            at = stop.end()
            self._after_cr = at == end and stop[0] == b"\r"
            plain = not self._data and not self._name
        return events

    def _line(self, line: bytes, events: list[Event]) -> None:
        if line:
            self._field(line)
            return
        if self._data:
            events.append((b"\n".join(self._data), self._name, self._id))
            self._data = []
            self._held = 0
        self._name = ""

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value[1:] if value[:1] == b" " else value
        if name == b"data":
            self._data.append(value)
            self._count(len(value) + 1)
        elif name == b"event":
            self._name = value.decode("utf-8", "replace")
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")
        elif name == b"retry" and value.isdigit() and len(value) < 16:
            self.retry = int(value)

    def _begin(self, block: bytes) -> bytes:
        """Drop a byte order mark, even one that comes in pieces; b"" while that is undecided."""
        block = b"".join((*self._parts, block))
        self._parts = []
        if len(block) < len(_BOM) and _BOM.startswith(block):
            self._parts = [block]
            return b""
        self._begun = True
        return block.removeprefix(_BOM)

    def _keep(self, piece: bytes) -> None:
        self._parts.append(piece)
        self._count(len(piece))

    def _count(self, size: int) -> None:
        self._held += size
        if self._held > self._limit:
            raise StreamError(
                f"the stream sent one event of more than {self._limit >> 20} MB",
                kind="protocol",
                advice="That is no answer of a model; check the base URL.",
            )
