"""WAV files: written with a note inside that says what they are, and read again for facts and for that note.

Plain RIFF (Microsoft and IBM, 1991): `fmt `, `LIST INFO`, `data`. 16 or 8 bits a sample. Knows no speech and no music.
"""

from __future__ import annotations

import io
import json
import math
import struct
import sys
import wave
from array import array
from dataclasses import dataclass, field
from typing import Any

SOFTWARE = "aiml_nb sandbox: no AI ran"
_LOOKED_AT = 200_000


@dataclass(frozen=True, slots=True)
class Sound:
    """What is in a WAV file: seconds, rate (samples a second), channels, loudness (dB below full scale), and our note."""

    seconds: float
    rate: int
    channels: int
    loudness: float
    note: dict[str, Any] = field(default_factory=dict)


def write(
    samples: array[int], rate: int, *, channels: int = 1, width: int = 2, note: dict[str, Any] | None = None
) -> bytes:
    """A WAV file of mono samples (-32768 to 32767), sent to each of the channels. note: any JSON object to keep inside.

    width: bytes a sample, 2 or, for small files, 1.
    """
    if channels == 2:
        samples = array("h", [value for value in samples for _ in range(2)])
    facts = struct.pack("<HHIIHH", 1, channels, rate, rate * width * channels, width * channels, 8 * width)
    told = _chunk(b"ISFT", SOFTWARE.encode() + b"\0") + _chunk(b"ICMT", json.dumps(note or {}).encode() + b"\0")
    body = b"WAVE" + _chunk(b"fmt ", facts) + _chunk(b"LIST", b"INFO" + told) + _chunk(b"data", _bytes(samples, width))
    return _chunk(b"RIFF", body)


def _bytes(samples: array[int], width: int) -> bytes:
    """Samples as a WAV file has them: 16 bits from the low end, or 8 bits from 0 to 255."""
    if width == 1:
        return bytes((value >> 8) + 128 for value in samples)
    if sys.byteorder == "big":
        samples = samples[:]
        samples.byteswap()
    return samples.tobytes()


def read(data: bytes) -> Sound | None:
    """What is in a WAV file; None when it is none, or of a kind that cannot be read."""
    try:
        with wave.open(io.BytesIO(data)) as sound:
            rate, channels, width, frames = (
                sound.getframerate(),
                sound.getnchannels(),
                sound.getsampwidth(),
                sound.getnframes(),
            )
            raw = sound.readframes(min(frames, _LOOKED_AT))
    except (wave.Error, EOFError, struct.error):
        return None
    if not rate:
        return None
    return Sound(frames / rate, rate, channels, _loudness(raw, width) if width <= 2 else 0.0, _note(data))


def _loudness(raw: bytes, width: int) -> float:
    values = array("h", raw[: len(raw) // 2 * 2] if width == 2 else [(value - 128) << 8 for value in raw])
    power = math.fsum(value * value for value in values) / max(1, len(values))
    return round(10 * math.log10(power / 32768**2), 1) if power else -96.0


def _note(data: bytes) -> dict[str, Any]:
    """The note, when the file is one of ours."""
    place = 12
    while place + 8 <= len(data):
        name, size = data[place : place + 4], int.from_bytes(data[place + 4 : place + 8], "little")
        if name == b"LIST" and SOFTWARE.encode() in data[place : place + size]:
            start = data.index(b"ICMT", place) + 8
            return dict(json.loads(data[start : data.index(b"\0", start)]))
        place += 8 + size + size % 2
    return {}


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
