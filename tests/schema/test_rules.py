"""Rules that only a schema's prose states are kept as well as those that a validator knows."""

from __future__ import annotations

from typing import Any

import pytest

from aiml_nb.errors import InvalidRequestError
from aiml_nb.schema import Form, fit
from tests.contract import form, picture

FRAME = "https://example.com/last.png"


def wrong(name: str, told: str, *attachments: Any, **request: Any) -> None:
    with pytest.raises(InvalidRequestError, match=told):
        fit({"prompt": "a fox", **request}, form(name), attachments=attachments)


def test_multiples() -> None:
    """A side that must be a multiple of 32 and is none is refused with its neighbours."""
    wrong("flux-realism", "size.width 1000 must be a multiple of 32: 992 or 1024", size="1000x1024")


def test_numbers_in_prose_bound_what_the_schema_leaves_open() -> None:
    """`between 0 and 1`, `maximum 600 characters`, `up to 9` and a count of less than one."""
    wrong(
        "alibaba/wan2.2-vace-fun-a14b-outpainting",
        "expand_ratio 3 must be 0 to 1",
        expand_ratio=3,
        video_url="https://e.com/a.mp4",
    )
    wrong("google/lyria2", "prompt may have at most 600 characters; it has 601", prompt="x" * 601)
    wrong("google/imagen-4.0-fast-generate-001", "n 0 must be a whole number from 1 on", n=0)
    stop = {
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        "description": "Up to 4 sequences",
    }
    known = Form.from_json({"properties": {"stop": stop}}, path="/v1/chat/completions")
    with pytest.raises(InvalidRequestError, match="stop may have at most 4; it has 5"):
        fit({"stop": list("abcde")}, known)


def test_either_or() -> None:
    """Two parameters of which exactly one must be given."""
    kling = "klingai/video-v3-omni-720p-image-to-video"
    wrong(kling, "prompt and multi_prompt exclude each other", picture(), multi_prompt=["a"])
    wrong(kling, "one of prompt and multi_prompt is needed", picture(), prompt="")


def test_at_least_one() -> None:
    """One of two is needed where the prose says so."""
    wrong("music-01", "one of refer_voice and refer_instrumental is needed")


def test_what_goes_only_with_something_else() -> None:
    """A last frame that needs the first one."""
    known = Form.from_json(
        {
            "properties": {
                "image_url": {"type": "string", "format": "uri"},
                "last_image_url": {
                    "type": "string",
                    "format": "uri",
                    "description": "Provide it together with `image_url`.",
                },
            }
        },
        path="/v2/video/generations",
    )
    with pytest.raises(InvalidRequestError, match="last_image_url needs image_url too"):
        fit({"last_image_url": FRAME}, known)


def test_a_switch_in_the_way_is_turned_off_and_that_is_said() -> None:
    """A tail frame that does not work with sound turns it off where nobody asked for it, and is refused where somebody did."""
    kling = "klingai/video-v3-omni-720p-image-to-video"
    fitted = fit({"prompt": "x", "last": FRAME}, form(kling), attachments=[picture()])
    assert fitted.payload["generate_audio"] is False
    assert ["generate_audio is off: the model needs that for tail_image_url"] == fitted.notes
    wrong(kling, "tail_image_url does not work with generate_audio", picture(), last=FRAME, sound=True)


def test_the_only_value_that_another_parameter_leaves() -> None:
    """With a last frame the duration can only be 8."""
    veo = "google/veo-3-1-lite-generate-preview"
    wrong(veo, "duration 4 must be 8 together with last_image_url", picture(), last=FRAME, duration=4)
    assert (
        8 == fit({"prompt": "x", "last": FRAME, "duration": 8}, form(veo), attachments=[picture()]).payload["duration"]
    )


def test_a_switch_that_makes_what_is_missing_is_turned_on() -> None:
    """A song without words gets them written, and a note says so; who gives words or wants none is left alone."""
    song = form("minimax/music-2.6")
    fitted = fit({"prompt": "a slow waltz"}, song)
    assert fitted.payload["lyrics_optimizer"] is True
    assert "no lyrics were given" in fitted.notes[0]
    assert "lyrics_optimizer" not in fit({"prompt": "a slow waltz", "instrumental": True}, song).payload
    assert "lyrics_optimizer" not in fit({"prompt": "a slow waltz", "lyrics": "la la la la"}, song).payload
