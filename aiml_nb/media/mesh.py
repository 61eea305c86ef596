"""Mesh: a picture as a request for its shape in three dimensions, and the answer's files as a Mesh.

Pure: it builds the payload and reads the answer. The provider serves it on the path of images, with other keys in the
answer; its schema says `data`, its samples `model_mesh`, `segmented_mesh` or `model_glb`, and both are read.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..content import Attachment
from ..errors import InvalidRequestError
from . import asking
from .files import Found, MediaFile, entry, search, some

#: The catalogue types that this medium serves, beside images, which `OUTPUTS` tells apart.
TYPES = ("openai/image-generations", "internal/image-generations")
OUTPUTS = ("3d", "mesh")

#: Where it is asked for when no schema tells it.
PATH = "/v1/images/generations"

#: The common vocabulary, which `schema.words` keeps.
WORDS = asking.WORDS["mesh"]

_HEADER = 64 << 20
_KEYS = ("model_mesh", "segmented_mesh", "model_glb", "mesh", "mesh_url", "output", "result", "data", "images")


def request(prompt: str, *, model: str, **params: Any) -> dict[str, Any]:
    """The request in common words, for `schema.fit`."""
    return asking.request(prompt, model=model, params=params)


def payload(prompt: str, *, model: str, attachments: Sequence[Attachment] = (), **params: Any) -> dict[str, Any]:
    """The body for a model without a schema: one picture as `image_url`, several as `image_urls`, a mesh as `mesh_url`."""
    if not prompt and not attachments:
        raise InvalidRequestError(
            "there is no picture", param="attach", advice="Attach a picture of the thing: -a FILE."
        )
    body = request(prompt, model=model)
    pictures = [asking.value(each) for each in attachments if each.kind == "image"]
    for each in attachments:
        if each.kind not in {"image", "file", "text"} or (each.kind != "image" and "mesh_url" in body):
            raise asking.refused(each, "pictures, and at most one mesh")
        if each.kind != "image":
            body["mesh_url"] = asking.value(each)
    if pictures:
        body |= {"image_url": pictures[0]} if len(pictures) == 1 else {"image_urls": pictures}
    return body | asking.on_the_wire(params, WORDS)


def _rows(answer: Any) -> list[Found]:
    """The main mesh, its parts (`mask_1_mesh`, …) and other formats (`model_urls`), each address once; then a picture of it."""
    if not isinstance(answer, Mapping):
        return []
    rows = search(dict(answer), _KEYS, "mesh")
    others = {k: v for k, v in answer.items() if isinstance(k, str) and k.startswith("mask_") and k.endswith("_mesh")}
    urls = answer.get("model_urls")
    others |= urls if isinstance(urls, Mapping) else {}
    for name, told in sorted(others.items(), key=lambda pair: (len(str(pair[0])), str(pair[0]))):
        row = entry(told, "mesh", str(name))
        if row and all(row["url"] != other["url"] or not row["url"] for other in rows):
            rows.append(row)
    still = entry(answer.get("thumbnail"), "image", "thumbnail") if rows else None
    return [*rows, still] if still else rows


def found(answer: Any) -> list[Found]:
    """The meshes that an answer tells of, and a picture of kind `image`. Raises APIError (kind "protocol") without a mesh."""
    return some(_rows, answer, "mesh")


class Mesh(MediaFile):
    """A shape: `.bytes .path .mime .url .save()`, `.vertices` where its header tells; `.files`: its parts and other formats."""

    KIND = "mesh"

    @classmethod
    def _rows(cls, answer: Any) -> list[Found]:
        return _rows(answer)

    @property
    def vertices(self) -> int | None:
        """How many points the first file has; None where that can't be read cheaply."""
        return vertices(self.path)

    def _body_html(self) -> str:
        from .mesh_drawing import mesh_html

        return mesh_html(self)

    def _body_text(self) -> str:
        from .mesh_drawing import text

        return text(self)


def format_of(path: Path) -> str:
    """`GLB`, `OBJ`, `PLY`, `STL`, `FBX`, `glTF` by the first bytes; else the file's suffix in capitals."""
    with path.open("rb") as file:
        head = file.read(512)
    for start, name in ((b"glTF", "GLB"), (b"ply", "PLY"), (b"solid", "STL"), (b"Kaydara FBX", "FBX"), (b"{", "glTF")):
        if head.startswith(start):
            return name
    lines = head.splitlines()
    if any(line.startswith((b"v ", b"mtllib ", b"o ", b"vn ")) for line in lines):
        return "OBJ"
    return path.suffix[1:].upper() or "mesh"


def vertices(path: Path) -> int | None:
    """Points in a GLB (as its accessors count them) or an OBJ; None for other formats and for what is damaged."""
    kind = format_of(path)
    try:
        if kind == "GLB":
            return _glb(path)
        if kind == "OBJ":
            with path.open("rb") as file:
                return sum(line.startswith(b"v ") for line in file)
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, struct.error, RecursionError):
        return None
    return None


def _glb(path: Path) -> int:
    """Twelve bytes of header, then the JSON chunk (glTF 2.0, 4.4)."""
    with path.open("rb") as file:
        length, kind = struct.unpack("<I4s", file.read(20)[12:])
        if kind != b"JSON" or length > _HEADER:
            raise ValueError(kind)
        scene = json.loads(file.read(length))
    at = {p["attributes"]["POSITION"] for mesh in scene["meshes"] for p in mesh["primitives"]}
    return sum(int(scene["accessors"][index]["count"]) for index in at)
