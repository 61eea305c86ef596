"""Tests of how film, sound and shapes are drawn."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
from PIL import Image

from aiml_nb.media import player_drawing
from aiml_nb.media.audio import Audio
from aiml_nb.media.files import File
from aiml_nb.media.mesh import Mesh
from aiml_nb.media.video import Video
from tests.recordings import glb, mp4, wav


def large(path: Path, size: int = player_drawing.INLINE_BYTES + 1) -> Path:
    """A file of that many bytes, a film at its start."""
    with path.open("wb") as file:
        file.write(mp4(4.0, (320, 240)))
        file.truncate(size)
    return path


def video(folder: Path, data: bytes | None = None, name: str = "a.mp4") -> Video:
    (folder / name).write_bytes(data or mp4(4.0, (320, 240)))
    return Video.from_json({"id": "j"}, [folder / name], model='m"<x>')


def test_a_film_is_a_player_with_the_film_in_it(tmp_path: Path) -> None:
    """HTML with a data: URL, which front ends play and saved notebooks keep; its label is escaped."""
    made = video(tmp_path)
    html = made._repr_mimebundle_()["text/html"]
    assert f"data:video/mp4;base64,{base64.b64encode(made.bytes).decode()}" in html
    assert '<video controls preload="metadata"' in html
    assert 'aria-label="Video by m&quot;&lt;x&gt;, 4.00 s, 320×240' in html


def test_the_twin_is_the_same_for_the_same_bytes(tmp_path: Path) -> None:
    """Kind, length, size and hash, without a path."""
    made = video(tmp_path)
    made.show_footer = False
    digest = hashlib.sha256(made.bytes).hexdigest()[:12]
    assert made._twin_() == f"MP4 video, 4.00 s, 320×240, {len(made.bytes)} bytes, sha256 {digest}"


def test_a_sound_is_a_player(tmp_path: Path) -> None:
    """The sound plays; its label tells how long it is."""
    (tmp_path / "a.wav").write_bytes(wav(0.5))
    html = Audio.from_json({}, [tmp_path / "a.wav"], model="m")._repr_mimebundle_()["text/html"]
    assert html.startswith("<audio controls")
    assert "data:audio/wav;base64,UklGR" in html


def test_a_large_film_is_a_link_that_goes_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the limit it is linked: relative under the working folder, by its place elsewhere; and it says why."""
    made = Video.from_json({}, [large(tmp_path / "clip 1#.mp4")], model="m")
    html = made._repr_mimebundle_()["text/html"]
    assert "data:" not in html
    assert 'href="clip%201%23.mp4"' in html
    assert "no still" in html
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert 'href="file://' in made._repr_mimebundle_()["text/html"]


def test_a_still_stands_for_a_film(tmp_path: Path) -> None:
    """Where there is a still it is the player's poster, and stands above the link of a large film; a broken one is left out."""
    still = tmp_path / "s.png"
    Image.new("RGB", (32, 24), "red").save(still)
    small, big = video(tmp_path), Video.from_json({}, [large(tmp_path / "b.mp4")], model="m")
    small.poster = big.poster = still
    assert 'poster="data:image/png;base64,' in small._repr_mimebundle_()["text/html"]
    assert '<img src="data:image/png' in big._repr_mimebundle_()["text/html"]
    still.write_bytes(b"<svg>")
    assert "<img" not in big._repr_mimebundle_()["text/html"]


def test_a_type_told_by_the_server_is_not_believed(tmp_path: Path) -> None:
    """Only types of film, sound and shape get into the page."""
    (tmp_path / "a.bin").write_bytes(bytes(range(7)))
    for told in ('text/html"><script>', "text/html", "audio/x y"):
        url = player_drawing.data_url(File(tmp_path / "a.bin", told))
        assert url.startswith("data:application/octet-stream;base64,")
    assert player_drawing.data_url(File(tmp_path / "a.bin", "video/quicktime")).startswith("data:video/mp4;")


def test_files_share_the_room_in_a_notebook(tmp_path: Path) -> None:
    """Of several files those are taken in that fit together."""
    half = player_drawing.INLINE_BYTES // 2
    files = [File.of(large(tmp_path / f"{at}.mp4", size)) for at, size in enumerate((half, half, half))]
    assert [True, True, False] == player_drawing.inlined(tuple(files))


def test_a_mesh_is_a_download_with_its_size(tmp_path: Path) -> None:
    """Format, points and size, and a link that saves it out of the notebook."""
    (tmp_path / "a.glb").write_bytes(glb(1234))
    made = Mesh.from_json({}, [tmp_path / "a.glb"], model="m")
    html = made._repr_mimebundle_()["text/html"]
    assert 'href="data:model/gltf-binary;base64,' in html
    assert 'download="mesh-' in html
    assert "GLB mesh, 1,234 vertices" in html
    assert made._twin_().startswith("GLB mesh, 1,234 vertices, ")


def test_notes_footer_and_partial(tmp_path: Path) -> None:
    """What was done on the way stands above, model and cost below, and a result that was broken off says so."""
    made = video(tmp_path)
    made.notes, made.partial, made.provider = ["shrunk <b>"], True, "sandbox"
    made.saved = [Path("x.mp4")]
    bundle = made._repr_mimebundle_()
    assert "shrunk &lt;b&gt;" in bundle["text/html"]
    for word in ("cost unknown", "sandbox", "saved as x.mp4", "partial"):
        assert word in bundle["text/html"]
        assert word in bundle["text/plain"]
    assert "cost unknown" in made._footer_()
    made.show_footer = False
    assert "cost unknown" not in made._repr_mimebundle_()["text/html"]


def test_the_live_view_is_small(tmp_path: Path) -> None:
    """While it runs no file is sent again and again."""
    assert len(video(tmp_path)._live_html_()) < 500
