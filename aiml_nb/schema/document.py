"""From a provider's OpenAPI document to one plain request schema: where it stands, its references, its alternatives, its slips.

What `plain` gives is what all the rest of this room reads: every part an object, every bound a number, every list a list.
A word that means nothing is dropped: of a schema with a slip in it the rest still holds. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]

#: Our own words in a schema: how the body is sent where that is not JSON, and lists of names one of which must be given.
BODY, NEEDS = "x-body", "x-needs"

_TYPES = {"string", "integer", "number", "boolean", "array", "object", "null"}
_DEEP = 40


def request_schema(document: Any, path: str = "") -> tuple[str, dict[str, Any]]:
    """Path and request schema of a document: its POST at `path`, else its first one that takes an object.

    Raises ValueError when there is none.
    """
    told: Schema = document if isinstance(document, Mapping) else {}
    if isinstance(told.get("properties"), Mapping) and not isinstance(told.get("paths"), Mapping):
        return path, plain(resolved(told, told))  # the schema alone
    for name, content in _bodies(told, path):
        schema = _whole(content, told)
        if schema is not None:
            return name, schema
    raise ValueError("there is no request schema")


def _bodies(document: Schema, path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The contents of each POST, by content type."""
    paths = document.get("paths")
    if not isinstance(paths, Mapping):
        return
    for name in [path] if path in paths else paths:
        found: Any = _named(paths[name], document)
        for step in ("post", "requestBody", "content"):
            found = _named(found.get(step), document) if isinstance(found, Mapping) else None
        if isinstance(found, Mapping):
            yield str(name), found


def _whole(content: Mapping[str, Any], document: Schema) -> dict[str, Any] | None:
    """The schema of a body: as JSON where that is taken, with the files that only a form takes; else as what is taken."""
    taken = {
        kind.partition(";")[0].strip().lower(): plain(resolved(told["schema"], {**told["schema"], **document}))
        for kind, told in content.items()
        if isinstance(told, Mapping) and isinstance(told.get("schema"), Mapping)
    }
    json = next(
        (schema for kind, schema in taken.items() if kind == "application/json" or kind.endswith("+json")), None
    )
    form = taken.get("multipart/form-data")
    if json is None:
        kind, other = next(iter(taken.items()), ("", None))
        if form is not None or other is None:
            return None if form is None else form | {BODY: "multipart/form-data"}
        return other if kind in {"", "*/*"} else other | {BODY: kind}
    return json if form is None else _with_uploads(json, form)


def _with_uploads(json: dict[str, Any], form: dict[str, Any]) -> dict[str, Any]:
    known = json.get("properties") or {}
    extra = {name: part for name, part in (form.get("properties") or {}).items() if name not in known}
    if not any(_is_binary(part) for part in extra.values()):
        return json
    return {
        "anyOf": [json, form | {"properties": {**extra, **{n: known[n] for n in form["properties"] if n in known}}}]
    }


def _is_binary(schema: Schema) -> bool:
    inner = [schema.get("items") or {}, *(branch for way in ("anyOf", "oneOf") for branch in schema.get(way) or ())]
    return schema.get("format") == "binary" or any(_is_binary(each) for each in inner if each)


