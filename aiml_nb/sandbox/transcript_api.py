"""POST /v1/stt/create and GET /v1/stt/ID: what is said in a sound, as far as that can be told without AI.

Speech that the sandbox made carries its text, which is read back with the time of each word. Of any other sound the
transcript says what reached the sandbox: length, rate, loudness, hash. Two shapes: Deepgram's and AssemblyAI's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from . import wav
from .catalogue import Model
from .inputs import received
from .jobs_api import JobHandler
from .reading import size, sniff
from .refusal import TIMESTAMP, invalid

_FLAGS = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True, slots=True)
class Heard:
    """A sound as it was understood: its text, words with start and end in seconds, facts, and what all rests on."""

    text: str
    words: tuple[tuple[str, float, float], ...]
    seconds: float
    channels: int
    sha256: str
    how: str


class TranscriptHandler(JobHandler):
    """Transcripts."""

    kind = "transcript"
    effort = 0.3
    id_name = "generation_id"

    def prompt(self, _body: dict[str, Any]) -> str:
        """A transcript has no prompt: a fault can be asked for in the base URL only."""
        return ""

    async def decode(self, raw: bytes) -> dict[str, Any]:
        """JSON with a URL, or a form with the sound as a file."""
        self._upload: bytes | None = None
        if not self.request.headers.get("Content-Type", "").startswith("multipart/"):
            return await super().decode(raw)
        fields, files = self.form(raw)
        if files.get("audio"):
            self._upload = files["audio"][0].body
        return {name: _FLAGS.get(text, text) if name not in ("model", "url") else text for name, text in fields.items()}

    async def answer(self, body: dict[str, Any]) -> None:
        """Answer a POST."""
        model = self.wanted(body, "transcript")
        if (self._upload is None) == (not body.get("url")):
            raise invalid("url", "Required, or the sound as the file `audio` of a form; not both")
        data = received(self.shop, body["url"], "url") if self._upload is None else self._upload

        def make(_: str) -> dict[str, Any]:
            heard = listen(data)
            return (
                {"result": deepgram(heard, body, model)}
                if model.id == "nova-2-general"
                else {"output": assembly(heard, body)}
            )

        await self.create(model, body, make)


def listen(data: bytes) -> Heard:
    """What can be told of a sound."""
    sound, sha256 = wav.read(data), hashlib.sha256(data).hexdigest()
    if sound is None:
        text = f"This is the sandbox: no AI ran, and nobody listened. A file arrived: {sniff(data)}, {size(len(data))}."
        return Heard(text, _spread(text, 1.0), 0.0, 1, sha256, "facts of the file")
    said = sound.note.get("text") or sound.note.get("lyrics")
    if isinstance(said, str) and said:
        told = sound.note.get("words")
        words = tuple((str(w), float(a), float(b)) for w, a, b in told) if told else _spread(said, sound.seconds)
        return Heard(said, words, sound.seconds, sound.channels, sha256, "the text that the sandbox noted in the file")
    text = (
        f"This is the sandbox: no AI ran, and nobody listened. A sound arrived: WAV, {sound.seconds:.1f} seconds, "
        f"{sound.rate} samples a second, {sound.channels} channel{'s' * (sound.channels > 1)}, loudness {sound.loudness} dB."
    )
    return Heard(text, _spread(text, sound.seconds), sound.seconds, sound.channels, sha256, "facts of the file")


def _spread(text: str, seconds: float) -> tuple[tuple[str, float, float], ...]:
    words = text.split()
    step = seconds / max(1, len(words))
    return tuple((word, round(i * step, 3), round((i + 1) * step, 3)) for i, word in enumerate(words))


def deepgram(heard: Heard, body: dict[str, Any], model: Model) -> dict[str, Any]:
    """The answer in Deepgram's shape."""
    plain, speaker = body.get("punctuate") is False, {"speaker": 0} if body.get("diarize") else {}
    words = [
        {"word": _bare(word).lower(), "start": start, "end": end, "confidence": 1.0, "punctuated_word": word} | speaker
        for word, start, end in heard.words
    ]
    text = _plain(heard.text) if plain else heard.text
    results: dict[str, Any] = {
        "channels": [{"alternatives": [{"transcript": text, "confidence": 1.0, "words": words}]}]
    }
    if body.get("utterances"):
        results["utterances"] = [
            {"start": part[0][1], "end": part[-1][2], "confidence": 1.0, "channel": 0, "transcript": " ".join(w for w, _, _ in part)} | speaker
            for part in _sentences(heard)
        ]  # fmt: skip
    about = {"name": "sandbox: no AI ran", "version": heard.how, "arch": "none"}
    return {
        "metadata": {
            "transaction_key": "deprecated",
            "request_id": heard.sha256[:32],
            "sha256": heard.sha256,
            "created": TIMESTAMP,
            "duration": round(heard.seconds, 3),
            "channels": heard.channels,
            "models": [model.id],
            "model_info": {model.id: about},
        },
        "results": results,
    }


def assembly(heard: Heard, body: dict[str, Any]) -> dict[str, Any]:
    """The answer in AssemblyAI's shape: milliseconds, and utterances where speakers are asked for."""
    speaker = "A" if body.get("speaker_labels") else None
    words = [
        {"text": word, "start": round(1000 * start), "end": round(1000 * end), "confidence": 1.0, "speaker": speaker}
        for word, start, end in heard.words
    ]
    answer: dict[str, Any] = {
        "id": heard.sha256[:32],
        "status": "completed",
        "text": _plain(heard.text) if body.get("punctuate") is False else heard.text,
        "words": words,
        "utterances": None,
        "confidence": 1.0,
        "audio_duration": round(heard.seconds, 3),
        "speech_model": f"sandbox: no AI ran; {heard.how}",
    }
    if speaker and words:
        whole = {
            "text": heard.text,
            "start": words[0]["start"],
            "end": words[-1]["end"],
            "speaker": speaker,
            "words": words,
        }
        answer["utterances"] = [whole]
    return answer


def _sentences(heard: Heard) -> list[list[tuple[str, float, float]]]:
    parts: list[list[tuple[str, float, float]]] = [[]]
    for word in heard.words:
        parts[-1].append(word)
        if word[0][-1:] in ".!?":
            parts.append([])
    return [part for part in parts if part]


def _bare(word: str) -> str:
    return "".join(letter for letter in word if letter.isalnum() or letter in "'-") or word


def _plain(text: str) -> str:
    return " ".join(_bare(word).lower() for word in text.split())
