"""What a picture tells besides itself (place, camera, owner, comments) taken out, while its pixels stay bit for bit.

Walks the file's own structure and copies what the pixels need; whatever is not known to be needed goes. The orientation
stays where there is one, since it is part of the picture. Nothing is decoded.
Sources: ITU T.81 (JPEG), PNG third edition, WebP's RIFF container, GIF89a, Exif 2.32.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

#: A JPEG marker: no stuffed zero, no restart, no fill byte.
_MARKER = re.compile(rb"\xff([^\x00\x01\xff\xd0-\xd7])", re.DOTALL)
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT".split()
)
_WEBP_KEPT = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_GIF_KEPT = frozenset((b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"))
_XMP_PLACE = re.compile(rb"GPSL(?:atitude|ongitude)")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A picture's bytes without metadata; whether a place was among it; its orientation (Exif, 1 to 8; 1 is upright)."""

    data: bytes
    location: bool = False
    orientation: int = 1


def strip(data: bytes, mime: str) -> Cleaned:
    """`data` without metadata, losslessly. Raises ValueError when its structure is not what `mime` says.

    Takes image/jpeg, image/png, image/webp and image/gif.
    """
    walk = _WALKS.get(mime)
    if walk is None:
        raise ValueError(f"no lossless way for {mime}")
    try:
        return walk(data)
    except (IndexError, struct.error) as error:
        raise ValueError("the file ends too early") from error


def read_exif(tiff: bytes) -> tuple[int, bool]:
    """The orientation and whether a place is told, from an Exif block (a TIFF structure). What is broken tells nothing."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None:
        return 1, False
    try:
        fields = _fields(tiff, struct.unpack_from(order + "I", tiff, 4)[0], order)
        place = _fields(tiff, struct.unpack(order + "I", fields[0x8825])[0], order) if 0x8825 in fields else {}
        turned = struct.unpack_from(order + "H", fields.get(0x0112, struct.pack(order + "H", 1)))[0]
    except struct.error:
        return 1, False
    return turned if 1 <= turned <= 8 else 1, bool(place.keys() - {0})  # 0 is the version, which cameras always write


def _fields(tiff: bytes, at: int, order: str) -> dict[int, bytes]:
    """The tags of one directory, each with the four bytes of its value or of the value's offset."""
    (count,) = struct.unpack_from(order + "H", tiff, at)
    fields = {}
    for start in range(at + 2, at + 2 + 12 * count, 12):
        tag, _kind, _count, value = struct.unpack_from(order + "HHI4s", tiff, start)
        fields[tag] = value
    return fields


def _upright(orientation: int) -> bytes:
    """An Exif block that holds the orientation and nothing else."""
    return b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + struct.pack(">HxxI", orientation, 0)


def _jpeg(data: bytes) -> Cleaned:
    if data[:2] != b"\xff\xd8":
        raise ValueError("no JPEG")
    out, removed, exif, at, scanning = [b"\xff\xd8"], [], b"", 2, False
    while found := _MARKER.search(data, at):
        if scanning:
            out.append(data[at : found.start()])  # the pixels: everything up to the next marker
        marker, start = found[1][0], found.start()
        if marker == 0xD9:  # what stands behind the end may be a second picture, a film, anything
            out.append(b"\xff\xd9")
            removed.append(data[start + 2 :])
            break
        length = struct.unpack_from(">H", data, start + 2)[0]
        at = start + 2 + length
        if length < 2 or at > len(data) or marker == 0xD8:
            raise ValueError("a segment of the JPEG is broken")
        if _kept_in_jpeg(marker, data[start + 4 : at]):
            out.append(data[start:at])
        else:
            removed.append(data[start + 4 : at])
            if marker == 0xE1 and removed[-1][:6] == b"Exif\0\0" and not exif:
                exif = removed[-1][6:]
        scanning = scanning or marker == 0xDA
    else:
        out.append(data[at:] if scanning else b"")
    orientation, place = read_exif(exif)
    if orientation != 1:
        block = b"Exif\0\0" + _upright(orientation)
        out.insert(1 + (out[1][:2] == b"\xff\xe0"), b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block)
    return Cleaned(b"".join(out), place or _tells_place(removed), orientation)