def resolved(schema: Any, document: Schema, seen: tuple[str, ...] = ()) -> Any:
    """The schema with each `$ref` into the document replaced by what it names; one that names itself takes anything."""
    if isinstance(schema, list):
        return [resolved(item, document, seen) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    target = schema.get("$ref")
    if isinstance(target, str):
        return resolved({} if target in seen else _target(target, document), document, (*seen, target))
    return {
        key: resolved(value, document, seen) if isinstance(value, dict | list) else value
        for key, value in schema.items()
    }


def _named(found: Any, document: Schema) -> Any:
    """What stands there, or what a reference there names."""
    target = found.get("$ref") if isinstance(found, Mapping) else None
    return _target(target, document) if isinstance(target, str) else found


def _target(target: str, document: Schema) -> Any:
    found: Any = document
    for part in target.lstrip("#/").split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        found = found.get(name, {}) if isinstance(found, Mapping) else {}
    return found


def plain(schema: Any, depth: int = 0) -> dict[str, Any]:
    """The schema in the one form that is read here; what is no schema takes anything."""
    if not isinstance(schema, Mapping) or depth > _DEEP:
        return {}
    made = {key: value for key, value in schema.items() if isinstance(key, str) and key not in _READ}
    for key, value in schema.items():
        if key in _READ and (told := _READ[key](value, depth + 1)) is not None:
            made[key] = told
    if "const" in made:
        made["enum"] = [made.pop("const")]
    if isinstance(schema.get("type"), str) and schema["type"].lower() == "file":
        made |= {"type": "string", "format": "binary"}
    if made.get("type") == "null":
        del made["type"]
        made["nullable"] = True
    if "required" in made and "properties" in made:
        made["required"] = [n for n in made["required"] if not made["properties"].get(n, {}).get("readOnly")]
    return made


def _type(value: Any, _: int) -> Any:
    named = [each.lower() for each in (value if isinstance(value, list) else [value]) if isinstance(each, str)]
    known = [each for each in named if each in _TYPES]
    return (known if isinstance(value, list) else known[0]) if known else None


def _parts(value: Any, depth: int) -> dict[str, Any] | None:
    return {str(name): plain(part, depth) for name, part in value.items()} if isinstance(value, Mapping) else None


def _branches(value: Any, depth: int) -> list[dict[str, Any]] | None:
    return ([plain(each, depth) for each in value] or None) if isinstance(value, list) else None


def _items(value: Any, depth: int) -> dict[str, Any] | None:
    if isinstance(value, list):  # one schema for each place: any of them, for what is checked here
        return {"anyOf": [plain(each, depth) for each in value]} if value else None
    return plain(value, depth) if isinstance(value, Mapping) else None


def _names(value: Any, _: int) -> list[str] | None:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else None


def _number(value: Any, _: int = 0) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        told = float(value)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(told):
        return None
    return value if isinstance(value, int | float) else int(told) if told.is_integer() else told


def _step(value: Any, _: int) -> float | None:
    told = _number(value)
    return told if told is not None and told > 0 else None


def _edge(value: Any, _: int) -> bool | float | None:
    return value if isinstance(value, bool) else _number(value)


def _length(value: Any, _: int) -> int | None:
    told = _number(value)
    return int(told) if told is not None and told >= 0 else None


def _text(value: Any, _: int) -> str | None:
    return value if isinstance(value, str) else None


def _more(value: Any, depth: int) -> Any:
    return value if isinstance(value, bool) else plain(value, depth) if isinstance(value, Mapping) else None


def _choices(value: Any, _: int) -> list[Any] | None:
    return (value or None) if isinstance(value, list) else None


#: How each word that is read here is read; None drops it.
_READ: Mapping[str, Callable[[Any, int], Any]] = {
    "type": _type,
    "properties": _parts,
    "required": _names,
    "items": _items,
    **dict.fromkeys(("anyOf", "oneOf", "allOf"), _branches),
    **dict.fromkeys(("minimum", "maximum"), _number),
    **dict.fromkeys(("exclusiveMinimum", "exclusiveMaximum"), _edge),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _length),
    **dict.fromkeys(("description", "format", "pattern"), _text),
    "multipleOf": _step,
    "additionalProperties": _more,
    "enum": _choices,
}


def flat(schema: Schema, model: str) -> dict[str, Any]:
    """One object schema: parts merged, and of alternatives the one for `model`, or all of them together.

    `NEEDS` then tells what each alternative asks for.
    """
    own = {key: value for key, value in schema.items() if key not in ("allOf", "anyOf", "oneOf")}
    if schema.get("allOf"):
        parts = [flat(part, model) for part in schema["allOf"]]
        rest = {key: value for key, value in schema.items() if key != "allOf"}
        return _merged(own, [*parts, flat(rest, model)], set[str].union)
    branches = [flat(branch, model) for way in ("anyOf", "oneOf") for branch in schema.get(way) or ()]
    if not branches:
        return own
    mine = [branch for branch in branches if model in _models(branch)] or branches
    together = mine[0] if len(mine) == 1 else _alternatives(mine)
    return _merged(own, [own, together], set[str].union) if own.get("properties") else together | _beside(own)


def _beside(own: Schema) -> dict[str, Any]:
    return {key: value for key, value in own.items() if key not in ("type", "required")}


def _alternatives(branches: Sequence[Schema]) -> dict[str, Any]:
    needs = [sorted(branch.get("required") or ()) for branch in branches]
    merged = _merged({}, branches, set[str].intersection)
    return merged | ({NEEDS: needs} if any(needs) and len({*map(tuple, needs)}) > 1 else {})


def _models(schema: Schema) -> list[Any]:
    return ((schema.get("properties") or {}).get("model") or {}).get("enum") or []


def _merged(schema: Schema, parts: Sequence[Schema], join: Callable[..., set[str]]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    told: dict[str, Any] = {}
    for part in parts:
        told |= {key: part[key] for key in (BODY, NEEDS) if key in part}
        for name, value in (part.get("properties") or {}).items():
            known = properties.get(name)
            properties[name] = value if known is None or known == value else {"anyOf": [known, value]}
    required = [set(part.get("required") or ()) for part in parts if {"properties", "required"} & set(part)] or [set()]
    return {**schema, **told, "type": "object", "properties": properties, "required": sorted(join(*required))}
