"""Which dialect an answer speaks, told by its first event, and the reader of that dialect.

Chat completions need none: their chunks are what the readers of the others translate into.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from .chunks import Chunk


class Reader(Protocol):
    """Reads one answer in a dialect. carried: what must go back as it came with the results of its tool calls."""

    @property
    def carried(self) -> Sequence[dict[str, Any]]:
        """Blocks of the answer."""
        ...

    def chunk(self, event: bytes) -> Chunk:
        """What one event's data adds, as a chunk of chat completions."""
        ...


def reader_of(chunk: Chunk) -> Reader | None:
    """The reader for an answer that begins with this event; None where it is nobody's in particular."""
    kind = chunk.type if isinstance(chunk.type, str) else ""
    if not kind and chunk.output is None:
        return None  # chat completions, as nearly always: the others need not be loaded
    from .messages_events import TYPES, MessagesReader
    from .responses_events import ResponsesReader

    if kind.startswith("response.") or (chunk.output is not None and chunk.choices is None):
        return ResponsesReader()
    return MessagesReader() if kind in TYPES else None
