"""Secret hides itself everywhere, and scrub finds a key in whatever form it stands."""

from __future__ import annotations

import base64
import copy
import dataclasses
import json
import logging
import pickle
import traceback
from urllib.parse import quote

import pytest

from aiml_nb.errors import SettingsError
from aiml_nb.settings import Endpoint, Secret, clean_key, known_secrets, looks_like_key, refuse_key, scrub

CANARY = "sk-" + "canary/+" * 4 + "end"
HEX = "0123456789abcdef" * 2


@pytest.fixture
def secret() -> Secret:
    return Secret(CANARY)


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        "{}".format,
        "{:>40}".format,
        lambda it: f"{it!r}{it!s}{it}",
        lambda it: "%s" % it,  # noqa: UP031 - the old way too
        lambda it: json.dumps({"key": it}, default=str),
        lambda it: repr(copy.deepcopy({"key": [it]})),
        lambda it: repr(copy.copy(it)),
        lambda it: repr(dir(it)),
        lambda it: repr(dataclasses.asdict(Endpoint("openai", "https://api.openai.com", it))),
        lambda it: repr(Endpoint("openai", "https://api.openai.com", it)),
        lambda it: logging.LogRecord("x", 1, "x", 1, "%s", (it,), None).getMessage(),
    ],
)
def test_a_secret_shows_nothing(secret: Secret, show) -> None:
    """No way of printing, formatting, dumping or copying a Secret shows any part of the key."""
    assert "canary" not in show(secret)


def test_a_secret_has_no_dict(secret: Secret) -> None:
    """`vars()` has nothing to give."""
    with pytest.raises(TypeError):
        vars(secret)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_not_pickled(secret: Secret, protocol: int) -> None:
    """Pickling it, alone or in something, is refused in words."""
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps([Endpoint("openai", "https://api.openai.com", secret)], protocol)


def test_a_secret_is_not_json_by_itself(secret: Secret) -> None:
    """json refuses it where no default is given."""
    with pytest.raises(TypeError):
        json.dumps(secret)


def test_locals_in_a_traceback_show_nothing(secret: Secret) -> None:
    """A traceback with all locals, as %xmode Verbose prints it, does not hold the key."""

    def fail(key: Secret) -> None:
        header = {"Authorization": key}
        raise ValueError(len(header))

    try:
        fail(secret)
    except ValueError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "header" in shown
    assert "canary" not in shown


def test_secrets_compare_by_their_key(secret: Secret) -> None:
    """Two Secrets of one key are equal and hash alike; a text never equals one."""
    assert Secret(CANARY) == secret
    assert hash(Secret(CANARY)) == hash(secret)
    assert Secret(CANARY + "x") != secret
    assert CANARY != secret


def test_only_the_ends_of_a_long_key_are_shown_masked() -> None:
    """The masked form is the known prefix and four characters, and nothing for a short key."""
    assert "sk-…abcd" == Secret("sk-" + "q" * 20 + "abcd").masked
    assert f"…{HEX[-4:]}" == Secret(HEX).masked
    assert "…" == Secret("short-key-abcd").masked


@pytest.mark.parametrize(
    "form",
    [
        lambda key: key,
        lambda key: quote(key, safe=""),
        lambda key: json.dumps({"k": f"<{key}>"}),
        lambda key: base64.b64encode(key.encode()).decode(),
        lambda key: base64.b64encode(f"user:{key}".encode()).decode(),
        lambda key: base64.urlsafe_b64encode(f"Bearer {key}, and more".encode()).decode(),
        lambda key: base64.b64encode(f"ab{key}!".encode()).decode(),
        lambda key: f"Incorrect API key provided: {key[:24]}",
    ],
)
def test_scrub_finds_every_form(secret: Secret, form) -> None:
    """A key is taken out as it is, URL-quoted, in JSON, in base64 at any alignment, and cut short."""
    clean = scrub(f"before {form(CANARY)} after")
    assert CANARY not in clean
    assert "canary" not in clean
    assert base64.b64encode(CANARY.encode()).decode()[6:-6] not in clean
    assert "Secret(…)" in clean
    assert clean.startswith("before ")
    assert clean.endswith(" after")


