"""`aiml-nb chat`: one answer, or a conversation, streamed in a terminal or into a pipe."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from typing import TYPE_CHECKING, Any

from ..errors import AIMLError, InvalidRequestError
from .saying import failed, plain, say

if TYPE_CHECKING:
    from ..session import Session


def chat(options: argparse.Namespace) -> int:
    """Ask what the options say; the exit code."""
    piped = b"" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.buffer.read()
    attach: list[Any] = [piped if each == "-" else each for each in options.attach]
    parts = [" ".join(options.prompt), "" if "-" in options.attach else piped.decode("utf-8", "replace").strip()]
    prompt = "\n\n".join(part for part in parts if part.strip())
    if "-" in options.attach and not piped:
        raise InvalidRequestError("--attach - has nothing to attach", param="attach", advice="Pipe a file in.")
    if not prompt and (sys.stdin is None or not sys.stdin.isatty()):
        say("aiml-nb: there is no prompt\nGive it as an argument, or pipe it in: aiml-nb chat Why is the sky blue?")
        return 2
    session = _session(options)
    asked = {"model": options.model, "system": options.system, "timeout": options.timeout}
    chosen = {name: value for name, value in asked.items() if value is not None}
    if prompt:
        _stream(session, prompt, attach=attach or None, **chosen)
        return 0
    return _talk(session, attach, chosen)


def _session(options: argparse.Namespace) -> Session:
    from ..session import Session

    return Session(provider=options.at)


def _talk(session: Session, attach: list[Any], chosen: dict[str, Any]) -> int:
    """One prompt after another, in one conversation, until Ctrl-D."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 its import gives `input` history and editing

    name = time.strftime("terminal %Y-%m-%d %H:%M:%S")
    say("Ctrl-D ends this, Ctrl-C stops an answer.")
    while True:
        try:
            prompt = input("> ").strip()
        except EOFError:
            say("")
            return 0
        except KeyboardInterrupt:
            say("")
            continue
        if not prompt:
            continue
        try:
            _stream(session, prompt, attach=attach or None, conversation=name, **chosen)
            attach = []
        except KeyboardInterrupt:
            say("\n(stopped)")
        except AIMLError as error:
            failed(error)


def _stream(session: Session, prompt: str, **params: Any) -> None:
    """Print the answer as it comes, then the footer on stderr."""
    operation = session.start("chat", prompt, **params)
    operation.on_note(lambda note: say(f"[{note}]") if note else None)
    shown = ""
    try:
        for reply in operation:
            text = reply.text
            if len(text) > len(shown):
                _print(text[len(shown) :])
                shown = text
    except BaseException:
        if shown:
            _print("\n")
        raise
    finally:
        operation.close()
    if not shown.endswith("\n"):
        _print("\n")
    say(_footer(operation.state, session))


def _print(text: str) -> None:
    """To a terminal without what it would obey; to a file or pipe as it is."""
    sys.stdout.write(plain(text) if sys.stdout.isatty() else text)
    sys.stdout.flush()


def _footer(reply: Any, session: Session) -> str:
    """Model, tokens, cost and why it ended early, in one line."""
    parts = [reply.model]
    if session.endpoint().is_sandbox:
        parts.append("sandbox, no AI ran")
    if reply.usage is not None:
        parts.append(f"{_count(reply.usage.input)} tokens in, {_count(reply.usage.output)} out")
    parts.append(str(reply.cost) if reply.cost is not None else "cost unknown")
    if reply.finish_reason not in {None, "stop"}:
        parts.append(f"ended by {reply.finish_reason}")
    return plain(f"[{' · '.join([*parts, *reply.notes])}]")


def _count(number: int | None) -> str:
    return "?" if number is None else str(number)
