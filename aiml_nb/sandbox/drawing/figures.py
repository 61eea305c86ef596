"""The figures that a prompt may name: cat, robot, house and more, made of discs and polygons.

Each is drawn in its own coordinates, x from -1 to 1 and y from 0 (the foot) to 2 (the top), by a `Stamp`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from .canvas import Canvas, Point, mix
from .palette import Palette
from .words import RGB, Wish

_WHITE, _INK = (250, 248, 242), (34, 30, 46)


class Stamp:
    """Draws in a figure's own coordinates at a place of the canvas; `unit` is half the figure's width."""

    def __init__(self, canvas: Canvas, x: float, foot: float, unit: float) -> None:
        self.canvas, self.x, self.foot, self.unit = canvas, x, foot, unit

    def _to(self, x: float, y: float) -> Point:
        return (self.x + x * self.unit, self.foot - y * self.unit)

    def disc(self, x: float, y: float, across: float, colour: RGB, flat: float = 1.0) -> None:
        self.canvas.disc(*self._to(x, y), across * self.unit, colour, flat=flat)

    def polygon(self, points: Iterable[Point], colour: RGB) -> None:
        self.canvas.polygon([self._to(x, y) for x, y in points], colour)

    def box(self, left: float, low: float, right: float, high: float, colour: RGB, round_by: float = 0.0) -> None:
        (x0, y0), (x1, y1) = self._to(left, high), self._to(right, low)
        self.canvas.rectangle(x0, y0, x1, y1, colour, round_by=round_by * self.unit)

    def line(self, points: Iterable[Point], colour: RGB, thick: float) -> None:
        path = [self._to(x, y) for x, y in points]
        self.canvas.line(path, colour, thick * self.unit)
        for x, y in (path[0], path[-1]):
            self.canvas.disc(x, y, thick * self.unit / 2, colour)

    def shadow(self, colour: RGB, wide: float = 0.8) -> None:
        """A flat dark disc at the foot, so that a figure stands on the ground."""
        self.disc(0, 0.02, wide, colour, flat=0.13)


def _curve(start: Point, bend: Point, end: Point) -> list[Point]:
    """A quadratic Bézier curve."""
    out = []
    for step in range(17):
        t = step / 16
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
        out.append((a * start[0] + b * bend[0] + c * end[0], a * start[1] + b * bend[1] + c * end[1]))
    return out


def _body(stamp: Stamp, colour: RGB, belly: RGB) -> None:
    """A sitting animal's body with its front paws."""
    stamp.disc(0, 0.5, 0.56, colour, flat=0.95)
    stamp.disc(0, 0.85, 0.42, colour, flat=1.2)
    stamp.disc(0, 0.62, 0.26, belly, flat=1.5)
    for side in (-1, 1):
        stamp.disc(side * 0.2, 0.09, 0.2, mix(colour, _WHITE, 0.16), flat=0.5)


def _face(stamp: Stamp, eye: RGB, nose: RGB, slit: bool) -> None:
    for side in (-1, 1):
        stamp.disc(side * 0.2, 1.47, 0.1, eye, flat=1.1)
        stamp.disc(side * 0.2, 1.47, 0.045 if slit else 0.062, _INK, flat=1.9 if slit else 1.0)
        stamp.disc(side * 0.2 + 0.025, 1.51, 0.02, _WHITE)
    stamp.polygon([(-0.06, 1.34), (0.06, 1.34), (0, 1.27)], nose)
    for side in (-1, 1):
        stamp.line(_curve((0, 1.27), (side * 0.05, 1.18), (side * 0.14, 1.23)), _INK, 0.022)


