"""Two places without a horizon: space, and abstract forms in the manner of the Bauhaus."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw

from .canvas import Canvas, mix
from .palette import Palette
from .words import RGB, Wish


def space(canvas: Canvas, colours: Palette, wish: Wish) -> float:
    """Stars, a haze of light and planets, one with a ring."""
    canvas.gradient(
        [(0.0, mix(colours.top, (0, 0, 0), 0.5)), (0.6, colours.top), (1.0, mix(colours.middle, (0, 0, 0), 0.25))]
    )
    for tone in (colours.low, colours.accent, colours.middle):
        canvas.glow(canvas.between(0, canvas.wide), canvas.between(0.1, 0.9), canvas.between(0.35, 0.6), tone, 0.35)
    for _ in range(260):
        spot = canvas.pick([0.0011, 0.0011, 0.0016, 0.0026])
        bright = round(canvas.between(110, 255))
        canvas.disc(canvas.between(0, canvas.wide), canvas.between(0, 1), spot, (bright, bright, min(255, bright + 12)))
    side = canvas.pick([0.3, 0.7])
    first = wish.sky or colours.accent
    planet(canvas, canvas.wide * side, canvas.between(0.38, 0.56), canvas.between(0.19, 0.25), first, ring=True)
    second = mix(wish.land or colours.low, colours.top, 0.15)
    planet(canvas, canvas.wide * (1 - side), canvas.between(0.2, 0.8), canvas.between(0.05, 0.09), second, ring=False)
    return 0.86


def planet(canvas: Canvas, x: float, y: float, across: float, colour: RGB, *, ring: bool) -> None:
    """A striped globe lit from the upper left; drawn by itself and cut out with a disc."""
    span = max(4, round(2 * across * canvas.tall))
    globe = Image.new("RGB", (span, span), colour)
    pen = ImageDraw.Draw(globe)
    for band in range(9):
        top = span * band / 9 + span * canvas.between(-0.03, 0.03)
        tone = mix(colour, canvas.pick([(255, 255, 255), (0, 0, 0), (255, 210, 150)]), canvas.between(0.04, 0.22))
        pen.ellipse((-span * 0.3, round(top), span * 1.3, round(top + span * canvas.between(0.06, 0.16))), fill=tone)
    night = (
        Image.radial_gradient("L")
        .resize((span * 2, span * 2))
        .crop((round(span * 0.7), round(span * 0.7), round(span * 1.7), round(span * 1.7)))
    )
    globe.paste((4, 5, 20), (0, 0), night.resize((span, span)).point([min(235, round(v * 1.25)) for v in range(256)]))
    mask = Image.new("L", (span, span), 0)
    ImageDraw.Draw(mask).ellipse((0, 0, span - 1, span - 1), fill=255)
    rim = mix(colour, (255, 240, 215), 0.55)
    if ring:
        _ring(canvas, x, y, across, rim, back=True)
    canvas.image.paste(globe, (round(x * canvas.tall - span / 2), round(y * canvas.tall - span / 2)), mask)
    if ring:
        _ring(canvas, x, y, across, rim, back=False)


def _ring(canvas: Canvas, x: float, y: float, across: float, colour: RGB, *, back: bool) -> None:
    first = 180 if back else 0
    for wide, thick, share in ((2.0, 0.05, 0.0), (1.82, 0.09, 0.35), (1.6, 0.05, 0.6)):
        points = []
        for step in range(61):
            angle = math.radians(first + 3 * step)
            dx, dy = across * wide * math.cos(angle), across * wide * 0.26 * math.sin(angle)
            points.append((x + dx * 0.97 + dy * 0.24, y + dy * 0.97 - dx * 0.24))
        canvas.line(points, mix(colour, (40, 30, 60), share), across * thick)


def abstract(canvas: Canvas, colours: Palette, wish: Wish) -> float:
    """A grid of quarter circles, discs, stripes and triangles."""
    rows = canvas.pick([3, 4, 4, 5])
    cell = 1 / rows
    inks = [colours.top, colours.middle, colours.low, colours.near, colours.accent, colours.sun]
    inks += [ink for ink in (wish.sky, wish.land) if ink is not None]
    canvas.rectangle(0, 0, canvas.wide, 1, colours.low)
    for row in range(rows):
        for column in range(math.ceil(canvas.wide / cell)):
            ground = canvas.pick(inks)
            others = [ink for ink in inks if ink != ground]
            x, y = column * cell, row * cell
            canvas.rectangle(x, y, x + cell, y + cell, ground)
            canvas.pick(_TILES)(canvas, x, y, cell, canvas.pick(others), canvas.pick(others))
    return 0.95


def _quarter(canvas: Canvas, x: float, y: float, cell: float, ink: RGB, other: RGB) -> None:
    start = canvas.pick([0, 90, 180, 270])
    cx, cy = x + (cell if start in (90, 180) else 0), y + (cell if start in (180, 270) else 0)
    for across, tone in ((1.0, ink), (0.5, other)):
        points = [
            (
                cx + across * cell * math.cos(math.radians(start + 3 * i)),
                cy + across * cell * math.sin(math.radians(start + 3 * i)),
            )
            for i in range(31)
        ]
        canvas.polygon([(cx, cy), *points], tone)


def _disc(canvas: Canvas, x: float, y: float, cell: float, ink: RGB, other: RGB) -> None:
    canvas.disc(x + cell / 2, y + cell / 2, cell * 0.42, ink)
    canvas.disc(x + cell / 2, y + cell / 2, cell * canvas.pick([0.12, 0.2, 0.27]), other)


def _stripes(canvas: Canvas, x: float, y: float, cell: float, ink: RGB, _other: RGB) -> None:
    upright = canvas.chance() < 0.5
    for index in range(4):
        at = cell * (index * 0.25 + 0.06)
        box = (x + at, y, x + at + cell * 0.12, y + cell) if upright else (x, y + at, x + cell, y + at + cell * 0.12)
        canvas.rectangle(*box, ink)


def _triangle(canvas: Canvas, x: float, y: float, cell: float, ink: RGB, _other: RGB) -> None:
    corners = [(x, y), (x + cell, y), (x + cell, y + cell), (x, y + cell)]
    skip = canvas.pick([0, 1, 2, 3])
    canvas.polygon([corner for index, corner in enumerate(corners) if index != skip], ink)


def _halves(canvas: Canvas, x: float, y: float, cell: float, ink: RGB, other: RGB) -> None:
    for index, tone in ((0, ink), (1, other)):
        middle = y + cell * (0.5 * index)
        points = [
            (x + cell / 2 + cell / 2 * math.cos(math.pi * i / 30), middle + cell / 2 * math.sin(math.pi * i / 30))
            for i in range(31)
        ]
        canvas.polygon(points, tone)


def _dots(canvas: Canvas, x: float, y: float, cell: float, ink: RGB, _other: RGB) -> None:
    for row in range(3):
        for column in range(3):
            canvas.disc(x + cell * (column + 0.5) / 3, y + cell * (row + 0.5) / 3, cell * 0.09, ink)


_TILES = (_quarter, _quarter, _quarter, _disc, _disc, _stripes, _triangle, _halves, _dots)
