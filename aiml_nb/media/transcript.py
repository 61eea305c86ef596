"""Transcript: a recording as a request to write down what is said, a job to ask after, and the text with its times.

Pure: it builds the payload and reads the answer. Three vendors' shapes come through one door, and the door has three
names (`output`, `result`, none); how each is read stands in `heard`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

from ..content import Attachment
from ..costs import Usage
from ..errors import APIError, InvalidRequestError, shorten
from . import asking
from .heard import Segment, read
from .jobs import JobState, Poll, state
from .result import Result

__all__ = [
    "OPENAI_PATH",
    "PATH",
    "POLL",
    "TYPES",
    "WORDS",
    "JobState",
    "Segment",
    "Transcript",
    "found",
    "payload",
    "request",
    "split",
    "state",
    "taken",
]

#: The catalogue types that this medium serves.
TYPES = ("internal/speech-to-text/submit",)

#: Where it is asked for when no schema tells it, how it is asked after; and where OpenAI and its like answer at once.
PATH = "/v1/stt/create"
POLL = Poll("/v1/stt", query=None)
OPENAI_PATH = "/v1/audio/transcriptions"

#: The common vocabulary, which `schema.words` keeps.
WORDS = asking.WORDS["transcript"]


def taken(prompt: str, attachments: Sequence[Attachment] = ()) -> tuple[str, tuple[Attachment, ...]]:
    """Prompt and attachments, a prompt that is a URL being the recording."""
    url = asking.address(prompt)
    return ("", (*attachments, Attachment.of(url))) if url else (prompt, tuple(attachments))


def request(prompt: str, *, model: str, **params: Any) -> dict[str, Any]:
    """The request in common words, for `schema.fit`. The recording is an attachment; words are a hint for spelling."""
    return asking.request(prompt, model=model, params=params)


def payload(
    prompt: str, *, model: str, attachments: Sequence[Attachment] = (), openai: bool = False, **params: Any
) -> dict[str, Any]:
    """The body for a model without a schema: `url`, or the Attachment itself under `audio` (`file` with `openai`).

    An Attachment in the body means that it goes as a form with a file: see `split`.
    """
    words, files = taken(prompt, attachments)
    if words and not openai:
        raise InvalidRequestError(
            "a transcription takes no prompt", param="prompt", advice="Attach the recording: -a FILE, or give its URL."
        )
    sound = asking.only(files, "recording")
    if sound.kind not in {"audio", "video"} and sound.url is None:
        raise asking.refused(sound, "a recording")
    body = request(words, model=model)
    if sound.url is not None and not openai:
        body["url"] = sound.url
    else:
        body["file" if openai else "audio"] = sound
    return body | asking.on_the_wire(params, WORDS)


def split(body: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Attachment]]:
    """The fields and the files of a form; no files when the body is plain JSON."""
    files = {name: value for name, value in body.items() if isinstance(value, Attachment)}
    return {name: value for name, value in body.items() if name not in files}, files


def found(answer: Any) -> list[Any]:
    """No files: a transcript is in the answer itself."""
    del answer
    return []


class Transcript(Result):
    """What was said: `.text`, `.segments` of (start, end, speaker, text) with times in seconds, `.language`, `.duration`.

    segments is empty where the provider gave no times.
    """

    def __init__(
        self,
        text: str = "",
        segments: Sequence[Segment] = (),
        raw: Any = None,
        *,
        language: str | None = None,
        duration: float | None = None,
        model: str = "",
        provider: str = "",
    ) -> None:
        super().__init__(raw, model=model, provider=provider)
        self.text = text
        self.segments = list(segments)
        self.language = language
        self.duration = duration

    @classmethod
    def from_json(cls, answer: Any, files: Sequence[Any] = (), *, model: str, provider: str = "") -> Self:
        """The result of a finished answer. Raises APIError (kind "protocol") when no transcript is in it."""
        del files
        heard = read(answer)
        if heard is None:
            raise APIError("the answer holds no transcript", advice="Run it again, or try another model.")
        made = cls(
            heard.text,
            heard.segments,
            answer,
            language=heard.language,
            duration=heard.duration,
            model=model,
            provider=provider,
        )
        made.usage = made.usage or Usage.from_json(heard.usage)
        return made

    def srt(self) -> str:
        """Subtitles as SubRip. Raises InvalidRequestError when there are no times."""
        return "\n".join(
            f"{at}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{_line(speaker, text)}\n"
            for at, (start, end, speaker, text) in enumerate(self._timed(), 1)
        )

    def vtt(self) -> str:
        """Subtitles as WebVTT, speakers as voices. Raises InvalidRequestError when there are no times."""
        cues = []
        for start, end, speaker, text in self._timed():
            voice = f"<v {_escaped(speaker)}>" if speaker else ""
            cues.append(f"{_clock(start, '.')} --> {_clock(end, '.')}\n{voice}{_escaped(_line('', text))}\n")
        return "\n".join(["WEBVTT\n", *cues])

    def _timed(self) -> list[Segment]:
        if not self.segments:
            raise InvalidRequestError(
                "the transcript has no times, so it makes no subtitles",
                advice="Ask for them (Deepgram: --utterances true, OpenAI: --format verbose_json), or take another model.",
            )
        return self.segments

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Transcript({shorten(self.text, 60)!r}, model={self.model!r})"

    def _body_html(self) -> str:
        from .transcript_drawing import html

        return html(self)

    def _body_text(self) -> str:
        from .transcript_drawing import text

        return text(self)


def _clock(seconds: float, point: str) -> str:
    whole, part = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}{point}{part:03}"


def _line(speaker: str, text: str) -> str:
    """One cue: an empty line would end it."""
    said = "\n".join(line for line in text.splitlines() if line.strip()) or "…"
    return f"{speaker}: {said}" if speaker else said


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
