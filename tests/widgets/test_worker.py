"""Worker: work beside the main thread, painted as it grows, ended at once when told."""

from __future__ import annotations

import sys
import threading
import time
import types
from collections.abc import Iterator
from typing import Any

import pytest

from aiml_nb.errors import Interrupted
from aiml_nb.operation import Operation
from aiml_nb.widgets.worker import PATIENCE, Run, Soon, Worker


def counting(count: int, pace: float) -> Operation[int]:
    def work(op: Operation[int]) -> Iterator[int]:
        for number in range(count):
            yield number
            if op.wait(pace):
                return

    return Operation(work)


class Watched:
    """A Worker with all that it told."""

    def __init__(self) -> None:
        self.painted: list[tuple[float, Any]] = []
        self.ended: list[Run] = []
        self.worker = Worker(self.paint, self.ended.append)

    def paint(self, run: Run) -> int:
        self.painted.append((time.monotonic(), run.state))
        return 10


def test_it_runs_beside_and_one_at_a_time() -> None:
    """`start` returns at once, refuses a second run while the first is under way, and `ended` has the last state."""
    watched = Watched()
    begun = time.monotonic()
    assert watched.worker.start(lambda: counting(20, 0.01))
    assert not watched.worker.start(lambda: counting(1, 0))
    assert 0.1 > time.monotonic() - begun
    assert watched.worker.wait(5)
    assert [(19, None)] == [(run.state, run.error) for run in watched.ended]
    assert watched.worker.start(lambda: counting(1, 0))
    assert watched.worker.wait(5)


def test_it_paints_at_most_ten_times_a_second() -> None:
    """However fast states come, no second has more than ten paints, and the first is early."""
    watched = Watched()
    begun = time.monotonic()
    watched.worker.start(lambda: counting(700, 0.002))
    watched.worker.wait(10)
    times = [at for at, _ in watched.painted]
    assert 0.3 > times[0] - begun
    assert 10 >= max(sum(start <= at < start + 1 for at in times) for start in times)


def test_stop_ends_work_that_listens() -> None:
    """What the work has by then is its last state; nothing is painted afterwards."""
    watched = Watched()
    watched.worker.start(lambda: counting(1000, 0.01))
    time.sleep(0.1)
    begun = time.monotonic()
    watched.worker.stop()
    assert watched.worker.wait(1)
    assert 0.1 > time.monotonic() - begun
    assert watched.ended[0].stopped
    assert watched.ended[0].error is None
    count = len(watched.painted)
    time.sleep(0.2)
    assert count == len(watched.painted)


def test_stop_leaves_work_that_hangs() -> None:
    """Work that nothing wakes is left behind after `PATIENCE`; what it does later is not told."""
    watched = Watched()
    free = threading.Event()

    def hang(op: Operation[int]) -> Iterator[int]:
        yield 1
        free.wait(10)
        yield 2

    watched.worker.start(lambda: Operation(hang))
    time.sleep(0.1)
    begun = time.monotonic()
    watched.worker.stop()
    assert watched.worker.wait(1)
    assert PATIENCE + 0.1 > time.monotonic() - begun
    assert isinstance(watched.ended[0].error, Interrupted)
    free.set()
    time.sleep(0.1)
    assert 1 == len(watched.ended)


def test_what_is_raised_is_told() -> None:
    """An error of making the operation, or of running it, reaches `ended`; the next run can begin."""
    watched = Watched()

    def no() -> Operation[int]:
        raise ValueError("no")

    watched.worker.start(no)
    watched.worker.wait(5)
    assert ["no"] == [str(run.error) for run in watched.ended]
    assert watched.worker.start(lambda: counting(1, 0))
    watched.worker.wait(5)


def test_many_wishes_are_one_call() -> None:
    """`Soon` calls once for all wishes of a moment, and again for a later one."""
    calls: list[float] = []
    soon = Soon(lambda: calls.append(time.monotonic()), 0.05)
    for _ in range(20):
        soon.wish()
    time.sleep(0.2)
    assert 1 == len(calls)
    soon.wish()
    time.sleep(0.2)
    assert 2 == len(calls)


def test_colab_gets_its_paints_from_the_callback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where traits set from threads are dropped, the work runs in the thread that asked, painted as it grows."""
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    threads: set[int] = set()
    watched = Watched()
    worker = Worker(lambda run: threads.add(threading.get_ident()) or watched.paint(run), watched.ended.append)
    assert worker.start(lambda: counting(40, 0.01))
    assert not worker.busy
    assert {threading.get_ident()} == threads
    assert 2 <= len(watched.painted) <= 6
    assert 39 == watched.ended[0].state
