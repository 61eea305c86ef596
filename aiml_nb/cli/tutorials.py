"""`aiml-nb lab`: JupyterLab on the user's own copy of the tutorials. Copies what is missing, and touches nothing else."""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

from ..errors import AIMLError
from ..settings import Endpoint, resolve
from .saying import say

FOLDER = "aiml-nb-tutorials"
_FIRST = "00_start_here.ipynb"


def lab(options: argparse.Namespace) -> int:
    """Copy, say who answers, and run JupyterLab until it ends; its exit code."""
    folder = Path(options.folder).expanduser().absolute()
    tutorials = _tutorials()
    new, kept = copy(tutorials, folder)
    say(f"Tutorials in {folder}: {new} new, {kept} as you left them.")
    say(_who_answers())
    if importlib.util.find_spec("jupyterlab") is None:
        raise AIMLError("JupyterLab is not installed here", advice='Install it with: pip install "aiml-nb[lab]"')
    start = [str(folder / _FIRST)] if (folder / _FIRST).exists() else []
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}", *start, *options.passed_on]
    with subprocess.Popen(command) as running:
        if threading.current_thread() is threading.main_thread():
            # Whoever ends this ends JupyterLab: alone, it would go on unseen.
            signal.signal(signal.SIGTERM, lambda *_: running.terminate())
        while True:
            try:
                return running.wait()
            except KeyboardInterrupt:
                continue  # JupyterLab got the same Ctrl-C, and asks whether it is meant


def _tutorials() -> Path:
    """The notebooks: inside the package where it was installed, beside it in a checkout."""
    package = Path(__file__).parent.parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if any(folder.glob("*.ipynb")):
            return folder
    raise AIMLError(
        "the tutorials are missing from this installation",
        advice="Install again: pip install --force-reinstall aiml-nb",
    )


def copy(tutorials: Path, folder: Path) -> tuple[int, int]:
    """Copy what is not there yet, and touch nothing that is: (files copied, files kept)."""
    new = kept = 0
    try:
        for source in sorted(tutorials.rglob("*")):
            within = source.relative_to(tutorials)
            if source.is_dir() or any(part.startswith((".", "__")) for part in within.parts):
                continue
            target = folder / within
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.exists():
                kept += 1
                continue
            shutil.copyfile(source, target)  # contents only: the copy is writable, whatever the original is
            new += 1
    except OSError as error:
        raise AIMLError(
            f"the tutorials cannot be copied to {folder}: {error.strerror}",
            advice="Name a folder that you may write to: aiml-nb lab FOLDER",
        ) from error
    return new, kept


def _who_answers() -> str:
    try:
        endpoint = resolve()
    except AIMLError as error:
        return f"Settings: {error.message}\n{error.advice}".rstrip()
    if endpoint.is_sandbox:
        return (
            "No key found: the built-in sandbox answers, and no AI runs in it. The first lesson shows where a key goes."
        )
    return f"Answers come from {endpoint.title}{_key(endpoint)}."


def _key(endpoint: Endpoint) -> str:
    return f", with your key {endpoint.key.masked} from {endpoint.key_source}" if endpoint.key else ""
