"""A chat's request, written in the dialect of its model, and written anew when more is known of the model.

A plain chat never waits: it goes as any server would take it, and is written again, once, if the model refuses it or is
not at that address, and publishes a schema. A chat with more in it than words (parameters, files, tools, a system prompt) asks for the schema
first, which is kept on disk, so that what the model cannot take is refused before anything is sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from ..media.dialects import choose
from .fitting import look_up, others

if TYPE_CHECKING:
    from ..content import Attachment, Message
    from ..schema import ChatFeatures
    from .call import Call


class Asked(Struct, frozen=True):
    """What the user asked of a chat, before it is put into any dialect. messages: what came before, trimmed to fit."""

    prompt: str
    attachments: Sequence[Attachment] = ()
    messages: Sequence[Message] = ()
    system: str | None = None
    stream: bool = True
    schema: dict[str, Any] | None = None
    tools: Sequence[dict[str, Any]] = ()
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_plain(self) -> bool:
        """True when there are words and nothing else."""
        return not (self.attachments or self.system or self.schema or self.tools or self.params)


def write(call: Call, asked: Asked) -> None:
    """Set the call's dialect, path and body, as far as its row and its schema are known."""
    call.asked = asked
    if not asked.is_plain:
        _learn(call)
    call.dialect = choose(call.entry.type if call.entry is not None else "", _features(call))
    call.path = call.dialect.path
    body = call.dialect.payload(
        asked.prompt,
        model=call.model,
        attachments=asked.attachments,
        messages=asked.messages,
        system=asked.system,
        stream=asked.stream,
        schema=asked.schema,
        tools=asked.tools,
        notes=call.notes,
        **(asked.params if call.form is None else {}),
    )
    call.body = body if call.form is None else _with_parameters(call, body, asked.params)


def write_again(call: Call) -> bool:
    """Write it anew by the schema that was not at hand before; False when there is none, or it changes nothing."""
    if call.asked is None or call.form is not None or not _learn(call):
        return False
    before = call.path, call.body
    write(call, call.asked)
    return (call.path, call.body) != before


def _learn(call: Call) -> bool:
    """Get the model's row and schema, if its provider publishes them."""
    if call.form is None:
        look_up(call, wait=True)
    return call.form is not None


def _features(call: Call) -> ChatFeatures | None:
    """What the model takes, where its schema is known."""
    if call.form is None:
        return None
    from ..schema import chat_features

    return chat_features(call.form)


def _with_parameters(call: Call, body: dict[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """The body with the parameters, which the schema has checked; what the dialect built goes as it is."""
    from ..schema import fit

    assert call.form is not None
    made = fit(
        {**body, **params}, call.form, medium="chat", trusted=tuple(body), others=lambda word: others(call, word)
    )
    call.notes += made.notes
    if call.dialect.finish is not None:
        call.dialect.finish(made.payload, call.dialect.features)
    return made.payload
