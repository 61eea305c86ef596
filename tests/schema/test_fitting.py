"""A request in common words becomes the model's own, and every problem is told at once, in the user's words."""

from __future__ import annotations

from typing import Any

import pytest

from aiml_nb.errors import InvalidRequestError
from aiml_nb.schema import Form, fit
from tests.contract import form, picture

FLUX = "alibaba/qwen-image"


def ask(name: str, path: str = "", **request: Any) -> dict[str, Any]:
    payload = fit({"prompt": "a fox", **request}, form(name, path)).payload
    payload.pop("model")
    return payload


def refusal(name: str, **request: Any) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as caught:
        fit({"prompt": "a fox", **request}, form(name), attachments=request.pop("attachments", ()))
    return caught.value


def model(path: str = "/v1/images/generations", required: tuple[str, ...] = (), **properties: Any) -> Form:
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return Form.from_json(schema, path=path, model="m")


def test_common_words_take_the_models_own_names() -> None:
    """The same words work on models that call things otherwise."""
    words = {"n": "2", "seed": "5", "negative": "blur", "guidance": "3", "format": "jpg"}
    assert {
        "prompt": "a fox",
        "num_images": 2,
        "seed": 5,
        "negative_prompt": "blur",
        "guidance_scale": 3,
        "output_format": "jpeg",
    } == ask(FLUX, **words)
    assert 0.5 == ask("kling-video/v1.6/standard/text-to-video", guidance=0.5)["cfg_scale"]
    speech = ask("minimax/speech-2.5-hd-preview", voice="deep_voice_man", speed="1.2", language="en")
    assert {"voice_id": "Deep_Voice_Man", "speed": 1.2} == speech["voice_setting"]
    assert ("English", "a fox") == (speech["language_boost"], speech["text"])


def test_the_models_own_names_work_too_nested_ones_dotted_or_as_objects() -> None:
    """Dotted names and an object are the same, and may be mixed."""
    pitched = {"voice_setting": {"pitch": 3, "speed": 1.5}}
    speech = "minimax/speech-2.5-hd-preview"
    assert pitched["voice_setting"] == ask(speech, **pitched)["voice_setting"]
    assert pitched["voice_setting"] == ask(speech, **{"voice_setting.pitch": "3", "speed": 1.5})["voice_setting"]


def test_every_problem_is_told_at_once() -> None:
    """Five wrong things are five clauses in one error, each in the word that the user wrote, with what is allowed."""
    error = refusal(FLUX, n=9, seed=0, guidance=99, format="gif", sede=1)
    assert "5 problems: " == error.message[:12]
    for told in (
        "n 9 must be 1 to 4",
        "seed 0 must be a whole number from 1 on",
        "guidance 99 must be 1 to 20",
        "format gif must be jpeg or png",
        "no parameter sede",
    ):
        assert told in error.message
    assert "Did you mean seed?" in error.advice


def test_one_problem_is_one_short_sentence() -> None:
    """The first words tell it; what is on screen is not cut."""
    error = refusal(FLUX, n=9)
    assert ("n 9 must be 1 to 4", "n") == (str(error), error.param)


def test_an_unknown_name_gets_the_nearest_right_one() -> None:
    """Another model's name for the same thing, a slip, or else what there is."""
    assert "Did you mean n?" == refusal("dall-e-2", num_images=2).advice
    assert "Did you mean size?" == refusal("dall-e-2", sise="1024x1024").advice
    assert "It takes n, size or response_format." == refusal("dall-e-2", zebra=1).advice


def test_other_models_that_take_it_are_named() -> None:
    """The catalogue is asked through a function, and at most four models are told."""
    with pytest.raises(InvalidRequestError) as caught:
        fit({"prompt": "x", "negative": "y"}, form("dall-e-2"), others=lambda word: [f"{word}-{n}" for n in range(9)])
    assert "negative-0, negative-1, negative-2 or negative-3 take it." == caught.value.advice


def test_the_same_thing_given_twice_is_refused_unless_it_is_the_same() -> None:
    """`negative` and `negative_prompt` are one parameter."""
    assert (
        "negative and negative_prompt set negative_prompt twice"
        in refusal(FLUX, negative="a", negative_prompt="b").message
    )
    assert "a" == ask(FLUX, negative="a", negative_prompt="a")["negative_prompt"]


def test_one_picture_is_what_a_model_makes_that_counts_none() -> None:
    """`n=1` is honoured by doing nothing; `n=2` is refused."""
    assert {"prompt": "a fox"} == ask("openai/sora-2-t2v", n=1)
    assert "openai/sora-2-t2v makes one at a time" == str(refusal("openai/sora-2-t2v", n=2))


