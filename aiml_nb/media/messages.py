"""Anthropic's Messages API (`POST /v1/messages`) as a dialect of chat, for the models that exist only there.

After https://docs.anthropic.com/en/api/messages. The system prompt stands beside the messages, which alternate between user
and assistant; tool calls and their results are blocks of content. Some models want the same shapes at the path of chat
completions. Its answers are read in `messages_events`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..content import Message
from ..errors import InvalidRequestError
from ..schema import ChatFeatures
from . import parts
from .dialect import Dialect

#: The longest answer when nobody says how long it may be, in tokens: the API must be told one.
MAX_TOKENS = 4096

FEATURES = ChatFeatures(
    shape="messages",
    system="param",
    roles=frozenset({"user", "assistant"}),
    parts=frozenset({"text", "image", "document"}),
    max_tokens_required=True,
    stream_options=False,
    tools="anthropic",
    response_format=frozenset(),
    response_format_name="",
    effort="thinking",
    stop="stop_sequences",
    image_part="image",
    image_sources=frozenset({"base64", "url"}),
    file_part="document",
    audio_part=None,
    video_part=None,
    temperature=(0.0, 1.0),
)


def turns(messages: Sequence[Message], features: ChatFeatures) -> list[dict[str, Any]]:
    """Messages as turns that alternate: results of tools are the user's, and neighbours of one role become one turn."""
    merged: list[tuple[str, list[dict[str, Any]]]] = []
    for message in messages:
        role = "assistant" if message.role == "assistant" else "user"
        blocks = _blocks(message, features)
        if merged and merged[-1][0] == role:
            merged[-1][1].extend(blocks)
        elif blocks:
            merged.append((role, blocks))
    return [{"role": role, "content": _plain(blocks)} for role, blocks in merged]


def _blocks(message: Message, features: ChatFeatures) -> list[dict[str, Any]]:
    """One message's blocks; the API takes no empty text."""
    files = [parts.part(a, features) for a in message.attachments]
    words = [{"type": "text", "text": message.content}] if message.content.strip() else []
    if message.role == "tool":
        content = [*words, *files] if files else message.content
        return [{"type": "tool_result", "tool_use_id": message.tool_call_id or "", "content": content}]
    return [*words, *files, *(_tool_use(call) for call in message.tool_calls)]


def _plain(blocks: list[dict[str, Any]]) -> Any:
    """Text alone goes as text."""
    return blocks[0]["text"] if len(blocks) == 1 and blocks[0]["type"] == "text" else blocks


def _tool_use(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call.get("function", {})
    arguments = function.get("arguments") or "{}"
    try:
        given = json.loads(arguments)
    except ValueError:
        given = None
    given = given if isinstance(given, dict) else {"arguments": arguments}
    return {"type": "tool_use", "id": call.get("id", ""), "name": function.get("name", ""), "input": given}


def finish(body: dict[str, Any], features: ChatFeatures) -> None:
    """Fill in the limit where the API must be told one, and refuse what it would refuse."""
    if body["messages"][0]["role"] != "user":
        raise InvalidRequestError(
            "the first message is not the user's", param="messages", advice="Begin the talk with a user message."
        )
    thought = body.get("thinking")
    budget = thought.get("budget_tokens", 0) if isinstance(thought, dict) else 0
    if features.max_tokens_required:
        body.setdefault("max_tokens", MAX_TOKENS + budget)
    if budget >= body.get("max_tokens", budget + 1):
        raise InvalidRequestError(
            f"max_tokens is {body['max_tokens']}, which thinking alone may use up: {budget}",
            param="max_tokens",
            advice="Raise it, or lower --effort.",
        )
    forced = isinstance(body.get("tool_choice"), dict) and body["tool_choice"].get("type") in ("tool", "any")
    if forced and isinstance(thought, dict) and thought.get("type") != "disabled":
        raise InvalidRequestError(
            "this model cannot think and give a structured answer in one call",
            param="schema",
            advice="Leave out --effort.",
        )


DIALECT = Dialect(
    "/v1/messages",
    ("anthropic/messages",),
    "messages",
    FEATURES,
    frozenset({"temperature", "max_tokens", "stop", "effort"}),
    turns,
    finish,
)

#: The body of a request; see `Dialect.payload`.
payload = DIALECT.payload
