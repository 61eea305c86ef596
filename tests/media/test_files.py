"""Tests of `aiml_nb.media.files`, and of the media whose results are files: video, speech, music, mesh."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from aiml_nb.content import Attachment
from aiml_nb.errors import AIMLError, APIError, InvalidRequestError
from aiml_nb.media import mesh, music, speech, video
from aiml_nb.media.files import File, MediaFile, decoded, mime_of_body, save_file
from tests.recordings import glb, mp3, mp4, obj, wav

URL = "https://cdn.example/f?Signature=a%2Fb"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(URL),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=3)
            | st.sampled_from(
                ["video", "videos", "audio", "output", "url", "data", "model_mesh", "mask_1_mesh", "model_urls"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


def kept(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def addresses(found: list[Any]) -> list[str]:
    return [row["url"] for row in found]


@pytest.mark.parametrize(
    "answer",
    [
        {"video": {"url": URL}},
        {"video": URL},
        {"video": [{"url": URL}]},
        {"videos": [URL]},
        {"videos": [{"url": URL, "content_type": "video/mp4"}]},
        {"video": None, "output": {"url": URL}},
        {"output": URL},
        {"output": {"video": {"url": URL}}},
        {"result": {"video_url": URL}},
        {"data": [{"url": URL}]},
    ],
)
def test_a_film_in_every_shape(answer: dict[str, Any]) -> None:
    """The address is found whether it is text, an object or a list, at the top or in `output`."""
    rows = video.found({"id": "a", "status": "completed", "error": None, **answer})
    assert ([URL], "video") == (addresses(rows), rows[0]["kind"])


@pytest.mark.parametrize(
    "answer",
    [
        {"audio": URL},
        {"audio": {"url": URL}},
        {"audio": {"url": URL, "file_name": "speech.wav", "duration": 3.1, "sample_rate": 24000}},
        {"audio_file": {"url": URL, "content_type": "audio/mpeg", "file_size": 12}},
        {"audio_file": URL},
        {"output": {"audio_url": URL}},
    ],
)
def test_a_sound_in_every_shape(answer: dict[str, Any]) -> None:
    """`audio` is an address in the schema and an object in the samples; music calls it `audio_file`."""
    assert [URL] == addresses(speech.found(answer)) == addresses(music.found(answer))


def test_meshes_with_parts_formats_and_a_picture() -> None:
    """The main mesh comes first, masks in their order, other formats once each, a still last."""
    file = {"content_type": "application/octet-stream", "file_size": 3}
    parts = mesh.found(
        {
            "mask_2_mesh": {"url": URL + "2", **file},
            "mask_10_mesh": {"url": URL + "10", **file},
            "mask_1_mesh": {"url": URL + "1", **file},
            "segmented_mesh": {"url": URL, **file},
            "best_mask_index": 2,
        }
    )
    assert [URL, URL + "1", URL + "2", URL + "10"] == addresses(parts)
    formats = mesh.found(
        {
            "model_glb": {"url": URL, "file_name": "model.glb"},
            "thumbnail": {"url": URL + "png", "content_type": "image/png"},
            "model_urls": {"glb": {"url": URL}, "obj": {"url": URL + "obj"}, "blend": None},
        }
    )
    assert [(URL, "mesh"), (URL + "obj", "mesh"), (URL + "png", "image")] == [(r["url"], r["kind"]) for r in formats]


@pytest.mark.parametrize("answer", [{"model_mesh": {"url": URL}}, {"data": [{"url": URL, "b64_json": None}]}])
def test_a_mesh_as_sample_and_as_schema_have_it(answer: dict[str, Any]) -> None:
    """The samples say `model_mesh`, the response schema says `data`."""
    assert [URL] == addresses(mesh.found({"model": "triposr", **answer}))


def test_base64_in_place_of_an_address() -> None:
    """Base64, a data: URL, and the client's reference to a file that it took out are told apart from addresses."""
    raw = base64.b64encode(wav(0.01)).decode()
    for told in ({"b64_json": raw}, raw, f"data:audio/wav;base64,{raw}", {"url": "aiml-nb-media:0"}):
        row = speech.found({"audio": told})[0]
        assert row["url"] is None
        assert row["b64"]
    assert decoded(raw) == decoded(f"data:audio/wav;base64,{raw}") == wav(0.01)
    with pytest.raises(APIError, match="not base64"):
        decoded("no, it is not")


