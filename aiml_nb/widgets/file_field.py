"""The control for files that a model takes: pictures, films, sounds, uploaded or named by their address.

What was uploaded is taken out of the control at once, so that it is never saved with the notebook; small copies are shown.
It knows one slot of a form, no session and no network.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import ipywidgets as w

from ..content import Attachment
from ..errors import AIMLError, shorten
from ..render import parts
from ..schema.files import FileSlot
from .fields import _LABEL, Field

_ACCEPT = {"image": "image/*", "video": "video/*", "audio": "audio/*", "document": ".pdf,image/*", "mesh": ".glb,.obj"}
_EDGE = 96


class Files(Field):
    """A slot for files. `value` is the list of attachments, None when there is none."""

    def __init__(self, slot: FileSlot, word: str) -> None:
        self.slot = slot
        self.attachments: list[Attachment] = []
        super().__init__(slot.parameter, word)

    def _make(self) -> w.Widget:
        several = self.slot.most > 1
        what = f"{self.slot.noun}{'s' * several}"
        self.upload = w.FileUpload(
            accept=_ACCEPT.get(self.slot.kind, ""), multiple=several, description=f"Choose {what}", tooltip=self.hint
        )
        self.upload.layout = w.Layout(width="auto", flex="0 0 auto", display="" if self.slot.data else "none")
        address = "or its URL" if self.slot.data else "URL: this model takes no files"
        self.address = w.Text(
            placeholder=address,
            continuous_update=False,
            tooltip=f"{self.label}: {self.hint}",
            layout={"flex": "1 1 8em"},
        )
        self.address.layout.display = "none" if self.slot.upload else ""
        self.clear = w.Button(description="✕", tooltip=f"{self.label}: take away", layout={"width": "2.4em"})
        self.shown = w.HTML(layout={"margin": "0 0 0 9em"})
        self.problem = w.HTML(layout={"margin": "0 0 0 9em"})
        self.upload.observe(self._uploaded, "value")
        self.address.observe(self._named, "value")
        self.clear.on_click(lambda _: self.set([]))
        label = w.Label(f"{self.label}", style=_LABEL, layout={"width": "8.5em", "flex": "0 0 auto"})
        label.add_class("aiml-label")
        self._draw()
        row = w.HBox([label, self.upload, self.address, self.clear], layout={"align_items": "center", "width": "99%"})
        return w.VBox([row, self.shown, self.problem])

    def _read(self) -> Any:
        return list(self.attachments) or None

    @property
    def value(self) -> Any:
        """The attachments; None when there is none."""
        return self._read()

    def put(self, value: Any) -> bool:
        """Attach what is given: paths, addresses, bytes, attachments, or a list of such. False where it cannot be."""
        given = value if isinstance(value, list | tuple) else [value]
        try:
            made = [Attachment.of(each) for each in given if isinstance(each, str | bytes | Attachment)]
        except AIMLError as error:
            self.problem.value = parts.footer([], warning=str(error))
            return False
        if len(made) != len(given):
            return False
        self.set(made, tell=False)
        return True

    def set(self, attachments: Sequence[Attachment], *, tell: bool = True) -> None:
        """Show these in place of those that are there, as many as the model takes."""
        self.attachments = list(attachments)[: self.slot.most]
        self.problem.value = ""
        if len(attachments) > self.slot.most:
            self.problem.value = parts.footer([], warning=f"{self.name} takes {self.slot.most}")
        self._draw()
        if tell:
            self.changed()

    def add(self, attachment: Attachment) -> None:
        """Attach one more; in place of the last where there is no more room."""
        self.set([*self.attachments[: self.slot.most - 1], attachment])

    def _uploaded(self, change: Any) -> None:
        files = [(each["name"], bytes(each["content"])) for each in change["new"] or ()]
        if not files:
            return
        self.upload.value = ()  # what is in a control may be saved with the notebook
        try:
            made = [_named(name, data) for name, data in files]
        except AIMLError as error:
            self.problem.value = parts.footer([], warning=str(error))
            return
        self.set([*self.attachments, *made] if self.slot.most > 1 else made)

    def _named(self, change: Any) -> None:
        text = str(change["new"]).strip()
        if text and self.put([*self.attachments, text][-self.slot.most :]):
            self.address.value = ""
            self.changed()

    def _draw(self) -> None:
        self.shown.value = "".join(map(preview, self.attachments))
        self.shown.layout.display = "" if self.attachments else "none"
        self.clear.layout.display = "" if self.attachments else "none"


def _named(name: str, data: bytes) -> Attachment:
    """Uploaded bytes as an attachment that bears the file's name."""
    from dataclasses import replace

    made = Attachment.of(data)
    return replace(made, name=shorten(name.replace("\\", "/").rpartition("/")[2], 80) or made.name)


def preview(attachment: Attachment) -> str:
    """A small copy of a picture, else the name, as safe HTML."""
    from ..render.picture import thumbnail

    label = parts.escape(attachment.label)
    if attachment.kind == "image" and not attachment.url:
        try:
            data, mime = thumbnail(attachment.read(), _EDGE)
        except AIMLError:
            return parts.note(attachment.label)
        source = f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"
        return f'<img src="{source}" alt="{label}" title="{label}" style="height:48px;margin:2px 4px 2px 0;border-radius:4px">'
    return parts.note(attachment.label)
