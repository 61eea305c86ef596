"""What some bytes are, told by their own first bytes, never by a file's name alone.

The name only chooses between kinds that share a container: a zip may be a .docx, a text may be CSV or Python, an MP4
without pictures is .m4a. Pure: bytes in, a mime type out; it opens nothing.
"""

from __future__ import annotations

import codecs
from pathlib import PurePosixPath, PureWindowsPath

#: How many bytes from the start are enough to tell.
HEAD = 65536

#: The usual extension of each type that we know, the first one for a type being the one that we write.
EXTENSIONS: dict[str, str] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "jpe": "image/jpeg",
    "jfif": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
    "avif": "image/avif",
    "heic": "image/heic",
    "heif": "image/heic",
    "svg": "image/svg+xml",
    "tiff": "image/tiff",
    "tif": "image/tiff",
    "bmp": "image/bmp",
    "jxl": "image/jxl",
    "jp2": "image/jp2",
    "pdf": "application/pdf",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "oga": "audio/ogg",
    "opus": "audio/ogg",
    "m4a": "audio/mp4",
    "m4b": "audio/mp4",
    "aac": "audio/aac",
    "aiff": "audio/aiff",
    "aif": "audio/aiff",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "mov": "video/quicktime",
    "avi": "video/x-msvideo",
    "glb": "model/gltf-binary",
    "zip": "application/zip",
    "gz": "application/gzip",
}

#: Types inside a zip that only the name tells apart.
_ZIPPED = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "epub": "application/epub+zip",
    "odt": "application/vnd.oasis.opendocument.text",
}

#: Text that has a type of its own.
_TEXTS = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "ipynb": "application/json",
    "md": "text/markdown",
    "html": "text/html",
    "htm": "text/html",
    "xml": "application/xml",
    "yaml": "application/yaml",
    "yml": "application/yaml",
    "toml": "application/toml",
    "py": "text/x-python",
    "tex": "text/x-tex",
    "txt": "text/plain",
    "log": "text/plain",
    "rst": "text/plain",
    "srt": "text/plain",
    "r": "text/plain",
    "sql": "text/plain",
    "js": "text/javascript",
    "css": "text/css",
}
_TEXT_MIMES = frozenset(mime for mime in _TEXTS.values() if not mime.startswith("text/"))

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"\xff\x0a", "image/jxl"),
    (b"\0\0\0\x0cJXL ", "image/jxl"),
    (b"\0\0\0\x0cjP  ", "image/jp2"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"glTF", "model/gltf-binary"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}
_HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_BMP_HEADERS = {12, 40, 52, 56, 64, 108, 124}


def extension(name: str) -> str:
    """The extension of a file name, in lower case, without the dot."""
    return PurePosixPath(PureWindowsPath(name).name).suffix[1:].lower()


def sniff(head: bytes, name: str = "") -> str:
    """The mime type of what starts with `head` (`HEAD` bytes of it, or all): `application/octet-stream` when unknown."""
    found = _binary(head)
    hint = extension(name)
    if found == "application/zip":
        return _ZIPPED.get(hint, found)
    if found in {"video/mp4", "video/quicktime"} and EXTENSIONS.get(hint) == "audio/mp4":
        return "audio/mp4"
    return found or _text(head, hint) or "application/octet-stream"


def by_name(name: str) -> str | None:
    """The type that a name's extension claims, for what cannot be looked into; None when it claims nothing."""
    hint = extension(name)
    return EXTENSIONS.get(hint) or _ZIPPED.get(hint) or _TEXTS.get(hint)


def kind_of(mime: str) -> str:
    """`image`, `pdf`, `audio`, `video`, `text` or `file`."""
    top = mime.partition("/")[0]
    if top in {"image", "audio", "video", "text"}:
        return top
    if mime == "application/pdf":
        return "pdf"
    return "text" if mime in _TEXT_MIMES else "file"


def right_name(name: str, mime: str) -> str:
    """`name` with the extension that its content has, where it claims another or none."""
    hint = extension(name)
    right = next((ext for ext, known in EXTENSIONS.items() if known == mime), None)
    if right is None:  # text and the like: only an extension of a binary type would lead astray
        return f"{name[: -len(hint)]}txt" if kind_of(mime) == "text" and hint in EXTENSIONS and hint != "svg" else name
    if EXTENSIONS.get(hint) == mime:
        return name
    known = hint in EXTENSIONS or hint in _TEXTS or hint in _ZIPPED
    return f"{name[: -len(hint)]}{right}" if known else f"{name}.{right}"


def _binary(head: bytes) -> str | None:
    for start, mime in _STARTS:
        if head.startswith(start):
            return mime
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    if head[4:8] in {b"moov", b"mdat", b"wide", b"pnot"}:
        return "video/quicktime"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head[:4] == b"OggS":
        return "video/ogg" if b"theora" in head[:64] else "audio/ogg"
    if head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"}:
        return "audio/aiff"
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS:
        return "image/bmp"
    return _frames(head) or ("application/pdf" if b"%PDF-" in head[:1024] else None)


def _iso_media(head: bytes) -> str:
    """The type behind an ISO `ftyp` box, by its brands."""
    size = min(int.from_bytes(head[:4], "big"), 256)
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size, 4))]
    if {b"avif", b"avis"} & set(brands):
        return "image/avif"
    if brands[0] in _HEIF:
        return "image/heic"
    if brands[0] in {b"M4A ", b"M4B "}:
        return "audio/mp4"
    return "video/quicktime" if brands[0] == b"qt  " else "video/mp4"


def _frames(head: bytes) -> str | None:
    """MPEG audio without a container: eleven set bits, then the layer (ISO 11172-3; ADTS has layer 0)."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0x06 == 0x02 and head[2] & 0xF0 != 0xF0:
        return "audio/mpeg"
    return "audio/aac" if head[1] & 0xF6 == 0xF0 else None


def _text(head: bytes, hint: str) -> str | None:
    if head[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        return _TEXTS.get(hint, "text/plain")
    if b"\0" in head:
        return None
    try:
        # The head may end within a character; that is no fault of the text.
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(head)
    except UnicodeDecodeError:
        return _TEXTS.get(hint)  # an old encoding: the name alone says that it is meant as text
    start = text[:4096].lstrip().lower()
    if start.startswith("<svg") or (start.startswith(("<?xml", "<!--", "<!doctype svg")) and "<svg" in start):
        return "image/svg+xml"
    return _TEXTS.get(hint, "text/plain")
