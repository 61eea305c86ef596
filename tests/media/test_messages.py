"""Tests of `aiml_nb.media.messages` and `messages_events`: Anthropic's Messages API as a dialect of chat.

The events are those of https://docs.anthropic.com/en/docs/build-with-claude/streaming.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from aiml_nb.content import Attachment, JSONBody, Message
from aiml_nb.costs import Cost, Usage
from aiml_nb.errors import APIError, InvalidRequestError, StreamError
from aiml_nb.media.chat import from_json
from aiml_nb.media.dialects import MESSAGES
from aiml_nb.media.messages import payload
from aiml_nb.media.reply import Reply

SCHEMA = {"name": "City", "schema": {"type": "object", "properties": {"name": {"type": "string"}}}, "strict": True}
START = {"type": "message_start", "message": {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "content": [], "stop_reason": None,
    "usage": {"input_tokens": 25, "cache_read_input_tokens": 100, "cache_creation_input_tokens": 0, "output_tokens": 1},
}}  # fmt: skip
STOP = {"type": "message_stop"}


def block(index: int, kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": {"type": kind, **fields}}


def delta(index: int, kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **fields}}


def ended(reason: str, **more: Any) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 15}, **more}


def reply_of(*events: dict[str, Any]) -> Reply:
    reply = Reply(model="m")
    for each in events:
        reply.add(json.dumps(each).encode())
    return reply


def sent(**made: Any) -> Any:
    """The payload as the server reads it."""
    return json.loads(b"".join(JSONBody(payload(model="m", **made))))


def test_a_stream_of_text_folds() -> None:
    """Deltas make the text; the tokens come in two halves, those from the cache counted with the prompt's."""
    reply = reply_of(START, block(0, "text", text=""), {"type": "ping"}, delta(0, "text_delta", text="Hel"),
                     delta(0, "text_delta", text="lo"), {"type": "content_block_stop", "index": 0},
                     ended("end_turn", meta={"usage": {"credits_used": 2000, "usd_spent": 0.001}}), STOP)  # fmt: skip
    assert (reply.text, reply.finish_reason, reply.id, reply.model) == ("Hello", "stop", "msg_1", "claude")
    assert Usage(125, 15, 140, None, 100) == reply.usage
    assert Cost(0.001, 2000, "meta") == reply.cost


def test_the_last_event_alone_counts_as_done() -> None:
    """A stream is complete at `message_stop`, and not before a reason or it has come."""
    assert not reply_of(START, block(0, "text", text="Hi")).complete
    assert reply_of(START, block(0, "text", text="Hi"), STOP).complete


def test_thinking_is_reasoning_and_is_carried_signed() -> None:
    """Thoughts are shown as reasoning, and kept as blocks with their signature for the next round."""
    reply = reply_of(START, block(0, "thinking", thinking="", signature=""), delta(0, "thinking_delta", thinking="Let me"),
                     delta(0, "thinking_delta", thinking=" see"), delta(0, "signature_delta", signature="c2ln"),
                     block(1, "redacted_thinking", data="eHh4"), block(2, "text", text=""),
                     delta(2, "text_delta", text="Yes"))  # fmt: skip
    assert (reply.reasoning, reply.text) == ("Let me see", "Yes")
    assert list(reply.carried) == [
        {"type": "thinking", "thinking": "Let me see", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "eHh4"},
    ]


def test_tool_calls_fold_by_their_block() -> None:
    """Pieces of input find their call by the block's index; what the provider runs itself is no call of ours."""
    reply = reply_of(START, block(0, "text", text="I look."), block(1, "tool_use", id="tu_1", name="weather", input={}),
                     delta(1, "input_json_delta", partial_json=""), delta(1, "input_json_delta", partial_json='{"city":'),
                     block(2, "server_tool_use", id="st_1", name="web_search", input={}),
                     delta(2, "input_json_delta", partial_json='{"query": "x"}'),
                     block(3, "tool_use", id="tu_2", name="time", input={}), delta(3, "input_json_delta", partial_json="{}"),
                     delta(1, "input_json_delta", partial_json='"Oslo"}'), ended("tool_use"), STOP)  # fmt: skip
    assert reply.tool_calls == [
        {"id": "tu_1", "name": "weather", "arguments": '{"city":"Oslo"}'},
        {"id": "tu_2", "name": "time", "arguments": "{}"},
    ]
    assert (reply.text, reply.finish_reason) == ("I look.", "tool_calls")


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("end_turn", "stop"), ("stop_sequence", "stop"), ("max_tokens", "length"), ("tool_use", "tool_calls"),
        ("refusal", "content_filter"), ("model_context_window_exceeded", "length"), ("pause_turn", "pause_turn"),
    ],
)  # fmt: skip
def test_stop_reasons_get_the_words_of_chat(reason: str, expected: str) -> None:
    """Each stop reason has OpenAI's word; one of tomorrow stays as it is."""
    assert reply_of(START, ended(reason), STOP).finish_reason == expected


