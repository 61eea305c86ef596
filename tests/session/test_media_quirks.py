"""Every quirk of the gateway that its documentation shows, end to end: Session, client, media, store, over HTTP.

The gateway here is strict: a body that the schema does not allow, an id that is not escaped or a key sent to a file host
fails the test.
"""

from __future__ import annotations

import base64
import re
import struct
import time
from pathlib import Path
from typing import Any

import pytest

from aiml_nb.errors import InvalidRequestError, JobError, NotFoundError
from aiml_nb.session import Session
from tests.session.gateway import GLB, KEY, MP4, Gateway, gateway, png, wav

__all__ = ["gateway"]

B64 = base64.b64encode(png()).decode()
AT = "https://a.example/talk.mp3"


def session(gateway: Gateway) -> Session:
    return Session(base_url=gateway.url + "/v1", api_key=KEY)


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(
    "shape",
    [
        lambda url: {"data": [{"url": url, "b64_json": None}]},
        lambda url: {"images": [{"url": url, "width": 8, "height": 6, "content_type": "image/png"}]},
        lambda url: {"images": [url]},
        lambda url: {"data": [], "images": [{"url": url}]},
        lambda _: {"data": [{"url": None, "b64_json": B64}]},
        lambda _: {"data": [{"b64_json": f"data:image/png;base64,{B64}"}]},
        lambda _: {"data": [{"url": f"data:image/png;base64,{B64}"}]},
        lambda _: {"images": [f"data:image/png;base64,{B64}"]},
        lambda url: {"image": {"url": url}},
        lambda url: {"data": {"images": [{"url": url}]}},
    ],
    ids=[
        "data",
        "images",
        "addresses",
        "empty data",
        "b64_json",
        "data in b64_json",
        "data URI",
        "data URIs",
        "image",
        "nested",
    ],
)
def test_pictures_in_every_place(gateway: Gateway, shape: Any, status: int) -> None:
    """A picture is found as an address, base64 or data URI, in `data` or `images`, after a 200 or a 201."""
    gateway.status = status
    gateway.model("lab/draw", "image", shape(gateway.file("png")))
    made = session(gateway).image("a fox", model="lab/draw")
    assert [each.bytes for each in made] == [png()]
    assert made.id == "inference-7"


VIDEOS = {
    "an object": lambda url: {"video": {"url": url}},
    "a list": lambda url: {"video": [{"url": url}]},
    "an address": lambda url: {"video": url},
    "video_url": lambda url: {"video_url": url},
    "output": lambda url: {"output": {"video_url": url}},
}


@pytest.mark.parametrize("shape", VIDEOS)
def test_films_in_every_place(gateway: Gateway, shape: str) -> None:
    """A film is found in each place the answers have it."""
    done = {"id": "j1", "status": "completed", "error": None, **VIDEOS[shape](gateway.file("mp4"))}
    gateway.model("lab/film", "video", {"id": "j1", "status": "queued"}, polls=[done])
    assert session(gateway).video("a fox", model="lab/film").bytes == MP4


@pytest.mark.parametrize("name", ["50f3e8ae-1:kling-video/v1.6/pro/effects", "#g1_a b&c=d?e+f%2F", "nano_ID-x", "ü/:#"])
@pytest.mark.parametrize("field", ["id", "generation_id"])
def test_ids_come_back_whole(gateway: Gateway, name: str, field: str) -> None:
    """An id with `:`, `/`, `#` and worse is polled escaped, in the query and in the path, under its old name too."""
    video = {"id": name, "status": "succeeded", "video": {"url": gateway.file("mp4")}}
    gateway.model("lab/film", "video", {field: name, "status": "queued"}, polls=[video])
    heard = {"id": name, "status": "completed", "result": {"text": "hello"}}
    gateway.model("#g1_whisper-large", "transcript", {field: name + "2"}, polls=[heard | {"id": name + "2"}])
    assert session(gateway).video("a fox", model="lab/film").id == name
    assert session(gateway).transcribe(AT, model="#g1_whisper-large").text == "hello"
    assert all("#" not in path for path in gateway.gets)
    assert gateway.posts[1][1]["model"] == "#g1_whisper-large"


