"""A voice of tones: each letter a sound, vowels as a throat would form them, pauses where the text has them. No words.

The same text, voice and speed make the same samples on every machine. Knows nothing of files or requests.
"""

from __future__ import annotations

import hashlib
import math
import random
import re
from array import array
from dataclasses import dataclass

#: First and second formant of the vowels, in Hz.
_VOWELS = {"a": (800, 1250), "e": (480, 1950), "i": (300, 2250), "o": (480, 900), "u": (330, 800), "y": (300, 1750)}
_HUMMED = frozenset("bdgjlmnrvwz")
_PAUSES = {" ": 0.06, "\n": 0.3, ",": 0.16, ";": 0.22, ":": 0.22, ".": 0.3, "!": 0.3, "?": 0.3, "—": 0.2, "–": 0.2}
_LETTER = 0.075
_STEPS = 6  # of pitch, from the start of a sentence to its end


@dataclass(frozen=True, slots=True)
class Spoken:
    """Samples, and each word with the seconds when it starts and ends."""

    samples: array[int]
    words: tuple[tuple[str, float, float], ...]


def speak(text: str, voice: str, rate: int, *, speed: float = 1.0, pitch: float = 0.0, loudness: float = 1.0) -> Spoken:
    """`text` in that voice. rate: samples a second. speed: 1 is usual. pitch: semitones up. loudness: 1 is usual."""
    throat = _Throat(voice, rate, speed, 2 ** (pitch / 12), min(1.0, 0.55 * loudness))
    samples = array("h", bytes(2 * (rate // 20)))
    words = []
    for sentence in re.findall(r"[^.!?\n]*[.!?\n]*", text):
        spoken = list(re.finditer(r"\S+|\s+", sentence))
        for match in spoken:
            start = len(samples) / rate
            step = min(_STEPS - 1, match.start() * _STEPS // max(1, len(sentence)))
            if sentence.rstrip().endswith("?"):
                step = _STEPS - 1 - step
            for letter in match[0].lower():
                samples += throat.sound(letter, step)
            if match[0].strip():
                words.append((match[0], round(start, 3), round(len(samples) / rate, 3)))
    return Spoken(samples + array("h", bytes(2 * (rate // 10))), tuple(words))


class _Throat:
    """Makes the sound of each letter once."""

    def __init__(self, voice: str, rate: int, speed: float, pitch: float, loudness: float) -> None:
        number = hashlib.sha256(voice.lower().encode()).digest()
        self.rate, self.speed, self.loudness = rate, speed, loudness
        self.pitch = (95 + number[0] * 130 / 255) * pitch
        self.size = 0.88 + number[1] * 0.3 / 255  # of the throat: moves the formants
        self._known: dict[tuple[str, int], array[int]] = {}

    def sound(self, letter: str, step: int) -> array[int]:
        key = (letter, step)
        if key not in self._known:
            self._known[key] = array("h", [round(value) for value in self._make(letter, step)])
        return self._known[key]

    def _make(self, letter: str, step: int) -> list[float]:
        if not letter.isalnum():
            return [0.0] * self._count(_PAUSES.get(letter, 0.0))
        if letter in _HUMMED:
            return self._tone((260, 1100), step, 0.7, 0.35)
        if letter.isascii() and letter.isalpha() and letter not in _VOWELS:
            return self._noise(letter)
        known = letter if letter in _VOWELS else "aeiouy"[ord(letter) % 6]
        return self._tone(_VOWELS[known], step, 1.0 if letter.isascii() else 1.7, 1.0)

    def _count(self, seconds: float) -> int:
        return round(seconds / self.speed * self.rate)

    def _tone(self, formants: tuple[int, int], step: int, length: float, volume: float) -> list[float]:
        """Harmonics of the voice's pitch, strong where the throat resonates; one period, repeated."""
        period = max(8, round(self.rate / (self.pitch * (1.12 - 0.05 * step))))
        base = self.rate / period
        waves = [(k, self._resonance(k * base, formants)) for k in range(1, int(min(3600, self.rate / 2.2) / base) + 1)]
        top = sum(weight for _, weight in waves)
        one = [sum(w * math.sin(2 * math.pi * k * i / period) for k, w in waves) / top for i in range(period)]
        peak = max(map(abs, one))
        count = self._count(_LETTER * length)
        scale = 26000 * self.loudness * volume / peak
        return [one[i % period] * scale * self._envelope(i, count) for i in range(count)]

    def _resonance(self, frequency: float, formants: tuple[int, int]) -> float:
        first, second = (value * self.size for value in formants)
        return 1 / (1 + ((frequency - first) / 110) ** 2) + 0.5 / (1 + ((frequency - second) / 170) ** 2) + 0.01

    def _noise(self, letter: str) -> list[float]:
        count = self._count(_LETTER * (0.9 if letter in "sfhxc" else 0.6))
        numbers, scale = random.Random(ord(letter)), 5200 * self.loudness
        return [numbers.uniform(-1, 1) * scale * self._envelope(i, count) for i in range(count)]

    def _envelope(self, index: int, count: int) -> float:
        soft = max(1, self.rate // 90)
        return min(1.0, index / soft, (count - index) / soft)
