"""Audio, the result of speech and of music, and where an answer tells that the sound lies.

The schemas say that `audio` is an address, the samples that it is an object with one, and a stream is the sound itself:
all three are read. How it is asked for stands in `speech` and `music`.
"""

from __future__ import annotations

from typing import Any

from .files import Found, MediaFile, search, some

_KEYS = ("audio_file", "audio", "audios", "audio_url", "music", "output", "result", "data", "generation")


def rows(answer: Any) -> list[Found]:
    """The sounds that an answer tells of, none when it tells of none."""
    return search(answer, _KEYS, "audio") if isinstance(answer, dict) else []


def found(answer: Any) -> list[Found]:
    """The sounds that a finished answer tells of. Raises APIError (kind "protocol") when there is none."""
    return some(rows, answer, "audio")


class Audio(MediaFile):
    """A sound: `.bytes .path .mime .url .save()`, `.duration` in seconds; `.files` when there are several."""

    KIND = "audio"

    @classmethod
    def _rows(cls, answer: Any) -> list[Found]:
        return rows(answer)

    def _body_html(self) -> str:
        from .player_drawing import audio_html

        return audio_html(self)

    def _body_text(self) -> str:
        from .player_drawing import text

        return text(self)
