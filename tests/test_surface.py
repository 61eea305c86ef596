"""What a reader is told and what the program does are one: versions, commands, tables."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import aiml_nb
from aiml_nb import cli
from aiml_nb.magics.help import takers as who
from aiml_nb.magics.options import MAGICS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def fenced(text: str) -> list[str]:
    """The lines of all fenced blocks of a Markdown text."""
    return [line.strip() for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]


def test_the_changelog_opens_with_this_version() -> None:
    """The newest entry of the changelog is the version that the package tells."""
    changelog = (ROOT / ".github" / "CHANGELOG.md").read_text("utf-8")
    assert aiml_nb.__version__ == re.findall(r"^## \[([^\]]+)\]", changelog, re.MULTILINE)[0]


def test_the_program_tells_its_version() -> None:
    """`aiml-nb --version` is the package's version."""
    done = subprocess.run([sys.executable, "-m", "aiml_nb", "--version"], capture_output=True, text=True, check=True)
    assert f"aiml-nb {aiml_nb.__version__}\n" == done.stdout


def test_the_readme_names_every_command() -> None:
    """The README lists the commands of `aiml-nb` as the program has them, and names no other."""
    assert f"aiml-nb {' | '.join(cli.COMMANDS)}" in README
    assert set() == set(re.findall(r"aiml-nb (\w+)", README)) - set(cli.COMMANDS)


def magic_table() -> list[str]:
    """The README's table of magics, as the code has them."""
    rows = ["| magic | what it does | sets |", "|---|---|---|"]
    for magic in MAGICS.values():
        forms = f"`%%{magic.name}` `%{magic.name}`" if magic.cell else f"`%{magic.name}`"
        rows.append(f"| {forms} | {cell(magic.summary)} | {f'`{magic.sets}`' if magic.sets else ''} |")
    return rows


def option_table() -> list[str]:
    """The README's table of options, as the code has them."""
    takers: dict[tuple[str, str], list[str]] = {}
    for magic in MAGICS.values():
        for option in magic.options:
            takers.setdefault((option.label, option.help), []).append(magic.name)
    rows = [f"| `{cell(label)}` | {cell(told)} | {who(names)} |" for (label, told), names in takers.items()]
    return ["| option | what it does | of |", "|---|---|---|", *rows]


def cell(text: str) -> str:
    return text.replace("|", "\\|")


@pytest.mark.parametrize("table", [magic_table, option_table])
def test_the_readme_s_tables_are_the_code_s(table: Callable[[], list[str]]) -> None:
    """Magics and options stand in the README as the code declares them; `python tests/test_surface.py` prints both."""
    assert "\n".join(table()) in README


def test_the_readme_s_test_command_is_what_ci_runs() -> None:
    """`.ci/run` takes the test command from the README, so that they cannot differ; it is there to be taken."""
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert [line for line in fenced(README) if line.endswith("python -m pytest -n auto")]
    assert "README.md" in script


def test_the_readme_is_short() -> None:
    """The README has at most 150 lines."""
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    """`aiml-nb COMMAND --help` works, and no option of it is without a word."""
    done = subprocess.run(
        [sys.executable, "-m", "aiml_nb", command, "--help"], capture_output=True, text=True, check=True
    )
    assert f"aiml-nb {command}" in done.stdout.splitlines()[0]


def test_no_option_is_without_a_word() -> None:
    """Every option of every command has a help text."""
    (commands,) = (action.choices for action in cli.parser()._actions if isinstance(action, argparse._SubParsersAction))
    assert [] == [
        f"{name} {action.dest}" for name, each in commands.items() for action in each._actions if not action.help
    ]


if __name__ == "__main__":
    print(*magic_table(), "", *option_table(), sep="\n")
