"""What a magic prints: plain text, keys taken out, nothing in it that a screen would obey. It knows no medium."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..errors import shorten

#: How much of an answer is printed, in lines and in characters of one text in it.
_LINES, _STRING = 60, 300

#: A longer row of numbers is told in one line.
_NUMBERS = 16


def say(text: str) -> None:
    """Print `text`."""
    from ..render import visible
    from ..settings import scrub

    # In one piece: a kernel that flushes between a line and its end would send two outputs.
    print(visible(scrub(text.rstrip("\n"))) + "\n", end="")  # noqa: T201 - this is where the magics print


def show(page: Any, *, mode: str | None = None) -> None:
    """A page with tables: HTML and text where a notebook shows it, the text alone in a terminal."""
    from ..display import front
    from ..settings import scrub

    if front.mode(mode) == "print":
        say(page.text())
    else:
        front.publish({"text/html": scrub(page.html()), "text/plain": scrub(page.text())})


def table(rows: Sequence[Sequence[Any]]) -> str:
    """Rows as aligned columns."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[at]) for row in texts if at < len(row)) for at in range(max(map(len, texts), default=0))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in texts
    )


def pretty(value: Any, name: str = "") -> str:
    """JSON for people: indented, long texts and long answers cut. name: the variable that has all of it."""
    lines = json.dumps(_cut(value), ensure_ascii=False, indent=2).splitlines()
    if len(lines) > _LINES:
        rest = f"… {len(lines) - _LINES} more lines" + (f"; {name} has all" if name else "")
        lines = [*lines[:_LINES], rest]
    return "\n".join(lines)


def _cut(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _STRING else f"{value[:_STRING]}… ({len(value):,} characters)"
    if isinstance(value, dict):
        return {key: _cut(each) for key, each in value.items()}
    if isinstance(value, list):
        row = len(value) > _NUMBERS and all(type(each) in (int, float) for each in value)
        return _few(value) if row else [_cut(each) for each in value]
    return value


def _few(numbers: list[float]) -> str:
    """A long row of numbers, such as an embedding, on one line."""
    return f"[{', '.join(map(str, numbers[:4]))}, … ({len(numbers):,} numbers)]"


def count(number: int, what: str) -> str:
    """`1 turn`, `2 turns`."""
    return f"{number:,} {what}{'s' * (number != 1)}"


def line_of(text: str, length: int = 60) -> str:
    """`text` on one short line."""
    return shorten(text, length)
