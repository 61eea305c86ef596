"""The places: each function paints a landscape from the horizon forward and tells where the ground is."""

from __future__ import annotations

import math
from collections.abc import Callable

from .canvas import Canvas, Point, mix, ragged, waves
from .palette import Palette
from .words import Wish

Scene = Callable[[Canvas, Palette, Wish], float]


def sky(canvas: Canvas, colours: Palette, wish: Wish, horizon: float) -> None:
    """Sky, sun or moon, stars, clouds."""
    canvas.gradient([(0.0, colours.top), (0.55, colours.middle), (1.0, colours.low)], 0.0, horizon)
    if colours.dark:
        _stars(canvas, horizon)
    x, y = canvas.wide * canvas.pick([0.24, 0.34, 0.66, 0.76]), horizon * canvas.between(0.3, 0.62)
    across = canvas.between(0.06, 0.095)  # asked for in any case, so that all else stays where it is without a moon
    if wish.sun:
        canvas.glow(x, y, 0.5, colours.sun, 0.3 if colours.dark else 0.6)
        canvas.disc(x, y, across, colours.sun)
        if colours.dark:
            _craters(canvas, colours, x, y)
    if not colours.dark or wish.weather == "clouds":
        _clouds(canvas, colours, horizon, 7 if wish.weather == "clouds" else 3)


def _stars(canvas: Canvas, horizon: float) -> None:
    for _ in range(130):
        bright = canvas.between(90, 255)
        spot = canvas.pick([0.0011, 0.0011, 0.0016, 0.0024])
        tone = (round(bright), round(bright), min(255, round(bright * 1.06)))
        canvas.disc(canvas.between(0, canvas.wide), canvas.between(0, horizon), spot, tone)


def _craters(canvas: Canvas, colours: Palette, x: float, y: float) -> None:
    for dx, dy, across in ((-0.018, -0.012, 0.013), (0.02, 0.014, 0.017), (-0.008, 0.026, 0.008)):
        canvas.disc(x + dx, y + dy, across, mix(colours.sun, colours.low, 0.28))


def _clouds(canvas: Canvas, colours: Palette, horizon: float, many: int) -> None:
    for _ in range(many):
        x, y = canvas.between(0, canvas.wide), canvas.between(0.08, horizon * 0.72)
        size = canvas.between(0.05, 0.1)
        tone = mix(mix(colours.middle, colours.low, y / horizon), (255, 255, 255), 0.12 if colours.dark else 0.42)
        canvas.rectangle(x - 2.1 * size, y - 0.2 * size, x + 2.1 * size, y + 0.3 * size, tone, round_by=0.25 * size)
        canvas.disc(x - 0.6 * size, y - 0.2 * size, 0.62 * size, tone)
        canvas.disc(x + 0.45 * size, y - 0.35 * size, 0.85 * size, tone)
        canvas.rectangle(x - 2.1 * size, y + 0.06 * size, x + 2.1 * size, y + 0.31 * size, tone, round_by=0.12 * size)


def ridge(canvas: Canvas, line: Callable[[float], float], colour: tuple[int, int, int]) -> list[Point]:
    """Fill everything below a line; gives its points."""
    steps = 160
    points = [(canvas.wide * i / steps, line(i / steps)) for i in range(steps + 1)]
    canvas.polygon([(0, 1.01), *points, (canvas.wide, 1.01)], colour)
    return points


def hills(canvas: Canvas, colours: Palette, wish: Wish) -> float:
    """Rolling hills, one behind the other, with trees."""
    sky(canvas, colours, wish, 0.66)
    for index in range(6):
        depth = index / 5
        base, height = 0.5 + 0.42 * depth**1.2, 0.075 - 0.02 * depth
        curve = waves(canvas, 3, 0.9 + 0.25 * canvas.wide)
        land = mix(colours.land(depth), colours.low, 0.35 * (1 - depth))
        land = mix(land, (245, 248, 252), 0.72 - 0.3 * depth) if wish.weather == "snow" else land
        points = ridge(canvas, lambda x, b=base, h=height, c=curve: b + h * c(x), land)  # type: ignore[misc]
        if index in (2, 3, 4):
            for _ in range(4 + 3 * index):
                at = canvas.pick(points)
                _round_tree(canvas, at[0], at[1] + 0.006, 0.016 + 0.024 * depth, mix(land, colours.near, 0.55))
    return 0.9


def mountains(canvas: Canvas, colours: Palette, wish: Wish) -> float:
    """Ridges in the haze, the highest with snow, and firs in front."""
    sky(canvas, colours, wish, 0.72)
    for index in range(4):
        depth = index / 3
        base, height = 0.5 + 0.25 * depth, 0.25 - 0.13 * depth
        line = ragged(canvas, 120, 1.0 - 0.3 * depth)
        land = mix(colours.land(0.1 + 0.75 * depth), colours.low, 0.45 * (1 - depth))
        ys = [base - height * value for value in line]
        points = [(canvas.wide * i / (len(ys) - 1), y) for i, y in enumerate(ys)]
        canvas.polygon([(0, 1.01), *points, (canvas.wide, 1.01)], land)
        if index < 2:
            _snow(
                canvas,
                points,
                base - height * (0.38 if wish.weather != "snow" else -0.2),
                mix(land, (255, 255, 255), 0.78 if not colours.dark else 0.4),
            )
    _firs(canvas, colours, wish, 0.93, 0.16)
    return 0.93


