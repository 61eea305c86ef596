"""Tests of `aiml_nb.media.dialects` and `dialect`: which wire format a model gets, and what its features change in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace
from PIL import Image

from aiml_nb.content import Attachment, JSONBody, Message
from aiml_nb.errors import InvalidRequestError
from aiml_nb.media.chat import payload
from aiml_nb.media.dialects import CHAT, MESSAGES, RESPONSES, choose
from aiml_nb.media.reply import Reply
from aiml_nb.schema import ChatFeatures

SCHEMA = {"name": "City", "schema": {"type": "object", "properties": {"name": {"type": "string"}}}, "strict": True}
CLAUDE = replace(MESSAGES.features, max_tokens_required=False)


def sent(features: ChatFeatures, **made: Any) -> Any:
    """The payload as the server reads it."""
    return json.loads(b"".join(JSONBody(payload(model="m", features=features, **made))))


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("openai/chat-completions", "/v1/chat/completions"),
        ("openai/responses/submit", "/v1/responses"),
        ("anthropic/messages", "/v1/messages"),
        ("", "/v1/chat/completions"),
        ("something/new", "/v1/chat/completions"),
    ],
)
def test_the_catalogue_type_chooses(kind: str, path: str) -> None:
    """Each type has its path; a model that nobody knows is talked to in chat completions."""
    assert choose(kind).path == path


def test_each_dialect_serves_a_type_of_chat() -> None:
    """No two dialects claim the same path or type."""
    all_of_them = (CHAT, RESPONSES, MESSAGES)
    assert len({each.path for each in all_of_them}) == len({kind for each in all_of_them for kind in each.types}) == 3


def test_anthropic_shapes_at_the_chat_path() -> None:
    """A model of chat completions whose schema has Anthropic's shapes gets them there, in every round."""
    dialect = choose("openai/chat-completions", CLAUDE)
    picture = Attachment.of(Image.new("RGB", (2, 2)))
    body = dialect.payload("what?", model="m", attachments=[picture], system="Be kind", tools=[{"name": "t"}])
    assert dialect.path == "/v1/chat/completions"
    assert body["system"] == "Be kind"
    assert "max_tokens" not in body
    assert "stream_options" not in body
    assert body["tools"] == [{"name": "t", "input_schema": {"type": "object"}}]
    assert body["messages"][0]["content"][1]["source"]["type"] == "base64"
    asked = {"id": "c1", "type": "function", "function": {"name": "t", "arguments": "{}"}}
    said = [Message("assistant", "", tool_calls=(asked,)), Message("tool", "42", tool_call_id="c1")]
    assert [m["role"] for m in dialect.follow_up(body, said)["messages"]] == ["user", "assistant", "user"]


def test_a_picture_by_url_for_a_model_that_wants_its_content() -> None:
    """A model that takes pictures only as base64 refuses a URL with the reason."""
    features = replace(CLAUDE, image_sources=frozenset({"base64"}))
    with pytest.raises(InvalidRequestError, match="not by URL"):
        sent(features, prompt="x", attachments=[Attachment.of("https://a.example/cat.png")])


def test_a_model_without_a_system_role_is_told_in_the_first_message() -> None:
    """The system prompt is folded into the first user message, and a note says so."""
    notes: list[str] = []
    told = [Message("user", "a"), Message("assistant", "b")]
    body = sent(ChatFeatures(system="fold"), prompt="c", messages=told, system="Be kind", notes=notes)
    assert [(m["role"], m["content"]) for m in body["messages"]] == [
        ("user", "Be kind\n\na"), ("assistant", "b"), ("user", "c"),
    ]  # fmt: skip
    assert len(notes) == 1
    assert "system" in notes[0]
    assert sent(ChatFeatures(system="fold"), prompt="c", notes=notes)["messages"] == [{"role": "user", "content": "c"}]
    assert len(notes) == 1


def test_a_developer_speaks_as_system_where_there_is_no_such_role() -> None:
    """A role that the model lacks is sent under the one that means the same."""
    features = ChatFeatures(roles=frozenset({"system", "user", "assistant"}))
    assert sent(features, prompt="c", messages=[Message("developer", "Be kind")])["messages"][0]["role"] == "system"


def test_limits_and_streams_as_the_model_has_them() -> None:
    """The limit goes under the model's own name, and what it cannot stream is not streamed."""
    features = ChatFeatures(max_tokens="max_completion_tokens", stream_options=False)
    assert sent(features, prompt="x", max_tokens=9) == {
        "model": "m", "messages": [{"role": "user", "content": "x"}], "stream": True, "max_completion_tokens": 9,
    }  # fmt: skip
    assert "stream" not in sent(ChatFeatures(stream=False), prompt="x")


def test_structured_output_by_a_call_where_there_is_no_format_for_it() -> None:
    """A model without json_schema is made to call a tool; the reply has its arguments as the answer."""
    body = sent(ChatFeatures(response_format=frozenset({"text"})), prompt="x", schema=SCHEMA)
    name = body["tool_choice"]["function"]["name"]
    assert body["tools"][0]["function"]["parameters"] == SCHEMA["schema"]
    reply = Reply()
    for arguments in ('{"name": ', '"Oslo"}'):
        call = {"index": 0, "id": "c1", "function": {"name": name, "arguments": arguments}}
        reply.add(json.dumps({"choices": [{"delta": {"tool_calls": [call]}}]}).encode())
    reply.add(b'{"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}')
    assert (reply.text, reply.tool_calls, reply.finish_reason) == ('{"name": "Oslo"}', [], "stop")


@pytest.mark.parametrize(
    ("features", "given", "param"),
    [
        (ChatFeatures(tools=None), {"tools": [{"name": "t"}]}, "tool"),
        (ChatFeatures(tools=None, response_format=frozenset()), {"schema": SCHEMA}, "schema"),
        (ChatFeatures(effort=""), {"effort": "low"}, "effort"),
        (ChatFeatures(image_part=None), {"attachments": [Attachment.of("https://a.example/cat.png")]}, "attach"),
        (ChatFeatures(), {"tools": [{"name": "structured_answer"}]}, "tool"),
    ],
)
def test_what_a_model_lacks_is_refused(features: ChatFeatures, given: dict[str, Any], param: str) -> None:
    """What the model has no place for is refused by name before anything is sent."""
    with pytest.raises(InvalidRequestError) as caught:
        sent(features, prompt="x", **given)
    assert caught.value.param == param
