"""One size for all: pixels, ratios, presets and resolutions become what each model has, and nothing changes silently."""

from __future__ import annotations

from typing import Any

import pytest

from aiml_nb.errors import InvalidRequestError
from aiml_nb.schema import Form, fit
from tests.contract import form

BOX, SIZES, RATIOS, VIDEO = (
    "alibaba/qwen-image",
    "openai/gpt-image-1-mini",
    "google/gemini-2.5-flash-image",
    "alibaba/wan-2-7-t2v",
)


def model(**properties: Any) -> Form:
    """A model with these parameters."""
    return Form.from_json({"type": "object", "properties": properties}, path="/v1/images/generations", model="m")


def sized(known: Form, size: Any, **more: Any) -> tuple[dict[str, Any], list[str]]:
    fitted = fit({"size": size, **more}, known, words={"size": ("size", "image_size", "aspect_ratio", "resolution")})
    return {name: value for name, value in fitted.payload.items() if name != "model"}, fitted.notes


def ask(name: str, size: Any) -> tuple[dict[str, Any], list[str]]:
    fitted = fit({"prompt": "a fox", "size": size}, form(name))
    return {key: value for key, value in fitted.payload.items() if key != "prompt"}, fitted.notes


@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        (BOX, "1024x768", {"image_size": {"width": 1024, "height": 768}}),
        (BOX, (1024, 768), {"image_size": {"width": 1024, "height": 768}}),
        (BOX, {"width": 1024, "height": 768}, {"image_size": {"width": 1024, "height": 768}}),
        (BOX, "SQUARE_HD", {"image_size": "square_hd"}),
        (SIZES, "1024×1536", {"size": "1024x1536"}),
        (RATIOS, "16:9", {"aspect_ratio": "16:9"}),
        (VIDEO, "720P", {"resolution": "720p"}),
        (VIDEO, "16:9 720p", {"aspect_ratio": "16:9", "resolution": "720p"}),
        ("bytedance/seedream-5-0-lite-preview", "2k", {"image_size": "2K"}),
    ],
)
def test_a_size_goes_where_the_model_has_it(name: str, size: Any, expected: dict[str, Any]) -> None:
    """What the model has in these terms is set, in its own spelling, and nothing needs to be said."""
    payload, notes = ask(name, size)
    assert ({**payload, **expected}, []) == (payload, notes)


@pytest.mark.parametrize(
    ("name", "size", "expected", "note"),
    [
        (BOX, "3:2", {"image_size": {"width": 1248, "height": 832}}, "1248x832"),
        (BOX, "9:16", {"image_size": {"width": 864, "height": 1536}}, "864x1536"),
        ("bytedance/seedream-5-0-lite-preview", "1:1", {"image_size": {"width": 1440, "height": 1440}}, "1440x1440"),
        (SIZES, "3:2", {"size": "1536x1024"}, "1536x1024"),
        (RATIOS, "1024x768", {"aspect_ratio": "4:3"}, "aspect_ratio 4:3"),
        (RATIOS, "landscape_16_9", {"aspect_ratio": "16:9"}, "aspect_ratio 16:9"),
        (VIDEO, "1280x720", {"aspect_ratio": "16:9", "resolution": "720p"}, "resolution 720p"),
    ],
)
def test_what_was_chosen_is_said(name: str, size: str, expected: dict[str, Any], note: str) -> None:
    """Where the model has it in other terms, the same shape is found, and a note says which."""
    payload, notes = ask(name, size)
    assert {**payload, **expected} == payload
    assert note in " ".join(notes)


@pytest.mark.parametrize(
    ("name", "size", "told"),
    [
        (RATIOS, "1000x700", "16:9"),
        (SIZES, "1024x768", "1024x1024, 1024x1536 or 1536x1024"),
        (SIZES, "16:9", "1024x1024"),
        (VIDEO, "1000x1000", "720p or 1080p"),
        (BOX, "banana", "landscape_4_3"),
        (BOX, "5000x5000", "512 to 1536"),
        (BOX, "1000x1024", "multiple of 32: 992 or 1024"),
        ("bytedance/seedance-1-0-pro-fast", "1280x720", "480p, 720p or 1080p"),
        (RATIOS, "9x9", "16:9"),
    ],
)
def test_what_the_model_has_not_is_refused_with_what_it_has(name: str, size: str, told: str) -> None:
    """A size that would have to be changed is refused, the allowed ones named."""
    with pytest.raises(InvalidRequestError) as caught:
        ask(name, size)
    assert told in caught.value.message
    assert "size" == (caught.value.param or "").split(".")[0]


def test_resolutions_have_names() -> None:
    """1K, 2K and 4K are told by the area or the long side, hd and fhd by the short one."""
    images = model(aspect_ratio={"enum": ["1:1", "16:9"]}, resolution={"enum": ["1K", "2K", "4K"]})
    assert ["1K", "2K", "4K"] == [sized(images, s)[0]["resolution"] for s in ("1024x1024", "2048x2048", "3840x2160")]
    films = model(aspect_ratio={"enum": ["16:9"]}, resolution={"enum": ["hd", "fhd"]})
    assert ["hd", "fhd"] == [sized(films, s)[0]["resolution"] for s in ("1280x720", "1920x1080")]


def test_presets_that_are_names_of_a_shape_are_found_by_ratio() -> None:
    """Where only presets are allowed, 9:16 is portrait_16_9."""
    presets = model(image_size={"type": "string", "enum": ["square_hd", "portrait_16_9", "landscape_16_9"]})
    assert ["portrait_16_9", "landscape_16_9", "square_hd"] == [
        sized(presets, ratio)[0]["image_size"] for ratio in ("9:16", "16:9", "1:1")
    ]


def test_width_and_height_of_their_own_are_a_size_too() -> None:
    """A model with two numbers gets both, within their bounds."""
    side = {"type": "integer", "minimum": 256, "maximum": 1440}
    assert {"width": 1024, "height": 576} == sized(model(width=side, height=side), "16:9")[0]
    with pytest.raises(InvalidRequestError, match=r"size\.width 100 must be 256 to 1440"):
        sized(model(width=side, height=side), "100x300")


def test_free_text_takes_pixels_as_they_are() -> None:
    """A size that is text without a list is the provider's to judge."""
    assert {"size": "800x600"} == sized(model(size={"type": "string"}), "800x600")[0]


def test_the_models_own_name_understands_a_size_as_well() -> None:
    """`--image_size 1024x768` and `--aspect_ratio 1024x768` are read like `--size`, for that parameter only."""
    assert {"width": 1024, "height": 768} == fit({"prompt": "x", "image_size": "1024x768"}, form(BOX)).payload[
        "image_size"
    ]
    both = fit({"prompt": "x", "resolution": "1080", "aspect_ratio": "1024x768"}, form(VIDEO)).payload
    assert ("1080p", "4:3") == (both["resolution"], both["aspect_ratio"])
