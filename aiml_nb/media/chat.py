"""Chat: a prompt and what came before it as a request, and the answer, streamed or whole, as a Reply.

Pure: values in, a payload out; events in, a Reply out. It knows OpenAI's chat shapes and nothing of HTTP, the store or
the notebook.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from aiml_nb.content import Attachment, Base64, Message
from aiml_nb.errors import InvalidRequestError

from .reply import Completion, Reply

__all__ = ["TYPES", "WORDS", "Completion", "Reply", "payload"]

#: The catalogue types that this medium serves.
TYPES = ("openai/chat-completions",)

#: The common vocabulary, and the names it may have on the wire, the likeliest first.
WORDS: dict[str, tuple[str, ...]] = {
    "temperature": ("temperature",),
    "max_tokens": ("max_tokens", "max_completion_tokens"),
    "seed": ("seed",),
    "stop": ("stop", "stop_sequences"),
    "effort": ("reasoning_effort",),
}

_AUDIO_FORMATS = {"audio/wav": "wav", "audio/mpeg": "mp3", "audio/flac": "flac", "audio/ogg": "ogg", "audio/mp4": "m4a"}


def payload(
    prompt: str,
    *,
    model: str,
    attachments: Sequence[Attachment] = (),
    messages: Iterable[Message] = (),
    system: str | None = None,
    stream: bool = True,
    schema: dict[str, Any] | None = None,
    tools: Sequence[dict[str, Any]] = (),
    **params: Any,
) -> dict[str, Any]:
    """The body of `POST /v1/chat/completions`.

    prompt: the new user message; empty when `messages` already end with one.
    messages: what came before, in order. system: put first, in place of a system message among them.
    schema: `{"name":, "schema":, "strict":}` that the answer must fit. tools: function declarations. params: common or own names.
    """
    turns = [m for m in messages if not (system and m.role in ("system", "developer"))]
    if system:
        turns.insert(0, Message("system", system))
    if prompt or attachments:
        turns.append(Message("user", prompt, tuple(attachments)))
    if not any(m.role in ("user", "tool") for m in turns):
        raise InvalidRequestError(
            "there is no user message to answer", param="messages", advice="Write a prompt in the cell."
        )
    body: dict[str, Any] = {"model": model, "messages": [wire(m) for m in turns]}
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    if schema:
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    if tools:
        body["tools"] = [{"type": "function", "function": dict(tool)} for tool in tools]
    body |= {WORDS[name][0] if name in WORDS else name: value for name, value in params.items()}
    return body


def wire(message: Message) -> dict[str, Any]:
    """One message as OpenAI's JSON; attachments become content parts, their bytes lazy leaves."""
    parts = [_part(a) for a in message.attachments]
    content: Any = (
        [{"type": "text", "text": message.content}, *parts] if parts and message.content else parts or message.content
    )
    out: dict[str, Any] = {"role": message.role, "content": content}
    if message.name:
        out["name"] = message.name
    if message.tool_calls:
        out["tool_calls"] = [dict(call) for call in message.tool_calls]
        out["content"] = content or None
    if message.tool_call_id:
        out["tool_call_id"] = message.tool_call_id
    return out


def _part(attachment: Attachment) -> dict[str, Any]:
    kind, link = attachment.kind, attachment.url
    data: Any = link or Base64(attachment, prefix=f"data:{attachment.mime};base64,")
    if kind == "image":
        return {"type": "image_url", "image_url": {"url": data}}
    if kind == "video":
        return {"type": "video_url", "video_url": {"url": data}}
    if kind == "audio":
        return {"type": "input_audio", "input_audio": {"data": link or Base64(attachment), **_audio_format(attachment)}}
    if kind == "pdf" and not link:
        return {"type": "file", "file": {"filename": attachment.name or "document.pdf", "file_data": data}}
    if kind == "text" and not link:
        name, text = attachment.name or "text", attachment.read().decode("utf-8", "replace")
        return {"type": "text", "text": f"{name}:\n\n{text}"}
    if link:
        return {"type": "text", "text": link}
    raise InvalidRequestError(
        f"a chat cannot take {attachment.label}: {attachment.mime}",
        param="attach",
        advice="It takes images, PDF, audio, video and text; convert the file, or put what matters of it in the prompt.",
    )


def _audio_format(attachment: Attachment) -> dict[str, str]:
    name = _AUDIO_FORMATS.get(attachment.mime)
    return {"format": name} if name else {}


def from_json(answer: dict[str, Any], *, model: str = "") -> Reply:
    """A Reply from a whole answer."""
    reply = Reply(model=model)
    reply.add(json.dumps(answer).encode())
    return reply
