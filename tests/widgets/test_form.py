"""The form: every model's schema becomes controls whose values the model takes, and what was chosen goes along to the next."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ipywidgets as w
import pytest

from aiml_nb.content import Attachment
from aiml_nb.schema import Form, fit
from aiml_nb.widgets.fields import AUTO, Choice, Field, Seed, Slider, Text, Tick
from aiml_nb.widgets.file_field import Files
from aiml_nb.widgets.form import Controls, Memory
from aiml_nb.widgets.size_field import Size
from tests.contract import LINKS, records, refused

MEDIA = {"image": "image", "video": "video", "tts": "speech", "music": "music"}
RECORDS = [record for record in records() if record["modality"] in MEDIA]


def form_of(record: dict[str, Any]) -> Form:
    return Form.from_json(record["schema"], path=record["path"], model=record["model"])


def form(**properties: Any) -> Form:
    return Form.from_json({"properties": {"prompt": {"type": "string"}, **properties}}, path="/v1/images/generations")


def controls(**properties: Any) -> Controls:
    return Controls(form(**properties), "image")


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record['model']}@{record['path']}")
def test_every_model_gets_controls_that_it_understands(record: dict[str, Any]) -> None:
    """Each control has a name for screen readers, sends nothing untouched, and what it sends when touched fits the schema."""
    medium = MEDIA[record["modality"]]
    made = Controls(form_of(record), medium)
    assert {} == made.values()
    for each in made.fields.values():
        assert each.label
        assert each.hint
    for each in made.fields.values():
        touch(each)
    request = {"model": record["model"], "prompt": "a fox in the snow", **made.values()}
    fitted = fit(request, made.form, medium=medium)
    assert fitted.files or [] == refused(made.form, fitted.payload)


def touch(each: Field) -> None:
    """As a user would, a little."""
    if isinstance(each, Files):
        each.set([Attachment.of(png() if each.slot.upload else LINKS.get(each.slot.kind, LINKS["image"]))])
    elif isinstance(each, Size | Choice):
        each.control.value = each.control.options[-1][1]
    elif isinstance(each, Seed):
        each.dice.click()
    elif isinstance(each, Slider):
        each.control.value = each.control.max
    elif isinstance(each, Text) and ("string",) == each.parameter.types:
        each.control.value = "snow falls, softly"
    elif isinstance(each, Tick):
        each.control.value = not each.control.value


def test_a_number_with_bounds_is_a_slider_that_keeps_quiet_until_moved() -> None:
    """Its ends are the schema's; moving it sets its tick, and taking the tick off leaves the number to the model."""
    made = controls(guidance_scale={"type": "number", "minimum": 1, "maximum": 20})
    field = made.fields["guidance_scale"]
    assert isinstance(field, Slider)
    assert isinstance(field.control, w.FloatSlider)
    assert (1.0, 20.0) == (field.control.min, field.control.max)
    assert {} == made.values()
    field.control.value = 7.5
    assert field.set is not None
    assert field.set.value
    assert {"guidance_scale": 7.5} == made.values()
    field.set.value = False
    assert {} == made.values()


def test_a_list_begins_with_the_default_or_with_nothing() -> None:
    """Where the schema tells a default it is shown, else a dash that sends nothing; a chosen default is sent."""
    made = controls(
        output_format={"type": "string", "enum": ["png", "jpeg"], "default": "jpeg"},
        style={"type": "string", "enum": ["calm", "wild"]},
    )
    listed, style = made.fields["output_format"], made.fields["style"]
    assert isinstance(listed, Choice)
    assert isinstance(style, Choice)
    assert "jpeg" == listed.control.value
    assert (AUTO, None) == style.control.options[0]
    listed.control.value = "png"
    listed.control.value = "jpeg"
    assert {"output_format": "jpeg"} == made.values()


def test_the_dice_stays_in_bounds() -> None:
    """It throws whole numbers that the model takes; an empty seed is none."""
    made = controls(seed={"type": "integer", "minimum": 1, "maximum": 6})
    seed = made.fields["seed"]
    assert isinstance(seed, Seed)
    thrown = set()
    for _ in range(60):
        seed.dice.click()
        thrown.add(made.values()["seed"])
    assert thrown <= set(range(1, 7))
    assert len(thrown) > 1
    seed.control.value = ""
    assert {} == made.values()


def test_a_size_is_a_name_or_pixels() -> None:
    """The list has the model's names; by hand there are two numbers in the model's bounds."""
    side = {"type": "integer", "minimum": 64, "maximum": 1536, "default": 1024}
    box = {"type": "object", "properties": {"width": side, "height": side}, "required": ["width", "height"]}
    made = controls(image_size={"anyOf": [box, {"type": "string", "enum": ["square_hd", "portrait_4_3"]}]})
    size = made.fields["image_size"]
    assert isinstance(size, Size)
    assert "none" == size.by_hand.layout.display
    size.control.value = "portrait_4_3"
    assert {"image_size": "portrait_4_3"} == made.values()
    size.control.value = "width × height"
    assert "flex" == size.by_hand.layout.display
    size.sides[0].value = 4000
    assert {"image_size": {"width": 1536, "height": 1024}} == made.values()


