"""Operation, the one convention for anything that takes time: a stream of states whose last one is the result.

    op = session.start("chat", "Why is the sky blue?")
    for state in op: ...      # a reply that grows, a job that advances, an image that arrives at once
    op.result()               # the last state; runs what has not been run yet

Whoever does the work gets the operation itself: it tells what it waits for with `note`, and hands over with
`on_cancel` the way to end a read that would block for ever. Nothing here knows what the work is, or how it is drawn.
"""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from .errors import Interrupted

T = TypeVar("T")


class Listeners:
    """Who wants to be told of something, in the thread where it happens. Methods are held weakly: telling keeps nothing alive."""

    def __init__(self) -> None:
        self._known: list[Callable[[], Callable[..., Any] | None]] = []

    def add(self, listener: Callable[..., Any]) -> None:
        """Call `listener` from now on; what it raises is nobody's."""
        self._known.append(weakref.WeakMethod(listener) if hasattr(listener, "__self__") else lambda: listener)

    def tell(self, *arguments: Any) -> None:
        """Call them all."""
        for known in list(self._known):
            listener = known()
            if listener is None:
                self._known.remove(known)
                continue
            with contextlib.suppress(Exception):
                listener(*arguments)


class Operation(Generic[T]):
    """One call under way: iterate it for states, `result()` for the last one, `cancel()` from any thread.

    work: called with this operation at the first step; yields states. It runs in the thread that iterates.
    medium, model: what is asked of whom, for whoever draws it.
    """

    def __init__(self, work: Callable[[Operation[T]], Iterator[T]], *, medium: str = "", model: str = "") -> None:
        self.medium = medium
        self.model = model
        self.state: T | None = None
        self.notes: list[str] = []
        self.done = False
        self.error: BaseException | None = None
        self._work = work
        self._states: Iterator[T] | None = None
        self._listeners: list[Callable[[str], Any]] = []
        self._enders: list[Callable[[], Any]] = []
        self._cancelled = threading.Event()

    def __iter__(self) -> Iterator[T]:
        return self

    def __next__(self) -> T:
        if self.done:
            raise StopIteration
        if self._states is None:
            if self.cancelled:
                self._finish()
                raise Interrupted("stopped before anything was sent")
            self._states = self._work(self)
        try:
            self.state = next(self._states)
        except StopIteration:
            self._finish()
            raise
        except BaseException as error:
            self._finish(error)
            raise
        return self.state

    def result(self) -> T:
        """The last state. Raises what the work raised."""
        for _ in self:
            pass
        if self.error is not None:
            raise self.error
        if self.state is None:
            raise RuntimeError("the operation ended without a state")
        return self.state

    @property
    def cancelled(self) -> bool:
        """True once `cancel` was called."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Stop: a read that is blocked returns at once, and the work ends with what it has. Safe from any thread."""
        self._cancelled.set()
        for end in list(self._enders):
            with contextlib.suppress(Exception):
                end()

    def wait(self, seconds: float) -> bool:
        """Sleep, but no longer than until `cancel`; True when cancelled. For whoever does the work."""
        return self._cancelled.wait(seconds)

    def note(self, text: str) -> None:
        """Tell whoever watches what is going on ("429, waiting 3 s, attempt 2 of 3"); an empty text takes it back."""
        if text:
            self.notes.append(text)
        for listener in list(self._listeners):
            listener(text)

    def on_note(self, listener: Callable[[str], Any]) -> None:
        """Call `listener` with each note, at once, in the thread that does the work."""
        self._listeners.append(listener)

    def on_cancel(self, end: Callable[[], Any]) -> None:
        """Call `end` when `cancel` is called; at once if it has been."""
        self._enders.append(end)
        if self.cancelled:
            end()

    def close(self) -> None:
        """End the work where it stands, as leaving a loop over it does; what it has is kept in `state`."""
        if self._states is not None:
            close = getattr(self._states, "close", None)
            if close is not None:
                close()
        self._finish(self.error)

    def _finish(self, error: BaseException | None = None) -> None:
        self.error = error
        self.done = True
        self._enders.clear()