def _snow(canvas: Canvas, points: list[Point], line: float, colour: tuple[int, int, int]) -> None:
    """White above a height, with a ragged lower edge."""
    run: list[Point] = []
    for x, y in [*points, (0.0, 2.0)]:
        if y < line:
            run.append((x, y))
            continue
        if len(run) > 2:
            low = [(px, min(line, py + (line - py) * canvas.between(0.35, 1.0))) for px, py in reversed(run)]
            canvas.polygon([*run, *low], colour)
        run = []


def forest(canvas: Canvas, colours: Palette, wish: Wish) -> float:
    """Rows of firs that fade into the mist."""
    sky(canvas, colours, wish, 0.85)
    for index in range(6):
        depth = index / 5
        tone = mix(colours.land(depth), colours.low, 0.5 * (1 - depth))
        base, curve = 0.56 + 0.45 * depth, waves(canvas, 2, 1.0)
        ridge(canvas, lambda x, b=base, c=curve: b + 0.02 * c(x), tone)  # type: ignore[misc]
        x = canvas.between(-0.1, 0.0)
        while x < canvas.wide + 0.1:
            size = (0.11 + 0.2 * depth) * canvas.between(0.65, 1.25)
            fir(canvas, x, base + 0.02 * curve(x / canvas.wide) + 0.02, size, tone, white=wish.weather == "snow")
            x += size * canvas.between(0.22, 0.48)
    return 0.97


def _firs(canvas: Canvas, colours: Palette, wish: Wish, base: float, height: float) -> None:
    tone = mix(colours.near, (0, 0, 0), 0.25)
    curve = waves(canvas, 2, 0.8)
    ridge(canvas, lambda x: base + 0.03 * curve(x), tone)
    x = canvas.between(-0.05, 0.05)
    while x < canvas.wide:
        if canvas.chance() < 0.75:
            size = height * canvas.between(0.5, 1.15)
            fir(canvas, x, base + 0.03 * curve(x / canvas.wide) + 0.015, size, tone, white=wish.weather == "snow")
        x += canvas.between(0.02, 0.1)


def fir(
    canvas: Canvas, x: float, y: float, height: float, colour: tuple[int, int, int], *, white: bool = False
) -> None:
    """A fir with its foot at (x, y)."""
    canvas.rectangle(x - height * 0.025, y - height * 0.15, x + height * 0.025, y, mix(colour, (0, 0, 0), 0.3))
    for tier in range(4):
        top, bottom = y - height * (1 - 0.2 * tier), y - height * (0.62 - 0.18 * tier)
        half = height * (0.11 + 0.055 * tier)
        canvas.polygon([(x, top), (x + half, bottom), (x, bottom - height * 0.03), (x - half, bottom)], colour)
        if white:
            canvas.polygon(
                [
                    (x, top),
                    (x + half * 0.62, top + (bottom - top) * 0.62),
                    (x, top + (bottom - top) * 0.45),
                    (x - half * 0.62, top + (bottom - top) * 0.62),
                ],
                mix(colour, (255, 255, 255), 0.7),
            )


def _round_tree(canvas: Canvas, x: float, y: float, size: float, colour: tuple[int, int, int]) -> None:
    canvas.rectangle(x - size * 0.09, y - size * 0.8, x + size * 0.09, y, mix(colour, (0, 0, 0), 0.3))
    canvas.disc(x, y - size * 1.25, size * 0.62, colour, flat=1.15)
    canvas.disc(x - size * 0.14, y - size * 1.4, size * 0.36, mix(colour, (255, 255, 255), 0.12))


def sea(canvas: Canvas, colours: Palette, wish: Wish) -> float:
    """Water with the light on it, and far shores."""
    horizon = canvas.between(0.5, 0.58)
    sky(canvas, colours, wish, horizon)
    line = ragged(canvas, 60, 0.8)
    shore = mix(colours.far, colours.low, 0.3)
    step = canvas.wide / (len(line) - 1)
    canvas.polygon(
        [(0, horizon), *((i * step, horizon - 0.035 - 0.045 * v) for i, v in enumerate(line)), (canvas.wide, horizon)],
        shore,
    )
    deep = mix(colours.near, colours.top, 0.55)
    canvas.gradient([(0.0, mix(colours.low, colours.top, 0.35)), (1.0, deep)], horizon, 1.0)
    for _ in range(150):
        depth = canvas.chance() ** 1.4
        y = horizon + 0.008 + (0.99 - horizon) * depth
        x, half = canvas.between(0, canvas.wide), (0.012 + 0.07 * depth) * canvas.between(0.5, 1.4)
        ground = mix(mix(colours.low, colours.top, 0.35), deep, depth)
        tone = mix(
            ground, colours.sun if canvas.chance() < 0.6 else colours.top, canvas.between(0.12, 0.4) * (1 - 0.4 * depth)
        )
        canvas.disc(x, y, half, tone, flat=0.05)
    return 0.8


