"""Looks into what a message brought along: what kind of file it is, its size and hash, and what can really be read in it.

Works on bytes only and never fetches a URL. Pillow and pypdf are imported when a picture or a PDF is there. A file
that cannot be read is described as such; nothing here raises for a broken file.
"""

from __future__ import annotations

import colorsys
import hashlib
import io
import logging
import warnings
import wave
from dataclasses import dataclass
from typing import Any

#: How far a PDF is read, and how many headings are told.
PDF_PAGES, PDF_HEADINGS = 20, 6

#: Where each hue ends, in degrees.
_HUES = (
    (14, "red"), (42, "orange"), (68, "yellow"), (160, "green"), (192, "teal"), (252, "blue"), (290, "purple"), (342, "pink"), (360, "red"),
)  # fmt: skip
#: What a colour is called when it is dark, and when it is light.
_DARK = {
    "red": "dark red",
    "orange": "brown",
    "yellow": "olive",
    "green": "dark green",
    "blue": "navy",
    "teal": "dark teal",
}
_LIGHT = {
    "red": "pink",
    "orange": "beige",
    "yellow": "light yellow",
    "green": "light green",
    "blue": "light blue",
    "purple": "lilac",
}
_MAGIC = (
    (b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"), (b"GIF89a", "image/gif"), (b"BM", "image/bmp"), (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"), (b"ID3", "audio/mpeg"), (b"\xff\xfb", "audio/mpeg"), (b"\xff\xf3", "audio/mpeg"),
    (b"fLaC", "audio/flac"), (b"OggS", "audio/ogg"), (b"\x1aE\xdf\xa3", "video/webm"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Received:
    """One attachment as it arrived: its bytes, or only a URL; and the name that came with it, which may be empty."""

    data: bytes = b""
    name: str = ""
    url: str = ""

    def describe(self, number: int = 1) -> str:
        """One line of Markdown: name (or `attachment 1`), kind, what is in it, size, sha256."""
        if self.url:
            return f"**{_shown(self.url)}**: only its address arrived; the sandbox fetches nothing"
        label = _shown(self.name) or f"attachment {number}"
        facts = [
            *_look(self.data, sniff(self.data)),
            size(len(self.data)),
            f"sha256 `{hashlib.sha256(self.data).hexdigest()}`",
        ]
        return f"**{label}**: {'; '.join(facts)}"


def sniff(data: bytes) -> str:
    """The mime type by the first bytes, never by a name."""
    for magic, mime in _MAGIC:
        if data.startswith(magic):
            return mime
    if data[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(
            data[8:12], "application/octet-stream"
        )
    if data[4:8] == b"ftyp":
        return {b"M4A ": "audio/mp4", b"avif": "image/avif", b"heic": "image/heic"}.get(data[8:12], "video/mp4")
    try:
        data[:4096].decode()
    except UnicodeDecodeError as error:
        return "text/plain" if error.start > 4092 else "application/octet-stream"
    return "application/octet-stream" if b"\x00" in data[:4096] else "text/plain"


def size(count: int) -> str:
    """`812 bytes`, `24.1 kB`, `3.0 MB`; 1 kB is 1000 bytes."""
    if count < 1000:
        return f"{count} byte{'s' * (count != 1)}"
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def _shown(text: str) -> str:
    """A name or address in one short line that Markdown cannot misread."""
    text = "".join(c for c in text if c.isprintable() and c not in "*`[]<>|")
    return text if len(text) <= 80 else text[:79] + "…"


def _look(data: bytes, mime: str) -> list[str]:
    kind = mime.split("/", 1)[0]
    if mime == "application/pdf":
        return _pdf(data)
    if kind == "image":
        return _image(data)
    if mime == "audio/wav":
        return _wav(data)
    if kind in ("audio", "video"):
        return [f"{kind} ({mime})"]
    if kind == "text":
        text = data.decode(errors="replace")
        return [f"text, {text.count(chr(10)) + 1} lines"]
    return ["a file of unknown kind"]


def _wav(data: bytes) -> list[str]:
    try:
        with wave.open(io.BytesIO(data)) as sound:
            seconds = sound.getnframes() / sound.getframerate()
            return [f"WAV audio, {seconds:.1f} s, {sound.getframerate()} Hz, {sound.getnchannels()} channel(s)"]
    except (wave.Error, EOFError, ZeroDivisionError):
        return ["audio (audio/wav) that cannot be read"]


def _image(data: bytes) -> list[str]:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data))
            kind, (width, height) = image.format, image.size
            image.draft("RGB", (64, 64))
            colours = main_colours(image)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return ["an image with too many pixels to open safely"]
    except Exception:  # noqa: BLE001 - Pillow's readers raise nearly anything for a broken file
        return ["an image that cannot be read"]
    return [f"{kind} image, {width} × {height} pixels", f"main colours: {colours}"]


def main_colours(image: Any) -> str:
    """The three most frequent colours by name with their share, `blue 62 %, white 30 %`; transparent parts left out."""
    small = image.convert("RGBA").resize((48, 48))
    votes: dict[str, int] = {}
    for red, green, blue, alpha in (
        small.getdata() if not hasattr(small, "get_flattened_data") else small.get_flattened_data()
    ):
        name = _name(red, green, blue) if alpha > 127 else "transparent"
        votes[name] = votes.get(name, 0) + 1
    ranked = sorted(votes.items(), key=lambda vote: (-vote[1], vote[0]))[:3]
    return ", ".join(f"{name} {round(100 * count / 2304)} %" for name, count in ranked if count >= 46)


def _name(red: int, green: int, blue: int) -> str:
    """The everyday name of a colour."""
    hue, lightness, _ = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
    if max(red, green, blue) - min(red, green, blue) < 26 or not 0.07 < lightness < 0.96:
        return "black" if lightness < 0.17 else "white" if lightness > 0.9 else "grey"
    name = next(name for end, name in _HUES if hue * 360 <= end)
    if lightness < 0.27:
        return _DARK.get(name, f"dark {name}")
    return _LIGHT.get(name, name) if lightness > 0.74 else name


def _pdf(data: bytes) -> list[str]:
    import pypdf
    from pypdf.errors import DependencyError

    # pypdf reports each oddity of a file through logging; in a notebook that would land in the user's cell.
    logging.getLogger("pypdf").addHandler(logging.NullHandler())
    logging.getLogger("pypdf").propagate = False
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            return ["a PDF that is encrypted: without its password nothing in it can be read"]
        pages = len(reader.pages)
        found = headings(reader)
    except DependencyError:
        return ["a PDF that is encrypted: nothing in it can be read here"]
    except Exception:  # noqa: BLE001 - a broken PDF raises nearly anything
        return ["a PDF that cannot be read"]
    read = ", ".join(f"“{_shown(heading)}”" for heading in found) or "none found"
    return [f"a PDF with {pages} page{'s' * (pages != 1)}", f"headings read in it: {read}"]


def headings(reader: Any) -> list[str]:
    """The lines that are set larger (or bolder) than a PDF's most frequent size; else its bookmarks; else its first line."""
    lines: list[tuple[float, str]] = []
    for page in reader.pages[:PDF_PAGES]:
        lines += lines_of(page)
    if not lines:
        return _bookmarks(reader)
    weight: dict[float, int] = {}
    for height, text in lines:
        weight[height] = weight.get(height, 0) + len(text)
    body = max(weight, key=lambda height: (weight[height], -height))
    found = [text for height, text in lines if height > body * 1.08]
    found = found or _bookmarks(reader) or [lines[0][1]]
    return list(dict.fromkeys(found))[:PDF_HEADINGS]


def lines_of(page: Any) -> list[tuple[float, str]]:
    """Each line of a page with its height in points, bold counting a tenth more."""
    runs: list[tuple[float, str]] = []

    def visit(text: str, cm: list[float], tm: list[float], font: Any, points: float) -> None:
        scale = (abs(tm[3]) or abs(tm[1]) or 1.0) * (abs(cm[3]) or 1.0)
        bold = "bold" in str((font or {}).get("/BaseFont", "")).lower()
        runs.append((round(points * scale * (1.1 if bold else 1.0), 1), text))

    page.extract_text(visitor_text=visit)
    lines: list[tuple[float, str]] = []
    current, height = "", 0.0
    for points, text in [*runs, (0.0, "\n")]:
        for index, part in enumerate(text.split("\n")):
            if index and current.strip():
                lines.append((height, " ".join(current.split())))
            if index:
                current, height = "", 0.0
            current += part
            height = max(height, points) if part.strip() else height
    return lines


def _bookmarks(reader: Any) -> list[str]:
    def titles(items: Any) -> list[str]:
        return [t for item in items for t in (titles(item) if isinstance(item, list) else [str(item.title)])]

    return titles(reader.outline)[:PDF_HEADINGS]
