"""POST /v1/images/generations and /v1/images/edits, and the files that their answers point to.

Pictures are drawn by `drawing` from prompt and seed, each time the same. Checks sizes and counts as the provider does.
"""

from __future__ import annotations

import base64
import hashlib
import io
import re
import warnings
from typing import Any

from . import catalogue
from .base import Handler
from .catalogue import Model
from .checking import check
from .refusal import CREATED, Refusal, invalid
from .tokens import digest, meta

SMALLEST, LARGEST = 64, 2048
#: The provider's names of sizes: width, height.
PRESETS = {
    "square_hd": (1024, 1024), "square": (512, 512), "portrait_4_3": (768, 1024), "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768), "landscape_16_9": (1024, 576),
}  # fmt: skip
_EDIT_FIELDS = (
    "n",
    "size",
    "quality",
    "background",
    "output_format",
    "output_compression",
    "response_format",
    "user",
    "seed",
)
_NUMBERS = ("n", "output_compression", "seed")


class _Pictures(Handler):
    """What both paths share: how an answer with pictures is made up."""

    async def hand_out(self, model: Model, body: dict[str, Any], drawn: list[tuple[Any, int]]) -> None:
        """Send pictures, (PIL image, seed) each, as files to download or as base64."""
        kind = body.get("output_format") or "png"
        quality = body.get("output_compression")
        rows = []
        for image, seed in drawn:
            data = await self.apart(encode, image, kind, 90 if quality is None else quality)
            rows.append(self._row(data, kind, image.size, body) | {"seed": seed})
        answer: dict[str, Any] = {"created": CREATED, "model": model.id, "data": rows, "meta": meta(digest(body))}
        if model.id.startswith("flux/") and "url" in rows[0]:
            answer["images"] = rows  # the provider's flux models answer in both lists
        await self.reply(answer)

    def _row(self, data: bytes, kind: str, size: tuple[int, int], body: dict[str, Any]) -> dict[str, Any]:
        about = {"width": size[0], "height": size[1], "content_type": f"image/{kind}"}
        if body.get("response_format") == "b64_json":
            return {"b64_json": base64.b64encode(data).decode(), **about}
        name = f"{hashlib.sha256(data).hexdigest()[:32]}.{kind}"
        self.shop.files.put(name, (data, f"image/{kind}"))
        return {"url": f"http://{self.request.host}/files/{name}", **about}


class GenerationsHandler(_Pictures):
    """Pictures from a prompt."""

    async def answer(self, body: dict[str, Any]) -> None:
        """Answer a POST."""
        model = catalogue.require(body.get("model"), "image")
        check(body, catalogue.schema(model), strict=True)
        width, height = size_of(body, model)
        first = body.get("seed") or seed_of(body["prompt"])
        many = body.get("num_images") or body.get("n") or 1
        seeds = [first + index for index in range(many)]
        avoid = body.get("negative_prompt") or ""
        drawn = [(await self.apart(_draw, body["prompt"], width, height, seed, avoid), seed) for seed in seeds]
        await self.hand_out(model, body, drawn)


