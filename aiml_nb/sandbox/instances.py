"""Makes JSON that fits a JSON schema, the same each time, using names and numbers found in the prompt where they fit.

Knows `$ref`, `anyOf`, `oneOf`, `allOf`, `const`, `enum`, types, bounds, lengths, formats and simple patterns. A schema
that contradicts itself, or that never ends, is refused.
"""

from __future__ import annotations

import importlib
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .refusal import Refusal

NO_AI = "sandbox: no AI ran"
_DEEPEST = 12
_PROSE = re.compile(
    r"text|summary|description|answer|reason|explanation|comment|message|content|note|joke|story", re.IGNORECASE
)
_WHOLE = re.compile(r"query|question|prompt|search|^q$|^input$", re.IGNORECASE)
_STOP = {
    "I", "The", "A", "An", "What", "How", "Why", "When", "Where", "Who", "Which", "Is", "Are", "Do", "Does", "Can",
    "Give", "Tell", "Please", "Make", "Write", "Extract", "JSON", "Use", "In", "It", "My", "And", "Return", "List",
    "Get", "Find", "Show", "Call", "Add", "Look", "Search", "Describe", "This", "That", "These", "There", "FAULT",
}  # fmt: skip
_FORMATS = {
    "date": "2026-01-01", "date-time": "2026-01-01T00:00:00Z", "time": "12:00:00Z", "duration": "P1D",
    "email": "nobody@example.com", "uri": "https://example.com/", "uri-reference": "/", "hostname": "example.com",
    "ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "uuid": "00000000-0000-4000-8000-000000000000",
}  # fmt: skip


def instance(schema: Mapping[str, Any], prompt: str = "") -> Any:
    """A value that fits `schema`; Refusal 400 when none can be made."""
    return _Maker(schema, prompt).make(schema, "", 0)


