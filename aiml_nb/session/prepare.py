"""Makes calls ready: the user's words checked and completed from the session's defaults, nothing sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..content import Attachment, Message
from ..conversation import Cell
from ..errors import InvalidRequestError
from ..media.dialects import CHAT
from ..schema import WORDS
from .asking import Asked, write
from .call import Call
from .fitting import fitted, look_up
from .kinds import KINDS

if TYPE_CHECKING:
    from ..structured import Schema
    from ..tools import Tool
    from . import Session

#: Characters of text in a token, when nobody has counted: few for trimming, which may come too early, and many for refusing,
#: which must not.
_TRIM, _REFUSE = 3.5, 6.0


def prepare_chat(
    session: Session,
    prompt: str,
    *,
    model: str | None = None,
    attach: Any = None,
    conversation: str | None = None,
    at: str | None = None,
    timeout: float | None = None,
    dry: bool = False,
    original: bool = False,
    system: str | None = None,
    messages: Iterable[Any] | None = None,
    schema: Any = None,
    tools: Sequence[Any] = (),
    stream: bool = True,
    show: str = "markdown",
    new: bool = False,
    back_to: int | None = None,
    cell: Cell | None = None,
    **params: Any,
) -> Call:
    """A chat call; see Session.start. back_to: take the place of the conversation's turns after so many, once an answer is there."""
    if show not in ("markdown", "text", "json", "code"):
        raise InvalidRequestError(
            f"cannot show {show!r}", param="show", advice="It can be markdown, text, json or code."
        )
    if messages is not None and conversation is not None:
        raise InvalidRequestError(
            "messages and a conversation exclude each other",
            param="messages",
            advice="--messages is the whole talk; leave out -c.",
        )
    cell = cell or Cell()
    attachments, notes = _attachments(attach, original=original)
    told = [Message.of(m) for m in messages] if messages is not None else []
    question = Message("user", prompt, tuple(attachments)) if prompt or attachments else None
    if question is None and not told:
        raise InvalidRequestError("there is no prompt", param="prompt", advice="Write it in the cell, or after %chat.")
    call = _call(session, "chat", CHAT.path, prompt, model, at, timeout, dry=dry)
    look_up(call, wait=False)
    talk = session.conversations.get(conversation) if conversation else None
    upto = None
    if talk is not None:
        upto = 0 if new else talk.before(cell) if back_to is None else back_to
        told = talk.messages(upto)
        notes += [] if new or back_to is not None else _rewound(len(talk) - upto)
        system = system if system is not None or new else talk.system
    given, functions = _given(schema, tools)
    told, trimmed = _fitting(told, prompt, system, call.entry.context if call.entry else None)
    call.notes = notes + trimmed
    asked = Asked(
        prompt,
        attachments,
        told,
        system,
        stream,
        given.request() if given else None,
        [tool.declaration() for tool in functions],
        _with_defaults(session, "chat", params),
    )
    write(call, asked)
    # Where nothing is taken back the turn goes to the end, wherever that is by then: another call may have written meanwhile.
    place = upto if talk is not None and upto is not None and upto < len(talk) else None
    call.question, call.conversation, call.at, call.cell = question, talk, place, cell
    call.system, call.schema, call.tools, call.show, call.fresh = system, given, functions, show, new
    return call


def _given(schema: Any, tools: Sequence[Any]) -> tuple[Schema | None, tuple[Tool, ...]]:
    """The schema and the tools of a chat, as they go into a request; most have neither."""
    if schema is None and not tools:
        return None, ()
    from ..structured import Schema
    from ..tools import Tool

    return Schema.of(schema) if schema is not None else None, tuple(Tool.of(tool) for tool in tools)


