"""Tools: Python functions that a model may call, declared to it by their signature and docstring.

    def weather(city: str, days: int = 1) -> str:
        "The weather forecast for a city."

becomes a name, a description and a JSON schema; a call's JSON arguments are checked against the annotations before the
function runs. Pure: who calls it, and whether the user was shown it first, is the session's work.
"""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from .errors import InvalidRequestError, shorten

#: How much of a function's result goes back to the model, in characters.
RESULT_LENGTH = 20_000


@dataclass(frozen=True, slots=True)
class Tool:
    """One function: `name`, `description`, `parameters` (JSON schema), and the function itself."""

    name: str
    description: str
    parameters: dict[str, Any]
    function: Callable[..., Any]

    @classmethod
    def of(cls, function: Any) -> Tool:
        """From a function or method. Raises InvalidRequestError for what cannot be called or declared."""
        if isinstance(function, Tool):
            return function
        name = getattr(function, "__name__", "")
        if not callable(function) or not name or name == "<lambda>":
            raise InvalidRequestError(
                f"{shorten(repr(function), 60)} cannot be a tool",
                param="tool",
                advice="A tool is a function with a name and a docstring.",
            )
        description = inspect.cleandoc(inspect.getdoc(function) or "")
        return cls(name, description, _parameters(function), function)

    def declaration(self) -> dict[str, Any]:
        """What the model is told: name, description, parameters."""
        return {"name": self.name, "description": self.description, "parameters": self.parameters}

    def shown(self, arguments: str) -> str:
        """The call as a line of Python, for the user to see before it runs."""
        try:
            given = json.loads(arguments or "{}")
        except ValueError:
            return shorten(f"{self.name}({arguments})", 200)
        inside = ", ".join(f"{k}={v!r}" for k, v in given.items()) if isinstance(given, dict) else repr(given)
        return shorten(f"{self.name}({inside})", 200)

    def run(self, arguments: str) -> str:
        """Call the function with JSON `arguments`; its result, or what went wrong, as text for the model."""
        try:
            given = json.loads(arguments or "{}")
            if not isinstance(given, dict):
                return "error: the arguments must be a JSON object"
            value = self.function(**self._checked(given))
        except Exception as error:  # noqa: BLE001 - whatever the user's function raises, the model must hear of it
            return shorten(f"error: {type(error).__name__}: {error}", 500)
        text = value if isinstance(value, str) else _plain(value)
        return (
            text
            if len(text) <= RESULT_LENGTH
            else text[:RESULT_LENGTH] + f"\n… {len(text) - RESULT_LENGTH} more characters"
        )

    def _checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        hints = _hints(self.function)
        return {
            name: msgspec.convert(value, hints[name], strict=False) if name in hints else value
            for name, value in given.items()
        }


def _parameters(function: Callable[..., Any]) -> dict[str, Any]:
    hints = _hints(function)
    properties: dict[str, Any] = {}
    required: list[str] = []
    definitions: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        (properties[parameter.name],), found = _schema(hints.get(parameter.name, Any), function, parameter.name)
        definitions |= found
        if parameter.default is parameter.empty:
            required.append(parameter.name)
        elif isinstance(parameter.default, str | int | float | bool):
            properties[parameter.name]["default"] = parameter.default
    out: dict[str, Any] = {"type": "object", "properties": properties, "required": required}
    return out | ({"$defs": definitions} if definitions else {})


def _schema(hint: Any, function: Callable[..., Any], name: str) -> tuple[tuple[dict[str, Any], ...], dict[str, Any]]:
    try:
        return msgspec.json.schema_components([hint], ref_template="#/$defs/{name}")
    except (TypeError, ValueError) as error:
        raise InvalidRequestError(
            f"the tool {getattr(function, '__name__', '?')} takes {name}: {hint!r}, which JSON cannot say",
            param="tool",
            advice="Annotate it as str, int, float, bool, list, dict, a dataclass or a Literal.",
        ) from error


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function)
    except (NameError, TypeError):
        return {}


def _plain(value: Any) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, ValueError):
        return str(value)
