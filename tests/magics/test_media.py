"""The magics of the media that are neither chat nor image, and `%%generate`, in a real IPython against the sandbox."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any

import pytest

from aiml_nb.errors import BudgetError, InvalidRequestError
from aiml_nb.magics.options import BY_MEDIUM


@pytest.fixture(autouse=True)
def files(tmp_path: Path) -> None:
    """A recording, a scan and a text to attach."""
    from PIL import Image

    with wave.open("talk.wav", "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"\0\1" * 8000)
    out = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(out, "PNG")
    (tmp_path / "scan.png").write_bytes(out.getvalue())
    (tmp_path / "notes.txt").write_text("a grey wolf\n")


@pytest.mark.parametrize(
    ("cell", "variable", "kind"),
    [
        ("%%video --duration 5\nWaves", "_video", "Video"),
        ("%%speech\nGood morning", "_speech", "Audio"),
        ("%%music\nA waltz", "_music", "Audio"),
        ("%transcribe -a talk.wav", "_transcript", "Transcript"),
        ("%embed a red fox", "_embedding", "Embeddings"),
        ("%ocr -a scan.png", "_ocr", "Document"),
        ("%mesh -a scan.png", "_mesh", "Mesh"),
        ("%%aiml_speech\nGood morning", "_speech", "Audio"),
    ],
)
def test_each_medium_answers(shell: Any, cell: str, variable: str, kind: str) -> None:
    """A cell with nothing but a prompt or a file draws the result and sets the medium's variable."""
    done = shell.cell(cell)
    assert None is done.error
    assert None is done.result
    assert kind == type(shell.names[variable]).__name__
    assert done.shown[-1]["text/plain"].strip()


@pytest.mark.parametrize("magic", BY_MEDIUM.values(), ids=lambda magic: magic.name)
def test_an_empty_cell_shows_how(shell: Any, magic: Any) -> None:
    """Nothing is sent for nothing; an example is shown, and where the help is."""
    done = shell.cell(f"%{magic.name}")
    assert None is done.error
    assert "Nothing was sent" in done.out
    assert f"{magic.name}?" in done.out


def test_results_go_into_a_variable_and_a_file(shell: Any, tmp_path: Path) -> None:
    """`-o` and `--save` work for every medium, `-q` draws nothing."""
    done = shell.cell("%speech -q -o hello --save hello.wav Hello")
    assert [] == done.shown
    assert shell.names["hello"].bytes == (tmp_path / "hello.wav").read_bytes()
    shell.cell("%transcribe -q --save talk.txt -a talk.wav")
    assert shell.names["_transcript"].text == (tmp_path / "talk.txt").read_text()


@pytest.mark.parametrize(
    ("cell", "inputs"),
    [
        ("%%embed\na red\nfox", ["a red\nfox"]),
        ("%%embed --lines\na red fox\n\n  a grey wolf\n", ["a red fox", "a grey wolf"]),
        ("%embed {{ texts }}", ["one", "two"]),
        ("%embed {{ tuple(texts) }}", ["one", "two"]),
        ("%embed the {{ texts[0] }}", ["the one"]),
        ("%embed -a notes.txt", ["a grey wolf\n"]),
    ],
)
def test_what_is_embedded(shell: Any, cell: str, inputs: list[str]) -> None:
    """A cell is one text, with --lines each line is one, a list alone is embedded as a list, a file is a text."""
    shell.names["texts"] = ["one", "two"]
    assert None is shell.cell(cell).error
    assert inputs == shell.names["_embedding"].inputs


