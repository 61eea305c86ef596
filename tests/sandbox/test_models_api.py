"""The catalogue in the provider's documented form: rows, schemas, deprecations."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from aiml_nb import sandbox
from aiml_nb.sandbox import catalogue


@pytest.mark.parametrize("path", ["/v1/models", "/models", "/api/v1/models"])
def test_the_catalogue_needs_no_key(server: sandbox.Server, path: str) -> None:
    """Every model has id, aliases, type, info and tags; the rest comes when asked."""
    rows = httpx.get(server.url + path, trust_env=False).json()["data"]
    assert len(rows) > 8
    for row in rows:
        assert {"id", "aliases", "type", "info", "tags", "object", "owned_by"} <= set(row)
        assert not {"pricing", "modalities", "capabilities"} & set(row)


@pytest.mark.parametrize(
    ("query", "sections"),
    [
        ("include=pricing", {"pricing"}),
        ("include=modalities,capabilities&include=nonsense", {"modalities", "capabilities"}),
        ("include=all", {"pricing", "modalities", "capabilities"}),
        ("details=true", {"pricing", "modalities", "capabilities"}),
    ],
)
def test_sections_come_when_asked(http: httpx.Client, query: str, sections: set[str]) -> None:
    """include= and details= attach the documented sections."""
    row = http.get(f"/v1/models?{query}").json()["data"][0]
    assert {"pricing", "modalities", "capabilities"} & set(row) == sections


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("id=GPT-4o&type=openai/chat-completions", ["openai/gpt-4o"]),
        ("id=gemma-3-4b-it,flux/schnell", ["google/gemma-3-4b-it", "flux/schnell"]),
        ("id=gpt-image-1", ["openai/gpt-image-1", "openai/gpt-image-1"]),
        ("output_modalities=3d", ["triposr", "magic/image-to-3d"]),
        ("id=nothing", []),
    ],
)
def test_filters_narrow_the_list(http: httpx.Client, query: str, ids: list[str]) -> None:
    """Or within a filter, and across filters, upper and lower case alike."""
    assert [row["id"] for row in http.get(f"/v1/models?{query}").json()["data"]] == ids


def test_an_etag_saves_the_second_answer(http: httpx.Client) -> None:
    """If-None-Match with the ETag gets 304 and no body."""
    etag = http.get("/v1/models?include=all").headers["etag"]
    again = http.get("/v1/models?include=all", headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert http.get("/v1/models", headers={"If-None-Match": etag}).status_code == 200


def test_one_model_in_both_dialects(http: httpx.Client) -> None:
    """/v1/models/ID is flat as OpenAI's, /model/ID is wrapped as the provider's; aliases work, others get 404."""
    assert http.get("/v1/models/openai/gpt-4o").json()["id"] == "openai/gpt-4o"
    assert http.get("/model/gpt-4o?include=pricing").json()["data"]["pricing"]["kind"] == "fixed"
    assert "Nearest" in http.get("/model/gpt-4oo").json()["message"]


def test_the_schema_behind_docs_json_is_the_one_that_is_checked(http: httpx.Client) -> None:
    """Each catalogue entry leads to an OpenAPI description of its call, with the model's own parameters."""
    for row in http.get("/v1/models").json()["data"]:
        paths: dict[str, Any] = http.get(row["info"]["docsJson"]).json()["paths"]
        (operation,) = paths.values()
        (content,) = operation["post"]["requestBody"]["content"].values()
        schema = content["schema"]
        assert row["id"] in schema["properties"]["model"]["enum"]
    assert http.get("/docs-json?model=flux/schnell&endpoint=openai/embeddings").status_code == 404


MEDIA = {
    "openai/chat-completions", "openai/responses/submit", "anthropic/messages", "openai/image-generations",
    "openai/image-editing", "internal/video-generations/submit", "internal/text-to-speech",
    "internal/audio-generations/submit", "internal/speech-to-text/submit", "internal/optical-character-recognition",
    "openai/embeddings",
}  # fmt: skip


def test_every_medium_has_two_models_and_every_parameter_a_meaning(http: httpx.Client) -> None:
    """Lessons on one vocabulary need models that call things differently, and forms need words to show."""
    rows = http.get("/v1/models?include=all").json()["data"]
    assert {row["type"] for row in rows} == MEDIA
    for kind in ("image", "3d", "video", "audio", "text", "embedding"):
        assert sum(kind in row["modalities"]["output"] for row in rows) >= 2
    for model in catalogue.models():
        for endpoint in model.endpoints:
            for name, field in catalogue.schema(model, endpoint)["properties"].items():
                assert name == "model" or field.get("description") or "anyOf" in field or "enum" in field, (
                    model.id,
                    name,
                )


def test_a_deprecated_model_says_so(http: httpx.Client) -> None:
    """Its answers carry Deprecation and Sunset, the feed lists it with what to use instead; others carry nothing."""
    body = {"model": "chatgpt-4o-latest", "messages": [{"role": "user", "content": "hi"}]}
    headers = http.post("/v1/chat/completions", json=body).headers
    assert ("@1767225600", "Tue, 17 Feb 2026 00:00:00 GMT") == (headers["deprecation"], headers["sunset"])
    assert "sunset" not in http.post("/v1/chat/completions", json=body | {"model": "gpt-4o"}).headers
    (row,) = http.get("/v1/models/deprecations?status=deprecated").json()["data"]
    assert ("chatgpt-4o-latest", "openai/gpt-5-1-chat-latest") == (row["id"], row["replaced_by"])
    assert [] == http.get("/v1/models/deprecations?since=2027-01-01").json()["data"]


def test_a_model_is_where_its_endpoints_are(http: httpx.Client) -> None:
    """One that answers at /v1/responses only is not at /v1/chat/completions, and the refusal says where it is."""
    body = {"model": "openai/gpt-5-1-codex-mini", "messages": [{"role": "user", "content": "hi"}]}
    answer = http.post("/v1/chat/completions", json=body)
    assert (answer.status_code, "/v1/responses" in answer.json()["message"]) == (404, True)
    assert http.post("/v1/responses", json={"model": body["model"], "input": "hi"}).json()["output_text"]


def test_what_a_schema_does_not_list_is_refused(http: httpx.Client) -> None:
    """A field of another model, at the top or inside, gets 400 with what is allowed."""
    body: dict[str, Any] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}], "enhance_prompt": True}
    answer = http.post("/v1/chat/completions", json=body).json()
    assert "enhance_prompt: Unrecognized key" in answer["message"]
    body = {"model": "minimax/speech-2.5-hd-preview", "text": "hi", "voice_setting": {"speaker": 1}}
    assert "voice_setting.speaker" in http.post("/v1/tts", json=body).json()["message"]
