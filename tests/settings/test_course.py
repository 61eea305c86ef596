"""`aiml.toml` gives defaults, and is refused by name when it holds a key, a URL or anything unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiml_nb.errors import SettingsError
from aiml_nb.settings import course_defaults


def test_defaults_are_read(tmp_path: Path) -> None:
    """A provider's name, models and parameters of a medium come out as they stand; without the file there are none."""
    assert {} == course_defaults(tmp_path)
    (tmp_path / "aiml.toml").write_text(
        'provider = "OpenAI"\n[models]\nchat = "gpt-4o"\n[chat]\ntemperature = 0.2\nstop = ["x"]\n'
    )
    expected = {"provider": "openai", "models": {"chat": "gpt-4o"}, "chat": {"temperature": 0.2, "stop": ["x"]}}
    assert expected == course_defaults()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('api_key = "x"', "api_key"),
        ('[chat]\napi_key = "x"', "chat.api_key"),
        ('[chat]\nuser = "sk-' + "test" * 8 + '"', "chat.user"),
        ('base_url = "x"', "base_url"),
        ('[chat]\nbase_url = "x"', "chat.base_url"),
        ('[image.extra]\nimage = "https://h.example/x.png"', "image.extra.image"),
        ('[models]\nchat = "https://h.example"', "models.chat"),
        ("[hooks]\nx = 1", "hooks"),
        ('[models]\ndance = "x"', "models.dance"),
        ("[models]\nchat = 4", "models.chat"),
        ("chat = 4", "chat"),
        ('provider = "nobody"', "nobody"),
        ("provider =", "cannot be read"),
        ("x" * 200_000, "too large"),
    ],
)
def test_what_does_not_belong_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    """Keys, URLs, unknown tables and broken files: an error that names the entry, without its value."""
    (tmp_path / "aiml.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        course_defaults(tmp_path)
    assert named in caught.value.message
    assert "test" * 8 not in repr(vars(caught.value))
