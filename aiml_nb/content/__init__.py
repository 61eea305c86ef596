"""What goes into a model: messages, their attachments, and a request body that carries files without holding them.

Values only. Nothing here knows of a provider, the network, settings or the notebook.
"""

from __future__ import annotations

from .attachment import MAX_BYTES, Attachment
from .body import Base64, JSONBody, summary
from .message import ROLES, Message
from .pdf import check_pdf
from .picture import MAX_EDGE, MAX_PIXELS, prepare_image
from .privacy import Cleaned, strip
from .sniff import kind_of, sniff
from .wording import human_size, repair

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