def _kept_in_jpeg(marker: int, body: bytes) -> bool:
    """Tables, frames and scans; of the application segments those that colours depend on."""
    if marker == 0xFE:
        return False
    if not 0xE0 <= marker <= 0xEF:
        return True
    return (marker, body[:5]) in {(0xE0, b"JFIF\0"), (0xEE, b"Adobe")} or (
        marker == 0xE2 and body[:12] == b"ICC_PROFILE\0"
    )


def _png(data: bytes) -> Cleaned:
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("no PNG")
    out, removed, exif, at = [data[:8]], [], b"", 8
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            raise ValueError("a chunk of the PNG is cut short")
        if name in _PNG_KEPT:
            out.append(data[at:end])
        else:
            removed.append(data[at + 8 : end - 4])
            exif = removed[-1] if name == b"eXIf" else exif
        at = end
        if name == b"IEND":
            break
    orientation, place = read_exif(exif)
    if orientation != 1:
        block = b"eXIf" + _upright(orientation)
        out.insert(2, struct.pack(">I", len(block) - 4) + block + struct.pack(">I", zlib.crc32(block)))
    return Cleaned(b"".join(out), place or _tells_place(removed), orientation)


def _webp(data: bytes) -> Cleaned:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise ValueError("no WebP")
    chunks, removed, exif, at = [], [], b"", 12
    end = min(len(data), 8 + struct.unpack_from("<I", data, 4)[0])
    while at + 8 <= end:
        name, length = struct.unpack_from("<4sI", data, at)
        body = data[at + 8 : at + 8 + length]
        if len(body) < length:
            raise ValueError("a chunk of the WebP is cut short")
        if name in _WEBP_KEPT:
            chunks.append((name, body))
        else:
            removed.append(body)
            exif = body.removeprefix(b"Exif\0\0") if name == b"EXIF" else exif
        at += 8 + length + length % 2
    orientation, place = read_exif(exif)
    if orientation != 1:
        chunks.append((b"EXIF", _upright(orientation)))
    return Cleaned(_riff(chunks, orientation), place or _tells_place(removed), orientation)


def _riff(chunks: list[tuple[bytes, bytes]], orientation: int) -> bytes:
    """A WebP of these chunks; the flags of its header say what is still there: 8 is Exif, 4 is XMP."""
    out = [b"WEBP"]
    for name, body in chunks:
        if name == b"VP8X":
            body = bytes([body[0] & ~12 | (8 if orientation != 1 else 0)]) + body[1:]  # noqa: PLW2901
        out.append(name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2))
    whole = b"".join(out)
    return b"RIFF" + struct.pack("<I", len(whole)) + whole


def _gif(data: bytes) -> Cleaned:
    if data[:4] != b"GIF8":
        raise ValueError("no GIF")
    at = 13 + _colours(data[10])
    out, removed = [data[:at]], list[bytes]()
    while at < len(data) and data[at] != 0x3B:
        start = at
        if data[at] == 0x2C:
            at = _blocks_end(data, at + 11 + _colours(data[at + 9]))
            kept = True
        elif data[at] == 0x21:
            at = _blocks_end(data, at + 2)
            kept = data[start + 1] in {0xF9, 0x01} or (
                data[start + 1] == 0xFF and data[start + 3 : start + 14] in _GIF_KEPT
            )
        else:
            raise ValueError("a block of the GIF is broken")
        (out if kept else removed).append(data[start:at])
    return Cleaned(b"".join([*out, b"\x3b"]), _tells_place(removed))


def _colours(flags: int) -> int:
    """The bytes of a GIF's colour table."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _blocks_end(data: bytes, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    return at + 1


def _tells_place(removed: list[bytes]) -> bool:
    return any(_XMP_PLACE.search(block) for block in removed)


_WALKS: dict[str, Callable[[bytes], Cleaned]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/webp": _webp,
    "image/gif": _gif,
}
