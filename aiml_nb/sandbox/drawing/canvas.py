"""A picture under way: Pillow at twice the size for smooth edges, in coordinates that do not depend on the pixels.

x runs from 0 to `canvas.wide` (the width over the height), y from 0 at the top to 1. Colours are RGB tuples. Drawing
uses shapes only, no font, so that every machine draws the same.
"""

from __future__ import annotations

import colorsys
import itertools
import math
import random
from collections.abc import Iterable, Sequence
from typing import Any

from PIL import Image, ImageDraw

from .lettering import lettered
from .words import RGB

Point = tuple[float, float]
_SMOOTHED = 1_700_000


def mix(first: RGB, second: RGB, share: float) -> RGB:
    """`first` with `share` (0 to 1) of `second` in it."""
    a, b = first, second
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )


def hue(colour: RGB) -> tuple[float, float, float]:
    """Hue, lightness, saturation, each 0 to 1."""
    return colorsys.rgb_to_hls(*(part / 255 for part in colour))


def shade(of: float, lightness: float, saturation: float) -> RGB:
    """The colour of hue `of`."""
    red, green, blue = colorsys.hls_to_rgb(of % 1.0, min(1.0, max(0.0, lightness)), min(1.0, max(0.0, saturation)))
    return (round(red * 255), round(green * 255), round(blue * 255))


class Canvas:
    """A picture of width x height pixels, with its own random numbers."""

    def __init__(self, width: int, height: int, seed: int) -> None:
        self.size = (width, height)
        self.wide = width / height
        self.scale = 2 if width * height <= _SMOOTHED else 1
        self.tall = height * self.scale
        self.image = Image.new("RGB", (width * self.scale, self.tall))
        self.pen = ImageDraw.Draw(self.image)
        self._random = random.Random(seed)

    def chance(self) -> float:
        """A random number from 0 to 1."""
        return self._random.random()

    def between(self, low: float, high: float) -> float:
        """A random number from low to high."""
        return low + (high - low) * self._random.random()

    def pick(self, things: Sequence[Any]) -> Any:
        """One of several things."""
        return things[int(self._random.random() * len(things))]

    def gradient(self, stops: Sequence[tuple[float, RGB]], top: float = 0.0, bottom: float = 1.0) -> None:
        """Fill from top to bottom with colours at places from 0 to 1."""
        first, last = round(top * self.tall), round(bottom * self.tall)
        rows = max(1, last - first)
        column = Image.new("RGB", (1, rows))
        column.putdata([_at(stops, row / rows) for row in range(rows)])
        self.image.paste(column.resize((self.image.width, rows)), (0, first))

    def polygon(self, points: Iterable[Point], colour: RGB) -> None:
        """A filled outline."""
        self.pen.polygon([(round(x * self.tall), round(y * self.tall)) for x, y in points], fill=colour)

    def rectangle(
        self, left: float, top: float, right: float, bottom: float, colour: RGB, *, round_by: float = 0.0
    ) -> None:
        """A box, its corners rounded by a radius."""
        box = tuple(round(value * self.tall) for value in (left, top, max(left, right), max(top, bottom)))
        self.pen.rounded_rectangle(box, round(round_by * self.tall), fill=colour)

    def disc(self, x: float, y: float, across: float, colour: RGB, *, flat: float = 1.0) -> None:
        """A disc of radius `across`; flat: its height over its width."""
        a, b = across * self.tall, across * flat * self.tall
        cx, cy = x * self.tall, y * self.tall
        self.pen.ellipse((round(cx - a), round(cy - b), round(cx + a), round(cy + b)), fill=colour)

    def line(self, points: Iterable[Point], colour: RGB, thick: float) -> None:
        """A line through points."""
        path = [(round(x * self.tall), round(y * self.tall)) for x, y in points]
        self.pen.line(path, fill=colour, width=max(1, round(thick * self.tall)), joint="curve")

    def glow(self, x: float, y: float, across: float, colour: RGB, strength: float) -> None:
        """Light that fades out from a point; strength 0 to 1."""
        span = max(2, round(2 * across * self.tall))
        light = Image.radial_gradient("L").resize((span, span), Image.Resampling.BILINEAR)
        # Pillow's radial gradient has 181 where the circle meets the edges of its square, 255 in the corners.
        light = light.point([round(255 * strength * max(0, 1 - value / 181) ** 2) for value in range(256)])
        corner = (round(x * self.tall - span / 2), round(y * self.tall - span / 2))
        self.image.paste(Image.new("RGB", (span, span), colour), corner, light)

    def caption(self, text: str) -> None:
        """Small words in the lower right corner, readable on any ground."""
        width, height = self.image.size
        times = max(1, round(min(width, height) / 420))
        letters = lettered(text)
        letters = letters.resize((letters.width * times, letters.height * times), Image.Resampling.NEAREST)
        corner = (width - letters.width - 5 * times, height - letters.height - 5 * times)
        if corner[0] < 0:
            return
        box = (*corner, corner[0] + letters.width, corner[1] + letters.height)
        dim = self.image.crop(box).point([value * 55 // 100 for value in range(256)] * 3)
        dim.paste((255, 255, 255), (0, 0), letters)
        self.image.paste(dim, corner)

    def finish(self) -> Image.Image:
        """The picture at its real size."""
        return self.image.reduce(self.scale) if self.scale > 1 else self.image


def _at(stops: Sequence[tuple[float, RGB]], place: float) -> RGB:
    for (low, first), (high, second) in itertools.pairwise(stops):
        if place <= high:
            return mix(first, second, max(0.0, (place - low) / max(1e-9, high - low)))
    return stops[-1][1]


def waves(canvas: Canvas, count: int, roughness: float) -> Any:
    """A smooth random curve: a function of x with values from about -1 to 1, made of `count` sines."""
    parts = [
        (canvas.between(0.6, 1.4) * (index + 1) * roughness, canvas.between(0, 2 * math.pi), 1 / (index + 1))
        for index in range(count)
    ]
    total = sum(part[2] for part in parts)
    return lambda x: sum(weight * math.sin(2 * math.pi * rate * x + phase) for rate, phase, weight in parts) / total


def ragged(canvas: Canvas, steps: int, sharpness: float) -> list[float]:
    """Heights of a mountain ridge, -1 to 1, at `steps` places: halfway points moved by less and less."""
    line = [
        canvas.between(-0.6, 0.3),
        canvas.between(0.2, 1),
        canvas.between(-0.6, 0.6),
        canvas.between(0.2, 1),
        canvas.between(-0.6, 0.3),
    ]
    spread = 0.55
    while len(line) < steps:
        halves = [(a + b) / 2 + canvas.between(-spread, spread) * sharpness for a, b in itertools.pairwise(line)]
        line = [value for pair in zip(line, [*halves, 0.0], strict=True) for value in pair][:-1]
        spread *= 0.52
    return line
