"""What providers really do, played to the whole way of a call: Session, media, client. One vector, one test."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from aiml_nb.errors import AIMLError, APIError
from aiml_nb.media.image import Images
from aiml_nb.media.reply import Reply
from aiml_nb.session import Session
from tests.quirks import STREAMS, VECTORS, Quirks

CHAT = [v for v in VECTORS.values() if v["request"]["endpoint"] == "chat"]
IMAGES = [v for v in VECTORS.values() if v["request"]["endpoint"] == "images"]
MODELS = [v for v in VECTORS.values() if v["request"]["endpoint"] == "models"]
KEY = "test-" + "k" * 12


def session_at(url: str) -> Session:
    """A session with a key at a vector's base URL, written with /v1 as people do."""
    return Session(base_url=url + "/v1", api_key=KEY)


def outcome(call: Any) -> tuple[Any, AIMLError | None]:
    """The result or the error; anything else than an error of ours fails the test."""
    try:
        return call(), None
    except AIMLError as error:
        return None, error


def check_error(expect: dict[str, Any], error: AIMLError) -> None:
    """The error is of the kind, length and content that the vector asks for, and says what to do."""
    kind = expect.get("kind", "any")
    assert isinstance(error, AIMLError)
    if kind != "any":
        assert isinstance(error, APIError)
        assert kind == error.kind
    assert len(error.message) <= expect.get("message_max_len", 300)
    assert expect.get("message_contains", "") in error.message
    if "message_not_contains" in expect:
        assert expect["message_not_contains"] not in error.message + error.advice
    assert KEY not in error.message + error.advice + repr(vars(error))
    assert error.advice


def check_reply(expect: dict[str, Any], reply: Reply) -> None:
    """Text, reasoning, finish, tokens, cost and limits are what the vector says."""
    assert expect.get("text", reply.text) == reply.text
    assert expect.get("reasoning", reply.reasoning) == reply.reasoning
    assert expect.get("finish_reason", reply.finish_reason) == reply.finish_reason
    if "usage" in expect and expect["usage"] is None:
        assert reply.usage is None
    if "credits" in expect:
        assert reply.cost is not None
        assert expect["credits"] == reply.cost.credits
    if "cost" in expect:
        assert reply.cost is not None
        assert expect["cost"] == pytest.approx(reply.cost.usd)
    if expect.get("warn"):
        assert reply.advice
    limits = expect.get("limits", {})
    for name in ("reset_requests", "reset_tokens"):
        if f"{name}_s" in limits:
            assert limits[f"{name}_s"] == pytest.approx(getattr(reply.limits, name))


@pytest.mark.parametrize("vector", CHAT, ids=[v["name"] for v in CHAT])
def test_chat_as_providers_answer_it(vector: dict[str, Any], quirks: Quirks) -> None:
    """A chat ends as the vector says: this reply, or this error, after so many tries and waits."""
    expect, name = vector["expect"], vector["name"]
    session = session_at(quirks.url(name))
    reply, error = outcome(
        lambda: session.chat("Hi", model="m", stream=vector["request"]["stream"], timeout=expect.get("timeout", 8))
    )
    if expect["result"] == "ok":
        assert error is None
        check_reply(expect, reply)
    elif expect["result"] == "error":
        assert error is not None
        check_error(expect, error)
    seen = [each for each in quirks.seen(name) if each["method"] == "POST"]
    if "attempts" in expect:
        assert expect["attempts"] == len(seen)
    for at, (low, high) in enumerate(expect.get("waits", ())):
        assert low - 0.1 <= seen[at + 1]["time"] - seen[at]["time"] <= high + 1.5


@pytest.mark.parametrize("vector", IMAGES, ids=[v["name"] for v in IMAGES])
def test_images_as_providers_answer_them(vector: dict[str, Any], quirks: Quirks) -> None:
    """An image call gives the pictures or the error that the vector says."""
    expect = vector["expect"]
    images, error = outcome(lambda: session_at(quirks.url(vector["name"])).image("a dot", model="m", timeout=20))
    if expect["result"] == "ok":
        assert error is None
        assert isinstance(images, Images)
        assert expect["images"] == len(images)
        assert images[0].bytes.startswith(b"\x89PNG")
    else:
        assert error is not None
        check_error(expect, error)


@pytest.mark.parametrize("vector", MODELS, ids=[v["name"] for v in MODELS])
def test_lists_of_models_as_servers_give_them(vector: dict[str, Any], quirks: Quirks) -> None:
    """A list of models is read in every likeness."""
    models, error = outcome(lambda: session_at(quirks.url(vector["name"])).models())
    assert error is None
    if "models" in vector["expect"]:
        assert vector["expect"]["models"] == [model.id for model in models]


@pytest.mark.parametrize("name", sorted(STREAMS))
def test_streams_over_the_wire(name: str, quirks: Quirks) -> None:
    """A stream seen in the wild gives its text, or a typed error with the partial text kept; never an empty success."""
    expect = STREAMS[name]["expect"]
    op = session_at(f"http://127.0.0.1:{quirks.port}/s/{name}").start("chat", "Hi", model="m", timeout=10)
    reply, error = outcome(op.result)
    state = reply or op.state
    if expect["text"] != "any" and state is not None:
        assert expect["text"] == state.text
    if expect["error"] is None and expect["incomplete"] is False:
        assert error is None
    if expect["incomplete"] is True:
        assert isinstance(error, APIError)
        assert error.kind == "incomplete_stream"
    if isinstance(expect["error"], str) and expect["error"] != "any":
        assert error is not None
        assert expect["error"] in error.message
    if expect.get("forbid_empty_success"):
        assert error is not None or reply.text


def test_the_key_goes_to_its_own_server_only(quirks: Quirks) -> None:
    """Whatever a provider answers, nothing of ours reaches the other origin with a key."""
    for vector in CHAT:
        if vector["name"].startswith("redirect"):
            outcome(lambda name=vector["name"]: session_at(quirks.url(name)).chat("Hi", model="m", timeout=5))
    assert [each for each in quirks.seen("__other") if "authorization" in each["headers"]] == []


def test_files_are_fetched_without_the_key(quirks: Quirks) -> None:
    """A picture's URL is asked without key, cookie or referer."""
    session_at(quirks.url("img_url")).image("a dot", model="m")
    fetched = quirks.seen("__files")[-1]["headers"]
    assert {"authorization", "cookie", "referer"} & set(fetched) == set()


def test_nothing_waits_for_a_cold_catalogue(quirks: Quirks) -> None:
    """A plain chat is sent at once, though nobody has fetched the list of models yet."""
    begun = time.monotonic()
    session_at(quirks.url("usage_missing")).chat("Hi", model="m", stream=False)
    assert time.monotonic() - begun < 3
    assert json.dumps(quirks.seen("usage_missing")[0]["path"]) == '"/q/usage_missing/v1/chat/completions"'
