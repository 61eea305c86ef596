"""Tests of `aiml_nb.errors`."""

from __future__ import annotations

import json
import pickle

import pytest

from aiml_nb import errors
from aiml_nb.errors import AIMLError, APIStatusError, AuthenticationError, Interrupted, SettingsError, shorten


def classes() -> list[type[AIMLError]]:
    return [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, AIMLError)]


def saved(error: AIMLError | Interrupted) -> bytes:
    """The error output as a notebook saves it."""
    lines = error._render_traceback_()
    name = type(error).__name__
    return json.dumps(
        {"ename": name, "evalue": str(error), "output_type": "error", "traceback": lines}, indent=1, ensure_ascii=False
    ).encode()


def test_a_saved_error_weighs_at_most_600_bytes() -> None:
    """However long cause and advice are, what a notebook saves of an error stays within its bound."""
    long = AIMLError("why " * 500, advice="do " * 500)
    assert len(saved(long)) <= errors.SAVED_BYTES


def test_bytes_are_counted_as_saved_not_as_typed() -> None:
    """Characters that JSON escapes are counted as they are saved."""
    assert len(saved(AIMLError("é" * 300, advice="→" * 300))) <= errors.SAVED_BYTES


def test_cause_and_advice_are_both_shown() -> None:
    """The block shows the name, the cause and what to do."""
    block = "\n".join(SettingsError("no key was found", advice="Run %aiml key.")._render_traceback_())
    assert "SettingsError" in block
    assert "no key was found" in block
    assert "Run %aiml key." in block


def test_str_is_the_short_cause() -> None:
    """`str()` is one line of bounded length."""
    assert str(AIMLError("a\nb" + " c" * 300)).startswith("a b c c")
    assert len(str(AIMLError("x" * 1000))) <= 140


def test_control_characters_do_not_reach_the_screen() -> None:
    """A message from a server cannot colour, move or hide what a terminal shows."""
    assert shorten("a\x1b[31mb\x08\u202ec", 50) == "a [31mb c"
    assert ["x" * 23 + "…"] * 2 == [shorten("x" * 25, 24), shorten("x" * 90, 24)]


@pytest.mark.parametrize("kind", classes())
def test_an_error_survives_pickling(kind: type[AIMLError]) -> None:
    """Every error can cross a process boundary with all it holds."""
    extra = {"status_code": 429, "retry_after": 3.0} if issubclass(kind, APIStatusError) else {}
    error = kind("because", advice="do this", **extra)
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is kind
    assert vars(error) == vars(back)
    assert error.args == back.args


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (400, "BadRequestError"), (401, "AuthenticationError"), (402, "PermissionDeniedError"), (403, "PermissionDeniedError"),
        (404, "NotFoundError"), (409, "BadRequestError"), (422, "BadRequestError"), (429, "RateLimitError"),
        (500, "InternalServerError"), (529, "InternalServerError"),
    ],
)  # fmt: skip
def test_each_status_has_its_class(status: int, name: str) -> None:
    """A status gives the error class that the design names for it."""
    assert name == errors.status_error(status).__name__


def test_a_kind_is_a_word_for_programs() -> None:
    """`kind` defaults to the class's word and can be made more exact."""
    assert AuthenticationError("no", status_code=401).kind == "auth"
    assert errors.RateLimitError("no", status_code=429, kind="quota").kind == "quota"


def test_interrupted_is_a_keyboard_interrupt() -> None:
    """Ctrl-C stays a KeyboardInterrupt, so that loops and queued cells stop, and is shown without a traceback."""
    error = Interrupted("stopped")
    assert isinstance(error, KeyboardInterrupt)
    assert not isinstance(error, Exception)
    assert len(error._render_traceback_()) == 1
