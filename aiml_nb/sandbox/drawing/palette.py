"""Colours that go together, chosen by the time of day, by colour words, or by the seed."""

from __future__ import annotations

from dataclasses import dataclass

from .canvas import Canvas, hue, mix, shade
from .words import RGB, Wish


@dataclass(frozen=True, slots=True)
class Palette:
    """sky from top to horizon, the sun or moon, land far and near, and an accent for figures."""

    top: RGB
    middle: RGB
    low: RGB
    sun: RGB
    far: RGB
    near: RGB
    accent: RGB
    dark: bool = False

    def land(self, depth: float) -> RGB:
        """The land at `depth`, 0 far to 1 near."""
        return mix(self.far, self.near, depth)


_MOODS = {
    "night": [
        Palette((7, 11, 38), (23, 33, 84), (62, 74, 138), (246, 242, 222), (52, 64, 120), (10, 15, 42), (255, 205, 110), True),
        Palette((12, 8, 40), (46, 27, 92), (116, 70, 138), (250, 240, 225), (74, 50, 112), (18, 11, 44), (255, 190, 130), True),
        Palette((4, 20, 34), (10, 52, 72), (44, 112, 116), (240, 248, 232), (24, 82, 94), (4, 24, 36), (255, 214, 120), True),
    ],
    "sunset": [
        Palette((52, 36, 96), (206, 82, 102), (255, 176, 96), (255, 240, 190), (196, 94, 112), (44, 22, 58), (255, 214, 120)),
        Palette((70, 30, 80), (240, 96, 80), (255, 204, 112), (255, 246, 206), (206, 96, 84), (62, 24, 50), (255, 226, 140)),
    ],
    "dawn": [
        Palette((86, 98, 168), (226, 160, 182), (255, 222, 186), (255, 248, 226), (176, 148, 184), (58, 56, 100), (250, 140, 120)),
        Palette((104, 146, 190), (232, 196, 196), (255, 236, 206), (255, 250, 232), (158, 168, 190), (48, 72, 98), (240, 120, 110)),
    ],
    "day": [
        Palette((58, 142, 214), (140, 202, 238), (222, 242, 248), (255, 248, 214), (148, 194, 198), (38, 96, 74), (232, 84, 72)),
        Palette((80, 172, 196), (166, 220, 216), (244, 246, 222), (255, 250, 220), (154, 202, 178), (34, 98, 96), (240, 112, 80)),
        Palette((110, 160, 220), (196, 212, 240), (252, 236, 226), (255, 246, 216), (166, 182, 196), (74, 92, 60), (214, 78, 96)),
    ],
    "autumn": [
        Palette((232, 168, 96), (246, 208, 146), (253, 238, 206), (255, 250, 232), (214, 150, 98), (92, 44, 34), (196, 60, 44)),
        Palette((240, 150, 160), (250, 194, 178), (255, 232, 206), (255, 250, 236), (210, 134, 156), (82, 44, 84), (88, 60, 140)),
    ],
}  # fmt: skip


def palette(canvas: Canvas, wish: Wish) -> Palette:
    """The colours for a wish."""
    if wish.time:
        base: Palette = canvas.pick(_MOODS[wish.time])
    elif wish.place == "space":
        base = canvas.pick(_MOODS["night"])
    else:
        base = canvas.pick(
            [mood for name in ("day", "dawn", "sunset", "autumn", "day", "night") for mood in _MOODS[name]]
        )
    return _tinted(base, wish.sky, wish.land)


def _tinted(base: Palette, sky: RGB | None, land: RGB | None) -> Palette:
    """The same light in the colours that were asked for, in the sky and on the land."""
    top, middle, low, sun, far, near, accent = (
        base.top,
        base.middle,
        base.low,
        base.sun,
        base.far,
        base.near,
        base.accent,
    )
    if sky is not None:
        top, middle, low = (_like(sky, value) for value in ((0.1, 0.2, 0.38) if base.dark else (0.4, 0.64, 0.87)))
        sun = mix(sun, _like(sky, 0.9), 0.3)
    if land is not None:
        far, near = (_like(land, value) for value in ((0.26, 0.07) if base.dark else (0.6, 0.18)))
        far = mix(far, low, 0.25)
        accent = land if land != sky else accent
    return Palette(top, middle, low, sun, far, near, accent, base.dark)


def _like(colour: RGB, lightness: float) -> RGB:
    of, _, saturation = hue(colour)
    return shade(of + (lightness - 0.5) * 0.06, lightness, min(saturation, 0.75))
