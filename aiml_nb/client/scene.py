"""Scene: the circumstances of one exchange, as far as an error has to tell of them. A value; it sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from ..operation import Operation
    from ..settings.endpoint import Endpoint


class Scene(Struct):
    """What was going on: for whom, how long we would wait, and how far it had come."""

    endpoint: Endpoint
    method: str = "GET"
    timeout: float = 600.0
    op: Operation[Any] | None = None
    answered: bool = False
    streaming: bool = False
    request_id: str | None = None
    target: str = ""

    @property
    def host(self) -> str:
        """Whom to name in a message."""
        return self.target or self.endpoint.host

    @property
    def base_url(self) -> str:
        """The base URL as a message names it: the sandbox's has another port each time."""
        return self.endpoint.host if self.endpoint.is_sandbox else self.endpoint.base_url
