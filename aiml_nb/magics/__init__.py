"""The magics, as IPython sees them: what loading adds and unloading takes away.

Loading reads tables and registers names; it imports nothing that talks to a network, draws or stores. The first call
imports what it needs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from IPython.core.magic import no_var_expand

from ..display import register, unregister
from ..errors import AIMLError
from .completion import complete
from .config import Aiml
from .options import KIN, MAGICS, Magic
from .transform import CellMagics, NoAutomagic, line_magics

#: What loading added to a shell, under this name in the shell's own dictionary.
_MARK = "_aiml_nb"


class Loaded:
    """What one shell got: the names that are ours there, the configuration, and how to take it all away."""

    def __init__(self, ip: Any) -> None:
        self.ip = ip
        self.config = Aiml(parent=ip)
        self.names: dict[str, str] = {}
        self.error: BaseException | None = None
        self.told_problem = False
        self.functions: list[tuple[str, str, Callable[..., Any]]] = []
        self.undo: list[Callable[[], Any]] = []

    def help(self, name: str) -> str:
        """The help of a magic, under the name that it has here."""
        from .help import text

        return text(MAGICS[self.names[name]], name)

    def register(self) -> list[str]:
        """Add the magics; returns the names that belong to others already."""
        taken = []
        for magic in MAGICS.values():
            if self._is_free(magic.name):
                self._add(magic, magic.name)
            else:
                taken.append(magic.name)
            self._add(magic, KIN[magic.name])
        return taken

    def hook(self) -> None:
        """Add the configuration, the transforms and the completions."""
        register(self.ip)
        self.undo.append(lambda: unregister(self.ip))
        self.ip.events.register("post_run_cell", self._remember)
        self.undo.append(lambda: self.ip.events.unregister("post_run_cell", self._remember))
        self._put(self.ip.configurables, self.config)
        manager = self.ip.input_transformer_manager
        self._put(
            manager.cleanup_transforms, CellMagics(name for name, magic in self.names.items() if MAGICS[magic].cell)
        )
        self._put(manager.token_transformers, line_magics(self.names))
        checker: Any = NoAutomagic(  # type: ignore[no-untyped-call]
            shell=self.ip, prefilter_manager=self.ip.prefilter_manager, parent=self.ip, priority=650
        )
        checker.names = frozenset(self.names)
        self.ip.prefilter_manager.register_checker(checker)
        self.undo.append(lambda: self.ip.prefilter_manager.unregister_checker(checker))
        if self.ip.Completer is not None:
            self._put(self.ip.Completer.custom_matchers, complete)

    def remove(self) -> None:
        """Take away what was added, but no name that another extension has taken over since."""
        self.config.forget_refused()
        for undo in reversed(self.undo):
            undo()
        for kind, name, function in self.functions:
            if self.ip.magics_manager.magics[kind].get(name) is function:
                del self.ip.magics_manager.magics[kind][name]

    def _remember(self, done: Any) -> None:
        """Keep the last error of the user's own code, for `%explain`."""
        error = done.error_in_exec or done.error_before_exec
        if error is not None and not isinstance(error, AIMLError | KeyboardInterrupt):
            self.error = error

    def _is_free(self, name: str) -> bool:
        return not any(name in self.ip.magics_manager.magics[kind] for kind in ("line", "cell"))

    def _add(self, magic: Magic, name: str) -> None:
        function = no_var_expand(_Function(self, magic, name))
        self.names[name] = magic.name
        for kind in ("line", "cell") if magic.cell else ("line",):
            self.ip.magics_manager.magics[kind][name] = function
            self.functions.append((kind, name, function))

    def _put(self, where: list[Any], what: Any) -> None:
        where.insert(0, what) if isinstance(what, CellMagics) else where.append(what)
        self.undo.append(lambda: _take(where, what))


def load(ip: Any) -> None:
    """Add everything to the shell; says which names it had to leave to another extension."""
    unload(ip)
    loaded = Loaded(ip)
    taken = loaded.register()
    loaded.hook()
    setattr(ip, _MARK, loaded)
    if taken:
        theirs = ", ".join(f"%{name}" for name in taken)
        ours = ", ".join(f"%{'%' * MAGICS[name].cell}{KIN[name]}" for name in taken)
        print(f"aiml_nb: {theirs} {'is' if len(taken) == 1 else 'are'} another extension's here; ours: {ours}")  # noqa: T201


def unload(ip: Any) -> None:
    """Take everything away again; nothing happens where nothing was loaded."""
    loaded = getattr(ip, _MARK, None)
    if loaded is not None:
        loaded.remove()
        delattr(ip, _MARK)


def loaded_in(ip: Any) -> Loaded | None:
    """What the extension added to this shell; None where it is not loaded."""
    return getattr(ip, _MARK, None)


class _Function:
    # The function behind a magic: it opens the real one at the first call, and writes its help when somebody asks for it.

    needs_local_scope = True

    def __init__(self, loaded: Loaded, magic: Magic, name: str) -> None:
        self.__name__ = self.__qualname__ = name
        self._told = loaded, magic

    def __call__(self, line: str, cell: str | None = None, local_ns: dict[str, Any] | None = None) -> None:
        from .run import run

        run(*self._told, self.__name__, line, cell, local_ns)

    @property
    def __doc__(self) -> str:  # type: ignore[override]
        from .help import text

        return text(self._told[1], self.__name__)


def _take(where: list[Any], what: Any) -> None:
    where[:] = [each for each in where if each is not what]
