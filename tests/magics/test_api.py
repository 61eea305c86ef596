"""`%api` and `%%api`: any endpoint, verb and body."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aiml_nb.errors import InvalidRequestError, NotFoundError


def test_a_get(shell: Any) -> None:
    """`%api GET /path` and `%api /path` show the answer and keep it in `_answer`, and under a name."""
    done = shell.cell("%api GET /v1/models -o listed")
    assert done.out.startswith("200 GET /v1/models")
    assert "openai/gpt-4o" in {row["id"] for row in shell.names["_answer"]["data"]}
    assert shell.names["listed"] == shell.names["_answer"]
    assert "more lines" in done.out
    assert None is shell.cell("%api --quiet /v1/models").error


def test_a_post_with_values(shell: Any) -> None:
    """JSON in the cell is sent; `{{ }}` is text inside a text and a value elsewhere, quotes and line ends escaped."""
    shell.cell("text = 'two\\nlines, a \"quote\" and a \\\\'; n = 3")
    body = '{"model": "text-embedding-3-small", "input": "{{ text }}!", "dimensions": {{ n }}}'
    done = shell.cell(f"%%api POST /v1/embeddings\n{body}")
    assert None is done.error
    assert 3 == len(shell.names["_answer"]["data"][0]["embedding"])
    shown = shell.cell(f"%%api POST /v1/embeddings --dry-run\n{body}").out
    assert r'"input": "two\nlines, a \"quote\" and a \\!"' in shown


def test_lists_objects_and_tables_are_values(shell: Any) -> None:
    """Outside of quotes an expression may be a list, a dict, an array or a table."""
    import numpy as np
    import pandas as pd

    shell.names.update(rows=[{"a": 1}], array=np.array([1, 2]), frame=pd.DataFrame({"x": [1, 2]}))
    shown = shell.cell('%%api POST /v1/x --dry-run\n{"r": {{ rows }}, "a": {{ array }}, "f": {{ frame }}}').out
    assert '"x": 2' in shown
    error = shell.cell('%%api POST /v1/x --dry-run\n{"r": {{ print }}}').error
    assert "print" in error.message


def test_braces_of_json_are_no_expressions(shell: Any) -> None:
    """Nested objects may close with two braces."""
    assert '"b": {}' in shell.cell('%%api POST /v1/x --dry-run\n{"a":{"b":{}}}').out


def test_a_long_row_of_numbers_is_one_line(shell: Any) -> None:
    """An embedding is told in a line; the variable has all of it."""
    done = shell.cell('%%api POST /v1/embeddings\n{"model": "text-embedding-3-small", "input": "king"}')
    assert "(1,536 numbers)" in done.out
    assert 1536 == len(shell.names["_answer"]["data"][0]["embedding"])


def test_an_upload(shell: Any, tmp_path: Path) -> None:
    """`--file field=PATH` shows up as an upload, and as code."""
    (tmp_path / "a b.txt").write_text("x")
    out = shell.cell("%api POST /v1/files --file 'file=a b.txt' --dry-run").out
    assert "file: the file" in out
    assert "-F " in shell.cell("%api POST /v1/files --file 'file=a b.txt' --as curl").out


def test_an_upload_arrives(shell: Any, tmp_path: Path) -> None:
    """The file and the cell's fields reach a server as a form."""
    import http.server
    import threading

    (tmp_path / "note.txt").write_text("hello file")
    seen: list[bytes] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "audio/mpeg")
            self.end_headers()
            self.wfile.write(b"\xff\xfb")

        def log_message(self, *args: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        at = f"http://127.0.0.1:{server.server_port}"
        done = shell.cell(f'%%api --at {at} POST /v1/files --file file=note.txt\n{{"purpose": "test", "n": 1}}')
        server.shutdown()
    assert None is done.error
    for part in (b"hello file", b'name="purpose"', b'filename="note.txt"'):
        assert part in seen[0]
    assert b"\xff\xfb" == shell.names["_answer"]
    assert "2 bytes of audio/mpeg" in done.out


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("%api FETCH /v1/models", "no HTTP method"),
        ("%api GET", "path is missing"),
        ("%api GET v1/models", "path is missing"),
        ("%api GET /v1/models extra", "stands behind the path"),
        ("%api GET /v1/models --temperature 1", "no option --temperature"),
        ("%api POST /v1/files --file file=nothing.txt", "no file nothing.txt"),
        ("%api POST /v1/files --file nothing.txt", "lacks its name"),
        ("%api GET /v1/models --as openai", "--as openai"),
        ("%api GET /v1/models --at groq --at groq", "given twice"),
        ("%api --at groq GET /v1/models --at groq", "given twice"),
        ("%api GET http://elsewhere.example/v1/models", "another server"),
        ("%%api POST /v1/x\n{'a': 1}", "line 1, column 2"),
        ('%%api POST /v1/x\n{\n "a": 1,\n}', "line 3"),
        ('%%api POST /v1/x\n{"a": {{ nothing_here }}}', "nothing_here"),
    ],
)  # fmt: skip
def test_mistakes_are_named(shell: Any, source: str, says: str) -> None:
    """Each mistake says what is wrong and sends nothing."""
    error = shell.cell(source).error
    assert isinstance(error, InvalidRequestError)
    assert says in error.message
    assert "_answer" not in shell.names


def test_a_missing_endpoint_is_the_provider_s_error(shell: Any) -> None:
    """404 comes as NotFoundError."""
    assert isinstance(shell.cell("%api GET /v1/nonsense").error, NotFoundError)


def test_nothing_is_sent_without_a_request(shell: Any) -> None:
    """`%api` alone shows how it is called."""
    assert "Nothing was sent" in shell.cell("%api").out
