"""`{{ expression }}`: what is filled in, what is left alone, and what is told when it fails."""

from __future__ import annotations

import io
import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import matplotlib.figure
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from aiml_nb.content import Attachment
from aiml_nb.errors import InvalidRequestError
from aiml_nb.template import evaluate, fill, find

#: Text with braces that is no interpolation, and comes through as it is.
UNTOUCHED = [
    '{"a": {"b": 1}}',
    '{{"a": 1}}',
    '{{ "a": 1 }}',
    '{"a": {"b": {"c": [1, 2]}}}',
    'f"{{x}}" and f"{x!r:>{width}}"',
    'f"{{ {x} }}"',
    'print(f"{{ {x}: {y} }}")',
    "{x} and {} and {0} and {{}}",
    "{{ }} {{}} {{  }}",
    "{{ 2 }} {{ 'a' }} {{ None }} {{ 1 + 1 }}",
    "{{ x, y }} {{ {x} }} {{ {'a': x} }}",
    "int m[2][2] = {{ 1, 2 }, { 3, 4 }};",
    r"\frac{{a}}{b} and \frac{{ x }}{{ y }} and x^{{ x }} and e^{x^{2}}",
    r"\begin{equation} \sum_{i=0}^{n} x_{i} \end{equation}",
    "${{ secrets.X }} and ${x} and $5 and $x$ and $$x$$",
    "{{x}} {{x }} {{ x}}",
    "{{{ x }}}",
    "{{#if x}} {{> x }} {{- x -}} {% if x %} {# x #}",
    "{{ .Values.x }} {{ x y }} {{ x | default: 3 }} {{ x ? 1 : 2 }}",
    "{{ ...x }} {{ color: 'x' }} {{ await x }} {{ yield x }}",
    "{{\n x\n}}",
    "{{ x\n }}",
    "`{{` and `}}` and {{ and }} and } } { {",
    "\\{{x}} \\{ \\} \\{{ 2 }} \\\\",
    "\x00 \ud800 \u202e {{ \x00x }}",
    "",
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_other_braces_are_text(text: str) -> None:
    """JSON, f-strings, LaTeX, dollars, templates of other languages and bare braces pass, even where the names exist."""
    filled = fill(text, {"x": 1, "y": 2, "a": 3})
    assert (text, ()) == (filled.text, filled.attachments)


@given(st.text(st.characters(blacklist_characters="{")))
def test_text_without_two_braces_is_unchanged(text: str) -> None:
    """A text that holds no `{{` comes through as it is."""
    assert text == fill(text, {}).text


@given(st.text("{} x$\\^\n\"'1:,.[]()", max_size=60))
def test_text_in_which_nothing_is_found_is_unchanged(text: str) -> None:
    """Whatever braces a text is made of, only the places that `find` names are replaced, and nothing else moves."""
    places = find(text)
    filled = fill(text, {"x": "", "xx": ""}) if not {p.expression for p in places} - {"x", "xx"} else None
    if filled is not None:
        kept, at = "", 0
        for place in places:
            kept += text[at : place.start] + (text[place.start + 1 : place.end] if place.escaped else "")
            at = place.end
        assert kept + text[at:] == filled.text


def test_many_braces_take_no_time() -> None:
    """A megabyte of braces is read in one go."""
    for text in ("{{ " * 100_000, "{{ a b }} " * 20_000, "{{ " + "}} " * 100_000, "{{ ( " + " }}" * 100_000):
        assert text == fill(text, {}).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi {{ name }}!", "Hi Ada!"),
        ("{{ name }}{{ name }}", "AdaAda"),
        ("{{\tname\t}}", "Ada"),
        ('{"who": "{{ name }}", "n": {{ n }}}', '{"who": "Ada", "n": 3}'),
        ("{{ n + 1 }} {{ n / 2 }} {{ len(name) }}", "4 1.5 3"),
        ("{{ f'{n:03d}' }}", "003"),
        ("{{ [c for c in name][0] }}", "A"),
        ("{{ {'a': n}['a'] }} {{ d['}}'] }}", "3 odd"),
        ("{{ (n, n) }}", "[3, 3]"),
        ("`{{ n }}` ```\n{{ In[1] }}\n``` {{ Out[1] }}", "`3` ```\nx = 1\n``` 5"),
        ("${{ n }} and $ {{ n }}", "${{ n }} and $ 3"),
        (r"\{{ n }} {{ n }} \{{ unknown }}", "{{ n }} 3 {{ unknown }}"),
        ("a {{ b {{ n }}", "a {{ b 3"),
    ],
)
def test_expressions_are_replaced(text: str, expected: str) -> None:
    """Names, arithmetic, calls, In and Out; a backslash keeps the braces."""
    namespace = {"name": "Ada", "n": 3, "d": {"}}": "odd"}, "In": ["", "x = 1"], "Out": {1: 5}}
    assert expected == fill(text, namespace).text


