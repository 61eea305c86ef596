"""What every magic that asks a model does: refuse what cannot be meant, then show the request, show it as code, or send it.

The media's own options are in `chat` and `media`; nothing here knows them.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import AIMLError, InvalidRequestError, shorten
from .context import Context
from .help import short
from .out import pretty, say

if TYPE_CHECKING:
    from ..catalogue import Model
    from ..operation import Operation
    from ..session import Call

_MODEL_LIKE = re.compile(r"[\w.-]+[/:][\w./:-]+|[A-Za-z]+[\w.]*-[\w.-]*\d[\w.-]*")


def ready(context: Context, *, also: bool = False) -> bool:
    """True when there is something to send; else says what a call looks like. also: something beside the prompt counts."""
    from ..settings import refuse_key

    line = context.line
    refuse_key(context.written.removesuffix(line.prompt), prompt=line.prompt)
    _ = context.into, context.timeout, _snippet_kind(context)
    if not (context.prompt.strip() or line.many("attach") or also):
        say(short(context.magic, context.name))
        return False
    _refuse_model_as_prompt(context)
    _note_late_option(context)
    return True


def options(context: Context) -> dict[str, Any]:
    """The options that every medium has, as `Session.start` calls them, and the parameters."""
    line = context.line
    told: dict[str, Any] = {"model": context.text("model"), "at": context.text("at"), "timeout": context.timeout}
    if "original" in line.options:
        told["original"] = True
    if not sends(context):
        told["dry"] = True
    clash = sorted(set(told) & set(params := context.params()))
    if clash:
        raise InvalidRequestError(
            f"{clash[0]} cannot be a parameter", param=clash[0], advice=f"Type --{clash[0]} VALUE."
        )
    return {**{name: value for name, value in told.items() if value is not None}, **params}


def sends(context: Context) -> bool:
    """False for `--dry-run` and `--as`."""
    return not (context.line.flag("dry_run") or "as" in context.line.options)


def go(context: Context, call: Call, keep: Callable[[Any], None]) -> Any:
    """Send the call, drawn as it comes, or show it instead; `keep` gets the result, a cut one too. None if nothing was sent."""
    from ..settings import refuse_key

    refuse_key("", cell=f"{context.body}{call.prompt}")  # by now the key in use is known
    call.notes.extend(context.notes)
    if not sends(context):
        say(as_code(context, call) if "as" in context.line.options else dry_run(call))
        return None
    return watch(context, context.session.send(call), keep)


def watch(context: Context, op: Operation[Any], keep: Callable[[Any], None]) -> Any:
    """Run `op`, drawn as it comes; `keep` gets the result, a cut one too, but no job that is still under way."""
    from .. import display

    try:
        return display.live(op, quiet=context.line.flag("quiet"), mode=context.display)
    finally:
        if op.state is not None and not hasattr(op.state, "job_id"):
            keep(op.state)


def dry_run(call: Call) -> str:
    """The request in words: where to, what, at which price."""
    entry = _entry(call)
    price = _price(call, entry)
    lines = [
        f"Nothing was sent. This would go to {call.provider}:",
        "",
        f"{call.method} {call.url}",
        pretty(call.shown()),
        "",
    ]
    limit = _ceiling(call, entry)
    lines.append(f"{call.model}: {price}" + (f"; the reply at most {limit}" if limit else ""))
    return "\n".join([*lines, *call.notes])


def _entry(call: Call) -> Model | None:
    """The catalogue's row of the model; a cold one is waited for where the provider can be asked, since its price matters here."""
    endpoint = call.client.endpoint
    if call.entry is not None or call.catalogue is None or (endpoint.key is None and not endpoint.is_local):
        return call.entry
    with contextlib.suppress(AIMLError):
        call.catalogue.models()
    return call.catalogue.find(call.model)


def _price(call: Call, entry: Model | None) -> str:
    """What this call costs where the catalogue fixes it, with the rule it follows; else the rule alone."""
    if entry is None:
        return "price unknown"
    cost = call.estimate()
    return f"this call costs {cost} ({entry.price})" if cost is not None else entry.price


def _ceiling(call: Call, entry: Model | None) -> str:
    """What the longest reply would cost, where both its length and its price are known."""
    names = ("max_tokens", "max_completion_tokens", "max_output_tokens")
    longest = next((call.body[name] for name in names if name in call.body), None)
    rate = entry.rates().get("output") if entry is not None else None
    if rate is None or not isinstance(longest, int):
        return ""
    from ..costs import Cost

    return str(Cost(usd=rate * longest))


def as_code(context: Context, call: Call) -> str:
    """The request as code for outside the notebook."""
    from ..snippet import snippet

    return snippet(_snippet_kind(context) or "curl", call)


def _snippet_kind(context: Context) -> str | None:
    kind = context.line.text("as")
    option = context.magic.option("as")
    if kind is not None and option is not None and kind not in option.values:
        raise InvalidRequestError(
            f"--as {shorten(kind, 30)} is not known", param="as", advice=f"Write one of: {', '.join(option.values)}."
        )
    return kind


def _refuse_model_as_prompt(context: Context) -> None:
    """`%%chat gpt-4o`, as other extensions write it: a model's name would silently become part of the prompt."""
    word = context.line.prompt
    if context.body is not None and _MODEL_LIKE.fullmatch(word) and "://" not in word:
        raise InvalidRequestError(
            f"is {shorten(word, 60)} the model? Nothing was sent",
            param="model",
            advice=f"Then type: %%{context.name} -m {shorten(word, 60)}. If it is part of the prompt, put it into the cell.",
        )


def _note_late_option(context: Context) -> None:
    """Say when something that looks like an option stands behind the prompt, where it is text like any other."""
    last = re.search(r"\s(--?[A-Za-z][\w-]*)(\s+\S+)?\Z", context.line.prompt)
    if last and context.magic.option(last[1].lstrip("-")):
        say(f"Note: {last[0].strip()} stands behind the prompt, so it is part of it. Options come first.")
