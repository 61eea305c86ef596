"""Attachment: what may be attached, what is told when it may not, and that a file is read as it was."""

from __future__ import annotations

import base64
import io
import os
import socket
from pathlib import Path
from types import SimpleNamespace

import matplotlib.figure
import numpy as np
import pytest
from PIL import Image

from aiml_nb.content import MAX_BYTES, Attachment
from aiml_nb.errors import InvalidRequestError


def png(size: tuple[int, int] = (4, 3)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "PNG")
    return out.getvalue()


def refused(value: object, **options: bool) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as caught:
        Attachment.of(value, **options)
    assert caught.value.advice
    return caught.value


def test_a_path_is_not_read_whole(tmp_path: Path) -> None:
    """A file stays on disk: the attachment holds its absolute path, its size and no bytes."""
    (tmp_path / "red.png").write_bytes(png())
    for given in ("red.png", Path("red.png"), tmp_path / "red.png"):
        found = Attachment.of(given)
        assert (tmp_path / "red.png", None, "image/png", "image") == (found.path, found.data, found.mime, found.kind)
        assert (len(png()), png()) == (found.size, found.read())


def test_the_home_folder_is_expanded() -> None:
    """`~` is the user's home."""
    Path("~/note.txt").expanduser().write_text("hi")
    assert "hi" == Attachment.of("~/note.txt").text()


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    """The error names the file asked for and the one that was probably meant, whatever its case."""
    (tmp_path / "Holiday.PNG").write_bytes(png())
    error = refused("holidy.png")
    assert "holidy.png" in error.message
    assert "Holiday.PNG" in error.advice
    assert "no folder" in refused("nowhere/holiday.png").advice


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda path: path.mkdir(), "folder"),
        (os.mkfifo, "pipe"),
        (lambda path: socket.socket(socket.AF_UNIX).bind(path.name), "socket"),
        (lambda path: path.touch(), "empty"),
        (lambda path: path.symlink_to("/dev/zero"), "device"),
        (lambda path: path.symlink_to(path), "symbolic links"),
        (lambda path: path.symlink_to("gone"), "no file"),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, make: object, word: str) -> None:
    """A folder, pipe, socket, device, empty file or dead link is named for what it is, and nothing waits."""
    make(tmp_path / "x")
    assert word in refused("x").message


def test_a_link_to_a_file_is_that_file(tmp_path: Path) -> None:
    """A symbolic link to a regular file is read through."""
    (tmp_path / "red.png").write_bytes(png())
    (tmp_path / "link.png").symlink_to("red.png")
    assert png() == Attachment.of("link.png").read()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_says_so(tmp_path: Path) -> None:
    """A file without read permission is named with the system's reason."""
    (tmp_path / "x.txt").write_text("x")
    (tmp_path / "x.txt").chmod(0)
    assert "ermission" in refused("x.txt").message


def test_a_file_above_the_cap_is_refused_unread(tmp_path: Path) -> None:
    """A file larger than the limit is refused by its size alone, with the limit named."""
    with (tmp_path / "big.bin").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert "200.0 MB" in refused("big.bin").message


@pytest.mark.parametrize(
    "value", ["", "  ", "a\0b", "x" * 5000, "ftp://host/x.png", "file:///x.png", "http://", "data:nonsense"]
)
def test_text_that_is_nothing_is_refused(value: str) -> None:
    """Empty text, impossible paths, other schemes and broken URLs are errors of ours."""
    refused(value)


@pytest.mark.parametrize("value", [None, 3, 2.5, object(), int, ["a"], {"a": 1}, lambda: 0])
def test_other_values_are_refused_with_what_is_allowed(value: object) -> None:
    """A value of a kind that cannot be attached gets the list of those that can."""
    assert "PIL image" in refused(value).advice


