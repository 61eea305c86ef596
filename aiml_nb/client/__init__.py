"""The one module that touches the network: Client, the shared client, which requests, streams and downloads.

Foreign exceptions are translated here, keys are added here and taken out of whatever comes back. It knows endpoints and
operations, and nothing of models, prompts, conversations or notebooks.
"""

from __future__ import annotations

import sys

if "httpx" not in sys.modules:
    # httpx's own command line, which nobody calls from here, would load click where that is installed: a tenth of what
    # a kernel needs until its first answer.
    sys.modules["httpx._main"] = None  # type: ignore[assignment]
    import httpx  # noqa: F401

    del sys.modules["httpx._main"]

from .answers import Answer, loads
from .core import TIMEOUT, Client, new_request_id
from .stream import Stream

__all__ = ["TIMEOUT", "Answer", "Client", "Stream", "loads", "new_request_id"]
