"""Tests of `aiml_nb.media.transcript`, and of how transcriptions are read and drawn."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiml_nb.content import Attachment
from aiml_nb.errors import AIMLError, APIError, InvalidRequestError
from aiml_nb.media.transcript import Segment, Transcript, payload, request, split

WORDS = [
    {"word": "hello", "punctuated_word": "Hello,", "start": 0.5, "end": 0.9, "confidence": 1, "speaker": 0},
    {"word": "there", "punctuated_word": "there.", "start": 1.0, "end": 1.4, "confidence": 1, "speaker": 0},
    {"word": "hi", "punctuated_word": "Hi!", "start": 3.0, "end": 3.2, "confidence": 1, "speaker": 1},
]
KEYS = [
    "result",
    "output",
    "results",
    "channels",
    "alternatives",
    "transcript",
    "text",
    "words",
    "utterances",
    "segments",
]
KEYS += ["start", "end", "speaker", "paragraphs", "sentences", "audio_duration"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=20,
)


def deepgram(**best: Any) -> dict[str, Any]:
    alternative = {"transcript": "Hello, there. Hi!", "confidence": 1, "words": WORDS, **best}
    return {
        "metadata": {"duration": 4.5},
        "results": {"channels": [{"detected_language": "en", "alternatives": [alternative]}]},
    }


def made(answer: Any) -> Transcript:
    return Transcript.from_json(answer, model="m")


@pytest.mark.parametrize("place", ["output", "result"])
def test_deepgram_under_either_name(place: str) -> None:
    """The schema says `output`, every sample reads `result`; the other one may be null."""
    got = made({"id": "j", "status": "completed", "output": None, "result": None, place: deepgram()})
    assert (got.text, got.language, got.duration, got.id) == ("Hello, there. Hi!", "en", 4.5, "j")
    assert got.segments == [(0.5, 1.4, "speaker 1", "Hello, there."), (3.0, 3.2, "speaker 2", "Hi!")]


def test_deepgram_at_the_top() -> None:
    """The legacy endpoint gives the vendor's answer as it is."""
    assert made(deepgram()).text == "Hello, there. Hi!"


@pytest.mark.parametrize("as_list", [True, False])
def test_deepgram_paragraphs(as_list: bool) -> None:
    """Sentences are taken where paragraphs were asked for, whether they nest as the vendor or as the schema says."""
    sentences = [{"text": "Hello, there.", "start": 0.5, "end": 1.4}, {"text": "Hi!", "start": 3.0, "end": 3.2}]
    inner = {"sentences": sentences, "num_words": 3, "start": 0.5, "end": 3.2, "speaker": 0}
    outer = [{"transcript": "…", "paragraphs": inner}] if as_list else {"transcript": "…", "paragraphs": [inner]}
    assert [s.text for s in made(deepgram(paragraphs=outer)).segments] == ["Hello, there.", "Hi!"]


def test_deepgram_utterances_win() -> None:
    """Utterances know speakers and pauses best."""
    answer = deepgram()
    answer["results"]["utterances"] = [{"start": 0.5, "end": 3.2, "speaker": 1, "transcript": "All of it"}]
    assert made(answer).segments == [(0.5, 3.2, "speaker 2", "All of it")]


def test_every_channel_is_kept() -> None:
    """Two channels are two people: both texts stay, the segments in order of time."""
    answer = deepgram()
    word = {"word": "so", "start": 0.1, "end": 0.2}
    answer["results"]["channels"].append({"alternatives": [{"transcript": "So", "words": [word]}]})
    got = made(answer)
    assert got.text == "Hello, there. Hi!\nSo"
    assert got.segments[0] == (0.1, 0.2, "channel 2", "so")


def test_assemblyai_counts_milliseconds() -> None:
    """Its times become seconds; its speakers are letters."""
    answer = {
        "output": {
            "id": "t",
            "status": "completed",
            "text": "Hello. Hi.",
            "language_code": "en_us",
            "audio_duration": 4,
            "acoustic_model": "x",
            "words": [{"text": "Hello.", "start": 500, "end": 900, "speaker": "A", "confidence": 1}],
            "utterances": [
                {"text": "Hello.", "start": 500, "end": 900, "speaker": "A"},
                {"text": "Hi.", "start": 3000, "end": 3200, "speaker": "B"},
            ],
        }
    }
    got = made(answer)
    assert got.segments == [(0.5, 0.9, "A", "Hello."), (3.0, 3.2, "B", "Hi.")]
    assert (got.language, got.duration) == ("en_us", 4.0)
    answer["output"]["utterances"] = None  # type: ignore[assignment]
    assert made(answer).segments == [(0.5, 0.9, "A", "Hello.")]


def test_openai_with_and_without_segments() -> None:
    """Text alone, or with segments in seconds; tokens where it tells them."""
    bare = made(
        {
            "status": "completed",
            "result": {
                "text": "hi",
                "usage": {"type": "tokens", "input_tokens": 3, "output_tokens": 1, "total_tokens": 4},
            },
        }
    )
    assert (bare.text, bare.segments, bare.usage and bare.usage.total) == ("hi", [], 4)
    whole = made(
        {
            "text": "hi",
            "language": "english",
            "duration": 1.0,
            "segments": [{"id": 0, "start": 0.0, "end": 1.0, "text": " hi"}],
        }
    )
    assert (whole.segments, whole.duration) == ([Segment(0.0, 1.0, "", "hi")], 1.0)


