"""`%%chat` in a real IPython against the built-in sandbox: what is sent, kept, set and refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aiml_nb.errors import AIMLError, AuthenticationError, InvalidRequestError, SettingsError, StreamError


def sent(shell: Any, source: str) -> dict[str, Any]:
    """The body that a cell would send, from `--dry-run`."""
    out = shell.cell(source.replace("chat", "chat --dry-run", 1).replace("image", "image --dry-run", 1)).out
    return json.JSONDecoder().raw_decode(out, out.index("{"))[0]


def asked(shell: Any, source: str) -> str:
    return sent(shell, source)["messages"][-1]["content"]


def test_a_cell_is_answered(shell: Any) -> None:
    """`%%chat` prints the reply, sets `_reply`, and returns nothing."""
    done = shell.cell("%%chat\nWhy is the sky blue?")
    assert (None, None) == (done.error, done.result)
    assert "Why is the sky blue?" in done.shown[0]["text/plain"]
    assert "Why is the sky blue?" in shell.names["_reply"].text


def test_the_line_form_takes_a_question(shell: Any) -> None:
    """`%chat What is a token?` is sent, question mark and all."""
    assert "What is a token?" in shell.cell("%chat What is a token?").shown[0]["text/plain"]


PROMPTS = [
    '{"a": {"b": [1, 2]}} and {{"x"}}',
    'f"{x!r}" and {name} and {{x}} and {{ 2 }}',
    r"\frac{a}{b} costs $5 and \( x^{{ n }} \)",
    "  two spaces first, a tab\there, and\n\n\nempty lines",
    "$HOME `ls` !ls %time ?help",
    ">>> print(1)\n1",
]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_prompt_passes_untouched(shell: Any, prompt: str) -> None:
    """JSON, f-strings, LaTeX, money, shell and prompts reach the model as they were typed."""
    shell.cell("x = name = 'WRONG'")
    assert prompt == asked(shell, f"%%chat\n{prompt}")


def test_values_are_put_in(shell: Any) -> None:
    """`{{ expression }}` is filled in, from local variables too; an unknown name is an error that names it."""
    shell.cell("def ask(thing):\n    %chat -q Tell me of {{ thing.upper() }}\nask('foxes')")
    assert "FOXES" in shell.names["_reply"].text
    error = shell.cell("%chat {{ nothing_here }}").error
    assert isinstance(error, InvalidRequestError)
    assert "nothing_here" in error.message


def test_the_last_error_can_be_put_in(shell: Any) -> None:
    """`{{ Err }}` is the last error's text."""
    shell.cell("1 / 0")
    assert "ZeroDivisionError" in asked(shell, "%chat What is this? {{ Err }}")


def test_what_stands_beside_two_signs_is_part_of_the_prompt(shell: Any) -> None:
    """The rest of the first line goes above the cell; but a model's name there is refused."""
    assert "Translate:\nGuten Tag" == asked(shell, "%%chat Translate:\nGuten Tag")
    for name in ("gpt-4o", "openai/gpt-4o", "openai-chat:gpt-4"):
        error = shell.cell(f"%%chat {name}\nhi").error
        assert f"-m {name}" in error.advice


def test_options_behind_the_prompt_are_pointed_out(shell: Any) -> None:
    """`%chat hi -m x` sends all of it, as it must, and says so."""
    assert "Options come first" in shell.cell("%chat hello -m openai/gpt-4o").out


def test_parameters_ride_along(shell: Any) -> None:
    """Common words, own names, nested ones and JSON arrive in the request with their types."""
    body = sent(
        shell, '%chat -m m/x --temperature 0 --max_tokens 5 --user "7" --a.b-c true -p stop=["x y"] -p odd-name=1 hi'
    )
    assert "m/x" == body["model"]
    assert (0, 5, "7") == (body["temperature"], body["max_tokens"], body["user"])
    assert {"b_c": True} == body["a"]
    assert (["x y"], 1) == (body["stop"], body["odd-name"])


def test_an_expression_can_be_any_value(shell: Any) -> None:
    """A lone `{{ }}` after an option is the object itself, or its text where text is wanted."""
    shell.cell("n = 3; name = 'abc'")
    body = sent(shell, "%chat -m {{ 'a/' + name }} --seed {{ n + 1 }} --stop {{ [name] }} -p top={{ n }} hi")
    assert ("a/abc", 4, ["abc"], 3) == (body["model"], body["seed"], body["stop"], body["top"])


