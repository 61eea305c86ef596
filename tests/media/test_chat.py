"""Tests of `aiml_nb.media.chat`: values in, payload out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from aiml_nb.content import Attachment, JSONBody, Message
from aiml_nb.errors import InvalidRequestError
from aiml_nb.media.chat import payload


def sent(**made: Any) -> Any:
    """The payload as the server reads it."""
    return json.loads(b"".join(JSONBody(payload(**made))))


def test_a_prompt_is_one_user_message() -> None:
    """The least call: a model and a message, streamed, with usage asked for."""
    assert sent(prompt="Hi", model="m") == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_the_system_prompt_goes_first_and_replaces() -> None:
    """A system prompt stands before everything, and in place of one that was said before."""
    told = [Message("system", "old"), Message("user", "a"), Message("assistant", "b")]
    body = sent(prompt="c", model="m", messages=told, system="new", stream=False)
    assert [(m["role"], m["content"]) for m in body["messages"]] == [
        ("system", "new"), ("user", "a"), ("assistant", "b"), ("user", "c"),
    ]  # fmt: skip
    assert "stream" not in body


def test_common_words_get_their_wire_names() -> None:
    """`effort` becomes `reasoning_effort`; the model's own names pass as they are."""
    body = sent(prompt="x", model="m", effort="low", temperature=0, top_k=3)
    assert (body["reasoning_effort"], body["temperature"], body["top_k"]) == ("low", 0, 3)


def test_a_picture_becomes_an_image_url(tmp_path: Path) -> None:
    """An attached picture goes as a data URL of its own type."""
    Image.new("RGB", (2, 2)).save(tmp_path / "dot.png")
    parts = sent(prompt="what?", model="m", attachments=[Attachment.of(tmp_path / "dot.png")])["messages"][0]["content"]
    assert parts[0] == {"type": "text", "text": "what?"}
    assert parts[1]["image_url"]["url"].startswith("data:image/png;base64,iVBOR")


def test_a_url_stays_a_url() -> None:
    """A picture on the web is named, not fetched."""
    parts = sent(prompt="", model="m", attachments=[Attachment.of("https://a.example/cat.png")])["messages"][0][
        "content"
    ]
    assert parts == [{"type": "image_url", "image_url": {"url": "https://a.example/cat.png"}}]


def test_text_files_are_inlined_under_their_name(tmp_path: Path) -> None:
    """Every model reads text, so a text file goes as text."""
    (tmp_path / "notes.txt").write_text("one two")
    parts = sent(prompt="sum up", model="m", attachments=[Attachment.of(tmp_path / "notes.txt")])["messages"][0][
        "content"
    ]
    assert parts[1] == {"type": "text", "text": "notes.txt:\n\none two"}


def test_audio_goes_as_input_audio() -> None:
    """A WAV is base64 with its format named."""
    wav = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0"
    part = sent(prompt="", model="m", attachments=[Attachment.of(wav)])["messages"][0]["content"][0]
    assert part["type"] == "input_audio"
    assert part["input_audio"]["format"] == "wav"


def test_what_no_chat_takes_is_refused() -> None:
    """A file of unknown kind is refused by name, before anything is sent."""
    with pytest.raises(InvalidRequestError) as caught:
        payload("x", model="m", attachments=[Attachment.of(b"\x00\x01\x02\xff" * 20)])
    assert caught.value.param == "attach"


def test_no_user_message_is_refused() -> None:
    """A talk without a question has no answer."""
    with pytest.raises(InvalidRequestError, match="no user message"):
        payload("", model="m", messages=[Message("assistant", "hello")])


def test_tools_and_schema_are_declared() -> None:
    """Tools and a schema stand where OpenAI's API looks for them."""
    body = sent(prompt="x", model="m", tools=[{"name": "t"}], schema={"name": "s", "schema": {}, "strict": True})
    assert body["tools"] == [{"type": "function", "function": {"name": "t"}}]
    assert body["response_format"]["json_schema"]["name"] == "s"


def test_tool_results_follow_their_call() -> None:
    """A call and its result keep their ids on the wire."""
    call = {"id": "c1", "type": "function", "function": {"name": "t", "arguments": "{}"}}
    told = [
        Message("user", "q"),
        Message("assistant", "", tool_calls=(call,)),
        Message("tool", "42", tool_call_id="c1"),
    ]
    messages = sent(prompt="", model="m", messages=told)["messages"]
    assert messages[1] == {"role": "assistant", "content": None, "tool_calls": [call]}
    assert messages[2] == {"role": "tool", "content": "42", "tool_call_id": "c1"}