def desert(canvas: Canvas, colours: Palette, wish: Wish) -> float:
    """Dunes with a lit and a shaded side."""
    sky(canvas, colours, wish, 0.62)
    sand = mix((232, 178, 110), colours.far, 0.55 if colours.dark else 0.2)
    for index in range(5):
        depth = index / 4
        curve = waves(canvas, 2, 0.8)
        base = 0.55 + 0.34 * depth
        light = mix(mix(sand, colours.near, 0.45 * depth), colours.low, 0.4 * (1 - depth))
        points = ridge(canvas, lambda x, b=base, c=curve: b + 0.06 * c(x), light)  # type: ignore[misc]
        start = int(canvas.between(0.05, 0.6) * 160)
        lee = points[start : start + 90]
        foot = [
            (x - 0.14 * math.sin(math.pi * i / 89), y + 0.2 * math.sin(math.pi * i / 89) ** 1.3)
            for i, (x, y) in enumerate(lee)
        ]
        canvas.polygon([*lee, *reversed(foot)], mix(light, colours.near, 0.22))
    return 0.92


def city(canvas: Canvas, colours: Palette, wish: Wish) -> float:
    """A skyline in three layers, with windows lit."""
    sky(canvas, colours, wish, 0.95)
    for index in range(3):
        depth = index / 2
        tone = mix(colours.land(0.2 + 0.8 * depth), colours.low, 0.4 * (1 - depth))
        x = -0.02
        while x < canvas.wide:
            width = canvas.between(0.05, 0.13)
            _tower(canvas, colours, x, width, canvas.between(0.3, 0.62) + 0.2 * depth, tone, index)
            x += width * canvas.between(0.9, 1.12)
    canvas.rectangle(0, 0.965, canvas.wide, 1.01, mix(colours.near, (0, 0, 0), 0.4))
    return 0.97


def _tower(
    canvas: Canvas, colours: Palette, x: float, width: float, top: float, tone: tuple[int, int, int], layer: int
) -> None:
    canvas.rectangle(x, top, x + width, 1.01, tone)
    roof = canvas.pick(["flat", "flat", "spire", "step"])
    if roof == "spire":
        canvas.polygon([(x + width * 0.42, top), (x + width * 0.5, top - 0.09), (x + width * 0.58, top)], tone)
    elif roof == "step":
        canvas.rectangle(x + width * 0.2, top - 0.03, x + width * 0.8, top, tone)
    if not layer:
        return
    lit = mix(tone, (255, 214, 130) if colours.dark else (255, 244, 214), 0.75 if colours.dark else 0.38)
    columns = max(2, round(width / 0.022))
    cell = width / columns
    for row in range(int((0.95 - top) / 0.03)):
        for column in range(columns):
            if canvas.chance() < 0.42:
                left, up = x + (column + 0.28) * cell, top + 0.014 + row * 0.03
                canvas.rectangle(left, up, left + cell * 0.46, up + 0.014, lit)


def meadow(canvas: Canvas, colours: Palette, wish: Wish) -> float:
    """Soft hills and a field full of flowers."""
    sky(canvas, colours, wish, 0.6)
    for index in range(3):
        curve = waves(canvas, 2, 0.9)
        tone = mix(colours.land(0.15 + 0.25 * index), (120, 180, 90), 0.0 if colours.dark or wish.land else 0.35)
        ridge(canvas, lambda x, b=0.52 + 0.07 * index, c=curve: b + 0.035 * c(x), tone)  # type: ignore[misc]
    blooms = [
        colours.accent,
        mix(colours.accent, (255, 255, 255), 0.45),
        colours.sun,
        mix(colours.accent, colours.top, 0.5),
    ]
    spots = sorted(canvas.chance() for _ in range(240))
    for depth in spots:
        x, y, size = canvas.between(0, canvas.wide), 0.68 + 0.34 * depth, 0.005 + 0.016 * depth
        canvas.line([(x, y), (x + size * 0.4, y + size * 4)], mix(colours.near, (40, 90, 50), 0.4), size * 0.22)
        bloom = canvas.pick(blooms)
        for turn in range(5):
            angle = turn * 2 * math.pi / 5
            canvas.disc(x + size * 0.8 * math.cos(angle), y + size * 0.8 * math.sin(angle), size * 0.58, bloom)
        canvas.disc(x, y, size * 0.45, mix(colours.sun, (250, 200, 60), 0.5))
    return 0.93
