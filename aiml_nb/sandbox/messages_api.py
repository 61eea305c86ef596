"""POST /v1/messages: Anthropic's chat path, whole or as typed events; answers come from `writing` as in chat."""

from __future__ import annotations

import json
from typing import Any

from . import asked
from .asked import Asked
from .base import Handler
from .chat_api import ask, last_text
from .tokens import digest, meta, pieces
from .writing import Written, write

_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}
_EMPTY = {"text": {"text": ""}, "thinking": {"thinking": "", "signature": ""}, "tool_use": {"input": {}}}
_DELTAS = {"text": ("text_delta", "text"), "thinking": ("thinking_delta", "thinking"), "tool_use": ("input_json_delta", "partial_json")}  # fmt: skip


class MessagesHandler(Handler):
    """Messages."""

    def prompt(self, body: dict[str, Any]) -> str:
        """The text in which a fault may be asked for."""
        return last_text(body.get("messages"))

    async def answer(self, body: dict[str, Any]) -> None:
        """Answer a POST."""
        model = self.wanted(body, "messages")
        request = ask(body | {"messages": plain(body["messages"])}, model)
        written = await self.apart(write, request)
        self.tokens = (request.tokens, written.tokens)
        message = complete(f"msg_{digest(body)[:24]}", request, written)
        if body.get("stream"):
            await self.stream(events(message), named=True)
        else:
            await self.reply(message)


def plain(messages: list[Any]) -> list[Any]:
    """Messages with tool calls and results moved to where OpenAI has them, which is how `asked` reads them."""
    out: list[Any] = []
    for message in messages:
        content = message.get("content") if isinstance(message, dict) else None
        parts = [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
        for part in parts:
            if part.get("type") == "tool_result":
                text = part.get("content")
                text = asked.system(text)[0].text if isinstance(text, list) and text else str(text or "")
                out.append({"role": "tool", "tool_call_id": part.get("tool_use_id"), "content": text})
        calls = [_call(part) for part in parts if part.get("type") == "tool_use"]
        if parts and all(part.get("type") == "tool_result" for part in parts):
            continue
        out.append(message | {"tool_calls": calls} if calls else message)
    return out


def _call(part: dict[str, Any]) -> dict[str, Any]:
    arguments = json.dumps(part.get("input") or {}, ensure_ascii=False)
    return {"id": part.get("id"), "type": "function", "function": {"name": part.get("name"), "arguments": arguments}}


def complete(message_id: str, request: Asked, written: Written) -> dict[str, Any]:
    """The finished message."""
    content: list[dict[str, Any]] = []
    if written.reasoning:
        content.append({"type": "thinking", "thinking": written.reasoning, "signature": digest(written.reasoning)})
    if written.text:
        content.append({"type": "text", "text": written.text})
    for call in written.calls:
        told = {"id": call["id"].replace("call_", "toolu_"), "name": call["function"]["name"]}
        content.append({"type": "tool_use", **told, "input": json.loads(call["function"]["arguments"])})
    return {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": request.model.id,
        "content": content,
        "stop_reason": _REASONS[written.finish],
        "stop_sequence": None,
        "usage": {
            "input_tokens": request.tokens,
            "output_tokens": written.tokens,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0,
        },
        "meta": meta(written.text),
    }


def events(message: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The typed events of a stream that build up `message`; `meta` rides on the last one."""
    begun = {key: value for key, value in message.items() if key != "meta"}
    begun |= {"content": [], "stop_reason": None, "usage": message["usage"] | {"output_tokens": 1}}
    out: list[dict[str, Any]] = [{"type": "message_start", "message": begun}, {"type": "ping"}]
    for index, part in enumerate(message["content"]):
        kind, name = _DELTAS[part["type"]]
        out.append({"type": "content_block_start", "index": index, "content_block": part | _EMPTY[part["type"]]})
        deltas = [{"type": kind, name: piece} for piece in _pieces(part)]
        out += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas]
        out.append({"type": "content_block_stop", "index": index})
    ends = {"stop_reason": message["stop_reason"], "stop_sequence": message["stop_sequence"]}
    out.append({"type": "message_delta", "delta": ends, "usage": {"output_tokens": message["usage"]["output_tokens"]}})
    out.append({"type": "message_stop", "meta": message["meta"]})
    return [(event["type"], event) for event in out]


def _pieces(part: dict[str, Any]) -> list[str]:
    if part["type"] != "tool_use":
        return pieces(part[part["type"]])
    text = json.dumps(part["input"], ensure_ascii=False)
    return [text[at : at + 12] for at in range(0, len(text), 12)]
