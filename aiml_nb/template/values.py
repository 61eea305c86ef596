"""What a Python value becomes in a prompt: text, a Markdown table, JSON, or an attachment with a marker in its place.

Each form is bounded, so that a large table or list costs a known number of tokens, and says what it left out. Other
packages' values are known by what is loaded already; nothing is imported to look at a number.
"""

from __future__ import annotations

import json
import numbers
import sys
import traceback
from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

from ..content import Attachment
from ..errors import InvalidRequestError

#: The bounds: rows and columns of a table, characters of one cell, items of a list, characters of any one value but text.
ROWS, COLUMNS, CELL, ITEMS, CHARACTERS = 20, 12, 200, 1000, 20_000

_PLAIN = (numbers.Number, date, time, timedelta, PurePath, UUID, type(None))


class Inserted:
    """The attachments that values have brought so far, and the marker that each left; the same object is attached once."""

    def __init__(self, before: Sequence[Attachment] = ()) -> None:
        self.attachments: list[Attachment] = []
        self._counts: dict[str, int] = {}
        self._markers: dict[int, tuple[Any, str]] = {}  # the object too: an id is its own only while it lives
        for attachment in before:
            self._count(attachment.kind)

    def add(self, value: Any, attachment: Attachment) -> str:
        """Keep `attachment`, which `value` became; the marker that stands for it."""
        if id(value) not in self._markers:
            self.attachments.append(attachment)
            marker = f"[{attachment.kind} {self._count(attachment.kind)}]"
            self._markers[id(value)] = (value, marker)
        return self._markers[id(value)][1]

    def marker(self, value: Any) -> str | None:
        """The marker of an object that was attached before."""
        found = self._markers.get(id(value))
        return found[1] if found else None

    def _count(self, kind: str) -> int:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return self._counts[kind]


def insert(value: Any, inserted: Inserted) -> str:
    """The text that stands for `value`; a picture, figure or file goes to `inserted` and leaves its marker."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Enum):
        return str(value)
    if isinstance(value, _PLAIN):
        return bounded(str(value))
    if isinstance(value, BaseException):
        return bounded("".join(traceback.format_exception(value)).rstrip())
    if (table := _table(value)) is not None:
        return table
    if (marker := inserted.marker(value) or _attached(value, inserted)) is not None:
        return marker
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return _json(value)
    return bounded(_described(value))


def bounded(text: str, limit: int = CHARACTERS) -> str:
    """`text`, cut after `limit` characters with the number of those left out."""
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit} more characters)"


def _attached(value: Any, inserted: Inserted) -> str | None:
    """The marker of `value` as an attachment, or of each picture in a sequence; None when it is no file."""
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        items = list(value[:ITEMS])
        if items and all(_is_file(item) for item in items):
            return " ".join(inserted.marker(item) or inserted.add(item, Attachment.of(item)) for item in items)
        return None
    if not _is_file(value):
        return _drawn(value, inserted)
    attachment = Attachment.of(value)
    return (
        attachment.text() if attachment.kind == "text" and attachment.url is None else inserted.add(value, attachment)
    )


def _is_file(value: Any) -> bool:
    """A value that is a picture, a figure or bytes by its very type."""
    if isinstance(value, Attachment | bytes | bytearray | memoryview):
        return True
    if isinstance(value, type):
        return False
    imaging, numpy = sys.modules.get("PIL.Image"), sys.modules.get("numpy")
    if imaging is not None and isinstance(value, imaging.Image):
        return True
    if numpy is not None and isinstance(value, numpy.ndarray):
        return value.ndim == 3 and value.shape[2] in {3, 4} and str(value.dtype) == "uint8"
    figure = value if callable(getattr(value, "savefig", None)) else getattr(value, "figure", None)
    held = isinstance(getattr(value, "bytes", None), bytes) and isinstance(getattr(value, "mime", None), str)
    return held or callable(getattr(figure, "savefig", None))


def _drawn(value: Any, inserted: Inserted) -> str | None:
    """The marker of an object that draws itself as a picture, as IPython.display.Image does."""
    if not isinstance(value, type) and any(
        callable(getattr(value, name, None)) for name in ("_repr_png_", "_repr_jpeg_")
    ):
        try:
            return inserted.add(value, Attachment.of(value))
        except InvalidRequestError:  # it has the method and nothing to draw
            return None
    return None


def _table(value: Any) -> str | None:
    """A pandas DataFrame or Series as a Markdown table."""
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(value, pandas.DataFrame | pandas.Series):
        return None
    frame = value.to_frame(name=value.name if value.name is not None else "value") if value.ndim == 1 else value
    rows, columns = frame.shape
    shown = frame.iloc[:ROWS, :COLUMNS]
    plain = isinstance(frame.index, pandas.RangeIndex) and frame.index.name is None and frame.index.start == 0
    head = [_cell(name) for name in shown.columns]
    # Column by column: row by row would turn whole numbers beside fractions into fractions.
    cells = [[_cell(item) for item in shown.iloc[:, at]] for at in range(shown.shape[1])]
    if not plain:
        head.insert(0, " ".join(_cell(name) for name in frame.index.names if name is not None))
        cells.insert(0, [_cell(item) for item in shown.index])
    lines = [_row(head), _row(["---"] * len(head)), *(_row(row) for row in zip(*cells, strict=True))]
    return "\n".join([*lines, *_left_out(rows - ROWS, columns - COLUMNS)])


def _left_out(rows: int, columns: int) -> list[str]:
    said = [
        f"{count} more {what}{'s' * (count > 1)}" for count, what in ((rows, "row"), (columns, "column")) if count > 0
    ]
    return ["", f"… {' and '.join(said)}"] if said else []


def _cell(value: Any) -> str:
    if isinstance(value, tuple):
        return " / ".join(_cell(item) for item in value)
    return bounded(" ".join(str(value).split()), CELL).replace("|", "\\|")


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _json(value: Any) -> str:
    """A list, dict or set as JSON, on one line when that is short; what JSON cannot say as Python says it."""
    kept, more = _first(value)
    try:
        text = json.dumps(kept, ensure_ascii=False, default=_plain)
        if len(text) > 80:
            text = json.dumps(kept, ensure_ascii=False, default=_plain, indent=2)
    except (TypeError, ValueError, RecursionError):
        text = repr(kept)
    return bounded(text) + (f"\n… {more} more items" if more > 0 else "")


def _first(value: Any) -> tuple[Any, int]:
    """The first `ITEMS` of it, and how many are left out."""
    source = value.items() if isinstance(value, Mapping) else value
    kept = [item for item, _ in zip(source, range(ITEMS), strict=False)]
    return dict(kept) if isinstance(value, Mapping) else kept, len(value) - ITEMS


def _plain(value: Any) -> Any:
    """For json: sets as lists, NumPy's numbers and arrays as Python's, and anything else as its text."""
    if isinstance(value, set | frozenset):
        return list(value)
    if callable(getattr(value, "tolist", None)):
        return value.tolist()
    return dict(value) if isinstance(value, Mapping) else bounded(str(value), 1000)


def _described(value: Any) -> str:
    """An object's Markdown, its `.text` if it is one of our results, or what `repr` says."""
    if type(value).__module__.split(".")[0] == "aiml_nb" and isinstance(text := getattr(value, "text", None), str):
        return text
    draw = None if isinstance(value, type) else getattr(value, "_repr_markdown_", None)
    shown = draw() if callable(draw) else None
    return shown if isinstance(shown, str) else repr(value)
