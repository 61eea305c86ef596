"""The notebook's last error as text for a model: its cell, the frames that matter, bounded, without keys or values of variables.

It reads what Python keeps of the last error and knows nothing of models.
"""

from __future__ import annotations

import linecache
import sys
import traceback
from typing import Any, NamedTuple

from ..errors import AIMLError, shorten

#: Bounds, in characters and frames: the end of a traceback says most.
_CELL, _TEXT, _FRAMES = 6000, 6000, 12


class LastError(NamedTuple):
    """cell: the source of the cell that failed, or "". text: the traceback, short."""

    cell: str
    text: str


def last_error(ip: Any) -> LastError | None:
    """What failed last in this notebook; None when nothing has."""
    error = _remembered(ip)
    if error is None:
        return None
    from ..settings import scrub

    source = _source(ip, error)
    return LastError(scrub(_end(source, _CELL)), scrub(_end("\n".join(_lines(ip, error)), _TEXT)))


def _remembered(ip: Any) -> BaseException | None:
    """The last error of the user's own code. Ours say themselves what to do, and must not hide the one before."""
    from . import loaded_in

    loaded = loaded_in(ip)
    if loaded is not None and loaded.error is not None:
        return loaded.error
    last: BaseException | None = getattr(sys, "last_value", None)
    return None if isinstance(last, AIMLError | KeyboardInterrupt) else last


def _lines(ip: Any, error: BaseException) -> list[str]:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _is_machinery(frame.filename)]
    lines = []
    if len(frames) > _FRAMES:
        lines.append(f"... {len(frames) - _FRAMES} frames left out")
    for frame in frames[-_FRAMES:]:
        lines += [f"{_place(ip, frame.filename)}, line {frame.lineno}, in {frame.name}", f"    {frame.line or ''}"]
    if error.__cause__ is not None:
        lines.insert(0, f"caused by {_summary(error.__cause__)}")
    return [*lines, _summary(error)]


def _summary(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return "".join(traceback.format_exception_only(type(error), error)).strip()
    return f"{type(error).__name__}: {shorten(str(error), 1500)}"


def _source(ip: Any, error: BaseException) -> str:
    """The text of the outermost cell in the traceback, or of the one that does not parse."""
    names = [frame.filename for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        names.append(error.filename)
    return next(("".join(linecache.getlines(name)) for name in names if _cell_number(ip, name)), "")


def _place(ip: Any, filename: str) -> str:
    return _cell_number(ip, filename) or f"File {filename.replace(chr(92), '/').rsplit('/', 1)[-1]}"


def _cell_number(ip: Any, filename: str) -> str | None:
    """`Cell In[3]` for the file that stands for a cell; None for a real file."""
    found = ip.compile.format_code_name(filename)
    return " ".join(found) if found and found[0] == "Cell" else None


def _is_machinery(filename: str) -> bool:
    parts = filename.replace("\\", "/").split("/")
    return "IPython" in parts or "aiml_nb" in parts


def _end(text: str, length: int) -> str:
    return text if len(text) <= length else "…" + text[-length:]