def test_unknown_states_are_pending(gateway: Gateway) -> None:
    """Whatever is not an end is waited for, whatever it is called."""
    words = ["waiting", "ACTIVE", "generating", "polishing the pixels", "", None]
    polls = [{"id": "j", "status": word} for word in words]
    polls += [{"id": "j", "status": "succeeded", "video": {"url": gateway.file("mp4")}}]
    gateway.model("lab/film", "video", {"id": "j", "status": "queued"}, polls=polls)
    assert session(gateway).video("a fox", model="lab/film").bytes == MP4


ERRORS = {
    "name and message": ({"name": "GenerationError", "message": "it was refused"}, "it was refused"),
    "a detail": (
        {"detail": [{"loc": ["body", "prompt"], "msg": "is too dark", "type": "value", "input": "x"}]},
        "prompt: is too dark",
    ),
    "a sentence": ("it was refused", "it was refused"),
    "a nest": ({"error": {"error": {"message": "deep down"}}}, "deep down"),
}


@pytest.mark.parametrize("shape", ERRORS)
@pytest.mark.parametrize("when", ["create", "poll"])
def test_an_error_inside_a_200(gateway: Gateway, shape: str, when: str) -> None:
    """A generation that failed says why, in each shape of the answers, and cannot be resumed."""
    error, told = ERRORS[shape]
    failed = {"id": "j", "status": "error", "error": error}
    gateway.model("lab/film", "video", failed if when == "create" else {"id": "j"}, polls=[failed])
    with pytest.raises(JobError, match=told):
        session(gateway).video("a fox", model="lab/film")
    with pytest.raises(InvalidRequestError, match="no job waits"):
        session(gateway).resume()


@pytest.mark.parametrize(
    "audio",
    [
        lambda url: {"audio": url},
        lambda url: {"audio": {"url": url, "duration": 0.1, "sample_rate": 8000}},
        lambda _: {"audio": f"data:audio/wav;base64,{base64.b64encode(wav()).decode()}"},
        lambda _: {"audio": base64.b64encode(wav()).decode()},
    ],
    ids=["address", "object", "data URI", "base64"],
)
def test_speech_as_text_or_object(gateway: Gateway, audio: Any) -> None:
    """`audio` is an address, an object with one, or the sound itself."""
    gateway.model("lab/voice", "speech", audio(gateway.file("wav")))
    assert session(gateway).speech("Hello.", model="lab/voice").bytes == wav()


@pytest.mark.parametrize("mime", ["audio/wav", "application/octet-stream", "audio/x-wav; rate=8000", ""])
def test_speech_as_the_body(gateway: Gateway, mime: str) -> None:
    """A model that streams by default answers with the sound: its cost is unknown, which is not zero."""
    text = {"type": "string"}
    schema = {
        "type": "object",
        "properties": {"model": text, "text": text, "stream": {"type": "boolean", "default": True}},
        "required": ["model", "text"],
    }
    gateway.model("lab/voice", "speech", wav(), schema=schema)
    gateway.mime = mime
    here = session(gateway)
    made = here.speech("Hello.", model="lab/voice")
    assert made.bytes == wav()
    assert made.cost is None
    assert here.usage()[-1]["usd"] is None


HEARD = {
    "Deepgram": {"results": {"channels": [{"alternatives": [{"transcript": "the fox"}]}]}, "metadata": {"duration": 2.0}},
    "AssemblyAI": {"text": "the fox", "words": [{"text": "the", "start": 0, "end": 100, "speaker": "A"}], "audio_duration": 2},
    "OpenAI": {"text": "the fox", "usage": {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}},
}  # fmt: skip


