"""A body with files in it: the exact bytes, the exact length, again and again, in little memory."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiml_nb.content import Attachment, Base64, JSONBody, summary
from aiml_nb.errors import InvalidRequestError

ROOT = Path(__file__).parents[2]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(JSON, st.binary(min_size=1, max_size=50), st.text(max_size=10))
def test_it_is_the_json_with_the_file_in_it(around: object, data: bytes, prefix: str) -> None:
    """Whatever stands around a file, the body is what json would have made of it, and as long as it says."""
    leaf = Base64(Attachment.of(data, original=True), prefix)
    body = JSONBody({"around": around, "files": [leaf, {"again": leaf}]})
    sent = b"".join(body)
    text = prefix + base64.b64encode(data).decode()
    assert {"around": around, "files": [text, {"again": text}]} == json.loads(sent)
    assert (len(body), len(text)) == (len(sent), len(leaf))
    assert sent == b"".join(body)


@pytest.mark.parametrize("size", [1, 2, 3, 179_999, 180_000, 180_001, 600_000])
def test_blocks_join_without_a_seam(tmp_path: Path, size: int) -> None:
    """A file of any length, on disk, is one valid base64 text, in blocks of at most 256 kB."""
    data = bytes(i * 7 % 256 for i in range(size))
    (tmp_path / "f.bin").write_bytes(data)
    blocks = list(JSONBody({"f": Base64(Attachment.of("f.bin"))}))
    assert data == base64.b64decode(json.loads(b"".join(blocks))["f"])
    assert max(len(block) for block in blocks) <= 256_000


def test_fifty_megabytes_cost_at_most_five(tmp_path: Path) -> None:
    """Attaching and encoding 50 MB raises the peak of allocated memory by far less than 5 MB."""
    with (tmp_path / "large.pdf").open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(50_000_000)
    code = (
        "import tracemalloc, msgspec\n"
        "from aiml_nb.content import Attachment, Base64, JSONBody\n"
        "import aiml_nb.content.sources\n"
        "tracemalloc.start()\n"
        "body = JSONBody({'f': Base64(Attachment.of('large.pdf'), 'data:application/pdf;base64,')})\n"
        "assert sum(map(len, body)) == len(body) > 66_000_000\n"
        "print(tracemalloc.get_traced_memory()[1])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment())
    assert int(done.stdout) < 5_000_000


def environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT)}


def test_a_changed_file_is_an_error_and_never_a_wrong_length(tmp_path: Path) -> None:
    """Grown, shrunk, touched or gone between the length and the sending: an error of ours before the last block."""
    path = tmp_path / "f.bin"
    for change in (
        lambda: path.write_bytes(b"\1" * 500_001),
        lambda: path.write_bytes(b"\1" * 499_999),
        lambda: path.write_bytes(b"\2" * 500_000),
        path.unlink,
    ):
        path.write_bytes(b"\0" * 500_000)
        body = JSONBody({"f": Base64(Attachment.of(path))})
        sent, blocks = 0, iter(body)
        sent += len(next(blocks)) + len(next(blocks))
        change()
        if path.exists():
            with pytest.raises(InvalidRequestError, match="changed"):
                sent += sum(len(block) for block in blocks)
            assert sent < len(body)
        with pytest.raises(InvalidRequestError):
            b"".join(body)


def test_lone_surrogates_are_repaired() -> None:
    """Halves of a pair are joined and a lone half is replaced, in values and keys, beside a file too."""
    body = JSONBody({"a\ud800": ["\ud83d\ude00 \udc00", Base64(Attachment.of(b"xyz"))]})
    assert {"a\ufffd": ["\U0001f600 \ufffd", "eHl6"]} == json.loads(b"".join(body))


def test_what_is_no_json_is_an_error_of_ours() -> None:
    """A value that JSON cannot say is named by its type; NumPy's numbers and arrays are understood."""
    with pytest.raises(InvalidRequestError, match="SimpleQueue"):
        JSONBody({"a": __import__("queue").SimpleQueue()})
    assert {"a": [0.5, [1, 2]]} == json.loads(b"".join(JSONBody({"a": [np.float32(0.5), np.array([1, 2])]})))
    with pytest.raises(InvalidRequestError, match="no bytes"):
        Base64(Attachment.of("https://example.com/a.png"))


def test_httpx_sends_it_with_its_length() -> None:
    """httpx takes it as content and can read it a second time, as a retry does."""
    body = JSONBody({"f": Base64(Attachment.of(b"xyz" * 100_000))})
    request = httpx.Request("POST", "http://127.0.0.1/", content=body, headers={"Content-Length": str(len(body))})
    assert "transfer-encoding" not in request.headers
    first, second = b"".join(request.stream), b"".join(request.stream)
    assert (len(body), first) == (len(first), second)


def test_the_summary_shows_the_file_and_none_of_it(tmp_path: Path) -> None:
    """Each file becomes its prefix and its size, the rest stays as it was."""
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\n" + b"\0" * 1_200_000)
    leaf = Base64(Attachment.of("a.pdf"), "data:application/pdf;base64,")
    told = summary({"model": "m", "parts": [{"file_data": leaf}, ("x", 1)]})
    expected = {"model": "m", "parts": [{"file_data": "data:application/pdf;base64,… (1.2 MB)"}, ["x", 1]]}
    assert expected == told
