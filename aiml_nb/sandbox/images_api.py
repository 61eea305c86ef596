"""POST /v1/images/generations and /v1/images/edits.

Pictures are drawn by `drawing` from prompt and seed, each time the same. The same path makes solids from pictures.
"""

from __future__ import annotations

import base64
import io
import re
from typing import Any

from . import catalogue, painting
from .base import Handler
from .catalogue import Model
from .checking import check
from .inputs import picture, received
from .painting import Order
from .refusal import CREATED, invalid
from .tokens import digest, meta

SMALLEST, LARGEST = 64, 2048
#: The provider's names of sizes: width, height.
PRESETS = {
    "square_hd": (1024, 1024), "square": (512, 512), "portrait_4_3": (768, 1024), "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768), "landscape_16_9": (1024, 576),
}  # fmt: skip
#: Width and height of each aspect ratio, near a megapixel.
RATIOS = {"1:1": (1024, 1024), "16:9": (1408, 768), "9:16": (768, 1408), "4:3": (1280, 896), "3:4": (896, 1280)}
_NUMBERS = ("n", "output_compression", "seed")


class _Pictures(Handler):
    """What both paths share: how an answer with pictures is made up."""

    async def hand_out(self, model: Model, body: dict[str, Any], drawn: list[tuple[Any, int]], order: Order) -> None:
        """Send pictures, (PIL image, seed) each, as files to download or as base64."""
        kind = (
            body.get("output_format")
            or catalogue.default(model, "output_format")
            or ("jpeg" if order.upscale else "png")
        )
        quality = body.get("output_compression")
        rows = []
        for image, seed in drawn:
            data = await self.apart(encode, image, kind, 90 if quality is None else quality)
            row = self._row(data, kind, image.size, body) | ({"seed": seed} if seed else {})
            rows.append(row | ({"revised_prompt": order.prompt} if order.prompt != body.get("prompt", "") else {}))
        answer: dict[str, Any] = {"created": CREATED, "model": model.id, "data": rows, "meta": meta(digest(body))}
        if model.id.startswith("flux/") and "url" in rows[0]:
            answer["images"] = rows  # the provider's flux models answer in both lists
        await self.reply(answer)

    def _row(self, data: bytes, kind: str, size: tuple[int, int], body: dict[str, Any]) -> dict[str, Any]:
        about = {"width": size[0], "height": size[1], "content_type": f"image/{kind}"}
        if body.get("response_format") == "b64_json" or body.get("convert_base64_to_url") is False:
            return {"b64_json": base64.b64encode(data).decode(), **about}
        return {"url": f"http://{self.request.host}{self.shop.keep(data, f'image/{kind}', kind)}", **about}


class GenerationsHandler(_Pictures):
    """Pictures from a prompt, from pictures, and solids from pictures."""

    async def answer(self, body: dict[str, Any]) -> None:
        """Answer a POST."""
        model = self.wanted(body, "image", "mesh")
        given = self._given(body)
        if model.medium == "mesh":
            await self._solid(body, given[0])
            return
        order = painting.order(body, model, size_of(body, model, given), given)
        seeds = [order.seed + index for index in range(body.get("num_images") or body.get("n") or 1)]
        drawn = [(await self.apart(painting.paint, order, seed), 0 if order.upscale else seed) for seed in seeds]
        await self.hand_out(model, body, drawn, order)

    def _given(self, body: dict[str, Any]) -> list[Any]:
        """The pictures in a request, whatever their field is called."""
        found = []
        for name in ("image_url", "image", "image_urls", "front_image_url"):
            values = body.get(name) or []
            values = values if isinstance(values, list) else [values]
            found += [picture(received(self.shop, value, name), name) for value in values]
        return found

    async def _solid(self, body: dict[str, Any], image: Any) -> None:
        kind = body.get("output_format") or "glb"
        flat = body.get("do_remove_background") is not False
        data = await self.apart(
            _mesh, image, kind, body.get("mc_resolution") or 256, body.get("foreground_ratio") or 0.9, flat
        )
        mime = "model/gltf-binary" if kind == "glb" else "model/obj"
        url = f"http://{self.request.host}{self.shop.keep(data, mime, kind)}"
        about = {"url": url, "content_type": mime, "file_name": f"mesh.{kind}", "file_size": len(data)}
        await self.reply({"model_mesh": about, "meta": meta(digest(body))})


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
        self.model = model = catalogue.require(body.get("model"), "edit")
        known = catalogue.schema(model, "edit")
        check(body, known | {"required": ["prompt"]})
        if not 1 <= len(self.uploads) <= 16:
            raise invalid("image", f"Required, 1 to 16 files (png, webp or jpg), received {len(self.uploads)}")
        image = picture(self.uploads[0], "image")
        image.thumbnail((LARGEST, LARGEST))
        size = size_of(body, model) if body.get("size", "auto") != "auto" else image.size
        mask = picture(self.masks[0], "mask") if self.masks else None
        order = painting.order(body, model, size, [image], mask)
        seeds = [order.seed + index for index in range(body.get("n") or 1)]
        await self.hand_out(
            model, body, [(await self.apart(painting.paint, order, seed), seed) for seed in seeds], order
        )


def size_of(body: dict[str, Any], model: Model, given: list[Any] | None = None) -> tuple[int, int]:
    """Width and height that a request asks for; else those of a given picture, else the model's own."""
    wanted = body.get("image_size") or body.get("size")
    ratio = body.get("aspect_ratio") or (None if given else catalogue.default(model, "aspect_ratio"))
    if wanted in (None, "auto"):
        usual = model.facts["size"]
        width, height = RATIOS[ratio] if ratio else _bounded(given[0].size) if given else (usual[0], usual[1])
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


def _bounded(size: tuple[int, int]) -> tuple[int, int]:
    """The size of a given picture, made smaller where it is larger than what is drawn here."""
    scale = min(1.0, LARGEST / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


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


def _mesh(image: Any, kind: str, resolution: int, share: float, flat: bool) -> bytes:
    from . import relief

    solid = relief.relief(image, resolution=resolution, share=share, flat=flat)
    return relief.glb(solid) if kind == "glb" else relief.obj(solid)


def _integer(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise invalid(name, f"Expected integer, received {text[:40]!r}") from None
