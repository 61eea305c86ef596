"""`%aiml models, model, jobs, resume, usage, balance, budget`, and what completes on their lines."""

from __future__ import annotations

import sys
import time
from typing import Any

import pytest

from aiml_nb.errors import InvalidRequestError


def text(shell: Any, line: str) -> str:
    done = shell.cell(line)
    assert None is done.error, done.error
    return str(done.out) + "".join(data["text/plain"] for data in done.shown)


def test_lists_are_tables_in_a_notebook(shell: Any) -> None:
    """Models are shown as HTML with a text that says the same."""
    (data,) = shell.cell("%aiml models video").shown
    assert "<table" in data["text/html"]
    assert "kling" in data["text/html"]
    assert "kling" in data["text/plain"]


def test_models_by_medium_and_one_by_alias(shell: Any) -> None:
    """`--medium` takes a medium or its magic's name; `model` an alias."""
    assert text(shell, "%aiml models --medium transcript") == text(shell, "%aiml models --medium=transcribe")
    assert "mistral-ocr-latest" in text(shell, "%aiml models --refresh mistral --medium ocr")
    assert "POST /v1/chat/completions" in text(shell, "%aiml model gpt-4o")


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("models --medium vidio", "video"),
        ("models --medium", "--medium M"),
        ("models --refrsh", "--refresh"),
        ("models --refresh --refresh", "Once"),
        ("model", "As in"),
        ("model flux/schnel", "flux/schnell"),
        ("jobs now", "Leave"),
        ("resume", "%aiml jobs"),
        ("resume nothing", "%aiml jobs"),
        ("resume one two", "Leave"),
        ("resume -o 1x", "-o summary"),
        ("usage --by colour", "model, day"),
        ("usage --days soon", "whole number"),
        ("usage --days 0", "whole number"),
        ("balance now", "Leave"),
        ("budget five", "2.50"),
        ("budget -5", "2.50"),
        ("budget 1 2", "Leave"),
        ("budget 1 --per week", "session, day"),
        ("budget --per day", "budget 2.50"),
        ("use --for video", "-m MODEL"),
        ("use --for", "MEDIUM"),
        ("use video=", "MODEL"),
        ("use groq --for video", "-m MODEL"),
        ("use colour=x", "video"),
        ("status --all", "Leave"),
    ],
)
def test_mistakes_say_what_there_is(shell: Any, line: str, advice: str) -> None:
    """Each is one of our errors, with what to type."""
    error = shell.cell(f"%aiml {line}").error
    assert isinstance(error, InvalidRequestError)
    assert advice in error.advice


def test_a_default_model_for_each_medium(shell: Any) -> None:
    """`use -m MODEL --for MEDIUM`, `use video=MODEL`, and a bare model, whose medium the catalogue tells."""
    text(shell, "%aiml models")
    assert "%%video uses minimax/hailuo-02" in text(shell, "%aiml use -m minimax/hailuo-02 --for video")
    assert "%%transcribe uses x/y" in text(shell, "%aiml use transcribe=x/y")
    assert "%%music uses google/lyria2" in text(shell, "%aiml use google/lyria2")
    status = text(shell, "%aiml status")
    assert "minimax/hailuo-02" in status
    assert "x/y" in status
    assert "for video" in text(shell, "%aiml use -m minimax/hailuo-02 --for image")
    text(shell, "%aiml use sandbox")
    assert "x/y" not in text(shell, "%aiml status")
    assert None is shell.cell("%config Aiml.model_video = 'minimax/hailuo-02'").error
    assert "minimax/hailuo-02" in text(shell, "%aiml status")


def test_a_job_that_was_left_is_collected(shell: Any) -> None:
    """`%aiml jobs` lists it as open, `%aiml resume` draws it and sets the medium's variable; then nothing waits."""
    from aiml_nb.session import default

    call = (shell.cell("%aiml status"), default())[1].prepare("video", "waves")
    op = default().send(call)
    for state in op:
        if state.job_id:
            break
    op.close()
    assert "1 job not collected" in text(shell, "%aiml jobs")
    done = shell.cell("%aiml resume -o film")
    assert None is done.error
    assert "MP4" in done.shown[-1]["text/plain"]
    assert shell.names["_video"] is shell.names["film"]
    assert "not collected" not in text(shell, "%aiml jobs --all")
    assert 1 == len(default().jobs())


def test_a_job_that_is_stopped_sets_no_variable(shell: Any) -> None:
    """What is still under way is no result."""
    error = shell.cell("%video --timeout 0.01 waves").error
    assert "%aiml resume" in error.advice
    assert "_video" not in shell.names
    assert None is shell.cell("%aiml resume").error
    assert "_video" in shell.names


