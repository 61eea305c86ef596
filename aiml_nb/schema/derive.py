"""A value for what a model needs and nobody gave: the default, the only choice, the first of several, the least allowed.

Nothing is made up: where a schema gives no hint there is no value. What was chosen among several is told, for a note.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from .conform import conform
from .form import Parameter
from .reading import Schema, is_nullable, leaves, types_of
from .rules import value_at


def derive(schema: Schema) -> tuple[Any, str] | None:
    """A value and how it was chosen (empty where there was no choice), or None."""
    for leaf in [schema, *leaves(schema)]:
        if leaf.get("default") is not None:
            value, faults = conform({**schema, "default": None}, leaf["default"])
            if not faults:
                return value, ""
    if is_nullable(schema):
        return None, ""
    for leaf in leaves(schema):
        made = _of_leaf(leaf)
        if made is not None:
            return made
    return None


def _of_leaf(schema: Schema) -> tuple[Any, str] | None:
    choices = [value for value in schema.get("enum") or () if value is not None]
    if choices:
        return choices[0], f"the first of {len(choices)}" if len(choices) > 1 else ""
    kind = (types_of(schema) or [""])[0]
    least = _least(schema, whole=kind == "integer") if kind in ("integer", "number") else None
    if least is not None:
        return least, "the least allowed"
    if kind == "boolean":
        return False, "as nobody asked for it"
    if kind == "array" and schema.get("items"):
        inner = derive(schema["items"])
        return ([inner[0]] * max(1, schema.get("minItems") or 1), inner[1] or "the only choice") if inner else None
    return _of_object(schema) if kind == "object" else None


def _least(schema: Schema, *, whole: bool) -> float | None:
    """The least number allowed; None where there is none, as above 0."""
    low, over = schema.get("minimum"), schema.get("exclusiveMinimum")
    if over is None or over is False:
        return low
    edge = low if over is True else over
    return math.floor(edge) + 1 if whole and edge is not None else None


def fill_inner(value: Any, inner: Sequence[Parameter]) -> None:
    """Set required members, `inner`, of an object that was given in part, where the schema has a default or one value."""
    if not isinstance(value, dict):
        return
    for parameter in inner:
        *way, last = parameter.name.split(".")[1:]
        branch = value_at(value, ".".join(way)) if way else value
        if isinstance(branch, dict) and last not in branch and parameter.default is not None:
            branch[last] = parameter.default


def _of_object(schema: Schema) -> tuple[Any, str] | None:
    """The required members; an object that needs none stays empty."""
    made: dict[str, Any] = {}
    told = ""
    for name in schema.get("required") or ():
        inner = derive((schema.get("properties") or {}).get(name) or {})
        if inner is None:
            return None
        made[name], told = inner[0], told or inner[1]
    return made, told
