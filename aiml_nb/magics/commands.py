"""`%aiml`: its subcommands, each a function that reads words and prints what it found or did."""

from __future__ import annotations

import difflib
import getpass
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import AIMLError, InvalidRequestError, SettingsError, shorten
from . import listing
from .context import Context
from .options import BY_MEDIUM
from .out import say, table
from .subcommands import SUBCOMMANDS


def call(context: Context) -> None:
    """Run the subcommand that the line names; without one, show the help."""
    from ..settings import refuse_key

    refuse_key(context.written)
    words = context.written.split()
    if not words or words[0] in ("help", "--help", "-h", "?"):
        from .help import text

        say(text(context.magic, context.name))
        return
    command = _COMMANDS.get(words[0])
    if command is None:
        raise unknown("command", words[0], f"%{context.name}", SUBCOMMANDS)
    command(context, words[1:])


def unknown(kind: str, word: str, where: str, known: Any) -> InvalidRequestError:
    """The error for a word that is none of `known`, with the nearest."""
    near = difflib.get_close_matches(word, list(known), 1)
    hint = f"Did you mean {where} {near[0]}? " if near else ""
    return InvalidRequestError(
        f"{where} has no {kind} {shorten(word, 30)}", param=kind, advice=f"{hint}There is {', '.join(known)}."
    )


def none_left(words: Sequence[str], where: str) -> None:
    """Refuse words that nobody reads."""
    if words:
        raise InvalidRequestError(
            f"{where} takes nothing more, not {shorten(' '.join(words), 40)}", advice="Leave that out."
        )


def _status(context: Context, words: list[str]) -> None:
    none_left(words, f"%{context.name} status")
    session = context.session
    try:
        endpoint = session.endpoint()
    except SettingsError as error:
        say(f"provider  none yet: {error.message}\n          {error.advice}")
        return
    where = "in this process" if endpoint.is_sandbox else endpoint.base_url
    why = "because" if endpoint.source.startswith("nothing") else "from"
    rows = [("provider", f"{endpoint.title} ({where}), {why} {endpoint.source}"), ("key", _key_line(endpoint))]
    rows += [(medium, line) for medium in BY_MEDIUM if (line := _model_line(context, medium))]
    rows.append(("session", _total(context)))
    rows += [("budget", told) for told in [listing.budgets(context)] if told]
    rows += [("limits", told) for told in [_limits(session, endpoint.provider)] if told]
    if course := session.course():
        rows.append(("course", f"aiml.toml sets {', '.join(course)}"))
    problem = [f"Note: {session.store.problem}"] if session.store.problem else []
    say("\n".join([table(rows), *_hints(endpoint), *problem]))


def _limits(session: Any, provider: str) -> str:
    """What the provider's last answer told of its rate limits; empty when it told nothing."""
    _, limit = session.ledger.limits.get(provider, (0.0, None))
    if limit is None:
        return ""
    told = [
        _limit(limit.remaining_requests, limit.limit_requests, "requests"),
        _limit(limit.remaining_tokens, limit.limit_tokens, "tokens"),
    ]
    return ", ".join(filter(None, told)) and f"{', '.join(filter(None, told))}, said the last answer"


def _limit(left: int | None, most: int | None, what: str) -> str:
    if left is None:
        return f"{most:,} {what}" if most is not None else ""
    return f"{left:,} of {most:,} {what} left" if most is not None else f"{left:,} {what} left"


def _key_line(endpoint: Any) -> str:
    if endpoint.is_sandbox:
        return "none needed"
    if endpoint.key is None:
        return "none" + (", and a local server needs none" if endpoint.is_local else "")
    return f"{endpoint.key.masked}, from {endpoint.key_source}"


def _model_line(context: Context, medium: str) -> str:
    """The default model; nothing for a medium that has none, but for chat, which everybody asks for."""
    try:
        return context.session.default_model(medium)
    except AIMLError as error:
        if medium != "chat":
            return ""
        return f"{error.message}: %{context.name} use {medium}=MODEL, or %%{medium} -m MODEL"


def _hints(endpoint: Any) -> list[str]:
    hint = getattr(endpoint, "hint", "")
    told = [f"Note: {hint}."] if hint else []
    if endpoint.is_sandbox:
        told.append(
            "The sandbox runs no AI and costs nothing.\n%aiml key takes your key, %aiml use PROVIDER chooses another."
        )
    return told