class _Maker:
    def __init__(self, root: Mapping[str, Any], prompt: str) -> None:
        self.root = root
        self.prompt = prompt
        self.words = _names(prompt)
        self.numbers = iter([float(n) for n in re.findall(r"(?<![\w.])-?\d{1,15}(?:\.\d{1,9})?(?![\w.]\w)", prompt)])

    def make(self, schema: Any, name: str, depth: int) -> Any:
        if schema is True or schema == {}:
            return NO_AI
        if not isinstance(schema, dict):
            raise _refused(name, "is not a JSON schema")
        if depth > _DEEPEST:
            raise _refused(name, "nests without end")
        schema = self._resolve(schema, name)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._choose(schema["enum"])
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self._first(schema, schema[key], name, depth)
        return self._typed(schema, name, depth)

    def _typed(self, schema: Mapping[str, Any], name: str, depth: int) -> Any:
        kind = schema.get("type") or (
            "object" if "properties" in schema else "array" if "items" in schema else "string"
        )
        if isinstance(kind, list):
            kind = next((k for k in kind if k != "null"), "null")
        makers = {
            "object": self._object,
            "array": self._array,
            "string": self._string,
            "number": self._number,
            "integer": self._number,
        }
        if kind in makers:
            return makers[kind](schema, name, depth)
        if kind == "boolean":
            return True
        if kind == "null":
            return None
        raise _refused(name, f"has the unknown type {str(kind)[:40]!r}")

    def _resolve(self, schema: dict[str, Any], name: str) -> dict[str, Any]:
        for _ in range(_DEEPEST):
            if "$ref" in schema:
                rest = {key: value for key, value in schema.items() if key != "$ref"}
                schema = {**self._pointed(str(schema["$ref"]), name), **rest}
            elif "allOf" in schema:
                parts = [self._resolve(part, name) for part in schema["allOf"]]
                schema = _merged([{k: v for k, v in schema.items() if k != "allOf"}, *parts])
            else:
                return schema
        raise _refused(name, "refers to itself without end")

    def _pointed(self, ref: str, name: str) -> dict[str, Any]:
        target: Any = self.root
        for step in ref.removeprefix("#").strip("/").split("/") if ref != "#" else []:
            target = target.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(target, dict) else None
        if not ref.startswith("#") or not isinstance(target, dict):
            raise _refused(name, f"refers to {ref[:80]!r}, which is not in the schema")
        return target

    def _first(self, schema: dict[str, Any], choices: list[Any], name: str, depth: int) -> Any:
        rest = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
        ordered = sorted(choices, key=lambda c: isinstance(c, dict) and c.get("type") == "null")
        problem = None
        for choice in ordered:
            try:
                return self.make(_merged([rest, choice]) if isinstance(choice, dict) else choice, name, depth + 1)
            except Refusal as error:
                problem = error
        raise problem or _refused(name, "offers no choice")

    def _choose(self, values: list[Any]) -> Any:
        """The value that the prompt mentions, else the first."""
        if not values:
            raise _refused("enum", "is empty")
        low = self.prompt.lower()
        return next((v for v in values if isinstance(v, str) and v and v.lower() in low), values[0])

    def _object(self, schema: Mapping[str, Any], _name: str, depth: int) -> dict[str, Any]:
        required = schema.get("required", [])
        made: dict[str, Any] = {}
        for key, inner in schema.get("properties", {}).items():
            try:
                made[key] = self.make(inner, key, depth + 1)
            except Refusal:
                if key in required:
                    raise
        for key in required:
            made.setdefault(key, NO_AI)
        return made

    def _array(self, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        made = [self.make(inner, name, depth + 1) for inner in schema.get("prefixItems", [])]
        least = schema.get("minItems", 0)
        wanted = max(least, min(schema.get("maxItems", 2), 2), len(made))
        while len(made) < wanted and "items" in schema:
            try:
                value = self.make(schema["items"], name, depth + 1)
            except Refusal:
                if len(made) < least:
                    raise
                break
            if schema.get("uniqueItems") and value in made:
                value = _other(value, schema["items"], made)
                if value in made:
                    break
            made.append(value)
        return made

    def _string(self, schema: Mapping[str, Any], name: str, _depth: int) -> str:
        if schema.get("format") in _FORMATS:
            return str(_FORMATS[schema["format"]])
        if "pattern" in schema:
            return _from_pattern(schema["pattern"], name)
        text = self._word(name)
        least, most = schema.get("minLength", 0), schema.get("maxLength", 10_000)
        return str((text + "." * max(0, least - len(text)))[:most])

    def _word(self, name: str) -> str:
        if _WHOLE.search(name) and self.prompt:
            return self.prompt[:200]
        return NO_AI if _PROSE.search(name) else next(self.words, "sandbox")

    def _number(self, schema: Mapping[str, Any], name: str, _depth: int) -> float:
        whole = schema.get("type") == "integer" or (
            isinstance(schema.get("type"), list) and "integer" in schema["type"]
        )
        step = schema.get("multipleOf") or (1 if whole else 0)
        low, high = _range(schema, step)
        value = next(self.numbers, None)
        if value is None or not low <= value <= high:
            value = low if low > -math.inf else min(1.0, high)
        if step:
            value = math.ceil(value / step) * step
            value = value if value <= high else math.floor(high / step) * step
        if not low <= value <= high:
            raise _refused(name, "allows no number")
        return int(value) if value == int(value) and (whole or isinstance(step, int)) else value


def _range(schema: Mapping[str, Any], step: float) -> tuple[float, float]:
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    for key, sign in (("exclusiveMinimum", 1), ("exclusiveMaximum", -1)):
        bound = schema.get(key)
        if bound is True:
            bound = low if sign == 1 else high
        if isinstance(bound, int | float) and not isinstance(bound, bool):
            inside = bound + sign * (step or 1e-6)
            low, high = (max(low, inside), high) if sign == 1 else (low, min(high, inside))
    return low, high


def _names(prompt: str) -> Iterator[str]:
    """Quoted words, then capitalised ones, those at the start of a sentence last: likely values for string fields."""
    quoted = re.findall(r"[\"“']([^\"”'\n]{1,60})[\"”']", prompt)
    inside = re.findall(r"(?<![.!?]\s)(?<!^)\b([A-ZÀ-Þ][\w-]+(?: [A-ZÀ-Þ][\w-]+)*)", prompt)
    first = re.findall(r"(?:^|[.!?]\s)([A-ZÀ-Þ][\w-]+)", prompt)
    return iter(dict.fromkeys([*quoted, *(word for word in [*inside, *first] if word not in _STOP)]))


def _merged(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for schema in schemas:
        properties = {**out.get("properties", {}), **schema.get("properties", {})}
        required = [*out.get("required", []), *schema.get("required", [])]
        out |= schema
        if properties:
            out |= {"properties": properties, "required": required}
    return out


def _other(value: Any, schema: Any, taken: list[Any]) -> Any:
    """Another value than `value`, for a list of unique items."""
    if isinstance(schema, dict) and "enum" in schema:
        return next((v for v in schema["enum"] if v not in taken), value)
    if isinstance(value, str):
        return f"{value} {len(taken) + 1}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value + len(taken)
    return value


def _from_pattern(pattern: str, name: str) -> str:
    """A short text that matches a regular expression, found by walking Python's own parse of it."""
    try:
        text = "".join(_walk(importlib.import_module("re._parser").parse(pattern)))
        if re.search(pattern, text):
            return text
    except (re.error, ValueError, RecursionError):
        pass
    raise _refused(name, f"has a pattern that the sandbox cannot fill: {pattern[:60]}")


def _walk(tree: Any) -> Iterator[str]:
    for op, value in tree:
        kind = str(op)
        if kind == "LITERAL":
            yield chr(value)
        elif kind == "NOT_LITERAL":
            yield "a" if value != ord("a") else "b"
        elif kind == "ANY":
            yield "a"
        elif kind == "IN":
            yield _member(value)
        elif kind == "SUBPATTERN":
            yield from _walk(value[-1])
        elif kind == "BRANCH":
            yield from _walk(value[1][0])
        elif kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            least, most, inner = value
            for _ in range(min(least or min(1, int(most)), 1000)):
                yield from _walk(inner)
        elif kind != "AT":
            raise ValueError(kind)


def _member(choices: Any) -> str:
    kinds = {
        "CATEGORY_DIGIT": "1",
        "CATEGORY_WORD": "a",
        "CATEGORY_SPACE": " ",
        "CATEGORY_NOT_DIGIT": "a",
        "CATEGORY_NOT_SPACE": "a",
        "CATEGORY_NOT_WORD": "-",
    }
    op, value = choices[0]
    if str(op) == "NEGATE":
        return next(c for c in "a1-_ ~Z" if not re.fullmatch(_class(choices[1:]), c))
    return chr(value) if str(op) == "LITERAL" else chr(value[0]) if str(op) == "RANGE" else kinds[str(value)]


def _class(choices: Any) -> str:
    names = {
        "CATEGORY_DIGIT": r"\d",
        "CATEGORY_WORD": r"\w",
        "CATEGORY_SPACE": r"\s",
        "CATEGORY_NOT_DIGIT": r"\D",
        "CATEGORY_NOT_SPACE": r"\S",
        "CATEGORY_NOT_WORD": r"\W",
    }
    parts = []
    for op, value in choices:
        kind = str(op)
        parts.append(
            re.escape(chr(value))
            if kind == "LITERAL"
            else f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}"
            if kind == "RANGE"
            else names[str(value)]
        )
    return f"[{''.join(parts)}]"


def _refused(name: str, what: str) -> Refusal:
    return Refusal(400, f"Invalid schema: {name or 'the schema'} {what}.")