class EditsHandler(_Pictures):
    """Pictures changed: multipart with `image`, `prompt`, and perhaps a `mask` whose transparent part is repainted."""

    async def decode(self, raw: bytes) -> dict[str, Any]:
        """Fields and files of the form."""
        fields, files = self.form(raw)
        self.uploads = [file.body for name in ("image", "image[]") for file in files.get(name, [])]
        self.masks = [file.body for file in files.get("mask", [])]
        body: dict[str, Any] = dict(fields)
        for name in _NUMBERS:
            if name in body:
                body[name] = _integer(name, body[name])
        return body

    async def answer(self, body: dict[str, Any]) -> None:
        """Answer a POST."""
        model = catalogue.require(body.get("model"), "image")
        if not model.facts.get("edits"):
            raise Refusal(404, f"Model {model.id!r} does not edit pictures here. Use openai/gpt-image-1.")
        self._check(body, model)
        given = size_of(body, model) if body.get("size", "auto") != "auto" else None
        first = body.get("seed") or seed_of(body["prompt"])
        drawn = []
        for seed in range(first, first + (body.get("n") or 1)):
            mask = self.masks[0] if self.masks else None
            drawn.append((await self.apart(_retouch, self.uploads[0], mask, body["prompt"], given, seed), seed))
        await self.hand_out(model, body, drawn)

    def _check(self, body: dict[str, Any], model: Model) -> None:
        known = catalogue.schema(model)["properties"]
        names = {"model", "prompt", *_EDIT_FIELDS}
        schema = {"properties": {n: known[n] for n in names if n in known}, "required": ["prompt"]}
        check(body, schema, strict=True)
        if not 1 <= len(self.uploads) <= 16:
            raise invalid("image", f"Required, 1 to 16 files (png, webp or jpg), received {len(self.uploads)}")


class FileHandler(Handler):
    """A picture that an answer pointed to."""

    needs_key = False

    async def read(self, name: str = "", **_: str) -> None:
        """Answer a GET."""
        if name not in self.shop.files:
            raise Refusal(404, "This file is gone: the sandbox keeps the last 100 pictures, while it runs.")
        data, kind = self.shop.files[name]
        self.head(200, kind)
        await self.finish(data)


def size_of(body: dict[str, Any], model: Model) -> tuple[int, int]:
    """Width and height that a request asks for; the model's own when it does not say."""
    wanted = body.get("image_size") or body.get("size")
    if wanted in (None, "auto"):
        width, height = model.facts["size"]
        return width, height
    if isinstance(wanted, dict):
        return wanted["width"], wanted["height"]
    if wanted in PRESETS:
        return PRESETS[wanted]
    match = re.fullmatch(r"(\d{1,5})\s*[xX×]\s*(\d{1,5})", wanted)
    if match is None:
        raise invalid("size", f"Expected WIDTHxHEIGHT such as 1024x768, received {wanted[:40]!r}")
    width, height = int(match[1]), int(match[2])
    if not (SMALLEST <= width <= LARGEST and SMALLEST <= height <= LARGEST):
        raise invalid("size", f"Each side must be {SMALLEST} to {LARGEST} pixels, received {wanted[:40]}")
    return width, height


def seed_of(prompt: str) -> int:
    """The seed of a prompt that comes without one."""
    return 1 + int(digest(prompt)[:7], 16)


def encode(image: Any, kind: str, quality: int) -> bytes:
    """The picture as a file of that kind; quality 0 to 100 counts for jpeg and webp."""
    out = io.BytesIO()
    if kind == "png":
        image.save(out, "PNG", compress_level=4)
    elif kind == "jpeg":
        image.convert("RGB").save(out, "JPEG", quality=max(1, min(95, quality)))
    else:
        image.save(out, "WEBP", quality=quality, method=2)
    return out.getvalue()


def _draw(prompt: str, width: int, height: int, seed: int, avoid: str) -> Any:
    from .drawing import draw

    return draw(prompt, width, height, seed, avoid=avoid)


def _retouch(upload: bytes, mask: bytes | None, prompt: str, size: tuple[int, int] | None, seed: int) -> Any:
    from .drawing import retouch

    image = _open(upload, "image")
    image.thumbnail((LARGEST, LARGEST))
    return retouch(image, _open(mask, "mask") if mask else None, prompt, size or image.size, seed)


def _open(data: bytes, name: str) -> Any:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP"))
            image.load()
    except Exception:  # noqa: BLE001 - Pillow's readers raise nearly anything for a broken file
        raise invalid(name, "Not a picture that can be read. Allowed: png, webp, jpg, below 89 megapixels") from None
    return image


def _integer(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise invalid(name, f"Expected integer, received {text[:40]!r}") from None
