"""Media files: by hash, once, whole or not at all, untouched."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from aiml_nb.errors import AIMLError
from aiml_nb.store import Media, Store

DATA = bytes(range(256)) * 4096


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Store(tmp_path / "home").media


def test_a_file_is_named_by_its_hash(media: Media) -> None:
    """The bytes are kept untouched under their sha256, with a suffix for other programs."""
    path = media.put(DATA, "image/png")
    digest = hashlib.sha256(DATA).hexdigest()
    assert media.folder / digest[:2] / f"{digest}.png" == path
    assert DATA == path.read_bytes()
    assert path == media.get(digest)
    assert media.get("0" * 64) is None
    assert media.get("../../etc/passwd") is None


def test_bytes_paths_and_blocks_are_the_same_file(media: Media, tmp_path: Path) -> None:
    """The same bytes from memory, a file or blocks are kept once, and a source file stays."""
    source = tmp_path / "source.png"
    source.write_bytes(DATA)
    blocks = (DATA[start : start + 1000] for start in range(0, len(DATA), 1000))
    paths = {
        media.put(DATA, "image/png"),
        media.put(source, "image/png"),
        media.put(blocks, suffix=".png"),
        media.put(DATA),
    }
    assert 1 == len(paths)
    assert (1, len(DATA)) == media.size()
    assert source.exists()


@pytest.mark.parametrize(
    ("given", "suffix"),
    [
        ({"mime": "image/jpeg"}, ".jpg"), ({"mime": "IMAGE/WEBP; q=1"}, ".webp"), ({"mime": "audio/mpeg"}, ".mp3"),
        ({"mime": "model/gltf-binary"}, ".glb"), ({"mime": "application/pdf"}, ".pdf"), ({"mime": "x/unheard-of"}, ".bin"),
        ({"suffix": "PNG"}, ".png"), ({"suffix": "/../../x"}, ".bin"), ({}, ".bin"), ({"mime": "a/b", "suffix": ".mov"}, ".mov"),
    ],
)  # fmt: skip
def test_the_suffix(media: Media, given: dict[str, str], suffix: str) -> None:
    """It comes from the mime type or as given, and never leaves the folder."""
    path = media.put(b"x", **given)
    assert suffix == path.suffix
    assert media.folder == path.parent.parent


def test_a_source_that_breaks_off_leaves_nothing(media: Media) -> None:
    """When the blocks end in an error, there is no half file."""

    def blocks() -> Iterator[bytes]:
        yield DATA
        raise ValueError("cut")

    with pytest.raises(ValueError, match="cut"):
        media.put(blocks())
    assert [] == [path for path in media.folder.rglob("*") if path.is_file()]


def test_a_missing_source_is_said(media: Media, tmp_path: Path) -> None:
    """A path that is not there is a FileNotFoundError, and no reason to leave the folder."""
    with pytest.raises(FileNotFoundError):
        media.put(tmp_path / "nothing.png")
    assert "" == media.problem


def test_threads_put_the_same_bytes(media: Media) -> None:
    """Many at once end in one whole file."""
    threads = [threading.Thread(target=media.put, args=(DATA,)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (1, len(DATA)) == media.size()
    assert DATA == next(media.files()).read_bytes()


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """Files go to a temporary folder, which is said; blocks that are half used up cannot, and that is an error in words."""
    (tmp_path / "taken").write_text("")
    media = Media(tmp_path / "taken" / "media")
    with pytest.raises(AIMLError, match="cannot be kept"):
        media.put(iter([b"x"]))
    path = media.put(DATA, "image/png")
    assert DATA == path.read_bytes()
    assert str(tmp_path / "taken") in media.problem
    assert media.scratch().is_dir()
    assert b"y" == media.put(iter([b"y"])).read_bytes()


def test_a_put_again_counts_as_new(media: Media) -> None:
    """A file's age counts from its last use."""
    import os
    import time

    path = media.put(DATA)
    os.utime(path, (1, 1))
    media.put(DATA)
    assert (0, 0) == media.prune(time.time() - 60, set())
    os.utime(path, (1, 1))
    assert (1, len(DATA)) == media.prune(time.time() - 60, set())
