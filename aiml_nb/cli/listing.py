"""`aiml-nb models`, `usage` and `jobs`: the same tables as in a notebook, on stdout; a job is collected with `jobs resume`."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING, Any

from ..errors import InvalidRequestError
from .saying import plain, say

if TYPE_CHECKING:
    from ..operation import Operation
    from ..session import Session
    from ..tables import Page

_GROUPS = ("model", "day", "medium", "notebook", "session", "provider")
_MEDIA = ("chat", "image", "video", "speech", "music", "transcript", "embedding", "ocr", "mesh")

#: Seconds between two lines that tell how a job goes.
_TELL = 5.0


def add_models(command: argparse.ArgumentParser) -> None:
    """The options of `models`."""
    add = command.add_argument
    add("words", nargs="*", metavar="WORD", help="words that a model's name, developer or capabilities have")
    add("--medium", choices=_MEDIA, metavar="M", help=f"only models that make this: {', '.join(_MEDIA)}")
    add("--refresh", action="store_true", help="ask the provider anew")
    add("--at", metavar="NAME|URL", help="a provider's name, or the base URL of a server")


def models(options: argparse.Namespace) -> int:
    """List models."""
    from ..tables import models as tables

    _print(tables.models(_session(options), " ".join(options.words), medium=options.medium, refresh=options.refresh))
    return 0


def add_usage(command: argparse.ArgumentParser) -> None:
    """The options of `usage`."""
    command.add_argument("--by", choices=_GROUPS, default="model", metavar="WHAT", help=f"{', '.join(_GROUPS)}")
    command.add_argument("--days", type=_days, metavar="N", help="the last N days, today included (default: 30)")


def usage(options: argparse.Namespace) -> int:
    """Sum up what was used."""
    from ..session import Session
    from ..tables import usage as tables

    _print(tables.usage(tables.rows(Session(), by=options.by, days=options.days or tables.DAYS)))
    return 0


def add_jobs(command: argparse.ArgumentParser) -> None:
    """The words of `jobs`."""
    add = command.add_argument
    add("action", nargs="?", choices=("resume",), metavar="resume", help="collect a job: resume [ID]")
    add("id", nargs="?", metavar="ID", help="which job (default: the newest that waits)")
    add("--at", metavar="NAME|URL", help="where to ask, for a job of a server without a name")


def jobs(options: argparse.Namespace) -> int:
    """List jobs, or collect one: its files, or its text, on stdout."""
    from ..session import Session
    from ..tables import jobs as tables

    session = Session()
    if options.action is None:
        if options.at:
            raise InvalidRequestError("--at goes with resume", param="at", advice="aiml-nb jobs resume ID --at URL")
        _print(tables.jobs(session))
        return 0
    result = _followed(session.resume(options.id, at=options.at))
    print(plain("\n".join(map(str, result.paths)) or str(getattr(result, "text", ""))))
    say(plain(result._footer_()))
    return 0


def _followed(op: Operation[Any]) -> Any:
    """The result; how it goes is told on stderr now and then."""
    told = 0.0
    op.on_note(lambda note: say(f"[{plain(note)}]") if note else None)
    for state in op:
        if hasattr(state, "line") and time.monotonic() - told > _TELL:
            told = time.monotonic()
            say(plain(state.line()))
    return op.result()


def _session(options: argparse.Namespace) -> Session:
    from ..session import Session

    return Session(provider=options.at)


def _print(page: Page) -> None:
    from ..settings import scrub

    print(scrub(page.text()))


def _days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 36500:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days from 1 on")
    return int(text)
