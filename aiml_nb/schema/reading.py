"""Reading a JSON schema: its types, its alternatives, and what it allows in words for people.

OpenAPI 3.0's dialect: `nullable`, boolean exclusive bounds; JSON Schema's own spelling of both is understood too. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from .problem import listing

Schema = Mapping[str, Any]

NAMES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}


def types_of(schema: Schema) -> list[str]:
    """The JSON types that the schema names, or that its other words imply; none for anything."""
    named = schema.get("type")
    if isinstance(named, str):
        return [named]
    if isinstance(named, list):
        return [kind for kind in named if kind != "null"]
    if "properties" in schema or "required" in schema:
        return ["object"]
    return ["array"] if "items" in schema else []


def is_nullable(schema: Schema) -> bool:
    """True when null is a value of the schema's."""
    named = schema.get("type")
    if schema.get("nullable") or named == "null" or (isinstance(named, list) and "null" in named):
        return True
    return any(is_nullable(branch) for way in ("anyOf", "oneOf") for branch in schema.get(way) or ())


def leaves(schema: Schema) -> Iterator[Schema]:
    """The alternatives of a schema, opened to the last one; those that only stand for null are left out."""
    ways = [branch for way in ("anyOf", "oneOf", "allOf") for branch in schema.get(way) or ()]
    for branch in ways:
        yield from leaves(branch)
    if (types_of(schema) or "enum" in schema or not ways) and set(schema) - {"nullable", "description"}:
        yield schema


def describe(schema: Schema) -> str:
    """What a value may be, for people: `1 to 4`, `jpeg or png`, `text of at most 500 characters`."""
    told = list(dict.fromkeys(describe_one(leaf) for leaf in leaves(schema)))
    return " or ".join(told[:4]) or "anything"


def describe_one(schema: Schema) -> str:
    """What one alternative allows, for people."""
    if "enum" in schema:
        return listing(schema["enum"])
    kind = (types_of(schema) or [""])[0]
    if kind in ("integer", "number"):
        return _numbers(schema, "a whole number" if kind == "integer" else "a number")
    if kind == "string":
        return _amount(schema, "text", "Length", " of {} characters")
    if kind == "array":
        return _amount(schema, f"a list of {_items(schema)}", "Items", ", {} of them")
    if kind == "object" and schema.get("properties"):
        return f"an object with {listing(schema['properties'], 6).replace(' or ', ' and ')}"
    return NAMES.get(kind, "anything")


def _items(schema: Schema) -> str:
    items = schema.get("items") or {}
    kinds = {kind for leaf in leaves(items) for kind in types_of(leaf)}
    return {"string": "texts", "object": "objects"}.get(kinds.pop(), "numbers") if len(kinds) == 1 else "values"


def _numbers(schema: Schema, noun: str) -> str:
    """`1 to 4`, `a number above 0`, `a whole number up to 10`."""
    low, high = schema.get("minimum"), schema.get("maximum")
    over, under = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    open_low = low if over is True else over if is_number(over) else None
    open_high = high if under is True else under if is_number(under) else None
    if open_low is None and open_high is None:
        if low is not None and high is not None:
            return f"{number(low)} to {number(high)}"
        return (
            f"{noun} from {number(low)} on"
            if low is not None
            else f"{noun} up to {number(high)}"
            if high is not None
            else noun
        )
    told = (
        [f"above {number(open_low)}"] if open_low is not None else [f"from {number(low)} on"] if low is not None else []
    )
    told += (
        [f"below {number(open_high)}"]
        if open_high is not None
        else [f"up to {number(high)}"]
        if high is not None
        else []
    )
    return f"{noun} {', '.join(told)}"


def _amount(schema: Schema, noun: str, of: str, unit: str) -> str:
    """`text of at most 500 characters`, `a list of texts, 1 to 4 of them`."""
    low, high = schema.get(f"min{of}") or 0, schema.get(f"max{of}")
    if high is None:
        return f"{noun}{unit.format(f'at least {low:,}')}" if low > 1 or (low and of == "Items") else noun
    return f"{noun}{unit.format(f'{low:,} to {high:,}' if low > 1 else f'at most {high:,}')}"


def number(value: Any) -> str:
    """A number without a needless `.0` or exponent."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def is_number(value: Any) -> bool:
    """True for a finite number that is no truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