def test_what_both_models_have_goes_along_and_the_rest_waits() -> None:
    """A value goes on under the common word or the name; one that the next model lacks comes back with one that has it."""
    memory = Memory()
    first = Controls(
        form(
            cfg_scale={"type": "number", "minimum": 0, "maximum": 20},
            seed={"type": "integer"},
            mood={"type": "string"},
            aspect_ratio={"type": "string", "enum": ["1:1", "16:9"]},
        ),
        "image",
        memory,
    )
    for name, value in {"cfg_scale": 4.0, "mood": "calm", "aspect_ratio": "16:9"}.items():
        field = first.fields[name]
        assert isinstance(field, Slider | Text | Choice)
        field.control.value = value
    side = {"type": "integer", "minimum": 512, "maximum": 2048}
    box = {"type": "object", "properties": {"width": side, "height": side}, "required": ["width", "height"]}
    second = Controls(
        form(guidance_scale={"type": "number", "minimum": 1, "maximum": 20}, image_size=box), "image", memory
    )
    assert {"guidance_scale": 4.0, "image_size": {"width": 1536, "height": 864}} == second.values()
    third = Controls(
        form(mood={"type": "string"}, aspect_ratio={"type": "string", "enum": ["1:1", "16:9"]}), "image", memory
    )
    assert {"mood": "calm", "aspect_ratio": "16:9"} == third.values()


def test_a_value_that_the_next_model_refuses_is_left_to_it() -> None:
    """Four pictures do not go along to a model that makes two; its control is untouched."""
    memory = Memory()
    many = Controls(form(n={"type": "integer", "minimum": 1, "maximum": 10, "default": 1}), "image", memory)
    field = many.fields["n"]
    assert isinstance(field, Slider)
    field.control.value = 4
    few = Controls(form(num_images={"type": "integer", "minimum": 1, "maximum": 2, "default": 1}), "image", memory)
    assert {} == few.values()
    again = Controls(form(num_images={"type": "integer", "minimum": 1, "maximum": 4, "default": 1}), "image", memory)
    assert {"num_images": 4} == again.values()


def test_an_upload_does_not_stay_in_the_control() -> None:
    """The bytes become an attachment and leave the widget's state; a small copy is shown."""
    made = controls(image_url={"type": "string", "description": "A URL or local Base64 image"})
    files = made.fields["image_url"]
    assert isinstance(files, Files)
    files.upload.set_trait("value", (uploaded("fox.png", png()),))
    assert () == files.upload.value
    (attachment,) = made.values()["image_url"]
    assert ("fox.png", "image/png") == (attachment.name, attachment.mime)
    assert 'alt="fox.png' in files.shown.value
    files.clear.click()
    assert {} == made.values()


def test_attachments_go_along_by_the_part_they_play() -> None:
    """A reference picture of one model stands in the next model's slot, under whatever name."""
    memory = Memory()
    first = Controls(form(image_url={"type": "string"}), "image", memory)
    files = first.fields["image_url"]
    assert isinstance(files, Files)
    files.address.value = "https://example.com/fox.png"
    assert "" == files.address.value
    second = Controls(form(image_urls={"type": "array", "items": {"type": "string"}}), "image", memory)
    (attachment,) = second.values()["image_urls"]
    assert "https://example.com/fox.png" == attachment.url


def test_what_is_no_file_is_said_in_place() -> None:
    """An address that cannot be read leaves a short sentence beside the control and attaches nothing."""
    made = controls(image_url={"type": "string"})
    files = made.fields["image_url"]
    assert isinstance(files, Files)
    files.address.value = "no-such-file.png"
    assert {} == made.values()
    assert "no-such-file.png" in files.problem.value


def test_without_a_schema_the_common_words_are_there() -> None:
    """A provider that publishes none gets size, n, seed and the like, and a value is sent under the common word."""
    made = Controls(None, "image")
    assert {"size", "n", "seed", "negative"} <= set(made.fields)
    assert [] == made.put({"size": "512x512", "n": 2})
    assert {"size": "512x512", "n": 2} == made.values()


def test_what_a_provider_wrote_is_text() -> None:
    """Markup in a name, a choice or a description is never taken for HTML."""
    made = controls(style={"type": "string", "enum": ["<img src=x>", "b"], "description": "<script>alert(1)</script>"})
    field = made.fields["style"]
    assert isinstance(field, Choice)
    assert not field.control.description_allow_html
    assert "<script>" in field.control.tooltip


def test_settings_can_be_put_back() -> None:
    """Values of an earlier request are shown by the model's names; those without a place are named."""
    made = controls(
        seed={"type": "integer"},
        camera={"type": "object", "properties": {"type": {"type": "string"}, "zoom": {"type": "number"}}},
    )
    assert ["other"] == made.put({"seed": 7, "camera": {"type": "simple", "zoom": 2}, "other": 1})
    assert {"seed": 7, "camera.type": "simple", "camera.zoom": 2} == made.values()


def uploaded(name: str, content: bytes) -> dict[str, Any]:
    now = dt.datetime.now(tz=dt.UTC)
    return {
        "name": name,
        "type": "image/png",
        "size": len(content),
        "content": memoryview(content),
        "last_modified": now,
    }


def png() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return out.getvalue()