def test_a_url_is_kept_and_not_fetched() -> None:
    """An http(s) URL stays a URL, its type told by its path, or taken for a picture with a note."""
    found = Attachment.of("https://example.com/a%20b/talk.mp3?sig=1")
    assert ("audio", "talk.mp3", None) == (found.kind, found.name, found.size)
    assert "https://example.com/a%20b/talk.mp3?sig=1" == found.url
    bare = Attachment.of("https://example.com/photo")
    assert "image" == bare.kind
    assert bare.note
    with pytest.raises(InvalidRequestError):
        bare.read()


def test_a_data_url_is_decoded() -> None:
    """A data: URL becomes bytes, base64 or percent-encoded, and its content decides the type."""
    encoded = base64.b64encode(png()).decode()
    found = Attachment.of(f"data:image/jpeg;base64,{encoded}")
    assert ("image/png", png()) == (found.mime, found.read())
    assert "a b" == Attachment.of("data:,a%20b").text()
    assert "text/csv" == Attachment.of("data:text/csv,a%2Cb").mime
    assert "base64" in refused("data:image/png;base64,@@@@").message


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, io.BytesIO])
def test_bytes_in_any_form(kind: type) -> None:
    """bytes, bytearray, memoryview and a file object give the same attachment."""
    found = Attachment.of(kind(png()))
    assert ("image/png", "image.png", png()) == (found.mime, found.name, found.data)


def test_an_open_file_is_read_from_its_start_and_left_where_it_stood(tmp_path: Path) -> None:
    """A buffer that was just written stands at its end; it is read whole all the same, and put back."""
    (tmp_path / "red.png").write_bytes(png())
    with (tmp_path / "red.png").open("rb") as file:
        file.seek(5)
        found = Attachment.of(file)
        assert ("red.png", png()) == (found.name, found.data)
        assert 5 == file.tell()
    assert "abc" == Attachment.of(io.StringIO("abc")).text()


def test_a_picture_in_memory_becomes_a_file(tmp_path: Path) -> None:
    """A PIL image becomes PNG, one that came from a JPEG becomes JPEG with the same pixels."""
    picture = Image.radial_gradient("L").convert("RGB")
    found = Attachment.of(picture)
    assert ("image/png", picture.tobytes()) == (found.mime, Image.open(io.BytesIO(found.read())).tobytes())
    picture.save(tmp_path / "a.jpg", quality=80)
    with Image.open(tmp_path / "a.jpg") as loaded:
        found = Attachment.of(loaded)
        assert ("image/jpeg", "a.jpg") == (found.mime, found.name)
        assert loaded.tobytes() == Image.open(io.BytesIO(found.read())).tobytes()


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "I;16", "F", "La", "RGBa"]
)
def test_each_mode_of_picture_can_be_attached(mode: str) -> None:
    """A picture in any mode of Pillow's becomes a PNG of its size."""
    found = Attachment.of(Image.new(mode, (5, 4)))
    assert (5, 4) == Image.open(io.BytesIO(found.read())).size


def test_a_huge_picture_in_memory_is_refused() -> None:
    """More pixels than the limit are refused before they are encoded."""
    error = refused(Image.new("1", (20_000, 10_000)))
    assert "200 megapixels" in error.message


def test_figures_axes_and_arrays_become_png() -> None:
    """A Matplotlib figure, its axes, and a uint8 array become PNG; another array is refused with the way to convert."""
    figure = matplotlib.figure.Figure(figsize=(1, 1))
    axes = figure.subplots()
    axes.plot([1, 2])
    array = np.arange(48, dtype="uint8").reshape(4, 4, 3)
    assert ["image/png"] * 4 == [Attachment.of(value).mime for value in (figure, axes, array, array[:, :, 0])]
    assert array.tobytes() == Image.open(io.BytesIO(Attachment.of(array).read())).tobytes()
    assert "astype" in refused(np.zeros((4, 4))).advice


