"""Who watches: the mode for each front end, and what overrides it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell

from aiml_nb.display import front
from aiml_nb.errors import InvalidRequestError, SettingsError
from tests.display.kernels import ROOT, Kernel

ASK = "from aiml_nb.display import front; print(front.mode())"


@pytest.fixture
def shell() -> object:
    yield InteractiveShell.instance()
    InteractiveShell.clear_instance()


def test_a_request_that_allows_input_is_watched(kernel: Kernel) -> None:
    """The same kernel says live or final, request by request."""
    said = [kernel.run(ASK, watched=watched).stream() for watched in (True, False, True)]
    assert ["live\n", "final\n", "live\n"] == said


@pytest.mark.parametrize("word", ["live", "final", "print"])
def test_the_environment_overrides_a_kernel(kernel: Kernel, word: str) -> None:
    """AIML_NB_DISPLAY decides for watched and unwatched cells alike."""
    code = f"import os; os.environ['AIML_NB_DISPLAY'] = {word!r}\n{ASK}\ndel os.environ['AIML_NB_DISPLAY']"
    assert [f"{word}\n"] * 2 == [kernel.run(code, watched=watched).stream() for watched in (True, False)]


def test_without_a_kernel_text_is_printed(shell: InteractiveShell) -> None:
    """IPython without a kernel prints, even when live was asked for, since nothing can be updated there."""
    assert ("print", "print", "final") == (front.mode(), front.mode("live"), front.mode("final"))


def test_an_argument_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The argument wins; `auto` and nothing leave it to the environment; case and blanks do not matter."""
    monkeypatch.setenv("AIML_NB_DISPLAY", " Final ")
    assert ("print", "final", "final") == (front.mode("print"), front.mode("auto"), front.mode())


def test_a_word_that_is_no_mode_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the place and the words that are allowed."""
    with pytest.raises(InvalidRequestError, match="'loud'") as refused:
        front.mode("loud")
    monkeypatch.setenv("AIML_NB_DISPLAY", "fast")
    with pytest.raises(SettingsError, match=r"AIML_NB_DISPLAY cannot be 'fast'") as wrong:
        front.mode()
    assert "live, final, print" in refused.value.advice == wrong.value.advice


def test_plain_python_prints_and_loads_no_ipython() -> None:
    """Without IPython the mode is print, and asking for it imports neither IPython nor what renders."""
    code = (
        "import sys; from aiml_nb import display; from aiml_nb.display import front, drawings; print(front.mode());"
        "print([m for m in ('IPython', 'httpx', 'PIL', 'markdown_it', 'pygments', 'msgspec', 'tornado') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "print\n[]\n" == done.stdout