def test_none_is_not_given() -> None:
    """Parameters that are None are left out."""
    assert {"prompt": "a fox"} == ask(FLUX, seed=None, negative=None)


def test_durations_are_seconds_whatever_the_model_counts_in() -> None:
    """Milliseconds and frames are worked out, also told in a note; under the model's own name a number is what it is there."""
    music = model("/v2/generate/audio", music_length_ms={"type": "integer", "minimum": 10000, "maximum": 300000})
    assert {"music_length_ms": 90000} == fit({"duration": "1:30"}, music).payload
    with pytest.raises(
        InvalidRequestError, match="duration 5 is music_length_ms 5000 here; that must be 10000 to 300000"
    ):
        fit({"duration": 5}, music)
    vace = form("alibaba/wan2.2-vace-fun-a14b-outpainting")
    frames = fit({"prompt": "x", "duration": "5s", "video_url": "https://example.com/a.mp4"}, vace)
    assert (80, "5 s are 80 frames, at 16 a second") == (frames.payload["num_frames"], frames.notes[0])
    own = fit({"prompt": "x", "num_frames": 81, "video_url": "https://example.com/a.mp4"}, vace)
    assert 81 == own.payload["num_frames"]
    assert 10 == ask("alibaba/wan-2-7-t2v", duration="10s")["duration"]


def test_effort_is_a_word_a_budget_or_a_switch() -> None:
    """Each way to tell a model how long to think is found."""
    talk = {"prompt": None, "messages": [{"role": "user", "content": "hi"}]}
    thought = ask("anthropic/claude-haiku-4.5", effort="high", **talk)["thinking"]
    assert {"type": "enabled", "budget_tokens": 16384} == thought
    assert {"effort": "high"} == ask("openai/gpt-5-5", prompt=None, input="hi", effort="HIGH")["reasoning"]
    assert "low" == ask("openai/gpt-5-2", effort="low", **talk)["reasoning_effort"]
    switch = model("/v1/chat/completions", enable_thinking={"type": "boolean"})
    assert [True, False] == [fit({"effort": e}, switch).payload["enable_thinking"] for e in ("high", "none")]


def test_a_budget_to_think_with_leaves_room_for_the_answer() -> None:
    """Where max_tokens is less than the usual budget, the budget is less too."""
    request = {"messages": [{"role": "user", "content": "hi"}], "effort": "high", "max_tokens": 4000}
    assert 3000 == fit(request, form("anthropic/claude-haiku-4.5")).payload["thinking"]["budget_tokens"]


def test_max_tokens_has_the_name_that_the_model_prefers() -> None:
    """max_completion_tokens where there is one, max_output_tokens (16 at least) for responses, else max_tokens."""
    talk = {"prompt": None, "messages": [{"role": "user", "content": "hi"}], "max_tokens": 50}
    assert 50 == ask("gpt-4o", "chat", **talk)["max_completion_tokens"]
    assert 50 == ask("MiniMax-Text-01", **talk)["max_tokens"]
    assert 50 == ask("o3-mini", prompt=None, input="hi", max_tokens=50)["max_output_tokens"]
    assert "max_tokens 4 must be a whole number from 16 on" == str(
        refusal("o3-mini", prompt=None, input="hi", max_tokens=4)
    )


def test_a_voice_goes_into_the_object_that_wants_it() -> None:
    """A list of speakers, each an object, is built around the one voice given; none given, the first is taken and said."""
    speaker = {"type": "object", "properties": {"preset": {"enum": ["Alice", "Carter"]}}, "required": ["preset"]}
    podcast = model(
        "/v1/tts", ("script", "speakers"), script={"type": "string"}, speakers={"type": "array", "items": speaker}
    )
    assert [{"preset": "Carter"}] == fit({"prompt": "hi", "voice": "carter"}, podcast).payload["speakers"]
    fitted = fit({"prompt": "hi"}, podcast)
    assert {"script": "hi", "speakers": [{"preset": "Alice"}]} == fitted.payload
    assert "the first of 2" in fitted.notes[0]


def test_what_is_required_and_can_be_known_is_filled() -> None:
    """The default, the only choice, the first of several with a note, the prompt for another text; else it is asked for."""
    known = model(
        required=("model", "type", "mode", "steps", "lyrics"),
        model={"enum": ["m"]},
        prompt={"type": "string"},
        type={"enum": ["image"]},
        mode={"enum": ["fast", "best"]},
        steps={"type": "integer", "default": "25"},
        lyrics={"type": "string"},
    )
    fitted = fit({"prompt": "la la"}, known)
    assert {
        "model": "m",
        "prompt": "la la",
        "type": "image",
        "mode": "fast",
        "steps": 25,
        "lyrics": "la la",
    } == fitted.payload
    assert [
        "mode is fast, the first of 2",
        "lyrics is the prompt too; --lyrics gives it words of its own",
    ] == fitted.notes
    with pytest.raises(InvalidRequestError, match="m needs effect_id: text"):
        fit({}, model(required=("effect_id",), effect_id={"type": "string"}))