def test_rich_objects_and_results_are_drawn(tmp_path: Path) -> None:
    """What has `_repr_png_` (bytes, base64, with metadata), a result with bytes and mime, and an upload are attached."""
    text = base64.encodebytes(png()).decode()
    for shown in (png(), text, (png(), {"width": 4}), (text, {})):
        assert png() == Attachment.of(SimpleNamespace(_repr_png_=lambda shown=shown: shown)).read()
    result = SimpleNamespace(bytes=png(), mime="image/png", path=tmp_path / "cat.png")
    assert "cat.png" == Attachment.of(result).name
    assert "up.png" == Attachment.of({"name": "up.png", "content": memoryview(png()), "size": 9}).name
    found = Attachment.of(result)
    assert found is Attachment.of(found)


def test_a_wrong_extension_is_corrected(tmp_path: Path) -> None:
    """The name that is sent has the extension of the content."""
    for name, right in (
        ("a.jpg", "a.png"),
        ("a.txt", "a.png"),
        ("a", "a.png"),
        ("v1.2", "v1.2.png"),
        ("a.PNG", "a.PNG"),
    ):
        (tmp_path / name).write_bytes(png())
        assert right == Attachment.of(name).name


def test_pictures_that_models_do_not_take_are_refused_with_the_way_out(tmp_path: Path) -> None:
    """HEIC and SVG are refused with a hint, whatever their name, and sent as they are when that is asked for."""
    heic, svg = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 50, b'<?xml version="1.0"?>\n<svg width="4"/>'
    for data, word in ((heic, "pillow-heif"), (svg, "PNG")):
        (tmp_path / "x.png").write_bytes(data)
        assert word in refused("x.png").advice
        assert data == Attachment.of("x.png", original=True).read()


def test_text_of_another_encoding_becomes_utf_8(tmp_path: Path) -> None:
    """UTF-16 and a spreadsheet's Windows-1252 are converted and said; with original they stay."""
    for encoding in ("utf-16", "cp1252"):
        (tmp_path / "t.csv").write_bytes("naïve;10 €".encode(encoding))
        found = Attachment.of("t.csv")
        assert ("text/csv", "naïve;10 €") == (found.mime, found.read().decode())
        assert found.note
        assert "naïve;10 €".encode(encoding) == Attachment.of("t.csv", original=True).read()


def test_a_file_that_changes_is_refused(tmp_path: Path) -> None:
    """A file that changed or went after it was attached is an error, never other bytes; its label never fails."""
    path = tmp_path / "a.txt"
    path.write_text("first")
    found = Attachment.of(path)
    path.write_text("second, longer")
    with pytest.raises(InvalidRequestError, match="changed"):
        found.read()
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(InvalidRequestError, match="cannot be read"):
        found.read()
    path.unlink()
    assert found.label
    assert Attachment("text/plain", "a.txt", path).label


def test_blocks_are_the_file(tmp_path: Path) -> None:
    """Blocks of any size put together are the content, from disk and from memory, and the hash is theirs."""
    data = bytes(range(256)) * 41
    (tmp_path / "x.bin").write_bytes(data)
    for found in (Attachment.of("x.bin"), Attachment.of(data)):
        for block in (1, 3, 1000, 20_000):
            assert data == b"".join(found.chunks(block))
        assert found.sha256 == __import__("hashlib").sha256(data).hexdigest()


def test_it_goes_through_json(tmp_path: Path) -> None:
    """to_json and from_json give an equal attachment, from disk, memory and URL."""
    (tmp_path / "a.png").write_bytes(png())
    for value in ("a.png", png(), "https://example.com/a.png"):
        found = Attachment.of(value)
        again = Attachment.from_json(found.to_json())
        assert (found, found.stamp) == (again, again.stamp)


def test_bytes_do_not_show() -> None:
    """The repr of an attachment holds none of its content."""
    assert "IHDR" not in repr(Attachment.of(png()))
    assert "image.png, " in Attachment.of(png()).label


def test_a_hash_is_no_name(tmp_path: Path) -> None:
    """A result's file is named by its hash in the store; a model and a reader are told what it is."""
    path = tmp_path / f"{'0f' * 32}.png"
    path.write_bytes(png())
    assert "image.png" == Attachment.of(path).name
    result = SimpleNamespace(bytes=png(), mime="image/png", path=path)
    assert "image.png" == Attachment.of(result).name
