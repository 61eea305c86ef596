"""Attachments: each goes to the parameter that takes it, as the schema takes it, or is refused with the reason."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from aiml_nb.content import Attachment, Base64
from aiml_nb.errors import InvalidRequestError
from aiml_nb.schema import Fitted, Form, fit
from tests.contract import LINKS, form, picture


@pytest.fixture
def local() -> Attachment:
    return Attachment.of(Image.new("RGB", (8, 8)))


@pytest.fixture
def sound() -> Attachment:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(b"\0" * 800)
    return Attachment.of(out.getvalue())


def send(name: str, *attachments: Any, **request: Any) -> Fitted:
    return fit({"prompt": "a fox in the snow", **request}, form(name), attachments=attachments)


def model(required: tuple[str, ...] = (), path: str = "/v1/images/generations", **properties: Any) -> Form:
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return Form.from_json(schema, path=path, model="m")


LINK = {"type": "string", "format": "uri"}
EITHER = LINK | {"description": "URL or Base64"}


def test_a_url_goes_as_it_is_and_a_file_as_a_data_url(local: Attachment) -> None:
    """A link stays a link; a file becomes a data URL that is read while it is sent."""
    assert LINKS["image"] == send("alibaba/qwen-image-edit", picture()).payload["image"]
    sent = send("alibaba/qwen-image-edit", local).payload["image"]
    assert isinstance(sent, Base64)
    assert "data:image/png;base64," == sent.prefix


def test_a_file_for_a_model_that_takes_only_urls_is_refused_with_the_reason(local: Attachment) -> None:
    """The schema's own words are the reason."""
    with pytest.raises(InvalidRequestError, match="takes only a URL") as caught:
        send("triposr", local)
    assert "The URL of the reference image." in caught.value.message


def test_a_missing_file_is_named() -> None:
    """A required file that nobody attached is asked for, by the parameter's name."""
    with pytest.raises(InvalidRequestError, match=r"needs a picture \(image_url\)") as caught:
        send("triposr")
    assert "image_url" == caught.value.param
    with pytest.raises(InvalidRequestError, match=r"needs a sound file \(url or audio\)"):
        send("slam-1")


def test_one_picture_or_several_as_the_schema_has_it(local: Attachment) -> None:
    """A list gets a list, a choice of both gets one alone or several; several prefer the parameter that holds them all."""
    assert [LINKS["image"]] == send("blackforestlabs/flux-2-pro-edit", picture()).payload["image_urls"]
    kontext = "flux/kontext-pro/image-to-image"
    assert LINKS["image"] == send(kontext, picture()).payload["image_url"]
    assert [LINKS["image"]] * 2 == send(kontext, picture(), picture()).payload["image_url"]
    assert 3 == len(send("luma/uni-1", local, local, local).payload["image_urls"])


def test_too_many_are_refused() -> None:
    """More attachments than the model has room for are refused with the number."""
    with pytest.raises(InvalidRequestError, match="takes at most 4 pictures; there are 5"):
        send("flux/kontext-pro/image-to-image", *[picture()] * 5)


def test_a_kind_that_the_model_does_not_take_is_refused(sound: Attachment) -> None:
    """A sound for a picture's model, and a picture for a model that takes no file at all."""
    with pytest.raises(InvalidRequestError, match="takes no sound file") as caught:
        send("luma/uni-1", sound)
    assert "It takes a picture." == caught.value.advice
    with pytest.raises(InvalidRequestError, match="dall-e-2 takes no picture"):
        send("dall-e-2", picture())


def test_first_and_last_frame() -> None:
    """Two pictures are the first and the last frame; a role says it outright, whatever the order."""
    veo = "google/veo-3-1-lite-generate-preview"
    one, two = picture("https://example.com/1.png"), picture("https://example.com/2.png")
    for fitted in (
        send(veo, one, two),
        send(veo, ("last", two), one),
        send(veo, one, last=two.url),
        send(veo, first=one, last=two),
    ):
        assert (one.url, two.url) == (fitted.payload["image_url"], fitted.payload["last_image_url"])


def test_roles_find_their_parameters() -> None:
    """A mask never takes an ordinary picture; a reference goes to the list of pictures."""
    known = model(
        image_url=EITHER, mask_url=EITHER, reference_image_urls={"type": "array", "items": LINK, "maxItems": 2}
    )
    fitted = fit(
        {"mask": "https://example.com/m.png", "reference": ["https://example.com/r.png"]},
        known,
        attachments=[picture()],
    )
    assert {
        "image_url": LINKS["image"],
        "mask_url": "https://example.com/m.png",
        "reference_image_urls": ["https://example.com/r.png"],
    } == fitted.payload
    with pytest.raises(InvalidRequestError, match="takes no left picture; it takes"):
        fit({"left": LINKS["image"]}, known)


