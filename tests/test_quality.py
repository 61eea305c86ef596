"""The linter, the formatter and the type checker, as tests; and what a package must not carry: an undeclared import, a key."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

#: Imported only where somebody else has installed them, behind a check: (module, why it is no dependency of ours).
OPTIONAL = {
    "anywidget": "the extra `lab`: comforts of the panels that core widgets lack",
    "google": "Colab brings google.colab, and there is no other way to it",
    "ipykernel": "whoever runs a notebook has it; terminal IPython needs none",
    "jupyterlab": "the extra `lab`, for `aiml-nb lab`",
    "keyring": "the extra `keyring`",
    "pydantic": "a user's own models, for --schema",
}

#: Dependencies that no module imports by name yet: (package, why it is there).
UNSEEN = {"ipywidgets": "the panels of `widgets/`, and JupyterLab finds its side only where it was installed at first"}

#: What a key of a provider looks like: nothing of that shape may stand in a file.
KEYS = re.compile(r"\b(?:sk|gsk|sk-or-v1|sk-proj|sk-ant)[-_][A-Za-z0-9_-]{20,}\b|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")

#: Paths of one machine, which no other has.
PLACES = re.compile(r"(?<![\w.])/(?:root|home/\w+|work|Users/\w+)/")


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


def tracked() -> list[Path]:
    """The files of the repository; of the tree, where there is no git."""
    listed = run("git", "ls-files", "-z")
    if listed.returncode == 0 and listed.stdout:
        return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]
    return [path for top in ("aiml_nb", "tests", "notebooks") for path in (ROOT / top).rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "command",
    [("ruff", "check"), ("ruff", "format", "--check"), ("mypy", "--cache-dir", ".mypy_cache")],
    ids=["ruff check", "ruff format", "mypy"],
)
def test_the_tree_is_clean(command: tuple[str, ...]) -> None:
    """Ruff finds nothing to say, the layout is the formatter's, and mypy's strict mode passes."""
    done = run(sys.executable, "-m", *command)
    assert 0 == done.returncode, done.stdout + done.stderr


def test_every_import_is_declared() -> None:
    """What the package imports is a dependency, or an optional one with its reason."""
    declared = {normal(re.split(r"[<>=\[; ]", entry)[0]) for entry in PROJECT["dependencies"]}
    of_module = packages_distributions()
    missing = set()
    for path in (ROOT / "aiml_nb").rglob("*.py"):
        for name in foreign(ast.parse(path.read_text("utf-8"))) - set(OPTIONAL) - sys.stdlib_module_names:
            if not {normal(each) for each in of_module.get(name, [])} & declared:
                missing.add(f"{path.relative_to(ROOT)} imports {name}")
    assert set() == missing


def test_every_dependency_is_used_and_bounded() -> None:
    """Each dependency is imported somewhere, and has a lower and an upper bound."""
    of_module = packages_distributions()
    used = {
        normal(each)
        for path in (ROOT / "aiml_nb").rglob("*.py")
        for name in foreign(ast.parse(path.read_text("utf-8")))
        for each in of_module.get(name, [])
    }
    for entry in PROJECT["dependencies"]:
        name = normal(entry.split(">")[0])
        assert re.fullmatch(r"[A-Za-z0-9-]+>=[\d.]+,<[\d.]+" if name != "certifi" else r"certifi>=[\d.]+", entry), entry
        assert name in used | set(UNSEEN), f"{entry} is imported nowhere"


def test_no_file_holds_a_key_or_a_place() -> None:
    """Nothing shaped like an API key and no path of one machine stands in any file of the repository."""
    found = []
    for path in tracked():
        text = path.read_bytes().decode("utf-8", "replace")
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for rule in (KEYS, PLACES) for match in rule.finditer(text)]
    assert [] == found


def foreign(tree: ast.AST) -> set[str]:
    """The top names of everything imported absolutely, our own package left out."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            names.add(node.module.split(".")[0])
    return names - {"aiml_nb", "__future__"}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
