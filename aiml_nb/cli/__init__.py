"""`aiml-nb`: the tutorials in JupyterLab, a chat in the terminal, lists, the sandbox as a server, and what is wrong with a setup.

Answers go to stdout, everything about them to stderr, so that a pipe gets the answer alone. An error is one or two
lines, never a traceback. Exit codes: 0 done, 1 an error, 2 wrong usage, 130 Ctrl-C. Knows nothing of notebooks' cells.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from .. import __version__
from ..errors import AIMLError
from . import listing
from .saying import failed, say
from .terminal import chat
from .tutorials import FOLDER, lab

T = TypeVar("T", int, float)

_INTERRUPTED, _PIPE_CLOSED = 130, 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    given, passed_on = _split(list(sys.argv[1:] if argv is None else argv))
    options = parser().parse_args(given)
    options.passed_on = passed_on
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has enough. Python would complain again when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
    except KeyboardInterrupt:
        say("")
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001 whoever types a command is told the cause, not shown our stack
        return failed(error)
    return code


def parser() -> argparse.ArgumentParser:
    """The command line, as `--help` shows it."""
    top = argparse.ArgumentParser(
        prog="aiml-nb",
        allow_abbrev=False,
        description="Every model of the AI/ML API, or of any OpenAI-compatible server.",
        epilog="Without a key, the built-in sandbox answers: `aiml-nb doctor` tells what was found.",
    )
    top.add_argument("--version", action="version", version=f"aiml-nb {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, (add, about, run) in COMMANDS.items():
        command = commands.add_parser(name, help=about, description=about, allow_abbrev=False)
        add(command)
        command.set_defaults(run=run)
    return top


def _add_lab(command: argparse.ArgumentParser) -> None:
    command.usage = "aiml-nb lab [FOLDER] [JUPYTERLAB'S OPTIONS]"
    command.epilog = "Everything after the folder goes to JupyterLab: aiml-nb lab --no-browser --port 8889"
    command.add_argument(
        "folder", nargs="?", default=FOLDER, metavar="FOLDER", help=f"where your copy lives (default: {FOLDER})"
    )


def _add_chat(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("prompt", nargs="*", metavar="PROMPT", help="the prompt; what is piped in comes after it")
    add("-m", "--model", metavar="ID", help="a model id or alias")
    add("--at", metavar="NAME|URL", help="a provider's name, or the base URL of a server")
    add(
        "-a",
        "--attach",
        action="append",
        default=[],
        metavar="X",
        help="a file or URL; - is what is piped in; repeatable",
    )
    add("-s", "--system", metavar="TEXT", help="the system prompt")
    add(
        "--timeout", type=_number(float, 0.1, 86400, " seconds"), metavar="SECONDS", help="wait this long for an answer"
    )


def _add_sandbox(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--port", type=_number(int, 0, 65535), default=0, metavar="N", help="listen on this port (default: a free one)"
    )
    command.add_argument(
        "--pace",
        type=_number(float, 0, 60, " seconds"),
        metavar="SECONDS",
        help="seconds between two pieces of a streamed answer",
    )


def _add_doctor(command: argparse.ArgumentParser) -> None:
    command.add_argument("--at", metavar="NAME|URL", help="look at this provider (default: the one your settings name)")


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    """What is ours, and what `lab` hands on to JupyterLab."""
    if argv[:1] != ["lab"] or {"-h", "--help"} & set(argv):
        return argv, []
    ours = 2 if len(argv) > 1 and not argv[1].startswith("-") else 1
    return argv[:ours], argv[ours:]


def _number(kind: type[T], least: T, most: T, unit: str = "") -> Callable[[str], T]:
    """What reads a number within bounds, for argparse."""

    def read(text: str) -> T:
        with contextlib.suppress(ValueError):
            if least <= (number := kind(text)) <= most:
                return number
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from {least} to {most}{unit}")

    return read


def _sandbox(options: argparse.Namespace) -> int:
    from .. import sandbox

    try:
        server = sandbox.start(port=options.port, pace=options.pace)
    except OSError as error:
        raise AIMLError(
            f"port {options.port} cannot be used: {error.strerror}", advice="Name another with --port, or none."
        ) from error
    stop = threading.Event()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
    print(f"URL  {server.url}\nkey  {server.key}", flush=True)
    say(
        f"No AI runs here. With OpenAI's SDK: OPENAI_BASE_URL={server.url}/v1 OPENAI_API_KEY={server.key}\n"
        f"With aiml_nb: --at {server.url}. Ctrl-C ends it."
    )
    try:
        # Short waits: a wait without end cannot be interrupted on Windows.
        while not stop.wait(0.5):
            pass
    finally:
        server.stop()
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from ..doctor import checkup

    found = checkup(options.at)
    print(found)
    return 0 if found.ok else 1


#: Each command: how its options are added, what it is for, and what runs it.
COMMANDS: dict[str, tuple[Callable[[argparse.ArgumentParser], None], str, Callable[[argparse.Namespace], int]]] = {
    "lab": (_add_lab, "open JupyterLab on your own copy of the tutorials", lab),
    "chat": (_add_chat, "ask a model, here in the terminal", chat),
    "models": (listing.add_models, "list the models of a provider, with prices", listing.models),
    "usage": (listing.add_usage, "sum up calls, tokens and cost of all notebooks", listing.usage),
    "jobs": (listing.add_jobs, "list the jobs that take time, or collect one", listing.jobs),
    "sandbox": (_add_sandbox, "run the sandbox as a server for other programs", _sandbox),
    "doctor": (_add_doctor, "find out what is wrong with this setup", _doctor),
}
