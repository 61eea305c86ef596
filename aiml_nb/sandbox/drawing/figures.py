"""The figures that a prompt may name: which function draws each, how large, where it stands, and in which colour.

Each is drawn in its own coordinates, x from -1 to 1 and y from 0 (the foot) to 2 (the top).
"""

from __future__ import annotations

from collections.abc import Callable

from . import animals, things
from .canvas import Canvas, mix
from .palette import Palette
from .stamp import Stamp
from .words import RGB, Wish

_COATS: dict[str, RGB] = {
    "cat": (86, 80, 98), "fox": (226, 112, 48), "dog": (206, 150, 92), "robot": (96, 142, 176), "tree": (70, 150, 88),
    "house": (196, 76, 62), "castle": (150, 74, 96), "lighthouse": (214, 64, 58), "boat": (190, 66, 58),
    "rocket": (222, 66, 70), "flower": (238, 176, 52), "fish": (244, 136, 62), "balloon": (220, 74, 70),
}  # fmt: skip
_DRAW: dict[str, Callable[[Stamp, RGB, Palette], None]] = {
    "cat": animals.cat, "fox": animals.fox, "dog": animals.dog, "robot": things.robot, "house": things.house, "castle": things.castle, "lighthouse": things.lighthouse,
    "boat": things.boat, "balloon": things.balloon, "rocket": things.rocket, "flower": things.flower, "tree": things.tree, "fish": animals.fish, "birds": animals.birds,
}  # fmt: skip
#: Half the width, and where the foot is: on the ground (None) or at a height.
_PLACES: dict[str, tuple[float, float | None]] = {
    "balloon": (0.25, 0.68), "birds": (0.19, 0.56), "fish": (0.24, 1.0), "rocket": (0.22, 0.8), "house": (0.24, None),
    "castle": (0.3, None), "lighthouse": (0.26, None), "flower": (0.25, None), "tree": (0.27, None),
}  # fmt: skip


def place(canvas: Canvas, colours: Palette, wish: Wish, ground: float) -> None:
    """Draw the figures of a wish side by side; a colour word right before one colours it."""
    many = len(wish.figures)
    for index, name in enumerate(wish.figures):
        half, foot = _PLACES.get(name, (0.23, None))
        unit = half * min(1.0, canvas.wide * 1.15) * (1.0 if many == 1 else 0.82)
        across = (
            0.5 + canvas.between(-0.08, 0.08) if many == 1 else (index + 0.7 + canvas.between(0, 0.1)) / (many + 0.5)
        )
        coat = wish.coats[index] or _COATS.get(name, colours.accent)
        coat = mix(coat, colours.near, 0.18) if colours.dark else coat
        _DRAW[name](Stamp(canvas, canvas.wide * across, ground if foot is None else foot, unit), coat, colours)
