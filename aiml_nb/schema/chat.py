"""Reads from a chat model's schema what the model takes, as ChatFeatures. It is loaded with the first schema that is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

from msgspec.structs import replace

from .features import ChatFeatures
from .reading import Schema, leaves, types_of

if TYPE_CHECKING:
    from .form import Form


def chat_features(form: Form | None) -> ChatFeatures:
    """The features of a model; of None, those that OpenAI's chat completions have, which any compatible server is tried with."""
    if form is None:
        return ChatFeatures()
    known = form.__dict__.get("_chat_features")
    if known is None:
        known = form.__dict__["_chat_features"] = _read(form)
    assert isinstance(known, ChatFeatures)
    return known


def _read(form: Form) -> ChatFeatures:
    messages = list(_messages(form.properties.get("messages") or form.properties.get("input") or {}))
    roles = frozenset(role for message in messages for role in _enum(message, "role"))
    users = [message for message in messages if "user" in _enum(message, "role")]
    parts = [part for message in users for part in _parts(message)]
    kinds = frozenset(kind for part in parts for kind in _enum(part, "type")) or frozenset({"text"})
    shape = _shape(form)
    limit = next((n for n in ("max_completion_tokens", "max_output_tokens", "max_tokens") if form.takes(n)), "")
    where = next(
        (n for n in ("response_format", "text.format", "output_format", "output_config.format") if form.takes(n)), ""
    )
    kept = next((n for n in ("system", "instructions") if form.takes(n)), "")
    warmth = form.by_name.get("temperature")
    found = ChatFeatures(
        shape=shape,
        system="param"
        if kept and (shape != "chat" or "system" not in roles)
        else "role"
        if "system" in roles
        else "fold",
        system_name=kept or "system",
        roles=roles,
        parts=kinds,
        max_tokens=limit,
        max_tokens_minimum=int(form.by_name[limit].minimum or 1) if limit else 1,
        max_tokens_required=limit in form.required,
        stream=form.takes("stream") and True in (form.by_name["stream"].enum or (True,)),
        stream_options=form.takes("stream_options.include_usage"),
        tools=_tools(form, shape),
        response_format=frozenset(_formats(form, where)),
        response_format_name=where,
        effort=_effort(form),
        stop=next((name for name in ("stop", "stop_sequences") if form.takes(name)), ""),
        image_part=_first(
            kinds, *(("image", "image_url") if shape == "messages" else ("image_url", "image", "input_image"))
        ),
        image_sources=frozenset(_sources(parts)),
        file_part=_first(kinds, *(("document", "file") if shape == "messages" else ("file", "document", "input_file"))),
        audio_part=_first(kinds, "input_audio", "audio_url", "audio"),
        video_part=_first(kinds, "video_url", "video", "input_video"),
        temperature=(float(warmth.minimum or 0), 2.0 if warmth.maximum is None else float(warmth.maximum))
        if warmth
        else None,
    )
    return found if roles or shape != "chat" else _supposed(found, kept=bool(kept), formats=bool(where))


def _supposed(found: ChatFeatures, *, kept: bool, formats: bool) -> ChatFeatures:
    """The features where a schema says nothing of what a message may be: then it may be what OpenAI's may be."""
    usual = ChatFeatures()
    names = ("roles", "parts", "image_part", "file_part", "audio_part", "video_part")
    return replace(
        found,
        **{name: getattr(usual, name) for name in names},
        system=found.system if kept else usual.system,
        response_format=found.response_format or (usual.response_format if formats else frozenset()),
    )


def _shape(form: Form) -> Literal["chat", "messages", "responses"]:
    """By the schema: Anthropic's shape is served at the chat path too."""
    if "input" in form.properties and "messages" not in form.properties:
        return "responses"
    if form.path.endswith("/messages"):
        return "messages"
    messages = list(_messages(form.properties.get("messages") or {}))
    openai = any("system" in _enum(message, "role") or "tool" in _enum(message, "role") for message in messages)
    return "messages" if "system" in form.properties and not openai else "chat"


def _messages(schema: Schema) -> Iterator[Schema]:
    """The kinds of message in a list of them."""
    for leaf in leaves(schema):
        if "array" in types_of(leaf):
            yield from (message for message in leaves(leaf.get("items") or {}) if _enum(message, "role"))


def _parts(message: Schema) -> Iterator[Schema]:
    """The kinds of part that a message's content may have."""
    for leaf in leaves((message.get("properties") or {}).get("content") or {}):
        if "array" in types_of(leaf):
            yield from (part for part in leaves(leaf.get("items") or {}) if _enum(part, "type"))


def _enum(schema: Schema, name: str) -> list[Any]:
    part = (schema.get("properties") or {}).get(name) or {}
    return [value for leaf in leaves(part) for value in leaf.get("enum") or ()]


def _sources(parts: list[Schema]) -> Iterator[str]:
    for part in parts:
        if "image" in _enum(part, "type"):
            for leaf in leaves((part.get("properties") or {}).get("source") or {}):
                yield from _enum(leaf, "type")


def _tools(form: Form, shape: str) -> Literal["openai", "anthropic", "responses"] | None:
    """The shape of a tool: OpenAI's nested function, Anthropic's input_schema, or the flat one of responses."""
    if not form.takes("tools"):
        return None
    kinds = [kind for outer in leaves(form.properties["tools"]) for kind in leaves(outer.get("items") or {})]
    has = [set(kind.get("properties") or ()) for kind in kinds]
    if shape == "messages" and any("input_schema" in names for names in has):
        return "anthropic"
    if any("function" in names for names in has):
        return "openai"
    if any("input_schema" in names for names in has) and shape != "responses":
        return "anthropic"
    return "responses" if shape == "responses" else "openai"


def _formats(form: Form, where: str) -> Iterator[str]:
    for leaf in leaves(form.by_name[where].schema) if where else ():
        yield from _enum(leaf, "type")


def _effort(form: Form) -> str:
    names = (
        "reasoning_effort",
        "reasoning.effort",
        "output_config.effort",
        "thinking_level",
        "thinking",
        "enable_thinking",
    )
    return next((name for name in names if form.takes(name)), "")


def _first(kinds: frozenset[Any], *names: str) -> str | None:
    return next((name for name in names if name in kinds), None)
