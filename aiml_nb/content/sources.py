"""How a user's value becomes an Attachment: a path, a URL, bytes, a file, a picture, a figure, an array.

Values of other packages (PIL, Matplotlib, NumPy) are known by what they can do or by a package that is loaded already,
so that nothing heavy is imported to find out that a string is a path.
"""

from __future__ import annotations

import base64
import binascii
import io
import os
import re
import stat
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from ..errors import InvalidRequestError, shorten
from .attachment import MAX_BYTES, Attachment, _stamp
from .encode import array_bytes, figure_bytes, picture_bytes
from .pdf import check_pdf
from .sniff import HEAD, by_name, extension, kind_of, right_name, sniff
from .wording import human_size, nearest, repair

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
_HASH = re.compile(r"[0-9a-f]{64}")
_ALLOWED = "It can be a file, an http(s) URL, bytes, an open file, a PIL image, a Matplotlib figure or a uint8 array."

#: Pictures that models do not take, and the way out of each.
_UNFIT = {
    "image/heic": "Export it as JPEG, or: pip install pillow-heif, pillow_heif.register_heif_opener(), attach Image.open(path).",
    "image/svg+xml": "Export it as PNG, or put its source in the prompt with {{ open(path).read() }}.",
    "image/jxl": "Save it as PNG or JPEG.",
    "image/jp2": "Save it as PNG or JPEG.",
}

#: Kinds that a name promises, in words: a file that is none of them inside was broken on its way here.
_MEANT = {"image": "picture", "pdf": "PDF", "audio": "sound", "video": "video"}


def attach(value: Any, *, original: bool = False) -> Attachment:
    """`value` as an Attachment; see `Attachment.of`."""
    if isinstance(value, Attachment):
        return value
    if isinstance(value, str):
        return _from_text(value, original)
    if isinstance(value, os.PathLike):
        return _from_path(os.fspath(value), original)
    found = _bytes_of(value)
    if found is None:
        raise _refuse(f"{shorten(repr(value), 60)} ({type(value).__name__}) cannot be attached", _ALLOWED)
    data, name = found
    return _from_bytes(data, name, original)


def _from_text(value: str, original: bool) -> Attachment:
    text = value.strip()
    if not text:
        raise _refuse("there is an empty attachment", _ALLOWED)
    if text[:5].lower() == "data:":
        return _from_data_url(text, original)
    scheme = _SCHEME.match(text)
    if scheme is None:
        return _from_path(value if os.path.lexists(_expanded(value)) else text, original)
    if scheme[1].lower() not in {"http", "https"}:
        raise _refuse(
            f"{shorten(text, 80)} cannot be attached: {scheme[1]}:// is not http or https",
            "Download it, and attach the file.",
        )
    return _from_url(text)


def _from_url(url: str) -> Attachment:
    """A URL is passed on, not fetched: what it holds can only be guessed from its path."""
    with suppress(ValueError):
        parts = urlsplit(url)
        if parts.hostname and not re.search(r"\s", url):
            name = unquote(parts.path.rstrip("/").rpartition("/")[2]) or parts.hostname
            mime = by_name(name)
            note = "" if mime else "taken for a picture: its address does not say what it is"
            return Attachment(mime or "image/*", repair(name), url=url, note=note)
    raise _refuse(f"{shorten(url, 80)} is not a URL", "A URL looks like https://example.com/photo.jpg")


def _from_data_url(url: str, original: bool) -> Attachment:
    head, comma, body = url[5:].partition(",")
    if not comma:
        raise _refuse(f"{shorten(url, 60)} is not a data: URL", "It looks like data:image/png;base64,iVBORw0…")
    mime, *options = [part.strip().lower() for part in head.split(";")]
    if "base64" not in options:
        data = unquote_to_bytes(body)
    else:
        data = _decoded(re.sub(r"\s", "", unquote(body) if "%" in body else body), "the data: URL")
    ext = mime.partition("/")[2]
    return _from_bytes(data, f"data.{ext}" if kind_of(mime) == "text" and ext.isalnum() else "", original)


