"""Figures that live: cat, fox, dog, fish, birds; each takes a stamp, its own colour and the picture's colours."""

from __future__ import annotations

import math

from .canvas import mix
from .palette import Palette
from .stamp import INK, WHITE, Stamp, curve
from .words import RGB


def _body(stamp: Stamp, colour: RGB, belly: RGB) -> None:
    """A sitting animal's body with its front paws."""
    stamp.disc(0, 0.5, 0.56, colour, flat=0.95)
    stamp.disc(0, 0.85, 0.42, colour, flat=1.2)
    stamp.disc(0, 0.62, 0.26, belly, flat=1.5)
    for side in (-1, 1):
        stamp.disc(side * 0.2, 0.09, 0.2, mix(colour, WHITE, 0.16), flat=0.5)


def _face(stamp: Stamp, eye: RGB, nose: RGB, slit: bool) -> None:
    for side in (-1, 1):
        stamp.disc(side * 0.2, 1.47, 0.1, eye, flat=1.1)
        stamp.disc(side * 0.2, 1.47, 0.045 if slit else 0.062, INK, flat=1.9 if slit else 1.0)
        stamp.disc(side * 0.2 + 0.025, 1.51, 0.02, WHITE)
    stamp.polygon([(-0.06, 1.34), (0.06, 1.34), (0, 1.27)], nose)
    for side in (-1, 1):
        stamp.line(curve((0, 1.27), (side * 0.05, 1.18), (side * 0.14, 1.23)), INK, 0.022)


def cat(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    """A sitting cat with a tail and whiskers."""
    stamp.shadow(mix(colours.near, (0, 0, 0), 0.5))
    stamp.line(curve((0.4, 0.12), (1.1, 0.1), (0.86, 0.85)), colour, 0.17)
    _body(stamp, colour, mix(colour, WHITE, 0.55))
    for side in (-1, 1):
        stamp.polygon([(side * 0.1, 1.72), (side * 0.44, 2.03), (side * 0.47, 1.5)], colour)
        stamp.polygon([(side * 0.2, 1.72), (side * 0.39, 1.9), (side * 0.41, 1.58)], mix(colour, (255, 160, 160), 0.5))
    stamp.disc(0, 1.42, 0.49, colour, flat=0.86)
    for x in (-0.1, 0.0, 0.1):
        stamp.line([(x, 1.8), (x * 0.8, 1.68)], mix(colour, INK, 0.4), 0.035)
    stamp.disc(0, 1.27, 0.2, mix(colour, WHITE, 0.6), flat=0.6)
    _face(stamp, (190, 225, 120), (225, 120, 130), True)
    for side in (-1, 1):
        for rise in (-0.03, 0.06):
            stamp.line(
                [(side * 0.22, 1.28 + rise * 0.4), (side * 0.62, 1.26 + rise * 2)], mix(colour, WHITE, 0.8), 0.014
            )


def fox(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    """A sitting fox with a bushy tail."""
    stamp.shadow(mix(colours.near, (0, 0, 0), 0.5))
    for size, at, tone in ((0.3, 0.0, colour), (0.34, 0.3, colour), (0.27, 0.62, colour), (0.18, 0.88, WHITE)):
        stamp.disc(0.68 + 0.22 * math.sin(3 * at), 0.22 + at, size, tone)
    _body(stamp, colour, WHITE)
    for side in (-1, 1):
        stamp.polygon([(side * 0.08, 1.7), (side * 0.42, 2.1), (side * 0.46, 1.5)], colour)
        stamp.polygon([(side * 0.27, 1.93), (side * 0.42, 2.1), (side * 0.44, 1.82)], INK)
    stamp.polygon([(-0.56, 1.56), (-0.3, 1.76), (0.3, 1.76), (0.56, 1.56), (0, 1.1)], colour)
    for side in (-1, 1):
        stamp.polygon([(side * 0.54, 1.54), (side * 0.26, 1.44), (0, 1.22), (0, 1.1)], WHITE)
        stamp.disc(side * 0.2, 1.53, 0.06, INK)
        stamp.disc(side * 0.2 + 0.02, 1.55, 0.018, WHITE)
    stamp.disc(0, 1.15, 0.075, INK, flat=0.8)


def dog(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    """A sitting dog with a collar."""
    stamp.shadow(mix(colours.near, (0, 0, 0), 0.5))
    stamp.line(curve((0.42, 0.3), (0.85, 0.4), (0.8, 0.78)), colour, 0.13)
    _body(stamp, colour, mix(colour, WHITE, 0.6))
    stamp.disc(0, 1.44, 0.46, colour, flat=0.92)
    stamp.disc(0, 1.28, 0.25, mix(colour, WHITE, 0.6), flat=0.8)
    for side in (-1, 1):
        stamp.disc(side * 0.45, 1.4, 0.17, mix(colour, INK, 0.45), flat=1.9)
        stamp.disc(side * 0.17, 1.52, 0.065, INK)
        stamp.disc(side * 0.17 + 0.02, 1.545, 0.02, WHITE)
    stamp.disc(0, 1.19, 0.07, (230, 110, 120), flat=1.4)
    stamp.disc(0, 1.36, 0.095, INK, flat=0.75)
    stamp.box(-0.3, 1.0, 0.3, 1.07, colours.accent, 0.03)


def fish(stamp: Stamp, colour: RGB, colours: Palette) -> None:
    """A fish and its bubbles."""
    stamp.polygon([(0.5, 0.95), (1.0, 1.4), (0.88, 0.95), (1.0, 0.5)], mix(colour, INK, 0.2))
    stamp.polygon([(-0.2, 1.25), *curve((-0.2, 1.25), (0.1, 1.75), (0.4, 1.2))], mix(colour, INK, 0.2))
    stamp.disc(0, 0.95, 0.7, colour, flat=0.6)
    stamp.disc(-0.02, 0.82, 0.55, mix(colour, WHITE, 0.35), flat=0.42)
    for index in range(3):
        stamp.line(
            curve((-0.1 + 0.22 * index, 1.2), (0.04 + 0.22 * index, 0.97), (-0.1 + 0.22 * index, 0.72)),
            mix(colour, WHITE, 0.5),
            0.035,
        )
    stamp.disc(-0.42, 1.07, 0.1, WHITE)
    stamp.disc(-0.44, 1.07, 0.055, INK)
    for index in range(3):
        stamp.disc(-0.85 - 0.08 * (index % 2), 1.2 + 0.26 * index, 0.05 + 0.02 * index, mix(colours.low, WHITE, 0.5))


def birds(stamp: Stamp, _colour: RGB, colours: Palette) -> None:
    """A flock of birds far away."""
    tone = mix(colours.near, INK, 0.3) if not colours.dark else mix(colours.low, WHITE, 0.4)
    for x, y, size in (
        (-0.7, 1.5, 0.3),
        (0.0, 1.85, 0.36),
        (0.6, 1.4, 0.26),
        (-0.2, 1.1, 0.22),
        (0.9, 1.9, 0.2),
        (-1.1, 1.9, 0.18),
    ):
        for side in (-1, 1):
            stamp.line(
                curve((x, y), (x + side * size * 0.4, y + size * 0.75), (x + side * size, y + size * 0.3)),
                tone,
                size * 0.14,
            )
