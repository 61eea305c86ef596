"""A call as the text of a cell: the magics read it back as the same request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aiml_nb.content import Attachment
from aiml_nb.magics.line import json_value, parse, put, split_assignment
from aiml_nb.magics.options import BY_MEDIUM
from aiml_nb.schema import Form, fit
from aiml_nb.template import fill
from aiml_nb.widgets.cell_text import cell_text
from aiml_nb.widgets.form import Controls
from tests.contract import form as form_of
from tests.widgets.test_form import MEDIA, RECORDS, png, touch


def nowhere(_: Attachment) -> Path:
    return Path("picture.png")


def read_back(text: str, medium: str) -> tuple[str | None, str, dict[str, Any]]:
    """Model, prompt and parameters as the magics understand the cell."""
    first, _, prompt = text.partition("\n")
    line = parse(first.removeprefix(f"%%{medium} "), BY_MEDIUM[medium])
    told: dict[str, Any] = {}
    for name, value in line.params.items():
        put(told, name, value.coerce() if "{{" not in value.text else fill(value.text, {}).text)
    for item in line.many("param"):
        name, value = split_assignment("-p", item.text)
        put(told, name, json_value("-p", value))
    return line.text("model"), fill(prompt, {}).text, told


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record['model']}@{record['path']}")
def test_the_cell_asks_for_what_the_form_says(record: dict[str, Any]) -> None:
    """For every model, with every control touched, the cell's request is the form's."""
    medium = MEDIA[record["modality"]]
    form = form_of(record["model"], record["path"])
    controls = Controls(form, medium)
    for each in controls.fields.values():
        if each.name not in {slot.name for slot in controls.slots.values() if slot.upload}:
            touch(each)
    prompt = "a fox {{ x }}\n\n  --n 4 in $5 snow"
    text = cell_text(medium, record["model"], prompt, controls.values(), form, nowhere)
    model, said, told = read_back(text, medium)
    assert (record["model"], prompt) == (model, said)
    if controls.slots and any(slot.upload for slot in controls.slots.values()):
        return
    by_form = fit({"model": record["model"], "prompt": prompt, **controls.values()}, form, medium=medium)
    by_cell = fit({"model": record["model"], "prompt": prompt, **told}, form, medium=medium)
    assert by_form.payload == by_cell.payload


@pytest.mark.parametrize(
    "value",
    [
        "plain",
        "two words",
        '"quoted"',
        "true",
        "7",
        "-x",
        "ends with \\",
        "two\nlines",
        "{{ x }}",
        "a=b",
        "",
        "[1]",
        "{a}",
    ],
)
def test_any_text_comes_back_as_itself(value: str) -> None:
    """Whatever was typed into a text field stands in the cell so that the magics read the same."""
    form = Form.from_json(
        {"properties": {"prompt": {"type": "string"}, "negative_prompt": {"type": "string"}}},
        path="/v1/images/generations",
    )
    _, _, told = read_back(cell_text("image", "m", "a", {"negative_prompt": value}, form, nowhere), "image")
    assert value == str(told["negative"] if "negative" in told else told["negative_prompt"])


def test_uploaded_pictures_are_named_by_their_file() -> None:
    """Bytes are put where a path leads to them; an address stays one."""
    properties = {"prompt": {"type": "string"}, "image_url": {"type": "string"}, "strength": {"type": "number"}}
    form = Form.from_json({"properties": properties}, path="/v1/images/generations")
    values = {"image_url": [Attachment.of(png())], "strength": 0.5}
    assert "%%image -m m --image_url picture.png --strength 0.5\na" == cell_text(
        "image", "m", "a", values, form, nowhere
    )
    linked = {"image_url": [Attachment.of("https://example.com/a.png?x=1")]}
    assert "--image_url https://example.com/a.png?x=1" in cell_text("image", "m", "a", linked, form, nowhere)


def test_without_a_prompt_it_is_a_line() -> None:
    """IPython refuses a cell magic with an empty cell, so a model that takes no prompt gets the line form."""
    form = Form.from_json({"properties": {"image_url": {"type": "string"}}}, path="/v1/images/generations")
    assert "%image -m up --scale 2" == cell_text("image", "up", " \n", {"scale": 2}, form, nowhere)
