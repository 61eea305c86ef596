"""Tests of `aiml_nb.catalogue` over real HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from aiml_nb.catalogue import Catalogue
from aiml_nb.client import Client
from aiml_nb.errors import AIMLError, InvalidRequestError
from aiml_nb.settings import resolve

CHAT, RESPONSES, VIDEO = "openai/chat-completions", "openai/responses/submit", "internal/video-generations/submit"


class Provider:
    """A provider with a list of models, an ETag, and schemas; it counts what is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 200
        self.rows: Any = [
            self.row("lab/alpha", CHAT, aliases=["alpha"], info={"name": "Alpha", "contextLength": 4096}),
            self.row("lab/alpha", RESPONSES),
            self.row("lab/beta-video", VIDEO, aliases=["beta"], capabilities=["text_to_video"]),
        ]
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def row(self, name: str, kind: str, **more: Any) -> dict[str, Any]:
        info = {"docsJson": f"https://elsewhere.example/docs-json?model={name}", **more.pop("info", {})}
        return {"id": name, "aliases": [], "type": kind, "info": info, **more}

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked.append(request.path)
        same = request.headers.get("If-None-Match") == '"1"'
        schema = {"type": "object", "properties": {"prompt": {"type": "string"}}}
        content = {"application/json": {"schema": schema}}
        body: Any = {"paths": {"/v2/video": {"post": {"requestBody": {"content": content}}}}}
        if request.path.startswith("/v1/models"):
            body = {"object": "list", "data": self.rows}
        status = 304 if same and self.status == 200 else self.status
        data = b"" if status == 304 else json.dumps(body).encode()
        request.send_response(status)
        request.send_header("ETag", '"1"')
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.server.shutdown()
    made.server.server_close()


def catalogue(provider: Provider, folder: Path | None = None) -> Catalogue:
    return Catalogue(Client(resolve(provider.url)), folder)


def test_ids_and_aliases_are_matched_together(provider: Provider) -> None:
    """A model is found by its id, an alias, and in any case of letters."""
    found = catalogue(provider)
    found.models()
    assert found.find("alpha") is found.find("lab/alpha") is found.find("LAB/Alpha")


def test_a_model_with_two_endpoints_has_two_rows(provider: Provider) -> None:
    """The row is chosen by the type that is wanted, the first one otherwise."""
    found = catalogue(provider)
    found.models()
    assert [row.type for row in found.rows("lab/alpha")] == [CHAT, RESPONSES]
    assert found.model("lab/alpha", [RESPONSES]).type == RESPONSES


def test_asking_what_is_known_never_waits(provider: Provider) -> None:
    """A cold catalogue answers at once with nothing, and fetches meanwhile."""
    found = catalogue(provider)
    assert found.find("alpha") is None
    assert found.ids() == []
    found.wait(5)
    assert "alpha" in found.ids()


def test_the_list_is_cached_with_its_etag(provider: Provider, tmp_path: Path) -> None:
    """A second process reads the disk; a refresh costs a 304."""
    catalogue(provider, tmp_path).models()
    later = catalogue(provider, tmp_path)
    assert later.find("alpha") is not None
    assert len(provider.asked) == 1
    assert len(later.models(refresh=True)) == 3
    assert len(provider.asked) == 2


def test_a_provider_that_is_down_leaves_the_cached_list(provider: Provider, tmp_path: Path) -> None:
    """Offline the cached list serves, and `problem` says why it is old."""
    catalogue(provider, tmp_path).models()
    provider.status = 401
    later = catalogue(provider, tmp_path)
    assert len(later.models(refresh=True)) == 3
    assert "401" in later.problem
    assert later.time is not None
    assert later.time <= time.time()


def test_without_a_cache_the_failure_is_raised(provider: Provider) -> None:
    """No list at all is an error of ours."""
    provider.status = 401
    with pytest.raises(AIMLError):
        catalogue(provider).models()


def test_an_unknown_id_names_the_nearest(provider: Provider) -> None:
    """A mistyped id is answered with the ones most like it."""
    with pytest.raises(InvalidRequestError) as caught:
        catalogue(provider).model("lab/beta-vidoe")
    assert "lab/beta-video" in caught.value.advice


def test_a_schema_is_asked_of_the_own_server_once(provider: Provider, tmp_path: Path) -> None:
    """Whatever host the list names, the schema comes from the server that the calls go to, and is kept."""
    found = catalogue(provider, tmp_path)
    model = found.model("beta")
    assert found.schema(model) == ("/v2/video", {"type": "object", "properties": {"prompt": {"type": "string"}}})
    assert catalogue(provider, tmp_path).schema(model) == found.schema(model)
    assert [path for path in provider.asked if path.startswith("/docs-json")] == ["/docs-json?model=lab/beta-video"]


@pytest.mark.parametrize(
    "rows", [[{"id": "a"}], {"models": [{"name": "a"}]}, [{"model": "a"}, {"nothing": 1}, 3], ["a"]], ids=str
)
def test_bare_lists_are_read_too(provider: Provider, rows: Any) -> None:
    """OpenAI's, Ollama's and plain lists give ids, and no type."""
    provider.rows = rows if isinstance(rows, list) else rows["models"]
    found = catalogue(provider)
    assert [model.id for model in found.models()] == ["a"]
    assert found.is_rich is False


def test_search_by_words_and_medium(provider: Provider) -> None:
    """All the words must be there; the medium narrows."""
    found = catalogue(provider)
    assert [m.id for m in found.search("BETA text_to_video")] == ["lab/beta-video"]
    assert [m.id for m in found.search(medium="video")] == ["lab/beta-video"]
    assert found.search("nothing like it") == []


def test_a_broken_cache_is_no_failure(provider: Provider, tmp_path: Path) -> None:
    """A cache cut in the middle is fetched anew."""
    catalogue(provider, tmp_path).models()
    (cached,) = tmp_path.glob("*/models.json")
    cached.write_bytes(cached.read_bytes()[:50])
    assert len(catalogue(provider, tmp_path).models()) == 3
