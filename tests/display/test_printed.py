"""Printing: plain Python, an in-process shell, and IPython in a real terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from aiml_nb import display
from aiml_nb.errors import Interrupted, StreamError
from tests.display.kernels import PRELUDE, ROOT
from tests.display.samples import Marked, Undrawable, failing, picture, words

TRICK = "\x1b[2J\x1b]0;owned\x07 wiped\rout"


@pytest.fixture
def shell() -> object:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def test_text_and_footer(capsys: pytest.CaptureFixture[str]) -> None:
    """The text comes as it is, then the footer on a line of its own, and the result is returned."""
    result = display.live(words(3))
    assert "the quick brown \nwords: 3\n" == capsys.readouterr().out
    assert "the quick brown " == result.text


def test_footer_and_text_can_be_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    """`footer=False` ends with the text; `quiet=True` prints nothing, notes included."""
    display.live(words(2), footer=False)
    assert "the quick \n" == capsys.readouterr().out
    display.live(words(2, note="429, waiting"), quiet=True)
    assert ("", "") == capsys.readouterr()


def test_notes_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """A wait is told on stderr, so that piped output holds the answer alone."""
    display.live(words(1, note="429, waiting 3 s"))
    assert ("the \nwords: 1\n", "429, waiting 3 s\n") == capsys.readouterr()


def test_control_codes_are_shown_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    """Escape codes of a model, in growing text or in a twin, cannot steer the terminal."""
    display.live(words(2, text=TRICK))
    display.live(words(2, text=TRICK), mode="final")
    told = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\r"} & set(told)
    assert 2 == told.count("␛[2J")


def test_halves_wait_for_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    """A surrogate pair or a line ending cut in two by the stream is printed whole, and nothing is printed twice."""
    state = words(1).result()

    def work(_: object) -> object:
        for state.text in ("\ud83d", "\ud83d\ude00", "\ud83d\ude00a\r", "\ud83d\ude00a\r\nb"):
            yield state

    display.live(type(words())(work), footer=False)
    assert "😀a\nb\n" == capsys.readouterr().out


def test_a_text_that_begins_anew_is_printed_anew(capsys: pytest.CaptureFixture[str]) -> None:
    """When a state's text is no longer the old one grown, the new one is printed whole below it."""
    state = words(1).result()

    def work(_: object) -> object:
        for state.text in ("draft", "draft one", "final"):
            yield state

    display.live(type(words())(work), footer=False)
    assert "draft one\nfinal\n" == capsys.readouterr().out


def test_what_is_no_text_prints_its_twin(capsys: pytest.CaptureFixture[str]) -> None:
    """A picture prints a line that names it, and the line under it with what it cost."""
    display.live(picture())
    assert "PNG 1x1 grey\ngrey-1, free\n" == capsys.readouterr().out


def test_a_failure_keeps_the_text_and_marks_it(capsys: pytest.CaptureFixture[str]) -> None:
    """The text so far is there once, with a mark, and the error reaches the caller."""
    with pytest.raises(StreamError, match="was cut"):
        display.live(words(2, fail=True))
    assert "the quick \n[not finished]\nwords: 2\n" == capsys.readouterr().out
    with pytest.raises(StreamError):
        display.live(words(2, fail=True, kind=Marked), footer=False)
    assert "the quick \n[not finished]\n" == capsys.readouterr().out
    with pytest.raises(StreamError):
        display.live(failing())
    assert "" == capsys.readouterr().out


def test_an_encoding_that_lacks_a_letter_gets_a_question_mark() -> None:
    """A terminal that can only write ASCII does not lose the answer."""
    code = f"{PRELUDE}; _ = display.live(words(2, text='naïve ☃'))"
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert done.stdout.startswith(b"na?ve ?")


def test_a_finished_operation_shows_its_result(capsys: pytest.CaptureFixture[str]) -> None:
    """Drawn again, nothing runs again; one that failed raises again, one that was stopped does not."""
    op = words(2)
    display.live(op)
    display.live(op)
    assert "the quick \nwords: 2\n" * 2 == capsys.readouterr().out
    broken = words(1, fail=True)
    for _ in range(2):
        with pytest.raises(StreamError):
            display.live(broken)


def test_ctrl_c_is_short_and_keeps_the_state(capsys: pytest.CaptureFixture[str]) -> None:
    """KeyboardInterrupt becomes Interrupted without a chain; the text so far stays, marked; shown again it returns."""

    def work(_: object) -> object:
        state = words(2).result()
        yield state
        signal.raise_signal(signal.SIGINT)
        yield state

    op = type(words())(work)
    with pytest.raises(Interrupted, match="what had come is kept") as stop:
        display.live(op)
    assert "the quick \n[stopped]\nwords: 2\n" == capsys.readouterr().out
    assert stop.value.__suppress_context__
    assert op.state is display.live(op)


def test_cancelled_before_it_began(capsys: pytest.CaptureFixture[str]) -> None:
    """An operation that was cancelled first draws nothing and raises its own Interrupted."""
    op = words()
    op.cancel()
    with pytest.raises(Interrupted, match="before anything was sent"):
        display.live(op)
    assert ("", "") == capsys.readouterr()


def test_final_in_a_shell_without_a_kernel(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """Where displays are captured the bundle is kept; where they are not, IPython prints the twin."""
    with capture_output() as seen:
        display.live(words(2))
    assert ["the quick \n\nwords: 2"] == [output.data["text/plain"] for output in seen.outputs]
    display.live(words(2), mode="final")
    assert "the quick \n\nwords: 2\n" == capsys.readouterr().out


def test_a_result_that_cannot_be_drawn_warns(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    """The warning names the fault, and the result is returned all the same."""
    with pytest.warns(RuntimeWarning, match="ValueError: no paint"):
        assert "the " == display.live(words(1, kind=Undrawable), mode="final").text
    assert capsys.readouterr().out.startswith("the ")


def test_ipython_in_a_terminal(tmp_path: Path) -> None:
    """In a real terminal a bare operation streams its text, Ctrl-C leaves one short line, and the session goes on."""
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {PRELUDE}; display.register(get_ipython())"
    options = [
        "-m",
        "IPython",
        "--simple-prompt",
        "--no-banner",
        "--colors=NoColor",
        "--no-confirm-exit",
        "-i",
        "-c",
        start,
    ]
    environment = os.environ | {"TERM": "dumb", "IPYTHONDIR": str(tmp_path / "ipython")}
    terminal = pexpect.spawn(sys.executable, options, env=environment, encoding="utf-8", timeout=20, cwd=str(tmp_path))
    try:
        terminal.expect(r"In \[\d+\]: ")
        terminal.sendline("words(5, pace=0.01)")
        terminal.expect("the quick brown fox jumps \r\nwords: 5\r\n")
        terminal.expect(r"In \[\d+\]: ")
        terminal.sendline("words(5000, pace=0.01)")
        terminal.expect("the quick brown fox")
        terminal.sendintr()
        terminal.expect(r"\[stopped\]\r\nwords: \d+\r\n")
        terminal.expect(r"Interrupted.*what had come is kept")
        terminal.expect(r"In \[\d+\]: ")
        assert "Traceback" not in terminal.before
        terminal.sendline("print(6 * 7)")
        terminal.expect("42")
    finally:
        terminal.close(force=True)
