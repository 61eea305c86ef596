"""The same cells in the other front ends: nbclient, nbval, nbconvert, papermill, IPython in a terminal, plain Python."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests import parrot
from tests.display import kernels

pexpect = pytest.importorskip("pexpect")

CELLS = (
    "%load_ext aiml_nb",
    "%%chat\nWhy is the sky blue?",
    "%%image --size 64x64 --seed 3\nA red fox",
    "_reply.text[:20], _image.image.size",
    "import aiml_nb as ai\nai.start('chat', 'Hello')",
)
#: What a model could send to a terminal: clear the screen, a hidden link, a title, a C1 control, a line over a line.
EVIL = "\x1b[2J\x1b[31mred \x1b]8;;http://x.test\x07click\x1b]8;;\x07 \x1b]0;title\x07 \x9b31m safe\rEVIL \x08\x7f \u202e end"
TERMINAL = ("--simple-prompt", "--colors=NoColor", "--no-term-title", "--no-banner")


@pytest.fixture(autouse=True)
def path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs started here find this repository's package."""
    monkeypatch.setenv("PYTHONPATH", str(kernels.ROOT))


def notebook(path: Path, *cells: str) -> Path:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    code = [nbformat.v4.new_code_cell(source) for source in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=code, metadata={"kernelspec": kernel}), path)
    return path


def python(*arguments: Any) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
    )
    assert 0 == done.returncode, done.stdout[-2000:] + done.stderr[-2000:]
    return done


