"""Tests of `aiml_nb.structured`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import pydantic
import pytest

from aiml_nb.errors import APIError, InvalidRequestError
from aiml_nb.structured import Schema


@dataclass
class Point:
    x: int
    y: int


class City(TypedDict):
    name: str


class Person(pydantic.BaseModel):
    name: str
    age: int = 0


def test_a_dataclass_round_trips() -> None:
    """A dataclass gives a strict schema, and the answer becomes an instance of it."""
    schema = Schema.of(Point)
    assert schema.request()["strict"] is True
    assert schema.schema["additionalProperties"] is False
    assert schema.parse('{"x": 1, "y": 2}') == Point(1, 2)


def test_typed_dict_and_pydantic() -> None:
    """A TypedDict gives a dict, a pydantic model its instance."""
    assert Schema.of(City).parse('{"name": "Rome"}') == {"name": "Rome"}
    assert Schema.of(Person).parse('{"name": "Ada"}') == Person(name="Ada")


def test_defaults_make_a_schema_unstrict() -> None:
    """Strict is only claimed where every property is required, for providers refuse the rest."""
    assert Schema.of(Person).strict is False


def test_a_json_schema_passes_as_it_is() -> None:
    """A dict is a JSON schema; the answer stays JSON."""
    schema = Schema.of({"title": "pair", "type": "object", "properties": {"a": {"type": "number"}}, "required": ["a"]})
    assert schema.name == "pair"
    assert schema.parse('{"a": 1}') == {"a": 1}


def test_fences_are_taken_off() -> None:
    """Models wrap JSON in code fences; the fence is no error."""
    assert Schema.of(Point).parse('```json\n{"x": 1, "y": 2}\n```') == Point(1, 2)


@pytest.mark.parametrize("text", ["", "Sure! Here it is.", '{"x": 1}', '{"x": "a", "y": 2}'])
def test_what_does_not_fit_is_said(text: str) -> None:
    """An answer that does not fit names the type and leads to the text."""
    with pytest.raises(APIError, match="does not fit the schema Point") as caught:
        Schema.of(Point).parse(text)
    assert "_reply.text" in caught.value.advice


@pytest.mark.parametrize("kind", [3, list[int], {"type": "array"}])
def test_only_objects_can_be_asked_for(kind: object) -> None:
    """What no provider takes as a schema is refused before anything is sent."""
    with pytest.raises(InvalidRequestError):
        Schema.of(kind)
