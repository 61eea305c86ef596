"""`%%image` as a user of JupyterLab and of Notebook 7 meets it: a real picture, the line under it, and nbval's agreement."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.browser import lab

pytestmark = pytest.mark.browser

CELLS = (
    "%load_ext aiml_nb",
    "%%image --size 320x200 --seed 3\nA red fox in the snow",
    "%%image --size 128x128 --n 4 --seed 3\nA lighthouse",
)


def test_a_picture_is_a_picture(open_notebook: Callable[..., lab.Notebook], tmp_path: Path) -> None:
    """It is drawn at its size from image data in the notebook, several as a grid, the line with the cost below each; the copy opens."""
    notebook = open_notebook(*CELLS)
    notebook.run_all()
    picture = notebook.outputs(1).locator("img")
    assert [320, 200] == size(picture)
    assert (picture.get_attribute("src") or "").startswith(("data:image/png", "data:image/jpeg", "blob:"))
    assert "$0 · sandbox" in notebook.text(1)
    line = notebook.outputs(1).get_by_text("· sandbox").bounding_box()
    assert line["y"] >= picture.bounding_box()["y"] + 200
    grid = notebook.outputs(2).locator("img")
    assert 1 == grid.count()
    assert 256 <= min(size(grid))
    dark, light = notebook.screenshots(tmp_path, "image", cell=1).values()
    assert dark.read_bytes() != light.read_bytes()

    first, _ = notebook.save().cells[1].outputs
    assert ["image/png", "text/plain"] == sorted(first.data)
    assert first.data["text/plain"].startswith("PNG 320×200, seed 3, pixels ")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-c", "pytest.ini", "-p", "no:cacheprovider", "-q", "--nbval"]
    done = subprocess.run(
        [*command, str(notebook.path)], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert 0 == done.returncode, done.stdout[-3000:]
    assert [] == [text for kind, text in notebook.console if kind == "pageerror"]


def test_notebook_7(lab_server: lab.Server, browser: Any) -> None:
    """The same cells in Notebook 7 give a streamed answer and a picture."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    code = [nbformat.v4.new_code_cell(source) for source in (*CELLS[:2], "%%chat\nWhy is the sky blue?")]
    path = lab_server.folder / "seven.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=code, metadata={"kernelspec": kernel}), path)
    page = browser.new_page()
    page.goto(f"{lab_server.url}/notebooks/{path.name}?token={lab_server.token}")
    page.wait_for_selector(".jp-Notebook")
    page.get_by_text("Python 3 (ipykernel) | Idle").or_(page.locator('[data-status="idle"]')).first.wait_for(
        state="attached", timeout=60_000
    )
    run_all(page)
    page.get_by_text("in all").wait_for(timeout=60_000)
    assert [320, 200] == size(page.locator(".jp-OutputArea-output img"))
    assert "Why is the sky blue?" in page.locator(".aiml-md").inner_text()
    page.close()
    lab_server.end_kernels()


def run_all(page: Any) -> None:
    """Run all cells by the menu, again until one runs: what is asked before the kernel listens is lost."""
    for _ in range(20):
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.wait_for_timeout(1500)
        if "[ ]" not in page.locator(".jp-InputPrompt").first.inner_text():
            return


def size(picture: Any) -> list[int]:
    picture.wait_for()
    found: list[int] = picture.evaluate("each => [each.naturalWidth, each.naturalHeight]")
    return found
