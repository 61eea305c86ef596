"""What some bytes are: by their content, whatever their name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiml_nb.content import kind_of, sniff
from aiml_nb.content.sniff import right_name


def iso(brand: bytes) -> bytes:
    return b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0isom" + b"\0" * 40


@pytest.mark.parametrize(
    ("head", "mime", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png", "image"),
        (b"\xff\xd8\xff\xe0", "image/jpeg", "image"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp", "image"),
        (b"GIF89a", "image/gif", "image"),
        (iso(b"avif"), "image/avif", "image"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", "image/avif", "image"),
        (iso(b"heic"), "image/heic", "image"),
        (b"<svg xmlns='x'>", "image/svg+xml", "image"),
        (b"MM\0*\0\0\0\x08", "image/tiff", "image"),
        (b"BM" + b"\0" * 12 + b"\x28\0\0\0", "image/bmp", "image"),
        (b"%PDF-1.7\n", "application/pdf", "pdf"),
        (b"\r\n\r\n%PDF-1.7\n", "application/pdf", "pdf"),
        (b"RIFF\x10\0\0\0WAVEfmt ", "audio/wav", "audio"),
        (b"ID3\x04\0", "audio/mpeg", "audio"),
        (b"\xff\xfb\x90\x64\0", "audio/mpeg", "audio"),
        (b"\xff\xf1\x50\x80\0", "audio/aac", "audio"),
        (b"fLaC\0", "audio/flac", "audio"),
        (b"OggS\0\2OpusHead", "audio/ogg", "audio"),
        (iso(b"M4A "), "audio/mp4", "audio"),
        (iso(b"isom"), "video/mp4", "video"),
        (iso(b"qt  "), "video/quicktime", "video"),
        (b"\x1a\x45\xdf\xa3\x01\0\x42\x82webm", "video/webm", "video"),
        (b"RIFF\x10\0\0\0AVI LIST", "video/x-msvideo", "video"),
        ("Grüße".encode(), "text/plain", "text"),
        (b"\xff\xfeh\0i\0", "text/plain", "text"),
        (b"BMW and other cars", "text/plain", "text"),
        (b"PK\x03\x04", "application/zip", "file"),
        (b"\0\1\2\3", "application/octet-stream", "file"),
        (b"\x80\x81\x82", "application/octet-stream", "file"),
    ],
)
def test_content_tells_the_type(head: bytes, mime: str, kind: str) -> None:
    """Each kind of file is known by its first bytes, under any name."""
    assert mime == sniff(head)
    assert (mime, kind) == (sniff(head, "photo.jpg") if kind != "text" else mime, kind_of(mime))


def test_a_polyglot_is_what_it_starts_as() -> None:
    """A JPEG that holds a PDF, and a PDF that holds a zip, are the first of the two."""
    assert "image/jpeg" == sniff(b"\xff\xd8\xff\xe0%PDF-1.4 PK\x03\x04")
    assert "application/pdf" == sniff(b"%PDF-1.4 \x89PNG PK\x03\x04")


def test_the_name_tells_apart_what_shares_a_container() -> None:
    """Only among texts, zips and MP4 does the name choose."""
    assert "text/csv" == sniff(b"a,b", "t.CSV")
    assert "audio/mp4" == sniff(iso(b"isom"), "talk.m4a")
    assert sniff(b"PK\x03\x04", "a.docx").endswith("wordprocessingml.document")
    assert "text/plain" == sniff(b"hello", "photo.png")
    assert "photo.txt" == right_name("photo.png", "text/plain")


@given(st.binary(max_size=300), st.text(max_size=20))
def test_any_bytes_have_a_type(head: bytes, name: str) -> None:
    """Nothing makes it fail, and the answer is always a mime type of a known kind."""
    assert kind_of(sniff(head, name)) in {"image", "pdf", "audio", "video", "text", "file"}
    assert right_name(name, sniff(head, name)) is not None
