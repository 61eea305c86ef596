"""A mask drawn by hand over a picture: what was painted is what the model may change.

The page sends what was painted as a small PNG; it becomes a mask of the picture's own size that every provider reads: where
it was painted, transparent (OpenAI's way) and white (the others'), elsewhere opaque black. Without anywidget there is no
drawing, and a mask can be uploaded. Source: the provider's page on `/v1/images/edits`, "alpha 0 = edit".
"""

from __future__ import annotations

import base64
import functools
import importlib.util
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from ..content import Attachment
from ..errors import AIMLError, InvalidRequestError
from . import looks

if TYPE_CHECKING:
    from .file_field import Files
    from .form import Controls

#: The longest side of the picture that is drawn on, in pixels, and the largest drawing that is taken, in bytes.
_EDGE, _LARGEST = 640, 4_000_000

#: How opaque a painted spot must be to count.
_PAINTED = 64


def mask_of(painted: bytes, size: tuple[int, int]) -> bytes | None:
    """The mask as a PNG of `size`; None where nothing was painted. Raises AIMLError for what is no picture."""
    from PIL import Image

    from ..render.picture import open_image

    drawing = open_image(painted)
    if "A" not in drawing.getbands():
        raise InvalidRequestError("the drawing has no transparency", param="mask", advice="Draw it again.")
    spots = drawing.getchannel("A").resize(size).point(lambda value: 255 if value >= _PAINTED else 0)
    if spots.getextrema() == (0, 0):
        return None
    opaque = spots.point(lambda value: 255 - value)
    out = io.BytesIO()
    Image.merge("RGBA", (spots, spots, spots, opaque)).save(out, "PNG", optimize=True)
    return out.getvalue()


class Drawing:
    """A place to paint on for a slot for a mask, shown as `widget`. picture: gives what is painted on, None where there is none."""

    def __init__(self, target: Files, picture: Any) -> None:
        self._target, self._picture = target, picture
        self._size = (0, 0)
        self.button = w.Button(description="Draw the mask", tooltip="Paint over what may change", icon="paint-brush")
        self.button.layout = w.Layout(width="auto", margin="2px 0 2px 9em", align_self="flex-start")
        self.button.on_click(lambda _: self.open())
        self.told = w.HTML(layout={"margin": "0 0 0 9em"})
        self.widget = w.VBox([self.button, self.told])
        self.canvas: Any = None

    def open(self) -> None:
        """Show the picture to paint on."""
        from ..render.picture import open_image, thumbnail

        found = self._picture()
        if found is None:
            self.told.value = looks.muted("Choose the picture first; a picture that is only a URL cannot be drawn on.")
            return
        try:
            content = found.read()
            self._size = open_image(content).size
            data, mime = thumbnail(content, _EDGE)
        except AIMLError as error:
            self.told.value = looks.problem(error)
            return
        kind = _kind()
        self.canvas = kind(picture=f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}")
        self.canvas.on_msg(lambda _, content, buffers: self.heard(content, buffers))
        self.told.value = ""
        self.widget.children = (self.button, self.told, self.canvas)

    def heard(self, content: Any, buffers: list[Any]) -> None:
        """What the page sends: `{"do": "mask"}` with the painted PNG, or `{"do": "close"}`."""
        told = content.get("do") if isinstance(content, dict) else None
        if told == "close":
            self.widget.children = (self.button, self.told)
        if told != "mask" or not buffers or len(buffers[0]) > _LARGEST:
            return
        try:
            made = mask_of(bytes(buffers[0]), self._size)
        except AIMLError as error:
            self.told.value = looks.problem(error)
            return
        self._target.set([Attachment.of(made)] if made else [])


def offer_drawing(controls: Controls) -> None:
    """Put a place to draw beside each slot for a mask, where the page can draw."""
    if _kind() is None:
        return
    for each in controls.file_fields():
        if each.slot.role == "mask" and each.slot.data:
            drawing = Drawing(each, functools.partial(_source, controls))
            each.widget.children = (*each.widget.children, drawing.widget)


def _source(controls: Controls) -> Attachment | None:
    """The picture that the mask belongs to: the first that lies here."""
    for each in controls.file_fields():
        if each.slot.role != "mask" and each.slot.takes("image"):
            return next((a for a in each.attachments if a.kind == "image" and not a.url), None)
    return None


@functools.cache
def _kind() -> Any:
    """The widget that paints, or None without anywidget."""
    if importlib.util.find_spec("anywidget") is None:
        return None
    import anywidget
    import traitlets

    source = Path(__file__).with_name("mask.js").read_text("utf-8")
    picture = traitlets.Unicode().tag(sync=True)
    return type(
        "Canvas", (anywidget.AnyWidget,), {"_esm": source, "picture": picture, "__repr__": lambda _: "Canvas()"}
    )