def outputs(path: Path) -> list[list[Any]]:
    return [cell.outputs for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def seen(found: list[list[Any]]) -> None:
    """What each of CELLS must have left: one output for each thing to see, whole, none of it an update."""
    kinds = [[output.output_type for output in each] for each in found]
    assert [[], ["display_data"], ["display_data"] * 2, ["execute_result"], ["display_data"]] == kinds
    assert "Why is the sky blue?" in found[1][0].data["text/html"]
    assert found[1][0].data["text/plain"].endswith("· sandbox]")
    assert "image/png" in found[2][0].data
    assert "(64, 64)" in found[3][0].data["text/plain"]
    assert "Hello" in found[4][0].data["text/plain"]


def test_nbclient_nbval_and_nbconvert(tmp_path: Path) -> None:
    """Run without anybody who watches, each result is one display; nbval finds the same again, and the HTML export has it all."""
    from nbclient import NotebookClient

    path = notebook(tmp_path / "a.ipynb", *CELLS)
    book = nbformat.read(path, as_version=4)
    asyncio.run(NotebookClient(book, timeout=60, kernel_name="python3").async_execute())
    nbformat.write(book, path)
    seen(outputs(path))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    python("-m", "pytest", "-c", "pytest.ini", "-p", "no:cacheprovider", "-q", "--nbval", path.name)
    python("-m", "nbconvert", "--to", "html", path)
    html = path.with_suffix(".html").read_text("utf-8")
    assert "Why is the sky blue?" in html
    assert "data:image/png;base64," in html
    assert 2 == html.count('class="aiml-md')


def test_a_live_notebook_passes_nbval(tmp_path: Path) -> None:
    """What a watched kernel left, errors and stopped replies too, is what nbval's unwatched one leaves."""
    cells = [*CELLS, "%%chat\nFAULT 401", "%%chat\nFAULT cut"]
    path = notebook(tmp_path / "live.ipynb", *cells)
    book = nbformat.read(path, as_version=4)
    with kernels.running(tmp_path / "kernel") as kernel:
        for cell in book.cells:
            run = kernel.run(cell.source)
            cell.outputs, cell.execution_count = run.outputs, run.reply["execution_count"] - 1
            for output in cell.outputs:
                if output.output_type == "execute_result":
                    output.execution_count = cell.execution_count
            cell.metadata["tags"] = ["raises-exception"] if run.reply["status"] == "error" else []
    seen([cell.outputs for cell in book.cells][: len(CELLS)])
    nbformat.write(book, path)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    python("-m", "pytest", "-c", "pytest.ini", "-p", "no:cacheprovider", "-q", "--nbval", path.name)


def test_papermill(tmp_path: Path) -> None:
    """A run with parameters leaves the same; a failed call ends it with our error, saved once, in a few words."""
    path = notebook(tmp_path / "in.ipynb", *CELLS)
    done = tmp_path / "out.ipynb"
    python("-m", "papermill", "--no-progress-bar", path, done)
    seen(outputs(done))
    path = notebook(tmp_path / "wrong.ipynb", CELLS[0], "%%chat\nFAULT 401", CELLS[1])
    failed = subprocess.run(
        [sys.executable, "-m", "papermill", "--no-progress-bar", str(path), str(done)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert 0 != failed.returncode
    assert "AuthenticationError" in failed.stderr
    errors = [output for each in outputs(done) for output in each if output.output_type == "error"]
    assert ["AuthenticationError"] == [error.ename for error in errors]
    assert 600 >= len(json.dumps(errors[0], indent=1, ensure_ascii=False).encode())


@pytest.fixture
def bird() -> Iterator[parrot.Parrot]:
    with parrot.parrot({"evil": EVIL, "long": "word " * 3000}, pace=0.002) as bird:
        yield bird


class Terminal:
    """A program in a pseudo-terminal: lines typed into it, and every byte that it wrote."""

    def __init__(self, prompt: str, *command: str) -> None:
        self.log = io.BytesIO()
        environment = os.environ | {"TERM": "dumb"}
        self.child = pexpect.spawn(command[0], list(command[1:]), env=environment, timeout=40, dimensions=(50, 200))
        self.child.logfile_read = self.log
        self.child.delaybeforesend = None
        self.prompt = prompt
        self.child.expect(prompt)

    def type(self, line: str, *, stop_at: str = "") -> str:
        """What the program answers before it asks again; Ctrl-C when `stop_at` has come."""
        self.child.sendline(line)
        before = ""
        if stop_at:
            self.child.expect(stop_at)
            before = (self.child.before + self.child.after).decode()
            self.child.sendintr()
        self.child.expect(self.prompt)
        return before + self.child.before.decode("utf-8", "replace").replace("\r\n", "\n")


def test_ipython_in_a_terminal(bird: parrot.Parrot) -> None:
    """It prints the text as it comes and nothing that the terminal obeys; Ctrl-C keeps it; errors and `?` are short and right."""
    terminal = Terminal(r"In \[\d+\]: ", sys.executable, "-m", "IPython", *TERMINAL)
    terminal.type("%load_ext aiml_nb")
    told = terminal.type("%chat Why is the sky blue?")
    assert "“Why is the sky blue?”" in told
    assert told.strip().endswith("· $0 · sandbox")
    assert "PNG 64×64, seed 3" in terminal.type("%image --size 64x64 --seed 3 a fox")
    assert "[0;" not in terminal.type(f"%aiml use {bird.url}")
    told = terminal.type("%chat evil")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", told.split("\n", 1)[1])
    assert "red" in told
    assert "end" in told
    told = terminal.type("%chat long", stop_at="word word")
    assert "partial" in told
    assert "Interrupted" in told
    assert "Traceback" not in told
    assert len(told) < len(bird.said["long"])
    terminal.type("%aiml use sandbox")
    told = terminal.type("%chat FAULT 401")
    assert 1 == told.count("AuthenticationError")
    assert "Traceback" not in told
    assert len(told) < 600
    assert "--conversation" in terminal.type("%chat?")
    terminal.child.sendline("exit")
    terminal.child.expect(pexpect.EOF)
    assert b"\x1b]" not in terminal.log.getvalue()
    assert b"\x1b[2J" not in terminal.log.getvalue()


def test_plain_python(bird: parrot.Parrot) -> None:
    """Without IPython the same calls block and return; states can be followed; an error is an ordinary exception."""
    terminal = Terminal(">>> ", sys.executable, "-q")
    terminal.type("import sys, aiml_nb as ai")
    assert "Reply(" in terminal.type("ai.chat('Hello')")
    assert "This is the sandbox" in terminal.type("print(ai.chat('Hello').text)")
    assert "PNG" in terminal.type("ai.image('a fox', size='64x64').image.format")
    assert "Hello there" in terminal.type("[state.text for state in ai.start('chat', 'Hello there')][-1]")
    assert "AuthenticationError: 401" in terminal.type("ai.chat('FAULT 401')")
    assert "False" in terminal.type("'IPython' in sys.modules")
    told = terminal.type(f"ai.Session(base_url={bird.url!r}).chat('long')", stop_at="chat\\('long'\\)")
    assert "KeyboardInterrupt" in told or "Interrupted" in told
    terminal.child.sendline("exit()")
    terminal.child.expect(pexpect.EOF)
