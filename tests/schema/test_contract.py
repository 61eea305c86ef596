"""The whole way, against the provider's own schemas: what is fitted is valid, and what is forbidden never leaves."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiml_nb.content import Attachment
from aiml_nb.errors import InvalidRequestError
from aiml_nb.schema import WORDS, Form, Parameter, fit
from aiml_nb.schema.traits import traits
from aiml_nb.schema.words import medium_of
from tests.contract import LINKS, form, records, refused

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\2\0\0\0\x90wS\xde" + b"\0" * 30

#: Needs the id of an upload made before; no prompt alone can do.
UPLOADED_FIRST = {"music-01"}

OPERATIONS = [(record["model"], record["path"]) for record in records()]
MEDIA = [(model, path) for model, path in OPERATIONS if medium_of(path) != "chat" and model not in UPLOADED_FIRST]

#: Words whose value becomes another, or several, and is looked at in tests of its own.
CONVERTED = {"size", "effort", "system"}


def least(form: Form) -> dict[str, Any]:
    """A request with nothing but the model, the prompt and what a chat's medium builds."""
    request: dict[str, Any] = {"model": form.model}
    if "messages" in form.properties:
        return request | {"messages": [{"role": "user", "content": "a red fox"}]}
    return request | ({"input": "a red fox"} if medium_of(form.path) == "chat" else {"prompt": "a red fox in the snow"})


def needed(form: Form) -> list[Attachment]:
    """The attachments that the model cannot do without."""
    slots = list(traits(form).file_slots.values())
    wanted = [slot for slot in slots if slot.parameter.required] or slots[: traits(form).wants_file]
    return [Attachment.of(PNG, original=True) if slot.upload else Attachment.of(LINKS[slot.kind]) for slot in wanted]


def common(form: Form) -> Iterator[tuple[str, Parameter]]:
    """Each common word that this model has, with the parameter that it stands for."""
    for word, names in WORDS[medium_of(form.path)].items():
        found = next((name for name in names if form.takes(name)), None)
        if found and word not in CONVERTED and found not in {"num_frames", "music_length_ms"}:
            yield word, form.by_name[found]


def allowed(parameter: Parameter) -> list[Any]:
    """Values that the schema allows: each choice, both bounds, both truths, some text."""
    if parameter.enum:
        return list(parameter.enum)
    kind = parameter.types[0]
    if kind in {"integer", "number"}:
        low = 1 if parameter.minimum is None else parameter.minimum
        return [low, low + 1 if parameter.maximum is None else parameter.maximum]
    return {"boolean": [True, False], "string": ["some text here"], "array": [["some text"]]}.get(kind, [])


def forbidden(parameter: Parameter) -> list[Any]:
    """Values that the schema forbids: outside of the bounds, no choice, of another type, too long."""
    wrong: list[Any] = [{"not": "this"}] if "object" not in parameter.types else []
    if parameter.enum:
        return [*wrong, "no such choice", 987654]
    if parameter.minimum is not None:
        wrong.append(parameter.minimum - 1)
    if parameter.maximum is not None:
        wrong.append(parameter.maximum + 1)
    if {"integer", "number", "boolean"} & set(parameter.types) and "string" not in parameter.types:
        wrong += ["words", [1]]
    if parameter.types == ("integer",):
        wrong.append(1.5)
    if parameter.types == ("string",):
        wrong += [["a", "list"], True, 12]
    return wrong + (["x" * (parameter.max_length + 1)] if parameter.max_length else [])


def at(payload: Any, name: str) -> Any:
    for part in name.split("."):
        payload = payload[part]
    return payload


@pytest.mark.parametrize(("model", "path"), MEDIA)
def test_a_prompt_and_a_file_are_enough(model: str, path: str) -> None:
    """With nothing but a prompt and the attachments that it needs, each model's request passes its own schema."""
    known = form(model, path)
    fitted = fit(least(known), known, attachments=needed(known))
    assert fitted.files or [] == refused(known, fitted.payload)


@pytest.mark.parametrize(("model", "path"), [each for each in OPERATIONS if medium_of(each[1]) == "chat"])
def test_a_plain_chat_passes(model: str, path: str) -> None:
    """A message of a user passes the schema of each chat model, whatever its shape."""
    known = form(model, path)
    assert [] == refused(known, fit(least(known), known).payload)


