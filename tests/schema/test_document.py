"""From a provider's document to a form: references, alternatives, content types, and schemas with slips in them."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from aiml_nb.content import Attachment
from aiml_nb.errors import InvalidRequestError
from aiml_nb.schema import Fitted, Form, chat_features, fit
from aiml_nb.schema.document import request_schema

TEXT = {"type": "string"}
WHOLE = {"type": "integer"}
BASE = {"model": {"type": "string", "enum": ["m"]}, "prompt": TEXT}
LINK = Attachment.of("https://a.example/cat.png")


def schema(_required: tuple[str, ...] = ("model", "prompt"), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {**BASE, **properties}, "required": list(_required)}


def document(body: Any, kind: str = "application/json", path: str = "/v1/images/generations", **more: Any) -> Any:
    return {
        "openapi": "3.0.0",
        "paths": {path: {"post": {"requestBody": {"content": {kind: {"schema": body}}}}}},
        **more,
    }


def parts(**schemas: Any) -> dict[str, Any]:
    return {"components": {"schemas": schemas}}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def form_of(told: Any) -> Form:
    path, found = request_schema(told)
    return Form.from_json(found, path=path, model="m")


def fitted(told: Any, *attach: Attachment, **words: Any) -> Fitted:
    return fit({"model": "m", "prompt": "a fox", **words}, form_of(told), attachments=attach)


def picture() -> Attachment:
    out = BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return Attachment.of(out.getvalue())


NEEDS_SEED = {"type": "object", "properties": {"seed": WHOLE}, "required": ["seed"]}
SENT: dict[str, tuple[Any, dict[str, Any], dict[str, Any]]] = {
    "a reference to all of it": (document(ref("R"), **parts(R=schema(seed=WHOLE))), {"seed": "3"}, {"seed": 3}),
    "a reference inside": (document(schema(seed=ref("S")), **parts(S=WHOLE)), {"seed": "3"}, {"seed": 3}),
    "a reference into the schema itself": (
        document({**schema(seed={"$ref": "#/$defs/S"}), "$defs": {"S": WHOLE}}),
        {"seed": "3"},
        {"seed": 3},
    ),
    "a reference to itself": (
        document(schema(x=ref("X")), **parts(X={"type": "object", "properties": {"x": ref("X")}})),
        {"x": {"x": {}}},
        {"x": {"x": {}}},
    ),
    "a reference to nothing": (document(schema(seed=ref("No"))), {"seed": 3}, {"seed": 3}),
    "parts by allOf": (
        document({"allOf": [ref("R"), {"required": ["seed"]}]}, **parts(R=schema(seed={**WHOLE, "default": "5"}))),
        {},
        {"seed": 5},
    ),
    "properties beside allOf": (document({**schema(), "allOf": [{"properties": {"seed": WHOLE}}]}), {"seed": "3"}, {"seed": 3}),
    "alternatives by model": (
        document({"oneOf": [schema(n=WHOLE), schema(model={"enum": ["k"]}, num_images=WHOLE)]}),
        {"n": "2"},
        {"n": 2},
    ),
    "properties beside alternatives": (
        document({**schema(), "oneOf": [{"properties": {"seed": WHOLE}}, {"properties": {"guidance_scale": TEXT}}]}),
        {"seed": "3"},
        {"seed": 3},
    ),
    "an alternative that completes itself": (
        document({
            **schema(image_url=TEXT, mode={"enum": ["a"]}),
            "anyOf": [{"required": ["image_url"]}, {"required": ["mode"]}],
        }),
        {},
        {"mode": "a"},
    ),
    "a constant": (document(schema(("model", "prompt", "mode"), mode={"const": "fast"})), {}, {"mode": "fast"}),
    "nothing where null is allowed": (
        document(schema(("model", "prompt", "seed"), seed={**WHOLE, "nullable": True})),
        {},
        {"seed": None},
    ),
    "null among the types": (document(schema(seed={"type": ["integer", "null"]})), {"seed": "3"}, {"seed": 3}),
    "null as an alternative": (document(schema(seed={"anyOf": [WHOLE, {"type": "null"}]})), {"seed": "3"}, {"seed": 3}),
    "the least above a bound": (
        document(schema(("model", "prompt", "steps"), steps={**WHOLE, "minimum": 0, "exclusiveMinimum": True})),
        {},
        {"steps": 1},
    ),
    "bounds as text": (document(schema(seed={**WHOLE, "minimum": "1", "maximum": "9"})), {"seed": 3}, {"seed": 3}),
    "bounds that are none": (document(schema(seed={**WHOLE, "minimum": True, "multipleOf": 0})), {"seed": 3}, {"seed": 3}),
    "a type with a capital": (document(schema(seed={"type": "Integer"})), {"seed": "3"}, {"seed": 3}),
    "a type that is none": (document(schema(seed={"type": 5})), {"seed": 3}, {"seed": 3}),
    "no schema of a property": (document(schema(seed=None, steps=True, quality="x")), {"seed": 3}, {"seed": 3}),
    "a choice among objects": (document(schema(style={"enum": [{"a": 1}, {"a": 2}]})), {"style": {"a": 2}}, {"style": {"a": 2}}),
    "no choices": (document(schema(quality={**TEXT, "enum": []})), {"quality": "x"}, {"quality": "x"}),
    "places of a list": (document(schema(tags={"type": "array", "items": [TEXT, WHOLE]})), {"tags": ["a", 1]}, {"tags": ["a", 1]}),
    "required as a word": (document({**schema(), "required": "prompt"}), {}, {}),
    "only the provider writes it": (
        document(schema(("model", "prompt", "id"), id={**TEXT, "readOnly": True})),
        {},
        {},
    ),
    "a dot in a name": (document(schema(**{"a.b": WHOLE})), {"a.b": "3"}, {"a.b": 3}),
    "names that are words of schemas": (
        document(schema(type={"enum": ["a", "b"]}, properties=WHOLE, required={"type": "boolean"})),
        {"type": "A", "properties": "3", "required": "yes"},
        {"type": "a", "properties": 3, "required": True},
    ),
    "others too": (document({**schema(), "additionalProperties": True}), {"sparkle": 7}, {"sparkle": 7}),
    "a charset": (document(schema(seed=WHOLE), "application/json; charset=utf-8"), {"seed": "3"}, {"seed": 3}),
    "a post without a body before it": (
        {"paths": {"/v1/x/cancel": {"post": {}}, **document(schema(seed=WHOLE))["paths"]}},
        {"seed": "3"},
        {"seed": 3},
    ),
    "a body by reference": (
        {
            "paths": {"/images/generations": {"post": {"requestBody": {"$ref": "#/components/requestBodies/B"}}}},
            "components": {"requestBodies": {"B": {"content": {"application/json": {"schema": schema(seed=WHOLE)}}}}},
        },
        {"seed": "3"},
        {"seed": 3},
    ),
    "the schema alone": (schema(seed=WHOLE), {"seed": "3"}, {"seed": 3}),
}  # fmt: skip


@pytest.mark.parametrize("name", SENT)
def test_however_it_is_written_the_request_fits(name: str) -> None:
    """References, alternatives and slips in a schema leave a request that its readable part allows."""
    told, words, sent = SENT[name]
    assert fitted(told, **words).payload == {"model": "m", "prompt": "a fox", **sent}


REFUSED = {
    "what is required and told nowhere": (document(schema(("model", "prompt", "ghost"))), {}, "m needs ghost"),
    "none of the alternatives": (
        document({**schema(), "oneOf": [{"required": ["image_url"]}, {"required": ["video_url"]}]}),
        {},
        "m needs image_url or video_url",
    ),
    "another than the constant": (document(schema(mode={"const": "fast"})), {"mode": "slow"}, "mode slow must be fast"),
    "too few": (document(schema(tags={"type": "array", "items": TEXT, "minItems": 2})), {"tags": "a"}, "at least 2"),
    "one thing twice": (document(schema(tags={"type": "array", "uniqueItems": True})), {"tags": ["a", "a"]}, "twice"),
    "the open bound": (document(schema(seed={**WHOLE, "exclusiveMinimum": 0})), {"seed": 0}, "above 0"),
    "beyond a bound as text": (document(schema(seed={**WHOLE, "maximum": "9"})), {"seed": 10}, "up to 9"),
    "a name that is not listed": (document({**schema(seed=WHOLE), "additionalProperties": False}), {"sead": 1}, "sead"),
    "a likely slip where others are taken": (
        document({**schema(seed=WHOLE), "additionalProperties": True}),
        {"sead": 1},
        "no parameter sead",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_told_in_a_sentence(name: str) -> None:
    """A value that the schema forbids is refused in one short sentence."""
    told, words, said = REFUSED[name]
    with pytest.raises(InvalidRequestError, match=said) as caught:
        fitted(told, **words)
    assert len(caught.value.message) < 120


@pytest.mark.parametrize("told", [None, [], {}, {"paths": None}, {"paths": {"/x": {"post": {"requestBody": []}}}}])
def test_a_document_without_a_schema_is_told_from_one_with_one(told: Any) -> None:
    """What holds no schema is a ValueError, whatever it is."""
    with pytest.raises(ValueError, match="no request schema"):
        request_schema(told)


def test_a_body_that_is_no_json_says_how_it_goes() -> None:
    """A form that must be multipart, or URL-encoded, is told as such; JSON goes before both."""
    kinds = ("multipart/form-data", "application/x-www-form-urlencoded")
    assert [form_of(document(schema(), kind)).body for kind in kinds] == list(kinds)
    both = document(schema(image_url=TEXT))
    content = both["paths"]["/v1/images/generations"]["post"]["requestBody"]["content"]
    content["multipart/form-data"] = {"schema": schema(image={"type": "string", "format": "binary"})}
    assert form_of(both).body == ""
    assert fitted(both, LINK).payload["image_url"] == LINK.url


def test_a_file_goes_as_a_form_where_only_that_takes_it() -> None:
    """Of JSON with URLs and a form with files, a file here takes the form."""
    told = document(schema(image_url={**TEXT, "format": "uri"}))
    content = told["paths"]["/v1/images/generations"]["post"]["requestBody"]["content"]
    content["multipart/form-data"] = {"schema": schema(image={"type": "string", "format": "binary"})}
    made = fitted(told, picture())
    assert (list(made.files), "image_url" in made.payload) == (["image"], False)


_SLIPS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.text(max_size=3), st.just([]), st.just({}), st.floats()
)
_WORDS = (
    "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength minItems maxItems uniqueItems "
    "pattern format description deprecated readOnly"
).split()
_TYPES = st.sampled_from(["string", "integer", "number", "boolean", "array", "object", "null", "file", "int", 5, None])


def _more(inner: Any) -> Any:
    either = st.one_of(inner, _SLIPS)
    words = {
        "type": st.one_of(_TYPES, st.lists(_TYPES, max_size=2)),
        "enum": st.one_of(_SLIPS, st.lists(_SLIPS, max_size=3)),
        "const": _SLIPS,
        "default": _SLIPS,
        "nullable": _SLIPS,
        "properties": st.one_of(
            _SLIPS, st.dictionaries(st.sampled_from(["prompt", "seed", "size", "image_url", "a.b"]), either, max_size=3)
        ),
        "required": st.one_of(_SLIPS, st.lists(st.one_of(_SLIPS, st.sampled_from(["seed", "ghost"])), max_size=2)),
        "items": either,
        "additionalProperties": either,
        "$ref": st.sampled_from(["#/components/schemas/R", "#/nowhere", "", 7]),
        **{way: st.one_of(_SLIPS, st.lists(either, max_size=3)) for way in ("anyOf", "oneOf", "allOf")},
        **dict.fromkeys(_WORDS, _SLIPS),
    }
    return st.fixed_dictionaries({}, optional=words)


SCHEMAS = st.recursive(st.just({}), _more, max_leaves=12)
REQUESTS = st.dictionaries(
    st.sampled_from(["seed", "size", "n", "negative", "guidance", "duration", "enhance", "image_url", "a.b", "ghost"]),
    st.one_of(_SLIPS, st.sampled_from(["5", "512x512", "16:9", "true", "[1,2]", '{"a": 1}', [1, "a"]])),
    max_size=4,
)


@given(SCHEMAS, SCHEMAS, REQUESTS, st.booleans())
@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_schema_however_broken_stops_a_call_in_another_way(
    told: dict[str, Any], named: dict[str, Any], words: dict[str, Any], attach: bool
) -> None:
    """A request to any schema, broken in any way, is fitted to JSON or refused; nothing else is raised."""
    whole = {
        **told,
        "properties": {**BASE, **(told.get("properties") if isinstance(told.get("properties"), dict) else {})},
    }
    try:
        form = form_of(document(whole, components={"schemas": {"R": named}}))
        chat_features(form)
        assert all(isinstance(each.allowed, str) for each in form.parameters)
        made = fit({"model": "m", "prompt": "a fox", **words}, form, attachments=[LINK] * attach)
    except (InvalidRequestError, ValueError) as error:
        assert isinstance(error, InvalidRequestError) or "no request schema" in str(error)
    else:
        json.dumps(made.payload)
