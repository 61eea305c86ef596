"""The media that a session can call, as one table: each one's module, its result, and how its answer comes.

A job is created and asked after; everything else answers at once. Chat is a stream and stands for itself.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

from msgspec import Struct


class Kind(Struct, frozen=True):
    """One medium. name: its module under `media`. result: the class in it. job: created, then asked after.

    downloads: what its files may be by their first bytes.
    """

    name: str
    result_name: str
    job: bool = False
    downloads: tuple[str, ...] = ()

    @property
    def module(self) -> ModuleType:
        """The medium's module, imported when first needed."""
        return import_module(f"aiml_nb.media.{self.name}")

    @property
    def result(self) -> Any:
        """The class of its results."""
        return getattr(self.module, self.result_name)


#: By the name that `Session.start` takes.
KINDS = {
    kind.name: kind
    for kind in (
        Kind("chat", "Reply"),
        Kind("image", "Images", downloads=("image",)),
        Kind("video", "Video", job=True, downloads=("video", "image")),
        Kind("speech", "Audio", downloads=("audio", "video")),
        Kind("music", "Audio", job=True, downloads=("audio", "video", "image")),
        Kind("transcript", "Transcript", job=True),
        Kind("embedding", "Embeddings"),
        Kind("ocr", "Document", downloads=("image",)),
        Kind("mesh", "Mesh", downloads=("any",)),
    )
}
