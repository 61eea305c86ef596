"""The catalogue in the provider's documented form, and the account."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from aiml_nb import sandbox


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
        ("id=GPT-4o", ["openai/gpt-4o"]),
        ("id=gpt-4o,flux/schnell", ["openai/gpt-4o", "flux/schnell"]),
        ("type=openai/embeddings", ["text-embedding-3-small", "text-embedding-3-large"]),
        ("output_modalities=image&input_modalities=image", ["openai/gpt-image-1"]),
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
        schema = operation["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert row["id"] in schema["properties"]["model"]["enum"]
    assert http.get("/docs-json?model=flux/schnell&endpoint=openai/embeddings").status_code == 404


def test_the_balance_is_play_money(http: httpx.Client, server: sandbox.Server) -> None:
    """/v2/billing answers in dollars, and only with the key."""
    assert http.get("/v2/billing").json() == {"current_balance": 5.0, "currency": "USD"}
    assert httpx.get(f"{server.url}/v2/billing", trust_env=False).status_code == 401
