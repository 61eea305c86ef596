"""A request for a provider that publishes no schema: each common word under its likeliest name, values as they are.

Nothing can be checked, and a note says so. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..content import Attachment, Base64
from .files import kind_of
from .words import BARE, GUESSED

UNCHECKED = "this provider publishes no schema: parameters go as they are"


def unformed(
    request: Mapping[str, Any],
    given: Sequence[tuple[str, Attachment]],
    words: Mapping[str, tuple[str, ...]],
    prompt_names: Sequence[str],
    medium: str,
) -> tuple[dict[str, Any], list[str]]:
    """The payload, and the note that nothing was checked where there was something to check."""
    payload: dict[str, Any] = {}
    for name, value in request.items():
        if value is None or (name == "prompt" and not value):
            continue
        likeliest = (prompt_names or ("prompt",)) if name == "prompt" else words.get(name) or (name,)
        _put(payload, BARE[name] if BARE.get(name) in likeliest else likeliest[0], value)
    by_kind: dict[str, list[Attachment]] = {}
    for role, attachment in given:
        if role:
            payload[f"{role}_image_url"] = _link(attachment)
        else:
            by_kind.setdefault(kind_of(attachment), []).append(attachment)
    names = {**GUESSED[""], **GUESSED.get(medium, {})}
    for kind, attachments in by_kind.items():
        one, several = names.get(kind, ("image_url", "image_urls"))
        links = [_link(attachment) for attachment in attachments]
        payload[one if len(links) == 1 else several] = links[0] if len(links) == 1 else links
    asked = [
        name
        for name, value in request.items()
        if value is not None and name not in ("model", "prompt", "messages", "stream")
    ]
    return payload, [UNCHECKED] if asked else []


def _put(payload: dict[str, Any], name: str, value: Any) -> None:
    *way, last = name.split(".")
    branch = payload
    for part in way:
        inner = branch.setdefault(part, {})
        branch = inner if isinstance(inner, dict) else branch
    branch[last] = value


def _link(attachment: Attachment) -> Any:
    return attachment.url or Base64(attachment, f"data:{attachment.mime};base64,")
