"""Tests of `aiml_nb.media.reply` and of `aiml_nb.media.chunks`, which it reads events with."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiml_nb.costs import Cost, Usage
from aiml_nb.errors import APIError, InternalServerError, StreamError
from aiml_nb.media.growing import Growing, mended
from aiml_nb.media.reply import Reply, links
from aiml_nb.sse import Decoder

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "sse_vectors.json").read_text())["chat"]


def event(text: str | None = None, **choice: Any) -> bytes:
    delta = {} if text is None else {"content": text}
    return json.dumps({"id": "c1", "model": "m", "choices": [{"index": 0, "delta": delta, **choice}]}).encode()


def reply_of(*events: bytes) -> Reply:
    reply = Reply(model="m")
    for each in events:
        reply.add(each)
    return reply


def events(vector: dict[str, Any]) -> Iterator[tuple[bytes, str]]:
    """Data and name of each event in a vector's chunks, an unterminated last one included."""
    decoder = Decoder()
    for chunk in vector["chunks"]:
        yield from ((data, name) for data, name, _ in decoder.feed(chunk.encode("latin-1")))
    if tail := decoder.tail():
        yield tail, ""


def played(vector: dict[str, Any]) -> tuple[Reply, str | None]:
    """The reply that a vector's chunks make, and the error that ended it."""
    reply = Reply()
    try:
        for data, name in events(vector):
            if name == "error":
                return reply, data.decode()
            reply.add(data.strip() if data.strip() == b"[DONE]" else data)
            if reply.done:
                return reply, None
    except APIError as error:
        return reply, error.message
    return reply, None


@pytest.mark.parametrize("vector", VECTORS, ids=[v["name"] for v in VECTORS])
def test_streams_as_servers_really_send_them(vector: dict[str, Any]) -> None:
    """Each stream seen in the wild folds into the text, reasoning, calls and end that it means."""
    reply, error = played(vector)
    seen = {
        "text": reply.text, "reasoning": reply.reasoning, "finish_reason": reply.finish_reason, "done": reply.done,
        "incomplete": error is None and not reply.complete, "tool_calls": reply.tool_calls,
    }  # fmt: skip
    expected = {k: v for k, v in vector["expect"].items() if v != "any" and k in seen}
    assert expected == {k: seen[k] for k in expected}
    if vector["expect"]["error"] not in (None, "any"):
        assert vector["expect"]["error"] in str(error)
    if isinstance(usage := vector["expect"].get("usage"), dict):
        assert Usage.from_json(usage) == reply.usage
    reply.text.encode()


def test_two_tool_calls_of_one_index_stay_two() -> None:
    """A server that numbers every call 0 still gives two calls, never one glued together."""
    vector = next(v for v in VECTORS if v["name"] == "tool_calls_all_index_zero")
    reply, _ = played(vector)
    assert len(reply.tool_calls) == 2
    assert all(json.loads(call["arguments"]) is not None for call in reply.tool_calls)


def test_a_whole_answer_is_one_event() -> None:
    """A JSON answer in place of a stream makes the same reply."""
    answer = {"choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 3}}
    reply = reply_of(json.dumps(answer).encode())
    assert (reply.text, reply.complete, reply.usage) == ("Hello", True, Usage(3))
    assert reply.raw == answer


def test_n_alternatives_are_choices() -> None:
    """With n above 1 each alternative grows on its own; text is the first."""
    reply = reply_of(event("a"), event("x", index=1), event("b"), event("y", index=1))
    assert [c.text for c in reply.choices] == ["ab", "xy"]
    assert reply.text == "ab"


def test_an_error_in_place_of_an_answer_has_its_class() -> None:
    """A 200 whose body is an error raises the class of the status inside."""
    with pytest.raises(InternalServerError, match="Upstream error"):
        reply_of(b'{"error": {"code": 502, "message": "Upstream error"}}')


def test_an_error_after_text_keeps_the_text() -> None:
    """An error mid-stream is a StreamError, and what came stays."""
    reply = reply_of(event("Hel"))
    with pytest.raises(StreamError, match="boom"):
        reply.add(b'{"error": {"message": "boom"}}')
    assert reply.text == "Hel"


def test_a_chunk_that_is_no_json_is_a_stream_error() -> None:
    """No bare JSONDecodeError ever leaves."""
    with pytest.raises(StreamError, match="not JSON"):
        reply_of(b'{"choices": [')


def test_deep_nesting_is_a_stream_error() -> None:
    """Nesting that would exhaust the stack is an error of ours, or ignored."""
    reply = Reply()
    with pytest.raises(StreamError):
        reply.add(b'{"choices":' + b"[" * 100_000)


@given(st.binary(max_size=200))
def test_any_bytes_raise_our_errors_only(data: bytes) -> None:
    """Whatever bytes come as an event, nothing but our own errors leaves."""
    try:
        reply_of(data).text.encode()
    except APIError:
        pass


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda c: st.lists(c) | st.dictionaries(
    st.sampled_from(["choices", "delta", "message", "content", "tool_calls", "function", "index", "id", "usage", "meta", "error"]), c
)))  # fmt: skip
def test_any_json_raises_our_errors_only(data: Any) -> None:
    """Whatever JSON comes as an event, nothing but our own errors leaves."""
    try:
        reply_of(json.dumps(data).encode()).text.encode()
    except APIError:
        pass


