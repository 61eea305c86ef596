"""The one module that touches the network: Client, the shared client, which requests, streams and downloads.

Foreign exceptions are translated here, keys are added here and taken out of whatever comes back. It knows endpoints and
operations, and nothing of models, prompts, conversations or notebooks.
"""

from __future__ import annotations

from .answers import Answer, loads
from .core import TIMEOUT, Client, new_request_id
from .embedded import REFERENCE, extract_base64
from .stream import Stream

__all__ = ["REFERENCE", "TIMEOUT", "Answer", "Client", "Stream", "extract_base64", "loads", "new_request_id"]
