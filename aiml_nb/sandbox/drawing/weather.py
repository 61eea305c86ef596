"""What falls from the sky, painted over everything else: snow and rain."""

from __future__ import annotations

from .canvas import Canvas, mix
from .words import Wish


def fall(canvas: Canvas, wish: Wish) -> None:
    """Snow or rain, when the wish has it."""
    if wish.weather == "snow":
        for _ in range(260):
            depth = canvas.chance()
            canvas.disc(
                canvas.between(0, canvas.wide),
                canvas.chance(),
                0.0015 + 0.005 * depth**3,
                mix((214, 224, 240), (255, 255, 255), depth),
            )
    elif wish.weather == "rain":
        for _ in range(220):
            x, y, long = canvas.between(-0.05, canvas.wide), canvas.chance(), canvas.between(0.02, 0.05)
            canvas.line([(x, y), (x - long * 0.25, y + long)], (200, 214, 232), 0.0016)