def test_sides_of_an_object_come_in_order() -> None:
    """Front, left, back: as many as were attached."""
    payload = send("magic/image-to-3d", *[picture(f"https://example.com/{n}.png") for n in range(3)]).payload
    assert {"model", "front_image_url", "left_image_url", "back_image_url"} == set(payload)


def test_the_models_own_name_takes_a_path_a_link_or_an_attachment(tmp_path: Path, local: Attachment) -> None:
    """`--image_url` works like an attachment; a data URL typed there goes as it is; a wrong path is told."""
    Image.new("RGB", (4, 4)).save(tmp_path / "cat.png")
    seedance = "bytedance/seedance-1-0-pro-fast"
    assert isinstance(send(seedance, image_url=str(tmp_path / "cat.png")).payload["image_url"], Base64)
    assert isinstance(send(seedance, image_url=local).payload["image_url"], Base64)
    assert LINKS["image"] == send(seedance, image_url=LINKS["image"]).payload["image_url"]
    assert "data:image/png;base64,AAAA" == send("triposr", image_url="data:image/png;base64,AAAA").payload["image_url"]
    with pytest.raises(InvalidRequestError, match="no file") as caught:
        send(seedance, image_url="nowhere.png")
    assert "image_url" == caught.value.param


def test_a_form_upload_goes_beside_the_payload(local: Attachment, sound: Attachment) -> None:
    """Where the schema has an upload, files stand apart; a URL goes to the parameter for URLs, or is refused."""
    edit = send("openai/gpt-image-2", local, mask=local)
    assert {"image": [local], "mask": [local]} == edit.files
    assert "image" not in edit.payload
    assert {"audio": [sound]} == send("slam-1", sound).files
    assert ({}, LINKS["audio"]) == (
        (fitted := send("slam-1", Attachment.of(LINKS["audio"]))).files,
        fitted.payload["url"],
    )
    with pytest.raises(InvalidRequestError, match="takes a file, not a URL"):
        send("openai/gpt-image-2", picture())


def test_a_document_takes_the_shape_of_its_kind(local: Attachment) -> None:
    """An object with its `type` for one reader, bare base64 with the MIME type beside it for another."""
    pdf = Attachment.of(LINKS["document"])
    assert {"type": "document_url", "document_url": pdf.url} == send("mistral-ocr-2512", pdf).payload["document"]
    assert {"type": "image_url", "image_url": LINKS["image"]} == send("mistral-ocr-2512", picture()).payload["document"]
    google = send("google/gc-document-ai", local).payload
    assert ("image/png", "") == (google["mimeType"], google["document"].prefix)


def test_an_object_or_a_list_of_objects_around_the_link() -> None:
    """`{"url": …}` and `[{"type": "image_url", "image_url": …}]` are built as the schema has them."""
    box = {"type": "object", "properties": {"url": LINK}, "required": ["url"]}
    item = {
        "type": "object",
        "properties": {"type": {"enum": ["image_url"]}, "image_url": LINK},
        "required": ["type", "image_url"],
    }
    assert {"image": {"url": LINKS["image"]}} == fit({}, model(image=box), attachments=[picture()]).payload
    known = model(images={"type": "array", "items": item})
    assert {"images": [{"type": "image_url", "image_url": LINKS["image"]}]} == fit(
        {}, known, attachments=[picture()]
    ).payload


def test_a_link_whose_address_tells_nothing_finds_its_place() -> None:
    """What may be anything is taken for what the model takes."""
    somewhere = Attachment.of("https://example.com/download?id=7")
    assert somewhere.url == send("triposr", somewhere).payload["image_url"]
    assert somewhere.url == send("tencent/hunyuan-part", somewhere).payload["mesh_url"]
    assert somewhere.url == send("slam-1", somewhere).payload["url"]


def test_names_that_only_sound_like_files_are_left_alone() -> None:
    """A number of images, an address to call back and a format are no places for an attachment."""
    known = model(
        num_images={"type": "integer"}, callback_url=LINK, image_format={"type": "string"}, image={"type": "boolean"}
    )
    with pytest.raises(InvalidRequestError, match="takes no picture"):
        fit({}, known, attachments=[picture()])
