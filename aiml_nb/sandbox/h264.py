"""A very small H.264 encoder: one strip of a picture that slides past a window, so that a film needs no ffmpeg.

The first frame is sent as plain samples (I_PCM); each later one says that everything moved by two pixels, and sends a new
column of samples at the right, in a margin that the film's frame crops away, once every sixteen pixels. So a film costs as
many bytes as its strip has samples. Baseline profile, no loss. ITU-T H.264: 7.3 (syntax), 8.4.1 (motion vectors).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

#: Pixels that the strip moves from one frame to the next: even, so that colours (at half the size) move whole samples.
STEP = 2
#: The side of a macroblock.
BLOCK = 16
_PROFILE, _COMPATIBLE, _LEVEL = 66, 0xC0, 31
_IDR, _LATER, _SEQUENCE, _PICTURE = 0x65, 0x41, 0x67, 0x68
_I_PCM = 25


@dataclass(frozen=True, slots=True)
class Film:
    """An encoded film: its frames as NAL units, its parameter sets, and its size in pixels."""

    width: int
    height: int
    sequence: bytes
    picture: bytes
    frames: tuple[bytes, ...]


class _Bits:
    """Bits put one after the other, most significant first."""

    def __init__(self) -> None:
        self._done = bytearray()
        self._value = self._count = 0

    def put(self, value: int, count: int) -> None:
        self._value = self._value << count | value
        self._count += count

    def ue(self, *values: int) -> None:
        """Unsigned Exp-Golomb codes (9.1)."""
        for value in values:
            self.put(value + 1, 2 * (value + 1).bit_length() - 1)

    def se(self, value: int) -> None:
        """A signed Exp-Golomb code."""
        self.ue(2 * value - 1 if value > 0 else -2 * value)

    def samples(self, data: bytes) -> None:
        """Zero bits up to a whole byte, then bytes."""
        self._align()
        self._done += data

    def end(self) -> bytes:
        """Everything, with the stop bit that ends a NAL unit's payload."""
        self.put(1, 1)
        self._align()
        return bytes(self._done)

    def _align(self) -> None:
        self.put(0, -self._count % 8)
        self._done += self._value.to_bytes(self._count // 8, "big")
        self._value = self._count = 0


def encode(strip: Any, width: int, height: int, frames: int) -> Film:
    """The film of a window, width x height (even numbers), that slides over `strip` from left to right.

    strip: a PIL image of that height; where it is too short, its last column goes on.
    """
    source = _Planes(strip, width, height, frames)
    sizes = (source.wide, source.high)
    coded = [_nal(_IDR, _first(source))]
    coded += [_nal(_LATER, _next(source, number)) for number in range(1, frames)]
    return Film(
        width, height, _nal(_SEQUENCE, _sequence(width, height, *sizes)), _nal(_PICTURE, _parameters()), tuple(coded)
    )


class _Planes:
    """The strip as luma and two chroma planes in video range, cut into macroblocks on demand. wide, high: in macroblocks."""

    def __init__(self, strip: Any, width: int, height: int, frames: int) -> None:
        self.wide, self.high = -(-width // BLOCK) + 1, -(-height // BLOCK)
        across = self.wide * BLOCK + STEP * frames
        luma, *chroma = _extended(strip.convert("YCbCr"), across + across % 2, self.high * BLOCK).split()
        self._luma = luma.point([16 + round(value * 219 / 255) for value in range(256)])
        squeezed = [128 + round((value - 128) * 224 / 255) for value in range(256)]
        self._chroma = [plane.point(squeezed).reduce(2) for plane in chroma]

    def block(self, x: int, y: int) -> bytes:
        """The samples of the macroblock whose corner is at pixel x, y: 256 of luma, 64 and 64 of chroma."""
        a, b = x // 2, y // 2
        chroma = [plane.crop((a, b, a + 8, b + 8)).tobytes() for plane in self._chroma]
        return b"".join((self._luma.crop((x, y, x + BLOCK, y + BLOCK)).tobytes(), *chroma))


def _extended(image: Any, width: int, height: int) -> Any:
    """The image with its last column and row repeated up to a size."""
    from PIL import Image

    out = Image.new(image.mode, (max(width, image.width), max(height, image.height)))
    right = image.crop((image.width - 1, 0, image.width, image.height))
    out.paste(right.resize((out.width, image.height)), (0, 0))
    out.paste(image, (0, 0))
    if out.height > image.height:
        low = out.crop((0, image.height - 1, out.width, image.height))
        out.paste(low.resize((out.width, out.height - image.height)), (0, image.height))
    return out


def _sequence(width: int, height: int, wide: int, high: int) -> bytes:
    bits = _Bits()
    bits.samples(bytes((_PROFILE, _COMPATIBLE, _LEVEL)))
    bits.ue(0, 4, 2, 1)  # its id; eight bits for a frame's number; frames come in order; one reference
    bits.put(0, 1)
    bits.ue(wide - 1, high - 1)
    bits.put(0b111, 3)  # whole frames; direct_8x8_inference; and it is cropped
    bits.ue(0, (wide * BLOCK - width) // 2, 0, (high * BLOCK - height) // 2)
    bits.put(0, 1)
    return bits.end()


def _parameters() -> bytes:
    bits = _Bits()
    bits.ue(0, 0)
    bits.put(0, 2)  # CAVLC; no field order
    bits.ue(0, 0, 0)  # one slice group, one reference
    bits.put(0, 3)
    bits.ue(0, 0, 0)  # quantisers at their defaults
    bits.put(0b100, 3)  # a slice may turn deblocking off
    return bits.end()


def _header(kind: int, number: int) -> _Bits:
    bits = _Bits()
    bits.ue(0, kind, 0)
    bits.put(number % 256, 8)
    return bits


def _first(source: _Planes) -> bytes:
    bits = _header(7, 0)
    bits.ue(0)  # idr_pic_id
    bits.put(0, 2)
    bits.ue(0, 1)  # the quantiser's change; deblocking off
    for y in range(source.high):
        for x in range(source.wide):
            bits.ue(_I_PCM)
            bits.samples(source.block(x * BLOCK, y * BLOCK))
    return bits.end()


def _next(source: _Planes, number: int) -> bytes:
    """Everything as in the frame before, two pixels further; the last column anew when its margin is used up."""
    bits = _header(5, number)
    bits.put(0, 3)  # one reference, in its order, kept as usual
    bits.ue(0, 1)
    fresh = number % (BLOCK // STEP) == 0
    skipped = 0
    for x, y in _places(source):
        if fresh and x == source.wide - 1:
            bits.ue(skipped, 5 + _I_PCM)
            bits.samples(source.block(number * STEP + x * BLOCK, y * BLOCK))
        elif x == 0 or y == 0:  # at the edges a skipped block would stand still (8.4.1.1), so these are told
            bits.ue(skipped, 0)
            bits.se(4 * STEP if x == y == 0 else 0)  # beyond what the neighbours foretell, in quarter pixels
            bits.ue(0, 0)
        else:
            skipped += 1
            continue
        skipped = 0
    if skipped:
        bits.ue(skipped)
    return bits.end()


def _places(source: _Planes) -> Iterator[tuple[int, int]]:
    return ((x, y) for y in range(source.high) for x in range(source.wide))


def _nal(kind: int, payload: bytes) -> bytes:
    """A NAL unit: no three bytes in it look like a start code (7.4.1.1)."""
    return bytes((kind,)) + re.sub(rb"\x00\x00(?=[\x00-\x03])", b"\x00\x00\x03", payload)
