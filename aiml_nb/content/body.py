"""A request body whose files are read and encoded while it is sent: its length is known, it can be sent again, and a
50 MB attachment costs a few hundred kB of memory.

A payload is ordinary JSON data with `Base64` leaves. `JSONBody` encodes what surrounds them once, with a token in each
one's place, and puts their base64 there as it goes out. Nothing here knows HTTP or what a payload means.
"""

from __future__ import annotations

import binascii
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

from ..errors import InvalidRequestError
from .attachment import BLOCK, Attachment
from .wording import human_size, repair


class Base64:
    """A leaf of a payload: the text `prefix` and then the attachment's bytes in base64, never built in memory.

    Its length is in characters. Raises InvalidRequestError for a URL, which has no bytes here. It is no dataclass: the
    encoder would write the fields of one.
    """

    __slots__ = ("attachment", "prefix")

    def __init__(self, attachment: Attachment, prefix: str = "") -> None:
        if attachment.size is None:
            raise InvalidRequestError(f"{attachment.label} has no bytes to encode", param="attach")
        self.attachment = attachment
        self.prefix = prefix

    def __repr__(self) -> str:
        return f"Base64({self.attachment.label!r}, prefix={self.prefix!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Base64) and (self.attachment, self.prefix) == (other.attachment, other.prefix)

    def __hash__(self) -> int:
        return hash((self.attachment, self.prefix))

    def __len__(self) -> int:
        return len(self.prefix) + _encoded_length(self.attachment.size or 0)

    def __str__(self) -> str:
        return f"{self.prefix}… ({human_size(self.attachment.size or 0)})"


class JSONBody:
    """`payload` as JSON in UTF-8: iterate it for its bytes, as often as needed; `len()` is their exact number.

    Blocks are at most 256 kB apart from the JSON around the files. A file that changes after this was made raises
    InvalidRequestError before its last block, never a body of another length. Text with lone surrogates is repaired.
    """

    def __init__(self, payload: Any) -> None:
        self._pieces: list[bytes | Attachment] = _pieces(payload)
        self._length = sum(
            _encoded_length(piece.size or 0) if isinstance(piece, Attachment) else len(piece) for piece in self._pieces
        )

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            if isinstance(piece, bytes):
                yield piece
            else:
                for block in piece.chunks(BLOCK):
                    yield binascii.b2a_base64(block, newline=False)


def summary(payload: Any) -> Any:
    """The same tree with a short text in place of each file: `data:application/pdf;base64,… (1.2 MB)`."""
    if isinstance(payload, str):  # most of them, and quicker told than the rest
        return payload
    if isinstance(payload, Base64):
        return str(payload)
    if isinstance(payload, Mapping):
        return {key: summary(value) for key, value in payload.items()}
    return [summary(item) for item in payload] if isinstance(payload, list | tuple) else payload


def _pieces(payload: Any) -> list[bytes | Attachment]:
    """The encoded JSON, cut where a file stands."""
    while True:
        token, leaves = secrets.token_hex(16), list[Base64]()
        text = _encode(payload, token, leaves)
        parts = text.split(token.encode())
        if len(parts) == len(leaves) + 1:  # else the payload holds the token by a chance of one in 2**128
            break
    pieces: list[bytes | Attachment] = [parts[0]]
    for leaf, part in zip(leaves, parts[1:], strict=True):
        pieces += [leaf.attachment.pinned(), part]
    return pieces


def _encode(payload: Any, token: str, leaves: list[Base64]) -> bytes:
    import msgspec

    def stand_in(value: Any) -> Any:
        if isinstance(value, Base64):
            leaves.append(value)
            return value.prefix + token
        if hasattr(value, "tolist"):  # NumPy's numbers and arrays
            return value.tolist()
        raise NotImplementedError(f"{type(value).__name__} is no JSON")

    try:
        try:
            return msgspec.json.encode(payload, enc_hook=stand_in)
        except UnicodeEncodeError:
            leaves.clear()
            return msgspec.json.encode(_repaired(payload), enc_hook=stand_in)
    except (TypeError, ValueError, NotImplementedError, RecursionError) as error:
        raise InvalidRequestError(
            f"the request cannot be written as JSON: {error}",
            advice="Values can be text, numbers, true, false, null, lists and dicts of them.",
        ) from error


def _repaired(value: Any) -> Any:
    if isinstance(value, str):
        return repair(value)
    if isinstance(value, Mapping):
        return {_repaired(key): _repaired(item) for key, item in value.items()}
    return [_repaired(item) for item in value] if isinstance(value, list | tuple) else value


def _encoded_length(size: int) -> int:
    return (size + 2) // 3 * 4
