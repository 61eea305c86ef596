"""What a chat request asks, in one shape whatever dialect it came in: OpenAI's chat and responses, Anthropic's parts.

Decodes attachments and checks roles; knows neither HTTP nor what will be answered.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from .catalogue import Model
from .reading import Received
from .refusal import Refusal, invalid
from .tokens import PER_ATTACHMENT, PER_MESSAGE, count

ROLES = ("system", "developer", "user", "assistant", "tool", "function")
_TEXTS = ("text", "input_text", "output_text", "refusal")
#: Parts that carry a file, and what a model must read to take them.
_MEDIA = {
    "image_url": "image", "input_image": "image", "image": "image", "video_url": "video", "input_audio": "audio",
    "file": "file", "input_file": "file", "document": "file",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Heard:
    """One message: role, text, attachments; for tools, the calls it makes or the id of the call it answers."""

    role: str
    text: str = ""
    received: tuple[Received, ...] = ()
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """One function that the model may call: its name, what it is for, and the JSON schema of its arguments."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A chat request. limit: tokens, or None. format: None, "json_object", or a JSON schema. think: show reasoning. choice: a tool's name, "auto", "required" or "none"."""

    model: Model
    messages: tuple[Heard, ...]
    tools: tuple[Tool, ...] = ()
    choice: str = "auto"
    parallel: bool = True
    format: Any = None
    limit: int | None = None
    stop: tuple[str, ...] = field(default=())
    think: bool = False

    @property
    def prompt(self) -> Heard:
        """The last message of the user; an empty one when there is none."""
        return next((m for m in reversed(self.messages) if m.role == "user"), Heard("user"))

    @property
    def tokens(self) -> int:
        """Tokens of the whole request."""
        return sum(PER_MESSAGE + count(m.text) + PER_ATTACHMENT * len(m.received) for m in self.messages)


def messages(raw: Any, model: Model) -> tuple[Heard, ...]:
    """Chat messages; Refusal 400 names the one at fault."""
    if not isinstance(raw, list) or not raw:
        raise invalid("messages", "Required, a list with at least one message")
    return tuple(_message(item, f"messages[{index}]", model) for index, item in enumerate(raw))


def system(raw: Any) -> tuple[Heard, ...]:
    """The system prompt that stands outside the messages, as Anthropic wants it: a text, or text parts."""
    if not raw:
        return ()
    text, _ = _content(raw, "system")
    return (Heard("system", text),)


def items(raw: Any, instructions: Any, model: Model) -> tuple[Heard, ...]:
    """Messages from the `input` of a responses request: a text, or a list of items."""
    heard = [_message({"role": "system", "content": instructions}, "instructions", model)] if instructions else []
    if isinstance(raw, str):
        return (*heard, Heard("user", raw))
    if not isinstance(raw, list) or not raw:
        raise invalid("input", "Required, a text or a list of items")
    for index, item in enumerate(raw):
        heard += _item(item, f"input[{index}]", model)
    return tuple(heard)


def _item(item: Any, where: str, model: Model) -> list[Heard]:
    kind = item.get("type", "message") if isinstance(item, dict) else None
    if kind == "message":
        return [_message(item, where, model)]
    if kind == "function_call":
        call = {
            "id": item.get("call_id", ""),
            "function": {"name": item.get("name", ""), "arguments": item.get("arguments", "")},
        }
        return [Heard("assistant", tool_calls=(call,))]
    if kind == "function_call_output":
        output = item.get("output", "")
        text = output if isinstance(output, str) else json.dumps(output)
        return [Heard("tool", text, tool_call_id=str(item.get("call_id", "")))]
    if kind == "reasoning":
        return []
    raise invalid(where, f"Unknown item type {str(kind)[:40]!r}")


def _message(item: Any, where: str, model: Model) -> Heard:
    if not isinstance(item, dict):
        raise invalid(where, "Expected object with role and content")
    role = item.get("role")
    if role not in ROLES:
        expected = " | ".join(f"'{name}'" for name in ROLES)
        raise invalid(f"{where}.role", f"Invalid enum value. Expected {expected}, received '{str(role)[:40]}'")
    if role in ("system", "developer") and model.facts.get("no_system"):
        raise Refusal(400, f"Unsupported value: '{where}.role' does not support '{role}' with this model.")
    calls = item.get("tool_calls") or []
    if item.get("content") is None and not calls and role != "assistant":
        raise invalid(f"{where}.content", "Required")
    text, received = _content(item.get("content"), f"{where}.content", model.facts["input"])
    return Heard(role, text, received, tuple(calls), str(item.get("tool_call_id") or ""))


