"""What a generation gave, as a panel shows it: pictures at a size for the screen, players for film and sound, the line below.

The originals stay in the media store. What a model wrote goes through `render`. It makes no call.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import AIMLError
from ..media.image import Images, Picture
from ..render import parts
from ..render.picture import open_image, pixel_hash, thumbnail
from ..session.kinds import KINDS

if TYPE_CHECKING:
    from .gallery import Item

#: The longest side on the screen of one picture, of a few, of many, in pixels.
_EDGES = ((1, 768), (4, 448), (99, 320))


def result_html(result: Any, alt: str = "", *, footer: bool = True) -> str:
    """A result as safe HTML: what was made, what was done on the way, the line under it."""
    told = result._footer_().split(" · ") if footer else []
    notes = "".join(parts.note(note) for note in result.notes)
    body = pictures_html(result, alt) if isinstance(result, Images) else result.body(html=True)
    return body + notes + parts.footer(told)


def kept_html(result: Any, alt: str = "") -> str:
    """A result for a saved notebook: small pictures; of film and sound, which would weigh too much, what they are."""
    if isinstance(result, Images):
        return pictures_html(result, alt, small=True) + parts.footer(result._footer_().split(" · "))
    return parts.plain(result._twin_())


def pictures_html(images: Images, alt: str = "", *, small: bool = False) -> str:
    """Pictures side by side, each with words for who cannot see it. small: for a notebook that is saved."""
    edge = next(size for count, size in _EDGES if len(images) <= count) // (2 if small else 1)
    width = min(100, max(100 // max(1, len(images)) - 1, 30))
    made = [_img(picture, alt or f"A picture by {images.model}", edge, width) for picture in images]
    return f'<div style="display:flex;flex-wrap:wrap;gap:6px;align-items:flex-start">{"".join(made)}</div>'


def _img(picture: Picture, alt: str, edge: int, width: int) -> str:
    try:
        data, mime = thumbnail(picture.path, edge)
    except AIMLError as error:
        return parts.note(str(error))
    source = f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"
    size = f"max-width:calc({width}% - 4px);max-height:512px;min-width:min(120px,100%)"
    return f'<img src="{source}" alt="{parts.escape(alt)}" style="{size};border-radius:6px">'


def again(item: Item) -> Any:
    """The result that an item of the gallery was, from the file that is kept. Raises AIMLError where that cannot be read."""
    if item.medium == "image":
        image = open_image(item.path)
        mime = f"image/{(image.format or 'png').lower()}"
        made: Any = Images(
            [Picture(item.path, mime, image.size, pixel_hash(image))], model=item.model, provider=item.provider
        )
    else:
        made = KINDS[item.medium].result.from_json({}, [item.path], model=item.model, provider=item.provider)
    return _priced(made, item)


def _priced(made: Any, item: Item) -> Any:
    from ..costs import Cost

    made.cost = Cost(usd=item.usd) if item.usd is not None else None
    seed = item.settings.get("seed")
    if isinstance(made, Images) and isinstance(seed, int):
        made.seed = seed
    return made


def suggested_name(medium: str, path: Path) -> str:
    """A name to save under, that is not taken in the working folder: `image.png`, `image-2.png`, …"""
    names = [f"{medium}{path.suffix}", *(f"{medium}-{at}{path.suffix}" for at in range(2, 1000))]
    return next((name for name in names if not Path(name).exists()), names[0])
