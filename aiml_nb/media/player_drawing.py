"""How film and sound look: a player that holds the file itself up to a size, so that it plays in the saved notebook too.

Front ends render no raw `video/mp4` or `audio/wav` output, so the player is HTML with a data: URL. A larger file is
linked to. Nothing is decoded here.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..content import human_size
from ..render import parts
from .drawing import seconds

if TYPE_CHECKING:
    from .audio import Audio
    from .files import File, MediaFile
    from .video import Video

#: The files of one result go into the notebook up to this many bytes together; base64 makes a third more of them.
INLINE_BYTES = 8_000_000

#: What browsers call what they play all the same.
_PLAYED = {
    "video/quicktime": "video/mp4",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/mp3": "audio/mpeg",
}
#: The type may be the provider's word; only these stand in a page, for a data: URL of HTML would run.
_MIME = re.compile(r"(?:audio|video|model)/[a-z0-9.+-]+")
#: The front end's colour of links, else one that reads on light and on dark.
LINK = "color:var(--jp-content-link-color,#3d85d6)"
_BOX = "display:block;margin:.3em 0;max-width:100%"


def video_html(video: Video) -> str:
    """A player for each film, or a link and a still."""
    return _each(video, "video")


def audio_html(audio: Audio) -> str:
    """A player for each sound, or a link."""
    return _each(audio, "audio")


def text(result: MediaFile) -> str:
    """Kind, length, size and hash of each file: the same for the same bytes."""
    return "\n".join(
        ", ".join(
            [
                " ".join(line for line in (file.format, result.KIND) if line),
                *_facts(result, file),
                f"sha256 {file.sha256[:12]}",
            ]
        )
        for file in result.files
    )


def inlined(files: tuple[File, ...]) -> list[bool]:
    """Which of the files go into the notebook: the first ones, as many as fit together."""
    room, fits = INLINE_BYTES, []
    for file in files:
        fits.append(file.size <= room)
        room -= file.size if fits[-1] else 0
    return fits


def data_url(file: File) -> str:
    """The file as a data: URL."""
    mime = _PLAYED.get(file.mime, file.mime)
    mime = mime if _MIME.fullmatch(mime) else "application/octet-stream"
    return f"data:{mime};base64,{base64.b64encode(file.bytes).decode('ascii')}"


def link(file: File, words: str) -> str:
    """A link to the stored file, relative where it lies under the working folder, so that it goes along with the notebook."""
    return f'<a href="{parts.escape(_href(file.path))}" target="_blank" rel="noopener" style="{LINK}">{parts.escape(words)}</a>'


def still_html(result: MediaFile, label: str) -> str:
    """The still picture that stands for the file, empty where there is none."""
    still = _poster(result)
    return f'<img src="{still}" alt="{parts.escape(label)}" style="{_BOX};width:480px">' if still else ""


def _each(result: MediaFile, tag: str) -> str:
    return "".join(
        _player(result, file, tag) if inline else _linked(result, file, tag)
        for file, inline in zip(result.files, inlined(result.files), strict=True)
    )


def _player(result: MediaFile, file: File, tag: str) -> str:
    width = _width(file) if tag == "video" else 480
    poster = f' poster="{still}"' if tag == "video" and (still := _poster(result)) else ""
    label = parts.escape(f"{tag.capitalize()} by {result.model}, " + ", ".join(_facts(result, file)))
    inline = " playsinline" if tag == "video" else ""
    return (
        f'<{tag} controls preload="metadata"{inline} aria-label="{label}" style="{_BOX};width:{width}px"{poster} '
        f'src="{data_url(file)}">{label}</{tag}>'
    )


def _linked(result: MediaFile, file: File, tag: str) -> str:
    """A still where there is one, the link, and why there is no player."""
    still = still_html(result, "A still of the video") if tag == "video" else ""
    where = link(file, f"{file.format}, {', '.join(_facts(result, file))}")
    limit = human_size(INLINE_BYTES)
    why = f"larger than the {limit} that go into a notebook; .save('name{file.path.suffix}') puts it beside yours"
    no_still = "" if still or tag == "audio" else " (no still: nothing here decodes video)"
    return f"{still}<div>{where}</div>{parts.note(why + no_still)}"


def _poster(result: MediaFile) -> str:
    """The still as a data: URL, empty where there is none that can be shown."""
    from ..errors import AIMLError
    from ..render.picture import thumbnail

    if result.poster is None:
        return ""
    try:
        data, mime = thumbnail(result.poster)
    except AIMLError:
        return ""
    return f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"


def _facts(result: MediaFile, file: File) -> list[str]:
    from .container import frame_size

    length = file.duration
    size = frame_size(file.path) if result.KIND == "video" else None
    return [fact for fact in (seconds(length), f"{size[0]}×{size[1]}" if size else "", human_size(file.size)) if fact]


def _width(file: File) -> int:
    from .container import frame_size

    size = frame_size(file.path)
    return min(max(size[0], 240), 640) if size else 480


def _href(path: Path) -> str:
    from urllib.parse import quote

    try:
        return quote(path.resolve().relative_to(Path.cwd()).as_posix())
    except (ValueError, OSError):
        return path.resolve().as_uri()
