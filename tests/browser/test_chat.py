"""`%%chat` as a user of JupyterLab meets it: growing text, Markdown, errors, the stop button, memory, help, Tab."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import parrot
from tests.browser.lab import Notebook

pytestmark = pytest.mark.browser

RICH = r"""# Light

It moves at **299 792 458 m/s**, and costs $5, not $6. Einstein: \(E = mc^2\), and

\[ \int_0^1 x\,dx = \tfrac12 \]

| planet | moons |
|:--|--:|
| Earth | 1 |

```python
def double(x):
    return 2 * x  # $5 and $6
```

- first
- second
"""

#: Notes how much text of the answer stood there after each change of the page.
WATCH = """() => {
  window.lengths = [];
  new MutationObserver(() => {
    const shown = document.querySelector('.aiml-md');
    if (shown) window.lengths.push(shown.textContent.length);
  }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


@pytest.fixture
def bird() -> Iterator[parrot.Parrot]:
    with parrot.parrot({"rich": RICH, "long": "word " * 300}, pace=0.006) as bird:
        yield bird


def test_an_answer_grows_and_reads_well(open_notebook: Callable[..., Notebook], bird: Any, tmp_path: Path) -> None:
    """Text grows before the end; Markdown, table, code, formulas and money are right; nbval agrees with what was saved."""
    notebook = open_notebook(
        "%load_ext aiml_nb", f"%%chat --at {bird.url} --new\nrich", "%%chat --new\nWhy is the sky blue?"
    )
    notebook.run(0)
    assert "" == notebook.text(0)
    notebook.page.evaluate(WATCH)
    notebook.run(1)
    notebook.wait_text(1, "cost unknown")
    lengths = notebook.page.evaluate("() => window.lengths")
    assert 4 <= len(set(lengths))
    assert 3 * lengths[0] < lengths[-1]
    shown = notebook.outputs(1)
    assert ["Light", "Earth", "1"] == [shown.locator(tag).first.inner_text() for tag in ("h1", "td", "td:nth-child(2)")]
    assert "return" in shown.locator("pre code span").all_inner_texts()
    assert 2 == shown.locator("mjx-container").count()
    assert "costs $5, not $6." in notebook.text(1)
    assert "# $5 and $6" in notebook.text(1)
    assert 2 == shown.locator("ul li").count()
    dark, light = notebook.screenshots(tmp_path, "chat", cell=1).values()
    assert dark.read_bytes() != light.read_bytes()

    notebook.run(2)
    assert "· sandbox" in notebook.text(2)
    kept = notebook.save()
    assert [["text/html", "text/plain"]] == [sorted(output.data) for output in kept.cells[1].outputs]
    del kept.cells[1]  # it measured its own time
    (tmp_path / "kept.ipynb").write_text(json.dumps(kept), "utf-8")
    check_with_nbval(tmp_path / "kept.ipynb")
    assert [] == [text for kind, text in notebook.console if kind == "pageerror"]


def test_the_stop_button_and_memory(open_notebook: Callable[..., Notebook], bird: Any) -> None:
    """■ keeps what came, in a few words; queued cells do not run; the cell that runs again says that it cut back."""
    notebook = open_notebook(
        "%load_ext aiml_nb", f"%aiml use {bird.url}", "%chat first", "%chat long", "print('queued cells ran')"
    )
    for cell in range(3):
        notebook.run(cell)
    notebook.start(3)
    notebook.start(4)
    notebook.wait_text(3, "word word word")
    notebook.stop()
    notebook.wait_text(3, "Interrupted")
    notebook.wait_idle()
    assert "partial" in notebook.text(3)
    assert "Traceback" not in notebook.text(3)
    assert "" == notebook.text(4)
    saved = notebook.save().cells[3].outputs
    assert ["display_data", "error"] == [output.output_type for output in saved]
    assert 600 >= len(json.dumps(saved[1], indent=1, ensure_ascii=False).encode())
    assert 0 < len(saved[0].data["text/plain"]) < len(bird.said["long"])

    notebook.run(2)
    assert "went back by 2 turns" in notebook.text(2)
    assert ["user"] == [message["role"] for message in bird.asked[-1]["messages"]]
    notebook.run(3)
    assert "went back" not in notebook.text(3)
    assert ["first", "first", "long"] == [message["content"] for message in bird.asked[-1]["messages"]]


def test_a_wrong_key_is_one_short_error(open_notebook: Callable[..., Notebook]) -> None:
    """It names the cause and the remedy in at most 600 bytes as saved; no traceback, no second copy; the cells below wait."""
    notebook = open_notebook("%load_ext aiml_nb", "%%chat\nFAULT 401", "print('queued cells ran')", "%aiml usage")
    notebook.run_all()
    text = notebook.text(1)
    assert 1 == text.count("AuthenticationError")
    assert "401" in text
    assert "%aiml key" in text
    assert "Traceback" not in text
    assert "" == notebook.text(2)
    error = notebook.save().cells[1].outputs[-1]
    assert "error" == error.output_type
    assert 600 >= len(json.dumps(error, indent=1, ensure_ascii=False).encode())


def test_help_and_the_tab_key(open_notebook: Callable[..., Notebook]) -> None:
    """`%%chat?` shows examples; Tab completes options at once and model ids of the catalogue, as the user types."""
    notebook = open_notebook("%load_ext aiml_nb", "%%chat?", "%chat --quiet warm up\n%aiml models gpt", "")
    notebook.run_all()
    assert "--attach" in notebook.text(1)
    assert "Why is the sky blue?" in notebook.text(1)
    for typed, offered in (("%chat --conv", "--conversation"), ("%chat -m openai/gpt-4o-", "openai/gpt-4o-mini")):
        assert offered in completed(notebook, 3, typed)


def completed(notebook: Notebook, cell: int, typed: str) -> str:
    """The source of a cell after typing and Tab; the first offer is taken where there are several."""
    notebook.cell(cell).locator(".cm-content").click()
    notebook.page.keyboard.press("ControlOrMeta+a")
    notebook.page.keyboard.type(typed)
    notebook.page.keyboard.press("Tab")
    notebook.page.wait_for_function(
        "([cell, typed]) => document.querySelector('.jp-Completer:not(.lm-mod-hidden)') ||"
        " jupyterapp.shell.currentWidget.content.widgets[cell].model.sharedModel.source !== typed",
        arg=[cell, typed],
    )
    offers = notebook.page.locator(".jp-Completer:not(.lm-mod-hidden) .jp-Completer-item")
    found = "\n".join(offers.all_inner_texts())
    notebook.page.keyboard.press("Enter" if found else "Escape")
    return found + str(notebook.cell(cell).locator(".cm-content").inner_text())


def check_with_nbval(path: Path) -> None:
    """Run by nbval in a fresh kernel, every output is what JupyterLab saved."""
    (path.parent / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-c", "pytest.ini", "-p", "no:cacheprovider", "-q", "--nbval", path.name]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, timeout=120, check=False)
    assert 0 == done.returncode, done.stdout[-3000:]