def _decoded(text: str, what: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise _refuse(f"{what} holds base64 that cannot be decoded", "It may have been cut short in copying.") from None


def _from_path(given: str | bytes, original: bool) -> Attachment:
    shown = shorten(repair(os.fsdecode(given)), 120)
    path = _expanded(os.fsdecode(given))
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _refuse(
                f"{shown} is {_what(status.st_mode)}, not a file", "Attach one file; repeat --attach for more."
            )
        _check_size(status.st_size, shown)
        with path.open("rb") as file:
            head = file.read(HEAD)
            mime = sniff(head, path.name)
            found = Attachment(mime, _name(path, mime), path.absolute(), stamp=_stamp(status))
            return _finish(found, head, file, original)
    except FileNotFoundError:
        raise _missing(path, shown) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _refuse(f"{shown} cannot be read: {reason}", "Look at the path and at who may read the file.") from None


def _name(path: Path, mime: str) -> str:
    """The file's name; one that is only a hash, as of a result in the store, gives way to what the file is: `image.png`."""
    return f"{kind_of(mime)}{path.suffix}" if _HASH.fullmatch(path.stem) else repair(path.name)


def _from_bytes(data: bytes, name: str, original: bool) -> Attachment:
    name = "" if _HASH.fullmatch(Path(name).stem) else name
    _check_size(len(data), name or "the attachment")
    head = data[:HEAD]
    mime = sniff(head, name)
    stem = {"pdf": "document"}.get(kind_of(mime), kind_of(mime))
    found = Attachment(
        mime, repair(name) or f"{stem}.txt" if kind_of(mime) == "text" else repair(name) or stem, data=data
    )
    return _finish(found, head, io.BytesIO(data), original)


def _finish(found: Attachment, head: bytes, file: BinaryIO, original: bool) -> Attachment:
    """The right extension, and unless `original` the checks: can a model read it at all?"""
    meant = kind_of(by_name(found.name) or "")
    if not original and found.kind in {"text", "file"} and meant in _MEANT:
        raise _refuse(
            f"{found.name} is no {_MEANT[meant]}: it holds {'text' if found.kind == 'text' else 'something else'}",
            "Open it: it may be an error page, or be damaged. To send it as it is: --original.",
        )
    if found.kind != "file":
        found = replace(found, name=right_name(found.name, found.mime))
    if original:
        return found
    if found.mime in _UNFIT:
        name = extension(found.name).upper()
        raise _refuse(f"{found.name} is {name}, which models do not take", _UNFIT[found.mime])
    if found.kind == "pdf":
        return replace(found, note=check_pdf(file, found.name))
    return _as_utf8(found, head) if found.kind == "text" else found


def _as_utf8(found: Attachment, head: bytes) -> Attachment:
    """Text of another encoding, converted: what a spreadsheet or an old editor saved."""
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        encoding, shown = "utf-16", "UTF-16"
    else:
        try:
            head.decode()
        except UnicodeDecodeError as error:
            if error.start >= len(head) - 3:
                return found
            encoding, shown = "cp1252", "Windows-1252"
        else:
            return found
    data = found.read().decode(encoding, "replace").encode()
    return replace(found, path=None, stamp=None, data=data, note=f"read as {shown}")


def _bytes_of(value: Any) -> tuple[bytes, str] | None:
    """The bytes that stand for `value`, and its name if it has one."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value), ""
    if isinstance(value, Mapping) and isinstance(value.get("content"), bytes | memoryview):
        return bytes(value["content"]), str(value.get("name") or "")  # an upload of ipywidgets' FileUpload
    imaging = sys.modules.get("PIL.Image")
    if imaging is not None and isinstance(value, imaging.Image):
        return picture_bytes(value), Path(str(getattr(value, "filename", "") or "")).name
    if isinstance(held := getattr(value, "bytes", None), bytes) and isinstance(getattr(value, "mime", None), str):
        path = getattr(value, "path", None)
        return held, Path(path).name if path else ""
    for turn in (array_bytes, figure_bytes):
        if (data := turn(value)) is not None:
            return data, ""
    if callable(getattr(value, "read", None)):
        return _read_all(value)
    if imaging is not None and isinstance(picture := getattr(value, "image", None), imaging.Image):
        return picture_bytes(picture), ""
    return _drawn(value)


def _read_all(file: Any) -> tuple[bytes, str]:
    """The whole of an open file, which is left where it stood. More than the limit is not read."""
    name = getattr(file, "name", "")
    name = Path(name).name if isinstance(name, str) else ""
    with _FromStart(file):
        content = file.read(MAX_BYTES + 1)
    if not isinstance(content, str | bytes | bytearray | memoryview):
        raise _refuse(f"{type(file).__name__}.read() gives {type(content).__name__}, not bytes", _ALLOWED)
    return content.encode("utf-8", "replace") if isinstance(content, str) else bytes(content), name


class _FromStart:
    """Reads a seekable file from its start, since one that was just written stands at its end, and puts it back."""

    def __init__(self, file: Any) -> None:
        self._seek: Callable[[int], Any] | None = None
        with suppress(AttributeError, OSError, ValueError):
            if file.seekable():
                self._seek, self._at = file.seek, file.tell()

    def __enter__(self) -> None:
        if self._seek is not None:
            self._seek(0)

    def __exit__(self, *error: object) -> None:
        if self._seek is not None:
            self._seek(self._at)


def _drawn(value: Any) -> tuple[bytes, str] | None:
    """What a rich object shows as a picture (IPython's `_repr_png_`, `_repr_jpeg_`): bytes, or base64 as text."""
    if isinstance(value, type):
        return None
    for method in ("_repr_png_", "_repr_jpeg_"):
        draw = getattr(value, method, None)
        shown = draw() if callable(draw) else None
        shown = shown[0] if isinstance(shown, tuple) else shown
        if isinstance(shown, str):
            shown = _decoded(re.sub(r"\s", "", shown), method)
        if isinstance(shown, bytes):
            return shown, ""
    return None


def _check_size(size: int, name: str) -> None:
    if not size:
        raise _refuse(f"{name} is empty", "There is nothing in it to send.")
    if size > MAX_BYTES:
        raise _refuse(
            f"{name} is too large: {human_size(size)}, at most {human_size(MAX_BYTES)} are taken",
            "Send a URL, or the part of it that matters.",
        )


def _expanded(text: str) -> Path:
    with suppress(RuntimeError):  # no such user's home
        return Path(text).expanduser()
    return Path(text)


def _what(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return next((word for test, word in kinds if test(mode)), "a device")


def _missing(path: Path, shown: str) -> InvalidRequestError:
    folder = path.parent
    if not folder.is_dir():
        return _refuse(f"there is no file {shown}", f"There is no folder {folder} either.")
    names: list[str] = []
    with suppress(OSError), os.scandir(folder) as entries:
        names = [entry.name for entry, _ in zip(entries, range(5000), strict=False) if entry.is_file()]
    near = nearest(path.name, names) or [name for name in names if Path(name).stem == path.stem][:1]
    where = "this folder" if folder == Path() else repair(str(folder))
    return _refuse(
        f"there is no file {shown}", f"Did you mean {repair(near[0])}?" if near else f"Nothing like it is in {where}."
    )


def _refuse(message: str, advice: str) -> InvalidRequestError:
    return InvalidRequestError(message, param="attach", advice=advice)