def prepare_generation(
    session: Session,
    medium: str,
    prompt: Any,
    *,
    model: str | None = None,
    attach: Any = None,
    conversation: str | None = None,
    at: str | None = None,
    timeout: float | None = None,
    dry: bool = False,
    original: bool = False,
    save: str | None = None,
    **params: Any,
) -> Call:
    """A call of any medium but chat; see Session.start. It waits for the catalogue and the model's schema where they are cold."""
    if conversation is not None:
        raise InvalidRequestError(f"{medium} has no conversation", param="conversation", advice="Leave it out.")
    attachments, notes = _attachments(attach, original=original)
    call = _call(session, medium, KINDS[medium].module.PATH, prompt, model, at, timeout, dry=dry)
    call.notes, call.save = notes, save
    taken = getattr(call.kind.module, "taken", None)
    if taken is not None:
        prompt, attachments = taken(prompt, attachments)
    look_up(call, wait=True)
    call.inputs = [prompt] if isinstance(prompt, str) else list(prompt or ())
    request = {"model": call.model, **({"prompt": prompt} if prompt else {}), **_with_defaults(session, medium, params)}
    fitted(call, request, attachments)
    return call


def _call(
    session: Session,
    medium: str,
    path: str,
    prompt: Any,
    model: str | None,
    at: str | None,
    timeout: float | None,
    *,
    dry: bool,
) -> Call:
    timeout = timeout if timeout is not None else session.defaults.get("timeout")
    if timeout is not None and not 0 < timeout <= 86400:
        raise InvalidRequestError(
            f"timeout is {timeout:g}", param="timeout", advice="Give seconds, from above 0 to 86400."
        )
    client = session.client(at, need_key=not dry)
    catalogue = session.catalogue(at, client)
    chosen = model or session.default_model(medium, at, client)
    told = prompt if isinstance(prompt, str) else "\n".join(map(str, prompt or ()))
    return Call(medium, client, path, {}, chosen, told, catalogue=catalogue, timeout=timeout, warner=session.warner)


def _attachments(attach: Any, *, original: bool) -> tuple[list[Attachment], list[str]]:
    """The attachments, pictures made fit for a model, and what was done to them."""
    if attach is None:
        return [], []
    from ..content import prepare_image

    values = attach if isinstance(attach, list | tuple) else [attach]
    ready = [Attachment.of(value, original=original) for value in values]
    ready = [prepare_image(a, original=original) if a.kind == "image" and not a.url else a for a in ready]
    return ready, [f"{a.name or 'attachment'}: {a.note}" for a in ready if a.note]


def checked_defaults(defaults: dict[str, Any]) -> dict[str, Any]:
    """The defaults of a session, each known. Raises InvalidRequestError that names the nearest word."""
    known = {"timeout", *(f"model_{medium}" for medium in KINDS), *(word for words in WORDS.values() for word in words)}
    for name in defaults:
        if name not in known:
            from difflib import get_close_matches

            near = get_close_matches(name, known, 1)
            raise InvalidRequestError(
                f"a session has no default {name!r}",
                param=name,
                advice=f"Did you mean {near[0]}?" if near else "Give the model's own parameters with each call.",
            )
    return defaults


def _with_defaults(session: Session, medium: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters, completed by the course folder's defaults and the session's, where the medium has such a word."""
    words = WORDS[medium]
    mine = {name: value for name, value in session.defaults.items() if name in words}
    given = {name: value for name, value in params.items() if value is not None}
    return {**session.course().get(medium, {}), **mine, **given}


def _rewound(turns: int) -> list[str]:
    if not turns:
        return []
    return [f"run again: the conversation went back by {turns} turn{'s' * (turns > 1)}"]


def _fitting(
    told: list[Message], prompt: str, system: str | None, context: int | None
) -> tuple[list[Message], list[str]]:
    """What fits into the model's context of what was said before, trimmed from the oldest turn, and a note if it was."""
    if context is None:
        return told, []
    room = context - (len(prompt) + len(system or "")) / _TRIM
    if len(prompt) / _REFUSE > context:
        raise InvalidRequestError(
            f"the prompt is too long: at least {len(prompt) / _REFUSE:,.0f} tokens; the model takes {context:,}",
            param="prompt",
            advice="Shorten it, split it, or use a model with a longer context.",
        )
    starts = [at for at, m in enumerate(told) if m.role == "user"]
    dropped = 0
    while dropped < len(starts) and sum(len(m.content) for m in told[starts[dropped] :]) / _TRIM > room:
        dropped += 1
    if not dropped:
        return told, []
    kept = told[starts[dropped] :] if dropped < len(starts) else []
    note = f"too long for the model's {context:,} tokens: the {dropped} oldest turn{'s were' if dropped > 1 else ' was'} left out"
    return [m for m in told[: starts[0]] if m.role == "system"] + kept, [note]