@pytest.mark.parametrize("shape", HEARD)
@pytest.mark.parametrize("key", ["output", "result"])
def test_transcripts_of_three_vendors(gateway: Gateway, shape: str, key: str) -> None:
    """What was heard is read in each vendor's shape, under `output` and under `result`."""
    other = {"output": "result", "result": "output"}[key]
    done = {"id": "j", "status": "completed", key: HEARD[shape], other: None, "error": None}
    gateway.model("lab/ear", "transcript", {"generation_id": "j", "status": "queued"}, polls=[done])
    assert session(gateway).transcribe(AT, model="lab/ear").text == "the fox"


@pytest.mark.parametrize("shape", [lambda url: {"url": url, "file_name": "x.wav"}, lambda url: [{"url": url}], str])
def test_music_in_audio_file(gateway: Gateway, shape: Any) -> None:
    """Music stands in `audio_file`, as an object, a list or an address."""
    done = {"id": "j", "status": "completed", "audio_file": shape(gateway.file("wav"))}
    gateway.model("lab/tune", "music", {"id": "j", "status": "queued"}, polls=[done])
    assert session(gateway).music("a waltz", model="lab/tune").bytes == wav()


def test_pages_with_pictures(gateway: Gateway) -> None:
    """Pages are in order, whatever their index, with the pictures that stand on them."""
    pages = [
        {"index": 0, "markdown": "# One\n\n![img-0.jpeg](img-0.jpeg)", "images": [{"id": "img-0.jpeg", "image_base64": B64}]},
        {"index": 1, "markdown": "Two", "images": [], "dimensions": None},
    ]  # fmt: skip
    gateway.model("lab/read", "ocr", {"pages": pages, "model": "x", "usage_info": {"pages_processed": 2}})
    made = session(gateway).ocr("https://a.example/scan.pdf", model="lab/read")
    assert len(made.pages) == 2
    assert "Two" in made.text
    assert [path.read_bytes() for path in made.paths] == [png()]


def test_a_mesh_beside_pictures(gateway: Gateway) -> None:
    """A 3D shape comes from the path of pictures, under a key of its own; `generate` picks the medium."""
    row = {"url": gateway.file("glb"), "content_type": "model/gltf-binary", "file_name": "m.glb", "file_size": 12}
    gateway.model("lab/solid", "mesh", {"model_mesh": row})
    made = session(gateway).generate(model="lab/solid", attach="https://a.example/mug.png")
    assert made.bytes == GLB


METAS: list[tuple[Any, float | None]] = [
    ({"credits_used": 2480, "usd_spent": 0.00124}, 0.00124),
    ({"credits_used": 2_000_000}, 1.0),
    ({"tokens_used": 2_000_000}, None),
    ({"credits_used": 0, "usd_spent": 0}, 0.0),
    ({}, None),
    (None, None),
    ({"credits_used": "many"}, None),
]


@pytest.mark.parametrize(("usage", "usd"), METAS)
def test_costs_as_they_are_told(gateway: Gateway, usage: Any, usd: float | None) -> None:
    """Dollars, credits, or a number of old tokens, which says no cost: unknown, never zero."""
    gateway.model("lab/draw", "image", {"data": [{"b64_json": B64}], "meta": {"usage": usage}})
    here = session(gateway)
    made = here.image("a fox", model="lab/draw")
    assert (made.cost.usd if made.cost else None) == usd
    assert here.usage()[-1]["usd"] == usd


def test_the_cost_in_the_headers(gateway: Gateway) -> None:
    """Where the body tells no cost, the headers do."""
    gateway.headers |= {"x-aimlapi-credits-used": "2480", "x-aimlapi-usd-spent": "0.00124"}
    gateway.model("lab/draw", "image", {"data": [{"b64_json": B64}]})
    assert session(gateway).image("a fox", model="lab/draw").cost.usd == 0.00124


