"""JSON that fits a schema, made without AI."""

from __future__ import annotations

from typing import Any

import pytest

from aiml_nb.sandbox.instances import instance
from aiml_nb.sandbox.refusal import Refusal

SCHEMAS: list[Any] = [
    {"type": "string", "minLength": 40},
    {"type": "string", "maxLength": 3},
    {"type": "string", "pattern": r"^[A-Z]{3}-\d{2,4}(x|y)?[^a]$"},
    {"type": "string", "enum": ["a", "b"]},
    {"type": "integer", "minimum": 3, "maximum": 4},
    {"type": "integer", "exclusiveMinimum": 3},
    {"type": "number", "exclusiveMaximum": 0},
    {"type": "integer", "minimum": 5, "multipleOf": 7},
    {"type": "number", "multipleOf": 0.5, "minimum": 0.7},
    {"type": ["null", "integer"]},
    {"type": "array", "items": {"type": "integer"}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "items": {"enum": ["x", "y", "z"]}, "minItems": 3, "uniqueItems": True},
    {"type": "array", "prefixItems": [{"type": "string"}, {"type": "boolean"}], "items": False},
    {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"a": {"const": 5}}, "required": ["a"]}]},
    {
        "allOf": [
            {"properties": {"a": {"type": "integer"}}, "required": ["a"]},
            {"properties": {"b": {"type": "null"}}, "required": ["b"]},
        ],
        "type": "object",
    },
    {
        "$defs": {
            "node": {
                "type": "object",
                "properties": {
                    "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
                    "n": {"type": "integer"},
                },
                "required": ["n", "next"],
            }
        },
        "$ref": "#/$defs/node",
    },
    {
        "$defs": {
            "tree": {
                "type": "object",
                "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/tree"}}},
                "required": ["kids"],
            }
        },
        "$ref": "#/$defs/tree",
    },
    {"type": "object", "properties": {"when": {"type": "string", "format": "date"}}, "required": ["when", "more"]},
    {},
]


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_the_instance_fits_the_schema(schema: Any) -> None:
    """An independent validator agrees, whatever numbers the prompt has."""
    jsonschema = pytest.importorskip("jsonschema")
    for prompt in ("", "Alice has 17 apples, -2.5 pears and 1000000 nuts in Paris"):
        jsonschema.Draft202012Validator(schema).validate(instance(schema, prompt))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "integer", "minimum": 5, "maximum": 4},
        {"$ref": "#/$defs/nothing"},
        {"$ref": "#"},
        {"type": "unicorn"},
        {"enum": []},
        {"type": "string", "pattern": "(?=x)y"},
        {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
        {"type": "object", "properties": {"a": 5}, "required": ["a"]},
    ],
    ids=str,
)
def test_a_schema_that_nothing_fits_is_refused(schema: Any) -> None:
    """400, and no endless loop."""
    with pytest.raises(Refusal, match="Invalid schema"):
        instance(schema)


def test_values_come_from_the_prompt() -> None:
    """Names in capitals, quoted words, numbers and mentioned choices are used."""
    schema = {
        "properties": {
            "title": {"type": "string"},
            "city": {"type": "string"},
            "price": {"type": "number"},
            "colour": {"enum": ["red", "blue"]},
            "summary": {"type": "string"},
        }
    }
    made = instance(schema, 'The "Big Hat" from Lisbon, blue, costs 12.5 euros')
    assert made == {
        "title": "Big Hat",
        "city": "Lisbon",
        "price": 12.5,
        "colour": "blue",
        "summary": "sandbox: no AI ran",
    }
