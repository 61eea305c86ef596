"""Tests of `aiml_nb.operation`."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from aiml_nb.errors import AIMLError, Interrupted
from aiml_nb.operation import Operation


def counting(op: Operation[int]) -> Iterator[int]:
    yield from (1, 2, 3)


def test_the_last_state_is_the_result() -> None:
    """Iterating gives the states; the last one is the result."""
    assert list(Operation(counting)) == [1, 2, 3]
    assert Operation(counting).result() == 3


def test_nothing_runs_before_somebody_asks() -> None:
    """Making an operation sends nothing."""
    ran = []

    def work(op: Operation[int]) -> Iterator[int]:
        ran.append(1)
        yield 1

    op = Operation(work)
    assert ran == []
    op.result()
    assert ran == [1]


def test_a_result_may_be_asked_twice() -> None:
    """`result()` after the end gives the same again and runs nothing."""
    op = Operation(counting)
    assert (op.result(), op.result()) == (3, 3)


def test_a_failure_is_raised_each_time() -> None:
    """What the work raised is raised whenever the result is asked for, and the last state is kept."""

    def work(op: Operation[int]) -> Iterator[int]:
        yield 1
        raise AIMLError("no")

    op = Operation(work)
    for _ in range(2):
        with pytest.raises(AIMLError, match="no"):
            op.result()
    assert op.state == 1


def test_cancel_wakes_whoever_waits() -> None:
    """A wait inside the work ends as soon as another thread cancels."""

    def work(op: Operation[bool]) -> Iterator[bool]:
        yield op.wait(30)

    op = Operation(work)
    threading.Timer(0.05, op.cancel).start()
    begun = time.monotonic()
    assert op.result() is True
    assert time.monotonic() - begun < 5


def test_cancel_calls_what_ends_a_blocked_read() -> None:
    """What the work registered is called on cancel, at once when it registers later, and its failure is of no account."""
    op = Operation(counting)
    ended = []
    op.on_cancel(lambda: 1 / 0)
    op.on_cancel(lambda: ended.append("read"))
    op.cancel()
    op.on_cancel(lambda: ended.append("late"))
    assert ended == ["read", "late"]


def test_cancelled_before_the_start_sends_nothing() -> None:
    """An operation cancelled before its first step never begins."""
    op = Operation(counting)
    op.cancel()
    with pytest.raises(Interrupted):
        op.result()


def test_notes_reach_listeners_at_once() -> None:
    """A note is heard in the thread of the work, while it works."""
    heard: list[str] = []

    def work(op: Operation[int]) -> Iterator[int]:
        op.note("429, waiting 3 s")
        yield len(heard)

    op = Operation(work)
    op.on_note(heard.append)
    assert op.result() == 1
    assert op.notes == ["429, waiting 3 s"]


def test_close_lets_the_work_clean_up() -> None:
    """Closing ends the work where it stands; its `finally` runs and the state stays."""
    cleaned = []

    def work(op: Operation[int]) -> Iterator[int]:
        try:
            yield 1
            yield 2
        finally:
            cleaned.append(True)

    op = Operation(work)
    next(op)
    op.close()
    assert cleaned == [True]
    assert op.state == 1
    assert list(op) == []
