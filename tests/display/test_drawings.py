"""Drawing in a real kernel: how many messages, of what kind, when; and the same outputs whoever runs the notebook."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.display.kernels import PRELUDE, ROOT, Kernel

CELLS = [
    PRELUDE + "; display.register(get_ipython())",
    "_ = display.live(words(30, pace=0.02, note='429, waiting 3 s, attempt 2 of 3'))",
    "_ = display.live(picture())",
    "words(12)",
    "_ = display.live(words(6, fail=True))",
    "failing()",
    "_ = display.live(words(9), quiet=True)",
    "display.unregister(get_ipython())",
]


def test_a_burst_is_two_messages(kernel: Kernel) -> None:
    """Twenty tokens at once cost the waiting line and the result, no more."""
    run = kernel.run("_ = display.live(words(20))")
    assert ["display_data", "update_display_data"] == run.kinds
    assert ["test/words-1 …" in html for html in run.html("display_data")] == [True]


def test_updates_are_html_alone_and_the_last_has_the_twin(kernel: Kernel) -> None:
    """On the way only text/html is sent; the final update adds text/plain; all of them go to one handle."""
    run = kernel.run("_ = display.live(words(60, pace=0.01))")
    contents = [message["content"] for message in run.messages]
    assert 1 == len({content["transient"]["display_id"] for content in contents})
    assert all({"text/html"} == set(content["data"]) for content in contents[:-1])
    assert {"text/html", "text/plain"} == set(contents[-1]["data"])
    assert 1 == len(run.outputs)


def test_never_more_than_ten_updates_a_second(kernel: Kernel) -> None:
    """At two hundred tokens a second a short text is drawn at most ten times in any second, and more than five."""
    run = kernel.run("_ = display.live(words(300, pace=0.005))")
    counts = [sum(start <= other < start + 1 for other in run.times) for start in run.times]
    assert 5 < max(counts) <= 10


def test_a_large_text_is_drawn_twice_a_second(kernel: Kernel) -> None:
    """A text of 40 kB is drawn seldom, but never less than twice a second."""
    run = kernel.run("_ = display.live(words(150, pace=0.01, text=' '.join(['long' * 100] * 9)))")
    late = [b - a for a, b in zip(run.times[3:-1], run.times[4:], strict=True)]
    assert 3 <= len(run.html()) <= 8
    assert statistics.median(late) < 0.52


def test_what_came_just_before_a_stall_is_shown_soon(kernel: Kernel) -> None:
    """The third of three words that come at once is on screen long before the stream goes on."""
    run = kernel.run("_ = display.live(burst(stall=1.0))")
    shown = next(at for at, html in zip(run.times, ["", *run.html()], strict=True) if "three" in html)
    assert shown - run.times[0] < 0.5
    assert run.times[-1] - run.times[0] > 0.9


def test_a_note_shows_at_once_and_goes_when_data_comes(kernel: Kernel) -> None:
    """A wait is told in the handle while it lasts, and leaves no trace in the result."""
    run = kernel.run("_ = display.live(words(40, pace=0.02, note='429, waiting 3 s, attempt 2 of 3'))")
    told = ["attempt 2 of 3" in html for html in run.html()]
    assert told[0]
    assert not any(told[1:])
    assert run.times[1] - run.times[0] < 0.25


def test_updates_belong_to_the_cell_that_runs(kernel: Kernel) -> None:
    """Frames drawn by the painter's thread carry the request of their own cell, and none comes after its end."""
    first = kernel.start("_ = display.live(words(40, pace=0.01))")
    second = kernel.start("1 + 1")
    assert kernel.collect(first).kinds[-1] == "update_display_data"
    assert ["execute_result"] == kernel.collect(second).kinds


def test_nobody_watching_gets_one_display(kernel: Kernel) -> None:
    """Without allow_stdin there is one display_data and no update, the same as the live one ends with."""
    code = "_ = display.live(words(30, pace=0.01, note='429, waiting'))"
    batch, live = kernel.run(code, watched=False), kernel.run(code)
    assert ["display_data"] == batch.kinds
    assert batch.outputs == live.outputs


@pytest.mark.parametrize("code", CELLS[1:7])
def test_live_and_final_leave_the_same_outputs(kernel: Kernel, code: str) -> None:
    """Whoever runs the cell, what is saved is the same, but for a waiting line that ends up empty."""
    kernel.run(CELLS[0])
    batch, live = kernel.run(code, watched=False), kernel.run(code)
    kernel.run(CELLS[7])
    assert batch.outputs == [output for output in live.outputs if output.get("data", True)]


def test_a_result_with_two_outputs(kernel: Kernel) -> None:
    """A picture takes the handle, with its metadata and base64 bytes; the footer stands below as an output of its own."""
    run = kernel.run("_ = display.live(picture())")
    picture, footer = run.outputs
    assert ["display_data", "update_display_data", "display_data"] == run.kinds
    assert picture["data"]["image/png"].startswith("iVBORw0KGgo")
    assert {"image/png": {"width": 80}} == picture["metadata"]
    assert "grey-1, free" == footer["data"]["text/plain"]


def test_a_failed_call_keeps_its_text_and_says_so_once(kernel: Kernel) -> None:
    """The text so far stays, marked as not finished; the error follows as one short block."""
    run = kernel.run("_ = display.live(words(5, fail=True))")
    shown, error = run.outputs
    assert shown["data"]["text/plain"].startswith("the quick brown fox jumps")
    assert shown["data"]["text/plain"].endswith("[not finished]")
    assert "StreamError" == error["ename"]
    assert 1 == str(run.outputs).count("quick brown fox jumps </p>")


