"""`%aiml` and its subcommands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from aiml_nb.errors import InvalidRequestError, SettingsError
from aiml_nb.magics import help as magic_help
from aiml_nb.magics.options import MAGICS
from aiml_nb.magics.subcommands import SUBCOMMANDS


def say(shell: Any, line: str) -> str:
    """What a line printed, and the text of the tables that it showed."""
    done = shell.cell(line)
    assert None is done.error, done.error
    assert None is done.result
    return str(done.out) + "".join(data["text/plain"] for data in done.shown)


def test_status_without_anything_configured(shell: Any) -> None:
    """A newcomer is told that the sandbox answers, what it is, and how to give a key."""
    out = say(shell, "%aiml status")
    for part in ("sandbox", "none needed", "openai/gpt-4o", "no calls yet", "%aiml key"):
        assert part in out


def test_status_tells_what_is_left_of_the_rate_limits(shell: Any) -> None:
    """Requests and tokens are two limits; what the last answer said of each stands there, and nothing before a call."""
    assert "limits" not in say(shell, "%aiml status")
    shell.cell("%chat hello")
    assert "59 of 60 requests left, 99,000 of 100,000 tokens left" in say(shell, "%aiml status")


def test_status_with_a_key_masks_it(shell: Any, monkeypatch: Any) -> None:
    """The key is shown by its ends, and where it comes from."""
    key = "sk-" + "test" * 8
    monkeypatch.setenv("AIMLAPI_API_KEY", key)
    out = say(shell, "%aiml status")
    assert "AIMLAPI_API_KEY" in out
    assert key not in out


def test_use(shell: Any) -> None:
    """Providers, URLs and models are told apart; a provider's change drops the models chosen before."""
    assert "m/x" in say(shell, "%aiml use m/x")
    assert "m/y" in say(shell, "%aiml use image=m/y")
    assert "m/x" in say(shell, "%aiml status")
    assert "Ollama" in say(shell, "%aiml use ollama")
    assert "m/x" not in say(shell, "%aiml status")
    assert "127.0.0.1:9" in say(shell, "%aiml use http://127.0.0.1:9/v1")
    assert "sandbox" in say(shell, "%aiml use sandbox")
    assert "groq" in shell.cell("%aiml use grok").error.advice
    assert isinstance(shell.cell("%aiml use").error, InvalidRequestError)


def test_use_of_a_bad_server_changes_nothing(shell: Any) -> None:
    """A URL that cannot be one leaves everything as it was."""
    assert isinstance(shell.cell("%aiml use http://user:pass@host.example/v1").error, SettingsError)
    assert "sandbox" in say(shell, "%aiml status")


def test_use_without_a_key_says_how_to_give_one(shell: Any) -> None:
    """The provider is chosen, and the next step named."""
    assert "%aiml key groq" in say(shell, "%aiml use groq")
    assert "%aiml key" in shell.cell("%chat hi").error.advice


def test_conversations(shell: Any, tmp_path: Path) -> None:
    """They are listed, shown, edited, undone, exported and deleted."""
    assert "No conversation yet" in say(shell, "%aiml conversations")
    for prompt in ("one", "two", "three"):
        shell.cell(f"%chat -q {prompt}")
    assert "3 turns" in say(shell, "%aiml conversations")
    assert "2 user: two" in say(shell, "%aiml conversations show main")
    say(shell, "%aiml conversations edit main 1 It is  Paris.")
    assert "1 assistant: It is  Paris." in say(shell, "%aiml conversations show")
    assert "2 left" in say(shell, "%aiml conversations undo")
    assert "0 left" in say(shell, "%aiml conversations undo main 2")
    shell.cell("%chat -q four")
    for form in ("md", "json", "ipynb"):
        say(shell, f"%aiml conversations export main 'my talk.{form}'")
    assert "four" in (tmp_path / "my talk.md").read_text()
    assert "user" == json.loads((tmp_path / "my talk.json").read_text())[0]["role"]
    nbformat.validate(nbformat.read(tmp_path / "my talk.ipynb", 4))
    assert "is there already" in shell.cell("%aiml conversations export main 'my talk.md'").error.message
    say(shell, "%aiml conversations delete main")
    assert "No conversation yet" in say(shell, "%aiml conversations")


def test_a_conversation_of_an_earlier_session_goes_on(shell: Any) -> None:
    """After a restart stored conversations are offered, and `resume` goes on with one."""
    from aiml_nb.session import session

    shell.cell("%chat -q one")
    session.default().close()
    session._default = None
    assert "earlier sessions" in say(shell, "%aiml conversations")
    assert "1 turn" in say(shell, "%aiml conversations resume main")
    assert "1 user: one" in say(shell, "%aiml conversations show main")


@pytest.mark.parametrize(
    "line",
    [
        "statsu", "frob", "conversations frob", "conversations show nothing", "conversations undo main x",
        "conversations edit main", "conversations export", "conversations export main talk.docx", "conversations resume",
        "status now", "usage all", "sandbox frob", "prune some", "prune 1 2", "model", "model openai/gpt-40",
        "models nothing-of-the-kind", "key nobody", "key sandbox",
    ],
)  # fmt: skip
def test_mistakes_say_what_there_is(shell: Any, line: str) -> None:
    """Each is one of our errors with advice."""
    error = shell.cell(f"%aiml {line}").error
    assert isinstance(error, InvalidRequestError | SettingsError)
    assert error.advice


