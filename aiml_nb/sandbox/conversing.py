"""What a chat model's conversation may hold, as a JSON schema for /docs-json: roles, parts, tools, forms of an answer.

Written from the model's facts: what it reads, whether it takes a system prompt, and whose shape the endpoint has. What is
sent is checked by `asked`, whose refusals name the message at fault; this only publishes.
"""

from __future__ import annotations

from typing import Any

_TEXT: dict[str, Any] = {"type": "string"}
#: The part for each kind of file, in OpenAI's chat, in Anthropic's messages, and in responses.
PARTS: dict[str, dict[str, tuple[str, ...]]] = {
    "chat": {"image": ("image_url",), "file": ("file",), "audio": ("input_audio",), "video": ("video_url",)},
    "messages": {"image": ("image",), "file": ("document",)},
    "responses": {"image": ("input_image",), "file": ("input_file",)},
}
_URL = "A URL, or the file itself as a base64 data URL."
_INSIDE: dict[str, dict[str, Any]] = {
    "image_url": {"image_url": {"type": "object", "properties": {"url": {"type": "string", "description": _URL}, "detail": {"type": "string", "enum": ["low", "high", "auto"]}}, "required": ["url"]}},
    "file": {"file": {"type": "object", "properties": {"file_data": {"type": "string", "description": "A base64 data URL."}, "filename": _TEXT}}},
    "input_audio": {"input_audio": {"type": "object", "properties": {"data": {"type": "string", "description": "Base64."}, "format": {"type": "string", "enum": ["wav", "mp3"]}}, "required": ["data"]}},
    "video_url": {"video_url": {"type": "object", "properties": {"url": {"type": "string", "description": _URL}}, "required": ["url"]}},
    "input_image": {"image_url": {"type": "string", "description": _URL}},
    "input_file": {"file_data": {"type": "string", "description": "A base64 data URL."}, "filename": _TEXT},
}  # fmt: skip
_SOURCE = {"type": "object", "properties": {"type": {"type": "string", "enum": ["base64"]}, "media_type": _TEXT, "data": _TEXT}, "required": ["type", "media_type", "data"]}  # fmt: skip
_PARAMETERS = {"name": _TEXT, "description": _TEXT, "parameters": {"type": "object"}}
_TOOLS: dict[str, dict[str, Any]] = {
    "chat": {"type": {"type": "string", "enum": ["function"]}, "function": {"type": "object", "properties": _PARAMETERS, "required": ["name"]}},
    "messages": {"name": _TEXT, "description": _TEXT, "input_schema": {"type": "object"}},
    "responses": {"type": {"type": "string", "enum": ["function"]}, **_PARAMETERS},
}  # fmt: skip
_FORMATS = ("text", "json_object", "json_schema")


def published(fields: dict[str, Any], shape: str, reads: list[str], *, system: bool) -> dict[str, Any]:
    """The fields of a chat endpoint with conversation, tools and answer's form spelled out.

    shape: `chat`, `messages` or `responses`. reads: what the model reads beside text. system: it takes a system role.
    """
    conversation = {"type": "array", "minItems": 1, "items": {"oneOf": _messages(shape, reads, system=system)}}
    out = dict(fields)
    if shape == "responses":
        out["input"] = {
            "anyOf": [{"type": "string", "minLength": 1}, conversation],
            "description": fields["input"]["description"],
        }
        out["text"] = {
            "type": "object",
            "properties": {"format": {"oneOf": _formats()}},
            "description": fields["text"]["description"],
        }
    else:
        out["messages"] = conversation | {"description": fields["messages"]["description"]}
    if "response_format" in fields:
        out["response_format"] = {"oneOf": _formats(), "description": fields["response_format"]["description"]}
    out["tools"] = fields["tools"] | {"items": {"type": "object", "properties": _TOOLS[shape]}}
    return out


def _messages(shape: str, reads: list[str], *, system: bool) -> list[dict[str, Any]]:
    word = "input_text" if shape == "responses" else "text"
    parts = [_part(word, {"text": _TEXT})]
    parts += [
        _part(kind, _INSIDE.get(kind, {"source": _SOURCE})) for what in reads for kind in PARTS[shape].get(what, ())
    ]
    own = [_part("output_text" if shape == "responses" else "text", {"text": _TEXT})]
    found = [_message("user", parts), _message("assistant", own)]
    if shape != "messages" and system:
        found += [_message(role, parts[:1]) for role in ("system", "developer")]
    if shape == "chat":
        found.append({"type": "object", "properties": {"role": {"type": "string", "enum": ["tool"]}, "content": _TEXT, "tool_call_id": _TEXT}, "required": ["role", "content"]})  # fmt: skip
    return found


def _message(role: str, parts: list[dict[str, Any]]) -> dict[str, Any]:
    content = {"anyOf": [_TEXT, {"type": "array", "items": {"oneOf": parts}}]}
    return {"type": "object", "properties": {"role": {"type": "string", "enum": [role]}, "content": content}, "required": ["role", "content"]}  # fmt: skip


def _part(kind: str, inside: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"type": {"type": "string", "enum": [kind]}, **inside},
        "required": ["type"],
    }


def _formats() -> list[dict[str, Any]]:
    return [{"type": "object", "properties": {"type": {"type": "string", "enum": [kind]}} | ({"json_schema": {"type": "object"}} if kind == "json_schema" else {}), "required": ["type"]} for kind in _FORMATS]  # fmt: skip
