"""A call as code: the code asks the same, holds no key, and runs."""

from __future__ import annotations

import ast
import inspect
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import openai
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiml_nb import sandbox
from aiml_nb.content import Attachment, Base64, JSONBody
from aiml_nb.errors import InvalidRequestError
from aiml_nb.settings import resolve
from aiml_nb.snippet import _SDK, Request, snippet

URL = "https://api.aimlapi.com/v1/chat/completions"
SECRET = "sk-" + "test" * 8
TEXT = st.text(st.characters(exclude_categories=[]), max_size=60)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def chat(**more: Any) -> dict[str, Any]:
    return {"model": "openai/gpt-4o", "messages": [{"role": "user", "content": "Why?"}], **more}


def run(source: str, *, shell: bool = False, **env: str) -> str:
    # In a file: no argument could hold the long ones.
    Path("source").write_text(source, encoding="utf-8")
    command = ["bash", "source"] if shell else [sys.executable, "-W", "error", "source"]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
    )
    assert 0 == done.returncode, done.stderr + source
    return done.stdout


def body_of_curl(source: str) -> Any:
    """The JSON that a curl line sends, as a shell reads the line: curl replaced by what prints its body."""
    stand_in = (
        'curl() { while [ $# -gt 1 ]; do shift; done; if [ "$1" = "@-" ]; then cat; else printf "%s" "$1"; fi; }\n'
    )
    return json.loads(run(stand_in + source, shell=True))


@pytest.mark.parametrize("kind", ["curl", "python", "openai"])
def test_the_key_is_a_variable_s_name(kind: str) -> None:
    """The code reads the key from the provider's variable, and the key itself stands nowhere."""
    endpoint = resolve("aimlapi", api_key=SECRET)
    code = snippet(kind, Request.to(endpoint, "POST", "/v1/chat/completions", chat()))
    assert "AIMLAPI_API_KEY" in code
    assert SECRET not in code
    assert "https://api.aimlapi.com/v1" in code


def test_a_server_without_a_key_gets_none() -> None:
    """A local server that needs no key is asked without one."""
    code = snippet("curl", Request.to(resolve("ollama"), "POST", "/v1/chat/completions", chat()))
    assert "Authorization" not in code


def test_an_unknown_kind_is_refused() -> None:
    """Another word after --as is an error that names the three."""
    with pytest.raises(InvalidRequestError) as caught:
        snippet("perl", Request("GET", URL))
    assert "curl, python, openai" in caught.value.advice


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_a_shell_reads_back_the_same_json(payload: dict[str, Any]) -> None:
    """Whatever characters the payload has, the shell hands curl exactly its JSON."""
    words = shlex.split(snippet("curl", Request("POST", URL, payload)).replace("\\\n", " "))
    assert payload == json.loads(words[words.index("--data-binary") + 1])


@pytest.mark.parametrize(
    "prompt", ["it's", '"$HOME" `id` $(id) \\ !!', "a\nb\tc", "é 漢 🙂 \u202e", "{{ x }} 100%", "@file"]
)
def test_bash_itself_reads_back_the_same_json(prompt: str) -> None:
    """Quotes, dollars, backticks and percent signs reach the server as they are."""
    payload = chat(stop=prompt)
    assert payload == body_of_curl(snippet("curl", Request("POST", URL, payload)))


def test_a_long_prompt_goes_through_a_pipe() -> None:
    """A body that no argument could hold is piped, and arrives whole."""
    payload = chat(stop="it's long " * 30_000)
    assert payload == body_of_curl(snippet("curl", Request("POST", URL, payload)))


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_python_reads_back_the_same_values(payload: dict[str, Any]) -> None:
    """The payload in the Python code is the payload."""
    tree = ast.parse(snippet("python", Request("POST", URL, payload)))
    found = [
        word.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg == "json"
    ]
    assert [payload] == [ast.literal_eval(each) for each in found]


def test_unseen_characters_are_written_as_escapes() -> None:
    """What would turn the reading order or control a terminal is visible in the code."""
    for kind in ("curl", "python", "openai"):
        code = snippet(kind, Request("POST", URL, chat(stop="a\u202eb\x1b[2J\u200b")))
        assert not {"\u202e", "\x1b", "\u200b"} & set(code)


@pytest.mark.parametrize("kind", ["curl", "python", "openai"])
def test_numpy_s_numbers_are_numbers(kind: str) -> None:
    """A parameter from a NumPy computation is written as the number that is sent."""
    code = snippet(kind, Request("POST", URL, chat(temperature=np.float64(0.5), n=np.int64(2), stop=(np.nan,))))
    assert "0.5" in code
    assert "float64" not in code
    assert "nan" not in code


