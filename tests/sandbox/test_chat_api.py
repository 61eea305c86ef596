"""Chat over HTTP: OpenAI's shape, whole and streamed, and what the answer tells."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import time
from typing import Any

import httpx
import pytest

from aiml_nb import sandbox


def chat(http: httpx.Client, content: Any, **more: Any) -> Any:
    """The decoded answer to one message, or to a list of messages."""
    messages = content if isinstance(content, list) and "role" in content[0] else [{"role": "user", "content": content}]
    return http.post("/v1/chat/completions", json={"model": "openai/gpt-4o", "messages": messages} | more).json()


def text(answer: Any) -> str:
    return answer["choices"][0]["message"]["content"]


def events(http: httpx.Client, **body: Any) -> list[Any]:
    """The decoded events of a stream, [DONE] as text."""
    body = {"model": "openai/gpt-4o", "messages": [{"role": "user", "content": "Hi"}], "stream": True} | body
    raw = http.post("/v1/chat/completions", json=body).text
    lines = [line.removeprefix("data: ") for line in raw.split("\n\n") if line]
    return [json.loads(line) if line != "[DONE]" else line for line in lines]


def test_an_answer_says_that_no_ai_ran_and_what_arrived(http: httpx.Client) -> None:
    """A beginner's question gets a few lines, honest and with the question in them."""
    said = text(chat(http, "Why is the sky blue?"))
    assert said.startswith("This is the sandbox: no AI ran.")
    assert "“Why is the sky blue?” (20 characters, about 5 tokens)" in said
    assert len(said.splitlines()) <= 4


def test_the_same_request_gets_the_same_bytes(http: httpx.Client, server: sandbox.Server) -> None:
    """Ids, times and text are the same each time, on another server too."""
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
    first = http.post("/v1/chat/completions", json=body)
    with sandbox.start(pace=0) as other:
        second = httpx.post(f"{other.url}/v1/chat/completions", json=body, headers=dict(http.headers), trust_env=False)
    assert (first.content, first.headers["x-inference-id"]) == (second.content, second.headers["x-inference-id"])


@pytest.mark.parametrize("prefix", ["", "/v1", "/v2", "/api/v1"])
def test_the_path_works_with_every_prefix(http: httpx.Client, prefix: str) -> None:
    """/chat/completions answers with and without a version."""
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}
    assert http.post(f"{prefix}/chat/completions", json=body).status_code == 200


def test_a_system_prompt_and_earlier_turns_are_told(http: httpx.Client) -> None:
    """The answer quotes the system prompt and counts the turns before."""
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "First"},
        {"role": "assistant", "content": "Yes"},
        {"role": "user", "content": "Second"},
    ]
    said = text(chat(http, turns))
    assert "system prompt, 9 characters: “Be brief.”" in said
    assert "1 earlier turn; the first began with “First”; roles: system, user, assistant, user" in said


def test_markup_in_a_prompt_is_quoted_as_code(http: httpx.Client) -> None:
    """Stars, braces and backticks come back exactly."""
    assert "`a*b`" in text(chat(http, "a*b"))
    assert "``use `x` here``" in text(chat(http, "use `x` here"))


