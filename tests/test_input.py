r"""What a user types: prompts arrive at the server byte for byte, and what cannot be meant is refused in few words, with nothing sent."""

from __future__ import annotations

import json
import os
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from aiml_nb import session
from aiml_nb.errors import AIMLError
from tests import parrot

PROMPTS = {
    "json": '{"a": [1, 2, {"b": "{{c}}"}], "d": "\\n\\u00e9"}\n',
    "template": "f'{x!r:>10} {{y}}' % (1,) ${HOME} $5 `ls` {% if %} <% %>",
    "latex": r"\frac{a}{b} \( x^{2} \) $$\int_0^1$$ costs $5 \begin{cases}{{ 1 }}\end{cases}",
    "python": "def f(x):\n\treturn {'a': x}  # %%chat\n!ls\n%time 1\nx?\n>>> 1\n",
    "blank": "\n\n  two spaces, two blank lines before and after  \n\n\n",
    "emoji": "👩‍👩‍👧‍👦 é e\u0301 \u2028\u2029\u0085 \ufeff \u202e Ω 漢字 \U0001f600",
    "controls": "NUL \x00 and \x01\x07\x1b[31m\x7f and \x0b\x0c\x1c end",
    "quotes": "'''\"\"\" \\' \\\" \\\\ \\",
    "dash": "--temperature 3 -m x\n-- --",
    "megabyte": "All work and no play makes {Jack} a $dull boy. é\n" * 20_000,
}


@pytest.fixture(scope="module")
def ip() -> Iterator[Any]:
    """A real shell without history."""
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    yield InteractiveShell.instance(config=config)
    InteractiveShell.clear_instance()


@pytest.fixture
def bird(ip: Any) -> Iterator[parrot.Parrot]:
    """The server that the magics talk to."""
    with parrot.parrot({PROMPTS["megabyte"]: "long"}) as bird:
        ip.reset(new_session=False)
        ip.extension_manager.load_extension("aiml_nb")
        ip.run_line_magic("aiml", f"use {bird.url}")
        yield bird
        ip.extension_manager.unload_extension("aiml_nb")
        session.default().close()
        sys.modules[session.default.__module__]._default = None


def run(ip: Any, cell: str) -> tuple[BaseException | None, str]:
    """The error of a cell, and what it printed."""
    with capture_output() as captured:
        done = ip.run_cell(cell)
    return done.error_in_exec or done.error_before_exec, captured.stdout + captured.stderr


@pytest.mark.parametrize("name", PROMPTS)
def test_a_prompt_arrives_as_it_was_typed(ip: Any, bird: parrot.Parrot, name: str) -> None:
    """Every character between the magic's line and the end of the cell, and no other; the reply keeps it as well."""
    prompt = PROMPTS[name]
    error, _ = run(ip, f"%%chat -q\n{prompt}\n")
    assert error is None
    assert [{"role": "user", "content": prompt}] == bird.asked[0]["messages"]
    assert bird.said.get(prompt, prompt) == ip.user_ns["_reply"].text


def test_half_a_character_is_mended(ip: Any, bird: parrot.Parrot) -> None:
    """A lone surrogate, which no JSON in UTF-8 can hold, does not stop the call."""
    ip.user_ns["half"] = "a \ud83d b"
    error, _ = run(ip, "%chat -q {{ half }}")
    assert error is None
    assert bird.asked[0]["messages"][0]["content"].startswith("a ")