def test_what_is_inserted_is_never_read_again() -> None:
    """A value that looks like an interpolation, or like an escape, stays what it is."""
    assert r"{{ b }} \{{ b }} {{ b }}" == fill("{{ a }}", {"a": r"{{ b }} \{{ b }} {{ b }}", "b": "no"}).text


def test_each_expression_runs_once_and_in_order() -> None:
    """From left to right, once each, before anything is put together; the namespace is not changed."""
    calls: list[int] = []

    def note(number: int) -> int:
        calls.append(number)
        return number

    namespace = {"note": note}
    assert "1 2 1" == fill("{{ note(1) }} {{ note(2) }} {{ note(1) }}", namespace).text
    assert ([1, 2, 1], {"note": note}) == (calls, namespace)
    assert "7" == fill("{{ (q := 7) + note(0) }}", namespace).text
    assert {"note"} == set(namespace)


@pytest.mark.parametrize(
    ("expression", "words", "advice"),
    [
        ("datta", "datta", "data?"),
        ("data.heda()", "heda", "Did you mean"),
        ("lenn(data)", "lenn", "len?"),
        ("data['x']", "TypeError", "{{"),
        ("1 / zero", "ZeroDivisionError", "{{"),
        ("Out[9]", "KeyError: 9", "{{"),
        ("exit(3)", "SystemExit", "{{"),
    ],
)
def test_a_failing_expression_is_named(expression: str, words: str, advice: str) -> None:
    """The error holds the expression, what failed and the nearest name, and how to send the braces themselves."""
    namespace = {
        "data": type("Data", (list,), {"head": 1})(),
        "zero": 0,
        "Out": {},
        "exit": lambda n: __import__("sys").exit(n),
    }
    with pytest.raises(InvalidRequestError) as caught:
        fill(f"Look: {{{{ {expression} }}}}", namespace)
    assert expression in caught.value.message
    assert words in caught.value.message
    assert advice in caught.value.advice


def test_ctrl_c_goes_through() -> None:
    """A KeyboardInterrupt inside an expression is not turned into an error of ours."""

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill("{{ stop() }}", {"stop": stop})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  as it is\n", "  as it is\n"),
        (True, "True"),
        (None, "None"),
        (0.1, "0.1"),
        (np.float64(0.1), "0.1"),
        (np.int64(7), "7"),
        (Decimal("1.10"), "1.10"),
        (Fraction(1, 3), "1/3"),
        (date(2025, 1, 2), "2025-01-02"),
        (Path("a/b.txt"), "a/b.txt"),
        (b"plain bytes", "plain bytes"),
        ([1, "zwei"], '[1, "zwei"]'),
        ({"a": np.int64(1), "b": {2}, "c": date(2025, 1, 2)}, '{"a": 1, "b": [2], "c": "2025-01-02"}'),
        ({(1, 2): 3}, "{(1, 2): 3}"),
        (ValueError("no"), "ValueError: no"),
        (SimpleNamespace(a=1), "namespace(a=1)"),
        (SimpleNamespace(_repr_markdown_=lambda: "**bold**"), "**bold**"),
        (SimpleNamespace(_repr_png_=lambda: None, a=1), None),
        (int, "<class 'int'>"),
        (range(3), "range(0, 3)"),
    ],
)
def test_a_value_becomes_text(value: Any, text: str | None) -> None:
    """Text as it is, numbers and dates as `str` has them, lists and dicts as JSON, objects as they show themselves."""
    filled = fill("{{ v }}", {"v": value})
    assert () == filled.attachments
    assert filled.text == (repr(value) if text is None else text)


def test_long_values_are_bounded_and_say_so() -> None:
    """A long list, a long dict, a deep one, a circular one and a long repr are cut, with what is missing; text is not."""
    assert fill("{{ v }}", {"v": list(range(5000))}).text.endswith("… 4000 more items")
    assert "more characters" in fill("{{ v }}", {"v": {"a": "x" * 50_000}}).text
    assert "more characters" in fill("{{ v }}", {"v": SimpleNamespace(a="x" * 50_000)}).text
    circle: list[Any] = []
    circle.append(circle)
    assert "[...]" in fill("{{ v }}", {"v": circle}).text
    assert 100_000 == len(fill("{{ v }}", {"v": "x" * 100_000}).text)
    pretty = fill("{{ v }}", {"v": {"key": "x" * 100}}).text
    assert "\n" in pretty
    assert {"key": "x" * 100} == json.loads(pretty)


