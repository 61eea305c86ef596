"""Anthropic's chat path: whole, streamed, with tools, and what it refuses."""

from __future__ import annotations

import json
from typing import Any

import httpx

MODEL = "anthropic/claude-opus-4.5"
TOOL = {
    "name": "get_time",
    "description": "The time in a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


def ask(http: httpx.Client, content: Any, **more: Any) -> Any:
    body = {"model": MODEL, "max_tokens": 1000, "messages": [{"role": "user", "content": content}]} | more
    return http.post("/v1/messages", json=body).json()


def streamed(http: httpx.Client, **more: Any) -> list[Any]:
    body = {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}], "stream": True} | more
    text = http.post("/v1/messages", json=body).text
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]


def test_a_message_is_anthropics(http: httpx.Client) -> None:
    """Typed content, stop_reason, usage in their words, and the provider's meta."""
    answer = ask(http, "Hello", system="Be brief.")
    assert ("message", "assistant", "end_turn") == (answer["type"], answer["role"], answer["stop_reason"])
    assert "no AI ran" in answer["content"][0]["text"]
    assert "Be brief." in answer["content"][0]["text"]
    assert answer["usage"]["output_tokens"] > 0
    assert answer["meta"]["usage"]["usd_spent"] == 0
    assert http.post("/messages", json={"model": MODEL, "messages": [{"role": "user", "content": "x"}]}).is_success


def test_the_events_of_a_stream_build_the_message(http: httpx.Client) -> None:
    """Deltas join to the text of the whole answer; the last event carries meta."""
    events = streamed(http)
    kinds = [event["type"] for event in events]
    assert ["message_start", "ping", "content_block_start"] == kinds[:3]
    assert ["content_block_stop", "message_delta", "message_stop"] == kinds[-3:]
    text = "".join(event["delta"]["text"] for event in events if event["type"] == "content_block_delta")
    assert ask(http, "Hello")["content"][0]["text"] == text
    assert "meta" in events[-1]


def test_thinking_comes_first(http: httpx.Client) -> None:
    """Enabled, a thinking block stands before the text."""
    answer = ask(http, "Hello", thinking={"type": "enabled", "budget_tokens": 1024})
    assert ["thinking", "text"] == [part["type"] for part in answer["content"]]


def test_tools_in_anthropics_shape(http: httpx.Client) -> None:
    """Call, result, answer; streamed, the arguments come as partial JSON."""
    call = ask(http, "Time in Rome?", tools=[TOOL])
    assert ("tool_use", {"city": "Rome"}) == (call["stop_reason"], call["content"][0]["input"])
    messages = [
        {"role": "user", "content": "Time in Rome?"},
        {"role": "assistant", "content": call["content"]},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": call["content"][0]["id"], "content": "noon"}],
        },
    ]
    assert "`get_time` answered “noon”" in ask(http, "", messages=messages, tools=[TOOL])["content"][0]["text"]
    events = streamed(http, messages=messages[:1], tools=[TOOL])
    parts = [event["delta"]["partial_json"] for event in events if event["type"] == "content_block_delta"]
    assert {"city": "Rome"} == json.loads("".join(parts))


def test_a_limit_cuts_the_answer(http: httpx.Client) -> None:
    """max_tokens ends it with its own stop reason."""
    assert "max_tokens" == ask(http, "Hello", max_tokens=3)["stop_reason"]


def test_a_system_role_is_refused_and_the_field_is_taken(http: httpx.Client) -> None:
    """In messages and on the chat path alike, this model wants the system prompt outside the messages."""
    messages = [{"role": "system", "content": "x"}, {"role": "user", "content": "hi"}]
    for path in ("/v1/messages", "/v1/chat/completions"):
        answer = http.post(path, json={"model": MODEL, "messages": messages})
        assert (answer.status_code, "does not support" in answer.json()["message"]) == (400, True)
        body = {"model": MODEL, "messages": messages[1:], "system": [{"type": "text", "text": "Be kind."}]}
        assert "Be kind." in http.post(path, json=body).text


def test_other_models_are_not_here(http: httpx.Client) -> None:
    """404 that says where they are."""
    assert "/v1/chat/completions" in ask(http, "hi", model="gpt-4o")["message"]
