"""POST /v1/ocr: a PDF's own text as Markdown, page by page, with its pictures; of a picture, what can be told without AI."""

from __future__ import annotations

import json
from typing import Any

from .base import Handler
from .inputs import received
from .instances import instance
from .reading import sniff
from .refusal import invalid
from .tokens import digest, meta


class OCRHandler(Handler):
    """Documents read."""

    def prompt(self, _body: dict[str, Any]) -> str:
        """A document has no prompt: a fault can be asked for in the base URL only."""
        return ""

    async def answer(self, body: dict[str, Any]) -> None:
        """Answer a POST."""
        model = self.wanted(body, "ocr")
        document = body["document"]
        name = document["type"]
        data = received(self.shop, document.get(name), f"document.{name}")
        pages = await self.apart(_read, data, body, f"document.{name}")
        answer: dict[str, Any] = {"pages": pages, "model": model.id}
        if wanted := body.get("document_annotation_format"):
            text = "\n".join(page["markdown"] for page in pages)
            schema = (wanted.get("json_schema") or {}).get("schema")
            if not isinstance(schema, dict):
                raise invalid("document_annotation_format.json_schema", "Required: an object with name and schema")
            answer["document_annotation"] = json.dumps(instance(schema, text), ensure_ascii=False)
        answer |= {
            "usage_info": {"pages_processed": len(pages), "doc_size_bytes": len(data)},
            "meta": meta(digest(pages)),
        }
        await self.reply(answer, 201 if model.facts.get("created") else 200)


def _read(data: bytes, body: dict[str, Any], where: str) -> list[dict[str, Any]]:
    from . import document

    kind = sniff(data)
    if kind == "application/pdf":
        pages = document.pdf(data, body.get("pages"), where)
    elif kind.startswith("image/"):
        pages = [document.picture(data, where)]
    else:
        raise invalid(where, f"Expected a PDF or a picture, received {kind}")
    smallest = body.get("image_min_size") or 1
    left = body.get("image_limit")
    for page in pages:
        kept = [
            image
            for image in page["images"]
            if min(image["bottom_right_x"] or 1, image["bottom_right_y"] or 1) >= smallest
        ]
        page["images"] = kept if left is None else kept[: max(0, left)]
        left = None if left is None else left - len(page["images"])
        for image in page["images"]:
            image["image_base64"] = image["image_base64"] if body.get("include_image_base64") else None
    return pages
