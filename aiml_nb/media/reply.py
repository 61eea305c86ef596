"""Reply, the result of a chat: it grows by `add(event)` while the answer streams, and draws itself.

Pieces of text are kept in a list and joined when somebody looks, so that a chunk costs microseconds. What the model
wrote reaches the screen through `render` alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from ..costs import Cost, RateLimit, Usage
from ..errors import APIError, StreamError, shorten, status_error
from .chunks import ANSWER_TOOL, Chunk, Delta, ToolDelta, decode, decode_object
from .events import Reader, reader_of
from .growing import Growing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .drawing import ReplyDrawing

_ADVICE = {
    "length": "cut by the token limit: raise it with --max_tokens",
    "max_tokens": "cut by the token limit: raise it with --max_tokens",
    "content_filter": "stopped by the provider's content filter: say it in other words",
    "error": "the provider broke off",
}


class Completion(Struct):
    """One of the alternatives in an answer: `.text .reasoning .tool_calls .finish_reason`."""

    finish_reason: str | None = None
    calls: list[dict[str, str]] = field(default_factory=list)
    refusal: str = ""
    answering: str | None = None
    _text: Growing = field(default_factory=Growing)
    _thought: Growing = field(default_factory=Growing)

    @property
    def text(self) -> str:
        """What was answered so far."""
        return str(self._text)

    @property
    def reasoning(self) -> str:
        """What was thought before, where the provider tells."""
        return str(self._thought)

    @property
    def tool_calls(self) -> list[dict[str, str]]:
        """The tool calls: `{"id":, "name":, "arguments": JSON text}` each."""
        return self.calls

    @property
    def started(self) -> bool:
        """True once anything that the user wants to see has come."""
        return bool(self._text or self._thought or self.calls or self.refusal)

    def say(self, text: str) -> None:
        """Take in plain text."""
        self._text.add(text)

    def add(self, delta: Delta) -> None:
        """Take in what one chunk adds."""
        if delta.content:
            self._text.add(delta.content)
        thought = delta.reasoning_content or delta.reasoning
        if thought:
            self._thought.add(thought)
        if delta.refusal:
            self.refusal += delta.refusal
        for call in delta.tool_calls or ():
            self._add_call(call)

    def _add_call(self, piece: ToolDelta) -> None:
        """Join a piece to its call: a new id begins a new call, whatever the index says, for servers get it wrong."""
        calls, function = self.calls, piece.function
        if function and (function.name == ANSWER_TOOL or (self.answering and piece.id in (None, self.answering))):
            self.answering = piece.id or self.answering or ANSWER_TOOL
            self.say(function.arguments or "")
            return
        known = next((c for c in calls if piece.id and c["id"] == piece.id), None)
        if known is None and not piece.id and calls:
            at = piece.index if piece.index is not None and 0 <= piece.index < len(calls) else len(calls) - 1
            known = calls[at]
        if known is None:
            known = {"id": piece.id or f"call_{len(calls)}", "name": "", "arguments": ""}
            calls.append(known)
        if function:
            known["name"] = known["name"] or function.name or ""
            known["arguments"] += function.arguments or ""

    def end(self, reason: str) -> None:
        """Take in why it ended; a structured answer, given by a call of `ANSWER_TOOL`, is an answer and no call."""
        self.finish_reason = "stop" if reason == "tool_calls" and self.answering and not self.calls else reason


class Reply:
    """What a model answered.

    text, reasoning, tool_calls, finish_reason: of the first of `choices`. value: the parsed object where a schema was asked.
    partial: True when the answer was stopped or cut. usage, cost: None when the provider told none. raw: the answer's
    JSON, or the list of a stream's chunks. first, total: seconds to the first token and to the end. notes: what was done
    to the request on the way (a picture shrunk, turns left out).
    """

    def __init__(self, *, model: str = "", provider: str = "", show: str = "markdown") -> None:
        self.model = model
        self.provider = provider
        self.show = show
        self.show_footer = True
        self.id: str | None = None
        self.choices: list[Completion] = [Completion()]
        self.usage: Usage | None = None
        self.cost: Cost | None = None
        self.limits: RateLimit | None = None
        self.value: Any = None
        self.citations: list[tuple[str, str]] = []
        self.partial = False
        self.done = False
        self.first: float | None = None
        self.total: float | None = None
        self.notes: list[str] = []
        self.steps: list[str] = []
        self._events: list[bytes] = []
        self._told: dict[str, Any] = {}
        self._before: Reply | None = None
        self._drawing: ReplyDrawing | None = None
        self._reader: Reader | None = None

    @property
    def text(self) -> str:
        """What was answered so far."""
        return self.choices[0].text

    @property
    def reasoning(self) -> str:
        """What was thought before, where the provider tells."""
        return self.choices[0].reasoning

    @property
    def tool_calls(self) -> list[dict[str, str]]:
        """What it wants to have called."""
        return self.choices[0].tool_calls

    @property
    def finish_reason(self) -> str | None:
        """Why it ended; None while it goes on, or where nobody told."""
        return self.choices[0].finish_reason

    @property
    def raw(self) -> Any:
        """The answer as it came: one JSON object, or a stream's chunks in a list."""
        chunks = [_loads(event) for event in self._events]
        return chunks[0] if len(chunks) == 1 else chunks

    @property
    def carried(self) -> Sequence[dict[str, Any]]:
        """What must go back as it came with the results of its tool calls: Anthropic's signed thinking."""
        return self._reader.carried if self._reader is not None else ()

    @property
    def complete(self) -> bool:
        """True when the server said that it was done: a finish reason, or `[DONE]`."""
        return self.done or any(c.finish_reason for c in self.choices)

    @property
    def started(self) -> bool:
        """True once anything that the user wants to see has come."""
        return any(choice.started for choice in self.choices)

    @property
    def advice(self) -> str:
        """What the finish reason means for the user; empty when all is well."""
        if self.partial:
            return "partial: the answer was broken off"
        told = _ADVICE.get(self.finish_reason or "", "")
        if not told and not self.text and self.reasoning and self.complete and not self.tool_calls:
            return "only reasoning came, no answer: raise --max_tokens"
        return told

    def add(self, event: bytes) -> None:
        """Take in one event's data. Raises StreamError for an error in the stream, APIError for an error in place of an answer."""
        if event == b"[DONE]":
            self.done = True
            return
        chunk = decode(event)
        if chunk is None:
            return
        self._events.append(event)
        if chunk.choices:
            self._add_choices(chunk)
        elif chunk.type is not None or chunk.output is not None:
            chunk = self._translated(event, chunk)
        if chunk.id:
            self.id = chunk.id
        if chunk.usage is not None or chunk.meta is not None or chunk.x_groq is not None:
            self._add_numbers(chunk)
        if chunk.model:
            self.model = chunk.model
        if chunk.citations or chunk.search_results:
            self.citations = links(chunk.search_results or chunk.citations)
        if chunk.error is not None:
            raise _error(chunk.error, started=self.started or len(self._events) > 1)

    def _translated(self, event: bytes, chunk: Chunk) -> Chunk:
        """An event of another dialect as a chunk, its choices taken in."""
        if chunk.type == "error" and chunk.error is None:
            chunk.error = decode_object(event)
        if self._reader is None:
            self._reader = reader_of(chunk)
        if self._reader is None:
            return chunk
        told = self._reader.chunk(event)
        told.meta = told.meta if told.meta is not None else chunk.meta
        told.error = told.error or chunk.error
        self._add_choices(told)
        return told

    def _add_choices(self, chunk: Chunk) -> None:
        for choice in chunk.choices or ():
            at = choice.index or 0
            while len(self.choices) <= at < 1024:
                self.choices.append(Completion())
            mine = self.choices[at]
            if choice.delta is not None:
                mine.add(choice.delta)
            elif choice.message is not None:
                mine.add(choice.message)
            if choice.text:
                mine.say(choice.text)
            if choice.finish_reason:
                mine.end(choice.finish_reason)

    def _add_numbers(self, chunk: Chunk) -> None:
        usage = chunk.usage
        if usage is None and isinstance(chunk.x_groq, dict):
            usage = chunk.x_groq.get("usage")
        self.usage = Usage.from_json(usage) or self.usage
        self.cost = Cost.from_json({"meta": chunk.meta, "usage": usage}) or self.cost
        timings = chunk.meta.get("timings") if isinstance(chunk.meta, dict) else None
        if isinstance(timings, dict):
            self._told = timings

    def follow(self, before: Reply) -> None:
        """Take over what a round of tool calls before this one showed and used."""
        self.steps = before.steps
        self._before = before

    def settle(self) -> None:
        """Add up tokens and cost over the rounds of tool calls; a round that told none makes the sum unknown."""
        before, self._before = self._before, None
        if before is not None:
            self.usage = before.usage + self.usage if before.usage and self.usage else None
            self.cost = before.cost + self.cost if before.cost and self.cost else None
            self.first = before.first
            self.total = (before.total or 0) + (self.total or 0)

    def time(self, first: float | None, total: float) -> None:
        """Note the seconds measured here, unless the answer (sandbox, cassette) carries its own, which stay the same."""
        first_ms, total_ms = self._told.get("first_ms"), self._told.get("total_ms")
        self.first = first_ms / 1000 if isinstance(first_ms, int | float) else first
        self.total = total_ms / 1000 if isinstance(total_ms, int | float) else total

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"Reply({shorten(self.text, 60)!r}, model={self.model!r})"

    @property
    def drawing(self) -> ReplyDrawing:
        """How it is drawn, made when first asked for."""
        if self._drawing is None:
            from .drawing import ReplyDrawing

            self._drawing = ReplyDrawing(self)
        return self._drawing

    def _live_html_(self) -> str:
        return self.drawing.html(final=False)

    def _twin_(self) -> str:
        return self.drawing.twin()

    def _footer_(self) -> str:
        return self.drawing.footer()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/html": self.drawing.html(final=True), "text/plain": self.drawing.twin()}


def links(found: Any) -> list[tuple[str, str]]:
    """Title and address of each source, from a list of addresses or of `{"title":, "url":}`."""
    out = []
    for item in found if isinstance(found, Sequence) and not isinstance(found, str) else ():
        url = item if isinstance(item, str) else item.get("url") if isinstance(item, dict) else None
        title = item.get("title") if isinstance(item, dict) else None
        if isinstance(url, str) and url.startswith(("https://", "http://")):
            out.append((title if isinstance(title, str) and title else url, url))
    return out


def _error(error: Any, *, started: bool) -> APIError:
    told: Mapping[str, Any] = error if isinstance(error, dict) else {"message": str(error)}
    message = shorten(str(told.get("message") or told.get("detail") or "the provider reported an error"), 300)
    code = told.get("code")
    if not started and isinstance(code, int) and 400 <= code < 600:
        return status_error(code)(message, status_code=code, body=error)
    kind = "server" if isinstance(code, int) and code >= 500 else "stream"
    return StreamError(message, kind=kind, advice="What came is kept; run the cell again.")


def _loads(event: bytes) -> Any:
    try:
        return json.loads(event)
    except ValueError:
        return event.decode("utf-8", "replace")