def _use(context: Context, words: list[str]) -> None:
    from .use import use

    use(context, words)


def _key(context: Context, words: list[str]) -> None:
    from ..settings import provider, store_key

    none_left(words[1:], f"%{context.name} key PROVIDER")
    whose = words[0] if words else _needs_key(context)
    preset = None if "://" in whose else provider(whose)
    if preset is not None and preset.name == "sandbox":
        raise InvalidRequestError("the sandbox needs no key", advice=f"As in: %{context.name} key aimlapi")
    title = preset.title if preset is not None else whose
    if preset is not None and preset.key_url:
        say(f"Keys for {title}: {preset.key_url}")
    where = store_key(preset.name if preset is not None else whose, _asked(f"Key for {title} (hidden): "))
    say(f"The key for {title} is kept in {where}. %{context.name} doctor tries it.")
    if preset is not None and (now := _provider_now(context)) != preset.name:
        say(f"Calls still go to {now or 'nobody'}: %{context.name} use {preset.name} changes that.")


def _provider_now(context: Context) -> str:
    try:
        return str(context.session.endpoint().provider)
    except SettingsError:
        return ""


def _needs_key(context: Context) -> str:
    """What a bare `%aiml key` is about: the server or provider in use, or the AI/ML API."""
    chosen = str(context.config.base_url or context.config.provider or "sandbox")
    return "aimlapi" if chosen == "sandbox" else chosen


def _asked(prompt: str) -> str:
    """A key typed in a hidden field."""
    try:
        with warnings.catch_warnings():
            # Where what is typed would be seen, it is not asked for.
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(prompt)
    except (NotImplementedError, EOFError, OSError, getpass.GetPassWarning):
        raise SettingsError(
            "this front end cannot ask for a key without showing it",
            advice="Put AIMLAPI_API_KEY=… into a file named .env beside the notebook.",
        ) from None
    except Exception as error:
        if "StdinNotImplemented" in type(error).__name__:
            raise SettingsError(
                "nobody is there to type a key: the notebook runs unattended",
                advice="Put AIMLAPI_API_KEY=… into a file named .env beside the notebook, or into the environment.",
            ) from None
        raise


def _conversations(context: Context, words: list[str]) -> None:
    from .conversations import conversations

    conversations(context, words)


def _total(context: Context) -> str:
    from ..tables import usage

    return usage.total(usage.rows(context.session, by="medium"))


def _sandbox(context: Context, words: list[str]) -> None:
    from .. import sandbox

    action, *rest = words or ["start"]
    none_left(rest, f"%{context.name} sandbox {action}")
    if action == "faults":
        from ..sandbox import faults

        say((faults.__doc__ or "").strip())
    elif action == "stop":
        sandbox.shared().stop()
        say("The sandbox is stopped; the next call to it starts it again.")
    elif action in ("start", "url"):
        server = sandbox.shared()
        say(
            f"The sandbox answers at {server.url}/v1 with the key {server.key}, for this notebook's process only.\n"
            f"It runs no AI. %{context.name} sandbox faults shows how to try errors; `aiml-nb sandbox --port N` serves others."
        )
    else:
        raise unknown("command", action, f"%{context.name} sandbox", ("start", "stop", "faults"))


def _doctor(context: Context, words: list[str]) -> None:
    from .. import doctor

    none_left(words[1:], f"%{context.name} doctor PROVIDER")
    say(str(doctor.checkup(context.session.endpoint(words[0]) if words else _here(context))))


def _here(context: Context) -> Any:
    """The endpoint in use; None where the settings name none, which is what the doctor then finds."""
    try:
        return context.session.endpoint()
    except SettingsError:
        return None


def _prune(context: Context, words: list[str]) -> None:
    from .prune import prune

    prune(context, words)


_COMMANDS: dict[str, Callable[[Context, list[str]], None]] = {
    "status": _status,
    "use": _use,
    "key": _key,
    "models": listing.models,
    "model": listing.model,
    "conversations": _conversations,
    "jobs": listing.jobs,
    "resume": listing.resume,
    "usage": listing.usage,
    "balance": listing.balance,
    "budget": listing.budget,
    "sandbox": _sandbox,
    "doctor": _doctor,
    "prune": _prune,
}
