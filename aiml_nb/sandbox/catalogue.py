"""The sandbox's models, read from `data/`: found by id or alias, and written as the provider's catalogue entries.

The ids are real ones, so that a notebook runs unchanged with a key. Prices are zero, as everything here is. A model may
answer at several endpoints (a chat model at /chat/completions and /responses) and then has a row and a schema for each.
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

from .conversing import published
from .refusal import CREATED, Refusal

#: The catalogue's `type`, the path and the output modality of each endpoint.
ENDPOINTS = {
    "chat": ("openai/chat-completions", "/v1/chat/completions", "text"),
    "responses": ("openai/responses/submit", "/v1/responses", "text"),
    "messages": ("anthropic/messages", "/v1/messages", "text"),
    "image": ("openai/image-generations", "/v1/images/generations", "image"),
    "edit": ("openai/image-editing", "/v1/images/edits", "image"),
    "video": ("internal/video-generations/submit", "/v2/video/generations", "video"),
    "speech": ("internal/text-to-speech", "/v1/tts", "audio"),
    "music": ("internal/audio-generations/submit", "/v2/generate/audio", "audio"),
    "transcript": ("internal/speech-to-text/submit", "/v1/stt/create", "text"),
    "ocr": ("internal/optical-character-recognition", "/v1/ocr", "text"),
    "embedding": ("openai/embeddings", "/v1/embeddings", "embedding"),
    "mesh": ("openai/image-generations", "/v1/images/generations", "3d"),
}
SECTIONS = frozenset({"pricing", "modalities", "capabilities"})

#: The medium that an endpoint is one of several for.
_KIN = {"chat": "chat", "responses": "chat", "messages": "chat", "edit": "image"}
#: What is priced, and by how many, at each endpoint.
_UNITS = {"image": ("image", 1), "edit": ("image", 1), "video": ("second", 1), "mesh": ("request", 1), "ocr": ("page", 1), "music": ("request", 1), "speech": ("character", 1000), "transcript": ("second", 1)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Model:
    """One model: its id, aliases, medium (`chat`, `image`, `video` …) and what `data/models.json` says of it."""

    id: str
    aliases: tuple[str, ...]
    medium: str
    facts: Mapping[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """The id and every alias."""
        return (self.id, *self.aliases)

    @property
    def endpoints(self) -> tuple[str, ...]:
        """Where it answers, the usual one first."""
        return tuple(self.facts.get("endpoints", (self.medium,)))


@functools.cache
def _data(name: str) -> Any:
    return json.loads(resources.files(__package__).joinpath("data", name).read_text("utf-8"))


@functools.cache
def models() -> tuple[Model, ...]:
    """Every model of the sandbox, in the order of the file."""
    rows = _data("models.json")["models"]
    return tuple(Model(row["id"], tuple(row["aliases"]), row["medium"], row) for row in rows)


def find(name: str) -> Model | None:
    """The model of that id or alias, upper or lower case."""
    return next((model for model in models() if name.lower() in model.names), None)


def require(name: Any, *endpoints: str) -> Model:
    """The model of that name for one of those endpoints; Refusal 400 without a name, 404 with the nearest names otherwise."""
    known = [each for model in models() if set(endpoints) & set(model.endpoints) for each in model.names]
    if not isinstance(name, str) or not name:
        raise Refusal(400, "Body validation error! model: Required, a model id such as " + known[0])
    model = find(name)
    if model is None:
        raise Refusal(404, f"Model {name[:80]!r} not found. {nearest(name, known)}")
    if set(endpoints) & set(model.endpoints):
        return model
    if _KIN.get(endpoints[0]) == model.medium:
        where = " or ".join(ENDPOINTS[each][1] for each in model.endpoints)
        raise Refusal(404, f"Model {model.id!r} is not at {ENDPOINTS[endpoints[0]][1]}, but at {where}.")
    raise Refusal(404, f"Model {model.id!r} is for {model.medium}, not {endpoints[0]}. {nearest('', known)}")


def nearest(name: str, names: Iterable[str]) -> str:
    """A sentence with the names closest to `name`, or all of them when none is close."""
    names = list(names)
    close = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.5)
    if close:
        return f"Nearest: {', '.join(close)}."
    return f"The sandbox has: {', '.join(name for name in names if '/' in name or len(names) < 5)}."


def entry(model: Model, endpoint: str, origin: str, sections: Iterable[str] = ()) -> dict[str, Any]:
    """The catalogue entry of a model at one of its endpoints, in the provider's form with OpenAI's fields beside.

    origin: where this server answers, for the `docsJson` link. sections: of `SECTIONS`.
    """
    facts, (kind, _, output) = model.facts, ENDPOINTS[endpoint]
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
        "pricing": _price(endpoint),
    }
    return row | {name: more[name] for name in more if name in sections}


def schema(model: Model, endpoint: str) -> dict[str, Any]:
    """The JSON schema of the model's request at one of its endpoints, as /docs-json shows it."""
    known = accepted(model, endpoint)
    if model.medium != "chat":
        return known
    shape = model.facts.get("groups", {}).get(endpoint, endpoint)
    system = not model.facts.get("no_system")
    return known | {"properties": published(known["properties"], shape, model.facts["input"], system=system)}


def accepted(model: Model, endpoint: str) -> dict[str, Any]:
    """The schema that a request is checked against: as published, with conversations left open, which `asked` looks into."""
    group = model.facts.get("groups", {}).get(endpoint, endpoint)
    common = {} if "required" in model.facts and endpoint == model.medium else _data("parameters.json")["groups"][group]
    own = model.facts.get("parameters", {}) if endpoint == model.medium else {}
    fields = {name: _field(name, told) for name, told in {**common.get("parameters", {}), **own}.items()}
    return {
        "type": "object",
        "properties": {"model": {"type": "string", "enum": list(model.names)}} | fields,
        "required": ["model", *(common or model.facts)["required"]],
        "additionalProperties": False,
    }


def default(model: Model, name: str) -> Any:
    """The default of a model's parameter; None where it has none, or no such parameter."""
    return schema(model, model.endpoints[0])["properties"].get(name, {}).get("default")


def _field(name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter: as all models have it, changed by what is told of this one; null takes a rule away."""
    field = {**_data("parameters.json")["shared"].get(name, {}), **told}
    return {key: value for key, value in field.items() if value is not None}


def _price(endpoint: str) -> dict[str, Any]:
    unit, per = _UNITS.get(endpoint, ("token", 1_000_000))
    measures = ("input", "output") if ENDPOINTS[endpoint][2] == "text" and unit == "token" else ("output",)
    measures = ("input",) if endpoint == "embedding" else measures
    units = [{"name": unit, "measure": measure, "price": 0, "per": per} for measure in measures]
    return {"kind": "fixed", "currency": "USD", "units": units}
