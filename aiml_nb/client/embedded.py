"""Take the files out of a JSON answer while it is being read: base64 never stands in memory as text.

A picture sent as `b64_json` is a third larger as text than as a file; parsed and then decoded it is held four times.
Here the text is decoded block by block, into files or memory, and a short JSON with references is left. It knows JSON's
strings and base64, and nothing of HTTP or media.
"""

from __future__ import annotations

import binascii
import io
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

#: What stands in the JSON in a file's place, followed by its number.
REFERENCE = "aiml-nb-media:"

# A value under one of these names, or any string that is a data: URL. An escaped quote is within a text, not the start of one.
_START = re.compile(
    rb'(?<!\\)"(?:(?:b64_json|b64|base64|image_base64|audio_base64|b64_audio)"\s{0,64}:\s{0,64}")'
    rb'(?P<prefix>data:[\w.+/;=-]{0,100};base64,)?|(?<!\\)"(?P<url>data:[\w.+/\\;=-]{1,100};base64,)',
)
_REACH = 384  # bytes within which a start is recognised
_PROBE = re.compile(rb"(?:[A-Za-z0-9+/=_-]|\\[/nrt]|\\u00[23][0-9A-Fa-f]|\s)*\\?(?:u[0-9A-Fa-f]{0,3})?")
_UNICODE = re.compile(rb"\\u00([0-9A-Fa-f]{2})")
_URLSAFE = bytes.maketrans(b"-_", b"+/")


def extract_base64(blocks: Iterable[bytes], folder: Path | None = None) -> tuple[bytes, list[bytes | Path]]:
    """(the JSON with `REFERENCE` and a number in place of each file, the files).

    folder: where the files go, with names of their own; None keeps them in memory as bytes. Files already written are
    removed when reading fails. What only looks like base64 stays in the JSON as it is.
    """
    scanner = _Scanner(folder)
    try:
        for block in blocks:
            scanner.feed(block)
        return scanner.end()
    except BaseException:
        scanner.discard()
        raise


class _Scanner:
    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._json: list[bytes] = []
        self._rest = b""
        self._files: list[bytes | Path] = []
        self._out: _Payload | None = None

    def feed(self, block: bytes) -> None:
        block = self._rest + block if self._rest else block
        self._rest = b""
        while block:
            block = self._through(block) if self._out is not None else self._outside(block)

    def end(self) -> tuple[bytes, list[bytes | Path]]:
        if self._out is not None:
            self._close()
        self._json.append(self._rest)
        return b"".join(self._json), self._files

    def discard(self) -> None:
        if self._out is not None:
            self._close()
        for file in self._files:
            if isinstance(file, Path):
                file.unlink(missing_ok=True)

    def _outside(self, block: bytes) -> bytes:
        start = _START.search(block)
        if start is None:
            keep = max(0, len(block) - _REACH)
            self._json.append(block[:keep])
            self._rest = block[keep:]
            return b""
        probe = block[start.end() : start.end() + 64]
        if len(probe) < 64 and b'"' not in probe:
            # Too little to tell: look again with the next block.
            at = start.start()
            self._json.append(block[:at])
            self._rest = block[at:]
            if len(self._rest) > _REACH * 2:
                self._json.append(self._rest)
                self._rest = b""
            return b""
        value = probe.partition(b'"')[0]
        if not value or _PROBE.fullmatch(value) is None:
            self._json.append(block[: start.end()])
            return block[start.end() :]
        prefix = start["prefix"] or start["url"] or b""
        self._json.append(block[: start.end() - len(prefix)] + f"{REFERENCE}{len(self._files)}".encode())
        self._out = _Payload(self._folder)
        return block[start.end() :]

    def _through(self, block: bytes) -> bytes:
        assert self._out is not None
        end = block.find(b'"')
        self._out.write(block if end < 0 else block[:end])
        if end < 0:
            return b""
        self._close()
        return block[end:]

    def _close(self) -> None:
        if self._out is not None:
            self._files.append(self._out.close())
            self._out = None


class _Payload:
    """One file being decoded; takes text cut anywhere."""

    def __init__(self, folder: Path | None) -> None:
        self._path: Path | None = None
        self._file: BinaryIO
        if folder is None:
            self._file = io.BytesIO()
        else:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(suffix=".part", prefix="media-", dir=folder)
            self._path = Path(name)
            self._file = os.fdopen(handle, "wb")
        self._rest = b""
        self._escape = b""

    def write(self, text: bytes) -> None:
        text = self._unescaped(self._escape + text)
        text = self._rest + text.translate(_URLSAFE, b" \r\n\t=")
        whole = len(text) & ~3
        self._rest = text[whole:]
        self._file.write(binascii.a2b_base64(text[:whole]))

    def close(self) -> bytes | Path:
        left = self._rest + b"=" * (-len(self._rest) % 4)
        if len(self._rest) > 1:
            self._file.write(binascii.a2b_base64(left))
        if self._path is None:
            assert isinstance(self._file, io.BytesIO)
            return self._file.getvalue()
        self._file.close()
        return self._path

    def _unescaped(self, text: bytes) -> bytes:
        self._escape = b""
        if b"\\" not in text:
            return text
        cut = text.rfind(b"\\")
        if len(text) - cut < (6 if text[cut + 1 : cut + 2] == b"u" else 2):
            self._escape, text = text[cut:], text[:cut]
        text = _UNICODE.sub(lambda found: bytes([int(found[1], 16)]), text)
        return text.replace(b"\\/", b"/").replace(b"\\n", b"").replace(b"\\r", b"").replace(b"\\t", b"")