def _content(content: Any, where: str, reads: Sequence[str] = ()) -> tuple[str, tuple[Received, ...]]:
    if content is None or isinstance(content, str):
        return content or "", ()
    if not isinstance(content, list):
        raise invalid(where, "Expected a text or a list of parts")
    texts, received = [], []
    for index, part in enumerate(content):
        kind = part.get("type") if isinstance(part, dict) else None
        if kind in _TEXTS:
            texts.append(str(part.get("text") or part.get("refusal") or ""))
        elif kind in _MEDIA:
            if _MEDIA[kind] not in reads:
                raise invalid(
                    f"{where}[{index}].type", f"This model does not read {kind} parts, but {', '.join(reads)}"
                )
            received.append(_part(part, kind, f"{where}[{index}]"))
        elif kind not in ("thinking", "tool_use", "tool_result"):
            raise invalid(
                f"{where}[{index}].type", f"Invalid part. Expected text | {' | '.join(_MEDIA)}, received '{kind}'"
            )
    return "\n\n".join(texts), tuple(received)


def _part(part: Mapping[str, Any], kind: str, where: str) -> Received:
    inner = part.get(kind, part)
    if isinstance(inner, str):  # responses: {"type": "input_image", "image_url": "data:…"}
        inner = {"url": inner}
    source = inner.get("source") or part.get("source")
    name = str(inner.get("filename") or part.get("title") or "")
    if isinstance(
        source, dict
    ):  # Anthropic: {"type": "image", "source": {"type": "base64", "media_type": …, "data": …}}
        if source.get("type") == "text":
            return Received(str(source.get("data", "")).encode(), name)
        inner = {"url": source.get("url"), "data": source.get("data")}
    value = (
        inner.get("url")
        or inner.get("image_url")
        or inner.get("file_data")
        or inner.get("file_url")
        or inner.get("data")
    )
    if not isinstance(value, str) or not value:
        if inner.get("file_id"):
            return Received(name=name, url=f"file {inner['file_id']}")
        raise invalid(where, f"The {kind} part has neither data nor a URL")
    return _decode(value, name, where)


def _decode(value: str, name: str, where: str) -> Received:
    if value.startswith(("http://", "https://")):
        return Received(name=name, url=value)
    if value.startswith("data:"):
        head, comma, body = value.partition(",")
        if not comma:
            raise invalid(where, "A data: URL needs a comma before its data")
        if not head.endswith(";base64"):
            return Received(unquote_to_bytes(body), name)
        value = body
    try:
        return Received(base64.b64decode(value, validate=True), name)
    except (binascii.Error, ValueError):
        raise invalid(where, "The data is not valid base64 (nor an http or data: URL)") from None


def tools(raw: Any) -> tuple[Tool, ...]:
    """Function tools in OpenAI's chat or responses shape or in Anthropic's; Refusal 400 for one without a name."""
    found = []
    for index, item in enumerate(raw or ()):
        if not isinstance(item, dict):
            raise invalid(f"tools[{index}]", "Expected object")
        inner = item.get("function") or item
        if item.get("type", "function") not in ("function", "custom"):
            continue  # a provider's own tool, such as web search: nothing to call here
        schema = inner.get("parameters") or inner.get("input_schema") or {"type": "object", "properties": {}}
        if not isinstance(inner.get("name"), str) or not isinstance(schema, dict):
            raise invalid(f"tools[{index}]", "A function needs a name, and a JSON schema as its parameters")
        found.append(Tool(inner["name"], str(inner.get("description") or ""), schema))
    return tuple(found)


def choice(raw: Any, tools: tuple[Tool, ...]) -> str:
    """The tool choice as one word: auto, required, none or a tool's name; Refusal 400 for a tool that there is not."""
    if isinstance(raw, dict):
        kind = raw.get("type")
        raw = (raw.get("function") or raw).get("name") or {"any": "required"}.get(str(kind), kind)
    word = {None: "auto", "any": "required"}.get(raw, raw)
    names = [tool.name for tool in tools]
    if word not in ("auto", "required", "none", *names):
        raise invalid("tool_choice", f"Expected auto, required, none or one of {names}, received {str(raw)[:80]!r}")
    return str(word)
