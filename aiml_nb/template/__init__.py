r"""`{{ expression }}` in a prompt: what counts as one, what it inserts, and everything else left as it was written.

An interpolation is `{{`, white space, a Python expression, white space, `}}`, on one line. It is none, and stays as it
is, when `{{` follows `$`, `^`, `{` or a LaTeX command (`${{ secrets.X }}`, `x^{{ n }}`, `{{{ x }}}`, `\frac{{ a }}{{ b }}`),
when the inside is no Python expression, names nothing (`{{ 2 }}`, `{{ "a" }}`), or is a bare tuple, set or dict
(`{{ {x} }}`, `{{ a, b }}`). A backslash in front, `\{{ x }}`, sends the braces themselves.
So `{{x}}` without spaces (f-strings, LaTeX, JSON) is text; `Filled.notes` tells where that may not have been meant.

Expressions are evaluated from left to right, once each, in a copy of the namespace; what they give is never read for
interpolations again. Pure: it knows nothing of IPython, magics or providers.
"""

from __future__ import annotations

import ast
import builtins
import re
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..content import Attachment
from ..content.wording import nearest
from ..errors import InvalidRequestError, shorten
from .values import Inserted, insert

__all__ = ["Filled", "Place", "evaluate", "fill", "find"]

_OPEN = re.compile(r"(\\?)\{\{[ \t]")
_CLOSE = re.compile(r"[ \t]\}\}")
_TIGHT = re.compile(r"(?<![\\${^{])\{\{([A-Za-z_]\w*)\}\}")
_COMMAND = re.compile(r"\\[A-Za-z]{2,}\*?$")
_LONGEST = 2000
_TRIES = 8
_DISPLAYS = (ast.Tuple, ast.Set, ast.Dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an interpolation stands in a text, from `start` to `end`, and the expression in it; `escaped` by a backslash."""

    start: int
    end: int
    expression: str
    escaped: bool = False


@dataclass(frozen=True, slots=True)
class Filled:
    """A prompt with its values: the text, the attachments that they brought, and notes on what may not have been meant."""

    text: str
    attachments: tuple[Attachment, ...] = ()
    notes: tuple[str, ...] = ()


def fill(text: str, namespace: Mapping[str, Any], *, attach: Sequence[Attachment] | None = None) -> Filled:
    """`text` with each `{{ expression }}` replaced by its value.

    Text goes in as it is, numbers and dates as `str` has them, a DataFrame or Series as a Markdown table of at most
    20 rows and 12 columns, lists and dicts as JSON, other objects as their Markdown or plain text, all of bounded size;
    a picture, figure or other file becomes an attachment and leaves a marker, `[image 1]`.
    attach: what is attached already; markers count on from there. It is not changed and not repeated in the result.
    Raises InvalidRequestError that names the expression, what failed, and the nearest name.
    """
    scope = dict(namespace)
    places = find(text)
    values = [None if place.escaped else evaluate(place.expression, scope) for place in places]
    inserted = Inserted(attach or ())
    out, at = [], 0
    for place, value in zip(places, values, strict=True):
        out.append(text[at : place.start])
        out.append(text[place.start + 1 : place.end] if place.escaped else _inserted(place.expression, value, inserted))
        at = place.end
    out.append(text[at:])
    return Filled("".join(out), tuple(inserted.attachments), _notes(text, scope))


def find(text: str) -> list[Place]:
    """The interpolations in `text`, in order; those escaped by a backslash too."""
    places: list[Place] = []
    at, latex_end = 0, -1
    while found := _OPEN.search(text, at):
        at = found.end()
        closed = _closed(text, found.end() - 1)
        if closed is None:
            continue
        expression, end = closed
        start = found.start() + len(found[1])
        before = text[max(0, start - 40) : start]
        if _COMMAND.search(before) or start == latex_end:
            latex_end = end
        elif before[-1:] not in {"$", "^", "{"}:
            places.append(Place(found.start(), end, expression, bool(found[1])))
        at = end
    return places


def evaluate(expression: str, namespace: Mapping[str, Any]) -> Any:
    """The value of a Python expression in a copy of `namespace`.

    Raises InvalidRequestError that names the expression, the exception and the nearest name.
    """
    scope = dict(namespace)
    try:
        return eval(compile(expression.strip(), "<{{ }}>", "eval"), scope)  # noqa: S307 -- the user's own expression
    except (Exception, SystemExit) as error:
        raise _failed(expression, error, scope) from error


def _closed(text: str, start: int) -> tuple[str, int] | None:
    """The expression that begins at `start` and where its `}}` ends: the first `}}` that makes it one; None if none does.

    It ends before the line does, and before another `{{` opens, so that a text full of braces is read once.
    """
    line = text[start : start + _LONGEST].partition("\n")[0]
    further = _OPEN.search(line)
    for close in list(_CLOSE.finditer(line, 0, further.start() if further else len(line)))[:_TRIES]:
        expression = line[: close.start()].strip()
        if expression and _inserts(expression):
            return expression, start + close.end()
    return None


def _inserts(expression: str) -> bool:
    """Whether this is an expression that a prompt means to be replaced: Python, with a name in it, and no bare display."""
    tree = _parsed(expression)
    if tree is None:
        return False
    if isinstance(tree.body, _DISPLAYS) and not expression.startswith("("):
        return False
    return any(isinstance(node, ast.Name) for node in ast.walk(tree))


def _parsed(expression: str) -> ast.Expression | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SyntaxWarning for prose that looks like Python
            tree = ast.parse(expression, mode="eval")
            compile(tree, "<{{ }}>", "eval")  # refuses what parses and cannot run, such as a bare await
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree


def _inserted(expression: str, value: Any, inserted: Inserted) -> str:
    try:
        return insert(value, inserted)
    except InvalidRequestError:
        raise
    except Exception as error:
        raise InvalidRequestError(
            f"{{{{ {shorten(expression, 60)} }}}} cannot be inserted: {type(error).__name__}: {shorten(str(error), 80)}",
            param="prompt",
            advice="Insert a part of it, or str() of it.",
        ) from error


def _failed(expression: str, error: BaseException, scope: Mapping[str, Any]) -> InvalidRequestError:
    shown = f"{{{{ {shorten(expression, 60)} }}}}"
    name, near = getattr(error, "name", None), list[str]()
    if isinstance(error, NameError) and name:
        cause = f"{shown}: there is no variable {name}"
        near = nearest(name, [*scope, *dir(builtins)])
    else:
        said = shorten(str(error), 100)
        cause = f"{shown} failed: {type(error).__name__}{': ' if said else ''}{said}"
        if isinstance(error, AttributeError) and name:
            near = nearest(name, [key for key in dir(error.obj) if not key.startswith("_")])
    advice = f"Did you mean {near[0]}? " if near else ""
    return InvalidRequestError(
        cause, param="prompt", advice=advice + "Braces that are meant as text are written \\{{ … }}."
    )


def _notes(text: str, scope: Mapping[str, Any]) -> tuple[str, ...]:
    """`{{x}}` where x is a variable: it was sent as it is, which may not have been meant."""
    names = dict.fromkeys(name for name in _TIGHT.findall(text) if name in scope)
    return tuple(f"{{{{{name}}}}} was sent as it is; {{{{ {name} }}}} inserts the value" for name in names)