def test_a_system_prompt_and_messages(shell: Any) -> None:
    """`--system` goes first; `--messages` is any list of roles, alone or with a prompt behind it."""
    assert {"role": "system", "content": "Be brief"} == sent(shell, '%chat -s "Be brief" hi')["messages"][0]
    shell.cell("talk = [{'role': 'user', 'content': 'a'}, {'role': 'assistant', 'content': 'b'}]")
    roles = [m["role"] for m in sent(shell, "%chat --messages talk c")["messages"]]
    assert ["user", "assistant", "user"] == roles
    assert isinstance(shell.cell("%chat --messages talk -c x c").error, InvalidRequestError)
    assert isinstance(shell.cell("%chat --messages 5 c").error, InvalidRequestError)


def test_the_conversation_goes_on(shell: Any) -> None:
    """Calls go on in `main`, `-c` names another, `--new` begins afresh, and a dry run changes nothing."""
    shell.cell("%chat -q one")
    shell.cell("%chat -q -c other two")
    assert 3 == len(sent(shell, "%chat three")["messages"])
    assert 1 == len(sent(shell, "%chat --new three")["messages"])
    assert 3 == len(sent(shell, "%chat -c other three")["messages"])
    shell.cell("%chat -q --new four")
    assert "four" == sent(shell, "%chat five")["messages"][0]["content"]


def test_a_failed_call_leaves_the_conversation(shell: Any) -> None:
    """A refused call writes no turn; a cut one keeps its text in `_reply`, marked as partial."""
    assert isinstance(shell.cell("%chat FAULT 401").error, AuthenticationError)
    assert 1 == len(sent(shell, "%chat next")["messages"])
    assert isinstance(shell.cell("%chat FAULT cut tell me a long answer").error, StreamError)
    assert shell.names["_reply"].partial
    assert shell.names["_reply"].text
    assert 1 == len(sent(shell, "%chat next")["messages"])


def test_a_result_is_kept_under_a_name(shell: Any) -> None:
    """`-o` keeps the reply, with a schema the object; a name that is none is refused before anything is sent."""
    shell.cell("%chat -q -o first hi")
    assert shell.names["first"] is shell.names["_reply"]
    shell.cell("from dataclasses import dataclass\n@dataclass\nclass City:\n    name: str\n    people: int")
    shell.cell("%chat -q --schema City -o city Which?")
    assert shell.names["City"] is type(shell.names["city"])
    del shell.names["_reply"]
    for name in ("class", "a-b", "1x"):
        assert "cannot be a variable" in shell.cell(f"%chat -o {name} hi").error.message
    assert "_reply" not in shell.names


def test_an_object_is_shown_as_json(shell: Any) -> None:
    """An answer that fits a schema is drawn as indented JSON, unless `--show` says otherwise."""
    shell.cell("from dataclasses import dataclass\n@dataclass\nclass City:\n    name: str\n    people: int")
    assert '{\n  "name": "Lyon"' in shell.cell("%chat --schema City Tell of Lyon").shown[0]["text/plain"]
    assert '{"name": "Lyon"' in shell.cell("%chat --schema City --show text Tell of Lyon").shown[0]["text/plain"]


def test_a_dry_run_tells_the_price_in_a_fresh_session(shell: Any) -> None:
    """The price is known although nothing has fetched the catalogue yet."""
    assert "openai/gpt-4o: $0 in" in shell.cell("%chat --dry-run hi").out


def test_a_tool_is_called_and_shown(shell: Any) -> None:
    """A function of the notebook is offered, called, and its call stands on the reply."""
    shell.cell('def weather(city: str) -> str:\n    "The weather."\n    return "sunny in " + city')
    shell.cell("%chat -q -t weather Call the tool: how is the weather?")
    assert "sunny" in shell.names["_reply"].text
    assert shell.names["_reply"].steps
    assert "weather(" in shell.names["_reply"].steps[0]
    assert "Did you mean weather" in shell.cell("%chat -t wether hi").error.advice


