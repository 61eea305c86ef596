"""How a Document looks: its pages as Markdown through `render`, with the real pictures where the Markdown names them.

A picture goes in re-encoded by Pillow, as a data: URL. The text is cut at the lines where one stands, and each piece is
rendered by itself: nothing is put into HTML that was made from a model's text. Other addresses stay links.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import AIMLError
from ..render import parts
from ..render.markdown import to_html

if TYPE_CHECKING:
    from .ocr import Document, Page

#: Pictures of one document go into the notebook up to this many bytes together.
PICTURE_BYTES = 8_000_000

#: A picture that has a line to itself, and one anywhere.
_ALONE = re.compile(r"^[ \t]*!\[[^\]\n]*\]\(<?([^)\s>]+)>?[^)\n]*\)[ \t]*$", re.MULTILINE)


def html(document: Document) -> str:
    """All pages; a small heading stands above each when there are several."""
    room = _Room()
    return "".join(_page(page, room, several=len(document.pages) > 1) for page in document.pages)


def text(document: Document) -> str:
    """The Markdown itself, with the number of pictures of each page."""
    pieces = []
    for page in document.pages:
        head = f"Page {page.index + 1}\n" if len(document.pages) > 1 else ""
        count = len(page.images)
        pictures = f"\n({count} picture{'s' * (count != 1)})" if count else ""
        pieces.append(f"{head}{page.markdown or '(empty)'}{pictures}")
    return "\n\n".join(pieces)


class _Room:
    """How many bytes of pictures the notebook still takes."""

    def __init__(self) -> None:
        self.left = PICTURE_BYTES


def _page(page: Page, room: _Room, *, several: bool) -> str:
    head = parts.heading(f"Page {page.index + 1}") if several else ""
    pieces, at, placed = [], 0, set()
    for match in _ALONE.finditer(page.markdown):
        if match[1] in page.images:
            pieces += [_rendered(page.markdown[at : match.start()]), _picture(page.images, match[1], room)]
            at = match.end()
            placed.add(match[1])
    pieces.append(_rendered(page.markdown[at:]))
    pieces += [_picture(page.images, name, room) for name in page.images if name not in placed]
    return head + ("".join(pieces) or parts.note("(empty)"))


def _rendered(text: str) -> str:
    return to_html(text) if text.strip() else ""


def _picture(images: Mapping[str, Path | bytes], name: str, room: _Room) -> str:
    from ..render.picture import thumbnail

    try:
        data, mime = thumbnail(images[name])
    except AIMLError as error:
        return parts.note(f"{name}: {error}")
    if len(data) > room.left:
        return parts.note(f"{name}: no more pictures fit into the notebook; it is in .pages[i].images")
    room.left -= len(data)
    source = f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"
    return f'<img src="{source}" alt="{parts.escape(name)}" style="display:block;max-width:100%;margin:.5em 0">'