def test_plain_text_in_the_result() -> None:
    """A result may be nothing but the text."""
    assert made({"status": "completed", "result": "hello"}).text == "hello"


def test_silence_is_a_transcript() -> None:
    """An empty text is an answer, and says so on screen."""
    got = made({"result": {"text": ""}})
    assert got.text == ""
    assert "nothing was said" in got._twin_()


@pytest.mark.parametrize("answer", [{}, {"result": None}, {"result": {}}, [], "text", None, {"text": 3}])
def test_no_transcript(answer: Any) -> None:
    """An answer that holds none is a protocol error."""
    with pytest.raises(APIError, match="no transcript"):
        made(answer)


def test_long_speech_is_parted() -> None:
    """Words without sentences or pauses become stretches of a readable length."""
    words = [{"word": f"w{at}", "start": at * 0.1, "end": at * 0.1 + 0.1} for at in range(100)]
    assert [40, 40, 20] == [len(s.text.split()) for s in made({"text": "…", "words": words}).segments]


def test_subtitles() -> None:
    """SubRip and WebVTT have the times, speakers and texts; markup in the text is none in WebVTT."""
    got = Transcript("x", [Segment(0.0, 1.5, "A", "one\n\n<b>two</b>"), Segment(3661.25, 3662, "", "three & four")])
    assert got.srt() == (
        "1\n00:00:00,000 --> 00:00:01,500\nA: one\n<b>two</b>\n\n2\n01:01:01,250 --> 01:01:02,000\nthree & four\n"
    )
    assert got.vtt() == (
        "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\n<v A>one\n&lt;b&gt;two&lt;/b&gt;\n\n"
        "01:01:01.250 --> 01:01:02.000\nthree &amp; four\n"
    )


def test_subtitles_need_times() -> None:
    """Without times the error says how to ask for them."""
    with pytest.raises(InvalidRequestError) as caught:
        Transcript("x").srt()
    assert "--utterances" in caught.value.advice


def test_it_draws_times_and_speakers() -> None:
    """A table of time, speaker and text, escaped; in text too."""
    got = Transcript("x", [Segment(0, 7.2, "A", "<script>"), Segment(67, 69, "B", "two")], model="m")
    bundle = got._repr_mimebundle_()
    assert "<td" in bundle["text/html"]
    assert "&lt;script&gt;" in bundle["text/html"]
    assert "<script>" not in bundle["text/html"]
    assert "1:07" in bundle["text/plain"]
    assert [({**bundle}, {})] == got._displays_()


def test_a_long_transcript_is_not_all_drawn() -> None:
    """The first few hundred segments are shown, and where the rest is."""
    got = Transcript("x", [Segment(at, at + 1, "", "word") for at in range(1000)])
    assert "700 more in .segments" in got._twin_()


def test_the_least_call() -> None:
    """A URL goes as `url`, as an attachment or as the prompt."""
    expected = {"model": "#g1_nova-2-general", "url": "https://example.com/a.wav"}
    assert expected == payload("https://example.com/a.wav", model="#g1_nova-2-general")
    sound = Attachment("audio/wav", "a.wav", url="https://example.com/a.wav")
    assert expected | {"diarize": True} == payload("", model="#g1_nova-2-general", attachments=[sound], speakers=True)
    assert request("", model="m", language="de") == {"model": "m", "language": "de"}


def test_a_local_recording_is_a_form() -> None:
    """A file goes as a form's file: `audio` for the gateway, `file` for OpenAI's path."""
    sound = Attachment("audio/wav", "a.wav", data=b"RIFF")
    for openai, name in ((False, "audio"), (True, "file")):
        fields, files = split(payload("", model="m", attachments=[sound], openai=openai, language="de"))
        assert (fields, files) == ({"model": "m", "language": "de"}, {name: sound})


@pytest.mark.parametrize(
    "attachments", [[], [Attachment("image/png", "a.png", data=b"x")], [Attachment("audio/wav", "a", data=b"x")] * 2]
)
def test_one_recording_and_nothing_else(attachments: list[Attachment]) -> None:
    """None, two, or a picture are refused."""
    with pytest.raises(InvalidRequestError):
        payload("", model="m", attachments=attachments)


def test_words_are_no_recording() -> None:
    """A prompt that is no URL is refused, but for OpenAI, which takes it as a hint."""
    sound = Attachment("audio/wav", "a.wav", data=b"RIFF")
    with pytest.raises(InvalidRequestError, match="takes no prompt"):
        payload("please", model="m", attachments=[sound])
    assert payload("Zürich", model="m", attachments=[sound], openai=True)["prompt"] == "Zürich"


@given(JSON)
def test_any_json_is_a_transcript_or_our_error(answer: Any) -> None:
    """Whatever a server answers raises nothing but our own errors, and what is made of it can be drawn."""
    try:
        got = made(answer)
    except AIMLError as error:
        assert isinstance(error, APIError)
    else:
        assert got._repr_mimebundle_()
        if got.segments:
            assert got.srt()
            assert got.vtt()
