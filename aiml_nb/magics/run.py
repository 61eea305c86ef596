"""One call of a magic, from IPython's hands to ours: help, misuse, the right module, and errors made short.

What leaves here is one of our errors or IPython's own; anything else would be a bug, and is told as one, keys taken out.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError

from ..errors import AIMLError, Interrupted, InvalidRequestError
from .context import Context
from .options import Magic
from .out import say
from .transform import MISPLACED

if TYPE_CHECKING:
    from . import Loaded

#: The module of each magic; `media` serves the rest.
_HANDLERS = {"chat": "chat", "api": "api", "explain": "explain", "aiml": "commands"}


def run(
    loaded: Loaded, magic: Magic, name: str, line: str, cell: str | None, local_ns: Mapping[str, Any] | None
) -> None:
    """Do what the line says. Raises AIMLError, Interrupted or UsageError, and nothing else."""
    with short_errors():
        if line == MISPLACED:
            raise InvalidRequestError(
                f"%%{name} must be the first line of its cell; nothing ran", advice="Give it a cell of its own."
            )
        context = Context(loaded, magic, name, line, cell, local_ns)
        if context.written.strip() in ("?", "??") and not (cell or "").strip():
            say(loaded.help(name))
            return
        try:
            handler(magic.name)(context)
        finally:
            _tell_problem(loaded)


def handler(magic: str) -> Callable[[Context], None]:
    """The function that does a magic's work, imported now."""
    found: Callable[[Context], None] = import_module(f".{_HANDLERS.get(magic, 'media')}", __package__).call
    return found


def _tell_problem(loaded: Loaded) -> None:
    """Say once that the store cannot be written, in the cell that met it."""
    session = sys.modules.get("aiml_nb.session.session")
    default = getattr(session, "_default", None)
    if default is not None and default.store.problem and not loaded.told_problem:
        loaded.told_problem = True
        say(f"Note: {default.store.problem}")


@contextlib.contextmanager
def short_errors() -> Iterator[None]:
    """Lets our own errors and IPython's through and turns the rest into ours."""
    try:
        yield
    except (AIMLError, Interrupted, UsageError):
        raise
    except KeyboardInterrupt:
        raise Interrupted from None
    except Exception as error:
        from ..settings import scrub

        raise AIMLError(
            f"{type(error).__name__}: {scrub(str(error))}",
            advice="This looks like a bug in aiml_nb. Set AIML_NB_LOG=FILE in the environment, run again, and report it.",
        ) from error