def test_the_cost_that_the_creation_told(gateway: Gateway) -> None:
    """A job is charged when it is created: that cost counts at once, holds at the end, and goes when the job fails."""
    told = {"id": "j", "status": "queued", "meta": {"usage": {"credits_used": 800_000, "usd_spent": 0.4}}}
    done = {"id": "j", "status": "completed", "video": {"url": gateway.file("mp4")}}
    gateway.model("lab/film", "video", told, polls=[{"id": "j", "status": "queued"}])
    here = session(gateway)
    op = here.start("video", "a fox", model="lab/film")
    while not any("generation_id" in path for path in gateway.gets):
        next(op)
    assert here.money.spent().usd == 0.4
    gateway.polls["lab/film"] = [done]
    assert op.result().cost.usd == 0.4
    assert here.usage()[0]["usd"] == 0.4
    gateway.polls["lab/film"] = [{"id": "j", "status": "error", "error": "no"}]
    with pytest.raises(JobError):
        here.video("a fox", model="lab/film")
    assert here.money.spent().usd == 0.4


def test_a_signed_address_is_fetched_at_once_without_the_key(gateway: Gateway) -> None:
    """A signed address over plain http is fetched as it stands, once, and never with the key."""
    gateway.model("lab/draw", "image", {"data": [{"url": gateway.file("png")}]})
    session(gateway).image("a fox", model="lab/draw")
    assert [path for path in gateway.gets if "/files/" in path] == [gateway.file("png").removeprefix(gateway.url)]


def test_vectors_as_base64(gateway: Gateway) -> None:
    """Vectors come as numbers or as base64 of 32-bit floats, in any order."""
    packed = base64.b64encode(struct.pack("<3f", 0.5, -1.0, 2.0)).decode()
    rows = [{"index": 1, "embedding": [1, 0, 0]}, {"index": 0, "embedding": packed}]
    gateway.model("lab/near", "embedding", {"object": "list", "data": rows, "usage": {"prompt_tokens": 2}})
    made = session(gateway).embed(["a", "b"], model="lab/near")
    assert [list(row) for row in made.vectors] == [[0.5, -1.0, 2.0], [1.0, 0.0, 0.0]]


DOCS: dict[str, Any] = {
    "missing": None,
    "not found": 404,
    "failing": 500,
    "no JSON": b"<html>502</html>",
    "a list": b"[]",
    "null": b"null",
    "without paths": {"openapi": "3.0.0"},
    "without a schema": {"paths": {"/v1/images/generations": {"post": {"requestBody": {"content": {}}}}}},
    "half of it": b'{"paths": {"/v1/images/gene',
    "an empty object": {"paths": {"/v1/images/generations": {"post": {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}}}},
    "properties that are none": {"paths": {"/v1/images/generations": {"post": {"requestBody": {"content": {"application/json": {"schema": {"properties": [1]}}}}}}}},
}  # fmt: skip


@pytest.mark.parametrize("docs", DOCS)
def test_without_a_readable_schema_the_call_goes_and_says_so(gateway: Gateway, docs: str) -> None:
    """A schema that is missing or broken does not stop a call: the parameters go as they are, and a note says so."""
    schema = {"type": "object", "properties": {"model": {}, "prompt": {}, "seed": {}}}
    gateway.model("lab/draw", "image", {"data": [{"b64_json": B64}]}, schema=schema)
    gateway.model("lab/other", "image", {})
    gateway.docs["lab/draw"] = DOCS[docs]
    if DOCS[docs] is None:
        gateway.rows[0]["info"] = {}
    here = session(gateway)
    made = here.image("a fox", model="lab/draw", seed=7)
    assert gateway.posts == [("/v1/images/generations", {"model": "lab/draw", "prompt": "a fox", "seed": 7})]
    assert any("schema" in note for note in made.notes)
    asked = len(gateway.gets)
    here.image("a fox", model="lab/draw", seed=7)
    assert len(gateway.gets) == asked, "what could not be had is not asked for again at once"


