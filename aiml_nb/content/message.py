"""Message: one turn's worth of words and files under a role, as a value; and how users' dicts become one.

It reads OpenAI's messages, whose content may be a list of parts (text, image_url, file, input_audio, video_url), and
Anthropic's image and document parts. How a message goes on the wire is the medium's matter.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..errors import InvalidRequestError, shorten
from .attachment import Attachment
from .wording import nearest

#: Who may speak.
ROLES = ("system", "developer", "user", "assistant", "tool")

_KEYS = (
    *("role", "content", "name", "tool_calls", "tool_call_id", "reasoning", "reasoning_content"),
    *("attachments", "partial"),
)
#: What only an answer carries; it is not sent back.
_ANSWER_ONLY = {"refusal", "annotations", "audio", "logprobs", "reasoning_details", "index"}


@dataclass(frozen=True)
class Message:
    """One message.

    role: one of ROLES. content: text. attachments: files that go with it. name: of the speaker or tool.
    tool_calls: what the model asked to run, as OpenAI's JSON. tool_call_id: what a `tool` message answers.
    reasoning: what the model thought, never sent back. partial: the reply was cut short.
    Raises InvalidRequestError for an unknown role, naming the nearest.
    """

    role: str
    content: str = ""
    attachments: tuple[Attachment, ...] = ()
    name: str | None = None
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    tool_call_id: str | None = None
    reasoning: str = ""
    partial: bool = False

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            near = nearest(str(self.role), ROLES)
            raise InvalidRequestError(
                f"{shorten(repr(self.role), 60)} is not a role",
                param="role",
                advice=(f"Did you mean {near[0]!r}? " if near else "") + f"It can be {', '.join(ROLES)}.",
            )
        if not isinstance(self.content, str):
            raise InvalidRequestError(
                f"a message's content is text, not {type(self.content).__name__}",
                param="content",
                advice="Message.of takes a dict with a list of content parts.",
            )

    @classmethod
    def of(cls, value: Any) -> Message:
        """From a Message, a text (of the user), OpenAI's dict, or the SDK's message object.

        Raises InvalidRequestError that names a wrong role, key or content part.
        """
        if isinstance(value, Message):
            return value
        if isinstance(value, str):
            return cls("user", value)
        if not isinstance(value, Mapping) and callable(getattr(value, "model_dump", None)):
            value = value.model_dump(exclude_none=True)
        if not isinstance(value, Mapping):
            raise InvalidRequestError(
                f"{shorten(repr(value), 60)} is not a message",
                param="messages",
                advice='It looks like {"role": "user", "content": "Hello"}.',
            )
        _check_keys(value)
        return cls._from(value, *_content(value.get("content")))

    @classmethod
    def _from(cls, value: Mapping[str, Any], text: str, files: tuple[Attachment, ...]) -> Message:
        more = tuple(file if isinstance(file, Attachment) else _file(file) for file in value.get("attachments") or ())
        return cls(
            role=value.get("role", "user"),
            content=text,
            attachments=files + more,
            name=value.get("name"),
            tool_calls=tuple(value.get("tool_calls") or ()),
            tool_call_id=value.get("tool_call_id"),
            reasoning=value.get("reasoning") or value.get("reasoning_content") or "",
            partial=bool(value.get("partial")),
        )

    def to_json(self, *, keep: Callable[[Attachment], Attachment] | None = None) -> dict[str, Any]:
        """For the store and exports; what is empty is left out.

        keep: called with each attachment whose bytes are in memory; gives the one to write in its place (a stored file).
        """
        out: dict[str, Any] = {"role": self.role, "content": self.content}
        if self.attachments:
            kept = [keep(a) if keep and a.data is not None else a for a in self.attachments]
            out["attachments"] = [attachment.to_json() for attachment in kept]
        if self.tool_calls:
            out["tool_calls"] = [dict(call) for call in self.tool_calls]
        rest = ("name", "tool_call_id", "reasoning", "partial")
        return out | {key: value for key in rest if (value := getattr(self, key))}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Message:
        """From `to_json`; opens no file. Keys of a later version are left aside."""
        return cls._from(stored, str(stored.get("content") or ""), ())


def _file(stored: Any) -> Attachment:
    return Attachment.from_json(stored) if isinstance(stored, Mapping) and "mime" in stored else Attachment.of(stored)


def _check_keys(value: Mapping[str, Any]) -> None:
    for key, held in value.items():
        if key not in _KEYS and key not in _ANSWER_ONLY and held:
            near = nearest(str(key), _KEYS)
            raise InvalidRequestError(
                f"a message has no {shorten(repr(key), 60)}",
                param="messages",
                advice=f"Did you mean {near[0]!r}?" if near else f"It has {', '.join(_KEYS)}.",
            )


def _content(content: Any) -> tuple[str, tuple[Attachment, ...]]:
    """The text of a message's content, its parts joined by line breaks, and its files in order."""
    if content is None or isinstance(content, str):
        return content or "", ()
    if isinstance(content, Mapping):
        content = [content]
    if not isinstance(content, list | tuple):
        raise InvalidRequestError(
            f"a message's content is text or a list of parts, not {type(content).__name__}", param="content"
        )
    texts: list[str] = []
    files: list[Attachment] = []
    for part in content:
        found = _part(part)
        (files if isinstance(found, Attachment) else texts).append(found)  # type: ignore[arg-type]
    return "\n".join(texts), tuple(files)