def test_an_alias_goes_as_the_id_that_the_schema_lists() -> None:
    """A model's id is sent as the schema spells it."""
    assert "dall-e-2" == fit({"model": "DALL-E-2", "prompt": "x"}, form("dall-e-2")).payload["model"]
    assert "dall-e-2" == fit({"model": "an-alias", "prompt": "x"}, form("dall-e-2")).payload["model"]


def test_a_prompt_that_has_no_place_is_said() -> None:
    """A model without a prompt is used all the same, and a note says that the text was not sent."""
    fitted = fit({"prompt": "a chair"}, form("triposr"), attachments=[picture()])
    assert ["this model takes no prompt; the text was not sent"] == fitted.notes


def test_a_missing_prompt_is_asked_for() -> None:
    """No prompt for a model that needs one is refused before anything is sent."""
    with pytest.raises(InvalidRequestError, match="there is no prompt"):
        fit({"model": "dall-e-2"}, form("dall-e-2"))


def test_a_long_prompt_is_refused_with_its_length() -> None:
    """The limit and the length are told."""
    assert "must be text of at most 1,000 characters; it has 1,001" in refusal("dall-e-2", prompt="x" * 1001).message


def test_formats_have_families() -> None:
    """`mp3` is one of the model's own mp3 formats, and a note says which."""
    fitted = fit({"prompt": "x", "format": "mp3"}, form("elevenlabs/eleven_turbo_v2_5"))
    assert fitted.payload["output_format"].startswith("mp3_")
    assert "mp3 is mp3_" in fitted.notes[0]


def test_messages_are_checked_down_to_the_part() -> None:
    """What is wrong deep inside a message is named where it is; what the medium vouches for is not looked at."""
    talk = [
        {
            "role": "user",
            "content": [{"type": "image_url", "image_url": {"url": "https://e.com/a.png", "detail": "loow"}}],
        }
    ]
    with pytest.raises(
        InvalidRequestError, match=r"messages\[0\].content\[0\].image_url.detail loow must be low, high or auto"
    ):
        fit({"messages": talk}, form("gpt-4o", "chat"))
    assert talk == fit({"messages": talk}, form("gpt-4o", "chat"), trusted={"messages"}).payload["messages"]


def test_without_a_schema_values_go_as_they_are_and_that_is_said() -> None:
    """Each word under its first name; a note only where there were parameters."""
    fitted = fit({"model": "m", "prompt": "x", "n": 2, "negative": "y"}, None, medium="image", attachments=[picture()])
    assert {"model": "m", "prompt": "x", "n": 2, "negative_prompt": "y", "image_url": picture().url} == fitted.payload
    assert ["this provider publishes no schema: parameters go as they are"] == fitted.notes
    assert [] == fit({"model": "m", "prompt": "x"}, None, medium="image").notes
    chat = fit({"messages": [], "max_tokens": 9, "effort": "low"}, None, medium="chat").payload
    assert {"messages": [], "max_tokens": 9, "reasoning_effort": "low"} == chat


def test_a_medium_may_bring_its_own_words() -> None:
    """The vocabulary is an argument."""
    assert {"model": FLUX, "num_images": 3, "prompt": "x"} == fit(
        {"prompt": "x", "many": 3}, form(FLUX), words={"many": ("num_images",)}
    ).payload


def test_the_request_is_left_as_it_was() -> None:
    """Fitting changes neither the request nor what stands in it."""
    request = {"prompt": "x", "voice_setting": {"pitch": "3"}, "speed": 1.5}
    fit(request, form("minimax/speech-2.5-hd-preview"))
    assert {"prompt": "x", "voice_setting": {"pitch": "3"}, "speed": 1.5} == request


def test_numbers_typed_as_a_list_are_a_list() -> None:
    """`--pages "[0, 1]"` where a model takes text or a list: the list; `0-2` stays text."""
    pages = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "integer"}}]}
    reader = model(prompt={"type": "string"}, pages=pages)
    told = [fit({"prompt": "x", "pages": value}, reader, medium="ocr").payload["pages"] for value in ("[0, 1]", "0-2")]
    assert [[0, 1], "0-2"] == told
