"""`%explain`: which error it takes, what it shows and sends."""

from __future__ import annotations

import sys
from typing import Any

from aiml_nb.errors import InvalidRequestError


def test_an_error_is_shown_and_sent(shell: Any) -> None:
    """The cell and the end of the traceback are printed, sent, and the answer is in `_reply`."""
    shell.cell("def half(x):\n    return x / 0\n\nhalf(3)")
    done = shell.cell("%explain Why does this fail?")
    assert None is done.error
    for part in ("Why does this fail?", "def half(x):", "in half", "ZeroDivisionError: division by zero"):
        assert part in done.out
    assert "Why does this fail?" in shell.names["_reply"].text


def test_a_cell_that_does_not_parse(shell: Any) -> None:
    """A SyntaxError is explained with its cell."""
    shell.cell("print('a'")
    out = shell.cell("%explain --dry-run").out
    assert "SyntaxError" in out
    assert "print('a'" in out


def test_it_is_no_part_of_a_conversation(shell: Any) -> None:
    """Explaining neither reads nor writes `main`."""
    shell.cell("%chat -q one")
    shell.cell("1 / 0")
    shell.cell("%explain -q")
    assert "1 turn " in shell.cell("%aiml conversations").out


def test_our_own_errors_do_not_hide_the_one_before(shell: Any) -> None:
    """After a refused call `%explain` still means the user's own error."""
    shell.cell("{}['key of mine']")
    shell.cell("%chat --show loud hi")
    assert "key of mine" in shell.cell("%explain --dry-run").out


def test_without_an_error_nothing_is_sent(shell: Any) -> None:
    """Where nothing has failed it says so."""
    for name in ("last_value", "last_type", "last_traceback", "last_exc"):
        if hasattr(sys, name):
            delattr(sys, name)
    assert isinstance(shell.cell("%explain").error, InvalidRequestError)
    assert "_reply" not in shell.names


def test_long_tracebacks_are_cut(shell: Any) -> None:
    """A deep recursion and a huge message send a few kilobytes."""
    shell.cell("def deep(n):\n    return deep(n + 1)\ndeep(0)")
    assert len(shell.cell("%explain -q --dry-run").out) < 8000
    shell.cell("raise ValueError('x' * 100_000)")
    assert len(shell.cell("%explain --dry-run").out) < 8000


def test_a_known_key_is_not_sent(shell: Any, monkeypatch: Any) -> None:
    """A key that the settings know is taken out of what is sent."""
    from aiml_nb.settings import Secret

    key = "sk-" + "test" * 8
    Secret(key)
    shell.names["key"] = key
    shell.cell("raise ValueError(f'bad key {key}')")
    out = shell.cell("%explain --dry-run").out
    assert "bad key" in out
    assert key not in out
