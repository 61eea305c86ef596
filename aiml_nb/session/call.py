"""Call: one request made ready and not yet sent: what goes where, and what is to become of the answer.

`--dry-run`, `--as` and the ledger look at a Call; the work in `chat` and `image` sends it. It knows no network.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiml_nb.content import Message, summary
from aiml_nb.conversation import Cell, Conversation

if TYPE_CHECKING:
    from aiml_nb.catalogue import Catalogue, Model
    from aiml_nb.client import Client
    from aiml_nb.operation import Operation
    from aiml_nb.structured import Schema
    from aiml_nb.tools import Tool


@dataclass
class Call:
    """One request: `method path body` for `client`.

    notes: what was done to the request, for
    the user to see. conversation, at: where the turn goes, after how many turns; None for a stateless call. fresh: the conversation begins anew with this turn.
    request_id: our own id, sent as X-Client-Request-Id.
    """

    medium: str
    client: Client
    path: str
    body: dict[str, Any]
    model: str
    prompt: str = ""
    method: str = "POST"
    catalogue: Catalogue | None = None
    notes: list[str] = field(default_factory=list)
    timeout: float | None = None
    cell: Cell = field(default_factory=Cell)
    question: Message | None = None
    conversation: Conversation | None = None
    at: int | None = None
    fresh: bool = False
    system: str | None = None
    schema: Schema | None = None
    tools: tuple[Tool, ...] = ()
    show: str = "markdown"
    save: str | None = None
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def entry(self) -> Model | None:
        """The catalogue's word on the model, where it is known without waiting."""
        return self.catalogue.find(self.model) if self.catalogue is not None else None

    def answered(self) -> None:
        """An answer came: now fetch a cold catalogue meanwhile. A server of unknown kind is asked when somebody asks for it."""
        if self.catalogue is not None and self.client.endpoint.preset is not None:
            self.catalogue.warm()

    def tell(self, op: Operation[Any]) -> None:
        """Tell whoever watches what was done to the request."""
        for note in self.notes:
            op.note(note)

    @property
    def provider(self) -> str:
        """Whom it goes to, as a short name."""
        return self.client.endpoint.provider

    @property
    def url(self) -> str:
        """Where it goes; the sandbox's changing port is not told."""
        return "sandbox" + self.path if self.client.endpoint.is_sandbox else self.client.endpoint.url(self.path)

    def shown(self) -> dict[str, Any]:
        """The body with attachments told in a few words, for people and for the ledger."""
        told: dict[str, Any] = summary(self.body)
        return told
