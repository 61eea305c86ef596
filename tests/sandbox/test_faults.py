"""Faults on demand strike as documented, from a prompt and from a base URL."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from aiml_nb import sandbox
from aiml_nb.sandbox.faults import Fault, Tally, in_prompt
from aiml_nb.sandbox.refusal import Refusal


def post(http: httpx.Client, fault: str, *, stream: bool = False, text: str = "Hi") -> httpx.Response:
    """A chat behind a fault in the path."""
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": text}], "stream": stream}
    return http.post(f"/faults/{fault}/v1/chat/completions", json=body)


def test_429_comes_once_with_retry_after(http: httpx.Client) -> None:
    """The same request succeeds the second time, and fails again the third."""
    answers = [post(http, "429") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 200, 429]
    assert answers[0].headers["retry-after"] == "1"
    assert answers[0].json()["statusCode"] == 429


def test_500x2_comes_twice(http: httpx.Client) -> None:
    """Two failures, then the answer."""
    assert [post(http, "500x2").status_code for _ in range(3)] == [500, 500, 200]


def test_each_request_meets_its_own_fault(http: httpx.Client) -> None:
    """Another prompt is another request, and is counted apart."""
    assert [post(http, "429", text=text).status_code for text in ("a", "b", "a", "b")] == [429, 429, 200, 200]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("401", 401),
        ("403", 403),
        ("404", 404),
        ("503", 503),
        ("credits", 403),
        ("quota", 429),
        ("gateway", 502),
        ("error", 500),
    ],
)
def test_an_error_status_comes_always(http: httpx.Client, fault: str, status: int) -> None:
    """Everything but 429 fails as often as it is asked."""
    assert [post(http, fault).status_code for _ in range(2)] == [status, status]


def test_out_of_credits_is_worded_as_the_provider_does(http: httpx.Client) -> None:
    """403 with the sentence about credits; a quota is 429 without Retry-After."""
    assert "run out of credits" in post(http, "credits").json()["message"]
    assert "retry-after" not in post(http, "quota").headers


def test_a_prompt_asks_for_a_fault(http: httpx.Client) -> None:
    """FAULT 429 in the last message, or in a picture's prompt, does the same as the path."""
    body: Any = {"model": "gpt-4o", "messages": [{"role": "user", "content": "FAULT 429\nHi"}]}
    assert [http.post("/v1/chat/completions", json=body).status_code for _ in range(2)] == [429, 200]
    body["messages"] = [*body["messages"], {"role": "assistant", "content": "x"}, {"role": "user", "content": "Hi"}]
    assert http.post("/v1/chat/completions", json=body).status_code == 200
    picture = {"model": "flux/schnell", "prompt": "FAULT credits a cat"}
    assert http.post("/v1/images/generations", json=picture).status_code == 403


def test_an_unknown_fault_is_refused_with_the_known_ones(http: httpx.Client) -> None:
    """400 lists what there is."""
    answer = post(http, "fire")
    assert answer.status_code == 400
    assert "slow" in answer.json()["message"]


def test_slow_waits_before_the_first_byte(http: httpx.Client) -> None:
    """slow=0.3 takes at least that long."""
    began = time.monotonic()
    assert post(http, "slow=0.3").status_code == 200
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("fault", ["cut", "hangup"])
def test_cut_and_hangup_break_the_connection(http: httpx.Client, fault: str, stream: bool) -> None:
    """A cut answer has no proper end; a hang-up has no beginning."""
    with pytest.raises(httpx.RemoteProtocolError):
        post(http, fault, stream=stream)


def test_error_comes_in_the_middle_of_a_stream(http: httpx.Client) -> None:
    """Some text, then an error object, and no [DONE]."""
    text = post(http, "error", stream=True).text
    assert '"content"' in text
    assert text.rstrip().endswith('"code": 500}}')


def test_html_is_a_page_with_status_200(http: httpx.Client) -> None:
    """A login page of a proxy, where JSON was asked."""
    answer = post(http, "html")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_drip_is_the_same_answer_byte_by_byte(http: httpx.Client) -> None:
    """The bytes are those of the answer without the fault, in many more pieces."""
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
    whole = http.post("/v1/chat/completions", json=body).content
    with http.stream("POST", "/faults/drip/v1/chat/completions", json=body) as answer:
        pieces = list(answer.iter_raw())
    assert b"".join(pieces) == whole
    assert len(pieces) > 100


@pytest.mark.parametrize(("fault", "piece"), [("silent=0.05", b": keep-alive"), ("endless=0.02", b"content")])
def test_silent_and_endless_go_on_until_the_client_leaves(fault: str, piece: bytes) -> None:
    """The same event comes again and again; when the client goes, the server's work ends."""
    with sandbox.start(pace=0) as server:
        body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
        url, headers = f"{server.url}/faults/{fault}/v1/chat/completions", {"Authorization": f"Bearer {server.key}"}
        with httpx.stream("POST", url, json=body, headers=headers, trust_env=False) as answer:
            got = b""
            for block in answer.iter_raw():
                got += block
                if got.count(piece) > 20:
                    break
        assert server.running


def test_faults_reach_every_path(http: httpx.Client) -> None:
    """The catalogue fails too when its URL says so, then answers."""
    assert [http.get("/faults/503x1/v1/models").status_code for _ in range(2)] == [503, 200]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("500x2", Fault("500", None, 2)),
        ("429", Fault("429", None, 1)),
        ("429=5xall", Fault("429", 5.0, None)),
        ("slow=0.5", Fault("slow", 0.5)),
    ],
)
def test_a_fault_is_read(text: str, fault: Fault) -> None:
    """Name, seconds and how often."""
    assert Fault.parse(text) == fault
    assert in_prompt(f"Hello FAULT {text}, please") == fault


def test_prose_asks_for_no_fault() -> None:
    """The word in small letters, or without a name behind it, means nothing."""
    assert in_prompt("Whose fault is it? A DEFAULT 429 value. FAULT") is None
    with pytest.raises(Refusal):
        in_prompt("FAULT nonsense")


def test_the_tally_starts_again() -> None:
    """After the success the fault is due again."""
    tally, fault = Tally(), Fault("500", None, 2)
    assert [tally.due(fault, "a") for _ in range(4)] == [True, True, False, True]
