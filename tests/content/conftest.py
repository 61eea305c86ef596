"""What the tests of this folder share: a photo that tells much, and a PDF."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from .making import CANARY, exif, noise, saved


@pytest.fixture
def photo() -> Callable[..., bytes]:
    """A JPEG with an owner, a comment, a colour profile and by default a place."""

    def make(size: tuple[int, int] = (64, 48), mode: str = "RGB", **told: object) -> bytes:
        return saved(
            noise(size, mode),
            "JPEG",
            exif=exif(**told),
            comment=CANARY.encode(),
            icc_profile=b"profile" * 20,
            quality=90,
        )

    return make


@pytest.fixture
def pdf() -> bytes:
    """A PDF of one empty page."""
    from pypdf import PdfWriter

    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.write(out)
    return out.getvalue()
