"""What a chat model takes: the shape of a conversation, roles, content parts, tools, limits. Media build from it, `chat` reads it.

Three shapes are known: chat completions, Anthropic's messages (at either path), responses. Nothing here builds a message.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class ChatFeatures(Struct, frozen=True):
    """What a chat model takes.

    shape: which API its messages have. system: as a `role` in the messages, as a `param` named `system_name`, or to be
    `fold`ed into the first user message. roles, parts: the `role`s of messages and the `type`s of a user's content parts.
    max_tokens: its name, empty where there is none. tools: the shape of a tool. response_format: the types it can be, at
    `response_format_name`. effort: the dotted name that takes it, `thinking` for Anthropic's, empty for none.
    image_part: `image_url` (OpenAI), `image` (Anthropic's source), `input_image` (responses), or None; the other parts alike.
    image_sources: how Anthropic's source may come, `base64` and `url`.
    temperature: lowest and highest, None where the model takes none.
    """

    shape: Literal["chat", "messages", "responses"] = "chat"
    system: Literal["role", "param", "fold"] = "role"
    system_name: str = "system"
    roles: frozenset[str] = frozenset({"system", "developer", "user", "assistant", "tool"})
    parts: frozenset[str] = frozenset({"text", "image_url", "file", "input_audio", "video_url"})
    max_tokens: str = "max_tokens"
    max_tokens_minimum: int = 1
    max_tokens_required: bool = False
    stream: bool = True
    stream_options: bool = True
    tools: Literal["openai", "anthropic", "responses"] | None = "openai"
    response_format: frozenset[str] = frozenset({"text", "json_object", "json_schema"})
    response_format_name: str = "response_format"
    effort: str = "reasoning_effort"
    stop: str = "stop"
    image_part: str | None = "image_url"
    image_sources: frozenset[str] = frozenset()
    file_part: str | None = "file"
    audio_part: str | None = "input_audio"
    video_part: str | None = "video_url"
    temperature: tuple[float, float] | None = (0.0, 2.0)
