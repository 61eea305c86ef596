"""The check of a PDF before it is sent: it starts as one, and it is not encrypted.

Nothing of the document is parsed or run beyond its trailer: a few reads of 64 kB, whatever its size. pypdf is asked only
when the trailer names an encryption, which is rare. Source: ISO 32000-1, 7.5.5 (trailer) and 7.5.8 (cross-reference streams).
"""

from __future__ import annotations

import logging
import os
import re
from typing import BinaryIO

from ..errors import InvalidRequestError

_READ = 65536
_START = re.compile(rb"startxref\s+(\d{1,12})")
_ENCRYPT = re.compile(rb"/Encrypt\s*(?:<<|\d+\s+\d+\s+R)")


def check_pdf(file: BinaryIO, name: str) -> str:
    """A note on the PDF in `file` (seekable), empty when there is nothing to say; `name` stands in errors.

    Raises InvalidRequestError when it is no PDF or is encrypted.
    """
    if b"%PDF-" not in _at(file, 0)[:1024]:
        raise InvalidRequestError(
            f"{name} is not a PDF", param="attach", advice="A PDF starts with %PDF-; save it again."
        )
    end = file.seek(0, os.SEEK_END)
    tail = _at(file, max(0, end - _READ))
    starts = _START.findall(tail)
    places = [tail, *(_at(file, int(start)) for start in starts[-1:] if int(start) < end)]
    if not starts:  # no way in from the end: what a reader rebuilds it from may stand at the front
        places.append(_at(file, 0))
    if any(_ENCRYPT.search(place) for place in places) and _is_encrypted(file):
        raise InvalidRequestError(
            f"{name} is an encrypted PDF, and a model cannot read it",
            param="attach",
            advice="Save a copy without protection (print it to PDF), or send it as it is with --original.",
        )
    return "" if starts else "its end is missing: the PDF may be cut short"


def _at(file: BinaryIO, offset: int) -> bytes:
    file.seek(offset)
    return file.read(_READ)


def _is_encrypted(file: BinaryIO) -> bool:
    """What pypdf says; True when it cannot tell, since the trailer said so."""
    from pypdf import PdfReader

    logger = logging.getLogger("pypdf")
    before, logger.disabled = logger.disabled, True  # its remarks on odd files are not the user's business
    try:
        file.seek(0)
        return bool(PdfReader(file, strict=False).is_encrypted)
    except Exception:  # noqa: BLE001
        return True
    finally:
        logger.disabled = before
