r"""One JupyterLab a session, one Chromium a module, one notebook a test; without a browser the tests are skipped with the reason.

pytestmark = pytest.mark.browser

def test_a_cell_answers(open_notebook):
    notebook = open_notebook("%load_ext aiml_nb", "%%chat\nHello")
    notebook.run_all()
    assert "Hello" in notebook.text(1)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.browser import lab


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[lab.Server]:
    if reason := lab.missing():
        pytest.skip(reason)
    with lab.server(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Closed after each module: as long as it is open, tests that run an asyncio loop in the same process would fail."""
    if reason := lab.missing():
        pytest.skip(reason)
    with lab.chromium(tmp_path_factory.mktemp("chromium")) as browser:
        yield browser


@pytest.fixture
def open_notebook(
    lab_server: lab.Server, browser: Any, request: pytest.FixtureRequest
) -> Iterator[Callable[..., lab.Notebook]]:
    """Call it with the sources of code cells, or with the path of a notebook to open a copy of; gives a `lab.Notebook`."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})

    def open_it(*cells: str | Path) -> lab.Notebook:
        name = "".join(letter if letter.isalnum() else "_" for letter in request.node.name)
        path = lab_server.folder / f"{name}-{len(context.pages)}.ipynb"
        if len(cells) == 1 and isinstance(cells[0], Path):
            path.write_bytes(cells[0].read_bytes())
        else:
            kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
            code = [nbformat.v4.new_code_cell(str(source)) for source in cells]
            nbformat.write(nbformat.v4.new_notebook(cells=code, metadata={"kernelspec": kernel}), path)
        return lab.Notebook(context.new_page(), lab_server, path)

    yield open_it
    context.close()
    lab_server.end_kernels()
