"""POST and GET /v2/video/generations: a short silent film of the prompt's scene, or of a picture, that slides past."""

from __future__ import annotations

from typing import Any

from .catalogue import Model, default
from .inputs import picture, received
from .jobs_api import JobHandler
from .prompting import enhanced, saturation, seed_of

FPS = 15
#: The sandbox draws at this part of the resolution asked for, so that films stay small.
SCALE = 4
_RATIOS = {"16:9": (16, 9), "9:16": (9, 16), "1:1": (1, 1)}


class VideoHandler(JobHandler):
    """Films."""

    kind = "video"

    async def answer(self, body: dict[str, Any]) -> None:
        """Answer a POST."""
        model = self.wanted(body, "video")
        first = self._picture(body, "image_url") or self._picture(body, "first_frame_image")
        last = self._picture(body, "last_image_url")
        seconds = body.get("duration") or int(default(model, "duration"))
        width, height = size_of(body, model, first or last)
        plan = (body, width, height, seconds, first, last)

        def make(origin: str) -> dict[str, Any]:
            return {"video": {"url": origin + self.shop.keep(film(*plan), "video/mp4", "mp4")}}

        await self.create(model, body, make)

    def _picture(self, body: dict[str, Any], name: str) -> Any:
        if not body.get(name):
            return None
        return picture(received(self.shop, body[name], name), name)


def size_of(body: dict[str, Any], model: Model, given: Any = None) -> tuple[int, int]:
    """Width and height of the film, even numbers: the ratio asked for or the given picture's, at a quarter of the resolution."""
    short = int(str(body.get("resolution") or default(model, "resolution") or "720p").lower().rstrip("p")) // SCALE
    ratio = body.get("aspect_ratio") or (None if given else default(model, "aspect_ratio") or "16:9")
    wide, high = _RATIOS[ratio] if ratio else given.size
    scale = short / min(wide, high)
    return _even(min(4 * short, wide * scale)), _even(min(4 * short, high * scale))


def film(body: dict[str, Any], width: int, height: int, seconds: int, first: Any, last: Any) -> bytes:
    """The MP4 file."""
    from . import h264, mp4

    frames = seconds * FPS
    strip = _strip(body, (width + (frames - 1) * h264.STEP, height), width, first, last)
    return mp4.wrap(h264.encode(strip, width, height, frames), FPS)


def _strip(body: dict[str, Any], size: tuple[int, int], window: int, first: Any, last: Any) -> Any:
    """The long picture that slides past: drawn, or the given picture widened; with a last one, from the one to the other."""
    from PIL import Image, ImageOps

    from .drawing import draw

    seed = body.get("seed") or seed_of(body["prompt"])
    prompt = enhanced(body["prompt"], seed) if body.get("enhance_prompt") else body["prompt"]
    drawn = saturation(draw(prompt, *size, seed, avoid=body.get("negative_prompt") or ""), body.get("cfg_scale"), 0.5)
    if last is None:
        return drawn if first is None else ImageOps.fit(first.convert("RGB"), size, Image.Resampling.BICUBIC)
    ends = [(first, 0), (last, size[0] - window)]
    for one, place in ends:
        if one is not None:
            drawn.paste(ImageOps.fit(one.convert("RGB"), (window, size[1]), Image.Resampling.BICUBIC), (place, 0))
    return drawn


def _even(value: float) -> int:
    return max(16, round(value / 2) * 2)
