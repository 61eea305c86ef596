"""Tests of `aiml_nb.session.fitting`: what a request in common words makes a model's schema say."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from aiml_nb import DeprecationNotice, InvalidRequestError, Session
from aiml_nb.schema import Form

KLING = "kling-video/v1.6/pro/image-to-video"


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 36), "teal").save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("name", ["size", "aspect_ratio"])
def test_a_common_word_warns_of_the_deprecated_parameter_that_it_becomes(name: str) -> None:
    """`--size 16:9` is `aspect_ratio` here, which is on its way out: the warning comes under either name, once."""
    session = Session()
    with pytest.warns(DeprecationNotice, match="aspect_ratio") as seen:
        _ = [session.prepare("video", "It moves", model=KLING, attach=picture(), **{name: "16:9"}) for _ in range(2)]
    assert 1 == len(seen)


def test_another_model_that_takes_a_word_is_one_of_the_same_medium() -> None:
    """A chat model takes `seed` too, but draws nothing."""
    session = Session()
    session.chat("Hi", model="google/gemini-2.5-flash", seed=3)
    session.prepare("image", "A boat", model="alibaba/qwen-image")
    with pytest.raises(InvalidRequestError) as caught:
        session.prepare("image", "A boat", model="openai/gpt-image-1", seed=3)
    assert "alibaba/qwen-image" in caught.value.advice
    assert "gemini" not in caught.value.advice


@pytest.mark.parametrize("name", ["size", "aspect_ratio"])
def test_a_dropped_parameter_is_refused_with_the_reason(name: str) -> None:
    """Where the schema has it no more, the data file tells why, for the model's name and for the common word."""
    session = Session()
    session.prepare("video", "It moves", model=KLING, attach=picture())
    forms = session.catalogue().forms
    (key,) = (key for key in forms if key[0] == KLING)
    kept = {each.name: each.schema for each in forms[key].parameters if each.name != "aspect_ratio"}
    forms[key] = Form.from_json({"type": "object", "properties": kept}, path=forms[key].path, model=KLING)
    with pytest.raises(InvalidRequestError, match=f"takes no {name} any more") as caught:
        session.prepare("video", "It moves", model=KLING, attach=picture(), **{name: "16:9"})
    assert "crop the picture" in caught.value.advice
