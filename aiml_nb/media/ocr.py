"""OCR: a scan as a request to read it, and the answer's pages as a Document.

Pure: it builds the payload and reads the answer. Mistral's and Zhipu's answers are pages of Markdown with pictures in
base64; of Google's the provider tells no shape, so a text is looked for where Document AI and its kin put one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from ..client.embedded import REFERENCE
from ..content import Attachment
from ..errors import APIError, InvalidRequestError, shorten
from . import asking
from .files import File, Found, decoded, entry
from .result import Result

#: The catalogue types that this medium serves.
TYPES = ("internal/optical-character-recognition",)

#: Where it is asked for when no schema tells it.
PATH = "/v1/ocr"

#: The common vocabulary, which `schema.words` keeps.
WORDS = asking.WORDS["ocr"]

_TEXTS = ("markdown", "text", "content", "md", "transcript")
_WRAPS = ("document", "result", "output", "data", "responses")
_DEEP = 4


def taken(prompt: str, attachments: Sequence[Attachment] = ()) -> tuple[str, tuple[Attachment, ...]]:
    """Prompt and attachments, a prompt that is a URL being the document."""
    url = asking.address(prompt)
    return ("", (*attachments, Attachment.of(url))) if url else (prompt, tuple(attachments))


def request(prompt: str, *, model: str, **params: Any) -> dict[str, Any]:
    """The request in common words, for `schema.fit`. The document is an attachment."""
    return asking.request(prompt, model=model, params=params)


def payload(prompt: str, *, model: str, attachments: Sequence[Attachment] = (), **params: Any) -> dict[str, Any]:
    """The body for a model without a schema, in Mistral's form; pictures of the page are asked for unless told otherwise."""
    words, files = taken(prompt, attachments)
    if words:
        raise InvalidRequestError(
            "reading a document takes no prompt", param="prompt", advice="Attach it: -a FILE, or give its URL."
        )
    scan = asking.only(files, "document")
    if scan.kind not in {"image", "pdf"} and scan.url is None:
        raise asking.refused(scan, "a PDF or a picture")
    kind = "image_url" if scan.kind == "image" else "document_url"
    body = {"model": model, "document": {"type": kind, kind: asking.value(scan)}, "include_image_base64": True}
    return body | asking.on_the_wire(params, WORDS)


def found(answer: Any) -> list[Found]:
    """The pictures on the pages, in order; their `name` is what the page's Markdown calls them. There may be none."""
    return [row for _, row in _pictures(answer)]


@dataclass(frozen=True)
class Page:
    """One page: `.index` from 0, `.markdown`, `.images` by the names that the Markdown gives them (a path, or bytes)."""

    index: int
    markdown: str
    images: Mapping[str, Path | bytes] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Page({self.index}, {shorten(self.markdown, 60)!r}, {len(self.images)} images)"


class Document(Result):
    """What was read: `.text` as Markdown, `.pages`."""

    def __init__(self, pages: Sequence[Page] = (), raw: Any = None, *, model: str = "", provider: str = "") -> None:
        super().__init__(raw, model=model, provider=provider)
        self.pages = list(pages)

    @classmethod
    def from_json(cls, answer: Any, files: Sequence[Path | File] = (), *, model: str, provider: str = "") -> Self:
        """The result of an answer and the files of its pictures, one for each row of `found`; without them, base64 is decoded.

        Raises APIError (kind "protocol") when there is neither page nor text.
        """
        pages = _pages(answer)
        if not pages:
            raise APIError("the answer holds no text", advice="Run it again, or try another model.")
        held = _held(answer, files)
        made = [Page(index, text, held.get(at, {})) for at, (index, text) in enumerate(pages)]
        return cls(made, answer, model=model, provider=provider)

    @property
    def text(self) -> str:
        """All pages, with an empty line between them."""
        return "\n\n".join(page.markdown for page in self.pages if page.markdown)

    @property
    def paths(self) -> list[Path]:
        """Where the pictures are."""
        return [image for page in self.pages for image in page.images.values() if isinstance(image, Path)]

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Document({len(self.pages)} page{'s' * (len(self.pages) != 1)}, model={self.model!r})"

    def _body_html(self) -> str:
        from .document_drawing import html

        return html(self)

    def _body_text(self) -> str:
        from .document_drawing import text

        return text(self)