def test_an_image_is_measured(http: httpx.Client) -> None:
    """Size, main colour and sha256 of an attached image are true."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (64, 48), (205, 40, 45)).save(out, "PNG")
    url = "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
    said = text(
        chat(http, [{"type": "text", "text": "What is this?"}, {"type": "image_url", "image_url": {"url": url}}])
    )
    assert "PNG image, 64 × 48 pixels; main colours: red 100 %" in said
    assert hashlib.sha256(out.getvalue()).hexdigest() in said


def test_a_remote_image_is_not_fetched(http: httpx.Client) -> None:
    """Only the address of a remote image is told."""
    said = text(chat(http, [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]))
    assert "the sandbox fetches nothing" in said


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,@@@"}},
        {"type": "image_url", "image_url": {}},
        {"type": "hologram"},
        "text",
    ],
)
def test_a_broken_part_is_refused_by_name(http: httpx.Client, part: Any) -> None:
    """400 says which part of which message is at fault."""
    answer = chat(http, [{"role": "user", "content": [part]}])
    assert answer["statusCode"] == 400
    assert "messages[0].content[0]" in answer["message"]


def test_anthropics_parts_are_understood(http: httpx.Client) -> None:
    """A document with a base64 source arrives as an attachment."""
    source = {"type": "base64", "media_type": "text/plain", "data": base64.b64encode(b"hello\nworld").decode()}
    said = text(chat(http, [{"type": "document", "source": source}], model="claude-haiku-4-5"))
    assert "text, 2 lines; 11 bytes" in said


def test_max_tokens_cuts_the_answer(http: httpx.Client) -> None:
    """The text ends at the limit, and the finish reason says so."""
    answer = chat(http, "Hi", max_tokens=5)
    assert (len(text(answer)), answer["choices"][0]["finish_reason"]) == (20, "length")
    assert answer["usage"]["completion_tokens"] == 5


def test_stop_ends_the_answer_before_the_text(http: httpx.Client) -> None:
    """Nothing from the stop text on is sent."""
    assert text(chat(http, "Hi", stop=["sandbox", "ran"])) == "This is the "


def test_several_choices_are_numbered(http: httpx.Client) -> None:
    """n=2 gives two choices that differ."""
    first, second = chat(http, "Hi", n=2)["choices"]
    assert (first["index"], second["index"]) == (0, 1)
    assert first["message"]["content"] != second["message"]["content"]


def test_meta_tells_a_cost_of_nothing_and_steady_timings(http: httpx.Client) -> None:
    """The answer carries its own cost and milliseconds."""
    meta = chat(http, "Hi")["meta"]
    assert meta["usage"] == {"credits_used": 0, "usd_spent": 0.0}
    assert 0 < meta["timings"]["first_ms"] < meta["timings"]["total_ms"]


@pytest.mark.parametrize(
    ("wish", "piece"), [("a table", "|:---"), ("some code", "```python"), ("a formula", "\\["), ("HTML", "<b>")]
)
def test_lessons_get_something_to_look_at(http: httpx.Client, wish: str, piece: str) -> None:
    """A prompt that asks for a table, code or a formula gets one."""
    assert piece in text(chat(http, f"Show me {wish}, please"))
    assert piece not in text(chat(http, "Hello"))


def test_a_reasoning_model_reasons_first(http: httpx.Client) -> None:
    """Reasoning comes apart from the text, and a small limit leaves no text at all."""
    answer = chat(http, "Hi", model="deepseek/deepseek-r1")
    assert "no real thinking" in answer["choices"][0]["message"]["reasoning_content"]
    assert answer["usage"]["completion_tokens_details"]["reasoning_tokens"] > 0
    cut = chat(http, "Hi", model="deepseek/deepseek-r1", max_tokens=5)["choices"][0]
    assert (cut["message"]["content"], cut["finish_reason"]) == ("", "length")


def test_a_stream_adds_up_to_the_whole_answer(http: httpx.Client) -> None:
    """The deltas joined are the text that comes without streaming."""
    chunks = events(http)
    said = "".join(c["choices"][0]["delta"].get("content", "") for c in chunks[:-1])
    assert said == text(chat(http, "Hi"))
    assert chunks[-1] == "[DONE]"
    assert chunks[-2]["meta"]["usage"]["credits_used"] == 0
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"


def test_the_usage_chunk_comes_when_asked(http: httpx.Client) -> None:
    """With include_usage the last chunk has usage and no choices."""
    last = events(http, stream_options={"include_usage": True})[-2]
    assert last["choices"] == []
    assert last["usage"]["total_tokens"] > 0
    assert "meta" in last


def test_a_stream_is_paced() -> None:
    """At the default pace the first word comes long before the last."""
    with sandbox.start(pace=0.02) as server:
        body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}], "stream": True}
        headers = {"Authorization": f"Bearer {server.key}"}
        with httpx.stream("POST", f"{server.url}/v1/chat/completions", json=body, headers=headers) as answer:
            times = [time.monotonic() for _ in answer.iter_bytes()]
    assert 0.3 < times[-1] - times[0] < 2.5


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"model": "gpt-4o"}, "messages"),
        ({"model": "gpt-4o", "messages": []}, "messages"),
        ({"model": "gpt-4o", "messages": [{"role": "wizard", "content": "x"}]}, "wizard"),
        ({"messages": [{"role": "user", "content": "x"}]}, "model"),
        ({"model": "gpt-4o", "messages": [{"role": "user", "content": "x"}], "temperature": 3}, "temperature"),
        ({"model": "gpt-4o", "messages": [{"role": "user", "content": "x"}], "max_tokens": "many"}, "max_tokens"),
        ({"model": "gpt-4o", "messages": [{"role": "user", "content": "x"}], "n": 0}, "n:"),
        (
            {"model": "gpt-4o", "messages": [{"role": "user", "content": "x"}], "response_format": {"type": "xml"}},
            "xml",
        ),
    ],
)
def test_a_wrong_field_is_refused_by_name(http: httpx.Client, body: Any, word: str) -> None:
    """400 names the field and what is allowed."""
    answer = http.post("/v1/chat/completions", json=body)
    assert answer.status_code == 400
    assert word in answer.json()["message"]


def test_a_model_without_system_role_refuses_one(http: httpx.Client) -> None:
    """As at the provider, Gemma takes no system prompt."""
    turns = [{"role": "system", "content": "x"}, {"role": "user", "content": "y"}]
    assert "does not support 'system'" in chat(http, turns, model="google/gemma-3-4b-it")["message"]


def test_an_unknown_model_gets_404_and_the_nearest_names(http: httpx.Client) -> None:
    """A typo is answered with the right name."""
    answer = chat(http, "Hi", model="openai/gpt-4oo")
    assert answer["statusCode"] == 404
    assert "Nearest: openai/gpt-4o" in answer["message"]
    assert "is for image" in chat(http, "Hi", model="flux/schnell")["message"]


WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string"},
                "unit": {"enum": ["celsius", "fahrenheit"]},
                "days": {"type": "integer"},
            },
            "required": ["city"],
        },
    },
}


def test_a_tool_is_called_with_arguments_from_the_prompt(http: httpx.Client) -> None:
    """City, unit and number in the prompt become the arguments."""
    choice = chat(http, "Weather in Paris for 3 days in fahrenheit?", tools=[WEATHER])["choices"][0]
    call = choice["message"]["tool_calls"][0]
    assert (choice["finish_reason"], call["function"]["name"]) == ("tool_calls", "get_weather")
    assert json.loads(call["function"]["arguments"]) == {"city": "Paris", "unit": "fahrenheit", "days": 3}


def test_a_tool_result_is_quoted(http: httpx.Client) -> None:
    """After the result the answer names the tool and what it said."""
    call = chat(http, "Weather in Paris?", tools=[WEATHER])["choices"][0]["message"]
    result = {"role": "tool", "tool_call_id": call["tool_calls"][0]["id"], "content": "sunny, 21 degrees"}
    said = text(chat(http, [{"role": "user", "content": "Weather in Paris?"}, call, result], tools=[WEATHER]))
    assert "`get_weather` answered “sunny, 21 degrees”" in said


def test_tool_choice_is_obeyed(http: httpx.Client) -> None:
    """none calls nothing, a name calls that one, an unknown name is refused."""
    other = {"type": "function", "function": {"name": "other", "parameters": {"type": "object", "properties": {}}}}
    assert "tool_calls" not in chat(http, "Hi", tools=[WEATHER], tool_choice="none")["choices"][0]["message"]
    named = {"type": "function", "function": {"name": "other"}}
    calls = chat(http, "Weather", tools=[WEATHER, other], tool_choice=named)["choices"][0]["message"]["tool_calls"]
    assert [call["function"]["name"] for call in calls] == ["other"]
    assert "tool_choice" in chat(http, "Hi", tools=[WEATHER], tool_choice="nothing")["message"]


def test_streamed_tool_arguments_add_up(http: httpx.Client) -> None:
    """The pieces of the arguments joined are JSON."""
    chunks = events(http, messages=[{"role": "user", "content": "Weather in Rome?"}], tools=[WEATHER])
    pieces = [call for c in chunks[:-1] for call in c["choices"][0]["delta"].get("tool_calls", [])]
    assert pieces[0]["function"]["name"] == "get_weather"
    assert json.loads("".join(piece["function"]["arguments"] for piece in pieces))["city"] == "Rome"


def test_json_modes_answer_with_json(http: httpx.Client) -> None:
    """json_object gives an object, json_schema one that fits, with values from the prompt."""
    assert json.loads(text(chat(http, "Hi", response_format={"type": "json_object"})))["prompt"] == "Hi"
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
        "required": ["name"],
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "person", "schema": schema}}
    assert json.loads(text(chat(http, "Alice is 31", response_format=wanted))) == {"name": "Alice", "age": 31}


def test_a_model_that_reads_no_pictures_refuses_one(http: httpx.Client) -> None:
    """The refusal names the part and what the model reads; its schema lists the same parts."""
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    body = {"model": "deepseek/deepseek-r1", "messages": [{"role": "user", "content": [part]}]}
    answer = http.post("/v1/chat/completions", json=body)
    assert (answer.status_code, "does not read image_url" in answer.json()["message"]) == (400, True)
    assert http.post("/v1/chat/completions", json=body | {"model": "google/gemini-2.5-flash"}).status_code == 200
    for model, expected in (("deepseek/deepseek-r1", False), ("google/gemini-2.5-flash", True)):
        assert expected is ("input_audio" in http.get(f"/docs-json?model={model}").text)
