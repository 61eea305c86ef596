"""One value against one JSON schema: made to fit where that loses nothing, else told what it may be.

It reads OpenAPI 3.0's dialect: `nullable`, boolean exclusive bounds, properties that are the only ones allowed where they
are listed. What a user types is text: "5" becomes 5 where a number is wanted, "true" becomes true, and a word of a list of
choices takes the schema's own spelling. Pure; it knows nothing of models, words or files but that a `Base64` leaf is text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..content import Base64
from ..content.wording import nearest
from .problem import listing, shown
from .reading import Schema, describe, describe_one, is_nullable, is_number, leaves, number, types_of

_TRUTH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_LOOSE = re.compile(r"[\s_\-]+")
_TAGS = ("type", "role")


@dataclass(frozen=True)
class Fault:
    """What is wrong at one place. at: the names on the way there. why: a clause that follows the name and the value."""

    at: tuple[str | int, ...]
    value: Any
    why: str
    near: str = ""

    @property
    def name(self) -> str:
        """The way there, dotted: `image_size.width`, `messages[2].content`."""
        return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.at).lstrip(".")


def conform(
    schema: Schema, value: Any, at: tuple[str | int, ...] = (), *, loose: bool = True
) -> tuple[Any, list[Fault]]:
    """`value` as the schema has it, and what is wrong with it (none: it fits).

    loose: text may become what was meant by it; without, only what fits as it stands does.
    """
    if value is None:
        return None, [] if is_nullable(schema) else [Fault(at, None, f"must be {describe(schema)}")]
    value = _plain(value)
    faults: list[Fault] = []
    for way in ("allOf", "anyOf", "oneOf"):
        branches = schema.get(way)
        if branches:
            value, found = (_all if way == "allOf" else _any)(schema, branches, value, at, loose)
            faults += found
    if faults:
        return value, faults
    if "enum" in schema:
        return _choice(schema, value, at, loose)
    for kind in types_of(schema) or [""]:
        value, faults = _KINDS.get(kind, _anything)(schema, value, at, loose)
        if not faults:
            break
    return value, faults


def _plain(value: Any) -> Any:
    """Values of NumPy and pandas as Python's, tuples as lists."""
    if isinstance(value, tuple):
        return list(value)
    if not isinstance(value, str | int | float | list | dict | Base64) and hasattr(value, "tolist"):
        return value.tolist()
    return dict(value) if isinstance(value, Mapping) and not isinstance(value, dict) else value


def _all(
    _: Schema, branches: Sequence[Schema], value: Any, at: tuple[str | int, ...], loose: bool
) -> tuple[Any, list[Fault]]:
    faults: list[Fault] = []
    known = {name for branch in branches for name in branch.get("properties") or ()}
    for branch in branches:
        value, found = conform(branch, value, at, loose=loose)
        faults += [fault for fault in found if not (len(fault.at) > len(at) and fault.near and fault.at[-1] in known)]
    return value, faults


def _any(
    schema: Schema, branches: Sequence[Schema], value: Any, at: tuple[str | int, ...], loose: bool
) -> tuple[Any, list[Fault]]:
    """The first branch that fits as it stands, then the first that fits loosely; else what is wrong with the likeliest.

    A branch that says `nullable` and nothing else stands for null, which is none of ours here.
    """
    likely = _likely([branch for branch in branches if set(branch) - {"nullable", "description"}] or branches, value)
    if len(likely) == 1:
        return conform(likely[0], value, at, loose=loose)
    if loose:
        for branch in likely:
            chosen = choose(branch["enum"], value) if "enum" in branch else None
            if chosen is not None:
                return chosen, []
    tried: list[tuple[Any, list[Fault]]] = []
    for ease in (False, True) if loose else (False,):
        tried = [conform(branch, value, at, loose=ease) for branch in likely]
        for fitted, faults in tried:
            if not faults:
                return fitted, []
    deep = [faults for _, faults in tried if any(len(fault.at) > len(at) for fault in faults)]
    if len(deep) == 1 or (deep and isinstance(value, dict)):
        return value, min(deep, key=len)
    return value, [Fault(at, value, f"must be {describe(schema)}")]


