"""Video: a prompt as a request, a job to ask after, and the finished answer's film as a Video.

Pure: it builds the payload and reads the answer. Polling, fetching and keeping is the session's work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..content import Attachment
from ..errors import InvalidRequestError
from . import asking
from .container import frame_size
from .files import Found, MediaFile, search, some
from .jobs import JobState, Poll, state

__all__ = ["PATH", "POLL", "TYPES", "WORDS", "JobState", "Video", "found", "payload", "request", "state"]

#: The catalogue types that this medium serves.
TYPES = ("internal/video-generations/submit",)

#: Where a generation is created when no schema tells it, and how it is asked after.
PATH = "/v2/video/generations"
POLL = Poll("/v2/video/generations")

#: The common vocabulary, which `schema.words` keeps.
WORDS = asking.WORDS["video"]

_KEYS = ("video", "videos", "video_url", "output", "result", "data", "generation")


def request(prompt: str, *, model: str, **params: Any) -> dict[str, Any]:
    """The request in common words, for `schema.fit`."""
    return asking.request(prompt, model=model, params=params)


def payload(prompt: str, *, model: str, attachments: Sequence[Attachment] = (), **params: Any) -> dict[str, Any]:
    """The body for a model without a schema. Pictures: the first frame, first and last, or three and more as references."""
    if not prompt and not attachments:
        raise InvalidRequestError("there is no prompt", param="prompt", advice="Describe the film in the cell.")
    return request(prompt, model=model) | _attached(attachments) | asking.on_the_wire(params, WORDS)


def _attached(attachments: Sequence[Attachment]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    pictures = []
    for each in attachments:
        if each.kind == "image":
            pictures.append(asking.value(each))
        elif each.kind in {"video", "audio"} and f"{each.kind}_url" not in body:
            body[f"{each.kind}_url"] = asking.value(each)
        else:
            raise asking.refused(each, "pictures, and at most one film and one sound")
    if len(pictures) > 2:
        return body | {"image_urls": pictures}
    return body | dict(zip(("image_url", "last_image_url"), pictures, strict=False))


def _rows(answer: Any) -> list[Found]:
    return search(answer, _KEYS, "video") if isinstance(answer, dict) else []


def found(answer: Any) -> list[Found]:
    """The films that a finished answer tells of. Raises APIError (kind "protocol") when there is none."""
    return some(_rows, answer, "video")


class Video(MediaFile):
    """A film: `.bytes .path .mime .url .save()`, `.duration` in seconds, `.size` in pixels; `.files` when there are several."""

    KIND = "video"

    @classmethod
    def _rows(cls, answer: Any) -> list[Found]:
        return _rows(answer)

    @property
    def size(self) -> tuple[int, int] | None:
        """Width and height, where the first file tells."""
        return frame_size(self.path)

    def _body_html(self) -> str:
        from .player_drawing import video_html

        return video_html(self)

    def _body_text(self) -> str:
        from .player_drawing import text

        return text(self)
