"""How a Mesh looks: a still where the provider made one, and for each file its format, size and a link to download it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..content import human_size
from ..render import parts
from .mesh import format_of, vertices
from .player_drawing import LINK, data_url, inlined, link, still_html

if TYPE_CHECKING:
    from .files import File
    from .mesh import Mesh


def mesh_html(mesh: Mesh) -> str:
    """The still and the links."""
    lines = [
        f"<div>{_download(file) if inline else link(file, _label(file))}</div>"
        for file, inline in zip(mesh.files, inlined(mesh.files), strict=True)
    ]
    return still_html(mesh, "A still of the mesh") + "".join(lines)


def text(mesh: Mesh) -> str:
    """Kind, points, size and hash of each file: the same for the same bytes."""
    return "\n".join(f"{_facts(file)}, sha256 {file.sha256[:12]}" for file in mesh.files)


def _download(file: File) -> str:
    """A link that saves the file out of the notebook itself."""
    name = f"mesh-{file.sha256[:8]}.{format_of(file.path).lower()}"
    return f'<a href="{data_url(file)}" download="{parts.escape(name)}" style="{LINK}">{parts.escape(_label(file))}</a>'


def _label(file: File) -> str:
    return f"{file.name if file.name != file.path.name else 'Mesh'}: {_facts(file)}"


def _facts(file: File) -> str:
    count = vertices(file.path)
    points = f"{count:,} vertices" if count is not None else ""
    return ", ".join(part for part in (f"{format_of(file.path)} mesh", points, human_size(file.size)) if part)
