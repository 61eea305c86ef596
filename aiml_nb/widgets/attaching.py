"""What goes along with the next prompt: files uploaded, dropped or pasted, shown as previews, each with a way to take it off.

Bytes come from the page, in pieces where JavaScript sends them; what a file is, its content says (`content`), not its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as w

from ..content import Attachment
from ..errors import InvalidRequestError, shorten
from .base import button, row, show
from .turns import preview
from .worker import quietly

#: The largest file that is taken from the page, in bytes: the server's websocket carries it, and the kernel holds it.
LARGEST = 50 << 20

_PIECES = 200


class Tray:
    """The files of the next prompt. failed: told what went wrong with one."""

    def __init__(self, failed: Callable[[Exception], Any]) -> None:
        self.attachments: list[Attachment] = []
        self._failed = failed
        self._coming: dict[int, list[bytes]] = {}
        self.box = row()
        show(self.box, False)
        self.upload = w.FileUpload(description="Attach", icon="paperclip", multiple=True, tooltip="Attach files")
        self.upload.add_class("aiml-upload")
        self.upload.observe(self._uploaded, "value")

    def add(self, data: bytes, name: str) -> None:
        """Take a file in. Raises InvalidRequestError for what cannot be attached."""
        if len(data) > LARGEST:
            raise too_large(name)
        self.attachments.append(Attachment.of({"content": data, "name": name}))
        self._draw()

    def piece(self, told: Mapping[str, Any], buffers: list[Any]) -> None:
        """Take in a piece of a file; the last one makes it whole."""
        at, pieces, name = int(told["at"]), int(told["pieces"]), str(told.get("name") or "")
        if not 0 <= at < pieces <= _PIECES or not buffers:
            return
        known = self._coming.setdefault(int(told["id"]), [])
        if at == len(known) and sum(map(len, known)) <= LARGEST:
            known.append(bytes(buffers[0]))
        if len(known) == pieces:
            self.add(b"".join(self._coming.pop(int(told["id"]))), name)

    def take(self) -> list[Attachment]:
        """The files, for the call that they go with; the tray is empty then."""
        taken, self.attachments = self.attachments, []
        self._draw()
        return taken

    def put(self, attachments: list[Attachment]) -> None:
        """Have these back."""
        self.attachments = list(attachments)
        self._draw()

    def _uploaded(self, change: Mapping[str, Any]) -> None:
        files = change["new"]
        if not files:
            return
        for file in files:
            try:
                self.add(bytes(file["content"]), file["name"])
            except Exception as error:  # noqa: BLE001 - shown in place
                self._failed(error)
        # The bytes must not stay in the widget's state, which may be saved.
        with quietly():
            self.upload.value = ()

    def _draw(self) -> None:
        self.box.children = [self._chip(each) for each in self.attachments]
        show(self.box, bool(self.attachments))

    def _chip(self, attachment: Attachment) -> w.HBox:
        remove = button("", icon="times", tooltip=f"Remove {attachment.name}")
        remove.on_click(lambda _: self._remove(attachment))
        chip = w.HBox((w.HTML(preview(attachment)), remove))
        chip.add_class("aiml-chip")
        return chip

    def _remove(self, attachment: Attachment) -> None:
        self.attachments = [each for each in self.attachments if each is not attachment]
        self._draw()


def too_large(name: str) -> InvalidRequestError:
    """What is said of a file that the page must not send."""
    return InvalidRequestError(
        f"{shorten(name, 60)} is too large to come through the page",
        param="attach",
        advice=f"At most {LARGEST >> 20} MB; larger ones with %%chat --attach PATH.",
    )


def attached(value: Any) -> list[Attachment]:
    """What code gives to attach: nothing, one thing or a list of them. Raises InvalidRequestError as `Attachment.of`."""
    values = value if isinstance(value, list | tuple) else [] if value is None else [value]
    return [Attachment.of(each) for each in values]
