"""The parser of a magic's line: options first, then the prompt, verbatim."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aiml_nb.errors import InvalidRequestError
from aiml_nb.magics.line import Line, Value, coerce, expression_end, json_value, parse, put, split_assignment
from aiml_nb.magics.options import API, CHAT, IMAGE


def chat(line: str) -> Line:
    return parse(line, CHAT)


def refused(line: str) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as caught:
        chat(line)
    assert caught.value.advice
    return caught.value


PROMPTS = st.text(
    alphabet=st.characters(codec="utf-8", exclude_characters="\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), min_size=1
)


@given(PROMPTS)
@example('{"a": {"b": [1, 2]}}')
@example('f"{x!r:>10} {{y}}"')
@example(r"\frac{a}{b} and \( x_{1} \) and $5")
@example("It's \"half quoted")
@example("a -m b --size c = d")
def test_a_prompt_behind_two_dashes_passes_verbatim(prompt: str) -> None:
    """Whatever stands behind `--` is the prompt, but for spaces around it."""
    assert prompt.strip() == chat(f"-m x -- {prompt}").prompt


@given(PROMPTS.map(str.strip).filter(lambda text: re.match(r"[^\s\-\u2012-\u2015\u2212]", text)))
def test_a_prompt_that_starts_with_no_dash_needs_nothing_before_it(prompt: str) -> None:
    """Options end where a word starts without a dash, and the rest is untouched."""
    assert prompt == chat(f"--temperature 0 {prompt}").prompt


@given(st.text(st.characters(codec="utf-8", exclude_characters='"\\')))
def test_quotes_group_any_text(text: str) -> None:
    """What stands between double quotes is the value, as it is."""
    assert Value(text, quoted=True) == chat(f'-s "{text}" go').options["system"]


def test_options_of_every_kind() -> None:
    """Values, flags, repeated values, joined values and parameters stand side by side."""
    line = chat("-m openai/gpt-4o -a a.png --attach=b.png --new -t f -t g --temperature -1 --max-tokens=5 Why?")
    assert "openai/gpt-4o" == line.text("model")
    assert ["a.png", "b.png"] == [value.text for value in line.many("attach")]
    assert line.flag("new")
    assert not line.flag("quiet")
    assert ["f", "g"] == [value.text for value in line.many("tool")]
    assert {"temperature": -1, "max_tokens": 5} == {name: value.coerce() for name, value in line.params.items()}
    assert "Why?" == line.prompt


@pytest.mark.parametrize("prompt", ["-5 + 3 = ?", "- a list", "-", "5 - 3", "—hello"])
def test_a_number_or_a_lone_dash_begins_a_prompt(prompt: str) -> None:
    """Only a dash and a letter make an option."""
    assert prompt == chat(prompt).prompt


def test_an_expression_is_one_token() -> None:
    """`{{ … }}` is one value whatever spaces, quotes and brackets it holds."""
    line = chat("""-a {{ photos["my cat"][{1: 2}[1]] }} -s a{{ x + '}}' }}b go on""")
    assert """{{ photos["my cat"][{1: 2}[1]] }}""" == line.many("attach")[0].text
    assert "a{{ x + '}}' }}b" == line.text("system")
    assert "go on" == line.prompt


def test_json_may_hold_spaces() -> None:
    """An array, object or quoted text after `-p name=` ends where its JSON ends."""
    line = chat('-p stop=["a", "b c"] -p format={"type": {"x": 1}} -p word="two words" --stop ["x", "y"] go')
    assert ['stop=["a", "b c"]', 'format={"type": {"x": 1}}', 'word="two words"'] == [
        v.text for v in line.many("param")
    ]
    assert ["x", "y"] == line.params["stop"].coerce()


def test_backslashes_in_quotes_stay() -> None:
    """A Windows path passes in quotes; only a quote can be escaped."""
    assert r"C:\new\table.png" == chat(r'-a "C:\new\table.png" x').many("attach")[0].text
    assert 'say "hi"' == chat(r'-s "say \"hi\"" x').text("system")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5), ("-1.5", -1.5), ("1e3", 1000.0), ("true", True), ("False", False), ("null", None), ("None", None),
        ("[1, 2]", [1, 2]), ('{"a": 1}', {"a": 1}), ("1024x1024", "1024x1024"), ("007", "007"), ("NaN", "NaN"),
        ("[oops", "[oops"), ("high", "high"), ("", ""),
    ],
)  # fmt: skip
def test_a_bare_value_is_read_as_json_where_it_is_some(text: str, value: object) -> None:
    """Numbers, true, false, null, arrays and objects are values; everything else is text."""
    found = coerce(text)
    assert (value, type(value)) == (found, type(found))


def test_a_quoted_number_is_text() -> None:
    """`--user "5"` sends the text 5."""
    assert "5" == chat('--user "5" hi').params["user"].coerce()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("-x 1 hi", "no option -x"),
        ("-mgpt hi", "-mgpt"),
        ("-model gpt hi", "two dashes"),
        ("-temperature 1 hi", "two dashes"),
        ("--m gpt hi", "one dash too many"),
        ("-m", "needs a value"),
        ("-m --new hi", "--new is an option"),
        ("--new=true hi", "takes no value"),
        ("-m a -m b hi", "given twice"),
        ("--seed 1 --seed 2 hi", "given twice"),
        ('-s "open hi', "never closed"),
        ('-s "a"b hi', "space is missing"),
        ("-a {{ x hi", "never closed"),
        ("--modle gpt hi", "no option --modle"),
        ("--temprature 1 hi", "no option --temprature"),
        ("--stream false hi", "cannot be a parameter"),
        ("--api-key abc hi", "cannot be a parameter"),
        ("–model gpt hi", "long dash"),
        ("—temperature 1 hi", "long dash"),
        ("--?! 1 hi", "not a name"),
    ],
)
def test_a_mistake_is_named(line: str, says: str) -> None:
    """Each mistake gets an error that says what is wrong, with advice."""
    assert says in refused(line).message


def test_a_near_miss_names_the_right_option() -> None:
    """A misspelled option names the nearest one, and how to send it if it was meant."""
    error = refused("--modle gpt hi")
    assert "--model" in error.advice
    assert "-p modle=" in error.advice


def test_a_magic_without_parameters_refuses_them() -> None:
    """`%api` knows its own options only."""
    with pytest.raises(InvalidRequestError) as caught:
        parse("--temperature 1 GET /v1/models", API)
    assert "--file" in caught.value.advice


def test_every_magic_takes_its_own_words() -> None:
    """A common word of images passes there."""
    assert "512x512" == parse("--size 512x512 a fox", IMAGE).params["size"].coerce()


def test_dotted_names_unfold() -> None:
    """`--a.b.c 1` is an object in an object, and nothing is set twice."""
    tree: dict[str, object] = {}
    put(tree, "camera_control.type", "simple")
    put(tree, "camera_control.speed", 2)
    assert {"camera_control": {"type": "simple", "speed": 2}} == tree
    with pytest.raises(InvalidRequestError):
        put(tree, "camera_control", 1)
    with pytest.raises(InvalidRequestError):
        put(tree, "camera_control.type.x", 1)


def test_json_values() -> None:
    """`-p` takes JSON, a bare word as text, and refuses what starts like JSON and is none."""
    assert ["a"] == json_value("-p", '["a"]')
    assert "vivid" == json_value("-p", "vivid")
    assert 3 == json_value("-p", "3")
    with pytest.raises(InvalidRequestError, match="not JSON"):
        json_value("-p", "['a']")


def test_an_assignment_has_a_name() -> None:
    """`name=value` splits at the first sign; without a name it is refused."""
    assert ("a", "b=c") == split_assignment("-p", "a=b=c")
    for text in ("abc", "=x"):
        with pytest.raises(InvalidRequestError):
            split_assignment("-p", text)


def test_where_an_expression_ends() -> None:
    """Brackets and strings inside an expression do not end it; one that never ends is None."""
    assert 11 == expression_end("{{ d[{}] }}", 0)
    assert None is expression_end("{{ x", 0)