def test_cost_and_timings_from_the_meta_chunk() -> None:
    """The provider's last chunk tells the cost; timings in it go before measured ones."""
    reply = reply_of(
        event("a"),
        b'{"meta": {"usage": {"credits_used": 2000, "usd_spent": 0.001}, "timings": {"first_ms": 120, "total_ms": 480}}}',
    )
    reply.time(9.0, 9.0)
    assert Cost(0.001, 2000, "meta") == reply.cost
    assert (reply.first, reply.total) == (0.12, 0.48)


def test_measured_times_without_told_ones() -> None:
    """A provider that tells no times gets the measured ones."""
    reply = reply_of(event("a"))
    reply.time(0.1, 0.2)
    assert (reply.first, reply.total) == (0.1, 0.2)


@pytest.mark.parametrize(
    ("reason", "word"), [("length", "--max_tokens"), ("content_filter", "filter"), ("stop", ""), ("eos", "")]
)
def test_the_finish_reason_comes_with_advice(reason: str, word: str) -> None:
    """A reply cut by the limit or filtered says so and what to do; a normal end says nothing."""
    advice = reply_of(event("a", finish_reason=reason)).advice
    assert (word in advice) if word else advice == ""


def test_reasoning_without_an_answer_says_so() -> None:
    """A reasoning model that used up its limit is told apart from an empty answer."""
    reply = reply_of(b'{"choices": [{"delta": {"reasoning": "hm"}, "finish_reason": "stop"}]}')
    assert "only reasoning" in reply.advice


def test_citations_become_links() -> None:
    """Sources are kept as titles and addresses; what is no web address is left out."""
    assert links(["https://a.example", {"title": "B", "url": "https://b.example"}, {"url": "javascript:1"}, 3]) == [
        ("https://a.example", "https://a.example"),
        ("B", "https://b.example"),
    ]


def test_rounds_of_tool_calls_add_up() -> None:
    """Tokens and cost of a reply are those of all its rounds."""
    first = reply_of(b'{"usage": {"prompt_tokens": 1, "completion_tokens": 2}, "meta": {"usage": {"usd_spent": 1.0}}}')
    second = reply_of(b'{"usage": {"prompt_tokens": 3, "completion_tokens": 4}, "meta": {"usage": {"usd_spent": 0.5}}}')
    first.time(0.1, 1.0)
    second.time(0.2, 1.0)
    second.follow(first)
    second.settle()
    assert second.usage is not None
    assert (second.usage.input, second.usage.output) == (4, 6)
    assert second.cost is not None
    assert (second.cost.usd, second.first, second.total) == (1.5, 0.1, 2.0)


def test_surrogate_pairs_split_over_chunks_are_mended() -> None:
    """Two halves of a character, sent in two chunks, make the character; a lone half becomes U+FFFD."""
    assert mended("\ud83d" + "\ude00") == "😀"
    assert mended("a\ud83db") == "a\ufffdb"


def test_a_text_may_be_read_while_it_grows() -> None:
    """Reading in one thread loses nothing that another thread adds."""
    text = Growing()
    reader = threading.Thread(target=lambda: [str(text) for _ in range(2000)])
    reader.start()
    for _ in range(20_000):
        text.add("x")
    reader.join()
    assert len(str(text)) == 20_000
