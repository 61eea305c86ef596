"""Melodies from a prompt and a seed: chords that everybody knows, a tune over them, played by tables of sines.

Words choose mode, tempo and instrument; all else is the seed's. The same each time. Knows nothing of files or requests.
"""

from __future__ import annotations

import functools
import hashlib
import math
import random
import re
from array import array
from dataclasses import dataclass

_SLOW = "slow calm lullaby ambient relaxing meditation peaceful sleep gentle lofi soft sad quiet"
_FAST = "fast dance techno rock upbeat energetic happy punk house party running march"
_DARK = "sad dark minor night melancholy moody rain dramatic epic scary autumn lonely"
#: Harmonics of each instrument, and how fast its notes die away (in seconds).
_INSTRUMENTS: dict[str, tuple[tuple[float, ...], float]] = {
    "piano": ((1, 0.5, 0.28, 0.16, 0.08, 0.04), 0.55), "bells": ((1, 0, 0.5, 0, 0, 0.3, 0, 0.15), 0.9),
    "strings": ((1, 0.6, 0.45, 0.3, 0.22, 0.15, 0.1), 6.0), "flute": ((1, 0.22, 0.06), 6.0),
    "guitar": ((1, 0.7, 0.5, 0.35, 0.2, 0.12, 0.08), 0.4), "organ": ((1, 0.8, 0, 0.5, 0, 0, 0, 0.3), 9.0),
    "voice": ((1, 0.9, 0.35, 0.12, 0.3, 0.08), 5.0),
}  # fmt: skip
_CHORDS = {
    "major": ((0, 4, 7), (7, 11, 14), (9, 12, 16), (5, 9, 12)),
    "minor": ((0, 3, 7), (8, 12, 15), (3, 7, 10), (10, 14, 17)),
}
_SCALES = {"major": (0, 2, 4, 7, 9), "minor": (0, 3, 5, 7, 10)}
_TABLE = 1024


@dataclass(frozen=True, slots=True)
class Score:
    """How a piece is played: beats a minute, mode, instrument of the tune, and the lowest note (a MIDI number)."""

    tempo: int
    mode: str
    instrument: str
    root: int


def score(prompt: str, seed: int, avoid: str = "", *, singing: bool = False) -> Score:
    """What the words of a prompt ask for; the seed decides what they leave open."""
    numbers = _numbers(prompt, seed)
    unwanted = set(re.findall(r"[a-z]+", avoid.lower()))
    said = [word for word in re.findall(r"[a-z]+", prompt.lower()) if word not in unwanted]
    slow, fast, dark = (any(word in table.split() for word in said) for table in (_SLOW, _FAST, _DARK))
    tempo = (72 if slow else 132 if fast else 100) + numbers.randrange(-6, 7)
    named = next((name for word in said for name in _INSTRUMENTS if word in (name, name.rstrip("s"))), "")
    open_ones = [name for name in ("piano", "bells", "guitar", "strings", "flute") if name not in unwanted]
    chosen = numbers.choice(open_ones)
    return Score(
        tempo, "minor" if dark else "major", "voice" if singing else named or chosen, numbers.randrange(45, 55)
    )


def compose(
    prompt: str, seed: int, seconds: float, rate: int, *, avoid: str = "", lyrics: str | None = None
) -> array[int]:
    """Samples of a piece of that length. lyrics: words to sing, a note each; the tune then has a voice."""
    piece = score(prompt, seed, avoid, singing=lyrics is not None)
    bar = [0.0] * round(rate * 240 / piece.tempo)
    numbers = _numbers(prompt, seed + 1)
    phrase = array("h")
    notes = _tune(numbers, piece, len((lyrics or "").split()))
    for index in range(8):
        phrase += _bar(bar, piece, index, notes, rate)
    total = round(seconds * rate)
    whole = (phrase * (total // len(phrase) + 1))[:total]
    return _faded(whole, rate)


def _numbers(prompt: str, seed: int) -> random.Random:
    return random.Random(int.from_bytes(hashlib.sha256(f"{seed}\n{prompt}".encode()).digest()[:8], "big"))


def _tune(numbers: random.Random, piece: Score, words: int) -> list[list[tuple[float, float, int]]]:
    """Eight bars of (beat, length in beats, semitones above the root): a figure, itself again, another, and home."""
    rhythms = [(1, 1, 1, 1), (1, 0.5, 0.5, 2), (1.5, 0.5, 1, 1), (0.5, 0.5, 1, 2), (2, 1, 1)]
    rhythms = [(1, 1, 1, 1)] if words else rhythms
    scale, place = _SCALES[piece.mode], numbers.randrange(2, 6)
    figures = []
    for _ in range(3):
        figure, beat = [], 0.0
        for length in numbers.choice(rhythms):
            place = min(9, max(0, place + numbers.choice((-2, -1, -1, 1, 1, 2))))
            figure.append((beat, float(length), 12 * (place // 5) + scale[place % 5] + 12))
            beat += length
        figures.append(figure)
    home = [(0.0, 2.0, scale[2] + 12), (2.0, 2.0, 12)]
    return [figures[0], figures[1], figures[0], figures[2], figures[0], figures[1], figures[2], home]


def _bar(
    silence: list[float], piece: Score, index: int, notes: list[list[tuple[float, float, int]]], rate: int
) -> array[int]:
    beat = len(silence) / 4
    out = silence[:]
    chord = _CHORDS[piece.mode][index % 4]
    _play(out, "piano", piece.root - 12 + chord[0], 0, 4 * beat, 4200, rate)
    for number, step in enumerate((*chord, chord[1])):
        _play(out, "piano", piece.root + step, number * beat, 2 * beat, 2100, rate)
    for start, length, step in notes[index]:
        _play(out, piece.instrument, piece.root + step, start * beat, length * beat, 6800, rate)
    return array("h", [round(max(-32000.0, min(32000.0, value))) for value in out])


def _play(out: list[float], instrument: str, note: int, start: float, length: float, volume: float, rate: int) -> None:
    """Add one note to a bar; what would sound past its end is left out, softly."""
    table, fading = _table(instrument), _INSTRUMENTS[instrument][1]
    first = int(start)
    count = min(int(length), len(out) - first)
    step = 440 * 2 ** ((note - 69) / 12) / rate * _TABLE
    soft, decay, level = max(1, rate // 120), math.exp(-1 / (fading * rate)), volume * 1.6
    for i in range(count):
        edge = min(1.0, i / soft, (count - i) / soft)
        out[first + i] += table[int(i * step) % _TABLE] * level * edge
        level *= decay


@functools.cache
def _table(instrument: str) -> tuple[float, ...]:
    """One period of an instrument's sound."""
    harmonics = _INSTRUMENTS[instrument][0]
    sines = [[w * math.sin(2 * math.pi * (k + 1) * i / _TABLE) for k, w in enumerate(harmonics)] for i in range(_TABLE)]
    return tuple(sum(parts) / sum(harmonics) for parts in sines)


def _faded(samples: array[int], rate: int) -> array[int]:
    span = min(len(samples), rate * 3 // 2)
    for i in range(span):
        samples[len(samples) - 1 - i] = samples[len(samples) - 1 - i] * i // span
    return samples