def test_balance(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox has play money; a provider that tells no balance is said to tell none."""
    assert "play money" in text(shell, "%aiml balance")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-" + "test" * 8)
    assert "tells no balance" in shell.cell("%aiml balance --at openai").error.message


def test_budgets_are_shown(shell: Any) -> None:
    """A sum is read as people write it; session's and day's stand side by side; `off` takes one or both off."""
    assert "$2.50 for this session" in text(shell, "%aiml budget $2.50")
    both = text(shell, "%aiml budget 2,5 --per day")
    assert "$2.50 for this session" in both
    assert "$2.50 for today" in both
    assert "today" not in text(shell, "%aiml budget off --per day")
    assert "no budget" in text(shell, "%aiml budget off")
    assert "no budget" in text(shell, "%aiml budget")


def test_usage_in_a_variable(shell: Any) -> None:
    """`_usage` has the rows: a DataFrame where the notebook has imported pandas, else a list with `.to_pandas()`."""
    shell.cell("%speech -q hello")
    text(shell, "%aiml usage")
    rows = shell.names["_usage"]
    assert "pandas" in sys.modules or rows[0]["usd"] == 0
    pytest.importorskip("pandas")
    text(shell, "%aiml usage --by medium --days 1")
    assert ["speech"] == list(shell.names["_usage"]["medium"])


def test_usage_as_a_picture(shell: Any) -> None:
    """`--plot` shows a real picture where matplotlib is installed, with the bars as its text."""
    pytest.importorskip("matplotlib")
    shell.cell("%speech -q hello")
    (data,) = shell.cell("%aiml usage --plot").shown
    assert data["image/png"].startswith("iVBOR")
    assert "cost" in data["text/plain"]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("%aiml jo", ["%aiml jobs"]),
        ("%aiml models --me", ["%aiml models --medium"]),
        ("%aiml models --medium vi", ["%aiml models --medium video"]),
        ("%aiml usage --by no", ["%aiml usage --by notebook"]),
        ("%aiml use -m x --for mes", ["%aiml use -m x --for mesh"]),
        ("%aiml budget o", ["%aiml budget off"]),
        ("%aiml use tran", ["%aiml use transcript="]),
        ("%%video --dur", ["%%video --duration"]),
        ("%video --fir", ["%video --first"]),
        ("%embed --li", ["%embed --lines"]),
    ],
)
def test_words_complete(shell: Any, typed: str, offered: list[str]) -> None:
    """Subcommands, their options and values, and the words of each medium."""
    assert offered == shell.complete(typed)


def test_the_model_s_own_parameters_complete(shell: Any) -> None:
    """After `-m MODEL` the names and values that its schema has are offered, once the schema is at hand, and common words' too."""
    shell.cell("%image --dry-run -m flux/schnell a fox")
    assert ["%image -m flux/schnell --num_inference_steps"] == shell.complete("%image -m flux/schnell --num_inf")
    assert "%image -m flux/schnell --image_size square_hd" in shell.complete("%image -m flux/schnell --image_size ")
    assert "%image --image_size=square_hd" in shell.complete("%image --image_size=sq")
    assert ["%image --enable_safety_checker false"] == shell.complete("%image --enable_safety_checker f")
    shell.cell("%speech --dry-run hello")
    assert "%speech --voice alloy" in shell.complete("%speech --voice al")


def test_a_key_press_does_not_wait_for_a_schema(shell: Any) -> None:
    """A schema that is not at hand is fetched meanwhile; soon after it is."""
    shell.cell("%aiml models")
    shell.ip.Completer.use_jedi = False  # IPython's own search of the file system takes seconds
    before = time.monotonic()
    first = shell.complete("%video -m minimax/hailuo-02 --first_fr")
    assert time.monotonic() - before < 1
    for _ in range(50):
        found = shell.complete("%video -m minimax/hailuo-02 --first_fr")
        if found:
            break
        time.sleep(0.05)
    shell.ip.Completer.use_jedi = True
    assert ["%video -m minimax/hailuo-02 --first_frame_image"] == found
    assert first in ([], found)


def test_models_complete_by_medium(shell: Any) -> None:
    """`-m` offers the models that the magic can use."""
    shell.cell("%aiml models")
    offered = shell.complete("%music -m ")
    assert "%music -m google/lyria2" in offered
    assert "%music -m flux/schnell" not in offered
