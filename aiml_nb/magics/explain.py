"""`%explain`: the notebook's last error, with its cell, shown and then sent to a chat model."""

from __future__ import annotations

from typing import Any

from ..errors import InvalidRequestError
from . import generate
from .context import Context
from .last_error import LastError, last_error
from .out import say

QUESTION = "Explain this error in a few plain sentences, then show how to fix it."


def call(context: Context) -> None:
    """Explain the last error, or show what would be sent."""
    from ..settings import refuse_key

    refuse_key(context.written)
    error = last_error(context.ip)
    if error is None:
        raise InvalidRequestError("there is no error to explain yet", advice="Run a cell that fails, then %explain.")
    question, _ = context.filled(context.prompt.strip())
    sent = prompt(error, question or QUESTION)
    told: dict[str, Any] = generate.options(context)
    made = context.session.prepare("chat", sent, **told)
    if generate.sends(context) and not context.line.flag("quiet"):
        say(f"This is sent to {made.provider}:\n\n{_indented(sent)}\n")
    generate.go(context, made, context.keep)


def prompt(error: LastError, question: str) -> str:
    """What is sent: the question, the cell, the traceback."""
    parts = [question]
    if error.cell:
        parts.append(f"The cell:\n\n```python\n{error.cell.rstrip()}\n```")
    return "\n\n".join([*parts, f"The error:\n\n```\n{error.text}\n```"])


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.splitlines())