def cat(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    stamp.shadow(mix(colours.near, (0, 0, 0), 0.5))
    stamp.line(_curve((0.4, 0.12), (1.1, 0.1), (0.86, 0.85)), colour, 0.17)
    _body(stamp, colour, mix(colour, _WHITE, 0.55))
    for side in (-1, 1):
        stamp.polygon([(side * 0.1, 1.72), (side * 0.44, 2.03), (side * 0.47, 1.5)], colour)
        stamp.polygon([(side * 0.2, 1.72), (side * 0.39, 1.9), (side * 0.41, 1.58)], mix(colour, (255, 160, 160), 0.5))
    stamp.disc(0, 1.42, 0.49, colour, flat=0.86)
    for x in (-0.1, 0.0, 0.1):
        stamp.line([(x, 1.8), (x * 0.8, 1.68)], mix(colour, _INK, 0.4), 0.035)
    stamp.disc(0, 1.27, 0.2, mix(colour, _WHITE, 0.6), flat=0.6)
    _face(stamp, (190, 225, 120), (225, 120, 130), True)
    for side in (-1, 1):
        for rise in (-0.03, 0.06):
            stamp.line([(side * 0.22, 1.28 + rise * 0.4), (side * 0.62, 1.26 + rise * 2)], mix(colour, _WHITE, 0.8), 0.014)


def fox(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    stamp.shadow(mix(colours.near, (0, 0, 0), 0.5))
    for size, at, tone in ((0.3, 0.0, colour), (0.34, 0.3, colour), (0.27, 0.62, colour), (0.18, 0.88, _WHITE)):
        stamp.disc(0.68 + 0.22 * math.sin(3 * at), 0.22 + at, size, tone)
    _body(stamp, colour, _WHITE)
    for side in (-1, 1):
        stamp.polygon([(side * 0.08, 1.7), (side * 0.42, 2.1), (side * 0.46, 1.5)], colour)
        stamp.polygon([(side * 0.27, 1.93), (side * 0.42, 2.1), (side * 0.44, 1.82)], _INK)
    stamp.polygon([(-0.56, 1.56), (-0.3, 1.76), (0.3, 1.76), (0.56, 1.56), (0, 1.1)], colour)
    for side in (-1, 1):
        stamp.polygon([(side * 0.54, 1.54), (side * 0.26, 1.44), (0, 1.22), (0, 1.1)], _WHITE)
        stamp.disc(side * 0.2, 1.53, 0.06, _INK)
        stamp.disc(side * 0.2 + 0.02, 1.55, 0.018, _WHITE)
    stamp.disc(0, 1.15, 0.075, _INK, flat=0.8)


def dog(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    stamp.shadow(mix(colours.near, (0, 0, 0), 0.5))
    stamp.line(_curve((0.42, 0.3), (0.85, 0.4), (0.8, 0.78)), colour, 0.13)
    _body(stamp, colour, mix(colour, _WHITE, 0.6))
    stamp.disc(0, 1.44, 0.46, colour, flat=0.92)
    stamp.disc(0, 1.28, 0.25, mix(colour, _WHITE, 0.6), flat=0.8)
    for side in (-1, 1):
        stamp.disc(side * 0.45, 1.4, 0.17, mix(colour, _INK, 0.45), flat=1.9)
        stamp.disc(side * 0.17, 1.52, 0.065, _INK)
        stamp.disc(side * 0.17 + 0.02, 1.545, 0.02, _WHITE)
    stamp.disc(0, 1.19, 0.07, (230, 110, 120), flat=1.4)
    stamp.disc(0, 1.36, 0.095, _INK, flat=0.75)
    stamp.box(-0.3, 1.0, 0.3, 1.07, colours.accent, 0.03)


def robot(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    dark, light = mix(colour, _INK, 0.45), mix(colour, _WHITE, 0.4)
    stamp.shadow(mix(colours.near, (0, 0, 0), 0.5))
    for side in (-1, 1):
        stamp.box(side * 0.26 - 0.11, 0.08, side * 0.26 + 0.11, 0.5, dark)
        stamp.box(side * 0.28 - 0.2, 0.0, side * 0.28 + 0.2, 0.14, light, 0.07)
        stamp.line(_curve((side * 0.5, 0.98), (side * 0.86, 0.9), (side * 0.78, 0.52 if side < 0 else 1.28)), dark, 0.12)
        stamp.disc(side * 0.78, 0.5 if side < 0 else 1.32, 0.12, light)
    stamp.box(-0.52, 0.4, 0.52, 1.12, colour, 0.14)
    stamp.box(-0.34, 0.56, 0.34, 0.98, dark, 0.06)
    for index, tone in enumerate(((240, 90, 80), (250, 205, 90), (110, 210, 140))):
        stamp.disc(-0.2 + 0.2 * index, 0.86, 0.06, tone)
    for index, tall in enumerate((0.08, 0.16, 0.11, 0.19, 0.06)):
        stamp.box(-0.25 + 0.1 * index, 0.6, -0.19 + 0.1 * index, 0.6 + tall, (130, 220, 235))
    stamp.box(-0.12, 1.1, 0.12, 1.22, dark)
    stamp.line([(0, 1.76), (0, 1.95)], dark, 0.05)
    stamp.disc(0, 1.98, 0.085, (240, 90, 80))
    stamp.box(-0.46, 1.18, 0.46, 1.78, light, 0.18)
    stamp.box(-0.37, 1.27, 0.37, 1.68, _INK, 0.13)
    for side in (-1, 1):
        stamp.disc(side * 0.16, 1.52, 0.09, (120, 235, 245))
        stamp.disc(side * 0.16 + 0.03, 1.55, 0.03, _WHITE)
        stamp.box(side * 0.5 - 0.05, 1.38, side * 0.5 + 0.05, 1.58, dark, 0.04)
    stamp.line(_curve((-0.13, 1.37), (0, 1.29), (0.13, 1.37)), (120, 235, 245), 0.035)


def house(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    wall, lamp = mix(_WHITE, colours.sun, 0.3), (255, 214, 120)
    wall = mix(wall, colours.near, 0.45) if colours.dark else wall
    stamp.box(0.34, 1.1, 0.54, 1.72, mix(colour, _INK, 0.4))
    for index in range(4):
        stamp.disc(0.46 + 0.07 * index, 1.86 + 0.17 * index, 0.08 + 0.035 * index, mix(colours.low, _WHITE, 0.5))
    stamp.box(-0.72, 0, 0.72, 0.95, wall)
    stamp.polygon([(-0.92, 0.9), (0, 1.62), (0.92, 0.9)], colour)
    stamp.polygon([(-0.92, 0.9), (-0.8, 0.9), (0.06, 1.58), (0, 1.62)], mix(colour, _WHITE, 0.25))
    stamp.box(-0.15, 0, 0.15, 0.56, mix(colour, _INK, 0.5), 0.02)
    stamp.disc(0.08, 0.26, 0.025, lamp)
    for side in (-1, 1):
        stamp.box(side * 0.45 - 0.15, 0.38, side * 0.45 + 0.15, 0.7, lamp if colours.dark else (150, 196, 220))
        stamp.box(side * 0.45 - 0.012, 0.38, side * 0.45 + 0.012, 0.7, _WHITE)
        stamp.box(side * 0.45 - 0.15, 0.53, side * 0.45 + 0.15, 0.554, _WHITE)
    stamp.disc(0, 1.16, 0.11, lamp if colours.dark else (150, 196, 220))


def castle(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    stone = mix(mix((176, 170, 176), colours.near, 0.35 if colours.dark else 0.1), colours.low, 0.15)
    for x, wide, tall in ((-0.7, 0.2, 1.15), (0.7, 0.2, 1.15), (-0.3, 0.18, 1.45), (0.32, 0.16, 1.3)):
        tone = mix(stone, _INK, 0.12)
        stamp.box(x - wide, 0, x + wide, tall, tone)
        stamp.polygon([(x - wide * 1.25, tall), (x, tall + 0.5), (x + wide * 1.25, tall)], colour)
        stamp.box(x - 0.035, tall - 0.32, x + 0.035, tall - 0.14, (255, 214, 120) if colours.dark else _INK, 0.03)
        stamp.line([(x, tall + 0.48), (x, tall + 0.66)], _INK, 0.02)
        stamp.polygon([(x, tall + 0.66), (x + 0.2, tall + 0.59), (x, tall + 0.52)], colours.accent)
    stamp.box(-0.85, 0, 0.85, 0.62, stone)
    for index in range(9):
        stamp.box(-0.85 + 0.2 * index, 0.6, -0.75 + 0.2 * index, 0.73, stone)
    stamp.disc(0, 0.28, 0.18, _INK)
    stamp.box(-0.18, 0, 0.18, 0.28, _INK)


def lighthouse(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    stamp.disc(0, 0, 0.75, mix(colours.near, _INK, 0.3), flat=0.35)
    stamp.canvas.glow(*stamp._to(0, 1.79), stamp.unit * 1.1, (255, 236, 170), 0.75)
    for index in range(5):
        low, high = 0.12 + 0.29 * index, 0.12 + 0.29 * (index + 1)
        left, right = 0.34 - 0.032 * index, 0.34 - 0.032 * (index + 1)
        stamp.polygon([(-left, low), (left, low), (right, high), (-right, high)], colour if index % 2 == 0 else _WHITE)
    stamp.box(-0.27, 1.57, 0.27, 1.64, _INK)
    stamp.box(-0.14, 1.64, 0.14, 1.9, (255, 240, 180))
    stamp.box(-0.015, 1.64, 0.015, 1.9, _INK)
    stamp.polygon([(-0.2, 1.9), (0, 2.1), (0.2, 1.9)], colour)


def boat(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    for index in range(5):
        stamp.disc(0.1 * (index % 2), -0.08 - 0.08 * index, 0.75 - 0.1 * index, mix(colours.near, colour, 0.4), flat=0.035)
    stamp.line([(0, 0.2), (0, 1.85)], mix((120, 80, 50), _INK, 0.2), 0.05)
    stamp.polygon([(0.06, 0.42), *_curve((0.06, 1.8), (0.75, 1.05), (0.85, 0.46))], _WHITE)
    stamp.polygon([(-0.06, 0.42), *_curve((-0.06, 1.6), (-0.55, 1.0), (-0.62, 0.46))], mix(_WHITE, colours.accent, 0.4))
    stamp.polygon([(0, 1.84), (0.3, 1.93), (0, 2.02)], colours.accent)
    stamp.polygon([(-0.85, 0.32), (0.95, 0.32), *_curve((0.95, 0.32), (0.7, -0.02), (0.45, 0.0)), (-0.55, 0)], colour)
    stamp.polygon([(-0.85, 0.32), (0.95, 0.32), (0.91, 0.25), (-0.81, 0.25)], mix(colour, _WHITE, 0.5))


def balloon(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    other = mix(colours.sun, _WHITE, 0.4)
    for side in (-1, 1):
        stamp.line([(side * 0.13, 0.2), (side * 0.3, 0.72)], _INK, 0.018)
    for index, wide in enumerate((0.62, 0.46, 0.27, 0.09)):
        tone = colour if index % 2 == 0 else other
        stamp.polygon([(-wide, 1.2), *((wide * math.cos(a), 1.3 + 0.68 * math.sin(a)) for a in _half()), (wide, 1.2), (wide * 0.28, 0.62), (-wide * 0.28, 0.62)], tone)
    stamp.box(-0.2, 0.58, 0.2, 0.66, mix(colour, _INK, 0.4), 0.03)
    stamp.box(-0.17, 0, 0.17, 0.24, (150, 104, 62), 0.04)
    stamp.box(-0.19, 0.19, 0.19, 0.25, (112, 74, 44), 0.03)


def _half() -> list[float]:
    return [math.pi * (1 - step / 24) for step in range(25)]


def rocket(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    for wide, low, tone in ((0.24, -0.5, (250, 130, 60)), (0.15, -0.28, (255, 214, 100)), (0.07, -0.1, _WHITE)):
        stamp.polygon([(-wide, 0.24), *_curve((-wide, 0.2), (-wide * 0.8, low * 0.4), (0, low)), *_curve((0, low), (wide * 0.8, low * 0.4), (wide, 0.2))], tone)
    for side in (-1, 1):
        stamp.polygon([(side * 0.26, 0.75), (side * 0.62, 0.22), (side * 0.56, 0.02), (side * 0.2, 0.26)], colour)
    hull = [*_curve((-0.22, 0.2), (-0.52, 1.1), (0, 2.0)), *_curve((0, 2.0), (0.52, 1.1), (0.22, 0.2))]
    stamp.polygon(hull, _WHITE)
    stamp.polygon([(x, y) for x, y in hull if x >= 0.0] + [(0.08, 0.2)], mix(_WHITE, colours.top, 0.18))
    stamp.polygon([(-0.2, 1.58), *(p for p in hull if p[1] >= 1.56), (0.2, 1.58)], colour)
    stamp.disc(0, 1.15, 0.18, mix(colour, _INK, 0.3))
    stamp.disc(0, 1.15, 0.13, (140, 210, 235))
    stamp.disc(-0.04, 1.19, 0.04, _WHITE)
    stamp.box(-0.06, 0.1, 0.06, 0.62, colour, 0.04)


def flower(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    green = mix((62, 140, 76), colours.near, 0.3)
    stamp.line(_curve((0.05, 0), (-0.12, 0.6), (0, 1.35)), green, 0.07)
    for side in (-1, 1):
        stamp.polygon([*_curve((-0.02, 0.35), (side * 0.2, 0.75), (side * 0.62, 0.78)), *_curve((side * 0.62, 0.78), (side * 0.5, 0.4), (-0.02, 0.35))], green)
    for ring, across, tone in ((12, 0.44, mix(colour, _INK, 0.14)), (12, 0.36, colour)):
        for turn in range(ring):
            angle = 2 * math.pi * (turn + (across == 0.36) * 0.5) / ring
            stamp.disc(across * math.cos(angle), 1.42 + across * math.sin(angle), 0.17, tone)
    stamp.disc(0, 1.42, 0.27, (120, 78, 40))
    for turn in range(14):
        stamp.disc(0.17 * math.cos(turn * 2.4) * math.sqrt(turn / 9), 1.42 + 0.17 * math.sin(turn * 2.4) * math.sqrt(turn / 9), 0.028, (250, 205, 90))


def tree(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    stamp.shadow(mix(colours.near, (0, 0, 0), 0.4), 0.7)
    bark = mix((110, 74, 48), colours.near, 0.3)
    stamp.polygon([(-0.2, 0), (-0.09, 0.9), (0.09, 0.9), (0.22, 0)], bark)
    for side in (-1, 1):
        stamp.line([(0, 0.6), (side * 0.36, 1.1)], bark, 0.07)
    for x, y, size, share in ((-0.42, 1.12, 0.4, 0.15), (0.42, 1.15, 0.42, 0.2), (0, 1.2, 0.5, 0.1), (-0.22, 1.5, 0.42, 0.0), (0.26, 1.52, 0.4, 0.0), (0, 1.72, 0.34, 0.0)):
        stamp.disc(x, y, size, mix(colour, _INK, share))
    for x, y, size in ((-0.25, 1.66, 0.2), (0.15, 1.82, 0.15), (0.28, 1.42, 0.13), (-0.4, 1.26, 0.13)):
        stamp.disc(x, y, size, mix(colour, _WHITE, 0.16))


def fish(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    stamp.polygon([(0.5, 0.95), (1.0, 1.4), (0.88, 0.95), (1.0, 0.5)], mix(colour, _INK, 0.2))
    stamp.polygon([(-0.2, 1.25), *_curve((-0.2, 1.25), (0.1, 1.75), (0.4, 1.2))], mix(colour, _INK, 0.2))
    stamp.disc(0, 0.95, 0.7, colour, flat=0.6)
    stamp.disc(-0.02, 0.82, 0.55, mix(colour, _WHITE, 0.35), flat=0.42)
    for index in range(3):
        stamp.line(_curve((-0.1 + 0.22 * index, 1.2), (0.04 + 0.22 * index, 0.97), (-0.1 + 0.22 * index, 0.72)), mix(colour, _WHITE, 0.5), 0.035)
    stamp.disc(-0.42, 1.07, 0.1, _WHITE)
    stamp.disc(-0.44, 1.07, 0.055, _INK)
    for index in range(3):
        stamp.disc(-0.85 - 0.08 * (index % 2), 1.2 + 0.26 * index, 0.05 + 0.02 * index, mix(colours.low, _WHITE, 0.5))


def birds(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    tone = mix(colours.near, _INK, 0.3) if not colours.dark else mix(colours.low, _WHITE, 0.4)
    for x, y, size in ((-0.7, 1.5, 0.3), (0.0, 1.85, 0.36), (0.6, 1.4, 0.26), (-0.2, 1.1, 0.22), (0.9, 1.9, 0.2), (-1.1, 1.9, 0.18)):
        for side in (-1, 1):
            stamp.line(_curve((x, y), (x + side * size * 0.4, y + size * 0.75), (x + side * size, y + size * 0.3)), tone, size * 0.14)


_COATS: dict[str, RGB] = {
    "cat": (86, 80, 98), "fox": (226, 112, 48), "dog": (206, 150, 92), "robot": (96, 142, 176), "tree": (70, 150, 88),
    "house": (196, 76, 62), "castle": (150, 74, 96), "lighthouse": (214, 64, 58), "boat": (190, 66, 58),
    "rocket": (222, 66, 70), "flower": (238, 176, 52), "fish": (244, 136, 62), "balloon": (220, 74, 70),
}  # fmt: skip
_DRAW: dict[str, Callable[[Stamp, RGB, Palette], None]] = {
    "cat": cat, "fox": fox, "dog": dog, "robot": robot, "house": house, "castle": castle, "lighthouse": lighthouse,
    "boat": boat, "balloon": balloon, "rocket": rocket, "flower": flower, "tree": tree, "fish": fish, "birds": birds,
}  # fmt: skip
#: Half the width, and where the foot is: on the ground (None) or at a height.
_PLACES: dict[str, tuple[float, float | None]] = {
    "balloon": (0.25, 0.68), "birds": (0.13, 0.5), "fish": (0.24, 0.88), "rocket": (0.22, 0.8), "house": (0.24, None),
    "castle": (0.3, None), "lighthouse": (0.26, None), "flower": (0.25, None), "tree": (0.27, None),
}  # fmt: skip


def place(canvas: Canvas, colours: Palette, wish: Wish, ground: float) -> None:
    """Draw the figures of a wish side by side; a colour word before them colours the first."""
    many = len(wish.figures)
    for index, name in enumerate(wish.figures):
        half, foot = _PLACES.get(name, (0.23, None))
        unit = half * min(1.0, canvas.wide * 1.15) * (1.0 if many == 1 else 0.82)
        across = 0.5 + canvas.between(-0.08, 0.08) if many == 1 else (index + 0.7 + canvas.between(0, 0.1)) / (many + 0.5)
        coat = wish.colours[0] if wish.colours and index == 0 else _COATS.get(name, colours.accent)
        coat = mix(coat, colours.near, 0.18) if colours.dark else coat
        _DRAW[name](Stamp(canvas, canvas.wide * across, ground if foot is None else foot, unit), coat, colours)
