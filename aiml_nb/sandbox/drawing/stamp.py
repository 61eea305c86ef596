"""Stamp: draws a figure in its own coordinates anywhere on a canvas, at any size. Knows no figure."""

from __future__ import annotations

from collections.abc import Iterable

from .canvas import Canvas, Point
from .words import RGB

WHITE, INK = (250, 248, 242), (34, 30, 46)


class Stamp:
    """Draws in a figure's own coordinates at a place of the canvas; `unit` is half the figure's width."""

    def __init__(self, canvas: Canvas, x: float, foot: float, unit: float) -> None:
        self.canvas, self.x, self.foot, self.unit = canvas, x, foot, unit

    def _to(self, x: float, y: float) -> Point:
        return (self.x + x * self.unit, self.foot - y * self.unit)

    def disc(self, x: float, y: float, across: float, colour: RGB, flat: float = 1.0) -> None:
        """A disc of radius `across`; flat: its height over its width."""
        self.canvas.disc(*self._to(x, y), across * self.unit, colour, flat=flat)

    def polygon(self, points: Iterable[Point], colour: RGB) -> None:
        """A filled outline."""
        self.canvas.polygon([self._to(x, y) for x, y in points], colour)

    def box(self, left: float, low: float, right: float, high: float, colour: RGB, round_by: float = 0.0) -> None:
        """A box, its corners rounded by a radius."""
        (x0, y0), (x1, y1) = self._to(left, high), self._to(right, low)
        self.canvas.rectangle(x0, y0, x1, y1, colour, round_by=round_by * self.unit)

    def line(self, points: Iterable[Point], colour: RGB, thick: float) -> None:
        """A line with round ends."""
        path = [self._to(x, y) for x, y in points]
        self.canvas.line(path, colour, thick * self.unit)
        for x, y in (path[0], path[-1]):
            self.canvas.disc(x, y, thick * self.unit / 2, colour)

    def glow(self, x: float, y: float, across: float, colour: RGB, strength: float) -> None:
        """Light that fades out; strength 0 to 1."""
        self.canvas.glow(*self._to(x, y), across * self.unit, colour, strength)

    def shadow(self, colour: RGB, wide: float = 0.8) -> None:
        """A flat dark disc at the foot, so that a figure stands on the ground."""
        self.disc(0, 0.02, wide, colour, flat=0.13)


def curve(start: Point, bend: Point, end: Point) -> list[Point]:
    """A quadratic Bézier curve."""
    out = []
    for step in range(17):
        t = step / 16
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
        out.append((a * start[0] + b * bend[0] + c * end[0], a * start[1] + b * bend[1] + c * end[1]))
    return out
