"""Chat: a prompt and what came before it as a request, and the answer, streamed or whole, as a Reply.

Pure: values in, a payload out; events in, a Reply out. It knows OpenAI's chat completions, which most servers speak, and
nothing of HTTP, the store or the notebook. Its other dialects stand in `responses` and `messages`; `dialects` chooses.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..content import Message
from ..schema import ChatFeatures
from . import parts
from .dialect import Dialect
from .reply import Completion, Reply

__all__ = ["TYPES", "WORDS", "Completion", "Reply", "payload"]

#: The catalogue types that this medium serves, the one to prefer first.
TYPES = ("openai/chat-completions", "openai/responses/submit", "anthropic/messages")

#: The common vocabulary, and the names it may have on the wire, the likeliest first.
WORDS: dict[str, tuple[str, ...]] = {
    "temperature": ("temperature",),
    "max_tokens": ("max_tokens", "max_completion_tokens"),
    "seed": ("seed",),
    "stop": ("stop", "stop_sequences"),
    "effort": ("reasoning_effort",),
}


def turns(messages: Sequence[Message], features: ChatFeatures) -> list[dict[str, Any]]:
    """Messages as OpenAI's JSON, one each."""
    return [wire(message, features) for message in messages]


def wire(message: Message, features: ChatFeatures | None = None) -> dict[str, Any]:
    """One message as OpenAI's JSON; attachments become content parts, their bytes lazy leaves."""
    known = features or ChatFeatures()
    files = [parts.part(a, known) for a in message.attachments]
    content: Any = (
        [parts.text(message.content, known), *files] if files and message.content else files or message.content
    )
    role = "system" if message.role == "developer" and "developer" not in known.roles else message.role
    out: dict[str, Any] = {"role": role, "content": content}
    if message.name:
        out["name"] = message.name
    if message.tool_calls:
        out["tool_calls"] = [dict(call) for call in message.tool_calls]
        out["content"] = content or None
    if message.tool_call_id:
        out["tool_call_id"] = message.tool_call_id
    return out


def from_json(answer: dict[str, Any], *, model: str = "") -> Reply:
    """A Reply from a whole answer, in any dialect."""
    reply = Reply(model=model)
    reply.add(json.dumps(answer).encode())
    return reply


#: `POST /v1/chat/completions`.
DIALECT = Dialect("/v1/chat/completions", TYPES[:1], "messages", ChatFeatures(), frozenset(WORDS), turns)

#: The body of a request; see `Dialect.payload`.
payload = DIALECT.payload
