"""Attachment: a file that goes along with a prompt, as a value: what it is, what it is called, and where its bytes lie.

Bytes lie in exactly one place: on disk (`path`), in memory (`data`), or with somebody else (`url`). A file on disk is
read in blocks and never held whole. How a user's value becomes one stands in `sources`; what a picture needs before it
is sent, in `picture`. Nothing here knows of a provider or its JSON.
"""

from __future__ import annotations

import base64
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import InvalidRequestError
from .sniff import kind_of
from .wording import human_size

#: The largest file that is taken, in bytes: above any provider's limit, below what would exhaust a laptop by mistake.
MAX_BYTES = 200_000_000

#: How much of a file is read at once, in bytes: a multiple of 3, so that each block encodes to base64 by itself.
BLOCK = 180_000


@dataclass(frozen=True)
class Attachment:
    """A file to send along.

    mime: told by the content. name: with the extension that the content has. One of path, data, url.
    note: what was done to it or should be known, for the cell; may be empty.
    detail: OpenAI's `low`, `high` or `auto` for a picture, where the user gave one.
    stamp: size and time of change of the file when it was attached; a file that changed since is refused.
    """

    mime: str
    name: str = ""
    path: Path | None = None
    data: bytes | None = field(default=None, repr=False)
    url: str | None = None
    note: str = ""
    detail: str = ""
    stamp: tuple[int, int] | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, value: Any, *, original: bool = False) -> Attachment:
        """From a path, an http(s) or data: URL, bytes, a file object, a PIL image, a Matplotlib figure, a uint8 array,
        anything with `_repr_png_`, or an Attachment.

        original: send the file as it is; no check that a model could read it, no conversion of text to UTF-8.
        Raises InvalidRequestError that names what is wrong, and the nearest file name for a path that is not there.
        """
        from .sources import attach

        return attach(value, original=original)

    @property
    def kind(self) -> str:
        """`image`, `pdf`, `audio`, `video`, `text` or `file`."""
        return kind_of(self.mime)

    @property
    def size(self) -> int | None:
        """Bytes; None for a URL, which was not looked at. Raises InvalidRequestError when the file is gone."""
        if self.data is not None:
            return len(self.data)
        if self.stamp is not None:
            return self.stamp[0]
        return None if self.path is None else self.pinned().size

    @cached_property
    def sha256(self) -> str | None:
        """The content's SHA-256 in hex; None for a URL."""
        if self.url is not None:
            return None
        digest = hashlib.sha256()
        for block in self.chunks():
            digest.update(block)
        return digest.hexdigest()

    @property
    def label(self) -> str:
        """Name and size, or name and host, for people: `photo.jpg, 240 kB`. Never raises."""
        if self.url is not None:
            return f"{self.name} at {urlsplit(self.url).hostname}"
        try:
            size = self.size
        except InvalidRequestError:
            size = None
        return self.name if size is None else f"{self.name}, {human_size(size)}"

    def pinned(self) -> Attachment:
        """Itself, tied to the file's present size and time: reading fails once either changes."""
        if self.path is None or self.stamp is not None:
            return self
        try:
            status = self.path.stat()
        except OSError as error:
            raise self._gone(error) from None
        if not stat.S_ISREG(status.st_mode):
            raise self._gone("it is no regular file")
        return replace(self, stamp=_stamp(status))

    def chunks(self, block: int = BLOCK) -> Iterator[bytes]:
        """The bytes in blocks of `block`, the last one shorter. Raises InvalidRequestError if the file changed or is gone."""
        if self.path is not None:
            yield from self._read_path(block)
        elif self.data is not None:
            for start in range(0, len(self.data), block):
                yield self.data[start : start + block]
        else:
            raise self._gone("it is a URL that was not fetched" if self.url else "its bytes were not kept")

    def read(self) -> bytes:
        """All the bytes."""
        return self.data if self.data is not None else b"".join(self.chunks())

    def text(self) -> str:
        """The content as text; what is not UTF-8 in it becomes U+FFFD."""
        return self.read().decode("utf-8-sig", "replace")

    def to_json(self) -> dict[str, Any]:
        """For the store and exports: bytes in memory as base64, a file as its path with its stamp."""
        out: dict[str, Any] = {"mime": self.mime, "name": self.name}
        if self.path is not None:
            out["path"] = os.fspath(self.path)
        if self.data is not None:
            out["data"] = base64.b64encode(self.data).decode()
        if self.stamp is not None:
            out["stamp"] = list(self.stamp)
        return out | {key: value for key in ("url", "note", "detail") if (value := getattr(self, key))}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Attachment:
        """From `to_json`. Nothing is opened: a file that is gone is told when it is read."""
        path, data, stamp = stored.get("path"), stored.get("data"), stored.get("stamp")
        return cls(
            mime=str(stored.get("mime") or "application/octet-stream"),
            name=str(stored.get("name") or ""),
            path=None if path is None else Path(path),
            data=None if data is None else base64.b64decode(data),
            url=stored.get("url"),
            note=str(stored.get("note") or ""),
            detail=str(stored.get("detail") or ""),
            stamp=(int(stamp[0]), int(stamp[1])) if stamp else None,
        )

    def _read_path(self, block: int) -> Iterator[bytes]:
        """Blocks of the file, the last one given only after the file was found unchanged."""
        here = self.pinned()
        assert here.path is not None
        assert here.stamp is not None
        if not here.path.is_file():  # opening a pipe that took its place would wait for ever
            raise self._gone("no such file")
        try:
            file = here.path.open("rb")
        except OSError as error:
            raise self._gone(error) from None
        with file:
            if _stamp(os.fstat(file.fileno())) != here.stamp:
                raise self._changed()
            left = here.stamp[0]
            while left:
                got = file.read(min(block, left))
                left -= len(got)
                if not got or (not left and _stamp(os.fstat(file.fileno())) != here.stamp):
                    raise self._changed()
                yield got

    def _changed(self) -> InvalidRequestError:
        return InvalidRequestError(
            f"{self.name} changed on disk since it was attached", param="attach", advice="Attach it again."
        )

    def _gone(self, why: object) -> InvalidRequestError:
        reason = why.strerror if isinstance(why, OSError) else str(why)
        return InvalidRequestError(
            f"{self.name} cannot be read any more: {reason}",
            param="attach",
            advice="Put the file back, or attach it again.",
        )


def _stamp(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns
