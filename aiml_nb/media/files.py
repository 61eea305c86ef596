"""Files in answers: where an answer tells that they lie, a fetched one as a value, and a result that is made of them.

Pure but for reading and copying files that are on the disk already. Fetching is the session's work: it takes the rows of
`found`, in their order, and hands back a path for each.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self, TypedDict

from ..client.embedded import REFERENCE
from ..content import kind_of, sniff
from ..content.sniff import HEAD
from ..errors import APIError, InvalidRequestError, shorten
from .container import duration
from .result import Result


class Found(TypedDict):
    """A file that an answer tells of: a `url` to fetch, or `b64` (a reference to a file the client took out, or base64)."""

    url: str | None
    b64: str | None
    mime: str | None
    kind: str
    name: str | None


_URLS = ("url", "uri", "video_url", "audio_url", "image_url", "href")
_BASE64 = ("b64_json", "b64", "base64", "image_base64", "audio_base64", "b64_audio")
_BARE = re.compile(r"[A-Za-z0-9+/_-]{64,}={0,2}\s*")
_DEEP = 5


def search(answer: Any, keys: Iterable[str], kind: str, *, deep: int = _DEEP) -> list[Found]:
    """The files under any of `keys`, which may hold an address, an object, a list, or each other. The first key that has one wins."""
    keys = tuple(keys)
    if isinstance(answer, str):
        row = source(answer, kind)
        return [row] if row else []
    if deep and isinstance(answer, list):
        return [row for each in answer for row in search(each, keys, kind, deep=deep - 1)]
    if not deep or not isinstance(answer, Mapping):
        return []
    for key in keys:
        if rows := search(answer.get(key), keys, kind, deep=deep - 1):
            return rows
    row = entry(answer, kind)
    return [row] if row else []


def entry(told: Any, kind: str, name: str | None = None) -> Found | None:
    """The file that an object `{url, content_type, file_name}` or `{b64_json}`, or an address alone, tells of."""
    if isinstance(told, str):
        return source(told, kind, name=name)
    if not isinstance(told, Mapping):
        return None
    mime = next((v for k in ("content_type", "mime_type", "mimeType") if isinstance(v := told.get(k), str)), None)
    named = told.get("file_name")
    name = named if isinstance(named, str) and named else name
    for key in _URLS:
        if isinstance(text := told.get(key), str) and (row := source(text, kind, mime, name)):
            return row
    text = next((v for k in _BASE64 if isinstance(v := told.get(k), str) and v), None)
    return Found(url=None, b64=text, mime=mime, kind=kind, name=name) if text else None


def source(text: str, kind: str, mime: str | None = None, name: str | None = None) -> Found | None:
    """A string as a file: an http address, a data: URL, a reference to a file that the client took out, or bare base64."""
    if text.startswith(("https://", "http://")):
        return Found(url=text, b64=None, mime=mime, kind=kind, name=name)
    if text.startswith(("data:", REFERENCE)) or _BARE.fullmatch(text):
        told = text[5:].partition(";")[0] if text.startswith("data:") else None
        return Found(url=None, b64=text, mime=mime or told or None, kind=kind, name=name)
    return None


def decoded(text: str) -> bytes:
    """The bytes of base64 or of a data: URL. Raises APIError (kind "protocol") for what is neither."""
    body = text.partition(",")[2] if text.startswith("data:") else text
    try:
        return base64.b64decode(body.translate({45: 43, 95: 47}) + "=" * (-len(body.rstrip()) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise APIError("the file in the answer is not base64", advice="Run it again, or try another model.") from None


def mime_of_body(content_type: str, head: bytes = b"") -> str | None:
    """The type of an answer that is itself the file, as streamed speech is; None when it is JSON or text to be read.

    head: its first bytes, which say more than `application/octet-stream`.
    """
    mime = content_type.partition(";")[0].strip().lower()
    if kind_of(mime) in {"audio", "video", "image"} or mime.startswith("model/"):
        return mime
    real = sniff(head) if mime in {"", "application/octet-stream", "binary/octet-stream"} else ""
    return real if kind_of(real) in {"audio", "video", "image"} else None


@dataclass(frozen=True)
class File:
    """One fetched file: `.path` of the original in the media store, `.mime` by its content, `.url` where it came from."""

    path: Path
    mime: str
    url: str | None = None
    name: str = ""

    @classmethod
    def of(cls, path: Path, row: Found | None = None, kind: str = "") -> File:
        """The file at `path`, its type by its first bytes; by `row`'s word only where they do not tell."""
        with path.open("rb") as file:
            real = sniff(file.read(HEAD), path.name)
        told = ((row and row["mime"]) or "").partition(";")[0].strip().lower()
        if kind == "audio" and real in {"video/mp4", "video/webm", "video/quicktime"}:
            real = "audio/webm" if real == "video/webm" else "audio/mp4"
        if told and told != "application/octet-stream" and kind_of(real) in {"file", "text"}:
            real = told
        return cls(path, real, row["url"] if row else None, (row["name"] if row else None) or path.name)

    @property
    def bytes(self) -> bytes:
        """The file as the provider made it."""
        return self.path.read_bytes()

    @property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size

    @cached_property
    def sha256(self) -> str:
        """The content's SHA-256 in hex."""
        with self.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    @property
    def format(self) -> str:
        """`MP4`, `WAV`, `GLB`: the file's kind in a word."""
        suffix = self.path.suffix[1:]
        return (suffix if suffix not in {"", "bin", "part"} else self.mime.rpartition("/")[2]).upper()

    @cached_property
    def duration(self) -> float | None:
        """Seconds, where its header tells."""
        return duration(self.path)

    def save(self, path: str | Path) -> Path:
        """Write the original bytes to `path`, or into it when it is a folder; returns where they are."""
        return save_file(self.path, path)