def test_a_value_that_cannot_show_itself_is_named() -> None:
    """An object whose repr fails is an error that names the expression."""

    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError("no")

    with pytest.raises(InvalidRequestError, match=r"\{\{ v \}\} cannot be inserted: RuntimeError"):
        fill("{{ v }}", {"v": Broken()})


def test_a_small_frame_is_a_whole_table() -> None:
    """A DataFrame is a Markdown table, whole numbers whole, pipes escaped, line breaks folded, no index that only counts."""
    frame = pd.DataFrame({"n": [1, 2], "x": [0.5, None], "s": ["a|b", "c\nd"]})
    assert (
        "| n | x | s |\n| --- | --- | --- |\n| 1 | 0.5 | a\\|b |\n| 2 | nan | c d |"
        == fill("{{ f }}", {"f": frame}).text
    )


def test_a_large_frame_is_bounded() -> None:
    """Of many rows and columns the first 20 and 12 are shown, and the rest is counted."""
    lines = fill("{{ f }}", {"f": pd.DataFrame(np.zeros((1000, 20)))}).text.splitlines()
    assert (2 + 20 + 2, "… 980 more rows and 8 more columns") == (len(lines), lines[-1])
    assert 12 == lines[0].count(" | ") + 1


def test_series_and_named_indexes_keep_their_index() -> None:
    """A Series and an index with a meaning show it; many levels stand in one column."""
    counts = pd.Series(["a", "a", "b"], name="letter").value_counts()
    assert "| letter | count |\n| --- | --- |\n| a | 2 |\n| b | 1 |" == fill("{{ c }}", {"c": counts}).text
    frame = pd.DataFrame({("x", "y"): [1]}, index=pd.MultiIndex.from_tuples([("p", "q")]))
    assert "|  | x / y |\n| --- | --- |\n| p / q | 1 |" == fill("{{ f }}", {"f": frame}).text
    empty = pd.DataFrame(columns=["a", "b"])
    assert "| a | b |\n| --- | --- |" == fill("{{ f }}", {"f": empty}).text


def test_pictures_and_figures_become_attachments() -> None:
    """A PIL image, a figure, an array and a list of pictures leave numbered markers; the same object is attached once."""
    picture, figure = Image.new("RGB", (4, 3)), matplotlib.figure.Figure(figsize=(1, 1))
    array = np.zeros((4, 3, 3), "uint8")
    namespace = {"p": picture, "f": figure, "a": array, "many": [picture, Image.new("RGB", (2, 2))], "m": np.eye(2)}
    filled = fill("{{ p }} {{ f }} {{ a }} {{ p }} {{ many }} {{ m.shape }}", namespace)
    assert "[image 1] [image 2] [image 3] [image 1] [image 1] [image 4] [2, 2]" == filled.text
    assert ["image/png"] * 4 == [a.mime for a in filled.attachments]
    assert "array" in fill("{{ m }}", namespace).text


def test_markers_count_on_from_what_is_attached() -> None:
    """What is attached already is counted, kind by kind, and is not in the result."""
    before = [Attachment.of("https://example.com/a.png"), Attachment.of("https://example.com/a.pdf")]
    out = io.BytesIO()
    Image.new("RGB", (2, 2)).save(out, "PNG")
    filled = fill("{{ p }}", {"p": out.getvalue()}, attach=before)
    assert ("[image 2]", 1, 2) == (filled.text, len(filled.attachments), len(before))


def test_tight_braces_around_a_variable_are_noted() -> None:
    """`{{x}}` is text; where x is a variable, a note tells how to insert it."""
    filled = fill("{{x}} {{y}} ${{x}}", {"x": 1})
    assert ("{{x}} {{y}} ${{x}}", ("{{x}} was sent as it is; {{ x }} inserts the value",)) == (
        filled.text,
        filled.notes,
    )


def test_an_option_is_evaluated_alike() -> None:
    """`evaluate` gives the value itself, for options such as --attach, with the same errors."""
    value = object()
    assert value is evaluate(" v ", {"v": value})
    with pytest.raises(InvalidRequestError, match="there is no variable w"):
        evaluate("w", {"v": value})
    with pytest.raises(InvalidRequestError, match="SyntaxError"):
        evaluate("v v", {"v": value})