@pytest.mark.parametrize("module", [video, speech, music, mesh])
@pytest.mark.parametrize(
    "answer", [{}, {"status": "completed", "video": None, "audio": {}, "data": []}, {"output": "text"}, []]
)
def test_an_answer_without_a_file(module: Any, answer: Any) -> None:
    """A finished answer that holds nothing is a protocol error that says what to do."""
    with pytest.raises(APIError) as caught:
        module.found(answer)
    assert (caught.value.kind, bool(caught.value.advice)) == ("protocol", True)


@pytest.mark.parametrize(
    ("told", "head", "mime"),
    [
        ("audio/wav", b"", "audio/wav"),
        ("audio/mpeg; charset=utf-8", b"", "audio/mpeg"),
        ("application/octet-stream", wav(0.01), "audio/wav"),
        ("", mp3(1), "audio/mpeg"),
        ("application/json", b'{"audio":1}', None),
        ("application/octet-stream", b'{"audio":1}', None),
        ("text/html", b"<html>", None),
    ],
)
def test_an_answer_that_is_the_sound_itself(told: str, head: bytes, mime: str | None) -> None:
    """Content-Type decides between sound and JSON; where it says nothing, the first bytes do."""
    assert mime == mime_of_body(told, head)


def test_a_binary_answer_becomes_audio(tmp_path: Path) -> None:
    """Streamed speech has no JSON: the file alone makes the result, with unknown cost."""
    made = speech.Audio.from_json({}, [kept(tmp_path, "a.wav", wav(0.5))], model="m", provider="p")
    assert (made.mime, made.duration, made.cost, made.url) == ("audio/wav", pytest.approx(0.5), None, None)
    assert made.bytes == wav(0.5)


def test_a_video_and_what_it_tells(tmp_path: Path) -> None:
    """File, address, length, size, cost and id come together; `save` writes the bytes."""
    answer = {
        "id": "j",
        "video": {"url": URL},
        "meta": {"usage": {"credits_used": 252000, "usd_spent": 0.126}, "timings": {"total_ms": 1500}},
    }
    made = video.Video.from_json(answer, [kept(tmp_path, "a.mp4", mp4(4.0, (640, 360)))], model="m", provider="p")
    made.time(9.0)
    assert (made.id, made.url, made.mime, made.duration, made.size) == ("j", URL, "video/mp4", 4.0, (640, 360))
    assert (made.cost and made.cost.usd, made.total) == (0.126, 1.5)
    assert made.save(tmp_path / "mine.mp4")[0].read_bytes() == made.bytes


def test_a_result_needs_a_file() -> None:
    """No file, no result."""
    with pytest.raises(APIError, match="holds no video"):
        video.Video.from_json({"video": {"url": URL}}, [], model="m")


def test_several_files_are_saved_side_by_side(tmp_path: Path) -> None:
    """The second and further files are numbered, each with its own suffix."""
    files = [kept(tmp_path, "a.glb", glb()), kept(tmp_path, "b.obj", obj())]
    made = mesh.Mesh.from_json({}, files, model="m")
    assert ["x.glb", "x-2.obj"] == [path.name for path in made.save(tmp_path / "x.glb")]
    assert (made.paths, made.vertices) == (files, 8)


def test_the_still_of_a_mesh_is_its_poster(tmp_path: Path) -> None:
    """A picture among the files stands for the mesh and is not one of its files."""
    still = tmp_path / "s.png"
    Image.new("RGB", (20, 20), "red").save(still)
    answer = {"model_glb": {"url": URL}, "thumbnail": {"url": URL + "p"}}
    made = mesh.Mesh.from_json(answer, [kept(tmp_path, "a.glb", glb(8)), still], model="m")
    assert (len(made.files), made.poster) == (1, still)
    assert "<img src=" in made._repr_mimebundle_()["text/html"]


@pytest.mark.parametrize(
    ("data", "count"), [(glb(24), 24), (obj(5), 5), (b"glTF", None), (b"glTF" + bytes(40), None), (b"", None)]
)
def test_the_points_of_a_mesh(tmp_path: Path, data: bytes, count: int | None) -> None:
    """They are counted where the header tells, and unknown where the file is damaged."""
    assert count == mesh.vertices(kept(tmp_path, "a.bin", data))