def test_every_key_of_the_process_is_known(secret: Secret) -> None:
    """A Secret that was ever made is scrubbed later without being named."""
    del secret
    assert Secret(CANARY) in known_secrets()
    assert "x Secret(…) y" == scrub(f"x {CANARY} y")


def test_dummies_and_short_keys_are_not_scrubbed() -> None:
    """What local servers take for a key, and words of a few letters, stay in texts."""
    for word in ("sandbox", "ollama", "lm-studio", "abc"):
        Secret(word)
        assert f"the {word} answers" == scrub(f"the {word} answers")


def test_scrub_takes_the_secrets_it_is_given() -> None:
    """With secrets named, only those go."""
    assert f"{CANARY} Secret(…)" == scrub(f"{CANARY} {HEX}", [Secret(HEX)])


@pytest.mark.parametrize("typed", [" {} ", "'{}'", '"{}"', "{}\r\n", "\ufeff{}", "“{}”", "Bearer {}", "\t{}\n\n"])
def test_a_key_is_trimmed(typed: str) -> None:
    """Spaces, quotes, line ends, a byte-order mark and a copied `Bearer` around a key go."""
    assert Secret(HEX) == clean_key(typed.format(HEX), "the key")


@pytest.mark.parametrize("typed", ["", "  ", '""', "\n"])
def test_an_empty_key_is_none(typed: str) -> None:
    """Nothing but spaces and quotes counts as no key."""
    assert clean_key(typed, "the key") is None


@pytest.mark.parametrize("inner", ["\r\nX-Evil: 1", "\n", " ", "\x00", "\x7f", "é", "\u200b", "…"])
def test_a_key_with_a_strange_character_is_refused(inner: str) -> None:
    """No line break reaches a header, and the error does not repeat the key."""
    with pytest.raises(SettingsError) as caught:
        clean_key(f"{HEX}{inner}{HEX}", "MY_KEY in .env")
    assert "MY_KEY in .env" in str(caught.value)
    assert HEX not in repr(vars(caught.value))


@pytest.mark.parametrize(
    "text",
    [
        "<YOUR_AIMLAPI_KEY>", "sk-***", "sk-...", "sk-aimlapi-...", "YOUR_API_KEY", "your-key-here", "xxxxxxxx",
        "sk-xxxxxxxxxxxx", "changeme", "${AIMLAPI_API_KEY}", "paste-your-key", "api_key", "insert_key_here",
    ],
)  # fmt: skip
def test_a_placeholder_is_recognised(text: str) -> None:
    """What documentation puts in a key's place is named as such, before anything is sent."""
    with pytest.raises(SettingsError, match="placeholder"):
        clean_key(text, "AIMLAPI_API_KEY in .env")


@pytest.mark.parametrize(
    "key", [HEX, "sk-" + "aB3_" * 8, "gsk_" + "aB3" * 10, "EMPTY", "none", "token-abc123", "ollama"]
)
def test_a_real_key_is_no_placeholder(key: str) -> None:
    """Keys of any provider's shape pass, and what local servers are given passes too."""
    assert Secret(key) == clean_key(key, "the key")


@pytest.mark.parametrize(
    "line",
    [
        "--api-key abc", "--api_key=abc", "--key abc", "--token abc", "-m gpt-4o --apikey x", "--aimlapi-key x", "--secret x",
        "key sk-" + "test" * 8, "-p api_key=abc", "key " + HEX, HEX, "Authorization: Bearer gsk_" + "test" * 8,
    ],
)  # fmt: skip
def test_a_key_in_a_line_is_refused(line: str) -> None:
    """An option that asks for a key and a word of a key's shape are refused, with the right way named and the key not repeated."""
    with pytest.raises(SettingsError) as caught:
        refuse_key(line)
    assert "%aiml key" in caught.value.advice
    assert "test" * 8 not in repr(vars(caught.value))


@pytest.mark.parametrize(
    "line",
    [
        "-m openai/gpt-4o --max-tokens 20",
        "--seed 7 a key of gold",
        "What is a token?",
        "--tokens 3",
        "--keyframe 2",
        "key",
        "sk-8 ski",
    ],
)
def test_ordinary_lines_pass(line: str) -> None:
    """Options that only resemble those, and prose about keys, are left alone."""
    refuse_key(line)
    assert not looks_like_key(line)
