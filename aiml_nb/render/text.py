"""Plain text that shows what is in it: no control codes, no reordering, nothing hidden; and tables in fixed columns.

Terminals and notebooks obey escape codes, carriage returns and bidirectional overrides, so a model's text passes
through `visible` before it goes anywhere. Nothing here knows Markdown or HTML.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

_NEWLINES = re.compile("\r\n?|[\x85\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_FLAG = "\U0001f3f4"
_CANCEL = "\U000e007f"


def _tags(letters: str) -> str:
    return "".join(chr(0xE0000 + ord(letter)) for letter in letters) + _CANCEL


# The only respectable use of tag characters: the flags of England, Scotland and Wales.
_FLAGS = "|".join(_FLAG + _tags(region) for region in ("gbeng", "gbsct", "gbwls"))
_HIDDEN = re.compile(
    f"({_FLAGS})|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ufdd0-\ufdef\U000e0000-\U000e007f]"
)
_CUT = re.compile(f"(?:[\ud800-\udbff]|{_FLAG}[\U000e0000-\U000e007e]*)$")


def visible(text: str) -> str:
    """`text` with every control code, override and tag character shown: ESC as ␛, U+202E as ⟨U+202E⟩.

    Any line ending becomes a newline, a tab stays, surrogate pairs are joined and lone surrogates become U+FFFD, so the
    result can always be encoded. Right-to-left text itself is untouched.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _NEWLINES.sub("\n", text)
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return _HIDDEN.sub(_show, text)


def uncut(text: str) -> str:
    """`text` without a character at its end of which only one half has arrived yet (a surrogate, a flag)."""
    return text if text[-1:].isascii() else text[:-8] + _CUT.sub("", text[-8:])


def width(text: str) -> int:
    """Columns that `text` takes in a fixed-width font: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def text_table(headers: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """An aligned table without frame; numbers to the right. Cells are anything; missing ones are empty."""
    values = [list(row) for row in rows]
    lines = [[_cell(value) for value in row] for row in (headers, *values)]
    columns = max((len(line) for line in lines), default=0)
    lines = [line + [""] * (columns - len(line)) for line in lines]
    widths = [max(width(line[column]) for line in lines) for column in range(columns)]
    right = [is_numeric(row[column] for row in values if column < len(row)) for column in range(columns)]
    lines.insert(1, ["─" * size for size in widths])
    return "\n".join(_line(line, widths, right) for line in lines)


def is_numeric(values: Iterable[object]) -> bool:
    """True if there is a value and each is a number or empty, so that the column is set to the right."""
    kept = [value for value in values if value is not None and value != ""]
    return bool(kept) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in kept)


def _cell(value: object) -> str:
    return "" if value is None else " ".join(visible(str(value)).split())


def _line(cells: list[str], widths: list[int], right: list[bool]) -> str:
    return "  ".join(map(_pad, cells, widths, right)).rstrip()


def _pad(cell: str, size: int, right: bool) -> str:
    space = " " * (size - width(cell))
    return space + cell if right else cell + space


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Cf", "Me", "Mn"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _show(match: re.Match[str]) -> str:
    character = match[0]
    if match[1]:
        return character
    code = ord(character[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"
