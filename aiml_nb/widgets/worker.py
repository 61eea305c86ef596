"""Worker: runs one Operation at a time beside the kernel's main thread, has its growth painted, and ends it at once when told.

A callback of a widget only starts or stops it. The thread sets traits, which are addressed by id, and never prints. Colab
drops traits that threads set, so there the work runs in the callback itself. What is painted, and how, it does not know.
"""

from __future__ import annotations

import contextlib
import contextvars
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from ..display.painter import Painter, pause
from ..errors import Interrupted
from ..operation import Operation

#: Seconds that work has to end by itself after a stop; then the screen goes on without it.
PATIENCE = 0.15

Make = Callable[[], Operation[Any]]


class Run:
    """One piece of work: its operation (None until it is made), its last state, the note of what it waits for, its error."""

    def __init__(self) -> None:
        self.op: Operation[Any] | None = None
        self.state: Any = None
        self.note = ""
        self.error: BaseException | None = None
        self.begun = time.perf_counter()
        self.stopped = False
        self.over = False
        self.ended = threading.Event()

    @property
    def seconds(self) -> float:
        """How long it has been under way."""
        return time.perf_counter() - self.begun


class Worker:
    """paint: shows a Run as it is now by setting traits, and returns the bytes that this cost; never called twice at once.
    ended: called once when a Run is over, with nothing painted after it; `run.error` is None, what was raised, or Interrupted.
    """

    def __init__(self, paint: Callable[[Run], int], ended: Callable[[Run], Any]) -> None:
        self._paint = paint
        self._ended = ended
        self._lock = threading.Lock()
        self._run: Run | None = None

    @property
    def busy(self) -> bool:
        """True while something is under way."""
        return self._run is not None and not self._run.over

    @property
    def state(self) -> Any:
        """The last state of what is under way, None while there is none and when it is over."""
        return self._run.state if self._run is not None and not self._run.over else None

    def start(self, make: Make) -> bool:
        """Run the operation that `make` gives; `make` may wait, for it is called in the thread. False when busy."""
        with self._lock:
            if self.busy:
                return False
            self._run = run = Run()
        if in_colab():
            _follow(run, make, _Pace(lambda: self._paint(run)), self._end)
            return True
        # The context carries the request that this belongs to, so that answers of the page find the right (sub)shell.
        context = contextvars.copy_context()
        painter = Painter(lambda: 0 if run.over else self._paint(run))
        beside(context.run, _follow, run, make, painter, self._end)
        return True

    def stop(self) -> None:
        """End it: returns at once, and `ended` is called within `PATIENCE` even if the work hangs where nothing wakes it."""
        run = self._run
        if run is None or run.over:
            return
        run.stopped = True
        if run.op is not None:
            run.op.cancel()
        beside(contextvars.copy_context().run, self._give_up, run)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is under way, for scripts; False when that took too long."""
        run = self._run
        return run is None or run.ended.wait(timeout)

    def _give_up(self, run: Run) -> None:
        if not run.ended.wait(PATIENCE):
            self._end(run, Interrupted("stopped"))

    def _end(self, run: Run, error: BaseException | None) -> None:
        with self._lock:
            if run.over:
                return
            run.over = True
        run.error = error
        try:
            self._ended(run)
        finally:
            run.ended.set()


class _Pace:
    """Paints in the thread that does the work, where threads may not: what `Painter` is elsewhere."""

    def __init__(self, draw: Callable[[], int]) -> None:
        self._draw = draw
        self._next = 0.0

    def mark(self, *, urgent: bool = False) -> None:
        """Paint, if the pause after the last time is over."""
        if urgent or time.monotonic() >= self._next:
            self._next = time.monotonic() + pause(self._draw())

    def stop(self) -> None:
        """Nothing to end."""


def _follow(run: Run, make: Make, painter: Painter | _Pace, end: Callable[[Run, BaseException | None], None]) -> None:
    """Make the operation, pull its states and mark each, to the end, whatever it is."""
    error: BaseException | None = None
    try:
        run.op = op = make()
        if run.stopped:
            op.cancel()
        op.on_note(lambda text: _hear(run, painter, text))
        for state in op:
            run.state, run.note = state, ""
            painter.mark()
    except BaseException as raised:  # noqa: BLE001 - shown by whoever is told of the end
        error = raised
    painter.stop()
    end(run, error)


def _hear(run: Run, painter: Painter | _Pace, text: str) -> None:
    run.note = text
    painter.mark(urgent=True)


def beside(function: Callable[..., Any], *arguments: Any) -> threading.Thread:
    """Run a function in a daemon thread."""
    thread = threading.Thread(target=function, args=arguments, name="aiml-nb-widget", daemon=True)
    thread.start()
    return thread


def in_colab() -> bool:
    """True in Colab, which drops traits that threads set (colabtools issue 3373)."""
    return "google.colab" in sys.modules


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """For what may fail without anybody being the worse for it."""
    with contextlib.suppress(Exception):
        yield


class Soon:
    """Calls a function a moment after it was wished, beside; many wishes in that moment are one call."""

    def __init__(self, function: Callable[[], Any], seconds: float = 0.2) -> None:
        self._function = function
        self._seconds = seconds
        self._wished = threading.Event()

    def wish(self) -> None:
        """Have it called. In Colab at once, and here."""
        if in_colab():
            self._function()
        elif not self._wished.is_set():
            self._wished.set()
            beside(self._call)

    def _call(self) -> None:
        time.sleep(self._seconds)
        self._wished.clear()
        with quietly():
            self._function()
