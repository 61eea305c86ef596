"""The wire shapes of a chat answer, decoded: one streamed chunk, or a whole answer, as `Chunk`; other dialects' events, as `Event`.

`decode` is quick for what OpenAI documents (msgspec into structs, about a microsecond a chunk) and lenient for what
servers really send: content as a list of parts, numbers as text, lone surrogates, legacy `text`, a whole `message` in
place of a `delta`. It knows the wire and nothing of replies, HTTP or drawing.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from ..errors import StreamError

#: The tool that a model is made to call where a structured answer can be had in no other way: its arguments are the answer.
ANSWER_TOOL = "structured_answer"


# What JSON makes has no cycles, so that the garbage collector need not watch it: `gc=False`, a few per cent quicker.


class Function(msgspec.Struct, gc=False):
    """The function that a tool call names; `arguments` is a piece of JSON text while streaming."""

    name: str | None = None
    arguments: str | None = None


class ToolDelta(msgspec.Struct, gc=False):
    """A tool call, or a piece of one."""

    index: int | None = None
    id: str | None = None
    function: Function | None = None


class Delta(msgspec.Struct, gc=False):
    """What a chunk adds to one choice; a whole message has the same fields."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    tool_calls: list[ToolDelta] | None = None


class Choice(msgspec.Struct, gc=False):
    """One of `n` alternatives in a chunk."""

    index: int | None = 0
    delta: Delta | None = None
    message: Delta | None = None
    text: str | None = None
    finish_reason: str | None = None


class Chunk(msgspec.Struct, gc=False):
    """One event of a chat stream, or a whole answer."""

    id: str | None = None
    model: str | None = None
    choices: list[Choice] | None = None
    usage: Any = None
    meta: Any = None
    error: Any = None
    x_groq: Any = None
    citations: Any = None
    search_results: Any = None
    type: Any = None  # set by the events of other dialects, as is `output` by a whole answer of the Responses API
    output: Any = None


class Event(msgspec.Struct, gc=False):
    """One event of another dialect, or a whole answer: of each only what is read. The types are for the reader to check."""

    type: Any = None
    delta: Any = None
    index: Any = None
    output_index: Any = None
    item_id: Any = None
    item: Any = None
    summary_index: Any = None
    arguments: Any = None
    name: Any = None
    annotation: Any = None
    response: Any = None
    message: Any = None
    content_block: Any = None
    usage: Any = None


_decode = msgspec.json.Decoder(Chunk).decode
_decode_event = msgspec.json.Decoder(Event).decode


def decode(event: bytes) -> Chunk | None:
    """The chunk in one event's data; None for keep-alives, comments and what says nothing.

    Raises StreamError for data that is neither JSON nor one of these.
    """
    try:
        return _decode(event)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        data = decode_object(event)
        return None if data is None else chunk_of(data)


def decode_event(event: bytes) -> Event:
    """The same data as an event of another dialect. Raises StreamError as `decode` does."""
    try:
        return _decode_event(event)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        data = decode_object(event) or {}
        return Event(**{name: data.get(name) for name in Event.__struct_fields__})


def decode_object(event: bytes) -> dict[str, Any] | None:
    """The JSON object in one event's data, however it is wrapped; None where there is none. Raises StreamError for what is no JSON."""
    text = event.decode("utf-8-sig", "replace").strip().lstrip("\ufeff")
    while text.startswith("data:"):
        text = text[5:].strip()
    if not text or text.startswith(":") or text == "[DONE]":
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StreamError(
            "the server sent a chunk that is not JSON",
            kind="protocol",
            advice="Run the cell again; if it stays, the server is at fault.",
        ) from error
    return data if isinstance(data, dict) else None


def chunk_of(data: dict[str, Any]) -> Chunk:
    """A Chunk from decoded JSON of any likeness."""
    choices = data.get("choices")
    listed = (
        [_choice(c, at) for at, c in enumerate(choices) if isinstance(c, dict)] if isinstance(choices, list) else None
    )
    return Chunk(
        _text(data.get("id")),
        _text(data.get("model")),
        listed,
        data.get("usage"),
        data.get("meta"),
        data.get("error"),
        data.get("x_groq"),
        data.get("citations"),
        data.get("search_results"),
        data.get("type"),
        data.get("output"),
    )


def said(**delta: Any) -> Chunk:
    """A chunk that adds to the answer what `Delta` has."""
    return Chunk(choices=[Choice(delta=Delta(**delta))])


def _choice(data: dict[str, Any], at: int) -> Choice:
    index = data.get("index")
    delta, message = data.get("delta"), data.get("message")
    return Choice(
        index if isinstance(index, int) else at,
        _delta(delta) if isinstance(delta, dict) else None,
        _delta(message) if isinstance(message, dict) else None,
        _text(data.get("text")),
        _text(data.get("finish_reason")),
    )


def _delta(data: dict[str, Any]) -> Delta:
    content, thought = _parts(data.get("content"))
    calls = data.get("tool_calls")
    return Delta(
        content,
        _text(data.get("reasoning_content")) or thought or None,
        _text(data.get("reasoning")),
        _text(data.get("refusal")),
        [_tool(c) for c in calls if isinstance(c, dict)] if isinstance(calls, list) else None,
    )


def _parts(content: Any) -> tuple[str | None, str]:
    """Text and thinking in a `content` that is text, or a list of parts as Mistral sends it."""
    if isinstance(content, str):
        return content, ""
    if not isinstance(content, list):
        return None, ""
    text, thought = "", ""
    for part in content:
        if not isinstance(part, dict):
            continue
        if part.get("type") == "thinking":
            thinking = part.get("thinking")
            thought += thinking if isinstance(thinking, str) else _parts(thinking)[0] or ""
        else:
            text += _text(part.get("text")) or ""
    return text, thought


def _tool(data: dict[str, Any]) -> ToolDelta:
    function = data.get("function")
    function = function if isinstance(function, dict) else {}
    arguments = function.get("arguments")
    if arguments is not None and not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False)
    index = data.get("index")
    return ToolDelta(
        index if isinstance(index, int) else None,
        _text(data.get("id")),
        Function(_text(function.get("name")), arguments),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def as_text(value: Any) -> str:
    """The value if it is text, else none."""
    return value if isinstance(value, str) else ""


def as_dict(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_dicts(value: Any) -> list[dict[str, Any]]:
    """The objects in the value, if it is a list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
