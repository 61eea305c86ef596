"""Which dialect a chat with a model is held in: by the catalogue's type of the model, and by the features of its schema."""

from __future__ import annotations

from msgspec.structs import replace

from ..schema import ChatFeatures
from . import chat, messages, responses
from .dialect import Dialect

__all__ = ["CHAT", "MESSAGES", "RESPONSES", "Dialect", "choose"]

CHAT, RESPONSES, MESSAGES = chat.DIALECT, responses.DIALECT, messages.DIALECT


def choose(kind: str = "", features: ChatFeatures | None = None) -> Dialect:
    """The dialect for a model of this catalogue type, chat completions where that is not known.

    features: from the model's schema; some models want Anthropic's shapes at the path of chat completions.
    """
    found = next((each for each in (RESPONSES, MESSAGES) if kind in each.types), CHAT)
    if features is None:
        return found
    if found is CHAT and features.shape == "messages":
        found = replace(MESSAGES, path=CHAT.path, types=CHAT.types)
    return found.fitted(features)