class MediaFile(Result):
    """A result that is a file, or several: `.bytes .path .mime .url .save()` of the first, `.files` all of them.

    poster: a still picture to stand for it, where the provider made one or the session has one.
    """

    KIND: ClassVar[str] = "file"

    def __init__(self, files: Sequence[File] = (), raw: Any = None, *, model: str = "", provider: str = "") -> None:
        super().__init__(raw, model=model, provider=provider)
        self.files = tuple(files)
        self.poster: Path | None = None

    @classmethod
    def from_json(cls, answer: Any, files: Sequence[Path | File], *, model: str, provider: str = "") -> Self:
        """The result of the answer's JSON and the files fetched for it, one for each row of `found`, in its order.

        answer: `{}` for an answer that was itself the file. Raises APIError (kind "protocol") when there is no file.
        """
        rows: list[Found] = cls._rows(answer)
        known = len(rows) == len(files)
        made, poster = [], None
        for at, file in enumerate(files):
            row = rows[at] if known else None
            if row and row["kind"] == "image" != cls.KIND:
                poster = file.path if isinstance(file, File) else file
            else:
                made.append(file if isinstance(file, File) else File.of(file, row, cls.KIND))
        if not made:
            raise nothing(cls.KIND)
        result = cls(made, answer, model=model, provider=provider)
        result.poster = poster
        return result

    @classmethod
    def _rows(cls, answer: Any) -> list[Found]:
        """The files that the answer tells of, none when it tells of none."""
        raise NotImplementedError

    @property
    def bytes(self) -> bytes:
        """The first file as the provider made it."""
        return self.files[0].bytes

    @property
    def path(self) -> Path:
        """Where the first original is."""
        return self.files[0].path

    @property
    def paths(self) -> list[Path]:
        """Where the originals are."""
        return [file.path for file in self.files]

    @property
    def mime(self) -> str:
        """The MIME type of the first."""
        return self.files[0].mime

    @property
    def url(self) -> str | None:
        """Where the first was fetched from; such links expire."""
        return self.files[0].url

    @property
    def duration(self) -> float | None:
        """Seconds, where the first file's header tells."""
        return self.files[0].duration

    def save(self, path: str | Path) -> list[Path]:
        """Write every original: `clip.mp4` becomes `clip.mp4`, `clip-2.mp4`, …; a folder gets the store's names."""
        target = Path(path).expanduser()
        if len(self.files) == 1 or target.is_dir():
            return [file.save(target) for file in self.files]
        rest = (target.with_name(f"{target.stem}-{at}{file.path.suffix}") for at, file in enumerate(self.files[1:], 2))
        return [file.save(name) for file, name in zip(self.files, [target, *rest], strict=True)]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.files)} × {shorten(self.model, 60)})"


def nothing(kind: str) -> APIError:
    """The error for a finished answer without a file."""
    return APIError(
        f"the answer holds no {kind}",
        kind="protocol",
        advice="The provider may have held it back: try other words, or another model.",
    )


def some(rows: Callable[[Any], list[Found]], answer: Any, kind: str) -> list[Found]:
    """What `rows` finds. Raises APIError (kind "protocol") when that is nothing."""
    if found := rows(answer):
        return found
    raise nothing(kind)


def save_file(source: Path, path: str | Path) -> Path:
    """Copy `source` to `path` (a folder keeps the name); the suffix follows the real kind when none is given.

    Raises InvalidRequestError when the folder is not there or not writable, or the suffix names another kind.
    """
    target = Path(path).expanduser()
    if target.is_dir():
        target = target / source.name
    if not target.suffix:
        target = target.with_suffix(source.suffix)
    same = {".jpeg": ".jpg"}
    suffix = same.get(target.suffix.lower(), target.suffix.lower())
    if suffix != same.get(source.suffix, source.suffix) and source.suffix not in {"", ".bin"}:
        raise InvalidRequestError(
            f"the file is {source.suffix[1:].upper()}, not {target.suffix[1:].upper()}: {target.name}",
            param="save",
            advice=f"Save it as {target.with_suffix(source.suffix).name}, or ask the model for another format.",
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    except OSError as error:
        raise InvalidRequestError(
            f"cannot write {target.name}: {error.strerror or error}",
            param="save",
            advice="The file is kept in the media store all the same: see .path.",
        ) from error
    return target
