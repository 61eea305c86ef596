"""The answers of OpenAI's Responses API (`POST /v1/responses`), read: each event, or a whole answer, as a chat `Chunk`.

After https://platform.openai.com/docs/api-reference/responses-streaming. Lenient: what is not as documented is left out.
It knows nothing of requests, replies or HTTP.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from .chunks import (
    Choice,
    Chunk,
    Delta,
    Event,
    Function,
    ToolDelta,
    as_dict,
    as_dicts,
    as_text,
    decode_event,
    decode_object,
    said,
)  # fmt: skip

#: Why an answer is incomplete, in the words of chat completions.
_REASONS = {"max_output_tokens": "length", "content_filter": "content_filter"}


class ResponsesReader:
    """Reads the events of one answer; it remembers which calls were begun, for later events name them by their place."""

    #: Nothing must go back with the results of tools but what `Reply` has.
    carried: tuple[dict[str, Any], ...] = ()

    def __init__(self) -> None:
        self._calls: dict[Any, str] = {}
        self._argued: set[str] = set()
        self._sources: list[dict[str, Any]] = []
        self._begun = False

    def chunk(self, event: bytes) -> Chunk:
        """What one event adds. Raises StreamError for what is no JSON."""
        told = decode_event(event)
        if told.type is None:
            return self._ended(decode_object(event) or {})
        read = self._READ.get(told.type) if isinstance(told.type, str) else None
        return Chunk() if read is None else read(self, told)

    def _text(self, told: Event) -> Chunk:
        self._begun = True
        return said(content=as_text(told.delta))

    def _refusal(self, told: Event) -> Chunk:
        self._begun = True
        return said(refusal=as_text(told.delta))

    def _thought(self, told: Event) -> Chunk:
        return said(reasoning=as_text(told.delta))

    def _next_thought(self, told: Event) -> Chunk:
        """Each part of a summary but the first begins a paragraph."""
        return said(reasoning="\n\n") if told.summary_index not in (0, None) else Chunk()

    def _item(self, told: Event) -> Chunk:
        """An item was begun: of a tool call it tells the id and the name."""
        item = as_dict(told.item)
        if item.get("type") != "function_call":
            return Chunk()
        self._begun = True
        call = as_text(item.get("call_id")) or as_text(item.get("id")) or f"call_{len(self._calls)}"
        for place in (told.item_id, item.get("id"), told.output_index):
            if isinstance(place, str | int):
                self._calls[place] = call
        return self._called(call, as_text(item.get("name")), as_text(item.get("arguments")))

    def _arguments(self, told: Event) -> Chunk:
        return self._called(self._call(told), "", as_text(told.delta))

    def _all_arguments(self, told: Event) -> Chunk:
        """The end of a call: of use only where no pieces came."""
        call = self._call(told)
        return self._called(call, as_text(told.name), "" if call in self._argued else as_text(told.arguments))

    def _item_done(self, told: Event) -> Chunk:
        item = as_dict(told.item)
        if item.get("type") != "function_call":
            return Chunk()
        known = self._calls.get(_place(item.get("id"))) or self._calls.get(_place(told.output_index))
        if known is None:
            return self._item(told)
        return self._called(known, "", "" if known in self._argued else as_text(item.get("arguments")))

    def _call(self, told: Event) -> str:
        known = self._calls.get(_place(told.item_id)) or self._calls.get(_place(told.output_index))
        return known or f"call_{_place(told.item_id) or _place(told.output_index) or len(self._calls)}"

    def _called(self, call: str, name: str, arguments: str) -> Chunk:
        self._begun = True
        if arguments:
            self._argued.add(call)
        self._calls.setdefault(call, call)
        return said(tool_calls=[ToolDelta(id=call, function=Function(name, arguments))])

    def _source(self, told: Event) -> Chunk:
        self._sources.append(as_dict(told.annotation))
        return Chunk(citations=self._sources)

    def _started(self, told: Event) -> Chunk:
        response = as_dict(told.response)
        return Chunk(id=as_text(response.get("id")) or None, model=as_text(response.get("model")) or None)

    def _done(self, told: Event) -> Chunk:
        return self._ended(as_dict(told.response))

    def _failed(self, told: Event) -> Chunk:
        chunk = self._done(told)
        chunk.error = chunk.error or {"message": "the provider reported that the answer failed"}
        return chunk

    def _ended(self, response: dict[str, Any]) -> Chunk:
        """The finished answer: numbers and reason, and what it says where nothing came in pieces before."""
        whole = None if self._begun else _message(response)
        called = bool(self._calls or (whole and whole.tool_calls))
        return Chunk(
            id=as_text(response.get("id")) or None,
            model=as_text(response.get("model")) or None,
            choices=[Choice(message=whole, finish_reason=_finish(response, called=called))],
            usage=response.get("usage"),
            meta=response.get("meta"),
            error=response.get("error"),
            citations=self._sources
            or [note for part in _texts(response) for note in as_dicts(part.get("annotations"))],
        )

    _READ: ClassVar[dict[str, Callable[[Any, Event], Chunk]]] = {
        "response.created": _started,
        "response.output_text.delta": _text,
        "response.refusal.delta": _refusal,
        "response.reasoning_summary_text.delta": _thought,
        "response.reasoning_text.delta": _thought,
        "response.reasoning_summary_part.added": _next_thought,
        "response.output_item.added": _item,
        "response.output_item.done": _item_done,
        "response.function_call_arguments.delta": _arguments,
        "response.function_call_arguments.done": _all_arguments,
        "response.output_text.annotation.added": _source,
        "response.completed": _done,
        "response.incomplete": _done,
        "response.failed": _failed,
    }


def _finish(response: dict[str, Any], *, called: bool) -> str | None:
    """Why it ended, in the words of chat completions; None for an answer that is not finished."""
    status = response.get("status") or "completed"
    if status == "incomplete":
        reason = as_text(as_dict(response.get("incomplete_details")).get("reason"))
        return _REASONS.get(reason, reason or "length")
    if status != "completed":
        return None if status in ("in_progress", "queued") else "error"
    return "tool_calls" if called else "stop"


def _message(response: dict[str, Any]) -> Delta:
    """All that a whole answer says."""
    items = as_dicts(response.get("output"))
    text = "".join(as_text(part.get("text")) for part in _texts(response)) or as_text(response.get("output_text"))
    refused = "".join(as_text(part.get("refusal")) for item in items for part in as_dicts(item.get("content")))
    thoughts = [
        as_text(part.get("text")) for item in items for part in (*as_dicts(item.get("summary")), *as_dicts(item.get("content")))
        if item.get("type") == "reasoning"
    ]  # fmt: skip
    calls = [
        ToolDelta(
            id=as_text(item.get("call_id")) or as_text(item.get("id")) or f"call_{at}",
            function=Function(as_text(item.get("name")), as_text(item.get("arguments"))),
        )
        for at, item in enumerate(items)
        if item.get("type") == "function_call"
    ]
    return Delta(text, reasoning="\n\n".join(filter(None, thoughts)), refusal=refused, tool_calls=calls)


def _texts(response: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of a whole answer that are text for the user."""
    items = as_dicts(response.get("output"))
    return [part for item in items for part in as_dicts(item.get("content")) if part.get("type") == "output_text"]


def _place(value: Any) -> str | int | None:
    """What a call can be known by: an item's id, or its place in the output."""
    return value if isinstance(value, str | int) else None
