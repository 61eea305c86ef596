"""The tutorials give what they show: run by nbval in a real kernel, each output compared strictly with the saved one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))

#: What a saved output must not hold: a machine's paths, a changing port, an object's address.
CHANGING = re.compile(r"127\.0\.0\.1:\d+|localhost:\d+|/(?:home/\w+|root|tmp)/|0x[0-9a-f]{6,}")


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
    """A fresh kernel gives every output exactly as the notebook has it, without key or network."""
    folder = tmp_path / "notebooks"
    shutil.copytree(FOLDER, folder)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-c", str(tmp_path / "pytest.ini"), "-p", "no:cacheprovider", "-q"]
    command += ["--nbval", "--nbval-current-env", "--nbval-cell-timeout=60", str(folder / path.name)]
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