def test_a_misspelled_command_names_the_nearest(shell: Any) -> None:
    """`%aiml statsu` asks for `status`."""
    assert "Did you mean %aiml status?" in shell.cell("%aiml statsu").error.advice


def test_usage_counts(shell: Any) -> None:
    """Calls, tokens and cost by model, and in all."""
    shell.cell("%chat -q one")
    shell.cell("%image -q --size 64x64 fox")
    out = say(shell, "%aiml usage")
    assert "2 calls" in out
    assert "$0" in out


def test_usage_tells_failed_calls(shell: Any) -> None:
    """A call that failed is counted as failed, not as one of unknown cost; pictures have no tokens to tell."""
    shell.cell("%image -q --size 64x64 fox")
    shell.cell("%chat -q FAULT 401")
    out = say(shell, "%aiml usage")
    assert "$0, 1 failed" in out
    assert "unknown" not in out


def test_models(shell: Any) -> None:
    """`models` lists and filters, `model` shows one."""
    assert "openai/gpt-4o" in say(shell, "%aiml models")
    assert "openai/gpt-4o" not in say(shell, "%aiml models flux")
    assert "128,000 tokens" in say(shell, "%aiml model gpt-4o")


def test_sandbox(shell: Any) -> None:
    """It tells its address, its faults, and can be stopped, after which the next call starts it."""
    assert "http://127.0.0.1:" in say(shell, "%aiml sandbox")
    assert "Retry-After" in say(shell, "%aiml sandbox faults")
    say(shell, "%aiml sandbox stop")
    assert None is shell.cell("%chat -q hi").error


def test_doctor(shell: Any) -> None:
    """The doctor looks at the setup in use."""
    assert "Python" in say(shell, "%aiml doctor")


def test_prune(shell: Any) -> None:
    """It tells what is stored, and empties it when asked to."""
    shell.cell("%chat -q one")
    assert "1 call, 1 turn" in say(shell, "%aiml prune")
    assert "0 calls" in say(shell, "%aiml prune 30")
    assert "1 call" in say(shell, "%aiml prune all")
    assert "0 calls, 0 turns" in say(shell, "%aiml prune")


def test_a_key_cannot_be_asked_for_when_nobody_is_there(shell: Any) -> None:
    """Without an input `%aiml key` is an error that names the other ways."""
    error = shell.cell("%aiml key").error
    assert isinstance(error, SettingsError)
    assert ".env" in error.advice


def test_the_help_names_every_word() -> None:
    """The help of each magic has its options, words and examples, and `%aiml` its subcommands; the tables agree."""
    for magic in MAGICS.values():
        text = magic_help.text(magic)
        for option in magic.options:
            assert option.label in text
            assert f"--{option.name}" in magic_help.options_table(magic)
        for word in magic.words:
            assert f"--{word}" in text
        assert f"`%{magic.name}`" in magic_help.magics_table()
    assert all(name in magic_help.text(MAGICS["aiml"]) for name in SUBCOMMANDS)
    assert all(name in magic_help.subcommands_table() for name in SUBCOMMANDS)


def test_who_takes_an_option_is_told_in_few_words() -> None:
    """All media are two words, all but one are named by that one, and magics of no medium stand beside them."""
    media = [magic.name for magic in MAGICS.values() if magic.params]
    assert "all media" == magic_help.takers(media)
    assert "all media but chat, api" == magic_help.takers([*(name for name in media if name != "chat"), "api"])
    assert "chat image" == magic_help.takers(["chat", "image"])


def test_help_is_shown_by_a_question_mark(shell: Any) -> None:
    """`%%chat?` shows the help with its examples."""
    assert "Why is the sky blue?" in magic_help.text(MAGICS["chat"])
    assert magic_help.text(MAGICS["chat"]) == shell.ip.find_cell_magic("chat").__doc__


def test_the_words_are_those_of_the_schemas() -> None:
    """The common words of each magic are the ones that the schemas know, but for --system, which is an option."""
    from aiml_nb.magics.options import BY_MEDIUM
    from aiml_nb.schema import ROLES, WORDS

    assert set(WORDS) == set(BY_MEDIUM)
    for medium, magic in BY_MEDIUM.items():
        known = set(WORDS[medium]) - {option.name for option in magic.options}
        assert known == set(magic.words), medium
        assert set(magic.files) <= set(ROLES)


def test_the_python_session_is_the_magics_own(shell: Any) -> None:
    """`import aiml_nb` and the magics share one session: its calls, conversations and settings."""
    shell.cell("import aiml_nb as ai\n%chat -q one")
    assert 1 == len(shell.cell("ai.usage()").result)
    say(shell, "%aiml use m/x")
    assert "m/x" == shell.cell("ai.Session").result.default_model(shell.cell("ai.session.default()").result, "chat")


def test_the_latest_choice_of_a_model_is_the_one_in_force(shell: Any) -> None:
    """A model that a panel chose stays when magics run, until `%aiml use` chooses another."""
    from aiml_nb.session import default

    shell.cell("%aiml use image=flux/schnell")
    default().defaults["model_image"] = "alibaba/qwen-image"
    assert "alibaba/qwen-image" in shell.cell("%image --dry-run a fox").out
    shell.cell("%aiml use image=blackforestlabs/flux-2")
    assert "blackforestlabs/flux-2" in shell.cell("%image --dry-run a fox").out
