from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from aiml_nb.errors import APIError, InvalidRequestError
from aiml_nb.render.picture import INLINE_BYTES, grid, open_image, pixel_hash, thumbnail


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    size = width * height * len(mode)
    block = bytes((index * index * 31 + index // 7) % 251 for index in range(65_536))
    return Image.frombytes(mode, (width, height), (block * (size // len(block) + 1))[:size])


def bomb(width: int, height: int) -> bytes:
    """A few bytes that claim to be a PNG of any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
def test_formats(kind: str) -> None:
    """Each of the five formats opens decoded, from bytes and from a file."""
    data = encoded(noise(40, 30), kind)
    image = open_image(data)
    assert (kind, (40, 30)) == (image.format, image.size)
    Path("x.bin").write_bytes(data)
    assert pixel_hash(image) == pixel_hash(open_image(Path("x.bin")))


@pytest.mark.parametrize("size", [(9460, 9460), (13_400, 13_400), (60_000, 60_000), (50_000_001, 1)])
def test_bombs(size: tuple[int, int]) -> None:
    """A picture of more than 50 megapixels is refused before it is decoded, with its size in words."""
    with pytest.raises(APIError, match=f"{size[0]} x {size[1]} pixels") as caught:
        open_image(bomb(*size))
    assert "protocol" == caught.value.kind


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
def test_cut_short(kind: str) -> None:
    """A file cut anywhere is refused or opens whole, and never raises anything but ours."""
    data = encoded(noise(64, 64), kind)
    refused = 0
    for percent in range(0, 96, 5):
        try:
            open_image(data[: len(data) * percent // 100])
        except APIError as error:
            assert "protocol" == error.kind
            refused += 1
    assert refused >= 18


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "AVIF"])
def test_damaged(kind: str) -> None:
    """Bytes changed anywhere never raise anything but ours."""
    data = encoded(noise(64, 64), kind)
    for position in range(0, min(len(data), 3000), 17):
        broken = bytearray(data)
        broken[position] ^= 0xFF
        try:
            open_image(bytes(broken))
        except APIError as error:
            assert error.advice


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "an empty file"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "SVG"),
        (b"<?xml version='1.0'?><svg/>", "SVG"),
        (b"<!DOCTYPE html><html>", "HTML"),
        (b'{"error": "no"}', "JSON"),
        (b"%PDF-1.7", "a PDF"),
        (b"%!PS-Adobe", "PostScript"),
        (b"BM" + bytes(60), "BMP"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"\0" * 100, "unknown"),
    ],
)
def test_no_picture(data: bytes, words: str) -> None:
    """What is no picture is refused with what it is and what is allowed."""
    with pytest.raises(APIError, match=words) as caught:
        open_image(data)
    assert "PNG, JPEG, WEBP, GIF, AVIF" in caught.value.advice


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    """A folder, a pipe, a device and a missing file are refused at once."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero"), tmp_path / "missing.png"):
        with pytest.raises(InvalidRequestError):
            open_image(path)


def test_small_passes_untouched() -> None:
    """A small PNG, JPEG or animation goes into the notebook byte for byte."""
    frames = [noise(20, 20), noise(21, 21).resize((20, 20))]
    animation = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    for data, mime in [
        (encoded(noise(50, 50)), "image/png"),
        (encoded(noise(50, 50), "JPEG"), "image/jpeg"),
        (animation, "image/gif"),
    ]:
        assert (data, mime) == thumbnail(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF"])
def test_large_is_shrunk(kind: str) -> None:
    """A large picture becomes a JPEG within the edge, of bounded size, with its proportions."""
    data, mime = thumbnail(encoded(noise(1600, 800), kind))
    assert ("image/jpeg", (768, 384)) == (mime, open_image(data).size)
    assert len(data) < 2 * INLINE_BYTES


def test_transparency_is_kept() -> None:
    """Transparent parts stay transparent; an alpha channel that hides nothing becomes a JPEG."""
    image = noise(900, 900).convert("RGBA")
    assert "image/jpeg" == thumbnail(image)[1]
    image.putalpha(Image.linear_gradient("L").resize((900, 900)))
    data, mime = thumbnail(image)
    assert mime in {"image/png", "image/webp"}
    assert (0, 255) != open_image(data).getchannel("A").getextrema() or len(data) < 4 * INLINE_BYTES
    flat = Image.new("RGBA", (900, 900), (255, 0, 0, 0))
    assert "image/png" == thumbnail(flat)[1]


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "I;16", "I", "F", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV"]
)
def test_every_mode(mode: str) -> None:
    """A picture in any mode of Pillow's can be shown and hashed, and is not changed by it."""
    image = Image.new(mode, (900, 10))
    before = image.tobytes()
    assert open_image(thumbnail(image)[0]).size[0] == 768
    assert 12 == len(pixel_hash(image))
    assert (before, (900, 10)) == (image.tobytes(), image.size)


def test_sixteen_bits() -> None:
    """A 16-bit picture is scaled to the screen's 8 bits, not clipped to white."""
    image = Image.new("I;16", (900, 900), 0x8000)
    assert open_image(thumbnail(encoded(image))[0]).convert("L").getpixel((5, 5)) in range(126, 131)


def test_upright() -> None:
    """A photo that says it lies on its side is turned upright when it is shrunk."""
    exif = Image.Exif()
    exif[0x0112] = 6
    data, _ = thumbnail(encoded(noise(1600, 800), "JPEG", exif=exif))
    assert (384, 768) == open_image(data).size


@pytest.mark.parametrize(
    ("count", "size"), [(1, (1024, 1024)), (2, (1024, 508)), (3, (1024, 336)), (4, (1024, 1024)), (5, (1024, 680))]
)
def test_grid(count: int, size: tuple[int, int]) -> None:
    """Pictures stand in rows with even gaps, each wholly inside its cell."""
    data, mime, told = grid([Image.new("RGB", (1200, 1200), "navy")] * count)
    assert ("image/jpeg", size, size) == (mime, told, open_image(data).size)


def test_grid_gap() -> None:
    """The gap is the sheet's white, and the pictures beside it keep their colour."""
    data, *_ = grid([Image.new("RGB", (600, 600), "navy"), Image.new("RGB", (300, 300), "red")])
    sheet = open_image(data)
    assert min(sheet.getpixel((512, 250))) > 240
    assert sheet.getpixel((250, 250))[2] > 100
    with pytest.raises(InvalidRequestError):
        grid([])


def test_pixel_hash() -> None:
    """The hash depends on the pixels, not on the file they came from."""
    image = noise(30, 30)
    assert (
        pixel_hash(image)
        == pixel_hash(open_image(encoded(image, compress_level=1)))
        == pixel_hash(open_image(encoded(image, "WEBP", lossless=True)))
    )
    assert pixel_hash(image) != pixel_hash(image.rotate(90))
