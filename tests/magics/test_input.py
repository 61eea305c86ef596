"""What IPython makes of a cell before a magic sees it: question marks, prompts, quotes, misplaced and forgotten signs."""

from __future__ import annotations

from typing import Any

import pytest

from aiml_nb.errors import InvalidRequestError


def line(name: str, rest: str) -> str:
    return f"get_ipython().run_line_magic({name!r}, {rest!r})\n"


def cell(name: str, rest: str, body: str) -> str:
    return f"get_ipython().run_cell_magic({name!r}, {rest!r}, {body!r})\n"


@pytest.mark.parametrize(
    ("source", "becomes"),
    [
        ("%chat What is a token?", line("chat", "What is a token?")),
        ("%chat What's (this?", line("chat", "What's (this?")),
        ('%chat """ what?', line("chat", '""" what?')),
        ("%aiml_chat Why??", line("aiml_chat", "Why??")),
        ("  %image a?\n  %chat b?", line("image", "a?") + line("chat", "b?")),
        ("for x in y:\n    %chat {{ x }}?\n    z = 1", "for x in y:\n    " + line("chat", "{{ x }}?") + "    z = 1\n"),
        ("%chat one \\\ntwo?", line("chat", "one  two?")),
        ('s = """\n%chat hi\n"""', 's = """\n%chat hi\n"""\n'),
        ("x = 5\n%chat what is %time?", "x = 5\n" + line("chat", "what is %time?")),
        ("a %chat\nb", "a %chat\nb\n"),
    ],
)
def test_a_line_reaches_its_magic(shell: Any, source: str, becomes: str) -> None:
    """A prompt in a line passes whatever stands in it, and a string that looks like one is left alone."""
    assert becomes == shell.ip.input_transformer_manager.transform_cell(source)


@pytest.mark.parametrize("source", ["%chat?", "%%chat?", "%chat??", "chat?", "%aiml?", "%time?"])
def test_help_stays_help(shell: Any, source: str) -> None:
    """`?` right behind a magic's name asks IPython for help."""
    assert "pinfo" in shell.ip.input_transformer_manager.transform_cell(source)


@pytest.mark.parametrize(
    "body",
    [
        ">>> 1 + 1\n2\nWhy?",
        "  indented\n\n\tand tabs",
        "In [1]: x\nOut[1]: 3",
        '{"a": {"b": 1}} f"{x!r}" $5 $x {x} \\frac{a}{b} %d %chat ? !ls',
        "%%chat\nnested",
        "line\u2028separator\x0cfeed",
    ],
)
def test_a_cell_reaches_its_magic_verbatim(shell: Any, body: str) -> None:
    """IPython strips prompts and indentation from code; a prompt keeps them."""
    assert cell("chat", "-m x", f"{body}\n") == shell.ip.input_transformer_manager.transform_cell(
        f"%%chat -m x\n{body}"
    )


def test_a_prompt_beside_two_signs_is_taken(shell: Any) -> None:
    """`%%chat Why?` alone in its cell is the line form, not an error."""
    assert line("chat", "Why?") == shell.ip.input_transformer_manager.transform_cell("%%chat Why?")
    assert line("chat", "") == shell.ip.input_transformer_manager.transform_cell("%%chat\n\n")


def test_comments_may_stand_above(shell: Any) -> None:
    """Comments and blank lines above `%%chat` are dropped, so that markers for nbval can stand there."""
    source = "# NBVAL_IGNORE_OUTPUT\n\n%%chat\nhi"
    assert cell("chat", "", "hi\n") == shell.ip.input_transformer_manager.transform_cell(source)


def test_a_cell_magic_below_code_says_where_it_belongs(shell: Any) -> None:
    """Nothing of such a cell runs, and the error says what to do."""
    done = shell.cell("ran = True\n%%chat\nWhy is the sky blue?")
    assert isinstance(done.error, InvalidRequestError)
    assert "first line" in done.error.message
    assert "ran" not in shell.names


@pytest.mark.parametrize("source", ["image a red fox", "chat Tell me a joke", "aiml status", "explain this"])
def test_a_forgotten_sign_sends_nothing(shell: Any, source: str) -> None:
    """A magic typed without % is refused, with the right way to type it."""
    done = shell.cell(source)
    assert isinstance(done.error, InvalidRequestError)
    assert f"%{source}" in done.error.advice
    assert "_reply" not in shell.names


def test_python_stays_python(shell: Any) -> None:
    """A variable may bear a magic's name, and using an unknown name is a NameError, as always."""
    assert None is shell.cell("image = [3]").error
    assert [3] == shell.cell("image").result
    assert 3 == shell.cell("image[0]").result
    assert isinstance(shell.cell("chat(1)").error, NameError)
    assert isinstance(shell.cell("chat").error, NameError)


def test_a_terminal_waits_for_the_end_of_a_cell(shell: Any) -> None:
    """In the terminal a `%%chat` cell goes on until an empty line."""
    manager = shell.ip.input_transformer_manager
    assert "incomplete" == manager.check_complete("%%chat\nhello")[0]
    assert "complete" == manager.check_complete("%%chat\nhello\n\n")[0]
    assert "complete" == manager.check_complete("%chat hello?")[0]
