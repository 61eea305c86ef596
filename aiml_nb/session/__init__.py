"""Session: one place for the client, the defaults, the conversations and the ledger; one method a medium; no display.

A call is made ready first (`prepare`: nothing is sent, every mistake is found) and then started, which gives an Operation.
"""

from __future__ import annotations

from .call import Call
from .session import Session, default

__all__ = ["Call", "Session", "default"]
