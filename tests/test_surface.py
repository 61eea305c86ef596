"""What a reader is told and what the program does are one: versions, commands, tables."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import aiml_nb
from aiml_nb import cli

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
    """Each command of `aiml-nb` stands in the README, and the README names no other."""
    named = set(re.findall(r"aiml-nb (\w+)", README)) | set(re.findall(r"`(\w+)`", commands_line()))
    assert set(cli.COMMANDS) == named & set(cli.COMMANDS)
    assert set() == set(re.findall(r"^\s*aiml-nb (\w+)", README, re.MULTILINE)) - set(cli.COMMANDS)


def commands_line() -> str:
    """The README's line about the command line, where the commands may stand together."""
    return next((line for line in README.splitlines() if "aiml-nb " in line and "|" in line), "")


def test_the_readme_s_test_command_is_what_ci_runs() -> None:
    """`.ci/run` takes the test command from the README, so that they cannot differ; it is there to be taken."""
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert [line for line in fenced(README) if line.startswith("python -m pytest")]
    assert "README.md" in script


def test_the_readme_is_short() -> None:
    """The README has at most 150 lines."""
    assert len(README.splitlines()) <= 150


def test_every_option_of_the_help_says_what_it_does() -> None:
    """`aiml-nb COMMAND --help` works for each command and leaves no option without a word."""
    for command in cli.COMMANDS:
        parser = cli.parser().parse_known_args([command])  # a command that needs no argument parses bare
        assert parser
        done = subprocess.run(
            [sys.executable, "-m", "aiml_nb", command, "--help"], capture_output=True, text=True, check=True
        )
        assert command in done.stdout.splitlines()[0]
