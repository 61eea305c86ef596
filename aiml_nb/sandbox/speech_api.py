"""POST /v1/tts: a text spoken by a voice of tones, as JSON with a URL, or as audio/wav itself where `stream` is true.

The text and the time of each word are noted in the file, which is how the sandbox's transcripts can read it back.
"""

from __future__ import annotations

from typing import Any

from .base import Handler
from .catalogue import Model
from .tokens import digest, meta

_RATE = 22050


class SpeechHandler(Handler):
    """Speech."""

    def prompt(self, body: dict[str, Any]) -> str:
        """The text in which a fault may be asked for."""
        return str(body.get("text") or "")

    async def answer(self, body: dict[str, Any]) -> None:
        """Answer a POST."""
        model = self.wanted(body, "speech")
        data = await self.apart(sound, body, model)
        streamed = body.get("stream")
        if model.facts["parameters"]["stream"].get("default", False) if streamed is None else streamed:
            await self.send(data, "audio/wav")
            return
        url = f"http://{self.request.host}" + self.shop.keep(data, "audio/wav", "wav")
        await self.reply({"audio": {"url": url}, "meta": meta(digest(body))})


def sound(body: dict[str, Any], model: Model) -> bytes:
    """The WAV file that a request asks for, whatever its model calls voice, speed and the rest."""
    from . import speaking, wav

    fields = model.facts["parameters"]
    how = body.get("voice_setting") or body.get("voice_settings") or {}
    stored = body.get("audio_setting") or {}
    voice = body.get("voice") or how.get("voice_id") or fields.get("voice", {}).get("default") or "Wise_Woman"
    rate = stored.get("sample_rate") or int((body.get("output_format") or f"pcm_{_RATE}").rpartition("_")[2])
    speed = body.get("speed") or how.get("speed") or 1.0
    text = body["text"]
    spoken = speaking.speak(text, voice, rate, speed=speed, pitch=how.get("pitch") or 0, loudness=how.get("vol") or 1.0)
    note = {"kind": "speech", "text": text, "voice": voice, "words": spoken.words}
    return wav.write(spoken.samples, rate, channels=stored.get("channel") or 1, note=note)
