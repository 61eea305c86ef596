"""The order of the house: which room may import which, read from the source; and how large a module or function may be.

A line of `LADDER` may import the lines above it and nothing on its own line. A package counts as one room, whose
modules may import each other. Imports inside functions count too; those under TYPE_CHECKING do not.
"""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

import aiml_nb

PACKAGE = Path(aiml_nb.__file__).parent
ROOT = PACKAGE.parent
TESTS = Path(__file__).parent

#: The rooms, from what knows nothing to what knows everything.
LADDER = (
    (
        "errors",
        "home",
    ),  # errors stand above the other values, which refuse bad input; home: settings and store share it
    ("content", "costs"),
    ("settings", "operation", "render", "template", "schema", "store", "structured", "tools"),
    ("transport", "sse", "cassette", "sandbox"),
    ("client",),
    ("catalogue",),
    ("media",),
    ("conversation",),  # what a turn does to a conversation: folds media.chat's replies, so it stands under them
    ("session",),
    ("batches", "doctor", "snippet", "tables"),
    ("display",),
    ("magics", "widgets", "cli"),
)
LINE = {room: line for line, rooms in enumerate(LADDER) for room in rooms}

#: Imports against the order, each with its reason.
EXCEPTIONS = {
    ("session", "batches"): "Session.batch imports batches when called",
}

#: Rooms that may use less than their line allows: (room, last line that it may see).
NARROWER = {
    "sandbox": 1,  # a server that shares nothing with the client that it is used to test, but plain values
}

#: `__init__` names the public things and loads them lazily; `__main__` is the command line.
FRONT = {"__init__", "__main__"}

MODULE_LINES, FUNCTION_LINES, MEDIAN_LINES, SHORT_LINES, SHORT_SHARE = 350, 60, 8, 30, 0.9


def sources(folder: Path = PACKAGE) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.py")) if "notebooks" not in path.relative_to(folder).parts]


def module(path: Path) -> str:
    """The dotted name of a source file: `aiml_nb.render.markdown`, a package's own name for its `__init__`."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 2 else parts)


def room(name: str) -> str:
    """The room of a dotted module name: its first part under `aiml_nb`."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imported(path: Path, source: str | None = None) -> Iterator[tuple[str, int]]:
    """Each module of ours that a file imports when it runs, as a dotted name and the line it is imported on.

    source: read in place of the file, as if it stood at `path`.
    """
    name = module(path)
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    if name == "aiml_nb.__init__":
        package = "aiml_nb"
    for node in running(ast.parse(path.read_text("utf-8") if source is None else source)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names if alias.name.split(".")[0] == "aiml_nb")
        elif isinstance(node, ast.ImportFrom):
            start = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            if base == "aiml_nb":
                yield from ((f"aiml_nb.{alias.name}", node.lineno) for alias in node.names)
            elif base.startswith("aiml_nb."):
                yield base, node.lineno
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            target = node.args[0] if node.args else None
            if isinstance(target, ast.Constant) and str(target.value).startswith("aiml_nb."):
                yield str(target.value), node.lineno


def running(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node below `tree` except what stands under `if TYPE_CHECKING:`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        yield node
        yield from running(node)


def allowed(user: str, used: str) -> bool:
    if user in FRONT or user == used or (user, used) in EXCEPTIONS:
        return True
    if used == "__init__":
        return False
    return LINE[used] < LINE[user] and LINE[used] <= NARROWER.get(user, len(LADDER))


def functions(paths: list[Path]) -> list[tuple[str, int]]:
    """Each function and how many lines it has, its docstring and decorators left out."""
    found = []
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) is not None else node.body
                lines = 1 + (node.end_lineno or 0) - body[0].lineno + 1 if body else 1
                found.append((f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", lines))
    return found


def test_every_room_has_a_place_on_the_ladder() -> None:
    """A module without a line in the table is named, so that nothing enters the house unseen."""
    known = {*LINE, *FRONT}
    assert [] == [str(path.relative_to(ROOT)) for path in sources() if room(module(path)) not in known]


@pytest.mark.parametrize("path", sources(), ids=module)
def test_imports_only_point_up_the_ladder(path: Path) -> None:
    """A module imports lines above its own and nothing beside it or below."""
    user = room(module(path))
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for name, line in imported(path)
        if name != "aiml_nb.__version__" and not allowed(user, room(name) if room(name) in LINE else "__init__")
    ]
    assert [] == wrong


def test_the_exceptions_are_used_and_no_more() -> None:
    """An exception that no source makes use of any more is taken out of the table."""
    if "session" not in {room(module(path)) for path in sources()}:
        pytest.skip("there is no session yet")
    used = {(room(module(path)), room(name)) for path in sources() for name, _ in imported(path)}
    planned = {pair for pair in EXCEPTIONS if not (PACKAGE / f"{pair[1]}.py").exists()}
    assert set(EXCEPTIONS) - planned <= used


def test_the_reader_sees_imports_wherever_they_stand() -> None:
    """Imports in functions, relative ones and import_module are found; those for the type checker are not."""
    source = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..session import Session\n"
        "def f():\n    from .. import client\n    from ..render.markdown import html\n"
        "    import_module('aiml_nb.store')\n"
    )
    found = {name for name, _ in imported(PACKAGE / "media" / "probe.py", source)}
    assert {"aiml_nb.client", "aiml_nb.render.markdown", "aiml_nb.store"} == found


def test_modules_fit_in_a_head() -> None:
    """No module is longer than the limit."""
    assert [] == [
        f"{path.relative_to(ROOT)}: {count} lines"
        for path in sources()
        if (count := len(path.read_text("utf-8").splitlines())) > MODULE_LINES
    ]


def test_functions_fit_on_a_screen() -> None:
    """No function is longer than the limit, nine in ten are short, and the median has a few lines."""
    sizes = functions(sources())
    assert [] == [f"{name}: {lines} lines" for name, lines in sizes if lines > FUNCTION_LINES]
    lengths = [lines for _, lines in sizes]
    assert statistics.median(lengths) <= MEDIAN_LINES
    assert sum(lines <= SHORT_LINES for lines in lengths) >= SHORT_SHARE * len(lengths)


def test_each_module_opens_with_a_paragraph() -> None:
    """Every module says in its docstring what it is for."""
    assert [] == [
        str(path.relative_to(ROOT)) for path in sources() if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]


def test_each_test_states_its_fact() -> None:
    """Every test has a docstring."""
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in sources(TESTS)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert [] == silent


def test_no_module_hides_a_public_function() -> None:
    """`aiml_nb.chat` is the function and stays it, whatever is imported: no module bears a public function's name."""
    modules = {path.stem for path in PACKAGE.glob("*.py")} | {p.name for p in PACKAGE.iterdir() if p.is_dir()}
    public = getattr(aiml_nb, "__all__", ())
    assert [] == [name for name in public if name in modules and callable(getattr(aiml_nb, name))]
