"""POST and GET /v2/generate/audio: a melody made of the prompt's words and a seed, as a WAV file."""

from __future__ import annotations

from typing import Any

from .catalogue import Model
from .jobs_api import JobHandler
from .prompting import seed_of
from .refusal import invalid

#: Samples a second unless a request tells; with a byte for each, a piece stays small enough for a notebook.
_RATE, _SECONDS = 11025, 30.0


class MusicHandler(JobHandler):
    """Music."""

    kind = "music"
    effort = 0.5

    async def answer(self, body: dict[str, Any]) -> None:
        """Answer a POST."""
        model = self.wanted(body, "music")
        if "lyrics" in model.facts["parameters"]:
            _check_song(body)

        def make(origin: str) -> dict[str, Any]:
            data = sound(body, model)
            url = origin + self.shop.keep(data, "audio/wav", "wav")
            about = {"content_type": "audio/wav", "file_name": "music.wav", "file_size": len(data)}
            return {"audio_file": {"url": url, **about}}

        await self.create(model, body, make)


def sound(body: dict[str, Any], model: Model) -> bytes:
    """The WAV file that a request asks for."""
    from . import composing, wav

    prompt = body.get("prompt") or ""
    seed = body.get("seed") or seed_of(prompt)
    asked = (body.get("audio_setting") or {}).get("audio_sample_rate")
    rate = asked or _RATE
    usual = model.facts["parameters"].get("music_length_ms", {}).get("default", 1000 * _SECONDS)
    seconds = (body.get("music_length_ms") or usual) / 1000
    lyrics = None
    if "lyrics" in model.facts["parameters"] and not body.get("is_instrumental"):
        lyrics = body.get("lyrics") or "la la la"
    avoid = body.get("negative_prompt") or ""
    samples = composing.compose(prompt, seed, seconds, rate, avoid=avoid, lyrics=lyrics)
    note = {"kind": "music", "prompt": prompt} | ({"lyrics": lyrics} if lyrics else {})
    return wav.write(samples, rate, width=2 if asked else 1, note=note)


def _check_song(body: dict[str, Any]) -> None:
    if not (body.get("lyrics") or body.get("is_instrumental") or body.get("lyrics_optimizer")):
        raise invalid("lyrics", "Required, unless is_instrumental or lyrics_optimizer is true")
    if not (body.get("prompt") or body.get("lyrics")):
        raise invalid("prompt", "Required, at least one of prompt or lyrics must be given")
