"""Message: from what users write to a value, and through JSON."""

from __future__ import annotations

import base64
from pathlib import Path
from types import SimpleNamespace

import pytest

from aiml_nb.content import ROLES, Attachment, Message
from aiml_nb.errors import InvalidRequestError

from .making import noise, saved

PNG = saved(noise((4, 4)), "PNG")
PNG_URL = "data:image/png;base64," + base64.b64encode(PNG).decode()
PDF_URL = "data:application/pdf;base64," + base64.b64encode(b"%PDF-1.7\nstartxref\n0\n").decode()
WAV = base64.b64encode(b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 30).decode()


def test_text_is_the_users() -> None:
    """A text is a user's message, and a Message is itself."""
    assert Message("user", "hi") == Message.of("hi")
    message = Message("system", "be short")
    assert message is Message.of(message)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_taken(role: str) -> None:
    """Every role of ROLES makes a message."""
    assert Message(role, "hi") == Message.of({"role": role, "content": "hi"})


def test_a_wrong_role_names_the_nearest() -> None:
    """An unknown role is refused with the nearest and all allowed ones."""
    with pytest.raises(InvalidRequestError) as caught:
        Message.of({"role": "asistant", "content": "hi"})
    assert "'asistant'" in caught.value.message
    assert "'assistant'?" in caught.value.advice


def test_openai_parts_become_text_and_files() -> None:
    """Text parts are joined in order; picture, PDF, audio and video parts become attachments."""
    message = Message.of(
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "one"},
                {"type": "image_url", "image_url": {"url": PNG_URL, "detail": "low"}},
                {"type": "image_url", "image_url": "https://example.com/view?id=3"},
                {"type": "file", "file": {"filename": "plan.pdf", "file_data": PDF_URL}},
                {"type": "input_audio", "input_audio": {"data": WAV, "format": "wav"}},
                {"type": "video_url", "video_url": {"url": "https://example.com/watch"}},
                {"type": "text", "text": "two"},
            ],
        }
    )
    assert "one\ntwo" == message.content
    assert ["image", "image", "pdf", "audio", "video"] == [a.kind for a in message.attachments]
    assert (PNG, "low", "plan.pdf") == (
        message.attachments[0].read(),
        message.attachments[0].detail,
        message.attachments[2].name,
    )


def test_anthropic_parts_and_live_objects_are_understood() -> None:
    """Image and document parts of Anthropic's, and Attachments or values in the list, are attached."""
    source = {"type": "base64", "media_type": "image/png", "data": PNG_URL.partition(",")[2]}
    content = [{"type": "image", "source": source}, Attachment.of(PNG), noise((4, 4)), "words"]
    message = Message.of({"role": "user", "content": content})
    assert (["image"] * 3, "words") == ([a.kind for a in message.attachments], message.content)


@pytest.mark.parametrize(
    ("part", "word"),
    [
        ({"type": "image_ulr", "image_url": "x"}, "image_ulr"),
        ({"text": "no type"}, "None"),
        ({"type": "text"}, "not complete"),
        ({"type": "image_url", "image_url": {}}, "not complete"),
        ({"type": "image_url", "image_url": {"url": 5}}, "not complete"),
        ({"type": "input_audio", "input_audio": "x"}, "not complete"),
        ({"type": "file", "file": {"file_id": "file-1"}}, "file_id"),
        ({"type": ["text"], "text": "x"}, "text"),
        (5, "cannot be attached"),
    ],
)
def test_a_part_that_cannot_be_read_is_named(part: object, word: str) -> None:
    """An unknown or incomplete part is an error that names it and what it looks like."""
    with pytest.raises(InvalidRequestError, match=word) as caught:
        Message.of({"role": "user", "content": [part]})
    assert caught.value.advice or "file_id" in word


def test_a_part_cannot_read_a_file_of_this_machine(tmp_path: Path) -> None:
    """A list of messages from elsewhere must not attach local files: a part's URL is http(s) or data:."""
    (tmp_path / "private.txt").write_text("secret")
    for url in ("private.txt", f"file://{tmp_path}/private.txt", str(tmp_path / "private.txt")):
        with pytest.raises(InvalidRequestError):
            Message.of({"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]})


@pytest.mark.parametrize(
    "value", [None, 5, ["user", "hi"], {"role": "user", "contents": "hi"}, {"role": "user", "content": 5}]
)
def test_what_is_no_message_is_refused(value: object) -> None:
    """Other values, wrong keys and wrong content are errors of ours."""
    with pytest.raises(InvalidRequestError):
        Message.of(value)


def test_an_sdk_message_is_taken() -> None:
    """The message object of an SDK, with its answer-only fields, is read through model_dump."""
    dumped = {"role": "assistant", "content": "hi", "annotations": [{"type": "url"}], "tool_calls": [{"id": "1"}]}
    message = Message.of(SimpleNamespace(model_dump=lambda exclude_none: dumped))
    assert ("hi", ({"id": "1"},)) == (message.content, message.tool_calls)


def test_it_goes_through_json(tmp_path: Path) -> None:
    """to_json and from_json give an equal message with all its fields; keep writes a stored file in place of bytes."""
    message = Message(
        "assistant", "hi", (Attachment.of(PNG),), "bot", ({"id": "1"},), "call", reasoning="hm", partial=True
    )
    assert message == Message.from_json(message.to_json())
    assert {"role": "user", "content": ""} == Message("user").to_json()
    (tmp_path / "kept.png").write_bytes(PNG)
    stored = message.to_json(keep=lambda _: Attachment.of(tmp_path / "kept.png"))
    assert "data" not in stored["attachments"][0]
    assert PNG == Message.from_json(stored).attachments[0].read()
