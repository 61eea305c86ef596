"""A real IPython shell for the magics, one a module, cleared for each test, and what a cell printed and showed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config


class Cell:
    """What became of a cell: `error` raised or None, `out` printed, `shown` mime bundles."""

    def __init__(self, ip: Any, source: str) -> None:
        with capture_output() as captured:
            done = ip.run_cell(source)
        self.error = done.error_in_exec or done.error_before_exec
        self.result = done.result
        self.out: str = captured.stdout
        self.err: str = captured.stderr
        self.shown = [output.data for output in captured.outputs]


class Shell:
    """The shell, and cells run in it."""

    def __init__(self, ip: Any) -> None:
        self.ip = ip
        self.names: dict[str, Any] = ip.user_ns

    def cell(self, source: str) -> Cell:
        return Cell(self.ip, source)

    def complete(self, source: str) -> list[str]:
        from IPython.core.completer import provisionalcompleter

        with provisionalcompleter():
            found = list(self.ip.Completer.completions(source, len(source)))
        return [source[: each.start] + each.text for each in found]


@pytest.fixture(scope="module")
def bare() -> Iterator[Any]:
    """An IPython shell without the extension; its history is kept nowhere."""
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    yield InteractiveShell.instance(config=config)
    InteractiveShell.clear_instance()


@pytest.fixture
def shell(bare: Any) -> Iterator[Shell]:
    """A cleared shell with the extension loaded, on a session of its own."""
    from aiml_nb.session import session

    bare.reset(new_session=False)
    bare.extension_manager.load_extension("aiml_nb")
    yield Shell(bare)
    bare.extension_manager.unload_extension("aiml_nb")
    if session._default is not None:
        session._default.close()
        session._default = None
