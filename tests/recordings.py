"""Small real files of sound, film and shape, built byte by byte, for tests that read their headers."""

from __future__ import annotations

import io
import json
import math
import struct
import wave


def wav(seconds: float = 0.5, rate: int = 8000) -> bytes:
    """A tone, 16 bits, one channel."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        tone = (int(9000 * math.sin(at * 440 * math.tau / rate)) for at in range(int(rate * seconds)))
        file.writeframes(b"".join(struct.pack("<h", value) for value in tone))
    return out.getvalue()


def box(kind: bytes, *content: bytes) -> bytes:
    """A box of an ISO media file."""
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def mp4(seconds: float = 4.0, size: tuple[int, int] = (320, 240), *, version: int = 0, last: bool = False) -> bytes:
    """Header boxes without a picture. version: of the boxes. last: the header stands after the data, as encoders do it."""
    ticks = int(seconds * 1000)
    long = version == 1
    times = struct.pack(">QQIQ", 0, 0, 1000, ticks) if long else struct.pack(">IIII", 0, 0, 1000, ticks)
    mvhd = box(b"mvhd", bytes([version, 0, 0, 0]), times, bytes(80))
    tkhd = box(b"tkhd", bytes([0, 0, 0, 3]), bytes(72), struct.pack(">II", size[0] << 16, size[1] << 16))
    moov = box(b"moov", mvhd, box(b"trak", tkhd))
    data = box(b"mdat", b"film")
    head = box(b"ftyp", b"isom\0\0\0\0isommp42")
    return head + (data + moov if last else moov + data)


def mp3(frames: int = 40) -> bytes:
    """Silent frames of MPEG 1 layer 3: 128 kbit/s, 44.1 kHz, 417 bytes each, after an ID3 tag."""
    tag = b"ID3\x04\0\0\0\0\0\x0a" + bytes(10)
    return tag + (b"\xff\xfb\x90\x00" + bytes(413)) * frames


def glb(points: int = 8) -> bytes:
    """A header and a scene of one mesh, without the points themselves."""
    scene = {
        "asset": {"version": "2.0"},
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "accessors": [{"count": points}],
    }
    text = json.dumps(scene).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<4sII", b"glTF", 2, 20 + len(text)) + struct.pack("<I4s", len(text), b"JSON") + text


def obj(points: int = 3) -> bytes:
    """A shape as text."""
    return b"# made by hand\n" + b"".join(b"v %d 0 1\n" % at for at in range(points)) + b"f 1 2 3\n"
