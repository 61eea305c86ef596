"""Reads a transcription in the shapes of Deepgram (Whisper there too), AssemblyAI and OpenAI: text, times, speakers.

Deepgram and OpenAI count seconds, AssemblyAI milliseconds. Nothing in an answer is taken for granted: what has the wrong
type is left out. Sources: the provider's poll schema, and the three vendors' references.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

_DEEP = 4
#: Words become a segment until a pause this long (seconds), a change of speaker, or the end of a sentence past `_LONG`.
_PAUSE, _LONG = 1.0, 40


class Segment(NamedTuple):
    """A stretch of speech: seconds from the start, whose (empty where nobody told), and what was said."""

    start: float
    end: float
    speaker: str
    text: str


@dataclass
class Heard:
    """What one answer says."""

    text: str
    segments: list[Segment] = field(default_factory=list)
    language: str | None = None
    duration: float | None = None
    usage: Any = None


def read(answer: Any, deep: int = _DEEP) -> Heard | None:
    """What was heard, under `result`, `output` or at the top; None when no transcript is there."""
    if isinstance(answer, str):
        return Heard(answer) if deep < _DEEP else None
    if not isinstance(answer, Mapping) or not deep:
        return None
    for key in ("result", "output", "transcription"):
        if heard := read(answer.get(key), deep - 1):
            return heard
    results = answer.get("results")
    if isinstance(results, Mapping) and (channels := _objects(results.get("channels"))):
        return _deepgram(answer, results, channels)
    text = next((value for key in ("text", "transcript") if isinstance(value := answer.get(key), str)), None)
    if text is None:
        return None
    milliseconds = any(key in answer for key in ("acoustic_model", "language_model", "speech_model", "audio_duration"))
    return _assemblyai(answer, text) if milliseconds or "utterances" in answer else _openai(answer, text)


def _deepgram(answer: Mapping[str, Any], results: Mapping[str, Any], channels: list[Mapping[str, Any]]) -> Heard:
    """`results.channels[].alternatives[0]`; utterances where asked for, else the paragraphs' sentences, else the words."""
    texts, segments = [], []
    for number, channel in enumerate(channels, 1):
        best = next(iter(_objects(channel.get("alternatives"))), {})
        texts.append(_text(best.get("transcript")))
        name = f"channel {number}" if len(channels) > 1 else ""
        segments += _sentences(best, name) or grouped(_spoken(best.get("words"), 1, name))
    said = _spoken(results.get("utterances"), 1)
    meta = answer.get("metadata")
    told = meta if isinstance(meta, Mapping) else {}
    return Heard(
        "\n".join(text for text in texts if text),
        sorted(said or segments),
        _string(channels[0].get("detected_language")) or _string(told.get("language")),
        _number(told.get("duration")),
    )


def _sentences(best: Mapping[str, Any], name: str) -> list[Segment]:
    """The vendor nests `paragraphs.paragraphs[].sentences[]`; the provider's schema makes the outer one a list."""
    outer = best.get("paragraphs")
    found = []
    for group in _objects(outer if isinstance(outer, list) else [outer]):
        inner = group.get("paragraphs")
        for paragraph in _objects(inner if isinstance(inner, list) else [inner]):
            found += _spoken(paragraph.get("sentences"), 1, _speaker(paragraph.get("speaker")) or name)
    return found


def _assemblyai(answer: Mapping[str, Any], text: str) -> Heard:
    segments = _spoken(answer.get("utterances"), 1000) or grouped(_spoken(answer.get("words"), 1000))
    language = _string(answer.get("language_code"))
    return Heard(text, segments, language, _number(answer.get("audio_duration")), answer.get("usage"))


def _openai(answer: Mapping[str, Any], text: str) -> Heard:
    segments = _spoken(answer.get("segments"), 1) or grouped(_spoken(answer.get("words"), 1))
    return Heard(text, segments, _string(answer.get("language")), _number(answer.get("duration")), answer.get("usage"))


def _spoken(rows: Any, unit: float, name: str = "") -> list[Segment]:
    """Those of `rows` that have a start, an end and a text, in seconds."""
    found = []
    for row in _objects(rows):
        start, end = _number(row.get("start")), _number(row.get("end"))
        keys = ("punctuated_word", "transcript", "text", "word")
        text = next((said for key in keys if (said := _text(row.get(key)))), "")
        if start is not None and end is not None and text:
            found.append(Segment(start / unit, max(start, end) / unit, _speaker(row.get("speaker")) or name, text))
    return found


def grouped(words: Iterable[Segment]) -> list[Segment]:
    """Words put together to readable stretches."""
    groups: list[list[Segment]] = []
    for word in words:
        last = groups[-1] if groups else None
        if last is None or _parted(last, word):
            groups.append([word])
        else:
            last.append(word)
    return [Segment(g[0].start, g[-1].end, g[0].speaker, " ".join(word.text for word in g)) for g in groups]


def _parted(group: Sequence[Segment], word: Segment) -> bool:
    before = group[-1]
    long = sum(len(each.text) + 1 for each in group) > _LONG
    ended = long and before.text.endswith((".", "!", "?", "。", "！", "？"))
    endless = len(group) >= _LONG
    return word.speaker != before.speaker or word.start - before.end > _PAUSE or ended or endless


def _objects(rows: Any) -> list[Mapping[str, Any]]:
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _speaker(value: Any) -> str:
    """`speaker 1` for a number, which counts from 0; a letter or a name as it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"speaker {str(value + 1)[:6]}" if abs(value) < 10_000 else ""
    return _text(value)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> float | None:
    """A time of at most a few years; None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and 0 <= number < 1e11 else None
