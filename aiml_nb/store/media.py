"""Media files by the hash of their bytes: the originals, untouched, each once, readable for the user only.

It knows nothing of calls, and of a file's contents nothing but the suffix that it was given.
"""

from __future__ import annotations

import contextlib
import hashlib
import mimetypes
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import AIMLError

_BLOCK = 256 * 1024
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_HASH = re.compile(r"[0-9a-f]{64}")
_LEFT_OVER = 3600.0
#: Where `mimetypes` knows none or an odd one.
_SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/mpeg": ".mp3",
    "audio/flac": ".flac",
    "audio/ogg": ".ogg",
    "model/gltf-binary": ".glb",
    "model/obj": ".obj",
    "model/stl": ".stl",
    "model/vnd.usdz+zip": ".usdz",
    "video/mp4": ".mp4",
}


class Media:
    """The files under `folder`, as `ab/abcdef….png`: the sha256 of the bytes, and a suffix for other programs.

    problem: one sentence when the folder cannot be written and files go to a temporary one; else empty.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problem = ""
        self._asked = folder

    def put(self, data: bytes | Path | Iterable[bytes], mime: str = "", *, suffix: str = "") -> Path:
        """Keep the bytes, of a file or of blocks too, and return where they are. The same bytes are kept once.

        mime, suffix: either names the file's end; `.bin` without. Raises AIMLError when there is no room anywhere.
        """
        end = _end(mime, suffix)
        try:
            return self._put(data, end)
        except OSError as error:
            if isinstance(data, Path) and error.filename is not None and Path(error.filename) == data:
                raise
            if not isinstance(data, bytes | bytearray | memoryview | Path) or self.folder != self._asked:
                raise AIMLError(f"the file cannot be kept: {error.strerror}", advice="Make room on the disk.") from None
            self._elsewhere(error)
            return self._put(data, end)

    def get(self, sha256: str) -> Path | None:
        """The file of that hash, or None."""
        if not _HASH.fullmatch(sha256):
            return None
        return next((path for path in (self.folder / sha256[:2]).glob(f"{sha256}.*")), None)

    def scratch(self) -> Path:
        """A folder for files that are still being written, on the same disk where that can be written."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (self.folder / "incoming").mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            if self.folder != self._asked:
                raise
            self._elsewhere(error)
            return self.scratch()
        _sweep(self.folder / "incoming")
        return self.folder / "incoming"

    def files(self) -> Iterator[Path]:
        """Every kept file."""
        return (path for path in self.folder.glob("??/*") if _HASH.fullmatch(path.stem))

    def size(self) -> tuple[int, int]:
        """(files, bytes)."""
        states = [state for path in self.files() if (state := _state(path)) is not None]
        return len(states), sum(state.st_size for state in states)

    def prune(self, before: float, keep: set[str]) -> tuple[int, int]:
        """Remove what was last put before that time (seconds since the epoch), hashes in `keep` aside. (files, bytes)."""
        count = freed = 0
        for path in list(self.files()):
            state = _state(path)
            if state is not None and state.st_mtime < before and path.stem not in keep:
                path.unlink(missing_ok=True)
                count, freed = count + 1, freed + state.st_size
        for path in [*self.folder.glob(".part-*"), *self.folder.glob("incoming/*")]:
            state = _state(path)
            if state is not None and path.is_file() and state.st_mtime < time.time() - _LEFT_OVER:
                path.unlink(missing_ok=True)
        return count, freed

    def _put(self, data: bytes | Path | Iterable[bytes], end: str) -> Path:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".part-")  # made with mode 0600
        temporary = Path(name)
        try:
            digest = hashlib.sha256()
            with os.fdopen(handle, "wb") as file:
                for block in _blocks(data):
                    digest.update(block)
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
            return self._placed(temporary, digest.hexdigest(), end)
        finally:
            temporary.unlink(missing_ok=True)

    def _placed(self, temporary: Path, sha256: str, end: str) -> Path:
        kept = self.get(sha256)
        if kept is not None and kept.stat().st_size == temporary.stat().st_size:
            kept.touch()  # its age counts from its last use
            return kept
        path = self.folder / sha256[:2] / (sha256 + end)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        temporary.replace(path)
        return path

    def _elsewhere(self, error: OSError) -> None:
        """From now on in a temporary folder, which goes when the kernel ends."""
        import atexit

        self.problem = f"media files cannot be kept in {self._asked} ({error.strerror}); this kernel has them in a temporary folder"
        self.folder = Path(tempfile.mkdtemp(prefix="aiml_nb-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)


def _sweep(folder: Path) -> None:
    """Remove what a killed kernel left half written; a download under way was written to a moment ago."""
    for path in folder.iterdir():
        if (state := _state(path)) is not None and time.time() - state.st_mtime > _LEFT_OVER:
            with contextlib.suppress(OSError):
                path.unlink()


def _state(path: Path) -> os.stat_result | None:
    """None when another kernel has just removed it."""
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _blocks(data: bytes | Path | Iterable[bytes]) -> Iterator[bytes]:
    if isinstance(data, bytes | bytearray | memoryview):
        yield bytes(data) if isinstance(data, memoryview) else data
    elif isinstance(data, Path):
        with data.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
    else:
        yield from data


def _end(mime: str, suffix: str) -> str:
    mime = mime.partition(";")[0].strip().lower()
    end = suffix.lower() if suffix else _SUFFIXES.get(mime) or mimetypes.guess_extension(mime) or ".bin"
    end = end if end.startswith(".") else f".{end}"
    return end if _SUFFIX.fullmatch(end) else ".bin"