def _rows(answer: Any) -> list[Mapping[str, Any]]:
    """The pages with a text of their own, wherever they are."""
    for place in _places(answer):
        rows = place.get("pages")
        kept = (
            [row for row in rows if isinstance(row, Mapping) and _own_text(row) is not None]
            if isinstance(rows, list)
            else []
        )
        if kept:
            return kept
    return []


def _places(answer: Any, deep: int = _DEEP) -> Iterator[Mapping[str, Any]]:
    if isinstance(answer, Mapping):
        yield answer
        for key in _WRAPS if deep else ():
            yield from _places(answer.get(key), deep - 1)
    elif isinstance(answer, list) and deep:
        for each in answer[:100]:
            yield from _places(each, deep - 1)


def _pages(answer: Any) -> list[tuple[int, str]]:
    rows = _rows(answer)
    if rows:
        told = [row.get("index") for row in rows]
        counted = all(isinstance(index, int) and not isinstance(index, bool) for index in told)
        return [(int(told[at] or 0) if counted else at, _own_text(row) or "") for at, row in enumerate(rows)]
    for place in _places(answer):
        if (text := _own_text(place)) is not None:
            return list(enumerate(_by_anchors(place, text) or [text]))
    plain = next(
        (
            v
            for k in ("output", "result", "document")
            if isinstance(answer, dict) and isinstance(v := answer.get(k), str)
        ),
        None,
    )
    return [(0, plain)] if plain is not None else []


def _own_text(row: Mapping[str, Any]) -> str | None:
    return next((text for key in _TEXTS if isinstance(text := row.get(key), str)), None)


def _by_anchors(document: Mapping[str, Any], text: str) -> list[str]:
    """The pages of one long text, as Document AI marks them: `pages[].layout.textAnchor.textSegments[]`."""
    pages = document.get("pages")
    parts = [_anchored(page, text) for page in pages] if isinstance(pages, list) else []
    return [part for part in parts if part is not None] if parts and None not in parts else []


def _anchored(page: Any, text: str) -> str | None:
    try:
        segments = page["layout"]["textAnchor"]["textSegments"]
        return "".join(text[int(each.get("startIndex") or 0) : int(each["endIndex"])] for each in segments)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return None


def _pictures(answer: Any) -> Iterator[tuple[int, Found]]:
    """(which page, the file) of each picture."""
    for at, page in enumerate(_rows(answer)):
        images = page.get("images")
        for number, image in enumerate(images if isinstance(images, list) else ()):
            if not isinstance(image, Mapping):
                continue
            told = image.get("id")
            row = entry(image, "image", told if isinstance(told, str) and told else f"image-{number}")
            if row:
                yield at, row


def _held(answer: Any, files: Sequence[Path | File]) -> dict[int, dict[str, Path | bytes]]:
    """The pictures of each page by name."""
    rows = list(_pictures(answer))
    held: dict[int, dict[str, Path | bytes]] = {}
    for number, (at, row) in enumerate(rows):
        if len(files) == len(rows):
            each = files[number]
            image: Path | bytes | None = each.path if isinstance(each, File) else each
        else:
            image = _decoded(row["b64"])
        if image is not None:
            held.setdefault(at, {})[row["name"] or ""] = image
    return held


def _decoded(text: str | None) -> bytes | None:
    """The picture itself; None for a reference to a file that is not at hand, or what is no base64."""
    if not text or text.startswith(REFERENCE):
        return None
    try:
        return decoded(text)
    except APIError:
        return None
