"""The check of a PDF: what is refused, and that its size costs nothing."""

from __future__ import annotations

import io
import time
from pathlib import Path

import pytest
from pypdf import PdfWriter

from aiml_nb.content import Attachment, check_pdf
from aiml_nb.errors import InvalidRequestError


def encrypted(password: str = "secret", algorithm: str = "RC4-128") -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.encrypt(password, "owner", algorithm=algorithm)
    writer.write(out)
    return out.getvalue()


def test_a_plain_pdf_passes(pdf: bytes) -> None:
    """A PDF without encryption is attached as it is, without a note."""
    found = Attachment.of(pdf)
    assert ("pdf", "document.pdf", "", pdf) == (found.kind, found.name, found.note, found.read())


@pytest.mark.parametrize("password", ["secret", ""])
def test_an_encrypted_pdf_is_refused_with_the_reason(tmp_path: Path, password: str) -> None:
    """Encryption is refused by name, with a password or with restrictions alone; --original sends it as it is."""
    (tmp_path / "locked.pdf").write_bytes(encrypted(password))
    with pytest.raises(InvalidRequestError, match=r"locked\.pdf is an encrypted PDF"):
        Attachment.of("locked.pdf")
    assert "pdf" == Attachment.of("locked.pdf", original=True).kind


def test_the_word_alone_does_not_lock_a_pdf(pdf: bytes) -> None:
    """A document that merely mentions /Encrypt near its end passes: pypdf is asked."""
    mentioned = pdf.replace(b"startxref", b"% /Encrypt 5 0 R\nstartxref")
    assert "" == Attachment.of(mentioned).note


def test_what_is_no_pdf_is_refused() -> None:
    """A file without %PDF- is refused by name."""
    with pytest.raises(InvalidRequestError, match=r"x\.pdf is not a PDF"):
        check_pdf(io.BytesIO(b"hello"), "x.pdf")


def test_a_pdf_cut_short_is_told(pdf: bytes) -> None:
    """A PDF without its end is sent, with a note."""
    assert "cut short" in Attachment.of(pdf[: len(pdf) // 2]).note


def test_fifty_megabytes_are_not_read(tmp_path: Path, pdf: bytes) -> None:
    """A large PDF is checked in a few reads: a hundredth of a second, where reading it would take longer."""
    head, end = pdf[:15], pdf[15:]
    with (tmp_path / "large.pdf").open("wb") as file:
        file.write(head)
        file.seek(50_000_000)
        file.write(end)
    start = time.process_time()
    assert "pdf" == Attachment.of("large.pdf").kind
    assert time.process_time() - start < 0.1