def with_file(folder: Path) -> tuple[dict[str, Any], bytes]:
    path = folder / "it's $mine.pdf"
    path.write_bytes(b"%PDF-1.4\n" + bytes(range(256)) * 20)
    leaf = Base64(Attachment.of(path), "data:application/pdf;base64,")
    payload = chat(files=[{"file_data": leaf, "filename": path.name}])
    return payload, b"".join(JSONBody(payload))


def test_curl_reads_an_attachment_from_its_file(tmp_path: Path) -> None:
    """The code encodes the file itself, and the body is the one that we would have sent."""
    payload, body = with_file(tmp_path)
    code = snippet("curl", Request("POST", URL, payload))
    assert len(code) < 1500
    assert json.loads(body) == body_of_curl(code)


@pytest.mark.parametrize(("kind", "word"), [("python", "json"), ("openai", "extra_body")])
def test_python_reads_an_attachment_from_its_file(tmp_path: Path, kind: str, word: str) -> None:
    """The code encodes the file itself, and the body is the one that we would have sent."""
    payload, body = with_file(tmp_path)
    code = snippet(kind, Request("POST", URL, payload, key_name="KEY"))
    tree = ast.parse(code)
    call = next(w.value for n in ast.walk(tree) if isinstance(n, ast.Call) for w in n.keywords if w.arg == word)
    encoder = (
        code[code.index("def b64") : code.index("base64.b64encode")]
        + code[code.index("base64.b64encode") :].splitlines()[0]
    )
    value = eval(ast.unparse(call), run_in(encoder))
    assert json.loads(body)["files"] == value["files"]


def run_in(source: str) -> dict[str, Any]:
    space: dict[str, Any] = {}
    exec("import base64\nfrom pathlib import Path\n" + source, space)
    return space


def test_an_attachment_without_a_file_says_what_to_do() -> None:
    """Bytes that came from a variable have no path: the code names one, and says that they must be saved there."""
    leaf = Base64(Attachment.of(b"%PDF-1.4\n..."), "data:application/pdf;base64,")
    assert "save the attachment" in snippet("curl", Request("POST", URL, chat(file=leaf)))
    assert "# save the attachment as" in snippet("python", Request("POST", URL, chat(file=leaf)))


def test_the_sdk_s_own_parameters_are_the_ones_it_has() -> None:
    """Each name that the code gives as an argument is one in the SDK, and every other one rides in extra_body."""
    client = openai.OpenAI(api_key="none", base_url="http://127.0.0.1:9/v1")
    for method, names in _SDK.values():
        function: Any = client
        for part in method.split("."):
            function = getattr(function, part)
        assert set() == names - set(inspect.signature(function).parameters)
    code = snippet("openai", Request("POST", URL, chat(top_k=3)))
    assert 'extra_body={"top_k": 3}' in code


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("kind", ["curl", "python", "openai"])
def test_the_code_runs(kind: str, stream: bool) -> None:
    """Each kind of code gets an answer from a real server, streamed and not."""
    server = sandbox.shared()
    more = {"stream": True} if stream else {}
    request = Request("POST", f"{server.url}/v1/chat/completions", chat(**more), key_name="SOME_KEY")
    assert "Why?" in run(snippet(kind, request), shell=kind == "curl", SOME_KEY=server.key).replace('"}}]}', "")


@pytest.mark.parametrize("kind", ["curl", "python", "openai"])
def test_the_code_of_another_dialect_runs(kind: str) -> None:
    """A stream of the Responses API is read by its own events, and the SDK asks for the whole answer."""
    server = sandbox.shared()
    body = {"model": "openai/gpt-4o", "input": "Why?", "stream": True}
    request = Request("POST", f"{server.url}/v1/responses", body, key=server.key)
    assert "Why?" in run(snippet(kind, request), shell=kind == "curl")


@pytest.mark.parametrize("kind", ["curl", "python", "openai"])
def test_a_path_without_a_body_runs(kind: str) -> None:
    """A GET has no body, and each kind asks it."""
    server = sandbox.shared()
    request = Request("GET", f"{server.url}/v1/models", key=server.key)
    assert "openai/gpt-4o" in run(snippet(kind, request), shell=kind == "curl")


@pytest.mark.parametrize("kind", ["curl", "python"])
def test_an_upload_is_shown(kind: str, tmp_path: Path) -> None:
    """A multipart call names its files and fields; the SDK's form of it is refused with the others named."""
    path = tmp_path / 'a "b" c.png'
    request = Request("POST", URL, {"n": 2}, files=[("image", str(path))], key_name="KEY")
    code = snippet(kind, request)
    assert "image" in code
    assert "n=2" in code or '{"n": "2"}' in code
    with pytest.raises(InvalidRequestError, match="upload"):
        snippet("openai", request)
