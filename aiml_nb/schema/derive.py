"""A value for what a model needs and nobody gave: the default, the only choice, the first of several, the least allowed.

Nothing is made up: where a schema gives no hint there is no value. What was chosen among several is told, for a note.
"""

from __future__ import annotations

from typing import Any

from .conform import conform
from .reading import Schema, leaves, types_of


def derive(schema: Schema) -> tuple[Any, str] | None:
    """A value and how it was chosen (empty where there was no choice), or None."""
    for leaf in [schema, *leaves(schema)]:
        if leaf.get("default") is not None:
            value, faults = conform({**schema, "default": None}, leaf["default"])
            if not faults:
                return value, ""
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
    if (
        kind in ("integer", "number")
        and schema.get("minimum") is not None
        and schema.get("exclusiveMinimum") is not True
    ):
        return schema["minimum"], "the least allowed"
    if kind == "boolean":
        return False, "as nobody asked for it"
    if kind == "array" and schema.get("items"):
        inner = derive(schema["items"])
        return ([inner[0]] * max(1, schema.get("minItems") or 1), inner[1] or "the only choice") if inner else None
    return _of_object(schema) if kind == "object" else None


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
