"""Pictures that came from somewhere else: opened with care, shrunk for the notebook, laid out side by side.

Only PNG, JPEG, WEBP, GIF and AVIF are decoded, never more than 50 megapixels, and only if the file is whole; anything
else is refused in words. The originals are never changed: what is made here is the bounded copy inside a notebook. It
must not know where a picture came from or where it is kept.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import math
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import APIError, InvalidRequestError

if TYPE_CHECKING:
    from PIL import Image
    from PIL.ImageFile import ImageFile

#: The largest picture that is decoded, in pixels, and the largest file that is read, in bytes.
MAX_PIXELS = 50_000_000
MAX_BYTES = 200_000_000
#: A file up to this many bytes goes into the notebook as it is.
INLINE_BYTES = 200_000

_MIME = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif", "AVIF": "image/avif"}
_OTHERS = (
    (b"%PDF-", "a PDF"),
    (b"{", "JSON"),
    (b"[", "JSON"),
    (b"BM", "a BMP image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"%!PS", "PostScript"),
)
# What Pillow's decoders raise for damaged files; anything else would be a bug of ours.
_DAMAGED = (
    OSError,
    RuntimeError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    OverflowError,
    EOFError,
    struct.error,
    zlib.error,
)


def open_image(data: bytes | Path) -> Image.Image:
    """The decoded picture (of an animation, the first frame).

    Raises APIError (kind `protocol`) for what is no picture, broken, cut short or larger than `MAX_PIXELS`, and
    InvalidRequestError for a path that cannot be read.
    """
    return _load(_header(_bytes(data)))


def pixel_hash(image: Image.Image) -> str:
    """Twelve hex digits over mode, size and decoded pixels: the same for the same picture, whatever file it came from."""
    if image.mode in {"P", "PA"}:
        image = image.convert("RGBA")
    return hashlib.sha256(f"{image.mode} {image.size}".encode() + image.tobytes()).hexdigest()[:12]


def thumbnail(source: Image.Image | bytes | Path, max_edge: int = 768) -> tuple[bytes, str]:
    """A copy for the notebook as (bytes, MIME type): no side longer than `max_edge`, a few hundred kB at most.

    A small PNG, JPEG or animation passes untouched. Others become JPEG, or PNG (WEBP when that would be large) if they
    have transparent parts: every front end shows these. Raises as `open_image`.
    """
    if not isinstance(source, bytes | Path):
        return _encode(_shrink(source, max_edge))
    data = _bytes(source)
    image = _header(data)
    if _fits(image, data, max_edge):
        _load(image)
        return data, _MIME[str(image.format)]
    image.draft("RGB", (max_edge, max_edge))
    return _encode(_shrink(_load(image), max_edge))


def grid(images: Sequence[Image.Image], max_edge: int = 1024, gap: int = 8) -> tuple[bytes, str, tuple[int, int]]:
    """Several pictures on one sheet, in rows with even gaps: (bytes, MIME type, (width, height) in pixels)."""
    from PIL import Image

    if not images:
        msg = "no pictures to lay out"
        raise InvalidRequestError(msg, param="images", advice="Give at least one picture.")
    columns = 3 if len(images) == 3 else math.ceil(math.sqrt(len(images)))
    rows = math.ceil(len(images) / columns)
    room = (max_edge - gap * (columns - 1)) // columns
    cells = [_shrink(image, max(room, 16)).convert("RGBA") for image in images]
    width, height = max(cell.width for cell in cells), max(cell.height for cell in cells)
    sheet = Image.new("RGB", (columns * (width + gap) - gap, rows * (height + gap) - gap), "white")
    for index, cell in enumerate(cells):
        left, top = index % columns * (width + gap), index // columns * (height + gap)
        sheet.paste(cell, (left + (width - cell.width) // 2, top + (height - cell.height) // 2), cell)
    return (*_encode(sheet), sheet.size)


def _bytes(data: bytes | Path) -> bytes:
    if isinstance(data, bytes):
        return data
    try:
        if not data.is_file() or data.stat().st_size > MAX_BYTES:
            msg = f"{data.name!r} is not a picture file that can be read"
            raise InvalidRequestError(msg, advice=f"Give a regular file of at most {MAX_BYTES // 10**6} MB.")
        return data.read_bytes()
    except OSError as error:
        msg = f"cannot read {data.name!r}: {error.strerror}"
        raise InvalidRequestError(msg, advice="Check the path and its permissions.") from None


def _header(data: bytes) -> ImageFile:
    """The picture with its size known and nothing decoded."""
    kind = _format(data)
    if kind not in _MIME:
        raise _refused(f"this is {kind}, not a picture that can be shown")
    try:
        plugin = importlib.import_module(f"PIL.{_PLUGINS[kind]}ImagePlugin")
        # The plugin's class and not Image.open: no other decoder gets a try, and the limit below is the only one.
        image: ImageFile = getattr(plugin, f"{_PLUGINS[kind]}ImageFile")(io.BytesIO(data))
    except ModuleNotFoundError:
        raise _refused(f"this Pillow cannot read {kind}") from None
    except _DAMAGED as error:
        raise _broken(kind, error) from None
    width, height = image.size
    if width * height > MAX_PIXELS:
        limit = f"{MAX_PIXELS // 10**6} megapixels"
        raise _refused(f"the picture is too large to decode: {width} x {height} pixels, at most {limit} are allowed")
    return image


_PLUGINS = {"PNG": "Png", "JPEG": "Jpeg", "WEBP": "WebP", "GIF": "Gif", "AVIF": "Avif"}


def _load(image: ImageFile) -> ImageFile:
    try:
        image.load()
    except _DAMAGED as error:
        raise _broken(str(image.format), error) from None
    return image


def _format(data: bytes) -> str:
    """The format by its first bytes: a key of `_MIME`, or words for what it is instead."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        return "AVIF" if data[8:12] in {b"avif", b"avis"} else "HEIC or a video"
    return _other(data)


