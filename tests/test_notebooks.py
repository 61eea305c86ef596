"""The tutorials give what they show: run by nbval in a real kernel, each output compared strictly with the saved one.

`python tests/test_notebooks.py [NAME ...]` runs them without key or network and saves what they give; look at the
difference.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

#: What a saved output must not hold: a machine's paths, a changing port, an object's address.
CHANGING = re.compile(r"127\.0\.0\.1:\d+|localhost:\d+|/(?:home/\w+|root|tmp)/|0x[0-9a-f]{6,}")

#: What a day changes in a UsageMeter, which is about days: the dates in its plot, and today's number of calls.
DAYS = r"""
[dates]
regex: (?:\d{4}-)?\d\d-\d\d(?=: |</span><span>most)
replace: DAY
[today]
regex: (Today</span><b>[^<]*</b><span class="aiml-quiet">)\d+ calls?
replace: \1CALLS
"""


def cells(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cells"]
    return found


def test_there_are_tutorials() -> None:
    """The first lesson and at least three more are there."""
    names = [path.name for path in NOTEBOOKS]
    assert "00_start_here.ipynb" in names
    assert len(names) >= 4


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_as_it_is_saved(path: Path, tmp_path: Path) -> None:
    """A fresh kernel gives every output exactly as the notebook has it, without key or network, the second time as well."""
    folder = tmp_path / "notebooks"
    shutil.copytree(FOLDER, folder)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "days.ini").write_text(DAYS)
    command = [sys.executable, "-m", "pytest", "-c", str(tmp_path / "pytest.ini"), "-p", "no:cacheprovider", "-q"]
    command += ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=60"]
    command += ["--nbval-sanitize-with", str(tmp_path / "days.ini"), str(folder / path.name)]
    for _ in range(2):  # the second run finds the first one's files, conversations and costs
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=300
        )
        assert 0 == done.returncode, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_nothing_is_ignored_and_nothing_is_missing(path: Path) -> None:
    """No cell is kept out of the comparison, every code cell was run in order, and each lesson has something to see."""
    code = [cell for cell in cells(path) if cell["cell_type"] == "code"]
    marked = [cell for cell in cells(path) if "NBVAL_IGNORE_OUTPUT" in "".join(cell["source"])]
    tagged = [
        cell for cell in cells(path) if {"nbval-ignore-output", "nbval-skip"} & set(cell["metadata"].get("tags", []))
    ]
    assert [] == marked == tagged
    assert list(range(1, len(code) + 1)) == [cell["execution_count"] for cell in code]
    assert any(cell["outputs"] for cell in code)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_lesson_is_light_and_tidy(path: Path) -> None:
    """It loads the extension first, runs on any Python 3 kernel, keeps its cells' names, no widget state and few bytes."""
    notebook = json.loads(path.read_text("utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert "%load_ext aiml_nb" == "".join(code[0]["source"])
    assert "python3" == notebook["metadata"]["kernelspec"]["name"]
    assert {"kernelspec", "language_info"} == set(notebook["metadata"])
    assert all(re.fullmatch(r"[a-z][a-z0-9-]+", cell["id"]) for cell in notebook["cells"])
    assert path.stat().st_size < 500_000


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_lesson_s_pictures_go_with_it(path: Path) -> None:
    """Pictures in the text lie below the lessons, which is what the wheel carries, weigh at most 60 kB and have words."""
    text = "\n".join("".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "markdown")
    for picture in re.findall(r"<img [^>]*>", text):
        assert re.search(r'alt="\w[^"]+"', picture)
        (source,) = re.findall(r'src="(files/[^"]+)"', picture)
        assert (FOLDER / source).stat().st_size <= 60_000


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_lesson_explains_before_it_runs(path: Path) -> None:
    """No more than two code cells follow each other without a word between them, and the last cell is prose."""
    kinds = "".join(cell["cell_type"][0] for cell in cells(path))
    assert "ccc" not in kinds
    assert kinds.endswith("m")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_output_holds_what_changes(path: Path) -> None:
    """Saved outputs hold no port, no path of a machine, no address of an object."""
    found = [
        match[0]
        for cell in cells(path)
        for output in cell.get("outputs", [])
        for match in CHANGING.finditer(json.dumps(output))
        if not any(kind.startswith("image/") for kind in output.get("data", {}))
    ]
    assert [] == found


def run_and_save(path: Path, folder: Path) -> None:
    """Run one lesson in a copy of all of them below `folder`, and save it with its outputs, and nothing of this machine."""
    import nbformat
    from nbclient import NotebookClient

    shutil.copytree(FOLDER, folder)
    notebook = nbformat.read(path, as_version=4)
    ended: list[tuple[Any, Any]] = []
    NotebookClient(
        notebook,
        timeout=60,
        record_timing=False,
        coalesce_streams=True,
        store_widget_state=False,
        on_cell_executed=lambda cell, **_: ended.append((cell, deepcopy(cell.outputs))),
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    notebook.metadata["language_info"] = {"name": "python"}
    for cell, outputs in ended:
        cell.outputs = outputs  # as nbval sees it: a panel goes on changing what it left, long after its cell
    for output in (each for cell in notebook.cells for each in cell.get("outputs", [])):
        # Opened again, it would be a line about a model that was not found; what the panel left below it is readable.
        output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    notebook.metadata.pop("widgets", None)
    nbformat.write(notebook, path)


def main() -> None:
    """Run and save every lesson, or those that are named, in an environment as bare as a test's."""
    from tests.conftest import STEERING

    with tempfile.TemporaryDirectory() as ground:
        for name in [name for name in os.environ if STEERING.match(name)]:
            del os.environ[name]
        os.environ |= {"HOME": ground, "IPYTHONDIR": f"{ground}/ipython"}
        os.environ |= {"AIML_NB_SANDBOX_PACE": "0", "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        os.environ["PYTHONPATH"] = str(FOLDER.parent)
        for path in [path for path in NOTEBOOKS if not sys.argv[1:] or path.stem in sys.argv[1:]]:
            os.environ["AIML_NB_HOME"] = f"{ground}/home-{path.stem}"  # as in a test, nobody has spent anything today
            run_and_save(path, Path(ground) / path.stem)
            print(path.name, f"{path.stat().st_size / 1024:.0f} kB")


if __name__ == "__main__":
    sys.path.insert(0, str(FOLDER.parent))
    main()
