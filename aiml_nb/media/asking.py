"""What the media share when they build a request: common words on the wire, and an attachment as a value in JSON.

Pure: values in, values out. Which names a model takes is told by its schema, where it has one; what stands here is for
providers that give none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..content import Attachment, Base64
from ..errors import InvalidRequestError
from ..schema.words import WORDS, Words

__all__ = ["WORDS", "Words", "address", "on_the_wire", "only", "refused", "request", "value"]

_URL = re.compile(r"(?:https?://|data:)\S+", re.IGNORECASE)


def request(prompt: str | Sequence[str], *, model: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The request in common words, as `schema.fit` takes it: the model, the prompt if there is one, and the rest."""
    return {"model": model} | ({"prompt": prompt} if prompt else {}) | dict(params)


def on_the_wire(params: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """`params` with each common word replaced by its likeliest name, for a provider that gives no schema."""
    return {words[name][0] if name in words else name: value for name, value in params.items()}


def address(prompt: str) -> str | None:
    """The URL that `prompt` is and nothing else; None for words."""
    text = prompt.strip()
    return text if _URL.fullmatch(text) else None


def value(attachment: Attachment) -> str | Base64:
    """An attachment as JSON takes it: its URL, else a data: URL that is never held whole."""
    return attachment.url or Base64(attachment, prefix=f"data:{attachment.mime};base64,")


def only(attachments: Sequence[Attachment], what: str) -> Attachment:
    """The one attachment. Raises InvalidRequestError when there are more or none."""
    if len(attachments) == 1:
        return attachments[0]
    raise InvalidRequestError(
        f"one {what} is taken in a call, not {len(attachments)}" if attachments else f"there is no {what}",
        param="attach",
        advice=f"Attach one {what}: -a FILE or -a URL.",
    )


def refused(attachment: Attachment, wants: str) -> InvalidRequestError:
    """The error for an attachment of a kind that a medium does not take."""
    return InvalidRequestError(f"{attachment.label} is {attachment.mime}", param="attach", advice=f"Attach {wants}.")
