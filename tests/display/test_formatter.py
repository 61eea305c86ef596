"""A bare Operation as the last expression of a cell."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from aiml_nb import display
from aiml_nb.operation import Operation
from tests.display.kernels import Kernel

ON, OFF = "display.register(get_ipython())", "display.unregister(get_ipython())"


@pytest.fixture
def registered(kernel: Kernel) -> Kernel:
    kernel.run(ON)
    yield kernel
    kernel.run(OFF)


@pytest.fixture
def shell() -> object:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def test_a_bare_operation_draws_itself(registered: Kernel) -> None:
    """It is drawn live in one handle, without an execute_result beside it; shown again, its result stands there."""
    run = registered.run("op = words(12, pace=0.05); op")
    assert {"display_data", "update_display_data"} == set(run.kinds)
    assert run.outputs == registered.run("op").outputs


def test_a_bare_operation_that_fails_fails_its_cell(registered: Kernel) -> None:
    """The error is shown once, the cell counts as failed, and cells queued behind it do not run."""
    first, second = registered.start("words(3, fail=True)"), registered.start("print('must not run')")
    run = registered.collect(first)
    assert ("error", "StreamError") == (run.reply["status"], run.reply["ename"])
    assert 1 == run.kinds.count("error")
    assert "execute_result" not in run.kinds
    assert "aborted" == registered.collect(second).reply["status"]


def test_an_interrupt_reaches_a_bare_operation(registered: Kernel) -> None:
    """Ctrl-C during a bare operation is one short Interrupted."""
    run = registered.collect(registered.start("words(2000, pace=0.02)"), interrupt_at="quick")
    assert ("Interrupted", 1) == (run.reply["ename"], len(run.outputs[-1]["traceback"]))


def test_other_objects_are_displayed_as_ever(registered: Kernel) -> None:
    """Plain values, objects with `_ipython_display_`, and types registered later with IPython are not touched."""
    code = """
class Own:
    def _ipython_display_(self): print("own")
class Foreign: pass
get_ipython().display_formatter.ipython_display_formatter.for_type(Foreign, lambda obj: print("foreign"))
"""
    assert [] == registered.run(code).kinds
    assert ("own\n", "foreign\n") == (registered.run("Own()").stream(), registered.run("Foreign()").stream())
    assert "42" == registered.run("42").outputs[0]["data"]["text/plain"]


def test_registering_twice_is_once_and_can_be_taken_back(shell: InteractiveShell) -> None:
    """`unregister` leaves the shell's own formatter, however often `register` was called; without one it does nothing."""
    before = shell.display_formatter.ipython_display_formatter
    display.register(shell)
    display.register(shell)
    display.unregister(shell)
    assert before is shell.display_formatter.ipython_display_formatter
    display.unregister(shell)
    assert before is shell.display_formatter.ipython_display_formatter


def test_unregistered_an_operation_is_an_object(kernel: Kernel) -> None:
    """Without the formatter a bare operation shows its repr and does not run."""
    run = kernel.run("op = words(3); op")
    assert ["execute_result"] == run.kinds
    assert "False\n" == kernel.run("print(op.done)").stream()


def test_closing_ends_the_work_even_when_the_operation_is_done() -> None:
    """An interrupt between the work and the operation leaves the generator open; `close` ends it all the same."""
    ended = []

    def work(_: Operation[int]) -> object:
        try:
            yield 1
        finally:
            ended.append(True)

    op = Operation(work)
    next(op)
    op.done = True
    op.close()
    assert [True] == ended
