"""What goes into a model: messages, their attachments, and a request body that carries files without holding them.

Values only. Nothing here knows of a provider, the network, settings or the notebook. What only attached files need is
loaded with the first of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .attachment import MAX_BYTES, Attachment
from .body import Base64, JSONBody, summary
from .message import ROLES, Message
from .sniff import kind_of, sniff
from .wording import human_size, repair

if TYPE_CHECKING:
    from .pdf import check_pdf
    from .picture import MAX_EDGE, MAX_PIXELS, prepare_image
    from .privacy import Cleaned, strip

__all__ = [
    "MAX_BYTES",
    "MAX_EDGE",
    "MAX_PIXELS",
    "ROLES",
    "Attachment",
    "Base64",
    "Cleaned",
    "JSONBody",
    "Message",
    "check_pdf",
    "human_size",
    "kind_of",
    "prepare_image",
    "repair",
    "sniff",
    "strip",
    "summary",
]

_HOME = {
    "Cleaned": "privacy",
    "MAX_EDGE": "picture",
    "MAX_PIXELS": "picture",
    "check_pdf": "pdf",
    "prepare_image": "picture",
    "strip": "privacy",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f".{_HOME[name]}", __name__), name)
    return value
