"""Tests of chats with models that exist only in another dialect, over real HTTP: path, stream, tools, schema, memory."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from aiml_nb.errors import InvalidRequestError
from aiml_nb.session import Session
from tests import wires

ROWS = [
    {"id": "pro", "type": "openai/responses/submit", "info": {"name": "pro"}},
    {"id": "claude", "type": "anthropic/messages", "info": {"name": "claude"}},
    {"id": "both", "type": "openai/responses/submit", "info": {"name": "both"}},
    {"id": "both", "type": "openai/chat-completions", "info": {"name": "both"}},
    {
        "id": "strict",
        "type": "openai/chat-completions",
        "info": {"docsJson": "https://any.example/docs-json?model=strict"},
    },
]

#: What `strict` takes: no system role, no stream_options, few tokens.
STRICT: dict[str, Any] = {
    "type": "object",
    "required": ["model", "messages"],
    "properties": {
        "model": {"type": "string"},
        "messages": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "role": {"type": "string", "enum": ["user", "assistant"]},
                    "content": {"type": "string"},
                },
            },
        },
        "stream": {"type": "boolean"},
        "max_completion_tokens": {"type": "integer", "minimum": 1, "maximum": 100},
    },
}
DOCS = {
    "paths": {"/v1/chat/completions": {"post": {"requestBody": {"content": {"application/json": {"schema": STRICT}}}}}}
}
ANSWERS: dict[str, list[list[dict[str, Any]]]] = {
    "/v1/chat/completions": [[{"choices": [{"delta": {"content": "Hello"}, "finish_reason": "stop"}]}]],
    "/v1/responses": [
        [
            {"type": "response.output_item.added", "output_index": 0,
             "item": {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "double", "arguments": ""}},
            {"type": "response.function_call_arguments.delta", "item_id": "fc_1", "output_index": 0, "delta": '{"n": 21}'},
            {"type": "response.completed", "response": {"status": "completed", "usage": {"input_tokens": 1, "output_tokens": 1}}},
        ],
        [
            {"type": "response.created", "response": {"id": "resp_1", "error": None, "model": "pro", "output": []}},
            {"type": "response.output_text.delta", "delta": "It is 42"},
            {"type": "response.completed", "response": {"status": "completed", "usage": {"input_tokens": 2, "output_tokens": 3}}},
        ],
    ],
    "/v1/messages": [
        [
            {"type": "message_start", "message": {"usage": {"input_tokens": 1}}},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "c2ln"}},
            {"type": "content_block_start", "index": 1,
             "content_block": {"type": "tool_use", "id": "c1", "name": "double", "input": {}}},
            {"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": '{"n": 21}'}},
            {"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 1}},
            {"type": "message_stop"},
        ],
        [
            {"type": "message_start", "message": {"usage": {"input_tokens": 2}}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "It is 42"}},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 3}},
            {"type": "message_stop"},
        ],
    ],
}  # fmt: skip


class Provider:
    """Lists ROWS, and answers each path with the next of ANSWERS, the last one for ever; `bodies` by path."""

    def __init__(self) -> None:
        self.bodies: dict[str, list[Any]] = {path: [] for path in ANSWERS}

    def __call__(self, _: socket.socket, seen: wires.Seen) -> bytes | None:
        path = seen.path.partition("?")[0]
        if path not in ANSWERS:
            return wires.answer(json.dumps(DOCS if "docs" in path else {"data": ROWS}).encode())
        self.bodies[path].append(json.loads(seen.body))
        if self.bodies[path][-1]["model"] == "strict" and set(self.bodies[path][-1]) - set(STRICT["properties"]):
            return wires.answer(b'{"message": "Body validation error!", "statusCode": 400}', status=400)
        events = ANSWERS[path][min(len(self.bodies[path]), len(ANSWERS[path])) - 1]
        named = [f"event: {e.get('type', 'chunk')}\n".encode() + wires.event(json.dumps(e)) for e in events]
        body = b"".join(named)
        return wires.answer(body, content_type="text/event-stream")


@dataclass
class Talk:
    session: Session
    provider: Provider


@pytest.fixture
def talk() -> Iterator[Talk]:
    provider = Provider()
    with wires.serving(provider) as server:
        session = Session(base_url=server.url, api_key="test" * 8)
        session.models()
        yield Talk(session, provider)
        session.close()


def double(n: int) -> int:
    """Twice the number."""
    return 2 * n


@pytest.mark.parametrize(("model", "path"), [("pro", "/v1/responses"), ("claude", "/v1/messages")])
def test_a_model_of_another_dialect_works_as_any_other(talk: Talk, model: str, path: str) -> None:
    """Tools run, the second round has what they gave, tokens add up, and the turn is remembered."""
    reply = talk.session.chat("What is 2 times 21?", model=model, tools=[double], conversation="main")
    assert (reply.text, reply.finish_reason, reply.steps) == ("It is 42", "stop", ["double(n=21)"])
    assert reply.usage is not None
    assert (reply.usage.input, reply.usage.output) == (3, 4)
    assert len(talk.provider.bodies[path]) == 2
    assert "42" in json.dumps(talk.provider.bodies[path][1])
    talk.session.chat("And again?", model=model, conversation="main")
    assert "It is 42" in json.dumps(talk.provider.bodies[path][2])


def test_signed_thoughts_go_back_with_the_result(talk: Talk) -> None:
    """A model that thought before it called a tool gets its thoughts back, as its API demands."""
    talk.session.chat("What is 2 times 21?", model="claude", tools=[double])
    answer = talk.provider.bodies["/v1/messages"][1]["messages"][1]
    assert [b["type"] for b in answer["content"]] == ["thinking", "tool_use"]


def test_chat_completions_go_first(talk: Talk) -> None:
    """A model that has chat completions too is talked to there, as is one that the catalogue does not have."""
    for model in ("both", "unheard-of"):
        assert talk.session.chat("Hi", model=model).text == "Hello"
    assert len(talk.provider.bodies["/v1/chat/completions"]) == 2


def test_a_cold_catalogue_is_not_waited_for() -> None:
    """As long as nobody knows better, a chat goes to chat completions, and nothing is asked before it."""
    with wires.serving(Provider()) as server:
        session = Session(base_url=server.url, api_key="test" * 8)
        assert session.prepare("chat", "Hi", model="claude").path == "/v1/chat/completions"
        assert server.seen == []
        session.close()


def test_a_plain_chat_that_is_refused_goes_again_by_the_schema(talk: Talk) -> None:
    """The first chat goes as any server would take it; refused, it is written as the schema has it, and the next one is at once."""
    bodies = talk.provider.bodies["/v1/chat/completions"]
    for count in (2, 3):
        assert talk.session.chat("Hi", model="strict").text == "Hello"
        assert len(bodies) == count
    assert bodies[-1] == {"model": "strict", "messages": [{"role": "user", "content": "Hi"}], "stream": True}


def test_parameters_are_checked_by_the_schema_first(talk: Talk) -> None:
    """With parameters the schema is asked for before: the limit has its own name, too high a one is refused, nothing is sent."""
    with pytest.raises(InvalidRequestError, match="max_tokens"):
        talk.session.chat("Hi", model="strict", max_tokens=101)
    reply = talk.session.chat("Hi", model="strict", max_tokens=100, system="Be kind")
    (body,) = talk.provider.bodies["/v1/chat/completions"]
    assert (body["max_completion_tokens"], body["messages"][0]["content"]) == (100, "Be kind\n\nHi")
    assert any("system" in note for note in reply.notes)
