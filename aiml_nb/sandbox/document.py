"""Reads documents without AI: the text of a PDF as Markdown with its headings, and its pictures; of a picture, plain facts.

pypdf and Pillow do the reading. Nothing here knows of HTTP.
"""

from __future__ import annotations

import base64
import io
import re
from typing import Any

from . import inputs
from .reading import Received, lines_of
from .refusal import Refusal, invalid

_POINTS = 72  # an inch has


def pdf(data: bytes, wanted: Any, where: str) -> list[dict[str, Any]]:
    """The pages in Mistral's shape. wanted: which, as text or list, counted from 0; None for all."""
    import pypdf

    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise invalid(where, "This PDF needs a password")
        numbers = chosen(wanted, len(reader.pages))
        return [_page(reader.pages[number], number) for number in numbers]
    except Refusal:
        raise
    except Exception:  # noqa: BLE001 - a broken PDF raises nearly anything
        raise invalid(where, "This PDF cannot be read") from None


def chosen(wanted: Any, many: int) -> list[int]:
    """The page numbers that `wanted` means: None, a list, or a text such as "0-2,4"; Refusal 400 for one that there is not."""
    if wanted is None:
        return list(range(many))
    numbers: list[int] = []
    for part in str(wanted).split(",") if isinstance(wanted, str) else map(str, wanted):
        match = re.fullmatch(r"\s*(\d{1,6})\s*(?:-\s*(\d{1,6}))?\s*", part)
        if match is None:
            raise invalid("pages", f"Expected numbers and ranges such as 0-2,4, received {part[:40]!r}")
        numbers += range(int(match[1]), int(match[2] or match[1]) + 1)
    if any(number >= many for number in numbers):
        raise invalid("pages", f"The document has {many} pages, counted from 0")
    return numbers


def _page(page: Any, number: int) -> dict[str, Any]:
    images = [_image(image, number, index) for index, image in enumerate(page.images)]
    text = _markdown(lines_of(page))
    shown = "".join(f"\n\n![{image['id']}]({image['id']})" for image in images)
    box = page.mediabox
    size = {"dpi": _POINTS, "height": round(float(box.height)), "width": round(float(box.width))}
    return {"index": number, "markdown": (text + shown).strip(), "images": images, "dimensions": size}


def _markdown(found: list[tuple[float, str]]) -> str:
    """Lines as Markdown: those set larger than most are headings, the largest of them the highest."""
    weight: dict[float, int] = {}
    for height, text in found:
        weight[height] = weight.get(height, 0) + len(text)
    body = max(weight, key=lambda height: (weight[height], -height), default=0.0)
    larger = sorted({height for height in weight if height > body * 1.08}, reverse=True)
    out = []
    for height, text in found:
        out.append(f"\n{'#' * min(3, 1 + larger.index(height))} {text}\n" if height in larger else text)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(out)).strip()


def _image(image: Any, page: int, index: int) -> dict[str, Any]:
    kind = "png" if image.name.lower().endswith("png") else "jpeg"
    picture = image.image
    width, height = picture.size if picture else (0, 0)
    return _described(f"img-{page}-{index}.{kind}", image.data, kind, width, height)


def _described(name: str, data: bytes, kind: str, width: int, height: int) -> dict[str, Any]:
    place = {"top_left_x": 0, "top_left_y": 0, "bottom_right_x": width, "bottom_right_y": height}
    return {"id": name, **place, "image_base64": f"data:image/{kind};base64,{base64.b64encode(data).decode()}"}


def picture(data: bytes, where: str) -> dict[str, Any]:
    """A picture as one page: what can be told of it, and that nothing was read in it."""
    opened = inputs.picture(data, where)
    told = Received(data, "picture").describe().partition("**: ")[2]
    kind = {b"\x89P": "png", b"RI": "webp"}.get(data[:2], "jpeg")
    image = _described(f"img-0-0.{kind}", data, kind, *opened.size)
    text = f"This is the sandbox: no AI ran, so no text was read in this picture.\n\n- {told.replace('; ', chr(10) + '- ')}"
    size = {"dpi": _POINTS, "height": opened.height, "width": opened.width}
    return {"index": 0, "markdown": f"{text}\n\n![{image['id']}]({image['id']})", "images": [image], "dimensions": size}