def _other(data: bytes) -> str:
    start = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        return "an empty file"
    if b"<svg" in start.lower():
        return "SVG, which can hold scripts"
    if start[:1] == b"<":
        return "HTML or XML"
    return next((words for magic, words in _OTHERS if start.startswith(magic)), "an unknown kind of file")


def _refused(message: str) -> APIError:
    return APIError(message, kind="protocol", advice=f"Pictures may be {', '.join(_MIME)}.")


def _broken(kind: str, error: BaseException) -> APIError:
    reason = str(error) or type(error).__name__
    return APIError(f"the {kind} picture is broken or cut short ({reason})", kind="protocol", advice="Fetch it again.")


def _fits(image: ImageFile, data: bytes, max_edge: int) -> bool:
    everywhere = image.format in {"PNG", "JPEG"} or getattr(image, "is_animated", False)
    return len(data) <= INLINE_BYTES and max(image.size) <= max_edge and everywhere and image.format != "AVIF"


def _shrink(image: Image.Image, max_edge: int) -> Image.Image:
    """A plain copy, upright, in a mode for the screen, no side longer than `max_edge`."""
    from PIL import ImageOps

    small = _screen(image)
    if max(small.size) > max_edge:
        small = small.copy() if small is image else small
        small.thumbnail((max_edge, max_edge), reducing_gap=2.0)
    return ImageOps.exif_transpose(small)


def _screen(image: Image.Image) -> Image.Image:
    """In mode L, RGB or RGBA."""
    if image.mode in {"L", "RGB", "RGBA"} and "transparency" not in image.info:
        return image
    if image.mode.startswith("I"):  # 16 bits a pixel; a plain conversion would clip nearly all of it to white
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in {"1", "F"}:
        return image.convert("L")
    alpha = image.has_transparency_data
    return image.convert("RGBA" if alpha else "RGB")


def _encode(image: Image.Image) -> tuple[bytes, str]:
    options: dict[str, Any] = {}
    if profile := image.info.get("icc_profile"):
        options["icc_profile"] = profile
    if image.mode != "RGBA" or image.getchannel("A").getextrema() == (255, 255):
        opaque = image if image.mode == "L" else image.convert("RGB")
        return _saved(opaque, "JPEG", quality=85, optimize=True, **options), "image/jpeg"
    png = _saved(image, "PNG", **options)
    if len(png) <= 2 * INLINE_BYTES:
        return png, "image/png"
    return _saved(image, "WEBP", quality=85, **options), "image/webp"


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
