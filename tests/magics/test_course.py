"""A course folder's `aiml.toml` in the magics: defaults, below everything that the line says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aiml_nb.errors import SettingsError


def body(shell: Any, line: str) -> Any:
    out = shell.cell(line).out
    return json.JSONDecoder().raw_decode(out, out.index("{"))[0]


def test_its_models_and_parameters_are_defaults(shell: Any, tmp_path: Path) -> None:
    """The folder's model and parameters are sent where the line has none, and `%aiml status` tells of the file."""
    (tmp_path / "aiml.toml").write_text('[models]\nchat = "course/model"\n[chat]\ntemperature = 0.2\n')
    sent = body(shell, "%chat --dry-run hi")
    assert ("course/model", 0.2) == (sent["model"], sent["temperature"])
    sent = body(shell, "%chat --dry-run -m my/model --temperature 1 hi")
    assert ("my/model", 1) == (sent["model"], sent["temperature"])
    assert "aiml.toml" in shell.cell("%aiml status").out


def test_a_bad_file_is_named(shell: Any, tmp_path: Path) -> None:
    """A URL in it is refused, and nothing is sent."""
    (tmp_path / "aiml.toml").write_text('base_url = "https://host.example"')
    error = shell.cell("%chat hi").error
    assert isinstance(error, SettingsError)
    assert "aiml.toml" in error.message