def test_the_type_is_told_by_the_content(tmp_path: Path) -> None:
    """The server's word counts only where the bytes say nothing; sound in an MP4 is sound."""
    told = {"url": URL, "b64": None, "mime": "video/mp4", "kind": "audio", "name": None}
    assert File.of(kept(tmp_path, "a.bin", wav(0.01)), told).mime == "audio/wav"  # type: ignore[arg-type]
    assert File.of(kept(tmp_path, "b.bin", mp4()), None, "audio").mime == "audio/mp4"
    obj_told = {**told, "mime": "model/obj"}
    assert File.of(kept(tmp_path, "c.bin", obj()), obj_told).mime == "model/obj"  # type: ignore[arg-type]
    assert File.of(kept(tmp_path, "d.bin", glb())).mime == "model/gltf-binary"


def test_an_unknown_kind_takes_any_suffix(tmp_path: Path) -> None:
    """A file that was kept without a known kind is saved under the name the user gives."""
    assert save_file(kept(tmp_path, "a.bin", b"FBX"), tmp_path / "shape.fbx").name == "shape.fbx"


@pytest.mark.parametrize("module", [video, music])
def test_requests_with_common_words(module: Any) -> None:
    """Without a schema a common word goes under its likeliest name; `request` keeps it for the fitting."""
    assert module.payload("waves", model="m", negative="noise", seed=7) == {
        "model": "m",
        "prompt": "waves",
        "negative_prompt": "noise",
        "seed": 7,
    }
    assert module.request("waves", model="m", negative="noise") == {
        "model": "m",
        "prompt": "waves",
        "negative": "noise",
    }


def test_speech_has_two_dialects() -> None:
    """The gateway calls the text `text`, OpenAI and its like call it `input`."""
    assert speech.payload("hi", model="m", voice="coral") == {"model": "m", "text": "hi", "voice": "coral"}
    assert speech.payload("hi", model="m", openai=True)["input"] == "hi"


def picture(name: str = "a.png") -> Attachment:
    return Attachment("image/png", name, url=f"https://example.com/{name}")


def test_pictures_of_a_video_are_frames() -> None:
    """One is the first frame, two are first and last, more are references; a film and a sound go under their names."""
    assert "image_url" in video.payload("x", model="m", attachments=[picture()])
    two = video.payload("x", model="m", attachments=[picture("a.png"), picture("b.png")])
    assert (two["image_url"][-5:], two["last_image_url"][-5:]) == ("a.png", "b.png")
    assert len(video.payload("x", model="m", attachments=[picture()] * 3)["image_urls"]) == 3
    film = Attachment("video/mp4", "f.mp4", url=URL)
    assert video.payload("x", model="m", attachments=[film])["video_url"] == URL
    with pytest.raises(InvalidRequestError):
        video.payload("x", model="m", attachments=[film, film])


def test_a_mesh_is_made_of_pictures_or_of_a_mesh() -> None:
    """One picture, several, or a mesh to work on."""
    assert "image_url" in mesh.payload("", model="m", attachments=[picture()])
    assert len(mesh.payload("", model="m", attachments=[picture()] * 4)["image_urls"]) == 4
    shape = Attachment("model/gltf-binary", "a.glb", url=URL)
    assert mesh.payload("", model="m", attachments=[shape]) == {"model": "m", "mesh_url": URL}


@pytest.mark.parametrize("module", [video, speech, music, mesh])
def test_nothing_to_work_on(module: Any) -> None:
    """Neither prompt nor attachment is refused before anything is sent."""
    with pytest.raises(InvalidRequestError):
        module.payload("", model="m")


@pytest.mark.parametrize("module", [speech, music])
def test_attachments_that_do_not_fit(module: Any) -> None:
    """A picture is nothing to read aloud and no sound to go by."""
    with pytest.raises(InvalidRequestError):
        module.payload("x", model="m", attachments=[picture()])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON, st.sampled_from([(video, video.Video), (speech, speech.Audio), (mesh, mesh.Mesh)]))
def test_any_json_is_a_result_or_our_error(tmp_path: Path, answer: Any, medium: tuple[Any, type[MediaFile]]) -> None:
    """Whatever a server answers raises nothing but our own errors, and what is made of it can be drawn."""
    module, kind = medium
    try:
        rows = module.found(answer)
    except AIMLError:
        rows = []
    assert all((row["url"] is None) != (row["b64"] is None) for row in rows)
    path = tmp_path / "a.wav"
    if not path.exists():
        path.write_bytes(wav(0.01))
    made = kind.from_json(answer, [path] * max(1, sum(row["kind"] != "image" for row in rows)), model="m")
    made.time(1.0)
    assert "sha256" in made._twin_()
