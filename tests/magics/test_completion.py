"""Tab completion on the lines of the magics, through IPython's own completer."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("%%chat --mo", ["%%chat --model"]),
        ("%chat -m x --sh", ["%chat -m x --show"]),
        ("%chat --show ", ["%chat --show code", "%chat --show json", "%chat --show markdown", "%chat --show text"]),
        ("%chat --show=te", ["%chat --show=text"]),
        ("%%image --see", ["%%image --seed"]),
        ("%chat --as c", ["%chat --as curl"]),
        ("%chat --at gro", ["%chat --at groq"]),
        ("%aiml con", ["%aiml conversations"]),
        ("%aiml use mis", ["%aiml use mistral"]),
        ("%aiml conversations un", ["%aiml conversations undo"]),
        ("%%api PO", ["%%api POST"]),
        ("%api GET /v1/mod", ["%api GET /v1/models"]),
        ("x = 1\n%chat --mo", ["x = 1\n%chat --model"]),
    ],
)
def test_what_may_follow_is_offered(shell: Any, typed: str, offered: list[str]) -> None:
    """Options, values and subcommands complete as they are typed."""
    assert offered == shell.complete(typed)


def test_an_option_given_is_not_offered_again(shell: Any) -> None:
    """What was typed already is left out, but for what may be repeated."""
    offered = shell.complete("%chat --model x --attach y --")
    assert "%chat --model x --attach y --model" not in offered
    assert "%chat --model x --attach y --attach" in offered


def test_variables_are_offered_where_one_is_asked_for(shell: Any) -> None:
    """After `--schema` and `-t` the notebook's names complete."""
    shell.cell("class Weather: pass")
    assert ["%chat --schema Weather"] == shell.complete("%chat --schema Wea")


def test_model_ids_with_any_sign_complete(shell: Any) -> None:
    """Ids hold `-`, `/` and `.`; they are offered from what is known, also through the older interface."""
    from aiml_nb.session import default

    shell.cell("%aiml status")
    default().models()
    assert "%%chat -m openai/gpt-4o-mini" in shell.complete("%%chat -m openai/gpt-4o-")
    with pytest.warns(PendingDeprecationWarning):
        assert "openai/gpt-4o-mini" in shell.ip.complete(None, "%chat -m openai/gpt-4o-m")[1]


def test_a_prompt_is_left_alone(shell: Any) -> None:
    """Behind the options nothing of ours is offered."""
    assert [] == [text for text in shell.complete("%chat tell me --mo") if "--model" in text]


def test_every_option_completes_to_itself(shell: Any) -> None:
    """Each option of each magic is offered when its first letters are typed."""
    from aiml_nb.magics.options import MAGICS

    for magic in MAGICS.values():
        for option in magic.options:
            typed = f"%{magic.name} --{option.name[:-1]}"
            assert f"%{magic.name} --{option.name}" in shell.complete(typed)
