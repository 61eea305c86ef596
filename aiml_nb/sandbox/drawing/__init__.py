"""Pictures from a prompt and a seed, drawn by Pillow: the same each time, different for each seed, no AI.

`draw` paints a landscape or pattern with the figures that the prompt names; `retouch` repaints a picture in the
prompt's colours. Only this folder needs Pillow; nothing here knows of HTTP or models.
"""

from __future__ import annotations

import hashlib

from PIL import Image, ImageOps

from .canvas import Canvas
from .cosmos import abstract, space
from .figures import place
from .palette import palette
from .scenery import Scene, city, desert, forest, hills, meadow, mountains, sea
from .weather import fall
from .words import Wish, wish

__all__ = ["draw", "retouch"]

CAPTION = "sandbox"
_SCENES: dict[str, Scene] = {
    "mountains": mountains, "sea": sea, "forest": forest, "city": city, "desert": desert, "space": space,
    "meadow": meadow, "hills": hills, "abstract": abstract,
}  # fmt: skip
_UNASKED = ("hills", "mountains", "sea", "forest", "meadow", "desert")


def draw(prompt: str, width: int, height: int, seed: int, *, avoid: str = "") -> Image.Image:
    """An RGB picture of width x height pixels. avoid: words of the prompt to leave out, and `sun` or `moon`."""
    asked = wish(prompt, avoid)
    canvas = Canvas(width, height, _mixed(prompt, seed))
    colours = palette(canvas, asked)
    ground = _scene(canvas, asked)(canvas, colours, asked)
    place(canvas, colours, asked, ground)
    fall(canvas, asked)
    canvas.caption(CAPTION)
    return canvas.finish()


def _scene(canvas: Canvas, asked: Wish) -> Scene:
    chosen = canvas.pick(_UNASKED)
    return _SCENES[asked.place or ("hills" if asked.figures and chosen in ("forest", "sea") else chosen)]


def _mixed(prompt: str, seed: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{seed}\n{prompt}".encode()).digest()[:8], "big")


def retouch(
    image: Image.Image, mask: Image.Image | None, prompt: str, size: tuple[int, int], seed: int, *, avoid: str = ""
) -> Image.Image:
    """`image` at `size`, repainted in the prompt's colours: everywhere, or where `mask` is transparent. avoid: as in `draw`."""
    canvas = Canvas(*size, _mixed(prompt, seed))
    base = ImageOps.fit(image.convert("RGB"), canvas.image.size, Image.Resampling.BICUBIC)
    colours = palette(canvas, wish(prompt, avoid))
    grey = ImageOps.autocontrast(ImageOps.grayscale(base))
    painted = ImageOps.colorize(grey, black=colours.near, white=colours.sun, mid=colours.middle)
    if mask is not None:
        kept = ImageOps.fit(mask.convert("RGBA").getchannel("A"), canvas.image.size, Image.Resampling.NEAREST)
        painted = Image.composite(base, painted, kept)
    canvas.image.paste(painted)
    canvas.caption(CAPTION)
    return canvas.finish()
