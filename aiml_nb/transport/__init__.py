"""httpx transports that lie under the client: the wire itself, proxies, retries; and what a server's refusal means.

They know requests and answers, and nothing of endpoints, keys, models or notebooks. What they have to tell while they
work goes through the request's extensions: `aiml_nb.note` (text for whoever watches), `aiml_nb.wait` (a sleep that a
cancel ends), `aiml_nb.create` (this call makes something that costs money).
"""

from __future__ import annotations

from .problems import Problem
from .retry import CREATE, NOTE, PATIENCE, WAIT, Retry
from .wire import Watch, Wire, watching
from .world import connect, loopback

__all__ = ["CREATE", "NOTE", "PATIENCE", "WAIT", "Problem", "Retry", "Watch", "Wire", "connect", "loopback", "watching"]
