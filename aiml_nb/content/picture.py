"""A picture made ready for a model: checked, turned into a format that models take, no larger than they can use, and
without what it tells about its owner.

Pillow decodes; only the formats named here are ever opened, each by its own plugin, and only after its size was read from
its header. A picture that is small enough keeps its pixels bit for bit. Nothing here knows which model it is for.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING

from ..errors import InvalidRequestError, shorten
from .attachment import Attachment
from .encode import MAX_PIXELS, check_pixels, writable
from .privacy import strip
from .sniff import right_name
from .wording import human_size

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["MAX_EDGE", "MAX_PIXELS", "prepare_image"]

#: The longest edge that models make use of, in pixels.
MAX_EDGE = 2048

_PLUGINS = {
    "image/png": ("PngImagePlugin", "PngImageFile"),
    "image/jpeg": ("JpegImagePlugin", "JpegImageFile"),
    "image/webp": ("WebPImagePlugin", "WebPImageFile"),
    "image/gif": ("GifImagePlugin", "GifImageFile"),
    "image/bmp": ("BmpImagePlugin", "BmpImageFile"),
    "image/tiff": ("TiffImagePlugin", "TiffImageFile"),
    "image/avif": ("AvifImagePlugin", "AvifImageFile"),
}
#: What models take as it is; the others become PNG.
_TAKEN = {"image/png", "image/jpeg", "image/webp", "image/gif"}
_ORIENTATION, _PLACE = 0x0112, 0x8825
_ORIGINAL = "--original sends it as it is"


@dataclass(frozen=True, slots=True)
class _Found:
    """A decoded picture and what its file told: its size when upright, its frames, whether it named a place."""

    picture: Image
    size: tuple[int, int]
    frames: int
    place: bool


def prepare_image(attachment: Attachment, *, max_edge: int = MAX_EDGE, original: bool = False) -> Attachment:
    """The picture as it is to be sent; its `note` says what was done. What is no picture, or a URL, comes back unchanged.

    Larger than `max_edge` pixels on its longer edge, it is shrunk, upright, and of an animation the first frame. Else its
    pixels stay untouched and only metadata goes (BMP, TIFF and AVIF become PNG). original: the bytes, unchecked.
    Raises InvalidRequestError for a broken picture, one above `MAX_PIXELS`, or a format that cannot be opened here.
    """
    if max_edge < 1:
        raise InvalidRequestError(f"max_edge is {max_edge}; it must be at least 1 pixel", param="max_edge")
    if original or attachment.kind != "image" or attachment.url is not None:
        return attachment
    data = attachment.read()
    found = _decode(data, attachment, max_edge)
    if max(found.size) > max_edge:
        return _shrunk(attachment, data, found, max_edge)
    if attachment.mime in _TAKEN:
        try:
            cleaned = strip(data, attachment.mime)
        except ValueError:
            return _rewritten(attachment, found)  # Pillow reads what the walk does not know
        return _noted(attachment, cleaned.data, attachment.mime, [_place(cleaned.location or found.place)])
    return _rewritten(attachment, found)


def _decode(data: bytes, attachment: Attachment, max_edge: int) -> _Found:
    """Open, check the size, then decode: only decoding tells whether a picture is whole."""
    name = attachment.name or "the picture"
    try:
        module, plugin = _PLUGINS[attachment.mime]
        opener = getattr(import_module(f"PIL.{module}"), plugin)
    except (KeyError, AttributeError, ImportError):
        raise _refuse(f"{name} is {attachment.mime}, which cannot be opened here", "Save it as PNG or JPEG.") from None
    try:
        if attachment.mime == "image/webp":  # its decoder takes memory for the whole canvas when opened
            check_pixels(_webp_size(data), name)
        picture: Image = opener(io.BytesIO(data))
        check_pixels(picture.size, name)
        frames, place, turned = int(getattr(picture, "n_frames", 1)), _names_place(picture), _orientation(picture)
        size = picture.size[::-1] if turned > 4 else picture.size
        if max(size) <= max_edge:  # else shrinking loads it, a JPEG at a part of its size
            picture.load()
        return _Found(picture, size, frames, place)
    except InvalidRequestError:
        raise
    except Exception as error:
        raise _broken(name, error) from error


def _shrunk(attachment: Attachment, data: bytes, found: _Found, max_edge: int) -> Attachment:
    from PIL.Image import Resampling
    from PIL.ImageOps import exif_transpose

    try:
        picture = _smooth(found.picture)
        picture.thumbnail((max_edge, max_edge), Resampling.LANCZOS, reducing_gap=3.0)
        picture = exif_transpose(picture)
        small, mime = _encoded(picture, attachment.mime, len(data))
    except Exception as error:
        raise _broken(attachment.name, error) from error
    before, after = (f"{width}×{height}" for width, height in (found.size, picture.size))
    said = f"shrunk from {before} to {after} ({human_size(len(data))} to {human_size(len(small))})"
    return _noted(attachment, small, mime, [said, _frames(found, attachment.mime), _place(found.place)])


def _smooth(picture: Image) -> Image:
    """The picture in a mode that can be scaled smoothly: no palette, no 16 bits, no ink."""
    mode = picture.mode
    if mode in {"L", "LA", "RGB", "RGBA"} and "transparency" not in picture.info:
        return picture
    orientation = _orientation(picture)
    if mode.startswith("I"):
        smooth = picture.convert("I").point(lambda value: value * (1 / 257)).convert("L")
    elif "transparency" in picture.info or mode in {"PA", "RGBa", "La"}:
        smooth = picture.convert("RGBA")
    else:
        smooth = picture.convert("L" if mode in {"1", "F"} else "RGB")
        if mode == "CMYK":
            smooth.info.pop("icc_profile", None)
    if orientation != 1:
        smooth.getexif()[_ORIENTATION] = orientation
    return smooth


def _encoded(picture: Image, mime: str, before: int) -> tuple[bytes, str]:
    """The shrunk picture as a file: photographs stay JPEG, drawings PNG unless that made them heavier than they were."""
    opaque = picture.mode in {"L", "RGB"}
    profile = picture.info.get("icc_profile")
    if mime != "image/jpeg" or not opaque:
        drawn = _saved(picture, "PNG", icc_profile=profile, optimize=False)
        if not opaque or (len(drawn) <= before and mime != "image/webp"):
            return drawn, "image/png"
    return _saved(picture, "JPEG", icc_profile=profile, quality=90), "image/jpeg"


def _saved(picture: Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.info = {}  # comments and text chunks would be written again
    picture.save(out, form, exif=b"", **options)
    return out.getvalue()


def _rewritten(attachment: Attachment, found: _Found) -> Attachment:
    """The same pixels as PNG, upright."""
    from PIL.ImageOps import exif_transpose

    try:
        upright = writable(exif_transpose(found.picture))
        data = _saved(upright, "PNG", icc_profile=upright.info.get("icc_profile"), **_transparency(upright))
    except Exception as error:
        raise _broken(attachment.name, error) from error
    said = "" if attachment.mime == "image/png" else "sent as PNG"
    return _noted(attachment, data, "image/png", [said, _frames(found, attachment.mime), _place(found.place)])


def _transparency(picture: Image) -> dict[str, object]:
    return {"transparency": picture.info["transparency"]} if "transparency" in picture.info else {}


def _noted(attachment: Attachment, data: bytes, mime: str, said: list[str]) -> Attachment:
    notes = [note for note in said if note]
    return replace(
        attachment,
        mime=mime,
        name=right_name(attachment.name, mime) if attachment.name else "",
        path=None,
        stamp=None,
        data=data,  # in memory, so that a file that is changed later cannot bring its metadata back
        note="; ".join(filter(None, [attachment.note, *notes, _ORIGINAL if notes else ""])),
    )


def _place(told: bool) -> str:
    return "location removed" if told else ""


def _frames(found: _Found, mime: str) -> str:
    if found.frames < 2:
        return ""
    return f"the first of {found.frames} {'pages' if mime == 'image/tiff' else 'frames'}"


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height from the first chunk (WebP container specification, RFC 9649)."""
    form, body = data[12:16], data[20:30]
    if form == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if form == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return int.from_bytes(body[6:8], "little") & 0x3FFF, int.from_bytes(body[8:10], "little") & 0x3FFF


def _orientation(picture: Image) -> int:
    try:
        turned = int(picture.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 -- broken Exif tells nothing
        return 1
    return turned if 1 <= turned <= 8 else 1


def _names_place(picture: Image) -> bool:
    """Whether Exif or XMP tells where the picture was taken; broken ones tell nothing."""
    told = (picture.info.get(key) for key in ("xmp", "XML:com.adobe.xmp"))
    if any("GPSL" in (xmp.decode("latin-1") if isinstance(xmp, bytes) else str(xmp)) for xmp in told if xmp):
        return True
    try:
        return bool(picture.getexif().get_ifd(_PLACE).keys() - {0})
    except Exception:  # noqa: BLE001
        return False


def _broken(name: str, error: Exception) -> InvalidRequestError:
    return _refuse(
        f"{name} is damaged or cut short: {shorten(str(error) or type(error).__name__, 100)}",
        "Open it in a viewer and save it again, or get it anew.",
    )


def _refuse(message: str, advice: str) -> InvalidRequestError:
    return InvalidRequestError(message, param="attach", advice=advice)
