"""A picture made ready: shrunk when too large, untouched when not, refused when broken; and what the note says."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from aiml_nb.content import Attachment, prepare_image
from aiml_nb.errors import InvalidRequestError

from .making import CANARY, exif, noise, saved


def opened(attachment: Attachment) -> Image.Image:
    picture = Image.open(io.BytesIO(attachment.read()))
    picture.load()
    return picture


def bomb(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds next to nothing."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


def refused(data: bytes) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as caught:
        prepare_image(Attachment.of(data))
    assert caught.value.advice
    return caught.value


def test_a_large_photo_is_shrunk_and_says_so(photo: Callable[..., bytes], tmp_path: Path) -> None:
    """The longer edge becomes the limit, the file lighter, the metadata go, and the note tells all of it."""
    (tmp_path / "big.jpg").write_bytes(photo((400, 300)))
    found = prepare_image(Attachment.of("big.jpg"), max_edge=200)
    assert ("image/jpeg", "big.jpg", (200, 150)) == (found.mime, found.name, opened(found).size)
    assert CANARY.encode() not in found.read()
    assert found.note.startswith("shrunk from 400×300 to 200×150 (")
    assert found.note.endswith("location removed; --original sends it as it is")
    assert b"profile" * 20 == opened(found).info["icc_profile"]


def test_a_small_photo_keeps_its_pixels(photo: Callable[..., bytes]) -> None:
    """Not shrunk, a picture's pixels are untouched; the note names the location only where there was one."""
    found = prepare_image(Attachment.of(photo()))
    assert Image.open(io.BytesIO(photo())).tobytes() == opened(found).tobytes()
    assert CANARY.encode() not in found.read()
    assert "location removed; --original sends it as it is" == found.note
    assert "" == prepare_image(Attachment.of(photo(gps=False))).note


def test_original_sends_the_bytes(photo: Callable[..., bytes], tmp_path: Path) -> None:
    """With original nothing is touched, whatever the size and the metadata."""
    (tmp_path / "big.jpg").write_bytes(photo((400, 300)))
    found = Attachment.of("big.jpg")
    assert found is prepare_image(found, max_edge=10, original=True)


def test_what_is_no_picture_comes_back() -> None:
    """Text and URLs pass as they are."""
    for value in (b"hello", "https://example.com/a.png"):
        found = Attachment.of(value)
        assert found is prepare_image(found)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_rotated_picture_is_shrunk_upright(orientation: int, form: str) -> None:
    """The orientation is applied: a red left half is where a viewer shows it, and no Exif is left."""
    upright = Image.new("RGB", (120, 80), "blue")
    upright.paste("red", (0, 0, 60, 80))
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(back[orientation]) if orientation > 1 else upright
    found = prepare_image(Attachment.of(saved(stored, form, exif=exif(orientation=orientation))), max_edge=60)
    shown = opened(found).convert("RGB")
    assert ((60, 40), {}) == (shown.size, dict(shown.getexif()))
    assert "from 120×80 to 60×40" in found.note
    left, right = shown.getpixel((10, 20)), shown.getpixel((50, 20))
    assert left[0] - left[2] > 150
    assert right[2] - right[0] > 150


@pytest.mark.parametrize(
    ("mode", "form"),
    [
        *[(mode, "PNG") for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")],
        *[(mode, "JPEG") for mode in ("L", "RGB", "CMYK")],
        *[(mode, "TIFF") for mode in ("1", "L", "RGB", "RGBA", "CMYK", "I;16", "F", "I", "LAB", "YCbCr")],
        *[(mode, "BMP") for mode in ("1", "L", "P", "RGB")],
        *[(mode, "WEBP") for mode in ("RGB", "RGBA")],
        ("P", "GIF"),
        ("RGB", "AVIF"),
    ],
)
@pytest.mark.parametrize("size", [(40, 30), (1, 1), (1, 40)])
def test_every_mode_of_every_format(mode: str, form: str, size: tuple[int, int]) -> None:
    """Each mode a format can hold is sent in a format that models take, whole and shrunk, down to one pixel."""
    data = saved(Image.new(mode, size, 1 if mode in {"I;16", "I", "F"} else None), form)
    for edge in (2048, 20):
        found = prepare_image(Attachment.of(data), max_edge=edge)
        assert found.mime in {"image/png", "image/jpeg", "image/webp", "image/gif"}
        assert max(opened(found).size) == min(edge, max(size))


def test_alpha_and_sixteen_bits_survive_shrinking() -> None:
    """A transparent picture stays transparent, a palette's too; 16-bit grey keeps its brightness."""
    clear = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    palette = Image.new("P", (40, 40), 3)
    palette.putpalette(range(48))
    for data in (saved(clear, "PNG"), saved(palette, "PNG", transparency=3), saved(clear, "WEBP")):
        assert 0 == opened(prepare_image(Attachment.of(data), max_edge=20)).convert("RGBA").getpixel((5, 5))[3]
    grey = saved(Image.new("I;16", (40, 40), 32768), "PNG")
    assert 127 <= opened(prepare_image(Attachment.of(grey), max_edge=20)).getpixel((5, 5)) <= 128


def test_an_animation_is_kept_or_its_first_frame_is_named() -> None:
    """Small, an animation is sent whole; shrunk, its first frame, which the note says."""
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "green", "blue")]
    for form in ("GIF", "WEBP", "PNG"):
        data = saved(frames[0], form, save_all=True, append_images=frames[1:], duration=50)
        assert 3 == opened(prepare_image(Attachment.of(data))).n_frames
        found = prepare_image(Attachment.of(data), max_edge=20)
        assert "the first of 3 frames" in found.note
        assert 200 < opened(found).convert("RGB").getpixel((5, 5))[0]


