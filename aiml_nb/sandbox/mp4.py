"""Puts an H.264 film into an MP4 file that plays while it loads (ISO/IEC 14496-12, 14496-15). Knows no encoder."""

from __future__ import annotations

import struct

from .h264 import Film

#: Ticks of a second: divisible by every frame rate here.
_SCALE = 15360
_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_NOTE = b"aiml_nb sandbox: no AI ran"


def wrap(film: Film, fps: int) -> bytes:
    """The film as a file, at that many frames a second."""
    samples = [struct.pack(">I", len(frame)) + frame for frame in film.frames]
    kind = _box("ftyp", b"isom\x00\x00\x02\x00isomiso2avc1mp41")
    moov = _movie(film, fps, samples, 0)
    start = len(kind) + len(moov) + 8
    return kind + _movie(film, fps, samples, start) + _box("mdat", b"".join(samples)) + _box("free", _NOTE)


def _box(name: str, *parts: bytes) -> bytes:
    data = b"".join(parts)
    return struct.pack(">I", 8 + len(data)) + name.encode() + data


def _full(name: str, *parts: bytes, flags: int = 0) -> bytes:
    return _box(name, struct.pack(">I", flags), *parts)


def _movie(film: Film, fps: int, samples: list[bytes], start: int) -> bytes:
    ticks = len(samples) * _SCALE // fps
    about = (
        struct.pack(">5I H H 8x", 0, 0, _SCALE, ticks, 0x10000, 0x100, 0) + _MATRIX + bytes(24) + struct.pack(">I", 2)
    )
    track = _full(
        "tkhd",
        struct.pack(">5I 8x 4H", 0, 0, 1, 0, ticks, 0, 0, 0, 0),
        _MATRIX,
        struct.pack(">2I", film.width << 16, film.height << 16),
        flags=3,
    )
    media = _box(
        "mdia",
        _full("mdhd", struct.pack(">4I 2H", 0, 0, _SCALE, ticks, 0x55C4, 0)),
        _full("hdlr", bytes(4), b"vide", bytes(12), b"sandbox\x00"),
        _box(
            "minf",
            _full("vmhd", bytes(8), flags=1),
            _box("dinf", _full("dref", struct.pack(">I", 1), _full("url ", flags=1))),
            _table(film, fps, samples, start),
        ),
    )
    return _box("moov", _full("mvhd", about), _box("trak", track, media))


def _table(film: Film, fps: int, samples: list[bytes], start: int) -> bytes:
    many = len(samples)
    return _box(
        "stbl",
        _full("stsd", struct.pack(">I", 1), _entry(film)),
        _full("stts", struct.pack(">3I", 1, many, _SCALE // fps)),
        _full("stss", struct.pack(">2I", 1, 1)),
        _full("stsc", struct.pack(">4I", 1, 1, many, 1)),
        _full("stsz", struct.pack(f">2I{many}I", 0, many, *map(len, samples))),
        _full("stco", struct.pack(">2I", 1, start)),
    )


def _entry(film: Film) -> bytes:
    config = bytes((1, *film.sequence[1:4], 0xFF, 0xE1))
    config += struct.pack(">H", len(film.sequence)) + film.sequence + b"\x01"
    config += struct.pack(">H", len(film.picture)) + film.picture
    head = struct.pack(">6x H 16x 2H 2I 4x H 32x H h", 1, film.width, film.height, 0x480000, 0x480000, 1, 24, -1)
    return _box("avc1", head, _box("avcC", config))
