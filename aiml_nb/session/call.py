"""Call: one request made ready and not yet sent: what goes where, and what is to become of the answer.

`--dry-run`, `--as` and the ledger look at a Call; the work in `chat` and `image` sends it. It knows no network.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from ..catalogue.deprecation import from_headers
from ..content import JSONBody, Message, summary
from ..conversation import Cell, Conversation
from ..media.dialects import CHAT, Dialect
from .kinds import KINDS, Kind

if TYPE_CHECKING:
    from pathlib import Path

    from ..catalogue import Catalogue, Model
    from ..catalogue.deprecation import Warner
    from ..client import Answer, Client, Stream
    from ..content import Attachment
    from ..costs import Cost
    from ..operation import Operation
    from ..schema import Form
    from ..structured import Schema
    from ..tools import Tool
    from .asking import Asked


class Call(Struct):
    """One request: `method path body` for `client`.

    entry: the catalogue's row of the model, where it is known. form: the model's schema, where it is known; without it the
    request goes as given. files: what goes beside the body in a multipart form, by field. notes: what was done to the
    request, for the user to see. conversation: where the turn goes, None for a stateless call. at: the turns after so many make way for it; None: none.
    fresh: the conversation begins anew with this turn. dialect, asked: how a chat stands in the body, and from what that was made. inputs: the texts of an embedding. request_id: our own id, sent as
    X-Client-Request-Id.
    """

    medium: str
    client: Client
    path: str
    body: dict[str, Any]
    model: str
    prompt: str = ""
    method: str = "POST"
    catalogue: Catalogue | None = None
    entry: Model | None = None
    form: Form | None = None
    files: dict[str, list[Attachment]] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
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
    dialect: Dialect = CHAT
    asked: Asked | None = None
    show: str = "markdown"
    save: str | None = None
    warner: Warner | None = None
    request_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def kind(self) -> Kind:
        """The medium, with its module and its result."""
        return KINDS[self.medium]

    def send_media(self, op: Operation[Any], folder: Path) -> Answer:
        """Send it; files that stand in the answer as base64 are written to `folder` while it comes."""
        return self.client.request_media(self.method, self.path, folder=folder, op=op, **self._sent())

    def send_once(self, op: Operation[Any]) -> Answer:
        """Send the creation of a job: again only if it could not connect or got 429, for it may be paid for."""
        return self.client.request(self.method, self.path, op=op, create=True, **self._sent())

    def _sent(self) -> dict[str, Any]:
        told: dict[str, Any] = {"timeout": self.timeout, "request_id": self.request_id}
        kind = self.form.body if self.form is not None else ""
        if not self.files and not kind:
            return told | {"json": self.body}
        fields = {name: _fields(value) for name, value in self.body.items()}
        if self.files or kind != "multipart/form-data":
            return told | {"files": self.files or None, "data": fields}
        return told | {"files": {name: [(None, each.encode()) for each in texts] for name, texts in fields.items()}}

    def note_answer(self, answer: Answer | Stream) -> None:
        """Take from an answer's headers what concerns the model: that it is deprecated."""
        if self.warner is not None:
            self.warner.warn(from_headers(self.model, answer.headers))

    def answered(self) -> None:
        """An answer came: now fetch a cold catalogue meanwhile. A server of unknown kind is asked when somebody asks for it."""
        if self.catalogue is not None and self.client.endpoint.preset is not None:
            self.catalogue.warm()

    def estimate(self) -> Cost | None:
        """What it will cost, where the catalogue fixes that by what the request says; None where only the answer tells."""
        if self.entry is None:
            return None
        known = self.form.parameters if self.form is not None else ()
        return self.entry.estimate(self.body, {each.name: each.default for each in known if each.default is not None})

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
        return told | {name: [each.label for each in files] for name, files in self.files.items()}


def _fields(value: Any) -> list[str]:
    """A value as a form's fields: one for each of a list's; text as it is, anything else as JSON has it."""
    return [_text(each) for each in value] if isinstance(value, list) else [_text(value)]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return b"".join(JSONBody(value)).decode().removeprefix('"').removesuffix('"')
