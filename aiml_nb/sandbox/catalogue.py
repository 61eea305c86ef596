"""The sandbox's models, read from `models.json`: found by id or alias, and written as the provider's catalogue entries.

The ids are real ones, so that a notebook runs unchanged with a key. Prices are zero, as everything here is.
"""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any
from urllib.parse import urlencode

from .refusal import CREATED, Refusal

#: The catalogue's `type`, the path and the output modality of each medium.
TYPES = {
    "chat": ("openai/chat-completions", "/v1/chat/completions", "text"),
    "image": ("openai/image-generations", "/v1/images/generations", "image"),
    "embedding": ("openai/embeddings", "/v1/embeddings", "embedding"),
}
SECTIONS = frozenset({"pricing", "modalities", "capabilities"})


@dataclass(frozen=True, slots=True)
class Model:
    """One model: its id, aliases, medium (`chat`, `image`, `embedding`) and what `models.json` says of it."""

    id: str
    aliases: tuple[str, ...]
    medium: str
    facts: Mapping[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """The id and every alias."""
        return (self.id, *self.aliases)

    @property
    def parameters(self) -> dict[str, Any]:
        """The JSON schema of each parameter beyond the common ones."""
        shared = _data()["parameters"]
        return {name: shared[name] for name in self.facts.get("parameters", ())}


@functools.cache
def _data() -> Any:
    return json.loads(resources.files(__package__).joinpath("models.json").read_text("utf-8"))


@functools.cache
def models() -> tuple[Model, ...]:
    """Every model of the sandbox, in the order of the file."""
    return tuple(Model(row["id"], tuple(row["aliases"]), row["medium"], row) for row in _data()["models"])


def find(name: str) -> Model | None:
    """The model of that id or alias, upper or lower case."""
    return next((model for model in models() if name.lower() in model.names), None)


def require(name: Any, medium: str) -> Model:
    """The model of that name for that medium; Refusal 400 without a name, 404 with the nearest names otherwise."""
    if not isinstance(name, str) or not name:
        raise Refusal(400, "Body validation error! model: Required, a model id such as " + _of(medium)[0])
    model = find(name)
    if model is None:
        raise Refusal(404, f"Model {name[:80]!r} not found. {nearest(name, _of(medium))}")
    if model.medium != medium:
        raise Refusal(404, f"Model {model.id!r} is for {model.medium}, not {medium}. {nearest('', _of(medium))}")
    return model


def nearest(name: str, names: Iterable[str]) -> str:
    """A sentence with the names closest to `name`, or all of them when none is close."""
    names = list(names)
    close = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.5)
    if close:
        return f"Nearest: {', '.join(close)}."
    return f"The sandbox has: {', '.join(name for name in names if '/' in name or len(names) < 5)}."


def entry(model: Model, origin: str, sections: Iterable[str] = ()) -> dict[str, Any]:
    """The catalogue entry, in the provider's form with OpenAI's fields beside.

    origin: where this server answers, for the `docsJson` link. sections: of `SECTIONS`.
    """
    facts, (kind, _, output) = model.facts, TYPES[model.medium]
    query = urlencode({"model": model.id, "endpoint": kind})
    info = {
        name: facts[name]
        for name in ("name", "developer", "description", "contextLength", "outputMax")
        if name in facts
    }
    row: dict[str, Any] = {
        "id": model.id,
        "object": "model",
        "created": CREATED,
        "owned_by": facts["developer"],
        "type": kind,
        "aliases": list(model.aliases),
        "tags": ["sandbox"],
        "info": info | {"docsJson": f"{origin}/docs-json?{query}"},
    }
    more = {
        "modalities": {"input": facts["input"], "output": [output]},
        "capabilities": facts["capabilities"],
        "pricing": _price(model),
    }
    return row | {name: more[name] for name in more if name in sections}


def schema(model: Model) -> dict[str, Any]:
    """The JSON schema of the model's request body."""
    text = {"type": "string", "minLength": 1}
    fields: dict[str, tuple[dict[str, Any], list[str]]] = {
        "chat": (_CHAT, ["model", "messages"]),
        "image": (_IMAGE | {"prompt": text}, ["model", "prompt"]),
        "embedding": (_EMBEDDING, ["model", "input"]),
    }
    properties, required = fields[model.medium]
    properties = {"model": {"type": "string", "enum": list(model.names)}} | properties | model.parameters
    if "sizes" in model.facts:
        properties["size"] = {"type": "string", "enum": model.facts["sizes"]}
    return {"type": "object", "properties": properties, "required": required}


def _of(medium: str) -> list[str]:
    return [name for model in models() if model.medium == medium for name in model.names]


def _price(model: Model) -> dict[str, Any]:
    measures = {"chat": ("input", "output"), "embedding": ("input",), "image": ("output",)}[model.medium]
    unit, per = ("image", 1) if model.medium == "image" else ("token", 1_000_000)
    units = [{"name": unit, "measure": measure, "price": 0, "per": per} for measure in measures]
    return {"kind": "fixed", "currency": "USD", "units": units}


_CHAT: dict[str, Any] = {
    "messages": {"type": "array", "items": {"type": "object"}, "minItems": 1},
    "max_tokens": {"type": "integer", "minimum": 1},
    "max_completion_tokens": {"type": "integer", "minimum": 1},
    "stream": {"type": "boolean", "default": False},
    "stream_options": {"type": "object"},
    "temperature": {"type": "number", "minimum": 0, "maximum": 2},
    "top_p": {"type": "number", "minimum": 0, "maximum": 1},
    "frequency_penalty": {"type": "number", "minimum": -2, "maximum": 2},
    "presence_penalty": {"type": "number", "minimum": -2, "maximum": 2},
    "n": {"type": "integer", "minimum": 1, "maximum": 8},
    "seed": {"type": "integer", "minimum": 1},
    "stop": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "maxItems": 4}]},
    "tools": {"type": "array", "items": {"type": "object"}},
    "parallel_tool_calls": {"type": "boolean"},
    "response_format": {"type": "object"},
    "reasoning_effort": {"type": "string", "enum": ["minimal", "low", "medium", "high"]},
}
_IMAGE: dict[str, Any] = {
    "n": {"type": "integer", "minimum": 1, "maximum": 10, "default": 1},
    "size": {"type": "string"},
    "seed": {"type": "integer", "minimum": 1},
    "response_format": {"type": "string", "enum": ["url", "b64_json"], "default": "url"},
    "user": {"type": "string"},
}
_EMBEDDING: dict[str, Any] = {
    "input": {"anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "minItems": 1, "maxItems": 2048}]},
    "encoding_format": {"type": "string", "enum": ["float", "base64"], "default": "float"},
    "dimensions": {"type": "integer", "minimum": 1},
    "user": {"type": "string"},
}