def _part(part: Any) -> str | Attachment:
    if isinstance(part, str):
        return part
    if not isinstance(part, Mapping):
        return Attachment.of(part)
    kind = part.get("type")
    read = _PARTS.get(kind) if isinstance(kind, str) else None
    if read is None:
        near = nearest(str(kind), _PARTS)
        raise InvalidRequestError(
            f"there is no content part of type {shorten(repr(kind), 60)}",
            param="content",
            advice=(f"Did you mean {near[0]!r}? " if near else "")
            + "It can be text, image_url, file, input_audio, video_url.",
        )
    try:
        return read(part)
    except (KeyError, TypeError, AttributeError):
        raise InvalidRequestError(
            f"the content part {kind!r} is not complete: {shorten(_shown(part), 80)}",
            param="content",
            advice=f"It looks like {_EXAMPLES.get(str(kind), _EXAMPLES['text'])}",
        ) from None


def _shown(part: Mapping[str, Any]) -> str:
    return json.dumps(part, default=lambda value: f"<{type(value).__name__}>", ensure_ascii=False)


def _text(part: Mapping[str, Any]) -> str:
    text = part["text"]
    if not isinstance(text, str):
        raise TypeError
    return text


def _linked(part: Mapping[str, Any]) -> Attachment:
    """`{"image_url": {"url": …, "detail": …}}`, its kin, or the URL alone."""
    held = part.get("image_url") or part.get("video_url") or part["url"]
    url, detail = (held, part.get("detail")) if isinstance(held, str) else (held["url"], held.get("detail"))
    found = _from_link(url)
    if found.url is not None and found.kind not in {"image", "video"}:
        found = replace(found, mime="video/*" if "video" in part["type"] else "image/*")
    if found.mime == "image/*" and "video" in part["type"]:
        found = replace(found, mime="video/*")
    return replace(found, note="", detail=detail or "")


def _from_link(url: str) -> Attachment:
    """A URL that a part gives. Never a path: a list of messages from elsewhere must not read this machine's files."""
    if not isinstance(url, str):
        raise TypeError
    if not url.strip().lower().startswith(("data:", "http://", "https://")):
        raise InvalidRequestError(
            f"a content part's URL is http(s) or data:, not {shorten(url, 60)}",
            param="content",
            advice="For a file here: Attachment.of(path) in the list of parts.",
        )
    return Attachment.of(url)


def _document(part: Mapping[str, Any]) -> Attachment:
    held = part.get("file") or part
    data = held.get("file_data") or held.get("file_url")
    if not data:
        raise InvalidRequestError(
            "a file part needs file_data; a file_id of another account cannot be sent", param="content"
        )
    url = data if data[:5].lower() == "data:" or "://" in data[:10] else f"data:application/octet-stream;base64,{data}"
    found = _from_link(url)
    return replace(found, name=str(held.get("filename") or found.name))


def _audio(part: Mapping[str, Any]) -> Attachment:
    held = part["input_audio"]
    data, form = held["data"], held.get("format") or "audio"
    if data[:5].lower() == "data:" or "://" in data[:10]:
        found = _from_link(data)
        return replace(found, mime=f"audio/{held.get('format', '*')}") if found.mime == "image/*" else found
    return Attachment.of(f"data:audio/{form};base64,{data}")


def _sourced(part: Mapping[str, Any]) -> Attachment:
    """Anthropic's `{"source": {"type": "base64", "media_type": …, "data": …}}` or `{"type": "url", "url": …}`."""
    source = part["source"]
    if source["type"] == "url":
        return _from_link(source["url"])
    return Attachment.of(f"data:{source['media_type']};base64,{source['data']}")


_PARTS: dict[str, Callable[[Mapping[str, Any]], str | Attachment]] = {
    "text": _text,
    "input_text": _text,
    "output_text": _text,
    "refusal": lambda part: str(part["refusal"]),
    "image_url": _linked,
    "input_image": _linked,
    "video_url": _linked,
    "input_audio": _audio,
    "file": _document,
    "input_file": _document,
    "image": _sourced,
    "document": _sourced,
}

_EXAMPLES = {
    "text": '{"type": "text", "text": "…"}',
    "image_url": '{"type": "image_url", "image_url": {"url": "https://…"}}',
    "video_url": '{"type": "video_url", "video_url": {"url": "https://…"}}',
    "input_audio": '{"type": "input_audio", "input_audio": {"data": "…", "format": "wav"}}',
    "file": '{"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,…"}}',
}
