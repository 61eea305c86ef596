"""One value against one schema: what is meant arrives, what is forbidden is told."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiml_nb.schema.conform import conform
from aiml_nb.schema.reading import describe
from tests.contract import strict

WHOLE = {"type": "integer", "minimum": 1, "maximum": 4}
WORD = {"type": "string", "enum": ["720P", "1080P", "auto"]}


@pytest.mark.parametrize(
    ("schema", "given", "expected"),
    [
        (WHOLE, "3", 3),
        (WHOLE, 3.0, 3),
        ({"type": "number"}, "0.5", 0.5),
        ({"type": "boolean"}, "True", True),
        ({"type": "boolean"}, "off", False),
        (WORD, "720p", "720P"),
        (WORD, 1080, "1080P"),
        (WORD, "AUTO", "auto"),
        ({"type": "string", "enum": ["1", "2"]}, 2, "2"),
        ({"type": "string", "default": "25"}, 30, "30"),
        ({"type": "integer", "enum": [5, 10]}, "5s", 5),
        ({"type": "array", "items": {"type": "string"}}, "one", ["one"]),
        ({"type": "array", "items": {"type": "integer"}}, "1, 2", [1, 2]),
        ({"type": "array", "items": {"type": "string"}}, '["a", "b"]', ["a", "b"]),
        ({"type": "object", "properties": {"a": WHOLE}}, '{"a": "2"}', {"a": 2}),
        ({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}, "5", "5"),
        ({"anyOf": [WORD, {"type": "string"}]}, "auTO", "auto"),
        ({"type": "integer", "nullable": True}, None, None),
        ({"enum": [False]}, False, False),
    ],
)
def test_what_is_meant_arrives(schema: dict[str, Any], given: Any, expected: Any) -> None:
    """Text becomes the number, the truth or the choice that it stands for; a list may hold the one thing given."""
    made, faults = conform(schema, given)
    assert ([], expected, type(expected)) == (faults, made, type(made))


@pytest.mark.parametrize(
    ("schema", "given", "told"),
    [
        (WHOLE, 5, "1 to 4"),
        (WHOLE, 1.5, "1 to 4"),
        (WHOLE, True, "1 to 4"),
        (WHOLE, "many", "1 to 4"),
        (WHOLE, None, "1 to 4"),
        (WHOLE, float("nan"), "1 to 4"),
        ({"type": "integer", "minimum": 1}, 0, "a whole number from 1 on"),
        ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, 0, "a number above 0"),
        ({"type": "number", "exclusiveMaximum": 2}, 2, "a number below 2"),
        ({"type": "integer", "multipleOf": 32}, 33, "a multiple of 32"),
        (WORD, "480p", "720P, 1080P or auto"),
        ({"type": "string", "maxLength": 3}, "four", "text of at most 3 characters; it has 4"),
        ({"type": "string", "minLength": 2}, "x", "text of at least 2 characters"),
        ({"type": "string"}, 5, 'quoted it is text: "5"'),
        ({"type": "string", "pattern": "^a"}, "b", "match ^a"),
        ({"type": "boolean"}, "maybe", "true or false"),
        ({"type": "boolean"}, 1, "true or false"),
        ({"type": "array", "items": WHOLE, "maxItems": 1}, [1, 2], "at most 1 of them; it has 2"),
        ({"type": "object", "properties": {"width": WHOLE}}, {"widht": 1}, "is not one of width"),
        ({"type": "object", "properties": {"a": WHOLE}, "required": ["a"]}, {}, "is missing; it must be 1 to 4"),
        ({"anyOf": [{"type": "string"}, {"type": "array", "items": WHOLE}, {"nullable": True}]}, {"a": 1}, "text or a list"),
    ],
)  # fmt: skip
def test_what_is_forbidden_is_told_with_what_is_allowed(schema: dict[str, Any], given: Any, told: str) -> None:
    """Each fault says what the value must be."""
    _, faults = conform(schema, given)
    assert told in faults[0].why


def test_every_fault_is_told_where_it_is() -> None:
    """Two faults in one list of objects are two, each with the way there."""
    schema = {"type": "array", "items": {"type": "object", "properties": {"a": WHOLE, "b": WORD}}}
    _, faults = conform(schema, [{"a": 9}, {"a": 1, "b": "x"}], ("list",))
    assert ["list[0].a", "list[1].b"] == [fault.name for fault in faults]


def test_the_kind_of_an_object_decides_what_is_wrong_with_it() -> None:
    """Of several alternatives with a `type`, the one that was meant is named, not all of them."""
    kinds = [
        {
            "type": "object",
            "properties": {"type": {"type": "string", "enum": [kind]}, kind: {"type": "string"}},
            "required": ["type", kind],
        }
        for kind in ("text", "image")
    ]
    _, faults = conform({"oneOf": kinds}, {"type": "image"})
    assert [("image", "is missing; it must be text")] == [(fault.name, fault.why) for fault in faults]


scalars = st.one_of(
    st.builds(
        lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more},
        st.integers(-9, 9),
        st.integers(0, 9),
    ),
    st.builds(lambda size: {"type": "string", "maxLength": size}, st.integers(0, 4)),
    st.just({"type": "boolean"}),
    st.just({"type": "number", "nullable": True}),
    st.lists(st.sampled_from(["a", "B", "5", "true", "1:1"]), min_size=1, unique=True).map(
        lambda e: {"type": "string", "enum": e}
    ),
)
schemas = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.builds(lambda item, most: {"type": "array", "items": item, "maxItems": most}, inner, st.integers(0, 3)),
        st.lists(inner, min_size=1, max_size=3).map(lambda ways: {"anyOf": ways}),
        st.dictionaries(st.sampled_from("abc"), inner, min_size=1).map(lambda p: {"type": "object", "properties": p, "required": sorted(p)[:1]}),
    ),
    max_leaves=4,
)  # fmt: skip
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-20, 20), st.floats(-9, 9), st.sampled_from(["", "a", "b", "5", "TRUE", "[1]", "{}", "1,2"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abcd"), inner, max_size=3)),
    max_leaves=4,
)  # fmt: skip


@given(schemas, values)
def test_what_passes_is_valid_and_what_is_valid_passes_unchanged(schema: dict[str, Any], value: Any) -> None:
    """No faults means that a strict validator has none either; and a value that it takes arrives as it was."""
    validator = jsonschema.Draft7Validator(strict(schema))
    made, faults = conform(schema, value)
    if not faults:
        assert [] == [error.message for error in validator.iter_errors(made)]
    if validator.is_valid(value):
        assert [] == faults


@given(schemas)
def test_every_schema_can_be_described(schema: dict[str, Any]) -> None:
    """What a value may be is told in a few words, whatever the schema."""
    assert describe(schema)
