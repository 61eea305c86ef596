"""A key made for the test is looked for in all that a session leaves: outputs, tracebacks, logs, files, histories, processes.

The server is hostile: it sends the key back wherever it can. What is looked for are ends of the key, in base64 too, so
that no quoting hides it.
"""

from __future__ import annotations

import base64
import json
import secrets
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import wires
from tests.display import kernels

#: What a traceback of each kind may hold: the frames' locals in Verbose, chains in all.
XMODES = ("Minimal", "Plain", "Context", "Verbose", "Docs")
WAYS = (
    "401",
    "400",
    "500",
    "text",
    "header",
    "sse",
    "reasoning",
    "not json",
    "cut",
    "tool",
    "model",
    "timeout",
    "redirect",
    "pieces",
    "bytes",
)


class Canary:
    """A key that never was, and the search for it."""

    def __init__(self) -> None:
        self.middle = secrets.token_hex(16)
        self.key = "sk-" + f"canary/+{self.middle}"

    def marks(self) -> set[bytes]:
        """What no file and no output may hold: twelve letters from either end, and the key in base64."""
        plain = {self.middle[:12], self.middle[-12:]}
        coded = set()
        for shift in range(3):
            text = base64.b64encode(b"\0" * shift + self.key.encode()).decode().rstrip("=")
            coded.add(text[8:-4])
        return {mark.encode() for mark in plain | coded}

    def hits(self, data: bytes | str) -> list[bytes]:
        found = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
        return [mark for mark in self.marks() if mark in found]

    def files(self, folder: Path, *allowed: str) -> list[str]:
        """The files below a folder that hold it, but for those that are there to."""
        every = [path for path in folder.rglob("*") if path.is_file() and path.name not in allowed]
        assert every
        return [str(path) for path in every if self.hits(path.read_bytes()) or self.hits(path.name)]


def echo(client: socket.socket, seen: wires.Seen) -> bytes | None:
    """Send the key back in the way that the prompt names."""
    key = seen.headers.get("authorization", "no key").removeprefix("Bearer ")
    last = str(json.loads(seen.body or "{}").get("messages", [{}])[-1].get("content"))
    way = last.removeprefix("echo ")
    said: dict[str, Any] = {"content": f"Your key is {key}, is it not?"}
    if way in ("401", "400", "500"):
        told = {"error": {"message": f"Incorrect API key provided: {key}.", "code": key, "param": key, "key": [key]}}
        return wires.answer(json.dumps(told).encode(), int(way), x_request_id=key, retry_after="0")
    if way == "redirect":
        return wires.answer(b"", 307, location=f"http://127.0.0.1:9/{key}?key={key}")
    if way == "not json":
        return wires.answer(f"<html><title>{key}</title>Bearer {key}</html>".encode(), content_type="text/html")
    if way == "timeout":
        time.sleep(1.5)
        return None
    if not seen.path.startswith("/v1/chat"):
        return wires.answer(json.dumps({"data": [{"id": f"model-{key}", "description": key}]}).encode(), x_key=key)
    if way == "reasoning":
        said = {"reasoning_content": key, "content": "Well."}
    if way == "tool":
        said = {"tool_calls": [{"index": 0, "id": key, "function": {"name": key, "arguments": json.dumps({"k": key})}}]}
    headers = f"x-key: {key}\r\nset-cookie: k={key}\r\nx-inference-id: {key}\r\n".encode() if way == "header" else b""
    client.sendall(wires.SSE.removesuffix(b"\r\n") + headers + b"\r\n")
    if way == "pieces":  # a token or two at a time, as a model would write it
        for at in range(0, len(key), 3):
            client.sendall(wires.event(json.dumps({"choices": [{"index": 0, "delta": {"content": key[at : at + 3]}}]})))
    chunk = {"id": key, "model": key if way == "model" else "m", "choices": [{"index": 0, "delta": said}]}
    for piece in wires.event(json.dumps(chunk)).split(b"n") if way == "bytes" else ():
        client.sendall(piece + b"n")
        time.sleep(0.005)
    client.sendall(wires.event(json.dumps(chunk)))
    if way == "sse":
        return wires.event(json.dumps({"error": {"message": f"bad key {key}", "code": 401}}))
    if way == "cut":
        return None
    client.sendall(wires.event('{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}') + wires.event("[DONE]"))
    return None


@pytest.fixture
def server() -> Iterator[wires.Server]:
    with wires.serving(echo) as server:
        yield server