def png(width: int, height: int) -> bytes:
    """The head of a PNG file of this size, and hardly any pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b""))
    packed = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def make_files() -> None:
    """Files that cannot be sent, in the working folder."""
    from pypdf import PdfWriter

    Path("bomb.png").write_bytes(png(20_000, 10_000))
    Path("cut.png").write_bytes(png(30, 20)[:50])
    Path("text.png").write_text("<html>Not found</html>")
    Path("noise.jpg").write_bytes(bytes(range(1, 200)))
    Path("nothing.png").touch()
    Path("folder").mkdir()
    Path("drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    Path("noise.bin").write_bytes(bytes(256))
    os.mkfifo("pipe")
    writer = PdfWriter()
    writer.add_blank_page(72, 72)
    writer.encrypt("secret")
    writer.write("locked.pdf")


#: What is typed, a word of the cause, a word of the way out.
MISTAKES = (
    ("%chat --modle x hi", "--modle", "--model"),
    ("%chat -m", "-m needs a value", "-m ID"),
    ("%chat -m --new hi", "-m needs a value", '-m "--new"'),
    ("%chat -m '' hi", "--model is empty", "leave it out"),
    ("%chat --at '' hi", "--at is empty", "leave it out"),
    ("%chat -c ' ' hi", "--conversation is empty", "leave it out"),
    ("%chat -z hi", "-z", "Options"),
    ("%chat --model=a --model=b hi", "twice", "Once"),
    ("%chat --new=1 hi", "--new takes no value", "%chat?"),
    ("%chat --timeout 0 hi", "--timeout 0", "--timeout 120"),
    ("%chat --timeout nan hi", "--timeout nan", "--timeout 120"),
    ("%chat --at nowhere hi", "nowhere", "aimlapi"),
    ("%chat --at ftp://x hi", "ftp", "https://"),
    ("%chat --at http://far.test -m x --api-key y hi", "--api-key", "%aiml key"),
    ("%chat --show html hi", "html", "markdown"),
    ("%chat --as java hi", "java", "curl"),
    ("%chat --schema missing hi", "missing", "cell"),
    ("%chat --schema number hi", "3", "dataclass"),
    ("%chat --tool missing hi", "missing", "cell"),
    ("%chat --tool number hi", "3", "function"),
    ("%chat --messages number hi", "int", "role"),
    ("%chat -o 1abc hi", "1abc", "-o summary"),
    ("%chat -p x hi", "-p x", "name=value"),
    ("%chat -p x=[1 hi", "not JSON", "double quotes"),
    ("%chat --prompt x hi", "--prompt", "cell"),
    ("%chat --stream false hi", "--stream", "--no-stream"),
    ('%chat --stop "open hi', "never closed", '"'),
    ("%chat {{ missing }}", "missing", "Braces"),
    ("%chat -a missing.png hi", "missing.png", "nothing.png"),
    ("%chat -a folder hi", "is a folder", "one file"),
    ("%chat -a pipe hi", "is a pipe", "one file"),
    ("%chat -a nothing.png hi", "empty", "send"),
    ("%chat -a cut.png hi", "damaged", "again"),
    ("%chat -a text.png hi", "no picture", "--original"),
    ("%chat -a noise.jpg hi", "no picture", "--original"),
    ("%chat -a noise.bin hi", "noise.bin", "images"),
    ("%chat -a bomb.png hi", "200 megapixels", "smaller"),
    ("%chat -a locked.pdf hi", "encrypted", "without protection"),
    ("%chat -a drawing.svg hi", "SVG", "PNG"),
    ("%chat -a ftp://x/y.png hi", "ftp", "Download"),
    ("%chat -a {{ number }} hi", "3", "URL"),
    ("%%chat gpt-4o\nhi", "gpt-4o", "-m gpt-4o"),
    ("x = 1\n%%chat\nhi", "first line", "own"),
    ("chat with me", "without its %", "%chat with me"),
    ("%image -m m --save x.txt a cat", "save", ".png"),
    ("%image -m m --save text.png/x.png a cat", "text.png is no folder", "folder"),
    ("%image -m m -c main a cat", "-c", "Options"),
    ("%api FROB /v1/models", "FROB", "GET"),
    ("%api GET v1/models", "path", "/v1/models"),
    ("%api GET http://other.test/v1", "another server", "--at"),
    ("%%api POST /v1/x\n{no json", "not JSON", "double quotes"),
    ("%api POST /v1/x --file f=missing", "missing", "folder"),
    ("%aiml frob", "frob", "status"),
    ("%aiml use groqq", "groqq", "groq"),
    ("%aiml conversations show nope", "nope", ""),
    ("%aiml model nope", "nope", "%aiml models"),
    ("%aiml prune soon", "soon", "days"),
)


@pytest.mark.parametrize(("cell", "cause", "remedy"), MISTAKES, ids=lambda value: str(value)[:30])
def test_a_mistake_is_named_and_nothing_is_sent(
    ip: Any, bird: parrot.Parrot, cell: str, cause: str, remedy: str
) -> None:
    """The error says what is wrong and what to do in at most 600 bytes as saved; no request left; the conversation is as it was."""
    make_files()
    ip.user_ns["number"] = 3
    run(ip, "%chat -q before")
    error, _ = run(ip, cell)
    assert isinstance(error, AIMLError), error
    assert cause in error.message
    assert remedy in error.advice
    block = error._render_traceback_()
    saved = {"ename": type(error).__name__, "evalue": str(error), "output_type": "error", "traceback": block}
    assert 600 >= len(json.dumps(saved, indent=1, ensure_ascii=False).encode())
    assert ["before"] == [asked["messages"][-1]["content"] for asked in bird.asked]
    assert ["POST"] == [seen.method for seen in bird.seen if seen.method != "GET"]
    assert 1 == len(session.default().conversations.get("main"))


@pytest.mark.parametrize("cell", ["%chat", "%%chat\n \n", "%chat -q", "%image", "%api"])
def test_without_a_prompt_it_says_how(ip: Any, bird: parrot.Parrot, cell: str) -> None:
    """An empty call sends nothing, shows an example, and names the help."""
    error, said = run(ip, cell)
    assert error is None
    assert "Nothing was sent" in said
    assert "?" in said
    assert [] == bird.asked


def test_a_picture_that_cannot_be_saved_is_not_lost(ip: Any, bird: parrot.Parrot) -> None:
    """Made and paid for under a name of the wrong kind, it is shown and kept in `_image`, and the cell says where it is."""
    run(ip, "%aiml use sandbox")
    with capture_output() as captured:
        done = ip.run_cell("%image --size 64x64 --save fox.jpg a fox")
    assert done.error_in_exec is None
    assert "image/png" in captured.outputs[0].data
    assert "fox" in captured.outputs[1].data["text/plain"]
    assert (64, 64) == ip.user_ns["_image"].image.size
    assert not Path("fox.jpg").exists()
