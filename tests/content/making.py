"""Pictures for the tests of this folder, made by Pillow."""

from __future__ import annotations

import io
import random

from PIL import Image

CANARY = "CANARY-OWNER-4711"


def noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """A picture whose every pixel differs, the same each time."""
    bands = len(Image.new(mode, (1, 1)).getbands())
    return Image.frombytes(mode, size, random.Random(7).randbytes(size[0] * size[1] * bands))


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def exif(*, orientation: int = 1, gps: bool = True) -> Image.Exif:
    """Exif with an owner, and a place unless told otherwise."""
    block = Image.Exif()
    block[0x013B] = CANARY
    if orientation != 1:
        block[0x0112] = orientation
    if gps:
        block.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 36.0)})
    return block