def test_an_error_event_keeps_the_text() -> None:
    """An overload in mid-stream is a StreamError with the provider's words, and what came stays."""
    reply = reply_of(START, delta(0, "text_delta", text="Hel"))
    with pytest.raises(StreamError, match="Overloaded"):
        reply.add(b'{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}')
    assert reply.text == "Hel"


def test_sources_become_links() -> None:
    """What the model cites from the web is a source, streamed or whole."""
    source = {"type": "web_search_result_location", "url": "https://a.example/x", "title": "A", "cited_text": "x"}
    streamed = reply_of(START, delta(0, "citations_delta", citation=source))
    whole = from_json({"type": "message", "content": [{"type": "text", "text": "x", "citations": [source]}]})
    assert streamed.citations == whole.citations == [("A", "https://a.example/x")]


def test_a_whole_answer_is_one_event() -> None:
    """Without a stream all comes in one object: thoughts, text, calls, tokens, cost."""
    reply = from_json({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "stop_reason": "tool_use",
        "content": [{"type": "thinking", "thinking": "hm", "signature": "c2ln"}, {"type": "text", "text": "Hello"},
                    {"type": "tool_use", "id": "tu_1", "name": "weather", "input": {"city": "Oslo"}}],
        "usage": {"input_tokens": 11, "output_tokens": 7}, "meta": {"usage": {"credits_used": 2, "usd_spent": 0.000001}},
    })  # fmt: skip
    assert (reply.reasoning, reply.text, reply.finish_reason) == ("hm", "Hello", "tool_calls")
    assert reply.tool_calls == [{"id": "tu_1", "name": "weather", "arguments": '{"city": "Oslo"}'}]
    assert Usage(11, 7, 18) == reply.usage
    assert reply.cost is not None
    assert [b["signature"] for b in reply.carried] == ["c2ln"]


def test_a_structured_answer_is_text() -> None:
    """The call that gives a structured answer is the answer, not a call, whole or in pieces."""
    name = payload("x", model="m", schema=SCHEMA)["tool_choice"]["name"]
    reply = reply_of(START, block(0, "tool_use", id="tu_1", name=name, input={}),
                     delta(0, "input_json_delta", partial_json='{"name":'),
                     delta(0, "input_json_delta", partial_json='"Oslo"}'), ended("tool_use"), STOP)  # fmt: skip
    assert (reply.text, reply.tool_calls, reply.finish_reason) == ('{"name":"Oslo"}', [], "stop")
    call = {"type": "tool_use", "id": "tu_1", "name": name, "input": {"name": "Oslo"}}
    whole = from_json({"type": "message", "stop_reason": "tool_use", "content": [call]})
    assert (whole.text, whole.tool_calls, whole.finish_reason) == ('{"name": "Oslo"}', [], "stop")


_NAMES = ["type", "index", "delta", "content_block", "message", "usage", "text", "thinking", "signature", "partial_json",
          "id", "name", "input", "stop_reason", "content", "citation", "citations", "input_tokens", "meta"]  # fmt: skip
_KINDS = ["message", "message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta",
          "message_stop", "ping", "error", "text_delta", "thinking_delta", "input_json_delta", "citations_delta", "tool_use",
          "thinking", "text"]  # fmt: skip
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(_KINDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_NAMES), inner, max_size=5),
    max_leaves=12,
)


@given(st.lists(st.tuples(st.sampled_from(_KINDS), st.dictionaries(st.sampled_from(_NAMES[1:]), _JSON)), max_size=4))
def test_any_events_raise_our_errors_only(events: list[tuple[str, dict[str, Any]]]) -> None:
    """Whatever stands in events of these types, nothing but our own errors leaves, and the reply can be read."""
    reply = Reply()
    for kind, fields in events:
        try:
            reply.add(json.dumps({"type": kind, **fields}).encode())
        except APIError:
            pass
    reply.text.encode()
    assert isinstance(reply.tool_calls, list)


def test_the_request_has_a_system_and_a_limit() -> None:
    """The system prompt stands beside the messages, and a limit is told although nobody gave one."""
    assert sent(prompt="Hi", system="Be kind", stop="END") == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
        "system": "Be kind",
        "stream": True,
        "stop_sequences": ["END"],
        "max_tokens": 4096,
    }


