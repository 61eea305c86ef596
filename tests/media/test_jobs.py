"""Tests of `aiml_nb.media.jobs`: how a job is asked after, and what its answers say."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiml_nb.errors import AIMLError, APIError
from aiml_nb.media import music, transcript, video
from aiml_nb.media.jobs import message, state

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("status", "means"),
    [
        *(
            (word, "pending")
            for word in ("queued", "generating", "waiting", "active", "processing", "", "frobnicating")
        ),
        *((word, "done") for word in ("completed", "succeeded", "success", "done", "finished", "COMPLETED")),
        *((word, "failed") for word in ("error", "failed", "canceled", "cancelled", "expired", "Failed ")),
    ],
)
def test_every_word_for_a_state(status: str, means: str) -> None:
    """Known ends are ends, in any case; whatever else it says, the job is pending."""
    told = state({"id": "a", "status": status})
    assert (means, status.strip()) == (told.status, told.raw_status)


@pytest.mark.parametrize("key", ["id", "generation_id"])
def test_both_names_of_the_id(key: str) -> None:
    """The id stands under `id`, or under `generation_id` in older answers and in speech recognition."""
    assert state({key: "50f3e8ae:kling-video/v1.6/pro", "status": "queued"}).id == "50f3e8ae:kling-video/v1.6/pro"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ({"name": "GenerationError", "message": "refused"}, "refused"),
        ({"name": "GenerationError"}, "GenerationError"),
        ({"detail": [{"loc": ["body", "prompt"], "msg": "too long", "type": "x", "input": "…"}]}, "prompt: too long"),
        ({"detail": "no such voice"}, "no such voice"),
        ({"error": {"message": "inner"}}, "inner"),
        ("it broke", "it broke"),
        (["one", {"msg": "two"}], "one; two"),
        ({"code": 7}, "the provider told no reason"),
        (None, ""),
        ({}, ""),
    ],
)
def test_every_shape_of_an_error(error: Any, said: str) -> None:
    """The reason is found in an object, in a validation error's list, and in plain text."""
    assert said == message(error)


def test_a_failure_inside_a_200() -> None:
    """A job that failed becomes a JobError with its id and the provider's reason."""
    told = state({"id": "a/b:c", "status": "error", "error": {"name": "E", "message": "the model refused"}})
    assert told.status == "failed"
    assert (told.failure().job_id, told.failure().message) == ("a/b:c", "the model refused")


def test_an_error_under_no_known_state() -> None:
    """An error without a state, the gateway's flat body, and `completed` with an error and no result are failures."""
    assert state({"id": "a", "error": "broke"}).status == "failed"
    flat = state({"statusCode": "429", "message": "Too Many Requests", "path": "/x"})
    assert (flat.status, flat.error) == ("failed", "Too Many Requests")
    assert state({"status": "completed", "video": None, "error": {"message": "lost"}}).status == "failed"
    assert (
        state({"status": "completed", "video": {"url": "https://x/y"}, "error": {"message": "late"}}).status == "done"
    )


def test_a_job_still_running_may_report_an_error() -> None:
    """While the provider says that it goes on, it is asked again, whatever else stands in the answer."""
    assert state({"id": "a", "status": "queued", "error": {"message": "retrying"}}).status == "pending"


def test_a_result_without_a_state_is_done() -> None:
    """Legacy endpoints answer at once and tell no status; an id alone is a job to wait for."""
    assert state({"text": "hello"}).status == "done"
    assert state({"id": "a", "video": {"url": "https://x/y"}}).status == "done"
    assert state({"generation_id": "a"}).status == "pending"
    assert state({"id": "a", "output": None, "video": None}).status == "pending"


@pytest.mark.parametrize(
    ("told", "share"),
    [
        (50, 0.5),
        ("45%", 0.45),
        (0.25, 0.25),
        (100, 1.0),
        (37.5, 0.375),
        (None, None),
        (True, None),
        ("half", None),
        (-3, None),
    ],
)
def test_progress_in_every_notation(told: Any, share: float | None) -> None:
    """A whole number is percent, a fraction is a share, anything else is unknown."""
    assert share == state({"id": "a", "progress": told}).progress


def test_ids_are_escaped_where_they_stand() -> None:
    """An id with `:`, `/` and `#` reaches the server as one part of the path, or as one parameter."""
    awkward = "#g1_50f3:kling/v1.6"
    path, query = transcript.POLL.request(awkward)
    assert httpx.URL("https://h" + path, params=query).raw_path == b"/v1/stt/%23g1_50f3%3Akling%2Fv1.6"
    for module, base in ((video, "/v2/video/generations"), (music, "/v2/generate/audio")):
        path, query = module.POLL.request(awkward)
        assert (base, awkward) == (path, httpx.URL("https://h" + path, params=query).params["generation_id"])


def test_older_addresses_are_polled_where_they_create() -> None:
    """A vendor's own create path is its poll path too, but for speech recognition, which has one of its own."""
    assert video.POLL.request("a", "/v2/generate/video/kling/generation")[0] == "/v2/generate/video/kling/generation"
    assert transcript.POLL.request("a", "/v1/stt/create")[0] == "/v1/stt/a"


@given(JSON)
def test_any_json_is_a_state_or_our_error(answer: Any) -> None:
    """Whatever a server answers to a poll raises nothing but our own errors."""
    try:
        told = state(answer)
    except AIMLError as error:
        assert isinstance(error, APIError)
    else:
        assert told.status in {"pending", "done", "failed"}
        assert told.failure().message
