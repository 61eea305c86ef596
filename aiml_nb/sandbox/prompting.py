"""What the parameters around a prompt do to it and to a picture: details added, colours strengthened, steps saved.

They change what is drawn in a way that can be seen, as a lesson needs it; a real model's ways are subtler. No HTTP.
"""

from __future__ import annotations

import random
from typing import Any

from .tokens import digest

_DETAILS = (
    "with birds in the sky",
    "at sunset, in golden light",
    "at dawn, in soft light",
    "with drifting clouds",
    "in winter, in light snow",
)


def seed_of(prompt: str) -> int:
    """The seed of a prompt that comes without one."""
    return 1 + int(digest(prompt)[:7], 16)


def enhanced(prompt: str, seed: int) -> str:
    """The prompt with a detail added, as prompt enhancers do; the seed chooses."""
    return f"{prompt.rstrip(' .')}, {random.Random(f'{seed}{prompt}').choice(_DETAILS)}, highly detailed"


def saturation(image: Any, guidance: float | None, usual: float) -> Any:
    """The image with its colours as strong as the guidance says; `usual` leaves them, None too."""
    if guidance is None:
        return image
    from PIL import ImageEnhance

    share = min(2.0, max(0.15, guidance / usual))
    return ImageEnhance.Contrast(ImageEnhance.Color(image).enhance(share)).enhance(0.8 + 0.2 * share)


def unfinished(image: Any, steps: int | None) -> Any:
    """The image as few steps leave it: blurred below four; None leaves it."""
    if steps is None or steps >= 4:
        return image
    from PIL import ImageFilter

    return image.filter(ImageFilter.GaussianBlur((4 - steps) * min(image.size) / 300))