def test_neighbours_of_one_role_are_one_turn() -> None:
    """The API wants user and assistant in turns: results of tools and what the user adds go together."""
    calls = [{"id": f"c{n}", "type": "function", "function": {"name": "t", "arguments": '{"a": 1}'}} for n in (1, 2)]
    told = [
        Message("user", "q"), Message("user", "also"), Message("assistant", "", tool_calls=tuple(calls)),
        Message("tool", "42", tool_call_id="c1"), Message("tool", "43", tool_call_id="c2"),
    ]  # fmt: skip
    assert sent(prompt="and?", messages=told)["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "q"}, {"type": "text", "text": "also"}]},
        {"role": "assistant", "content": [
            {"type": "tool_use", "id": "c1", "name": "t", "input": {"a": 1}},
            {"type": "tool_use", "id": "c2", "name": "t", "input": {"a": 1}},
        ]},
        {"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "c1", "content": "42"},
            {"type": "tool_result", "tool_use_id": "c2", "content": "43"},
            {"type": "text", "text": "and?"},
        ]},
    ]  # fmt: skip


def test_files_have_sources() -> None:
    """A picture and a PDF go as base64 with their type, a picture on the web by its URL."""
    pdf = Attachment(mime="application/pdf", name="plan.pdf", data=b"%PDF-1.4")
    files = [Attachment.of(Image.new("RGB", (2, 2))), pdf, Attachment.of("https://a.example/cat.png")]
    first, picture, document, far = sent(prompt="what?", attachments=files)["messages"][0]["content"]
    assert first == {"type": "text", "text": "what?"}
    assert picture["source"] | {"data": ""} == {"type": "base64", "media_type": "image/png", "data": ""}
    assert document == {"type": "document", "source": {
        "type": "base64", "media_type": "application/pdf", "data": "JVBERi0xLjQ=",
    }}  # fmt: skip
    assert far == {"type": "image", "source": {"type": "url", "url": "https://a.example/cat.png"}}


def test_tools_have_an_input_schema_and_a_schema_forces_a_call() -> None:
    """Functions have this API's shape; structured output is a call that the model must make, beside others any."""
    tool = {"name": "t", "description": "d", "parameters": {"type": "object", "properties": {}}}
    body = sent(prompt="x", tools=[tool])
    assert body["tools"] == [{"name": "t", "description": "d", "input_schema": {"type": "object", "properties": {}}}]
    assert "tool_choice" not in body
    assert sent(prompt="x", schema=SCHEMA)["tool_choice"]["type"] == "tool"
    both = sent(prompt="x", schema=SCHEMA, tools=[tool])
    assert (both["tool_choice"], len(both["tools"])) == ({"type": "any"}, 2)
    assert both["tools"][1]["input_schema"] == SCHEMA["schema"]


def test_effort_is_a_budget_for_thinking() -> None:
    """Effort buys thinking in tokens, and the answer keeps its own room beside it."""
    body = sent(prompt="x", effort="low")
    assert body["thinking"]["type"] == "enabled"
    assert body["max_tokens"] == body["thinking"]["budget_tokens"] + 4096
    assert sent(prompt="x", effort="none")["thinking"] == {"type": "disabled"}


def test_the_next_round_carries_the_thoughts() -> None:
    """Signed thoughts go back before the call that they led to, and its result follows."""
    body = MESSAGES.payload("q", model="m")
    asked = {"id": "c1", "type": "function", "function": {"name": "t", "arguments": "{}"}}
    said = [Message("assistant", "I look.", tool_calls=(asked,)), Message("tool", "42", tool_call_id="c1")]
    thought = {"type": "thinking", "thinking": "hm", "signature": "c2ln"}
    answer, result = MESSAGES.follow_up(body, said, [thought])["messages"][1:]
    assert [b["type"] for b in answer["content"]] == ["thinking", "text", "tool_use"]
    assert result["content"] == [{"type": "tool_result", "tool_use_id": "c1", "content": "42"}]
    assert len(body["messages"]) == 1


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"seed": 1}, "seed"),
        ({"effort": "high", "max_tokens": 1000}, "max_tokens"),
        ({"effort": "much"}, "effort"),
        ({"effort": "low", "schema": SCHEMA}, "schema"),
        ({"messages": [Message("assistant", "Hello")]}, "messages"),
        ({"attachments": [Attachment(mime="image/tiff", name="a.tiff", data=b"II*\0")]}, "attach"),
        ({"attachments": [Attachment(mime="video/mp4", name="a.mp4", data=b"")]}, "attach"),
    ],
)
def test_what_the_api_would_refuse_is_refused_here(given: dict[str, Any], param: str) -> None:
    """What cannot go is refused by name before anything is sent."""
    with pytest.raises(InvalidRequestError) as caught:
        payload("x", model="m", **given)
    assert caught.value.param == param