def _likely(branches: Sequence[Schema], value: Any) -> Sequence[Schema]:
    """The branches that an object's `type` or `role` leaves open; all of them where that says nothing."""
    if not isinstance(value, dict):
        return branches
    objects = [branch for branch in branches if "object" in types_of(branch)]
    for tag in _TAGS:
        if tag in value:
            objects = [b for b in objects if _tag_fits((b.get("properties") or {}).get(tag), value[tag])] or objects
    opened = [b for b in branches if set(b) & {"anyOf", "oneOf", "allOf"} or not types_of(b)]
    return objects if objects and not opened else branches


def _tag_fits(schema: Schema | None, tag: Any) -> bool:
    return schema is None or "enum" not in schema or tag in schema["enum"]


def _choice(schema: Schema, value: Any, at: tuple[str | int, ...], loose: bool) -> tuple[Any, list[Fault]]:
    choices = schema["enum"]
    for choice in choices:
        if choice == value and isinstance(choice, bool) == isinstance(value, bool):
            return choice, []
    found = choose(choices, value) if loose else None
    if found is not None:
        return found, []
    near = nearest(value, [c for c in choices if isinstance(c, str)]) if isinstance(value, str) else []
    return value, [Fault(at, value, f"must be {listing(choices)}", near[0] if near and len(choices) > 8 else "")]


def choose(choices: Sequence[Any], value: Any) -> Any:
    """The choice that is meant by `value`: upper and lower case, `-` and `_`, a number as text, `8s` and `720`; or None."""
    if not isinstance(value, str | int | float) or (isinstance(value, bool) and str not in map(type, choices)):
        return None
    wanted = str(value).strip().casefold() if not isinstance(value, float) else number(value)
    plain = {str(choice).casefold(): choice for choice in reversed(choices) if choice is not None}
    if wanted in plain:
        return plain[wanted]
    smooth = {_LOOSE.sub("", text): choice for text, choice in plain.items()}
    short = _LOOSE.sub("", wanted)
    for way in (short, f"{short}p", f"{short}s", short.removesuffix("s") if short[:1].isdigit() else short):
        if way and way in smooth and (way == short or short[:1].isdigit()):
            return smooth[way]
    return None


def _string(schema: Schema, value: Any, at: tuple[str | int, ...], loose: bool) -> tuple[Any, list[Fault]]:
    if loose and is_number(value) and is_number(_parsed(schema.get("default"))):
        value = number(value)
    if not isinstance(value, str | Base64):
        quoted = f'; quoted it is text: "{shown(value)}"' if is_number(value) else ""
        return value, [Fault(at, value, f"must be {describe_one(schema)}{quoted}")]
    size, low, high = len(value), schema.get("minLength") or 0, schema.get("maxLength")
    if isinstance(value, str) and (size < low or (high is not None and size > high)):
        return value, [Fault(at, value, f"must be {describe_one(schema)}; it has {size:,}")]
    pattern = schema.get("pattern")
    if pattern and isinstance(value, str) and not _matches(pattern, value):
        return value, [Fault(at, value, f"must match {pattern}")]
    return value, []


def _matches(pattern: str, value: str) -> bool:
    try:
        return re.search(pattern, value) is not None
    except re.error:  # the provider's pattern is in another dialect: it is the judge then
        return True


def _number(schema: Schema, value: Any, at: tuple[str | int, ...], loose: bool) -> tuple[Any, list[Fault]]:
    if loose and isinstance(value, str):
        value = _parsed(value, value)
    whole = "integer" in types_of(schema)
    if whole and isinstance(value, float) and value.is_integer():
        value = int(value)
    if not is_number(value) or (whole and not isinstance(value, int)):
        return value, [Fault(at, value, f"must be {_told(schema, whole)}")]
    return value, [] if _in_range(schema, value) else [Fault(at, value, f"must be {_told(schema, whole)}")]


def _told(schema: Schema, whole: bool) -> str:
    told = describe_one(schema)
    step = schema.get("multipleOf")
    return told + (f", a multiple of {number(step)}" if step and not (whole and step == 1) else "")