def test_a_scan_of_several_pages_sends_the_first() -> None:
    """A TIFF becomes PNG with its pixels, and the note says that there were more pages."""
    pages = [noise((20, 20)), noise((20, 20), "L")]
    found = prepare_image(Attachment.of(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])))
    assert ("image/png", "image.png") == (found.mime, found.name)
    assert pages[0].tobytes() == opened(found).tobytes()
    assert "sent as PNG; the first of 2 pages" in found.note


@pytest.mark.parametrize("size", [(20_000, 10_000), (60_000, 60_000), (9460, 9460), (2_000_000_000, 1)])
def test_a_bomb_is_refused_by_name_and_size(tmp_path: Path, size: tuple[int, int]) -> None:
    """A picture of too many pixels is refused from its header, with its name, its size and the limit."""
    (tmp_path / "huge.png").write_bytes(bomb(*size))
    with pytest.raises(InvalidRequestError, match=rf"huge\.png is too large: {size[0]}×{size[1]}.*50"):
        prepare_image(Attachment.of("huge.png"))


def test_a_webp_bomb_is_refused_before_it_takes_memory() -> None:
    """The size of each kind of WebP is read from its header."""
    big = b"RIFF\x20\0\0\0WEBPVP8 \x10\0\0\0\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 16_000, 4000) + b"\0" * 8
    lossless = b"RIFF\x20\0\0\0WEBPVP8L\x10\0\0\0\x2f" + (15_999 | 15_999 << 14).to_bytes(4, "little") + b"\0" * 11
    extended = b"RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\x00\xff\xff\x00" + b"\0" * 8
    for data, size in ((big, "16000×4000"), (lossless, "16000×16000"), (extended, "65536×65536")):
        assert size in refused(data).message


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"])
def test_a_picture_cut_short_is_refused(form: str) -> None:
    """Cut at any tenth of its length, a picture is refused as damaged, or was text or bytes by then."""
    data = saved(noise((80, 60)), form)
    for tenth in range(1, 10):
        found = Attachment.of(data[: len(data) * tenth // 10])
        for edge in (2048, 40):
            with pytest.raises(InvalidRequestError, match="damaged"):
                prepare_image(found, max_edge=edge)


def test_a_picture_of_nothing_but_its_start_is_refused() -> None:
    """Magic bytes and noise are a damaged picture."""
    for start in (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF\x10\0\0\0WEBP", b"II*\0", b"MM\0*"):
        assert "damaged" in refused(start + bytes(range(200))).message


def test_an_odd_structure_is_written_anew(photo: Callable[..., bytes]) -> None:
    """What Pillow reads and the lossless way does not is sent as PNG with the same pixels and without metadata."""
    data = photo()
    odd = data[:-2] + b"\xff\xe1\0\x01" + data[-2:]  # a segment of impossible length behind the pixels
    found = prepare_image(Attachment.of(odd))
    assert CANARY.encode() not in found.read()
    assert Image.open(io.BytesIO(data)).tobytes() == opened(found).tobytes()


def test_a_clean_picture_later_overwritten_stays_clean(photo: Callable[..., bytes], tmp_path: Path) -> None:
    """What was prepared is in memory: a file changed afterwards cannot bring its metadata back."""
    path = tmp_path / "a.png"
    path.write_bytes(saved(noise((9, 9)), "PNG"))
    found = prepare_image(Attachment.of(path))
    path.write_bytes(photo())
    assert CANARY.encode() not in found.read()


def test_a_bad_edge_is_refused() -> None:
    """A limit under one pixel is an error."""
    with pytest.raises(InvalidRequestError, match="max_edge"):
        prepare_image(Attachment.of(saved(noise((9, 9)), "PNG")), max_edge=0)