@pytest.mark.parametrize(("model", "path"), OPERATIONS)
def test_each_common_word_arrives_under_the_models_own_name(model: str, path: str) -> None:
    """Each allowed value of each common word stands in the payload under the model's own name, and passes the schema."""
    known = form(model, path)
    if model in UPLOADED_FIRST:
        pytest.skip("needs an upload first")
    for word, parameter in common(known):
        for value in allowed(parameter):
            fitted = fit({**least(known), word: value}, known, attachments=needed(known))
            got = at(fitted.payload, parameter.name)
            assert got in (value, [value]), (word, parameter.name)
            assert fitted.files or [] == refused(known, fitted.payload), word


@pytest.mark.parametrize(("model", "path"), OPERATIONS)
def test_each_forbidden_value_is_refused(model: str, path: str) -> None:
    """A value of a common word that the schema forbids is refused under that word."""
    known = form(model, path)
    for word, parameter in common(known):
        for value in forbidden(parameter):
            with pytest.raises(InvalidRequestError) as caught:
                fit({**least(known), word: value}, known, attachments=needed(known))
            assert word in str(caught.value.message), (word, value, caught.value.message)


@pytest.mark.parametrize(("model", "path"), OPERATIONS)
def test_text_is_taken_for_what_it_means(model: str, path: str) -> None:
    """What a magic passes as text, as "5" or "True" or another case of a choice, arrives as the value that it means."""
    known = form(model, path)
    if model in UPLOADED_FIRST:
        pytest.skip("needs an upload first")
    for word, parameter in common(known):
        if not parameter.enum and {"string", "array"} & set(parameter.types):
            continue
        for value in allowed(parameter)[:3]:
            written = str(value).upper() if isinstance(value, str) else str(value)
            fitted = fit({**least(known), word: written}, known, attachments=needed(known))
            assert at(fitted.payload, parameter.name) == value, (word, written)


@pytest.mark.parametrize(("model", "path"), OPERATIONS)
def test_an_unknown_name_is_refused(model: str, path: str) -> None:
    """A parameter that no schema has is refused by name."""
    known = form(model, path)
    with pytest.raises(InvalidRequestError, match="no_such_thing"):
        fit({**least(known), "no_such_thing": 1}, known, attachments=needed(known))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_what_is_fitted_is_valid_whatever_was_asked(data: st.DataObject) -> None:
    """Whatever values are given for whatever parameters: a request is refused here, or it passes the provider's schema."""
    known = form(*data.draw(st.sampled_from(MEDIA)))
    names = [name for name in known.properties if name not in traits(known).file_slots and name != "model"]
    words = [*names, "size", "n", "seed", "format", "duration", "voice", "language"]
    values = st.one_of(
        st.integers(-5, 5000),
        st.floats(-3, 50),
        st.booleans(),
        st.sampled_from(
            ["5", "16:9", "1024x1024", "2K", "png", "jpg", "true", "en", "auto", "720P", "", "x" * 700, "{}", "[1]"]
        ),
        st.lists(st.one_of(st.integers(), st.text(max_size=3)), max_size=3),
        st.dictionaries(st.sampled_from(["type", "width", "height", "x"]), st.integers(0, 2000), max_size=2),
    )
    asked = data.draw(st.dictionaries(st.sampled_from(words), values, max_size=4))
    try:
        fitted = fit({**least(known), **asked}, known, attachments=needed(known))
    except InvalidRequestError:
        return
    assert fitted.files or [] == refused(known, fitted.payload)


def test_fitting_takes_well_under_two_milliseconds() -> None:
    """On average over all models, a warm form fits a request with a few parameters in under 2 ms of CPU."""
    jobs = []
    for model, path in MEDIA:
        known = form(model, path)
        request = least(known) | {word: allowed(p)[0] for word, p in list(common(known))[:4] if allowed(p)}
        jobs.append((request, known, needed(known)))
    for request, known, files in jobs:
        fit(request, known, attachments=files)
    start = time.process_time()
    for request, known, files in jobs * 3:
        fit(request, known, attachments=files)
    assert 2e-3 > (time.process_time() - start) / len(jobs) / 3


def test_the_largest_schema_is_read_in_ten_milliseconds() -> None:
    """The form of the largest chat schema, 90 kB of it, is made from its JSON's data in under 10 ms of CPU."""
    largest = max(records(), key=lambda record: len(json.dumps(record["schema"])))
    times = []
    for _ in range(5):
        start = time.process_time()
        assert Form.from_json(largest["schema"], path=largest["path"], model=largest["model"]).takes("messages")
        times.append(time.process_time() - start)
    assert 0.010 > min(times)