def _in_range(schema: Schema, value: float) -> bool:
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if low is not None and (value < low or (above is True and value == low)):
        return False
    if high is not None and (value > high or (below is True and value == high)):
        return False
    if is_number(above) and above is not None and value <= above:
        return False
    if is_number(below) and below is not None and value >= below:
        return False
    step = schema.get("multipleOf")
    return not step or math.isclose(value / step, round(value / step), abs_tol=1e-9)


def _parsed(value: Any, otherwise: Any = None) -> Any:
    """The number that a text is, or `otherwise`."""
    try:
        return int(value)
    except (TypeError, ValueError):
        pass
    try:
        return float(value) if math.isfinite(float(value)) else otherwise
    except (TypeError, ValueError):
        return otherwise


def _boolean(schema: Schema, value: Any, at: tuple[str | int, ...], loose: bool) -> tuple[Any, list[Fault]]:
    if loose and isinstance(value, str):
        value = _TRUTH.get(value.strip().lower(), value)
    return value, [] if isinstance(value, bool) else [Fault(at, value, f"must be {describe_one(schema)}")]


def _array(schema: Schema, value: Any, at: tuple[str | int, ...], loose: bool) -> tuple[Any, list[Fault]]:
    items = schema.get("items") or {}
    if loose:
        value = _listed(items, value)
    if not isinstance(value, list):
        return value, [Fault(at, value, f"must be {describe_one(schema)}")]
    low, high = schema.get("minItems") or 0, schema.get("maxItems")
    if len(value) < low or (high is not None and len(value) > high):
        return value, [Fault(at, value, f"must be {describe_one(schema)}; it has {len(value)}")]
    fitted, faults = [], []
    if schema.get("uniqueItems") is True and len({repr(item) for item in value}) < len(value):
        faults.append(Fault(at, value, "must not hold one thing twice"))
    for place, item in enumerate(value):
        made, found = conform(items, item, (*at, place), loose=loose)
        fitted.append(made)
        faults += found
    return fitted, faults


def _listed(items: Schema, value: Any) -> Any:
    """A list where one was written as JSON, as `a,b` of choices or numbers, or as the one thing that it holds."""
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        value = _json(value, "[")
        if isinstance(value, str) and "," in value and any("enum" in leaf or _numeric(leaf) for leaf in leaves(items)):
            return [part.strip() for part in value.split(",")]
    if isinstance(value, dict) and not any("object" in types_of(leaf) or not types_of(leaf) for leaf in leaves(items)):
        return value
    return value if isinstance(value, list) else [value]


def _numeric(schema: Schema) -> bool:
    return bool({"integer", "number"} & set(types_of(schema)))


def _json(text: str, opening: str) -> Any:
    if text.lstrip()[:1] != opening:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _object(schema: Schema, value: Any, at: tuple[str | int, ...], loose: bool) -> tuple[Any, list[Fault]]:
    if loose and isinstance(value, str):
        value = _json(value, "{")
    if not isinstance(value, dict):
        return value, [Fault(at, value, f"must be {describe_one(schema)}")]
    known, more = schema.get("properties") or {}, schema.get("additionalProperties")
    closed = more is False or (more is None and known and not {"anyOf", "oneOf", "allOf"} & set(schema))
    fitted, faults = {}, []
    for name, item in value.items():
        part = known.get(name)
        if part is None and closed:
            near = nearest(str(name), known)
            faults.append(Fault((*at, name), item, f"is not one of {listing(known)}", near[0] if near else name))
            continue
        part = part if part is not None else more if isinstance(more, Mapping) else {}
        fitted[name], found = conform(part, item, (*at, name), loose=loose) if part else (item, [])
        faults += found
    missing = [name for name in schema.get("required") or () if name not in value]
    faults += [
        Fault((*at, name), None, f"is missing; it must be {describe(known.get(name) or {})}") for name in missing
    ]
    return fitted, faults


def _anything(_: Schema, value: Any, at: tuple[str | int, ...], loose: bool) -> tuple[Any, list[Fault]]:
    del at, loose
    return value, []


_KINDS = {
    "string": _string,
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
    "array": _array,
    "object": _object,
}
