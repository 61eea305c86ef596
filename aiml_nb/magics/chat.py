"""`%%chat` and `%chat`: its own options read, the call made ready, sent and kept."""

from __future__ import annotations

import re
import sys
from typing import Any

from ..errors import InvalidRequestError, shorten
from . import generate
from .context import Context
from .options import SHOW_WAYS
from .out import say

#: The conversation that the magics go on with.
MAIN = "main"

_FENCED = re.compile(r"^[ ]{0,3}(`{3,}|~{3,})[^\n]*\n(.*?)^[ ]{0,3}\1[`~]*[ \t]*$", re.DOTALL | re.MULTILINE)


def call(context: Context) -> None:
    """Ask the model, or show what would be asked."""
    if not generate.ready(context, also="messages" in context.line.options):
        return
    show = _show(context)
    prompt, inserted = context.filled(context.prompt, context.attached)
    told = {**_talk(context), **_shape(context), **generate.options(context)}
    made = context.session.prepare(
        "chat", prompt, attach=[*context.attached, *inserted] or None, show=show, cell=context.cell, **told
    )
    reply = generate.go(context, made, lambda state: _keep(context, state))
    if reply is not None and show == "code":
        offer_code(context, reply.text)


def _show(context: Context) -> str:
    show = context.text("show") or ("json" if "schema" in context.line.options else "markdown")
    if show not in SHOW_WAYS:
        raise InvalidRequestError(
            f"--show {shorten(show, 30)} is not known", param="show", advice=f"It is one of {', '.join(SHOW_WAYS)}."
        )
    return show


def _talk(context: Context) -> dict[str, Any]:
    """What was said before: a conversation, or the messages in a variable."""
    line = context.line
    told: dict[str, Any] = {}
    if "system" in line.options:
        told["system"] = context.text("system")
    if "messages" in line.options:
        if "conversation" in line.options or line.flag("new"):
            raise InvalidRequestError(
                "--messages is the whole talk, so there is no conversation to go on with",
                param="messages",
                advice="Leave out -c and --new.",
            )
        return {**told, "messages": _messages(context)}
    if line.flag("new") and not generate.sends(context):
        return told  # what would go out is a conversation's first turn, and a look must not begin one
    name = context.text("conversation") or MAIN
    return {**told, "conversation": name, **({"new": True} if line.flag("new") else {})}


def _messages(context: Context) -> list[Any]:
    found = context.named("messages", context.line.options["messages"])
    if isinstance(found, str | bytes | dict) or not hasattr(found, "__iter__"):
        raise InvalidRequestError(
            f"--messages takes a list of messages, not {type(found).__name__}",
            param="messages",
            advice='As in: talk = [{"role": "user", "content": "Hello"}]',
        )
    return list(found)


def _shape(context: Context) -> dict[str, Any]:
    """What the answer is to be: a schema, tools, streamed or whole."""
    line = context.line
    told: dict[str, Any] = {}
    if "schema" in line.options:
        told["schema"] = context.named("schema", line.options["schema"])
    if tools := [context.named("tool", value) for value in line.many("tool")]:
        told["tools"] = tools
    if line.flag("no_stream"):
        told["stream"] = False
    return told


def _keep(context: Context, reply: Any) -> None:
    context.keep(reply, reply.value if "schema" in context.line.options else None)


def offer_code(context: Context, text: str) -> None:
    """Put the code of a reply into a new cell, its hidden characters made visible; it does not run by itself."""
    from ..render import visible

    code = "\n\n".join(match[2].rstrip() for match in _FENCED.finditer(text))
    if not code:
        say("There is no code block in the reply, so no cell was made.")
    elif "google.colab" in sys.modules:
        say("Colab makes no cell from here: copy the code above.")
    else:
        context.ip.set_next_input(visible(code))
