"""`aiml-nb`: the tutorials in JupyterLab, a chat in the terminal, the sandbox as a server, and what is wrong with a setup.

Answers go to stdout, everything about them to stderr, so that a pipe gets the answer alone. An error is one or two
lines, never a traceback. Exit codes: 0 done, 1 an error, 2 wrong usage, 130 Ctrl-C. Knows nothing of notebooks' cells.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from . import __version__
from .errors import AIMLError, InvalidRequestError, shorten

if TYPE_CHECKING:
    from .session import Session
    from .settings import Endpoint

T = TypeVar("T", int, float)

_INTERRUPTED, _PIPE_CLOSED = 130, 141
_FOLDER = "aiml-nb-tutorials"
_FIRST = "00_start_here.ipynb"

# What a terminal would obey rather than show: a model's text must not move the cursor or rename the window.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


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
        _say("")
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001 whoever types a command is told the cause, not shown our stack
        return _failed(error)
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
        "folder", nargs="?", default=_FOLDER, metavar="FOLDER", help=f"where your copy lives (default: {_FOLDER})"
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


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _failed(error: Exception) -> int:
    """Tell an error in one or two lines, without any key in them."""
    from .settings import scrub

    if isinstance(error, AIMLError):
        _say(scrub(f"aiml-nb: {shorten(error.message, 300)}"))
        if error.advice:
            _say(scrub(shorten(error.advice, 300)))
    else:
        _say(scrub(f"aiml-nb: {type(error).__name__}: {shorten(str(error), 300)}"))
    return 1


def _lab(options: argparse.Namespace) -> int:
    folder = Path(options.folder).expanduser().absolute()
    tutorials = _tutorials()
    new, kept = _copy(tutorials, folder)
    _say(f"Tutorials in {folder}: {new} new, {kept} as you left them.")
    _say(_who_answers())
    if importlib.util.find_spec("jupyterlab") is None:
        raise AIMLError("JupyterLab is not installed here", advice='Install it with: pip install "aiml-nb[lab]"')
    start = [str(folder / _FIRST)] if (folder / _FIRST).exists() else []
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}", *start, *options.passed_on]
    with subprocess.Popen(command) as lab:
        while True:
            try:
                return lab.wait()
            except KeyboardInterrupt:
                continue  # JupyterLab got the same Ctrl-C, and asks whether it is meant


def _tutorials() -> Path:
    """The notebooks: inside the package where it was installed, beside it in a checkout."""
    package = Path(__file__).parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if any(folder.glob("*.ipynb")):
            return folder
    raise AIMLError(
        "the tutorials are missing from this installation",
        advice="Install again: pip install --force-reinstall aiml-nb",
    )


def _copy(tutorials: Path, folder: Path) -> tuple[int, int]:
    """Copy what is not there yet, and touch nothing that is: (files copied, files kept)."""
    new = kept = 0
    try:
        for source in sorted(tutorials.rglob("*")):
            within = source.relative_to(tutorials)
            if source.is_dir() or any(part.startswith((".", "__")) for part in within.parts):
                continue
            target = folder / within
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                kept += 1
                continue
            shutil.copyfile(source, target)  # contents only: the copy is writable, whatever the original is
            new += 1
    except OSError as error:
        raise AIMLError(
            f"the tutorials cannot be copied to {folder}: {error.strerror}",
            advice="Name a folder that you may write to: aiml-nb lab FOLDER",
        ) from error
    return new, kept


def _who_answers() -> str:
    from .settings import resolve

    try:
        endpoint = resolve()
    except AIMLError as error:
        return f"Settings: {error.message}\n{error.advice}".rstrip()
    if endpoint.is_sandbox:
        return (
            "No key found: the built-in sandbox answers, and no AI runs in it. The first lesson shows where a key goes."
        )
    return f"Answers come from {endpoint.title}{_key(endpoint)}."


def _key(endpoint: Endpoint) -> str:
    return f", with your key {endpoint.key.masked} from {endpoint.key_source}" if endpoint.key else ""


def _chat(options: argparse.Namespace) -> int:
    piped = b"" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.buffer.read()
    attach: list[Any] = [piped if each == "-" else each for each in options.attach]
    parts = [" ".join(options.prompt), "" if "-" in options.attach else piped.decode("utf-8", "replace").strip()]
    prompt = "\n\n".join(part for part in parts if part.strip())
    if "-" in options.attach and not piped:
        raise InvalidRequestError("--attach - has nothing to attach", param="attach", advice="Pipe a file in.")
    if not prompt and (sys.stdin is None or not sys.stdin.isatty()):
        _say("aiml-nb: there is no prompt\nGive it as an argument, or pipe it in: aiml-nb chat Why is the sky blue?")
        return 2
    session = _session(options)
    asked = {"model": options.model, "system": options.system, "timeout": options.timeout}
    chosen = {name: value for name, value in asked.items() if value is not None}
    if prompt:
        _stream(session, prompt, attach=attach or None, **chosen)
        return 0
    return _talk(session, attach, chosen)


def _session(options: argparse.Namespace) -> Session:
    from .session import Session

    return Session(provider=options.at)


def _talk(session: Session, attach: list[Any], chosen: dict[str, Any]) -> int:
    """One prompt after another, in one conversation, until Ctrl-D."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 its import gives `input` history and editing

    name = time.strftime("terminal %Y-%m-%d %H:%M:%S")
    _say("Ctrl-D ends this, Ctrl-C stops an answer.")
    while True:
        try:
            prompt = input("> ").strip()
        except EOFError:
            _say("")
            return 0
        except KeyboardInterrupt:
            _say("")
            continue
        if not prompt:
            continue
        try:
            _stream(session, prompt, attach=attach or None, conversation=name, **chosen)
            attach = []
        except KeyboardInterrupt:
            _say("\n(stopped)")
        except AIMLError as error:
            _failed(error)


def _stream(session: Session, prompt: str, **params: Any) -> None:
    """Print the answer as it comes, then the footer on stderr."""
    operation = session.start("chat", prompt, **params)
    operation.on_note(lambda note: _say(f"[{note}]") if note else None)
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
    _say(_footer(operation.state, session))


def _print(text: str) -> None:
    """To a terminal without what it would obey; to a file or pipe as it is."""
    sys.stdout.write(_CONTROLS.sub("", text) if sys.stdout.isatty() else text)
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
    return _CONTROLS.sub("", f"[{' · '.join([*parts, *reply.notes])}]")


def _count(number: int | None) -> str:
    return "?" if number is None else str(number)


def _sandbox(options: argparse.Namespace) -> int:
    from . import sandbox

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
    _say(
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
    from .doctor import checkup

    found = checkup(options.at)
    print(found)
    return 0 if found.ok else 1


#: Each command: how its options are added, what it is for, and what runs it.
COMMANDS: dict[str, tuple[Callable[[argparse.ArgumentParser], None], str, Callable[[argparse.Namespace], int]]] = {
    "lab": (_add_lab, "open JupyterLab on your own copy of the tutorials", _lab),
    "chat": (_add_chat, "ask a model, here in the terminal", _chat),
    "sandbox": (_add_sandbox, "run the sandbox as a server for other programs", _sandbox),
    "doctor": (_add_doctor, "find out what is wrong with this setup", _doctor),
}