def test_a_state_that_knows_it_is_partial_marks_itself(kernel: Kernel) -> None:
    """No second mark is put on a result whose `partial` is true."""
    run = kernel.run("_ = display.live(words(5, fail=True, kind=Marked))")
    assert run.outputs[0]["data"]["text/plain"].endswith("(partial)")
    assert "not finished" not in str(run.outputs)


def test_a_failure_before_the_first_state_leaves_only_the_error(kernel: Kernel) -> None:
    """The waiting line is taken away; no empty answer stands above the error."""
    run = kernel.run("_ = display.live(failing())")
    assert {} == run.outputs[0]["data"]
    assert ["error"] == kernel.run("_ = display.live(failing())", watched=False).kinds


def test_an_interrupt_keeps_what_came_and_stops_the_queue(kernel: Kernel) -> None:
    """Ctrl-C: partial text on screen, marked as stopped; a short note for a traceback; cells queued behind do not run."""
    first = kernel.start("op = words(2000, pace=0.02); _ = display.live(op)")
    second = kernel.start("print('must not run')")
    run = kernel.collect(first, interrupt_at="quick")
    assert "Interrupted" == run.reply["ename"]
    shown, error = run.outputs
    assert shown["data"]["text/plain"].startswith("the quick")
    assert shown["data"]["text/plain"].endswith("[stopped]")
    assert 1 == len(error["traceback"])
    assert "aborted" == kernel.collect(second).reply["status"]


def test_an_interrupted_operation_ended_its_work(kernel: Kernel) -> None:
    """After Ctrl-C the work has been closed and has marked its state as partial; shown again, it does not stop the cell."""
    run = kernel.collect(
        kernel.start("op = words(2000, pace=0.02, kind=Marked); display.live(op)"), interrupt_at="quick"
    )
    assert run.outputs[0]["data"]["text/plain"].endswith("(partial)")
    again = kernel.run("_ = display.live(op); print(op.done, op.state.partial)")
    assert "ok" == again.reply["status"]
    assert "True True\n" == again.stream()


def test_quiet_draws_nothing(kernel: Kernel) -> None:
    """`quiet=True` runs the operation and returns its result without a single output."""
    run = kernel.run("r = display.live(words(3, note='429'), quiet=True); assert r.text == 'the quick brown '")
    assert ([], "ok") == (run.kinds, run.reply["status"])


def test_without_footer(kernel: Kernel) -> None:
    """`footer=False` reaches the result, while it grows and at the end."""
    run = kernel.run("_ = display.live(words(3), footer=False)")
    assert "the quick brown " == run.outputs[0]["data"]["text/plain"]
    assert "words: 3" in str(kernel.run("_ = display.live(words(3))").outputs)


def test_what_front_ends_interpret_is_dropped(kernel: Kernel) -> None:
    """Markdown, LaTeX, SVG and JavaScript of a result never reach the front end."""
    run = kernel.run("_ = display.live(words(3, kind=Forbidden))")
    assert {"text/html", "text/plain"} == set(run.outputs[0]["data"])


def test_a_result_that_cannot_be_drawn_still_arrives(kernel: Kernel) -> None:
    """When drawing fails, the twin is shown with a warning, and the caller has the paid result."""
    run = kernel.run("print(len(display.live(words(3, kind=Undrawable)).text))")
    assert "16\n" == run.stream()
    assert "no paint" in run.stream("stderr")
    assert "the quick brown" in str(run.outputs)


def test_captured_output_is_one_display(kernel: Kernel) -> None:
    """Under %%capture, which would keep each update, one display is sent."""
    run = kernel.run("%%capture seen\n_ = display.live(words(30, pace=0.01))")
    assert [] == run.kinds
    assert "1\n" == kernel.run("print(len(seen.outputs))").stream()


def test_printing_in_a_kernel_is_not_a_message_a_token(kernel: Kernel) -> None:
    """Print mode leaves flushing to the kernel's stream; notes go to stderr."""
    run = kernel.run("_ = display.live(words(200, pace=0.002, note='429, waiting'), mode='print')")
    assert len(run.kinds) < 15
    assert run.stream().endswith("\nwords: 200\n")
    assert "429, waiting\n" == run.stream("stderr")


def test_a_notebook_run_live_passes_nbval_and_nbclient(kernel: Kernel, tmp_path: Path) -> None:
    """Outputs saved from live updates equal those of nbclient, and a plain `pytest --nbval` passes on them."""
    from nbclient import NotebookClient

    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}})
    for code in CELLS:
        tags = {"tags": ["raises-exception"]} if "fail" in code else {}
        notebook.cells.append(nbformat.v4.new_code_cell(code, metadata=tags, outputs=kernel.run(code).outputs))
        notebook.cells[-1].execution_count = len(notebook.cells)
    nbformat.write(notebook, tmp_path / "live.ipynb")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider", "live.ipynb"]
    tested = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True)
    fresh = nbformat.from_dict(notebook)
    NotebookClient(fresh, kernel_name="python3", timeout=60, resources={"metadata": {"path": str(ROOT)}}).execute()
    told = tested.communicate(timeout=60)[0]
    assert 0 == tested.returncode, told
    for before, after in zip(nbformat.read(tmp_path / "live.ipynb", 4).cells, fresh.cells, strict=True):
        assert [o for o in before.outputs if o.get("data", True)] == after.outputs
