"""Tests of `aiml_nb.media.responses` and `responses_events`: OpenAI's Responses API as a dialect of chat.

The events are those of https://platform.openai.com/docs/api-reference/responses-streaming.
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
from aiml_nb.media.dialects import RESPONSES
from aiml_nb.media.reply import Reply
from aiml_nb.media.responses import payload

USAGE = {
    "input_tokens": 37, "input_tokens_details": {"cached_tokens": 5}, "output_tokens": 11,
    "output_tokens_details": {"reasoning_tokens": 4}, "total_tokens": 48,
}  # fmt: skip
META = {"usage": {"credits_used": 2480, "usd_spent": 0.00124}}
CALL = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "weather", "arguments": '{"city":"Oslo"}'}


def response(*output: dict[str, Any], status: str = "completed", **more: Any) -> dict[str, Any]:
    told = {"id": "resp_1", "object": "response", "model": "gpt-5-pro", "status": status, "error": None}
    return {**told, "output": list(output), "usage": USAGE, "meta": META, **more}


def message(text: str, *annotations: Any) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": list(annotations)}
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [part]}


def event(kind: str, **fields: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}", "sequence_number": 0, **fields}


def text(*pieces: str) -> list[dict[str, Any]]:
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    return [event("output_text.delta", **place, delta=piece, logprobs=[]) for piece in pieces]


BEGUN = [event(kind, response=response(status="in_progress") | {"usage": None}) for kind in ("created", "in_progress")]


def reply_of(*events: dict[str, Any]) -> Reply:
    reply = Reply(model="m")
    for each in events:
        reply.add(json.dumps(each).encode())
    return reply


def sent(**made: Any) -> Any:
    """The payload as the server reads it."""
    return json.loads(b"".join(JSONBody(payload(model="m", **made))))


def test_a_stream_of_text_folds() -> None:
    """Deltas make the text; the last event tells the end, the tokens and the cost."""
    reply = reply_of(*BEGUN, event("output_item.added", output_index=0, item=message("")), *text("Hel", "lo"),
                     event("output_text.done", text="Hello"), event("completed", response=response(message("Hello"))))  # fmt: skip
    assert (reply.text, reply.finish_reason, reply.complete) == ("Hello", "stop", True)
    assert (reply.id, reply.model) == ("resp_1", "gpt-5-pro")
    assert Usage(37, 11, 48, 4, 5) == reply.usage
    assert Cost(0.00124, 2480, "meta") == reply.cost


def test_a_stream_without_its_last_event_is_not_complete() -> None:
    """A stream that ends in the middle does not pass for an answer."""
    assert not reply_of(*BEGUN, *text("Hel")).complete


def test_reasoning_grows_apart_from_the_text() -> None:
    """Summaries of thoughts are reasoning, a paragraph for each part."""
    kind, place = "reasoning_summary_text.delta", {"item_id": "rs_1", "output_index": 0}
    reply = reply_of(event("reasoning_summary_part.added", **place, summary_index=0),
                     event(kind, **place, summary_index=0, delta="First."),
                     event("reasoning_summary_part.added", **place, summary_index=1),
                     event(kind, **place, summary_index=1, delta="Then."),
                     event("reasoning_text.delta", **place, delta=" So."), *text("Yes"))  # fmt: skip
    assert (reply.reasoning, reply.text) == ("First.\n\nThen. So.", "Yes")


def test_two_calls_stay_apart() -> None:
    """Pieces of arguments find their call by the item or its place, and the answer ends as one that calls tools."""
    second = {**CALL, "id": "fc_2", "call_id": "call_2", "name": "time", "arguments": "{}"}
    kind = "function_call_arguments"
    reply = reply_of(event("output_item.added", output_index=1, item={**CALL, "arguments": ""}),
                     event(f"{kind}.delta", item_id="fc_1", output_index=1, delta='{"city":'),
                     event("output_item.added", output_index=2, item={**second, "arguments": ""}),
                     event(f"{kind}.delta", output_index=1, delta='"Oslo"}'),
                     event(f"{kind}.done", item_id="fc_1", output_index=1, arguments=CALL["arguments"]),
                     event(f"{kind}.done", item_id="fc_2", output_index=2, arguments="{}"),
                     event("output_item.done", output_index=2, item=second),
                     event("completed", response=response(CALL, second)))  # fmt: skip
    assert reply.tool_calls == [
        {"id": "call_1", "name": "weather", "arguments": '{"city":"Oslo"}'},
        {"id": "call_2", "name": "time", "arguments": "{}"},
    ]
    assert reply.finish_reason == "tool_calls"


def test_a_call_that_is_only_told_when_done() -> None:
    """A server that sends no pieces of a call, but the whole, is understood too."""
    reply = reply_of(event("output_item.done", output_index=0, item=CALL))
    assert [(c["name"], c["arguments"]) for c in reply.tool_calls] == [("weather", '{"city":"Oslo"}')]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("max_output_tokens", "length"), ("content_filter", "content_filter"), (None, "length")],
)
def test_an_incomplete_answer_tells_why(reason: str | None, expected: str) -> None:
    """What OpenAI calls incomplete has the finish reason that chat completions have."""
    ended = response(message("Hel"), status="incomplete", incomplete_details={"reason": reason})
    assert reply_of(*text("Hel"), event("incomplete", response=ended)).finish_reason == expected


def test_a_failed_answer_is_an_error() -> None:
    """`response.failed` and `error` raise what the provider said, and the text that came stays."""
    failed = response(status="failed", error={"code": "server_error", "message": "the model broke"})
    reply = reply_of(*text("Hel"))
    with pytest.raises(StreamError, match="the model broke"):
        reply.add(json.dumps(event("failed", response=failed)).encode())
    with pytest.raises(StreamError, match="too fast"):
        reply.add(b'{"type": "error", "code": "rate_limit_exceeded", "message": "too fast", "param": null}')
    assert reply.text == "Hel"


def test_a_refusal_is_shown() -> None:
    """What the model says in place of an answer is kept as its refusal."""
    assert reply_of(event("refusal.delta", delta="I can"), event("refusal.delta", delta="not")).choices[0].refusal == (
        "I cannot"
    )


def test_citations_become_links() -> None:
    """A note that names a URL is a source, streamed or whole."""
    note = {"type": "url_citation", "url": "https://a.example/x", "title": "A", "start_index": 0, "end_index": 1}
    streamed = reply_of(event("output_text.annotation.added", annotation=note))
    assert streamed.citations == from_json(response(message("x", note))).citations == [("A", "https://a.example/x")]


def test_a_whole_answer_is_one_event() -> None:
    """Without a stream all comes in one object: thoughts, text, calls, tokens."""
    thought = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}]}
    reply = from_json(response(thought, message("Hello"), CALL))
    assert (reply.reasoning, reply.text, reply.finish_reason) == ("hm", "Hello", "tool_calls")
    assert reply.tool_calls == [{"id": "call_1", "name": "weather", "arguments": '{"city":"Oslo"}'}]
    assert reply.cost is not None
    assert from_json({**response(), "output_text": "only here"}).text == "only here"


def test_a_last_event_without_deltas_is_taken_whole() -> None:
    """A server that streams nothing but the end loses nothing."""
    assert reply_of(*BEGUN, event("completed", response=response(message("Hello")))).text == "Hello"


_NAMES = ["type", "response", "output", "item", "delta", "content", "error", "usage", "annotation", "output_index", "id",
          "call_id", "arguments", "summary_index", "status", "meta", "incomplete_details", "model", "item_id"]  # fmt: skip
_KINDS = ["response.completed", "response.failed", "response.output_item.added", "response.output_item.done",
          "response.function_call_arguments.delta", "response.function_call_arguments.done", "response.created", "error",
          "response.output_text.delta", "response.output_text.annotation.added", "function_call", "message"]  # fmt: skip
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


def test_lone_surrogates_do_no_harm() -> None:
    """A character that a server split over two events is one."""
    reply = Reply()
    for half in (b"\\ud83d", b"\\ude00"):
        reply.add(b'{"type": "response.output_text.delta", "delta": "%s"}' % half)
    assert reply.text == "😀"


def test_the_request_has_items_and_instructions() -> None:
    """The system prompt is `instructions`, messages are items, and the limit has the API's name."""
    assert sent(prompt="Hi", system="Be kind", max_tokens=100, effort="low", temperature=0) == {
        "model": "m",
        "input": [{"role": "user", "content": "Hi"}],
        "instructions": "Be kind",
        "stream": True,
        "max_output_tokens": 100,
        "reasoning": {"effort": "low"},
        "temperature": 0,
    }


