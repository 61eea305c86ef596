"""A solid from a picture: a coloured relief whose light parts stand out, as glTF 2.0 binary or as OBJ. No AI.

The picture's pixels become vertices with heights and colours. glTF: registry.khronos.org/glTF/specs/2.0. No HTTP.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any

#: Pixels of detail (a model's mc_resolution) for one vertex.
_COARSE = 8
_DEPTH = 0.35
_FLOAT, _BYTE, _INDEX = 5126, 5121, 5125
_VERTICES, _INDICES = 34962, 34963


@dataclass(frozen=True, slots=True)
class Relief:
    """Vertices (x, y, z), their colours (red, green, blue), and triangles of vertex numbers that run anticlockwise."""

    points: tuple[tuple[float, float, float], ...]
    colours: tuple[tuple[int, int, int], ...]
    triangles: tuple[tuple[int, int, int], ...]


def relief(image: Any, *, resolution: int = 256, share: float = 0.9, flat: bool = True) -> Relief:
    """The relief of a picture. share: how much of the space from -1 to 1 it fills. flat: the corners' colour has no height."""
    longest = max(4, resolution // _COARSE)
    small = image.convert("RGB")
    small.thumbnail((longest, longest))
    width, height = small.size
    raw = small.tobytes()
    colours = tuple((raw[i], raw[i + 1], raw[i + 2]) for i in range(0, len(raw), 3))
    ground = colours[0]
    scale = 2 * share / max(width - 1, height - 1, 1)
    points = tuple(
        (
            round((place % width - (width - 1) / 2) * scale, 5),
            round(((height - 1) / 2 - place // width) * scale, 5),
            round(0.0 if flat and _near(colour, ground) else _light(colour) * _DEPTH * share, 5),
        )
        for place, colour in enumerate(colours)
    )
    corners = (y * width + x for y in range(height - 1) for x in range(width - 1))
    pairs = (((c, c + width, c + 1), (c + 1, c + width, c + width + 1)) for c in corners)
    return Relief(points, colours, tuple(triangle for pair in pairs for triangle in pair))


def glb(solid: Relief) -> bytes:
    """The relief as a glTF binary file."""
    points = b"".join(struct.pack("<3f", *point) for point in solid.points)
    colours = b"".join(struct.pack("4B", *colour, 255) for colour in solid.colours)
    indices = b"".join(struct.pack("<3I", *triangle) for triangle in solid.triangles)
    low = [min(point[axis] for point in solid.points) for axis in range(3)]
    high = [max(point[axis] for point in solid.points) for axis in range(3)]
    count, low, high = len(solid.points), [_single(v) for v in low], [_single(v) for v in high]
    document = {
        "asset": {"version": "2.0", "generator": "aiml_nb sandbox: no AI ran"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": "relief"}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "COLOR_0": 1}, "indices": 2, "material": 0}]}],
        "materials": [{"doubleSided": True, "pbrMetallicRoughness": {"metallicFactor": 0, "roughnessFactor": 0.9}}],
        "buffers": [{"byteLength": len(points) + len(colours) + len(indices)}],
        "bufferViews": [
            _view(0, points, _VERTICES),
            _view(len(points), colours, _VERTICES),
            _view(len(points) + len(colours), indices, _INDICES),
        ],
        "accessors": [
            {"bufferView": 0, "componentType": _FLOAT, "count": count, "type": "VEC3", "min": low, "max": high},
            {"bufferView": 1, "componentType": _BYTE, "normalized": True, "count": count, "type": "VEC4"},
            {"bufferView": 2, "componentType": _INDEX, "count": 3 * len(solid.triangles), "type": "SCALAR"},
        ],
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    chunks = _chunk(b"JSON", text + b" " * (-len(text) % 4)) + _chunk(b"BIN\0", points + colours + indices)
    return b"glTF" + struct.pack("<2I", 2, 12 + len(chunks)) + chunks


def obj(solid: Relief) -> bytes:
    """The relief as an OBJ file, colours beside the vertices."""
    lines = ["# aiml_nb sandbox: no AI ran"]
    for point, colour in zip(solid.points, solid.colours, strict=True):
        lines.append("v " + " ".join(f"{value:g}" for value in (*point, *(round(c / 255, 3) for c in colour))))
    lines += ["f " + " ".join(str(corner + 1) for corner in triangle) for triangle in solid.triangles]
    return ("\n".join(lines) + "\n").encode()


def _light(colour: tuple[int, int, int]) -> float:
    return (0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2]) / 255


def _near(colour: tuple[int, int, int], ground: tuple[int, int, int]) -> bool:
    return max(abs(a - b) for a, b in zip(colour, ground, strict=True)) < 24


def _single(value: float) -> float:
    """The value as a 32-bit float holds it: an accessor's bounds must be exactly those of its data."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def _view(start: int, data: bytes, target: int) -> dict[str, int]:
    return {"buffer": 0, "byteOffset": start, "byteLength": len(data), "target": target}


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + name + data
