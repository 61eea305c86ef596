"""Speech: a text as a request to read it aloud, and the answer, JSON or the sound itself, as Audio.

Pure: it builds the payload and reads the answer. An answer that is itself the sound is told by `files.mime_of_body`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..content import Attachment
from ..errors import InvalidRequestError
from . import asking
from .audio import Audio, found

__all__ = ["OPENAI_PATH", "PATH", "TYPES", "WORDS", "Audio", "found", "payload", "request"]

#: The catalogue types that this medium serves.
TYPES = ("internal/text-to-speech",)

#: Where it is asked for when no schema tells it; and with OpenAI and the servers that are like it.
PATH = "/v1/tts"
OPENAI_PATH = "/v1/audio/speech"

#: The common vocabulary, which `schema.words` keeps.
WORDS = asking.WORDS["speech"]


def taken(prompt: str, attachments: Sequence[Attachment] = ()) -> tuple[str, tuple[Attachment, ...]]:
    """Prompt and attachments, text files being read after the prompt; a sound may be a voice to speak like."""
    texts = [prompt] if prompt else []
    texts += [each.text() for each in attachments if each.kind == "text"]
    return "\n\n".join(texts), tuple(each for each in attachments if each.kind != "text")


def request(prompt: str, *, model: str, **params: Any) -> dict[str, Any]:
    """The request in common words, for `schema.fit`."""
    return asking.request(prompt, model=model, params=params)


def payload(
    prompt: str, *, model: str, attachments: Sequence[Attachment] = (), openai: bool = False, **params: Any
) -> dict[str, Any]:
    """The body for a model without a schema. openai: as `OPENAI_PATH` takes it. Text files are read after the prompt."""
    texts = [prompt] if prompt else []
    for each in attachments:
        if each.kind != "text":
            raise asking.refused(each, "text to be read aloud")
        texts.append(each.text())
    if not any(text.strip() for text in texts):
        raise InvalidRequestError("there is no text to read", param="prompt", advice="Write the text in the cell.")
    field = "input" if openai else "text"
    return {"model": model, field: "\n\n".join(texts)} | asking.on_the_wire(params, WORDS)
