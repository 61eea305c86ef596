"""The official openai SDK works against the sandbox, every path it knows."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from aiml_nb import sandbox

openai = pytest.importorskip("openai", minversion="2")

TOOL: Any = {
    "type": "function",
    "function": {
        "name": "get_time",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


@pytest.fixture
def sdk(server: sandbox.Server) -> Iterator[Any]:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key=server.key, max_retries=0) as client:
        yield client


def ask(sdk: Any, text: str, **more: Any) -> Any:
    return sdk.chat.completions.create(model="openai/gpt-4o", messages=[{"role": "user", "content": text}], **more)


def test_chat(sdk: Any) -> None:
    """A plain answer with usage."""
    answer = ask(sdk, "Hello")
    assert "no AI ran" in answer.choices[0].message.content
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_chat_streamed(sdk: Any) -> None:
    """Deltas join to the answer; without include_usage every chunk has a choice."""
    chunks = list(ask(sdk, "Hello", stream=True))
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == ask(sdk, "Hello").choices[0].message.content
    last = list(ask(sdk, "Hello", stream=True, stream_options={"include_usage": True}))[-1]
    assert last.usage.completion_tokens > 0


def test_the_streaming_helper(sdk: Any) -> None:
    """The SDK's own accumulator agrees with the stream, tool calls included."""
    with sdk.chat.completions.stream(
        model="openai/gpt-4o", messages=[{"role": "user", "content": "Time in Rome?"}], tools=[TOOL]
    ) as stream:
        final = stream.get_final_completion()
    assert json.loads(final.choices[0].message.tool_calls[0].function.arguments) == {"city": "Rome"}


def test_tools(sdk: Any) -> None:
    """Call, result, answer."""
    first = ask(sdk, "Time in Rome?", tools=[TOOL]).choices[0].message
    turns = [
        {"role": "user", "content": "Time in Rome?"},
        first,
        {"role": "tool", "tool_call_id": first.tool_calls[0].id, "content": "noon"},
    ]
    last = sdk.chat.completions.create(model="openai/gpt-4o", messages=turns, tools=[TOOL])
    assert "`get_time` answered “noon”" in last.choices[0].message.content


def test_structured_output(sdk: Any) -> None:
    """A pydantic model comes back parsed."""
    pydantic = pytest.importorskip("pydantic")
    person = pydantic.create_model("Person", name=(str, ...), age=(int, ...), tags=(list[str], ...))
    turns = [{"role": "user", "content": "Alice is 31"}]
    parsed = sdk.chat.completions.parse(model="openai/gpt-4o", messages=turns, response_format=person)
    assert (parsed.choices[0].message.parsed.name, parsed.choices[0].message.parsed.age) == ("Alice", 31)


def test_responses(sdk: Any) -> None:
    """An answer, and one that goes on from it."""
    first = sdk.responses.create(model="openai/gpt-4o", input="Hello", instructions="Be brief.")
    assert "no AI ran" in first.output_text
    second = sdk.responses.create(model="openai/gpt-4o", input="And now?", previous_response_id=first.id)
    assert "1 earlier turn" in second.output_text
    with pytest.raises(openai.NotFoundError):
        sdk.responses.create(model="openai/gpt-4o", input="x", previous_response_id="resp_none")


def test_responses_streamed(sdk: Any) -> None:
    """The typed events are numbered and add up to the final response."""
    with sdk.responses.stream(model="openai/gpt-5-1-codex-mini", input="Hello") as stream:
        events = list(stream)
        final = stream.get_final_response()
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == final.output_text
    assert [event.sequence_number for event in events] == list(range(len(events)))


def test_responses_with_a_tool(sdk: Any) -> None:
    """A function call in the responses shape, streamed, and its output."""
    tool = {"type": "function", **TOOL["function"]}
    with sdk.responses.stream(model="openai/gpt-4o", input="Time in Rome?", tools=[tool]) as stream:
        call = stream.get_final_response().output[0]
    assert json.loads(call.arguments) == {"city": "Rome"}
    items = [
        {"role": "user", "content": "Time in Rome?"},
        call,
        {"type": "function_call_output", "call_id": call.call_id, "output": "noon"},
    ]
    assert "noon" in sdk.responses.create(model="openai/gpt-4o", input=items, tools=[tool]).output_text


def test_a_cut_response_is_incomplete(sdk: Any) -> None:
    """max_output_tokens ends it with a reason."""
    answer = sdk.responses.create(model="openai/gpt-4o", input="Hello", max_output_tokens=16)
    assert (answer.status, answer.incomplete_details.reason) == ("incomplete", "max_output_tokens")


def test_embeddings(sdk: Any) -> None:
    """With the SDK's default encoding, which is base64."""
    answer = sdk.embeddings.create(model="text-embedding-3-small", input=["a", "b"], dimensions=32)
    assert [len(row.embedding) for row in answer.data] == [32, 32]


def test_images(sdk: Any) -> None:
    """Generated, and edited."""
    made = sdk.images.generate(model="openai/gpt-image-1", prompt="a cat", response_format="b64_json", size="1024x1024")
    data = base64.b64decode(made.data[0].b64_json)
    assert Image.open(io.BytesIO(data)).size == (1024, 1024)
    edited = sdk.images.edit(model="openai/gpt-image-1", image=("a.png", data), prompt="blue")
    assert edited.data[0].url.startswith("http://127.0.0.1:")


def test_models(sdk: Any) -> None:
    """Listed and looked up."""
    assert "openai/gpt-4o" in [model.id for model in sdk.models.list()]
    assert sdk.models.retrieve("flux/schnell").owned_by == "Black Forest Labs"


def test_errors_and_retries(server: sandbox.Server) -> None:
    """Statuses become the SDK's errors; its retries meet a fault that ends."""
    with (
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="wrong", max_retries=0) as wrong,
        pytest.raises(openai.AuthenticationError),
    ):
        ask(wrong, "Hello")
    with openai.OpenAI(base_url=f"{server.url}/faults/500x2/v1", api_key=server.key, max_retries=2) as patient:
        assert ask(patient, "Hello").choices[0].message.content
