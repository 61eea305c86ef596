"""Checks a request body against the small part of JSON schema that `data/` uses, and says no as the provider does.

Not a JSON schema library: type, enum, bounds, lengths, anyOf, items and properties are all there is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from .refusal import Refusal, invalid

_KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def check(body: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    """Raise Refusal 400 for the first field that breaks `schema`, or that it does not list. null counts as not given."""
    properties = schema["properties"]
    for name in schema.get("required", ()):
        if body.get(name) is None:
            raise invalid(name, "Required")
    for name, value in body.items():
        if name not in properties:
            raise invalid(name, f"Unrecognized key. This model takes: {', '.join(sorted(properties))}")
        if value is not None:
            _check(name, value, properties[name])


def _check(where: str, value: Any, schema: Mapping[str, Any]) -> None:
    if "anyOf" in schema:
        return _any(where, value, schema["anyOf"])
    kind = schema.get("type")
    if kind and not _is(value, kind):
        raise invalid(where, f"Expected {kind}, received {_name(value)}")
    if "enum" in schema and value not in schema["enum"]:
        expected = " | ".join(f"'{choice}'" for choice in schema["enum"])
        raise invalid(where, f"Invalid enum value. Expected {expected}, received '{str(value)[:80]}'")
    _bounds(where, value, schema)
    if isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            _check(f"{where}[{index}]", item, schema["items"])
    if isinstance(value, dict):
        for name in schema.get("required", ()):
            if name not in value:
                raise invalid(f"{where}.{name}", "Required")
        _members(where, value, schema.get("properties", {}))
    return None


def _members(where: str, value: Mapping[str, Any], properties: Mapping[str, Any]) -> None:
    """The members of an object that lists what it may hold; one that lists nothing holds anything."""
    for name, inner in value.items() if properties else ():
        if name not in properties:
            raise invalid(f"{where}.{name}", f"Unrecognized key. Expected {', '.join(sorted(properties))}")
        if inner is not None:
            _check(f"{where}.{name}", inner, properties[name])


def _any(where: str, value: Any, choices: list[Mapping[str, Any]]) -> None:
    fitting = [choice for choice in choices if _is(value, choice["type"])]
    if not fitting:
        raise invalid(where, f"Expected {' or '.join(choice['type'] for choice in choices)}, received {_name(value)}")
    try:
        _check(where, value, fitting[0])
    except Refusal:
        if len(fitting) == 1:
            raise
        _check(where, value, fitting[1])


def _bounds(where: str, value: Any, schema: Mapping[str, Any]) -> None:
    size, low, high = value, "minimum", "maximum"
    if isinstance(value, str):
        size, low, high = len(value), "minLength", "maxLength"
    elif isinstance(value, list):
        size, low, high = len(value), "minItems", "maxItems"
    elif isinstance(value, bool | dict):
        return
    unit = "" if low == "minimum" else " characters" if isinstance(value, str) else " elements"
    if low in schema and size < schema[low]:
        raise invalid(where, f"Must be greater than or equal to {schema[low]}{unit}, received {size}")
    if high in schema and size > schema[high]:
        raise invalid(where, f"Must be less than or equal to {schema[high]}{unit}, received {size}")


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _KINDS[kind]) and not (isinstance(value, float) and math.isnan(value))


def _name(value: Any) -> str:
    if value is None:
        return "null"
    return next(
        (kind for kind in ("boolean", "integer", "number", "string", "array", "object") if _is(value, kind)), "NaN"
    )
