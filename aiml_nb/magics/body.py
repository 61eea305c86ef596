"""The JSON of a `%%api` cell with its `{{ expressions }}`: inside a text they are filled in, elsewhere they are values."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ..errors import InvalidRequestError, shorten
from .line import Value, expression_end

if TYPE_CHECKING:
    from .context import Context

_HOLE = "\ue000{}\ue001"
_HOLES = re.compile("\ue000(\\d+)\ue001")


def read_body(text: str, context: Context) -> Any:
    """The value that `text` stands for. Raises InvalidRequestError with the line where it is no JSON."""
    expressions: list[tuple[str, bool]] = []
    marked = _mark(text, expressions)
    try:
        tree = json.loads(marked)
    except ValueError as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        shown = marked.splitlines()[line - 1] if marked.strip() else ""
        raise InvalidRequestError(
            f"the cell is not JSON: {getattr(error, 'msg', error)}, line {line}, column {column}: {shorten(_plain(shown), 60)}",
            param="body",
            advice="Names and texts take double quotes; no comma after the last one; true, false, null in small letters.",
        ) from None
    return _fill(tree, expressions, context)


def _mark(text: str, expressions: list[tuple[str, bool]]) -> str:
    """`text` with each expression replaced by a mark that JSON can read; `expressions` gets them, and whether in a text."""
    out, at, inside = [], 0, False
    while at < len(text):
        if text.startswith("{{", at) and (end := expression_end(text, at)):
            mark = _HOLE.format(len(expressions))
            out.append(mark if inside else f'"{mark}"')
            expressions.append((text[at:end], inside))
            at = end
            continue
        if inside and text[at] == "\\":
            out.append(text[at : at + 2])
            at += 2
            continue
        inside ^= text[at] == '"'
        out.append(text[at])
        at += 1
    return "".join(out)


def _fill(tree: Any, expressions: list[tuple[str, bool]], context: Context) -> Any:
    if isinstance(tree, dict):
        return {_text(key, expressions, context): _fill(value, expressions, context) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_fill(value, expressions, context) for value in tree]
    if not isinstance(tree, str):
        return tree
    whole = _HOLES.fullmatch(tree)
    if whole and not expressions[int(whole[1])][1]:
        return _json(context.value(Value(expressions[int(whole[1])][0])), expressions[int(whole[1])][0])
    return _text(tree, expressions, context)


def _text(text: str, expressions: list[tuple[str, bool]], context: Context) -> str:
    return _HOLES.sub(lambda hole: _filled(expressions[int(hole[1])][0], context), text)


def _filled(expression: str, context: Context) -> str:
    text, attached = context.filled(expression)
    if attached:
        raise InvalidRequestError(
            f"{shorten(expression, 40)} is a picture or file, which JSON cannot hold",
            param="body",
            advice="Upload it: --file field=PATH",
        )
    return text


def _json(value: Any, expression: str) -> Any:
    """The value as plain JSON types; arrays and tables of NumPy and pandas through their own ways."""
    for way in ("to_dict", "tolist", "model_dump", "to_json"):
        if hasattr(value, way) and not isinstance(value, dict | list | str):
            value = (
                value.to_dict("records") if way == "to_dict" and hasattr(value, "columns") else getattr(value, way)()
            )
            break
    try:
        return json.loads(json.dumps(value))
    except (TypeError, ValueError) as error:
        raise InvalidRequestError(
            f"{shorten(expression, 40)} cannot be written as JSON: {error}",
            param="body",
            advice="Use texts, numbers, lists and dicts.",
        ) from None


def _plain(text: str) -> str:
    return _HOLES.sub("{{…}}", text)
