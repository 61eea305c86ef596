"""What is told of an attachment is what is really in it."""

from __future__ import annotations

import io
import struct
import wave
import zlib

import pytest

from aiml_nb.sandbox.reading import Received, size, sniff


def pdf(lines: list[tuple[int, str]]) -> bytes:
    """A one-page PDF, written by hand: each line with its size in points."""
    y, parts = 780, []
    for points, text in lines:
        parts.append(f"BT /F1 {points} Tf 60 {y} Td ({text}) Tj ET")
        y -= points + 8
    stream = "\n".join(parts).encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start)


PLAN = [
    (24, "The plan"),
    (11, "Some text of the usual size, long enough."),
    (16, "First step"),
    (11, "More of the usual text."),
]


def test_headings_of_a_pdf_are_read() -> None:
    """The larger lines are the headings, in their order; body text is not."""
    said = Received(pdf(PLAN), "plan.pdf").describe()
    assert "a PDF with 1 page; headings read in it: “The plan”, “First step”;" in said
    assert "usual size" not in said


def test_an_encrypted_pdf_says_so() -> None:
    """Without the password nothing is claimed to be read."""
    import pypdf

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(PLAN)))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    assert "encrypted" in Received(out.getvalue(), "plan.pdf").describe()


@pytest.mark.parametrize(
    "data",
    [b"%PDF-1.7 and nothing", pdf(PLAN)[:200], b"\x89PNG\r\n\x1a\n broken", b"RIFF\0\0\0\0WAVEx", b"", b"\xff\xd8\xff"],
)
def test_a_broken_file_is_described_and_no_more(data: bytes) -> None:
    """Nothing is raised, whatever arrives."""
    assert "sha256" in Received(data, "x").describe()


def test_a_wav_file_is_measured() -> None:
    """Length and rate of a sound are told."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 12000)
    assert "WAV audio, 1.5 s, 8000 Hz, 1 channel(s)" in Received(out.getvalue(), "a.wav").describe()


def test_a_picture_of_too_many_pixels_is_not_opened() -> None:
    """200 megapixels in a small file are refused by the header alone."""
    data = b"\x89PNG\r\n\x1a\n"
    for chunk in (b"IHDR" + struct.pack(">IIBBBBB", 20000, 10000, 8, 0, 0, 0, 0), b"IDAT" + zlib.compress(b"")):
        data += struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    assert "too many pixels" in Received(data, "bomb.png").describe()


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (b"%PDF-1.4", "application/pdf"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"\0\0\0\x18ftypM4A ", "audio/mp4"),
        (b"RIFF\0\0\0\0WEBP", "image/webp"),
        (b"OggS", "audio/ogg"),
        ("grüße".encode(), "text/plain"),
        (b"\xfe\xfe\xfe", "application/octet-stream"),
    ],
)
def test_the_kind_is_known_by_the_first_bytes(data: bytes, mime: str) -> None:
    """Names are not trusted."""
    assert sniff(data) == mime


def test_sizes_read_well() -> None:
    """One byte, some bytes, kilobytes, megabytes."""
    assert [size(n) for n in (1, 999, 1500, 2_500_000)] == ["1 byte", "999 bytes", "1.5 kB", "2.5 MB"]


def test_a_name_cannot_smuggle_markup() -> None:
    """Stars, brackets and tags in a file's name are dropped."""
    said = Received(b"x", "<img src=x>[a](b)*c*`.txt").describe()
    assert "<" not in said.split("sha256")[0]
    assert "[a]" not in said