def test_files_are_input_parts() -> None:
    """A picture, a PDF and a picture's address have the names that this API gives them."""
    pdf = Attachment(mime="application/pdf", name="plan.pdf", data=b"%PDF-1.4")
    link = Attachment.of("https://a.example/cat.png")
    body = sent(prompt="what?", attachments=[Attachment.of(Image.new("RGB", (2, 2))), pdf, link], stream=False)
    first, picture, file, far = body["input"][0]["content"]
    assert first == {"type": "input_text", "text": "what?"}
    assert picture["type"] == "input_image"
    assert picture["image_url"].startswith("data:image/png;base64,")
    assert file == {
        "type": "input_file",
        "filename": "plan.pdf",
        "file_data": "data:application/pdf;base64,JVBERi0xLjQ=",
    }
    assert far == {"type": "input_image", "image_url": "https://a.example/cat.png"}


def test_tools_are_flat_and_a_schema_is_a_text_format() -> None:
    """Functions and structured output stand where this API looks for them."""
    body = sent(prompt="x", tools=[{"name": "t", "parameters": {"type": "object"}}],
                schema={"name": "s", "schema": {"type": "object"}, "strict": True})  # fmt: skip
    assert body["tools"] == [{"type": "function", "name": "t", "parameters": {"type": "object"}, "strict": False}]
    assert body["text"] == {
        "format": {"type": "json_schema", "name": "s", "schema": {"type": "object"}, "strict": True}
    }


def test_the_next_round_has_the_call_and_its_result() -> None:
    """What was called and what came of it are items after what was said."""
    body = RESPONSES.payload("q", model="m")
    asked = {"id": "call_1", "type": "function", "function": {"name": "t", "arguments": "{}"}}
    said = [Message("assistant", "let me see", tool_calls=(asked,)), Message("tool", "42", tool_call_id="call_1")]
    assert RESPONSES.follow_up(body, said)["input"] == [
        {"role": "user", "content": "q"},
        {"role": "assistant", "content": "let me see"},
        {"type": "function_call", "call_id": "call_1", "name": "t", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": "42"},
    ]


@pytest.mark.parametrize("params", [{"seed": 1}, {"stop": "x"}, {"max_tokens": 15}])
def test_what_the_api_does_not_have_is_refused(params: dict[str, Any]) -> None:
    """A common word without a place here is refused by name, as is a limit below the least."""
    with pytest.raises(InvalidRequestError) as caught:
        payload("x", model="m", **params)
    assert caught.value.param == next(iter(params))


def test_sound_is_refused() -> None:
    """A file that the API has no part for is refused before anything is sent."""
    with pytest.raises(InvalidRequestError, match="cannot take"):
        payload("x", model="m", attachments=[Attachment(mime="audio/wav", name="a.wav", data=b"RIFF")])
