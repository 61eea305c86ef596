"""How Images look: the picture itself as real image data of bounded size, its text twin, and the line under it.

The original bytes stay in the media store; what goes into the notebook is a copy no larger than a notebook can bear.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..render import parts
from ..render.text import visible
from .drawing import seconds

if TYPE_CHECKING:
    from .image import Images, Picture


def bundle(pictures: Sequence[Picture], twin: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """One output: a picture, or several in a grid, with its twin; the width on screen goes into the metadata."""
    from ..render.picture import grid, open_image, thumbnail

    if len(pictures) == 1:
        data, mime = thumbnail(pictures[0].path)
        return {mime: data, "text/plain": twin}, {mime: {"width": min(pictures[0].size[0], 512)}}
    data, mime, size = grid([open_image(picture.path) for picture in pictures])
    return {mime: data, "text/plain": twin}, {mime: {"width": min(size[0], 1024)}}


def displays(images: Images) -> list[Any]:
    """The outputs of a cell: the pictures, then the line under them."""
    shown: list[Any] = [bundle(list(images), twin(images))]
    if images.show_footer:
        told = numbers(images)
        html = "".join(parts.note(note) for note in images.notes) + parts.footer(told)
        text = "\n".join([*(f"[{note}]" for note in images.notes), " · ".join(told)])
        shown.append(({"text/html": html, "text/plain": visible(text)}, {}))
    return shown


def twin(images: Images) -> str:
    """Kind, size, seed and a hash of the pixels of each picture: what nbval compares in place of image data."""
    lines = [
        f"{kind(picture.mime)} {picture.size[0]}×{picture.size[1]}"
        + (f", seed {seed}" if (seed := _seed(images, picture)) is not None else "")
        + f", pixels {picture.pixel_hash}"
        for picture in images
    ]
    return visible("\n".join(lines))


def _seed(images: Images, picture: Picture) -> int | None:
    return images.seed if picture.seed is None else picture.seed


def numbers(images: Images) -> list[str]:
    """The footer's parts: model, time, the seed of a single picture, cost, whom it came from, where it was saved."""
    seed = _seed(images, images[0]) if len(images) == 1 else None
    told = [images.model, seconds(images.total), f"seed {seed}" if seed is not None else ""]
    told.append(str(images.cost) if images.cost is not None else "cost unknown")
    if images.provider == "sandbox":
        told.append("sandbox")
    told += [f"saved as {path}" for path in images.saved]
    return [part for part in told if part]


def live_html(images: Images) -> str:
    """What stands in the cell while more than the picture is awaited."""
    return parts.note(f"{images.model}: {len(images)} received")


def kind(mime: str) -> str:
    """`PNG` for `image/png`."""
    return mime.rpartition("/")[2].upper()
