"""Model: one row of a provider's list, as a value: what it is called, what it takes and gives, what it costs.

It reads the AI/ML API's rich rows and the bare ones of other servers. Prices are reckoned only where the list fixes them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from ..costs import Cost, Usage

#: The medium by a word in the catalogue's type, or in a path; the first that fits. Types of tomorrow will be named alike.
_MEDIA = (
    ("speech-to-text", "transcript"),
    ("/stt", "transcript"),
    ("text-to-speech", "speech"),
    ("/tts", "speech"),
    ("video", "video"),
    ("audio", "music"),
    ("music", "music"),
    ("image", "image"),
    ("embedding", "embedding"),
    ("optical-character", "ocr"),
    ("ocr", "ocr"),
    ("3d", "mesh"),
    ("chat", "chat"),
    ("responses", "chat"),
    ("messages", "chat"),
)


class Model(Struct, frozen=True):
    """One model under one type of endpoint. context and output_max: tokens, None where unknown."""

    id: str
    aliases: tuple[str, ...] = ()
    type: str = ""
    name: str = ""
    developer: str = ""
    description: str = ""
    context: int | None = None
    output_max: int | None = None
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    pricing: Mapping[str, Any] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, row: Any) -> Model | None:
        """From one row of any server's list; None for a row without an id."""
        if isinstance(row, str):
            return cls(row)
        if not isinstance(row, Mapping):
            return None
        name = row.get("id") or row.get("name") or row.get("model")
        if not isinstance(name, str) or not name:
            return None
        info = row.get("info")
        info = info if isinstance(info, Mapping) else row
        modalities = row.get("modalities")
        modalities = modalities if isinstance(modalities, Mapping) else {}
        return cls(
            name,
            _words(row.get("aliases")),
            _text(row.get("type")),
            _text(info.get("name")),
            _text(info.get("developer")) or _text(row.get("owned_by")),
            _text(info.get("description")),
            _positive(info.get("contextLength") or row.get("context_length") or row.get("max_model_len")),
            _positive(info.get("outputMax")),
            _words(modalities.get("input")),
            _words(modalities.get("output")),
            _words(row.get("capabilities")),
            row["pricing"] if isinstance(row.get("pricing"), Mapping) else {},
            row,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The id and the aliases."""
        return (self.id, *self.aliases)

    @property
    def medium(self) -> str:
        """What it makes: chat, image, video …; empty where the list does not tell."""
        medium = next((medium for word, medium in _MEDIA if word in self.type), "")
        return "mesh" if medium == "image" and _is_solid(self.outputs) else medium

    @property
    def schema_url(self) -> str:
        """Where its request schema is (`info.docsJson`); empty where the provider publishes none."""
        info = self.raw.get("info")
        return _text(info.get("docsJson")) if isinstance(info, Mapping) else ""

    def cost(self, usage: Usage | None) -> Cost | None:
        """What the tokens of `usage` cost at the listed price; None where the price isn't fixed by the token."""
        rates = self.rates()
        if usage is None or usage.input is None or usage.output is None or not {"input", "output"} <= rates.keys():
            return None
        return Cost(usage.input * rates["input"] + usage.output * rates["output"], None, "catalogue")

    def rates(self) -> dict[str, float]:
        """US dollars a unit by what is measured (`input`, `output` for tokens), where the price is fixed."""
        units = self.pricing.get("units") if self.pricing.get("kind") == "fixed" else None
        found: dict[str, float] = {}
        for unit in units if isinstance(units, list) else ():
            with contextlib.suppress(TypeError, ValueError, KeyError, ZeroDivisionError, AttributeError):
                found[str(unit.get("measure") or unit["name"])] = float(unit["price"]) / float(unit.get("per") or 1)
        return found

    def estimate(self, payload: Mapping[str, Any], defaults: Mapping[str, Any] | None = None) -> Cost | None:
        """What a generation with this payload will cost, where the list fixes it by the picture, second or request.

        defaults: what the model uses for parameters that the payload leaves out. None where that cannot be known.
        """
        told = {**(defaults or {}), **payload}
        if self.pricing.get("kind") == "variants":
            return _variant(self.pricing, told)
        units = self.pricing.get("units") if self.pricing.get("kind") == "fixed" else None
        if not isinstance(units, list) or len(units) != 1 or not isinstance(units[0], Mapping):
            return None
        return _priced(units[0], _text(units[0].get("name")) or _text(units[0].get("measure")), told)

    @property
    def price(self) -> str:
        """The price in words, or "price unknown"."""
        rates = self.rates()
        if {"input", "output"} <= rates.keys():
            return f"${rates['input'] * 1e6:g} in, ${rates['output'] * 1e6:g} out for a million tokens"
        units = self.pricing.get("units") if self.pricing.get("kind") == "fixed" else None
        told = [text for unit in (units if isinstance(units, list) else ()) if (text := _each(unit))]
        variants = self.pricing.get("variants") if self.pricing.get("kind") == "variants" else None
        for variant in variants if isinstance(variants, list) else ():
            with contextlib.suppress(TypeError, ValueError, KeyError, ZeroDivisionError, AttributeError):
                when = ", ".join(f"{k} {v}" for k, v in variant.get("when", {}).items())
                told.append(
                    f"${float(variant['price']) / float(variant.get('per') or 1):g} a {variant['unit']} at {when}"
                )
        return "; ".join(told) or "price unknown"


def _each(unit: Any) -> str:
    """The price of one unit in words: of a picture or second, of a million tokens; empty when it cannot be read."""
    with contextlib.suppress(TypeError, ValueError, KeyError, ZeroDivisionError, AttributeError):
        name = _text(unit.get("name")) or _text(unit["measure"])
        rate = float(unit["price"]) / float(unit.get("per") or 1)
        return f"${rate * 1e6:g} for a million tokens" if name == "token" else f"${rate:g} for each {name}"
    return ""


def _variant(pricing: Mapping[str, Any], told: Mapping[str, Any]) -> Cost | None:
    """The cost by the one variant whose conditions all hold; None when none or several do."""
    found = [
        variant
        for variant in pricing.get("variants") or ()
        if isinstance(variant, Mapping) and _holds(variant.get("when"), told)
    ]
    return _priced(found[0], _text(found[0].get("unit")), told) if len(found) == 1 else None


def _holds(when: Any, told: Mapping[str, Any]) -> bool:
    return isinstance(when, Mapping) and all(str(told.get(k)).lower() == str(v).lower() for k, v in when.items())


def _priced(entry: Mapping[str, Any], unit: str, told: Mapping[str, Any]) -> Cost | None:
    count = _count(unit, told)
    if count is None:
        return None
    try:
        return Cost(count * float(entry["price"]) / float(entry.get("per") or 1), None, "catalogue")
    except (TypeError, ValueError, KeyError, ZeroDivisionError):
        return None


def _count(unit: str, told: Mapping[str, Any]) -> float | None:
    """How many of a unit the payload asks for; None for a unit that only the answer tells."""
    pictures = _number(told.get("num_images") or told.get("n") or 1)
    known = {
        "image": pictures,
        "request": 1.0,
        "generation": 1.0,
        "second": _number(told.get("duration")),
        "character": float(len(told["text"])) if isinstance(told.get("text"), str) else None,
    }
    return known.get(unit.removesuffix("s"))


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _is_solid(outputs: tuple[str, ...]) -> bool:
    return bool({"3d", "mesh", "model", "3d-model"} & {each.lower() for each in outputs})


def _words(value: Any) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list | tuple) else ()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _positive(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None