def test_attachments(shell: Any, tmp_path: Path) -> None:
    """A file, an expression and a picture in the prompt arrive; a missing file is named, a variable's name hinted at."""
    from PIL import Image

    shell.names["img"] = Image.new("RGB", (30, 20), "red")
    shell.names["img"].save(tmp_path / "a b.png")
    for source in ('%chat -a "a b.png" hi', "%chat -a {{ img }} hi", "%chat -a {{img}} hi", "%chat {{ img }} hi"):
        shell.cell(source.replace("chat", "chat -q --new", 1))
        assert "30 × 20" in shell.names["_reply"].text, source
    assert "{{ img }}" in shell.cell("%chat -a img hi").error.advice
    assert "nothing.png" in shell.cell("%chat -a nothing.png hi").error.message


def test_code_goes_to_a_new_cell(shell: Any) -> None:
    """`--show code` offers the code of the reply, without its fences and its prose, as the next input."""
    shell.cell("%chat -q --show code Write some python code")
    assert shell.ip.rl_next_input.startswith("def greet(")
    shell.ip.rl_next_input = None
    assert "no code block" in shell.cell("%chat -q --show code hi").out
    assert None is shell.ip.rl_next_input


def test_nothing_is_sent_without_a_prompt(shell: Any) -> None:
    """An empty cell or line shows an example, and `%chat ?` the help."""
    for source in ("%chat", "%%chat", "%%chat\n\n", "%chat -m x", "%%chat --new\n  \n"):
        done = shell.cell(source)
        assert (None, True) == (done.error, done.out.startswith("Nothing was sent")), source
    assert "Options:" in shell.cell("%chat ?").out
    assert "_reply" not in shell.names


def test_as_code(shell: Any) -> None:
    """`--as` shows the call as code that compiles, and refuses another language before anything else happens."""
    for kind in ("python", "openai"):
        compile(shell.cell(f"%chat --as {kind} hello").out, "<code>", "exec")
    assert shell.cell("%chat --as curl hello").out.startswith("curl ")
    assert "curl, python, openai" in shell.cell("%chat --as perl hello").error.advice
    assert "_reply" not in shell.names


def test_quiet_draws_nothing(shell: Any) -> None:
    """`-q` leaves the screen empty and sets the variable."""
    done = shell.cell("%chat -q hi")
    assert ("", "", []) == (done.out, done.err, done.shown)
    assert shell.names["_reply"].text


def test_a_key_in_a_line_is_refused(shell: Any) -> None:
    """A key, or an option that asks for one, never goes further, and the error does not repeat it."""
    key = "sk-" + "test" * 8
    for source in (
        f"%chat -s {key} hi",
        f"%chat --api-key {key} hi",
        f"%aiml key {key}",
        f"%api GET /v1/models?key={key}",
    ):
        error = shell.cell(source).error
        assert isinstance(error, AIMLError), source
        assert "key" in f"{error.message} {error.advice}"
        assert key not in f"{error.message} {error.advice}"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("%chat --timeout soon hi", "--timeout soon"),
        ("%chat --timeout -1 hi", "--timeout -1"),
        ("%chat --show loud hi", "--show loud"),
        ("%chat --schema nothing hi", "no variable nothing"),
        ("%chat --at nowhere hi", "nowhere"),
        ("%chat -p x hi", "lacks its name"),
        ("%chat -p model=x hi", "cannot be a parameter"),
        ("%chat -p at=x hi", "cannot be a parameter"),
        ("%chat -p stop=[1 hi", "not JSON"),
        ("%chat --ab 1 --ab.c 2 hi", "cannot both be given"),
        ("%chat --frequency 1 --frequency 2 hi", "given twice"),
    ],
)
def test_mistakes_are_named_and_nothing_is_sent(shell: Any, source: str, says: str) -> None:
    """Each mistake is one of our errors that says what is wrong and what to do."""
    error = shell.cell(source).error
    assert isinstance(error, InvalidRequestError | SettingsError)
    assert says in error.message
    assert error.advice
    assert "_reply" not in shell.names


def test_an_error_is_short(shell: Any) -> None:
    """What an error leaves in the notebook is two lines, without a traceback."""
    error = shell.cell("%chat FAULT 401").error
    assert 2 == len(error._render_traceback_())
