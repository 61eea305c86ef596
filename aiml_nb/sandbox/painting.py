"""From a picture request to a picture: drawn, repainted from one that was given, or made larger. Knows no HTTP.

An `Order` is what the request asks, whatever its model calls things. Each parameter shows in what is painted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .catalogue import Model, default
from .prompting import enhanced, saturation, seed_of, unfinished

_LONGEST = {"2k": 2048, "4k": 4096}
_USUAL_GUIDANCE = 4.5


@dataclass(frozen=True, slots=True)
class Order:
    """What to paint. prompt: as it is used, details added. given: PIL images. strength: 0 to 1, None repaints in full."""

    prompt: str
    size: tuple[int, int]
    seed: int
    avoid: str = ""
    guidance: float | None = None
    steps: int | None = None
    given: tuple[Any, ...] = ()
    mask: Any = None
    strength: float | None = None
    upscale: int = 0
    detail: int = 50


def order(body: dict[str, Any], model: Model, size: tuple[int, int], given: list[Any], mask: Any = None) -> Order:
    """The order in a request body that has been checked."""
    prompt = body.get("prompt") or ""
    seed = body.get("seed") or seed_of(prompt)
    for name in ("enhance_prompt", "enable_prompt_expansion"):
        if default(model, name) if body.get(name) is None else body[name]:
            prompt = enhanced(prompt, seed)
    strength = default(model, "strength") if body.get("strength") is None else body["strength"]
    return Order(
        prompt,
        size,
        seed,
        body.get("negative_prompt") or "",
        body.get("guidance_scale"),
        body.get("num_inference_steps"),
        tuple(given),
        mask,
        strength,
        _LONGEST[body.get("resolution") or "2k"] if model.facts.get("upscales") else 0,
        50 if body.get("scale") is None else body["scale"],
    )


def paint(what: Order, seed: int) -> Any:
    """The picture, a PIL image."""
    if what.upscale:
        return _larger(what)
    from .drawing import draw

    image = _changed(what, seed) if what.given else draw(what.prompt, *what.size, seed, avoid=what.avoid)
    return unfinished(saturation(image, what.guidance, _USUAL_GUIDANCE), what.steps)


def _changed(what: Order, seed: int) -> Any:
    """The given picture repainted; with a strength, between itself and what the prompt alone would give."""
    from PIL import Image, ImageOps

    from .drawing import draw, retouch

    painted = retouch(_joined(what), what.mask, what.prompt, what.size, seed, avoid=what.avoid)
    if what.strength is None:
        return painted
    kept = ImageOps.fit(what.given[0].convert("RGB"), what.size, Image.Resampling.BICUBIC)
    drawn = draw(what.prompt, *what.size, seed, avoid=what.avoid)
    target = Image.blend(painted, drawn, max(0.0, (what.strength - 0.6) / 0.4))
    return Image.blend(kept, target, min(1.0, what.strength / 0.6))


def _joined(what: Order) -> Any:
    """The given pictures as one: side by side where there are several."""
    from PIL import Image, ImageOps

    if len(what.given) == 1:
        return what.given[0]
    width, height = what.size
    sheet = Image.new("RGB", what.size)
    for index, one in enumerate(what.given):
        left, right = index * width // len(what.given), (index + 1) * width // len(what.given)
        sheet.paste(ImageOps.fit(one.convert("RGB"), (right - left, height)), (left, 0))
    return sheet


def _larger(what: Order) -> Any:
    from PIL import Image, ImageFilter

    image = what.given[0].convert("RGB")
    scale = what.upscale / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Image.Resampling.LANCZOS).filter(ImageFilter.UnsharpMask(3, 2 * what.detail, 2))
