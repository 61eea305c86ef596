"""Attachments as content parts of a message, under the name that each dialect and model has for them.

OpenAI's chat has `image_url`, `file`, `input_audio` and `video_url`, its Responses API `input_image` and `input_file`,
Anthropic's messages `image` and `document`. Bytes stay lazy leaves. It knows nothing of messages or requests.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..content import Attachment, Base64
from ..errors import InvalidRequestError
from ..schema import ChatFeatures

_AUDIO_FORMATS = {"audio/wav": "wav", "audio/mpeg": "mp3", "audio/flac": "flac", "audio/ogg": "ogg", "audio/mp4": "m4a"}

#: The pictures that Anthropic's models read: https://docs.anthropic.com/en/docs/build-with-claude/vision
_SOURCES = ("image/jpeg", "image/png", "image/gif", "image/webp")


def part(attachment: Attachment, features: ChatFeatures) -> dict[str, Any]:
    """One attachment for a model with these features. Raises InvalidRequestError for what the model cannot take."""
    kind, link = attachment.kind, attachment.url
    name = {
        "image": features.image_part,
        "pdf": features.file_part,
        "audio": features.audio_part,
        "video": features.video_part,
    }.get(kind)
    if link and kind == "image" and name == "image" and features.image_sources == {"base64"}:
        raise refusal("this model takes pictures by their content, not by URL", "Download it and attach the file.")
    if name in BUILDERS and not (kind == "pdf" and link and name != "document"):
        return BUILDERS[name](attachment)
    if kind == "text" and not link:
        return text(f"{attachment.name or 'text'}:\n\n{attachment.read().decode('utf-8', 'replace')}", features)
    if link and kind in ("pdf", "text", "file"):
        return text(link, features)
    takes = taken(features)
    raise refusal(
        f"a chat with this model cannot take {attachment.label}: {attachment.mime}",
        f"It takes {takes}; convert the file, put what matters of it in the prompt, or take another model.",
    )


def text(words: str, features: ChatFeatures) -> dict[str, Any]:
    """Text as a part."""
    return {"type": "input_text" if features.shape == "responses" else "text", "text": words}


def taken(features: ChatFeatures) -> str:
    """What a model takes, in words: `images, PDF and text`."""
    named = (
        (features.image_part, "images"),
        (features.file_part, "PDF"),
        (features.audio_part, "audio"),
        (features.video_part, "video"),
    )
    words = [word for name, word in named if name in BUILDERS]
    return f"{', '.join(words)} and text" if words else "text only"


def refusal(why: str, advice: str) -> InvalidRequestError:
    """The error for an attachment that cannot go."""
    return InvalidRequestError(why, param="attach", advice=advice)


def data_url(attachment: Attachment) -> Any:
    """The attachment's URL, or its bytes as one."""
    return attachment.url or Base64(attachment, prefix=f"data:{attachment.mime};base64,")


def _detail(attachment: Attachment) -> dict[str, str]:
    return {"detail": attachment.detail} if attachment.detail else {}


def _image_url(attachment: Attachment) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": data_url(attachment), **_detail(attachment)}}


def _input_image(attachment: Attachment) -> dict[str, Any]:
    return {"type": "input_image", "image_url": data_url(attachment), **_detail(attachment)}


def _image(attachment: Attachment) -> dict[str, Any]:
    if not attachment.url and attachment.mime not in _SOURCES:
        raise refusal(f"this model cannot read {attachment.mime}", "It takes JPEG, PNG, GIF and WebP.")
    return {"type": "image", "source": _source(attachment)}


def _document(attachment: Attachment) -> dict[str, Any]:
    return {"type": "document", "source": _source(attachment)}


def _source(attachment: Attachment) -> dict[str, Any]:
    if attachment.url:
        return {"type": "url", "url": attachment.url}
    return {"type": "base64", "media_type": attachment.mime, "data": Base64(attachment)}


def _file(attachment: Attachment) -> dict[str, Any]:
    return {"type": "file", "file": _named_data(attachment)}


def _input_file(attachment: Attachment) -> dict[str, Any]:
    return {"type": "input_file", **_named_data(attachment)}


def _named_data(attachment: Attachment) -> dict[str, Any]:
    return {"filename": attachment.name or "document.pdf", "file_data": data_url(attachment)}


def _input_audio(attachment: Attachment) -> dict[str, Any]:
    known = _AUDIO_FORMATS.get(attachment.mime)
    data = attachment.url or Base64(attachment)
    return {"type": "input_audio", "input_audio": {"data": data, **({"format": known} if known else {})}}


def _linked(name: str) -> Callable[[Attachment], dict[str, Any]]:
    return lambda attachment: {"type": name, name: {"url": data_url(attachment)}}


#: What makes each kind of part.
BUILDERS: dict[str | None, Callable[[Attachment], dict[str, Any]]] = {
    "image_url": _image_url,
    "input_image": _input_image,
    "image": _image,
    "file": _file,
    "input_file": _input_file,
    "document": _document,
    "input_audio": _input_audio,
    "audio_url": _linked("audio_url"),
    "video_url": _linked("video_url"),
}
