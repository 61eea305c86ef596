from __future__ import annotations

import re

from aiml_nb.render import parts, visible

HOSTILE = "<b onclick=x>\x1b[1m$x$"


def test_everything_is_escaped() -> None:
    """Each piece shows its values as text, keeps MathJax out and lets no control code through."""
    pieces = [
        parts.footer([HOSTILE], warning=HOSTILE),
        parts.note(HOSTILE),
        parts.step(HOSTILE),
        parts.heading(HOSTILE),
        parts.plain(HOSTILE),
        parts.reasoning(HOSTILE),
        parts.citations([(HOSTILE, HOSTILE)]),
        parts.table([HOSTILE], [[HOSTILE]]),
    ]
    for piece in pieces:
        assert "<b" not in re.sub("<(blockquote|body)", "", piece)
        assert "\x1b" not in piece
        assert "mathjax_ignore" in piece[:120]


def test_nothing_for_nothing() -> None:
    """An empty footer, note, reasoning or list of sources takes no room."""
    assert "" == parts.footer([]) == parts.note("") == parts.reasoning(" \n") == parts.citations([])


def test_footer() -> None:
    """The footer is one line; empty parts are left out, and a warning comes last."""
    html = parts.footer(["gpt-4o", "", "0.4 s"], warning="cut by the limit")
    assert "gpt-4o · 0.4 s · ⚠ cut by the limit" == re.sub("<[^>]+>", "", html)
    assert len(html) < 350


def test_reasoning_is_folded() -> None:
    """Reasoning is Markdown, folded unless asked otherwise."""
    assert parts.reasoning("so *much*").startswith("<details class")
    assert parts.reasoning("x", open=True).startswith("<details open")
    assert "<em>much</em>" in parts.reasoning("so *much*")


def test_citations() -> None:
    """Sources are numbered links; one that may not be a link is its text."""
    html = parts.citations([("Title", "https://a.b"), ("", "https://c.d"), ("Bad", "javascript:x")])
    assert 2 == html.count("<a href=")
    assert ">https://c.d</a>" in html
    assert "<li>Bad javascript:x</li>" in html


def test_table() -> None:
    """Columns of numbers stand to the right, None is empty, short rows are filled."""
    html = parts.table(["name", "n"], [["a", 1], ["b", None], ["c"]])
    assert 4 == html.count("text-align:right")
    assert 'right"></td>' in html
    assert "None" not in html


def test_visible_is_named_here() -> None:
    """The package names `visible`, which every surface needs."""
    assert "␛" == visible("\x1b")


def test_words_in_a_table_break_where_they_may() -> None:
    """An option is not torn apart at its hyphens, a path may be, prose is left alone."""
    html = parts.table(("word", "file", "meaning"), [("--negative", "~/media/" + "a" * 64, "what must not be in it")])
    assert [True, False, False] == ["nowrap" in cell for cell in html.split("<td")[1:]]
    assert [False, True, False] == ["anywhere" in cell for cell in html.split("<td")[1:]]
