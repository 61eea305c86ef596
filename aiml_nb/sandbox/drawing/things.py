"""Figures that are made or grow: robot, house, castle, boat, tree and more, called as those of `animals`."""

from __future__ import annotations

import math

from .canvas import mix
from .palette import Palette
from .stamp import INK, WHITE, Stamp, curve
from .words import RGB


def robot(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    """A robot that waves."""
    dark, light = mix(colour, INK, 0.45), mix(colour, WHITE, 0.4)
    stamp.shadow(mix(colours.near, (0, 0, 0), 0.5))
    for side in (-1, 1):
        stamp.box(side * 0.26 - 0.11, 0.08, side * 0.26 + 0.11, 0.5, dark)
        stamp.box(side * 0.28 - 0.2, 0.0, side * 0.28 + 0.2, 0.14, light, 0.07)
        stamp.line(curve((side * 0.5, 0.98), (side * 0.86, 0.9), (side * 0.78, 0.52 if side < 0 else 1.28)), dark, 0.12)
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
    stamp.box(-0.37, 1.27, 0.37, 1.68, INK, 0.13)
    for side in (-1, 1):
        stamp.disc(side * 0.16, 1.52, 0.09, (120, 235, 245))
        stamp.disc(side * 0.16 + 0.03, 1.55, 0.03, WHITE)
        stamp.box(side * 0.5 - 0.05, 1.38, side * 0.5 + 0.05, 1.58, dark, 0.04)
    stamp.line(curve((-0.13, 1.37), (0, 1.29), (0.13, 1.37)), (120, 235, 245), 0.035)


def house(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    """A house with a smoking chimney."""
    wall, lamp = mix(WHITE, colours.sun, 0.3), (255, 214, 120)
    wall = mix(wall, colours.near, 0.45) if colours.dark else wall
    stamp.box(0.34, 1.1, 0.54, 1.72, mix(colour, INK, 0.4))
    for index in range(4):
        stamp.disc(0.46 + 0.07 * index, 1.86 + 0.17 * index, 0.08 + 0.035 * index, mix(colours.low, WHITE, 0.5))
    stamp.box(-0.72, 0, 0.72, 0.95, wall)
    stamp.polygon([(-0.92, 0.9), (0, 1.62), (0.92, 0.9)], colour)
    stamp.polygon([(-0.92, 0.9), (-0.8, 0.9), (0.06, 1.58), (0, 1.62)], mix(colour, WHITE, 0.25))
    stamp.box(-0.15, 0, 0.15, 0.56, mix(colour, INK, 0.5), 0.02)
    stamp.disc(0.08, 0.26, 0.025, lamp)
    for side in (-1, 1):
        stamp.box(side * 0.45 - 0.15, 0.38, side * 0.45 + 0.15, 0.7, lamp if colours.dark else (150, 196, 220))
        stamp.box(side * 0.45 - 0.012, 0.38, side * 0.45 + 0.012, 0.7, WHITE)
        stamp.box(side * 0.45 - 0.15, 0.53, side * 0.45 + 0.15, 0.554, WHITE)
    stamp.disc(0, 1.16, 0.11, lamp if colours.dark else (150, 196, 220))


def castle(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    """A castle with four towers and flags."""
    stamp.disc(0, 0.0, 1.15, mix(colours.near, INK, 0.2), flat=0.22)
    stone = mix(mix((176, 170, 176), colours.near, 0.35 if colours.dark else 0.1), colours.low, 0.15)
    for x, wide, tall in ((-0.7, 0.2, 1.15), (0.7, 0.2, 1.15), (-0.3, 0.18, 1.45), (0.32, 0.16, 1.3)):
        tone = mix(stone, INK, 0.12)
        stamp.box(x - wide, 0, x + wide, tall, tone)
        stamp.polygon([(x - wide * 1.25, tall), (x, tall + 0.5), (x + wide * 1.25, tall)], colour)
        stamp.box(x - 0.035, tall - 0.32, x + 0.035, tall - 0.14, (255, 214, 120) if colours.dark else INK, 0.03)
        stamp.line([(x, tall + 0.48), (x, tall + 0.66)], INK, 0.02)
        stamp.polygon([(x, tall + 0.66), (x + 0.2, tall + 0.59), (x, tall + 0.52)], colours.accent)
    stamp.box(-0.85, 0, 0.85, 0.62, stone)
    for index in range(9):
        stamp.box(-0.85 + 0.2 * index, 0.6, -0.75 + 0.2 * index, 0.73, stone)
    stamp.disc(0, 0.28, 0.18, INK)
    stamp.box(-0.18, 0, 0.18, 0.28, INK)


def lighthouse(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    """A striped lighthouse, its lamp lit."""
    stamp.disc(0, 0, 0.75, mix(colours.near, INK, 0.3), flat=0.35)
    stamp.glow(0, 1.79, 1.1, (255, 236, 170), 0.75)
    for index in range(5):
        low, high = 0.12 + 0.29 * index, 0.12 + 0.29 * (index + 1)
        left, right = 0.34 - 0.032 * index, 0.34 - 0.032 * (index + 1)
        stamp.polygon([(-left, low), (left, low), (right, high), (-right, high)], colour if index % 2 == 0 else WHITE)
    stamp.box(-0.27, 1.57, 0.27, 1.64, INK)
    stamp.box(-0.14, 1.64, 0.14, 1.9, (255, 240, 180))
    stamp.box(-0.015, 1.64, 0.015, 1.9, INK)
    stamp.polygon([(-0.2, 1.9), (0, 2.1), (0.2, 1.9)], colour)


def boat(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    """A boat under two sails."""
    for index in range(5):
        stamp.disc(
            0.1 * (index % 2), -0.08 - 0.08 * index, 0.75 - 0.1 * index, mix(colours.near, colour, 0.4), flat=0.035
        )
    stamp.line([(0, 0.2), (0, 1.85)], mix((120, 80, 50), INK, 0.2), 0.05)
    stamp.polygon([(0.06, 0.42), *curve((0.06, 1.8), (0.75, 1.05), (0.85, 0.46))], WHITE)
    stamp.polygon([(-0.06, 0.42), *curve((-0.06, 1.6), (-0.55, 1.0), (-0.62, 0.46))], mix(WHITE, colours.accent, 0.4))
    stamp.polygon([(0, 1.84), (0.3, 1.93), (0, 2.02)], colours.accent)
    stamp.polygon([(-0.85, 0.32), (0.95, 0.32), *curve((0.95, 0.32), (0.7, -0.02), (0.45, 0.0)), (-0.55, 0)], colour)
    stamp.polygon([(-0.85, 0.32), (0.95, 0.32), (0.91, 0.25), (-0.81, 0.25)], mix(colour, WHITE, 0.5))


def balloon(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    """A hot-air balloon with its basket."""
    other = mix(colours.sun, WHITE, 0.4)
    for side in (-1, 1):
        stamp.line([(side * 0.13, 0.2), (side * 0.3, 0.72)], INK, 0.018)
    for index, wide in enumerate((0.62, 0.46, 0.27, 0.09)):
        tone = colour if index % 2 == 0 else other
        stamp.polygon(
            [
                (-wide, 1.2),
                *((wide * math.cos(a), 1.3 + 0.68 * math.sin(a)) for a in _half()),
                (wide, 1.2),
                (wide * 0.28, 0.62),
                (-wide * 0.28, 0.62),
            ],
            tone,
        )
    stamp.box(-0.2, 0.58, 0.2, 0.66, mix(colour, INK, 0.4), 0.03)
    stamp.box(-0.17, 0, 0.17, 0.24, (150, 104, 62), 0.04)
    stamp.box(-0.19, 0.19, 0.19, 0.25, (112, 74, 44), 0.03)


def _half() -> list[float]:
    return [math.pi * (1 - step / 24) for step in range(25)]


def rocket(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    """A rocket on its flame."""
    for wide, low, tone in ((0.24, -0.5, (250, 130, 60)), (0.15, -0.28, (255, 214, 100)), (0.07, -0.1, WHITE)):
        stamp.polygon(
            [
                (-wide, 0.24),
                *curve((-wide, 0.2), (-wide * 0.8, low * 0.4), (0, low)),
                *curve((0, low), (wide * 0.8, low * 0.4), (wide, 0.2)),
            ],
            tone,
        )
    for side in (-1, 1):
        stamp.polygon([(side * 0.26, 0.75), (side * 0.62, 0.22), (side * 0.56, 0.02), (side * 0.2, 0.26)], colour)
    hull = [*curve((-0.22, 0.2), (-0.52, 1.1), (0, 2.0)), *curve((0, 2.0), (0.52, 1.1), (0.22, 0.2))]
    stamp.polygon(hull, WHITE)
    stamp.polygon([(x, y) for x, y in hull if x >= 0.0] + [(0.08, 0.2)], mix(WHITE, colours.top, 0.18))
    stamp.polygon([(-0.2, 1.58), *(p for p in hull if p[1] >= 1.56), (0.2, 1.58)], colour)
    stamp.disc(0, 1.15, 0.18, mix(colour, INK, 0.3))
    stamp.disc(0, 1.15, 0.13, (140, 210, 235))
    stamp.disc(-0.04, 1.19, 0.04, WHITE)
    stamp.box(-0.06, 0.1, 0.06, 0.62, colour, 0.04)


def flower(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    """A large flower on a stem."""
    green = mix((62, 140, 76), colours.near, 0.3)
    stamp.line(curve((0.05, 0), (-0.12, 0.6), (0, 1.35)), green, 0.07)
    for side in (-1, 1):
        stamp.polygon(
            [
                *curve((-0.02, 0.35), (side * 0.2, 0.75), (side * 0.62, 0.78)),
                *curve((side * 0.62, 0.78), (side * 0.5, 0.4), (-0.02, 0.35)),
            ],
            green,
        )
    for ring, across, tone in ((12, 0.44, mix(colour, INK, 0.14)), (12, 0.36, colour)):
        for turn in range(ring):
            angle = 2 * math.pi * (turn + (across == 0.36) * 0.5) / ring
            stamp.disc(across * math.cos(angle), 1.42 + across * math.sin(angle), 0.17, tone)
    stamp.disc(0, 1.42, 0.27, (120, 78, 40))
    for turn in range(14):
        stamp.disc(
            0.17 * math.cos(turn * 2.4) * math.sqrt(turn / 9),
            1.42 + 0.17 * math.sin(turn * 2.4) * math.sqrt(turn / 9),
            0.028,
            (250, 205, 90),
        )


def tree(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    """A tree with a round crown."""
    stamp.shadow(mix(colours.near, (0, 0, 0), 0.4), 0.7)
    bark = mix((110, 74, 48), colours.near, 0.3)
    stamp.polygon([(-0.2, 0), (-0.09, 0.9), (0.09, 0.9), (0.22, 0)], bark)
    for side in (-1, 1):
        stamp.line([(0, 0.6), (side * 0.36, 1.1)], bark, 0.07)
    for x, y, size, share in (
        (-0.42, 1.12, 0.4, 0.15),
        (0.42, 1.15, 0.42, 0.2),
        (0, 1.2, 0.5, 0.1),
        (-0.22, 1.5, 0.42, 0.0),
        (0.26, 1.52, 0.4, 0.0),
        (0, 1.72, 0.34, 0.0),
    ):
        stamp.disc(x, y, size, mix(colour, INK, share))
    for x, y, size in ((-0.25, 1.66, 0.2), (0.15, 1.82, 0.15), (0.28, 1.42, 0.13), (-0.4, 1.26, 0.13)):
        stamp.disc(x, y, size, mix(colour, WHITE, 0.16))