def test_generate_picks_the_medium(shell: Any) -> None:
    """The catalogue says what a model makes, and the result is in that medium's variable."""
    for cell, variable in {
        "%%generate -m flux/schnell --n 1\nA fox": "_image",
        "%generate -m google/lyria2 a waltz": "_music",
        "%generate -m mistral-ocr-latest -a scan.png": "_ocr",
        "%%generate -m gpt-4o\nHello": "_reply",
    }.items():
        assert None is shell.cell(cell).error
        assert variable in shell.names
    assert "Hello" in shell.names["_reply"].text


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("%ocr scan.png", "%ocr -a scan.png"),
        ("%transcribe what was said?", "-a FILE"),
        ("%mesh scan.png", "-a scan.png"),
        ("%generate a fox", "-m MODEL"),
        ("%generate -m flux/schnel a fox", "flux/schnell"),
        ("%generate -m gpt-4o --save x.txt hi", "-o NAME"),
        ("%image --saed 5 a fox", "seed"),
        ("%speech --sped 2 hello", "speed"),
        ("%video --save film.txt waves", ".mp4"),
        ("%video --seed 1 --seed 2 waves", "Once"),
        ("%embed {{ [1, 2] }}", "str(x)"),
        ("%embed {{ [] }}", "list of texts"),
        ("%embed --lines {{ ['a'] }}", "--lines"),
        ("%video -a missing.png waves", ""),
        ("%music --conversation x waltz", "Instead"),
    ],
)
def test_a_beginner_s_mistake_is_a_short_error(shell: Any, line: str, advice: str) -> None:
    """Nothing is sent, the cause is short, and the advice says what to type."""
    from aiml_nb.session import default

    error = shell.cell(line).error
    assert isinstance(error, InvalidRequestError)
    assert advice in error.advice
    assert [] == default().usage()


def test_without_a_schema_a_slip_is_still_caught(shell: Any) -> None:
    """A server that publishes no schema takes anything, so a word that is nearly a common one is asked about."""
    error = shell.cell("%speech --at http://127.0.0.1:9/v1 -m tts --speeed 2 hello").error
    assert isinstance(error, InvalidRequestError)
    assert "--speed" in error.advice
    out = shell.cell("%speech --dry-run --at http://127.0.0.1:9/v1 -m tts --speed 2 hello").out
    assert '"speed": 2' in out


def test_the_model_s_own_names_pass(shell: Any) -> None:
    """A name that some model has for a parameter is no slip, though a common word is spelled almost like it."""
    out = shell.cell("%image --dry-run --num_images 2 --image_size square a fox").out
    assert '"num_images": 2' in out
    assert '"image_size": "square"' in out


def test_a_dry_run_tells_the_price(shell: Any) -> None:
    """The fitted request and what it costs, before anything is sent."""
    from aiml_nb.session import default

    out = shell.cell("%video --dry-run --duration 5 waves").out
    assert '"duration": 5' in out
    assert "$0" in out
    assert [] == default().usage()


def test_a_call_as_code(shell: Any) -> None:
    """`--as` shows any medium's call for outside the notebook."""
    for kind in ("curl", "python", "openai"):
        assert "flux/schnell" in shell.cell(f"%image --as {kind} a fox").out
        assert "tts" in shell.cell(f"%speech --as {kind} hello").out


def test_an_upload_as_code(shell: Any) -> None:
    """A file that goes in a form is in the code too, and where a form cannot hold it that is said."""
    assert "audio=@" in shell.cell("%transcribe -a talk.wav --as curl").out
    assert "open('" in shell.cell("%transcribe -a talk.wav --as python").out.replace('"', "'")
    assert "--as curl" in shell.cell("%transcribe -a talk.wav --as openai").error.advice


def test_a_budget_stops_the_next_cell(shell: Any) -> None:
    """`%aiml budget 0` lets nothing out, `off` lets all out again."""
    assert "$0 for this session" in shell.cell("%aiml budget 0").out
    assert isinstance(shell.cell("%speech -q hello").error, BudgetError)
    assert "budget" in shell.cell("%aiml status").out
    assert "no budget" in shell.cell("%aiml budget off").out
    assert None is shell.cell("%speech -q hello").error


def test_usage_knows_the_notebook(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The notebook's name, as Jupyter's server or VS Code tells it, is beside each call."""
    monkeypatch.setenv("JPY_SESSION_NAME", "lessons/01 first.ipynb")
    shell.cell("%speech -q hello")
    shell.names["__vsc_ipynb_file__"] = "c:\\lessons\\02.ipynb"
    shell.cell("%speech -q hello")
    shell.cell("%aiml usage --by notebook")
    assert {"01 first.ipynb", "02.ipynb"} == {row["notebook"] for row in _rows(shell.names["_usage"])}


def _rows(usage: Any) -> list[dict[str, Any]]:
    return list(usage) if isinstance(usage, list) else list(usage.to_dict("records"))


def test_a_store_that_cannot_be_written_is_told_once(
    shell: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cell that meets it says so, later ones do not."""
    (tmp_path / "blocked").write_text("")
    monkeypatch.setenv("AIML_NB_HOME", str(tmp_path / "blocked" / "home"))
    assert "nothing is stored" in shell.cell("%speech -q hello").out
    assert "nothing is stored" not in shell.cell("%speech -q hello").out