def test_a_catalogue_that_is_down_does_not_stop_a_call(gateway: Gateway) -> None:
    """Without a list the call goes as it is, soon, and the next one is not held up by it."""
    gateway.listed = False
    schema = {"type": "object", "properties": {"model": {}, "prompt": {}, "seed": {}}}
    gateway.model("lab/draw", "image", {"data": [{"b64_json": B64}]}, schema=schema)
    here = session(gateway)
    begun = time.monotonic()
    assert len(here.image("a fox", model="lab/draw", seed=7)) == 1
    assert time.monotonic() - begun < 8
    begun = time.monotonic()
    assert len(here.image("a fox", model="lab/draw", seed=7)) == 1
    assert time.monotonic() - begun < 0.5


def test_a_stale_catalogue_serves(gateway: Gateway) -> None:
    """A list and a schema once fetched serve when the provider no longer gives them."""
    gateway.model("lab/draw", "image", {"data": [{"b64_json": B64}]})
    session(gateway).image("a fox", model="lab/draw")
    gateway.listed, gateway.docs["lab/draw"] = False, 500
    with pytest.raises(InvalidRequestError, match="no parameter seed"):
        session(gateway).image("a fox", model="lab/draw", seed=7)
    assert len(session(gateway).image("a fox", model="lab/draw")) == 1


@pytest.mark.parametrize("medium", ["image", "video", "speech", "chat"])
def test_an_unknown_model_names_the_nearest(gateway: Gateway, medium: str) -> None:
    """A model that neither the list nor the server has is told with the nearest one; `generate` sends nothing for it."""
    gateway.model("lab/draw-large", "image", {})
    here = session(gateway)
    with pytest.raises(InvalidRequestError) as caught:
        here.generate("a fox", model="lab/draw-larg")
    assert "lab/draw-large" in caught.value.advice
    assert gateway.posts == []
    with pytest.raises(NotFoundError) as refused:
        here.start(medium, "a fox", model="lab/draw-larg").result()
    assert "lab/draw-large" in refused.value.advice
    assert gateway.faults.pop() == "no such model"


@pytest.mark.parametrize("kind", ["multipart/form-data", "application/x-www-form-urlencoded"])
def test_a_model_that_takes_no_json(gateway: Gateway, kind: str) -> None:
    """Where the schema stands under another content type, the body goes as that."""
    gateway.model("lab/draw", "image", {"data": [{"b64_json": B64}]})
    content = gateway.docs["lab/draw"]["paths"]["/v1/images/generations"]["post"]["requestBody"]["content"]
    content[kind] = content.pop("application/json")
    assert len(session(gateway).image("a fox", model="lab/draw")) == 1
    ((_, sent),) = gateway.posts
    assert sent["kind"].startswith(kind)
    assert b"fox" in sent["form"]


def test_an_upload_with_more_than_text_beside_it(gateway: Gateway, tmp_path: Path) -> None:
    """Beside a file, truth, lists and objects go as form fields: `true`, one field for each, and JSON."""
    upload = {"type": "object", "properties": {"mimetype": {}, "originalname": {}, "buffer": {}}}
    text = {"type": "string"}
    properties = {"model": text, "audio": upload, "punctuate": {"type": "boolean"}, "topics": {"type": "array", "items": text}, "extra": {"type": "object"}}  # fmt: skip
    schema = {"type": "object", "properties": properties, "required": ["model", "audio"]}
    done = {"id": "j", "status": "completed", "result": {"text": "hello"}}
    gateway.model("lab/ear", "transcript", {"generation_id": "j"}, polls=[done], schema=schema)
    (tmp_path / "a.wav").write_bytes(wav())
    more: dict[str, Any] = {"punctuate": "yes", "topics": ["a", "b"], "extra": {"x": 1}}
    assert session(gateway).transcribe(model="lab/ear", attach=tmp_path / "a.wav", **more).text == "hello"
    ((_, sent),) = gateway.posts
    fields = re.findall(rb'name="(\w+)"\r\n\r\n(.*?)\r\n', sent["form"])
    assert fields == [(b"model", b"lab/ear"), (b"punctuate", b"true"), (b"topics", b"a"), (b"topics", b"b"), (b"extra", b'{"x":1}')]  # fmt: skip
    assert wav() in sent["form"]
