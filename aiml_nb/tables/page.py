"""Page: texts and tables one below the other, as HTML and as text that say the same. It knows nothing of what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..render import parts
from ..render.text import text_table, visible


@dataclass(frozen=True)
class Table:
    """A table of values; numbers are set to the right, None is an empty cell. headers: none for a list of facts."""

    headers: Sequence[str]
    rows: Sequence[Sequence[Any]]


class Page:
    """Texts and tables in their order."""

    def __init__(self, *pieces: str | Table) -> None:
        self.pieces = [piece for piece in pieces if piece]

    def html(self) -> str:
        """As safe HTML."""
        return "\n".join(
            parts.table(piece.headers, piece.rows) if isinstance(piece, Table) else parts.plain(piece)
            for piece in self.pieces
        )

    def text(self) -> str:
        """As plain text in fixed columns."""
        return "\n".join(_told(piece) for piece in self.pieces)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": self.html(), "text/plain": self.text()}


def _told(piece: str | Table) -> str:
    if isinstance(piece, str):
        return visible(piece)
    lines = text_table(piece.headers, piece.rows).split("\n")
    return "\n".join(lines if piece.headers else lines[2:])


def age(seconds: float) -> str:
    """How long ago, roughly: `12 s`, `3 min`, `5 h`, `2 days`."""
    if seconds < 60:
        return f"{max(0, int(seconds))} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min"
    if seconds < 172800:
        return f"{int(seconds // 3600)} h"
    return f"{int(seconds // 86400)} days"


def count(number: int, what: str) -> str:
    """`1 model`, `2 models`."""
    return f"{number:,} {what}{'s' * (number != 1)}"
