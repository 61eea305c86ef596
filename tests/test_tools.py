"""Tests of `aiml_nb.tools`."""

from __future__ import annotations

import json
from typing import Literal

import pytest

from aiml_nb.errors import InvalidRequestError
from aiml_nb.tools import Tool


def weather(city: str, days: int = 1, unit: Literal["C", "F"] = "C") -> dict[str, object]:
    """The forecast for a city."""
    return {"city": city, "days": days, "unit": unit}


def test_a_function_declares_itself() -> None:
    """Name, docstring and annotations become what the model is told."""
    declared = Tool.of(weather).declaration()
    assert declared["name"] == "weather"
    assert declared["description"] == "The forecast for a city."
    assert declared["parameters"]["required"] == ["city"]
    assert declared["parameters"]["properties"]["city"] == {"type": "string"}
    assert declared["parameters"]["properties"]["unit"]["enum"] == ["C", "F"]
    assert declared["parameters"]["properties"]["days"]["default"] == 1


def test_a_call_runs_with_checked_arguments() -> None:
    """Arguments are converted to what the annotations say, and the result is JSON."""
    assert json.loads(Tool.of(weather).run('{"city": "Rome", "days": "2"}')) == {"city": "Rome", "days": 2, "unit": "C"}


@pytest.mark.parametrize("arguments", ["not json", "[1]", '{"city": "Rome", "days": "many"}', '{"town": "Rome"}'])
def test_a_bad_call_tells_the_model_and_does_not_raise(arguments: str) -> None:
    """What a model gets wrong comes back to it as text."""
    assert Tool.of(weather).run(arguments).startswith("error: ")


def test_a_call_is_shown_as_python() -> None:
    """The user sees what will run, before it runs."""
    assert Tool.of(weather).shown('{"city": "Rome", "days": 2}') == "weather(city='Rome', days=2)"


@pytest.mark.parametrize("thing", [3, "weather", lambda: 1])
def test_what_is_no_named_function_is_refused(thing: object) -> None:
    """Only a named function can be a tool."""
    with pytest.raises(InvalidRequestError, match="cannot be a tool"):
        Tool.of(thing)


def test_an_annotation_that_json_cannot_say_is_refused_by_name() -> None:
    """The refusal names the function and the parameter."""

    def paint(canvas: type[int]) -> None: ...

    with pytest.raises(InvalidRequestError, match="paint takes canvas"):
        Tool.of(paint)


def test_a_long_result_is_cut() -> None:
    """A result goes to the model at bounded length, and says how much was cut."""

    def much() -> str:
        return "x" * 30_000

    assert Tool.of(much).run("{}").endswith("10000 more characters")