LOGS = """
import logging, io, sys, warnings
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, force=True)
for name in ("httpx", "httpcore", "asyncio", "aiml_nb"):
    logging.getLogger(name).setLevel(logging.DEBUG)
warnings.simplefilter("always")
import aiml_nb as ai
"""
#: An error of ours inside one of the user's: IPython then shows our frames too, in Verbose with their locals.
CHAIN = """
try:
    ai.chat("echo {way}", timeout=0.7)
except BaseException as error:
    raise ValueError("mine") from error
"""
LOOK = """
import gc, os, pickle, pprint, subprocess, sys
from aiml_nb.session import default
session = default()
client = session.client()
def tries(work):
    try:
        return str(work())
    except Exception as error:
        return repr(error)
for each in (session, client, session.endpoint(), session.store, session.catalogue(), session.conversations, _reply):
    print(repr(each), tries(lambda: vars(each)), tries(lambda: pickle.dumps(each)))
    for inner in gc.get_referents(each):
        print(tries(lambda: inner), tries(lambda: vars(inner)))
print(_reply.text, _reply.raw, _reply.id, _reply.model, _reply.choices, _reply.tool_calls)
print(dict(os.environ), sys.argv, subprocess.run(["env"], capture_output=True, text=True).stdout)
"""


def test_a_session_leaves_the_key_nowhere(server: wires.Server, tmp_path: Path) -> None:
    """Not in an output, a traceback of any kind, a log, a file, a history, a repr, a pickle, or another process."""
    canary = Canary()
    home = tmp_path / "kernel"
    with kernels.running(home, AIML_NB_LOG=str(home / "debug.log"), AIML_NB_DISPLAY="live") as kernel:
        (home / ".env").write_text(f"AIMLAPI_API_KEY={canary.key}\nAIMLAPI_BASE_URL={server.url}\n")
        cells = ["%load_ext aiml_nb", LOGS, "%aiml status", "%aiml doctor", "%aiml models", "%api GET /v1/models"]
        cells += [f"%%chat --timeout 0.7\necho {way}" for way in WAYS]
        cells += [f"%xmode {mode}\n" for mode in XMODES]
        for mode in XMODES:
            cells += [
                f"%xmode {mode}",
                *(CHAIN.format(way=way) for way in ("401", "sse", "cut", "timeout", "not json")),
            ]
        cells += ["%chat --as curl hello", "%chat --as python hello", "%chat --dry-run hello", "%aiml usage", LOOK]
        cells += ["%aiml conversations show main", "%aiml conversations export main talk.md", "%history", "%explain"]
        leaks = []
        for cell in cells:
            run = kernel.run(cell)
            if canary.hits(json.dumps([run.messages, run.reply], default=str, ensure_ascii=False)):
                leaks.append((cell, [str(m["content"]) for m in run.messages if canary.hits(str(m["content"]))]))
        assert [] == leaks
        assert any(canary.key in seen.headers.get("authorization", "") for seen in server.seen)
        assert [] == processes(canary)
    assert (home / "debug.log").stat().st_size
    assert [] == canary.files(tmp_path, ".env")


def processes(canary: Canary) -> list[str]:
    """The processes whose arguments or environment hold it."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            try:
                data = (folder / name).read_bytes()
            except OSError:
                continue
            if canary.hits(data):
                found.append(f"{folder.name} {name}")
    return found


def test_a_key_in_a_cell_is_refused(server: wires.Server, tmp_path: Path) -> None:
    """Typed on a magic's line, or the one in use in a cell: not sent, not repeated, not stored; `%aiml key` keeps one for its owner alone."""
    used, other = Canary(), Canary()
    other.key = "sk-" + other.middle
    home = tmp_path / "kernel"
    with kernels.running(home) as kernel:
        (home / ".env").write_text(f"AIMLAPI_API_KEY={used.key}\nAIMLAPI_BASE_URL={server.url}\n")
        kernel.run("%load_ext aiml_nb")
        cells = [
            f"%%chat\nIs {used.key} good?",
            "%chat {{ open('.env').read() }}",
            f'%%api POST /v1/x\n{{"k": "{used.key}"}}',
        ]
        cells += [line.replace("KEY", other.key) for line in LINES]
        for cell in cells:
            run = kernel.run(cell)
            assert "error" == run.reply["status"], cell
            assert run.reply["ename"] in ("SettingsError", "InvalidRequestError"), (cell, run.reply)
            assert "%aiml key" in str(run.reply["traceback"]), cell
            assert not used.hits(json.dumps(run.messages, default=str))
            assert not other.hits(json.dumps(run.messages, default=str))
        assert [] == server.seen
        kernel.run(
            "from aiml_nb.settings import store_key\nwhere = store_key('groq', open('.env').read().split('=')[1].split()[0])"
        )
        kernel.run("%aiml status")
    keys = next(home.rglob("keys.json"))
    assert 0o600 == keys.stat().st_mode & 0o777
    # IPython's own history has what was typed: that is why a key has no place in a cell.
    assert [] == used.files(tmp_path, ".env", "keys.json", "history.sqlite", "history.sqlite-journal")
    assert [] == other.files(tmp_path, "history.sqlite", "history.sqlite-journal")


#: Ways to type a key where it must not be.
LINES = (
    "%chat --api-key KEY hi",
    "%chat KEY",
    "%chat my key is KEY, remember it",
    "%%chat --system KEY\nhi",
    "%chat -m KEY hi",
    "%chat --at http://x:KEY@127.0.0.1:9 hi",
    "%image KEY",
    "%aiml key KEY",
    "%aiml use KEY",
    "%aiml use https://user:KEY@h.test",
    "%api GET /v1/models?key=KEY",
)
