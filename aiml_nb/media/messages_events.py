"""The answers of Anthropic's Messages API (`POST /v1/messages`), read: each event, or a whole answer, as a chat `Chunk`.

After https://docs.anthropic.com/en/docs/build-with-claude/streaming. Lenient: what is not as documented is left out.
It knows nothing of requests, replies or HTTP.
"""

from __future__ import annotations

import json
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

#: Why an answer ended, in the words of chat completions; others pass as they are.
REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}

#: The events of a stream, and `message`, the type of a whole answer.
TYPES = frozenset(
    "message message_start content_block_start content_block_delta content_block_stop message_delta message_stop ping".split()
)


class MessagesReader:
    """Reads the events of one answer; it remembers the blocks, which later events name by their index.

    carried: the blocks of thinking as they came, signed; they must go back with the results of the tools it called.
    """

    def __init__(self) -> None:
        self.carried: list[dict[str, Any]] = []
        self._blocks: dict[Any, dict[str, Any]] = {}
        self._usage: dict[str, Any] = {}
        self._sources: list[dict[str, Any]] = []
        self._reason: str | None = None

    def chunk(self, event: bytes) -> Chunk:
        """What one event adds. Raises StreamError for what is no JSON."""
        told = decode_event(event)
        if told.type == "message":
            return self._whole(decode_object(event) or {})
        read = self._READ.get(told.type) if isinstance(told.type, str) else None
        return Chunk() if read is None else read(self, told)

    def _start(self, told: Event) -> Chunk:
        message = as_dict(told.message)
        return Chunk(
            id=as_text(message.get("id")) or None,
            model=as_text(message.get("model")) or None,
            usage=self._used(message.get("usage")),
            meta=message.get("meta"),
        )

    def _block(self, told: Event) -> Chunk:
        """A block was begun. Its text is empty as a rule, and its input too."""
        block = as_dict(told.content_block)
        kind = block.get("type")
        self._blocks[_index(told)] = block
        if kind in ("thinking", "redacted_thinking"):
            self.carried.append(block)
            return said(reasoning=as_text(block.get("thinking")))
        if kind != "tool_use":
            return said(content=as_text(block.get("text"))) if kind == "text" else Chunk()
        block.setdefault("id", f"call_{told.index}")
        return said(tool_calls=[_call(block)])

    def _delta(self, told: Event) -> Chunk:
        delta = as_dict(told.delta)
        read = self._DELTAS.get(as_text(delta.get("type")))
        return Chunk() if read is None else read(self, delta, self._blocks.setdefault(_index(told), {}))

    def _text(self, delta: dict[str, Any], _: dict[str, Any]) -> Chunk:
        return said(content=as_text(delta.get("text")))

    def _thought(self, delta: dict[str, Any], block: dict[str, Any]) -> Chunk:
        thought = as_text(delta.get("thinking"))
        block["thinking"] = as_text(block.get("thinking")) + thought
        return said(reasoning=thought)

    def _signature(self, delta: dict[str, Any], block: dict[str, Any]) -> Chunk:
        block["signature"] = as_text(block.get("signature")) + as_text(delta.get("signature"))
        return Chunk()

    def _input(self, delta: dict[str, Any], block: dict[str, Any]) -> Chunk:
        """A piece of a tool call's input; that of a tool which the provider runs is its own affair."""
        if block.get("type", "tool_use") != "tool_use":
            return Chunk()
        function = Function(arguments=as_text(delta.get("partial_json")))
        return said(tool_calls=[ToolDelta(id=as_text(block.get("id")) or None, function=function)])

    def _citation(self, delta: dict[str, Any], _: dict[str, Any]) -> Chunk:
        self._sources.append(as_dict(delta.get("citation")))
        return Chunk(citations=self._sources)

    def _numbers(self, told: Event) -> Chunk:
        reason = as_text(as_dict(told.delta).get("stop_reason"))
        self._reason = REASONS.get(reason, reason) or self._reason
        choices = [Choice(finish_reason=self._reason)] if self._reason else None
        return Chunk(choices=choices, usage=self._used(told.usage))

    def _stop(self, _: Event) -> Chunk:
        self._reason = self._reason or "stop"
        return Chunk(choices=[Choice(finish_reason=self._reason)])

    def _used(self, usage: Any) -> dict[str, Any] | None:
        """The counts told so far, in OpenAI's words: a stream tells those of the prompt first and the rest at the end."""
        self._usage |= {name: count for name, count in as_dict(usage).items() if count is not None}
        return counts(self._usage) if self._usage else None

    def _whole(self, answer: dict[str, Any]) -> Chunk:
        blocks = as_dicts(answer.get("content"))
        kinds: dict[str, list[dict[str, Any]]] = {}
        for block in blocks:
            kinds.setdefault(as_text(block.get("type")), []).append(block)
        self.carried = [b for b in blocks if b.get("type") in ("thinking", "redacted_thinking")]
        reason = as_text(answer.get("stop_reason")) or "end_turn"
        message = Delta(
            "".join(as_text(block.get("text")) for block in kinds.get("text", ())) or as_text(answer.get("content")),
            reasoning="\n\n".join(as_text(block.get("thinking")) for block in kinds.get("thinking", ())),
            tool_calls=[_call({"id": f"call_{at}", **b}) for at, b in enumerate(kinds.get("tool_use", ()))],
        )
        return Chunk(
            id=as_text(answer.get("id")) or None,
            model=as_text(answer.get("model")) or None,
            choices=[Choice(message=message, finish_reason=REASONS.get(reason, reason))],
            usage=self._used(answer.get("usage")),
            meta=answer.get("meta"),
            citations=[source for block in kinds.get("text", ()) for source in as_dicts(block.get("citations"))],
        )

    _READ: ClassVar[dict[str, Callable[[Any, Event], Chunk]]] = {
        "message_start": _start,
        "content_block_start": _block,
        "content_block_delta": _delta,
        "message_delta": _numbers,
        "message_stop": _stop,
    }

    _DELTAS: ClassVar[dict[str, Callable[[Any, dict[str, Any], dict[str, Any]], Chunk]]] = {
        "text_delta": _text,
        "thinking_delta": _thought,
        "signature_delta": _signature,
        "input_json_delta": _input,
        "citations_delta": _citation,
    }


def counts(usage: dict[str, Any]) -> dict[str, Any]:
    """Anthropic's counts in OpenAI's words. What the cache held is no part of Anthropic's `input_tokens`."""
    if "prompt_tokens" in usage:
        return usage
    told_in = _count(usage.get("input_tokens"))
    read, written = _count(usage.get("cache_read_input_tokens")), _count(usage.get("cache_creation_input_tokens"))
    sent = None if told_in is None else told_in + (read or 0) + (written or 0)
    return {
        "prompt_tokens": sent,
        "completion_tokens": _count(usage.get("output_tokens")),
        "prompt_tokens_details": {"cached_tokens": read},
    }


def _call(block: dict[str, Any]) -> ToolDelta:
    given = block.get("input")
    arguments = json.dumps(given, ensure_ascii=False) if given else ""
    return ToolDelta(id=as_text(block.get("id")) or None, function=Function(as_text(block.get("name")), arguments))


def _index(told: Event) -> int | None:
    return told.index if isinstance(told.index, int) else None


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
