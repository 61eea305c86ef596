"""How long a recording is and how large its picture, as its own header tells: WAV, MP3, MP4, FLAC and Ogg.

Pure reading of a file, a few blocks of it; nothing is decoded and nothing is believed that the file cannot hold. What
cannot be read is None. Sources: RIFF, ISO 14496-12, ISO 11172-3, RFC 9639, RFC 3533.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

#: Longer than this, in seconds, and the header is not believed.
LONGEST = 7 * 86400.0
_BOXES = 10_000
_TAIL = 128 * 1024


def duration(path: Path) -> float | None:
    """Seconds; None where the file does not say."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            found = _duration(file, file.read(64), size)
    except (OSError, struct.error, ValueError, ZeroDivisionError, OverflowError):
        return None
    return found if found is not None and 0 < found <= LONGEST else None


def frame_size(path: Path) -> tuple[int, int] | None:
    """Width and height of an MP4's picture in pixels; None where the file does not say."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            for start, end in _inside(file, 0, size, b"moov", b"trak", b"tkhd"):
                file.seek(max(start, end - 8))
                width, height = struct.unpack(">II", file.read(8))
                if 0 < width >> 16 <= 1 << 14 and 0 < height >> 16 <= 1 << 14:
                    return width >> 16, height >> 16
    except (OSError, struct.error, ValueError):
        return None
    return None


def _duration(file: BinaryIO, head: bytes, size: int) -> float | None:
    if head[:4] in {b"RIFF", b"RF64"} and head[8:12] == b"WAVE":
        return _wav(file, size)
    if head[4:8] in {b"ftyp", b"moov", b"mdat", b"wide", b"free"}:
        return _mp4(file, size)
    if head[:4] == b"fLaC":
        return _flac(head)
    if head[:4] == b"OggS":
        return _ogg(file, head, size)
    return _mp3(file, head, size)


def _wav(file: BinaryIO, size: int) -> float | None:
    """The `data` chunk's bytes over the byte rate. A stream's header has no true length, so the file's own counts."""
    rate, at = 0, 12
    while at + 8 <= size:
        file.seek(at)
        name, length = struct.unpack("<4sI", file.read(8))
        if name == b"fmt ":
            rate = struct.unpack("<I", file.read(12)[8:12])[0]
        elif name == b"data":
            left = size - at - 8
            return (min(length, left) if length else left) / rate
        at += 8 + length + length % 2
    return None


def _mp4(file: BinaryIO, size: int) -> float | None:
    """`mvhd`: duration over time scale; of a fragmented film `mehd` has the duration."""
    scale = 0
    for start, end in _inside(file, 0, size, b"moov", b"mvhd"):
        file.seek(start)
        box = file.read(min(end - start, 32))
        scale, length = struct.unpack(">IQ", box[20:32]) if box[0] else struct.unpack(">II", box[12:20])
        if length and length not in {0xFFFFFFFF, (1 << 64) - 1}:
            return float(length / scale)
    for start, end in _inside(file, 0, size, b"moov", b"mvex", b"mehd"):
        file.seek(start)
        box = file.read(min(end - start, 12))
        return float(struct.unpack(">Q" if box[0] else ">I", box[4 : 12 if box[0] else 8])[0] / scale)
    return None


def _inside(file: BinaryIO, start: int, end: int, name: bytes, *names: bytes) -> Iterator[tuple[int, int]]:
    """Where the content of each box lies that is reached by these names, one in the other."""
    for kind, first, last in _boxes(file, start, end):
        if kind == name and names:
            yield from _inside(file, first, last, *names)
        elif kind == name:
            yield first, last


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    for _ in range(_BOXES):
        if start + 8 > end:
            return
        file.seek(start)
        length, kind = struct.unpack(">I4s", file.read(8))
        head = 8
        if length == 1:
            length, head = struct.unpack(">Q", file.read(8))[0], 16
        length = length or end - start
        if length < head or start + length > end:
            return
        yield kind, start + head, start + length
        start += length


def _flac(head: bytes) -> float | None:
    """STREAMINFO: 20 bits of sample rate, 36 bits of samples."""
    packed = int.from_bytes(head[18:26], "big")
    return (packed & (1 << 36) - 1) / (packed >> 44)


def _ogg(file: BinaryIO, head: bytes, size: int) -> float | None:
    """The last page's position over the sample rate; Opus always counts in 48 kHz."""
    file.seek(0)
    head = file.read(512)
    if (at := head.find(b"OpusHead")) >= 0:
        rate, skip = 48000, int.from_bytes(head[at + 10 : at + 12], "little")
    elif (at := head.find(b"\x01vorbis")) >= 0:
        rate, skip = int.from_bytes(head[at + 12 : at + 16], "little"), 0
    else:
        return None
    file.seek(max(0, size - _TAIL))
    tail = file.read()
    last = tail.rfind(b"OggS")
    return (struct.unpack("<q", tail[last + 6 : last + 14])[0] - skip) / rate if last >= 0 else None


# Bit rates in kbit/s and samples a frame, by version (MPEG 1, or 2 and 2.5) and layer.
_RATES = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAMPLES = {(1, 1): 384, (1, 2): 1152, (1, 3): 1152, (2, 1): 384, (2, 2): 1152, (2, 3): 576}
_HERTZ = (44100, 48000, 32000)


def _mp3(file: BinaryIO, head: bytes, size: int) -> float | None:
    """Frames as the Xing header counts them, else the bytes over the first frame's bit rate, which is near enough."""
    start = 0
    if head[:3] == b"ID3":  # four times seven bits, and ten for the header itself
        start = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    file.seek(start)
    frame = file.read(256)
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0:
        return None
    version, layer = (frame[1] >> 3) & 3, 4 - ((frame[1] >> 1) & 3)
    index, hertz = frame[2] >> 4, (frame[2] >> 2) & 3
    if version == 1 or layer == 4 or index in {0, 15} or hertz == 3:
        return None
    key = (1 if version == 3 else 2, layer)
    rate = _HERTZ[hertz] >> {3: 0, 2: 1, 0: 2}[version]
    for mark in (b"Xing", b"Info"):
        if (at := frame.find(mark)) > 0 and frame[at + 7] & 1:
            return float(struct.unpack(">I", frame[at + 8 : at + 12])[0] * _SAMPLES[key] / rate)
    return (size - start) * 8 / (_RATES[key][index - 1] * 1000)
