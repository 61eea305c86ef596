"""The picture in the README is a notebook in a real JupyterLab. `AIML_NB_PICTURES=1` makes it again; look at it afterwards."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from PIL import Image, ImageOps

from tests.browser import lab

pytestmark = pytest.mark.browser

#: Read now: no test sees a variable of this package's.
MAKE = os.environ.get("AIML_NB_PICTURES") == "1"
PICTURE = lab.ROOT / ".github" / "notebook.png"
CELLS = (
    "%load_ext aiml_nb",
    "%%chat --model openai/gpt-4o\nShow a table of three planets: how many moons, and how long a day lasts.",
    "%%image --model flux/schnell --seed 4\nA lighthouse by the sea at sunset",
)


@pytest.fixture
def notebook(lab_server: lab.Server, browser: Any) -> Iterator[lab.Notebook]:
    """The README's cells, run, in a window without a side bar, at a resolution that is sharp on today's screens."""
    path = lab_server.folder / "first.ipynb"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    context = browser.new_context(viewport={"width": 780, "height": 1100}, device_scale_factor=1.5)
    found = lab.Notebook(context.new_page(), lab_server, path)
    found.theme("light")
    for cell in range(len(CELLS)):
        found.run(cell)
    found.cell(0)
    yield found
    context.close()
    lab_server.end_kernels()


def cropped(notebook: lab.Notebook) -> Image.Image:
    """What the window shows of the cells, from the first to the end of the last output, on a white margin."""
    # No cell is active in the picture: its frame and buttons would be in the way.
    notebook.page.add_style_tag(content=".jp-cell-toolbar, .jp-Collapser { display: none !important }")
    notebook.page.evaluate(
        "() => document.querySelectorAll('.jp-Cell').forEach(cell => cell.classList.remove('jp-mod-active', 'jp-mod-selected'))"
    )
    first, last = notebook.cell(0).bounding_box(), notebook.cell(len(CELLS) - 1).bounding_box()
    clip = {
        "x": first["x"],
        "y": first["y"],
        "width": first["width"],
        "height": last["y"] + last["height"] - first["y"],
    }
    with Image.open(io.BytesIO(notebook.page.screenshot(clip=clip))) as shot:
        return ImageOps.expand(shot.convert("RGB"), border=24, fill="white")


def test_the_readme_s_picture_is_what_a_notebook_shows(notebook: lab.Notebook) -> None:
    """The cells give a table, a picture and a line under each, and the stored picture of them has their shape."""
    assert 1 == notebook.outputs(1).locator("table").count()
    assert 1 == notebook.outputs(2).locator("img").count()
    assert "$0" in notebook.text(1)
    assert "$0" in notebook.text(2)
    shot = cropped(notebook)
    if MAKE:
        shot.save(PICTURE, optimize=True)
    with Image.open(PICTURE) as kept:
        assert abs(kept.width - shot.width) < 0.05 * shot.width
        assert abs(kept.height - shot.height) < 0.25 * shot.height
    assert PICTURE.stat().st_size <= 300_000
    assert ".github/notebook.png" in (lab.ROOT / "README.md").read_text("utf-8")
