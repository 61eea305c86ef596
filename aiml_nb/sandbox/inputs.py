"""The files that a request names: data URLs decoded, and files that this server made itself; nothing is fetched.

Knows where made files are kept, and no medium.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import warnings
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from .refusal import invalid
from .shop import Shop

_OWN = re.compile(r"/files/([0-9a-f]{32}\.[a-z0-9]+)")


def received(shop: Shop, value: Any, where: str) -> bytes:
    """The bytes behind `value`: a data URL, plain base64, or the URL of a file made here; Refusal 400 for anything else."""
    if not isinstance(value, str) or not value:
        raise invalid(where, "Expected a URL or a data URL")
    if value.startswith(("http://", "https://")):
        return _own(shop, value, where)
    head, comma, body = value.partition(",")
    if value.startswith("data:") and not comma:
        raise invalid(where, "A data: URL needs a comma before its data")
    if comma and not head.endswith(";base64"):
        return unquote_to_bytes(body)
    try:
        return base64.b64decode(body if comma else value, validate=True)
    except (binascii.Error, ValueError):
        raise invalid(where, "The data is not valid base64 (nor an http or data: URL)") from None


def _own(shop: Shop, url: str, where: str) -> bytes:
    parts = urlsplit(url)
    match = _OWN.fullmatch(parts.path)
    if parts.netloc not in shop.hosts or match is None:
        raise invalid(
            where,
            "The sandbox fetches nothing from the network. Send the file itself as a base64 data URL, or the URL of a file "
            "that the sandbox made",
        )
    if match[1] not in shop.files:
        raise invalid(where, "This file is gone: the sandbox keeps its last files, while it runs")
    return shop.files[match[1]][0]


def picture(data: bytes, where: str) -> Any:
    """The PIL image in `data`, loaded; Refusal 400 for what is no picture or has too many pixels."""
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
            image.load()
    except Exception:  # noqa: BLE001 - Pillow's readers raise nearly anything for a broken file
        raise invalid(where, "Not a picture that can be read. Allowed: png, webp, jpg, below 89 megapixels") from None
    return ImageOps.exif_transpose(image)
