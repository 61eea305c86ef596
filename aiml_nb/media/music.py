"""Music: a prompt as a request, a job to ask after, and the finished answer's sound as Audio.

Pure: it builds the payload and reads the answer. Polling, fetching and keeping is the session's work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..content import Attachment
from ..errors import InvalidRequestError
from . import asking
from .audio import Audio, found
from .jobs import JobState, Poll, state

__all__ = ["PATH", "POLL", "TYPES", "WORDS", "Audio", "JobState", "found", "payload", "request", "state"]

#: The catalogue types that this medium serves.
TYPES = ("internal/audio-generations/submit",)

#: Where a generation is created when no schema tells it, and how it is asked after.
PATH = "/v2/generate/audio"
POLL = Poll("/v2/generate/audio")

#: The common vocabulary, which `schema.words` keeps.
WORDS = asking.WORDS["music"]


def request(prompt: str, *, model: str, **params: Any) -> dict[str, Any]:
    """The request in common words, for `schema.fit`."""
    return asking.request(prompt, model=model, params=params)


def payload(prompt: str, *, model: str, attachments: Sequence[Attachment] = (), **params: Any) -> dict[str, Any]:
    """The body for a model without a schema. A sound to go by is sent as `reference_audio_url`."""
    if not prompt and not attachments and not params.get("lyrics"):
        raise InvalidRequestError("there is no prompt", param="prompt", advice="Describe the music in the cell.")
    body = request(prompt, model=model)
    if attachments:
        sound = asking.only(attachments, "sound")
        if sound.kind != "audio":
            raise asking.refused(sound, "a sound")
        body["reference_audio_url"] = asking.value(sound)
    return body | asking.on_the_wire(params, WORDS)
