"""Metadata: all of it goes, and not one pixel changes."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from aiml_nb.content import strip
from aiml_nb.content.privacy import read_exif

from .making import CANARY, exif, noise, saved

XMP = b'<x:xmpmeta exif:GPSLatitude="52,31.2N" note="' + CANARY.encode() + b'"/>'


def pixels(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        return picture.tobytes()


def told(data: bytes) -> dict[int, object]:
    with Image.open(io.BytesIO(data)) as picture:
        return dict(picture.getexif())


def texts() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", CANARY)
    info.add_text("Comment", CANARY, zip=True)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return info


FILES = {
    "jpeg": lambda **t: (
        "image/jpeg",
        saved(noise((64, 48)), "JPEG", exif=exif(**t), comment=CANARY.encode(), xmp=XMP),
    ),
    "progressive": lambda **t: ("image/jpeg", saved(noise((64, 48)), "JPEG", exif=exif(**t), progressive=True)),
    "restarts": lambda **t: ("image/jpeg", saved(noise((64, 48)), "JPEG", exif=exif(**t), restart_marker_rows=1)),
    "cmyk": lambda **t: ("image/jpeg", saved(noise((64, 48), "CMYK"), "JPEG", exif=exif(**t))),
    "grey": lambda **t: ("image/jpeg", saved(noise((64, 48), "L"), "JPEG", exif=exif(**t))),
    "png": lambda **t: ("image/png", saved(noise((64, 48), "RGBA"), "PNG", exif=exif(**t), pnginfo=texts())),
    "palette": lambda **t: ("image/png", saved(noise((64, 48)).quantize(16), "PNG", exif=exif(**t), transparency=3)),
    "webp": lambda **t: ("image/webp", saved(noise((64, 48), "RGBA"), "WEBP", lossless=True, exif=exif(**t), xmp=XMP)),
    "lossy webp": lambda **t: ("image/webp", saved(noise((64, 48)), "WEBP", exif=exif(**t))),
}


@pytest.mark.parametrize("name", FILES)
def test_everything_goes_and_the_pixels_stay(name: str) -> None:
    """The owner and the place are gone, from the bytes as from Exif, and the decoded pixels are equal bit for bit."""
    mime, data = FILES[name]()
    cleaned = strip(data, mime)
    assert cleaned.location
    assert CANARY.encode() not in cleaned.data
    assert {} == told(cleaned.data)
    assert pixels(data) == pixels(cleaned.data)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
def test_the_orientation_stays_alone(name: str, orientation: int) -> None:
    """A rotated picture keeps its orientation and nothing else of Exif."""
    mime, data = FILES[name](orientation=orientation)
    cleaned = strip(data, mime)
    assert orientation == cleaned.orientation
    assert ({0x0112: orientation} if orientation != 1 else {}) == told(cleaned.data)
    assert pixels(data) == pixels(cleaned.data)


def test_a_place_is_told_only_where_there_was_one() -> None:
    """Without GPS, and with GPS that holds a version alone, no location is claimed to be removed."""
    assert not strip(saved(noise((8, 8)), "JPEG", exif=exif(gps=False)), "image/jpeg").location
    block = exif(gps=False)
    block.get_ifd(0x8825)[0] = b"\2\3\0\0"
    assert not strip(saved(noise((8, 8)), "JPEG", exif=block), "image/jpeg").location
    assert strip(saved(noise((8, 8)), "JPEG", xmp=XMP), "image/jpeg").location


def test_what_hides_behind_the_end_goes() -> None:
    """A second picture, a film or an archive behind the end of the file is not sent."""
    for form, mime in (("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/gif")):
        data = saved(noise((8, 8)), form)
        assert data == strip(data + CANARY.encode(), mime).data


def test_colours_keep_what_they_need(photo: Callable[..., bytes]) -> None:
    """The colour profile stays."""
    with Image.open(io.BytesIO(strip(photo(), "image/jpeg").data)) as picture:
        assert b"profile" * 20 == picture.info["icc_profile"]


def test_unknown_png_chunks_go() -> None:
    """A private chunk is dropped, and those that the pixels need are copied with their checksums."""
    data = saved(noise((8, 8)), "PNG")
    secret = b"prVt" + CANARY.encode()
    chunk = len(CANARY).to_bytes(4, "big") + secret + zlib.crc32(secret).to_bytes(4, "big")
    assert data == strip(data[:33] + chunk + data[33:], "image/png").data


def test_an_animation_stays_one() -> None:
    """A GIF and a WebP keep their frames and their loop, and lose their comment."""
    frames = [noise((8, 8)).quantize(16), Image.new("RGB", (8, 8), "red").quantize(16)]
    for form, mime in (("GIF", "image/gif"), ("WEBP", "image/webp"), ("PNG", "image/png")):
        data = saved(
            frames[0], form, save_all=True, append_images=frames[1:], comment=CANARY.encode(), loop=0, duration=99
        )
        cleaned = strip(data, mime)
        assert CANARY.encode() not in cleaned.data
        with Image.open(io.BytesIO(cleaned.data)) as picture:
            assert (2, 0) == (picture.n_frames, picture.info["loop"])


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400), st.sampled_from(sorted(FILES)))
def test_broken_files_are_a_value_error(junk: bytes, at: int, name: str) -> None:
    """Whatever is broken in a file, it is stripped or refused with ValueError, and never hangs."""
    mime, data = FILES[name]()
    for broken in (data[:at], data[:at] + junk + data[at:], junk):
        try:
            strip(broken, mime)
        except ValueError:
            continue


@given(st.binary(max_size=100))
def test_broken_exif_tells_nothing(junk: bytes) -> None:
    """Any bytes as Exif give an orientation of 1 to 8 and no exception."""
    assert read_exif(b"II*\0" + junk)[0] in range(1, 9)
