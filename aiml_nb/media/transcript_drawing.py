"""How a Transcript looks: times, speakers and what they said in a table; plain text where no times were given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..render import parts
from ..render.text import text_table

if TYPE_CHECKING:
    from .transcript import Transcript

#: How many segments are shown; all of them are in `.segments`.
SHOWN = 300


def html(transcript: Transcript) -> str:
    """The table, or the text."""
    if not transcript.segments:
        return parts.plain(transcript.text or "(nothing was said)")
    headers, rows = _rows(transcript)
    return parts.table(headers, rows) + parts.note(_left(transcript))


def text(transcript: Transcript) -> str:
    """The same as text; the times stand at the left."""
    if not transcript.segments:
        return transcript.text or "(nothing was said)"
    headers, rows = _rows(transcript)
    return "\n".join(part for part in (text_table(headers, rows), _left(transcript)) if part)


def clock(seconds: float) -> str:
    """`0:07`, `1:02:03`."""
    whole = int(seconds)
    minutes = f"{whole // 60 % 60:02}" if whole >= 3600 else f"{whole // 60}"
    return f"{whole // 3600}:{minutes}:{whole % 60:02}" if whole >= 3600 else f"{minutes}:{whole % 60:02}"


def _rows(transcript: Transcript) -> tuple[list[str], list[list[str]]]:
    shown = transcript.segments[:SHOWN]
    if any(each.speaker for each in transcript.segments):
        return ["time", "speaker", "text"], [[clock(each.start), each.speaker, each.text] for each in shown]
    return ["time", "text"], [[clock(each.start), each.text] for each in shown]


def _left(transcript: Transcript) -> str:
    left = len(transcript.segments) - SHOWN
    return f"{left:,} more in .segments, all of it in .text" if left > 0 else ""
