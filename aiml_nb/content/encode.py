"""Pictures that live in memory, as the bytes of a file: a PIL image, a Matplotlib figure, a NumPy array.

Each function takes any value and gives None for what is not its own, except `picture_bytes`, which is asked only for a
PIL image. Nothing here reads a file.
"""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

from ..errors import InvalidRequestError
from .wording import human_size

if TYPE_CHECKING:
    from PIL.Image import Image

#: The most pixels that a picture may have: 48-megapixel phones pass, a decompression bomb does not.
MAX_PIXELS = 50_000_000

#: How each unusual mode is written, since PNG knows no ink, no floats and no premultiplied alpha.
_WRITTEN_AS = {"I": "I;16", "RGBa": "RGBA", "La": "LA", "PA": "RGBA", "F": "L"}
_PNG_MODES = {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}


def check_pixels(size: tuple[int, int], name: str) -> None:
    """Raises InvalidRequestError when a picture of `size` (width, height) is too large to be decoded here."""
    width, height = size
    if width * height > MAX_PIXELS:
        raise InvalidRequestError(
            f"{name} is too large: {width}×{height} is {width * height / 1e6:.0f} megapixels, "
            f"at most {MAX_PIXELS // 1_000_000} are taken",
            param="attach",
            advice="Save a smaller copy, or send it as it is with --original.",
        )


def picture_bytes(picture: Image) -> bytes:
    """A PIL image as a file: JPEG when it came from one, else PNG; upright, without metadata."""
    from PIL import ImageOps

    check_pixels(picture.size, "the picture")
    if 0 in picture.size:
        raise InvalidRequestError("the picture has no pixels", param="attach")
    out = io.BytesIO()
    try:
        if picture.format == "JPEG" and picture.getexif().get(0x0112, 1) == 1:
            # With the tables that it was written with, so that nothing is lost a second time.
            picture.save(
                out, "JPEG", quality="keep", exif=b"", icc_profile=picture.info.get("icc_profile"), comment=b""
            )
        elif picture.format == "JPEG":
            ImageOps.exif_transpose(picture).save(out, "JPEG", quality=95, exif=b"", comment=b"")
        else:
            writable(ImageOps.exif_transpose(picture)).save(out, "PNG", exif=None)
    except (OSError, ValueError, SyntaxError) as error:
        raise InvalidRequestError(f"the picture cannot be saved: {error}", param="attach") from error
    return out.getvalue()


def writable(picture: Image) -> Image:
    """The picture in a mode that PNG has."""
    return picture if picture.mode in _PNG_MODES else picture.convert(_WRITTEN_AS.get(picture.mode, "RGB"))


def figure_bytes(value: Any) -> bytes | None:
    """A Matplotlib figure, or what belongs to one (axes, a seaborn grid), as PNG."""
    figure: Any = value if callable(getattr(value, "savefig", None)) else getattr(value, "figure", None)
    if isinstance(value, type) or not callable(getattr(figure, "savefig", None)):
        return None
    out = io.BytesIO()
    figure.savefig(out, format="png", bbox_inches="tight")
    return out.getvalue()


def array_bytes(value: Any) -> bytes | None:
    """A uint8 array of shape (height, width) or (height, width, 3 or 4) as PNG. Raises InvalidRequestError for other arrays."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not isinstance(value, numpy.ndarray):
        return None
    from PIL import Image

    fits = value.ndim == 2 or (value.ndim == 3 and value.shape[2] in {3, 4})
    if str(value.dtype) != "uint8" or not fits:
        raise InvalidRequestError(
            f"an array of {value.dtype}, shape {value.shape} ({human_size(value.nbytes)}) is not a picture",
            param="attach",
            advice="It can be uint8, (height, width), or with 3 or 4 colours; from floats: (a * 255).astype('uint8').",
        )
    return picture_bytes(Image.fromarray(value))
