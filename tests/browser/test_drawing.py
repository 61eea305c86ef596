"""Drawing as a user of JupyterLab sees it: text that grows, a stop button that stops, both themes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.lab import Notebook
from tests.display.kernels import PRELUDE

pytestmark = pytest.mark.browser


def test_a_text_grows_and_the_stop_button_keeps_it(open_notebook: Callable[..., Notebook], tmp_path: Path) -> None:
    """The text is there long before its end; ■ leaves it, marked, in both themes; a failure leaves no waiting line."""
    notebook = open_notebook(
        PRELUDE,
        "_ = display.live(words(3000, pace=0.02))",
        "_ = display.live(picture())",
        "_ = display.live(failing())",
    )
    notebook.run(0)
    notebook.start(1)
    notebook.wait_text(1, "the quick brown fox")
    notebook.stop()
    notebook.wait_text(1, "stopped; what had come is kept")
    notebook.wait_idle()
    assert "words: " in notebook.text(1)
    notebook.run(2)
    assert 1 == notebook.outputs(2).locator("img").count()
    notebook.run(3)
    assert "test/failing" not in notebook.text(3)
    assert "no such luck" in notebook.text(3)
    dark, light = notebook.screenshots(tmp_path, "stopped", cell=1).values()
    assert dark.read_bytes() != light.read_bytes()
    kept = notebook.save().cells
    assert kept[1].outputs[0].data["text/plain"].endswith("[stopped]")
    assert ["display_data", "display_data"] == [output.output_type for output in kept[2].outputs]
    assert [] == [text for kind, text in notebook.console if kind == "pageerror"]
