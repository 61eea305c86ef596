"""Studio, ModelBrowser and Compare as a user of JupyterLab meets them: forms, pictures, a mask by hand, the keyboard, both themes."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser import axe, lab

pytestmark = pytest.mark.browser
pytest.importorskip("anywidget")

#: Read now: no test sees a variable of this package's.
MAKE = os.environ.get("AIML_NB_PICTURES") == "1"
PICTURES = lab.ROOT / "notebooks" / "files" / "widgets"
STUDIO = "import aiml_nb as ai\nstudio = ai.Studio(model='flux/schnell')\nstudio"
THEMES = ("dark", "light")


def part(notebook: lab.Notebook, cell: int) -> Any:
    """The panel of a cell."""
    found = notebook.cell(cell).locator(".aiml-panel")
    found.wait_for()
    return found


def pictured(notebook: lab.Notebook, cell: int, name: str) -> None:
    """No fault for a screen reader in either theme, and a picture of each for the README where they are made."""
    for theme in THEMES:
        notebook.theme(theme)
        selector = f'.jp-Cell[data-windowed-list-index="{cell}"] .aiml-panel'
        assert [] == axe.violations(notebook.page, selector)
        if MAKE:
            notebook.page.set_viewport_size({"width": 1280, "height": 1500})
            notebook.page.mouse.move(5, 5)
            with Image.open(io.BytesIO(part(notebook, cell).screenshot())) as image:
                image.convert("RGB").quantize(256, kmeans=1).save(PICTURES / f"{name}-{theme}.png", optimize=True)


def test_pictures_from_the_form_of_each_model(open_notebook: Callable[..., lab.Notebook]) -> None:
    """Ctrl+Enter draws, the next cell has the picture, another model has its own controls and what both have, a mask is painted,
    the gallery gives settings back, the call becomes a cell, and a notebook without a kernel still shows it.
    """
    notebook = open_notebook(STUDIO, "print(_image.model, _image.seed, _image.image.size)", "studio.as_cell()")
    notebook.run(0)
    page, panel = notebook.page, part(notebook, 0)
    panel.get_by_text("Image size").wait_for()
    panel.get_by_label("Seed", exact=True).fill("7")
    panel.get_by_role("combobox", name="Image size").select_option("square hd")
    prompt = panel.locator(".aiml-prompt textarea")
    prompt.fill("A red fox in the snow")
    prompt.press("Control+Enter")
    panel.get_by_text("seed 7 · $0 · sandbox").wait_for()
    assert (panel.locator('img[alt="A red fox in the snow"]').get_attribute("src") or "").startswith("data:image/")
    notebook.run(1)
    assert "flux/schnell 7 (1024, 1024)" in notebook.text(1)

    model = panel.get_by_label("Model", exact=True)
    model.fill("alibaba/qwen-image")
    model.press("Enter")
    panel.get_by_label("Negative prompt").wait_for()
    assert "7" == panel.get_by_label("Seed", exact=True).input_value()
    slider = panel.get_by_role("slider", name="Guidance")
    assert ("1.0", "20.0") == (slider.get_attribute("aria-valuemin"), slider.get_attribute("aria-valuemax"))
    assert not panel.get_by_label("Guidance").first.is_checked()
    slider.press("Home")
    slider.press("PageUp")
    page.wait_for_function("() => document.querySelector('.aiml-panel .widget-checkbox input').checked")
    prompt.fill("A lighthouse at dusk")
    panel.get_by_role("button", name="Generate").click()
    panel.locator('img[alt="A lighthouse at dusk"]').wait_for()
    panel.get_by_text("1 to 2 of 2").wait_for()
    pictured(notebook, 0, "studio")

    tile = panel.locator('[class*="aiml-tile-1"]')
    panel.locator('[class*="aiml-tile-0"]').focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    panel.locator('img[alt="A red fox in the snow"]').wait_for()
    assert "mod-info" in (tile.get_attribute("class") or "")
    panel.get_by_role("button", name="Reuse settings").click()
    panel.get_by_role("button", name="As a cell").click()
    cell = "%%image -m flux/schnell --size square_hd --seed 7\nA red fox in the snow"
    page.wait_for_function(
        "text => [...document.querySelectorAll('.aiml-panel textarea')].some(box => box.value === text)", arg=cell
    )
    notebook.run(2)
    page.wait_for_function("() => jupyterapp.shell.currentWidget.content.widgets.length > 3")
    saved = notebook.save()
    assert cell == saved.cells[3].source
    widget, twin = saved.cells[0].outputs
    assert {"application/vnd.jupyter.widget-view+json", "text/plain"} == set(widget.data)
    assert "<img" in twin.data["text/html"]
    assert "seed 7" in twin.data["text/plain"]
    assert [] == [told for told in notebook.console if told[0] in ("error", "pageerror")]


def test_a_mask_is_painted_over_a_picture(open_notebook: Callable[..., lab.Notebook], tmp_path: Path) -> None:
    """A picture is dropped in, what may change is painted with the pointer and the keyboard, and only that is changed."""
    Image.new("RGB", (400, 300), "#c08040").save(tmp_path / "wall.png")
    notebook = open_notebook(
        STUDIO.replace("flux/schnell", "openai/gpt-image-1"),
        "mask = studio.form.values()['mask'][0]\nfrom PIL import Image\nimport io\n"
        "m = Image.open(io.BytesIO(mask.read()))\nprint(m.size, m.getpixel((100, 100)), m.getpixel((300, 20)))",
        "print(studio.session.store.calls.rows()[0]['path'])",
    )
    notebook.run(0)
    page, panel = notebook.page, part(notebook, 0)
    panel.get_by_role("button", name="Edit a picture").click()
    with page.expect_file_chooser() as chooser:
        panel.get_by_role("button", name="Choose pictures").click()
    chooser.value.set_files(tmp_path / "wall.png")
    panel.locator('img[alt^="wall.png"]').wait_for()
    panel.get_by_role("button", name="Draw the mask").click()
    canvas = panel.get_by_role("application")
    canvas.wait_for()
    page.wait_for_function("() => document.querySelector('canvas[role=application]').width === 400")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 60, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 120, steps=4)
    page.mouse.up()
    panel.locator('img[alt^="image.png"]').wait_for()
    painted = panel.get_by_text("% painted")
    before = painted.inner_text()
    canvas.focus()
    canvas.press("Space")
    page.wait_for_function("was => document.querySelector('.aiml-mask-state').textContent !== was", arg=before)
    notebook.run(1)
    assert "(400, 300) (255, 255, 255, 0) (0, 0, 0, 255)" in notebook.text(1)
    panel.locator(".aiml-prompt textarea").fill("a window in the wall")
    panel.get_by_role("button", name="Generate").click()
    panel.locator('img[alt="a window in the wall"]').wait_for()
    notebook.run(2)
    assert "/v1/images/edits" in notebook.text(2)


def test_models_are_found_and_compared(open_notebook: Callable[..., lab.Notebook]) -> None:
    """Typing narrows the list, `Use` is the next cell's model; two models answer side by side with their numbers, one error stays
    in its column; at half the width nothing is cut off.
    """
    notebook = open_notebook(
        "%load_ext aiml_nb\nimport aiml_nb as ai\nbrowser = ai.ModelBrowser()\nbrowser",
        "compare = ai.Compare(models=['openai/gpt-4o', 'google/gemma-3-4b-it', 'no/such'])\ncompare",
        "%image --dry-run a fox",
    )
    for cell in (0, 1):
        notebook.run(cell)
    page, browser = notebook.page, part(notebook, 0)
    browser.get_by_text(re.compile(r"^(\d+) of \1 models")).wait_for()
    browser.get_by_label("Search models").press_sequentially("qwen image edit")
    browser.get_by_text(re.compile(r"^1 of \d+ models")).wait_for()
    browser.get_by_text("alibaba/qwen-image-edit").first.wait_for()
    browser.get_by_role("button", name="Use for image").click()
    browser.get_by_text("from now on").wait_for()
    pictured(notebook, 0, "models")
    notebook.run(2)
    assert "alibaba/qwen-image-edit" in notebook.text(2)

    compare = part(notebook, 1)
    prompt = compare.locator(".aiml-prompt textarea")
    prompt.fill("Show me a table and some Python")
    prompt.press("Control+Enter")
    compare.locator(".aiml-summary table").wait_for()
    assert 2 == compare.locator(".aiml-column table").count()
    assert 1 == compare.locator(".aiml-column [role=alert]").count()
    assert "failed" in compare.locator(".aiml-summary").inner_text()
    pictured(notebook, 1, "compare")
    page.set_viewport_size({"width": 640, "height": 900})
    for cell in (0, 1):
        panel = part(notebook, cell)
        assert panel.evaluate("panel => panel.scrollWidth <= panel.clientWidth + 1")
