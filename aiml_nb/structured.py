"""Structured answers: a type that the user has, as a JSON schema for the model, and the answer as an object of that type.

Takes a pydantic model, a dataclass, a TypedDict, a msgspec Struct, or a JSON schema as a dict. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from .errors import APIError, InvalidRequestError, shorten

_FENCE = re.compile(r"^\s*```[\w-]*\s*\n(.*?)\n?\s*```\s*$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Schema:
    """What an answer must fit: `name`, JSON `schema`, whether it is `strict` in OpenAI's sense, and how to read an answer."""

    name: str
    schema: dict[str, Any]
    strict: bool
    convert: Callable[[Any], Any]

    @classmethod
    def of(cls, kind: Any) -> Schema:
        """From the user's type or JSON schema. Raises InvalidRequestError for anything else."""
        if isinstance(kind, Schema):
            return kind
        if isinstance(kind, dict):
            return cls._made(str(kind.get("title") or "answer"), dict(kind), lambda value: value)
        if hasattr(kind, "model_json_schema") and hasattr(kind, "model_validate"):
            return cls._made(kind.__name__, kind.model_json_schema(), kind.model_validate)
        try:
            (top,), definitions = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
        except (TypeError, ValueError) as error:
            raise InvalidRequestError(
                f"{shorten(repr(kind), 60)} cannot be a schema",
                param="schema",
                advice="Use a dataclass, a TypedDict, a pydantic model, or a JSON schema as a dict.",
            ) from error
        if "$ref" in top:
            top = definitions.pop(top["$ref"].rsplit("/", 1)[1])
        schema = {**top, **({"$defs": definitions} if definitions else {})}
        return cls._made(
            getattr(kind, "__name__", "answer"), schema, lambda value: msgspec.convert(value, kind, strict=False)
        )

    @classmethod
    def _made(cls, name: str, schema: dict[str, Any], convert: Callable[[Any], Any]) -> Schema:
        if schema.get("type", "object") != "object":
            raise InvalidRequestError(
                "the schema must be an object at its top",
                param="schema",
                advice="Wrap the list in a class with one field.",
            )
        closed = _closed(schema)
        return cls(re.sub(r"[^\w-]", "_", name)[:64], closed, _strict(closed), convert)

    def request(self) -> dict[str, Any]:
        """The `json_schema` of OpenAI's `response_format`."""
        return {"name": self.name, "schema": self.schema, "strict": self.strict}

    def parse(self, text: str) -> Any:
        """The object in `text`, fences taken off. Raises APIError (kind "protocol") for what does not fit."""
        fenced = _FENCE.match(text)
        try:
            return self.convert(json.loads(fenced[1] if fenced else text))
        except Exception as error:
            raise APIError(
                f"the answer does not fit the schema {self.name}: {shorten(str(error), 200)}",
                advice="The text is in _reply.text. Ask again, or use a model that can do structured output.",
            ) from error


def _closed(schema: Any) -> Any:
    """The schema with each object closed to unknown fields, as strict structured output asks."""
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    out = {key: _closed(value) for key, value in schema.items()}
    if "properties" in out and isinstance(out["properties"], dict):
        out.setdefault("additionalProperties", False)
    return out


def _strict(schema: Any) -> bool:
    """True when every object lists all its properties as required: only then do providers take it as strict."""
    if isinstance(schema, list):
        return all(_strict(item) for item in schema)
    if not isinstance(schema, dict):
        return True
    properties = schema.get("properties")
    if isinstance(properties, dict):
        open_ended = schema.get("additionalProperties") is not False
        if open_ended or set(properties) - set(schema.get("required") or ()):
            return False
    return all(_strict(value) for value in schema.values())
