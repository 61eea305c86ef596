"""The magics in a real kernel, through Jupyter's own protocol: cell ids, input, interrupts, updates, new cells."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from typing import Any

import pytest
from jupyter_client import KernelManager

from aiml_nb.settings import PROVIDERS

WAIT = 60


class Kernel:
    """A kernel, and cells run in it as a front end would."""

    def __init__(self, manager: KernelManager, client: Any) -> None:
        self.manager, self.client = manager, client

    def run(
        self, code: str, *, cell: str | None = None, watched: bool = False, typed: str = "", stop_after: float = 0
    ) -> Any:
        """The messages that a cell brought, and its reply under "reply"; `typed` answers a question for input."""
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": watched}
        message = self.client.session.msg("execute_request", content | {"stop_on_error": True})
        message["metadata"] = {"cellId": cell} if cell else {}
        self.client.shell_channel.send(message)
        begun, stopped, found = time.monotonic(), False, []
        while True:
            if typed and self.client.stdin_channel.msg_ready():
                found.append(self.client.get_stdin_msg(timeout=WAIT))
                self.client.input(typed)
            if stop_after and not stopped and time.monotonic() - begun > stop_after:
                stopped = True
                self.manager.interrupt_kernel()
            try:
                each = self.client.get_iopub_msg(timeout=0.1)
            except queue.Empty:
                assert time.monotonic() - begun < WAIT, "the kernel is silent"
                continue
            if each["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            found.append(each)
            if each["msg_type"] == "status" and each["content"]["execution_state"] == "idle":
                break
        return found, self.client.get_shell_msg(timeout=WAIT)["content"]

    def text(self, code: str, **how: Any) -> str:
        """What a cell printed, without errors."""
        found, reply = self.run(code, **how)
        assert "ok" == reply["status"], reply
        return "".join(m["content"]["text"] for m in found if m["msg_type"] == "stream")


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    """A kernel of its own with the extension loaded."""
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=WAIT)
    started = Kernel(manager, client)
    started.run("%load_ext aiml_nb")
    yield started
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def turns(kernel: Kernel) -> list[str]:
    lines = kernel.text("%aiml conversations show main").splitlines()
    return [line.partition("user: ")[2] for line in lines if " user: " in line]


def test_memory_follows_the_cells(kernel: Kernel) -> None:
    """A cell that runs again takes back what it and later cells had said; a loop in one run, and cells without id, append."""
    for cell, prompt in (("a", "one"), ("b", "two"), ("c", "three")):
        kernel.run(f"%%chat -q\n{prompt}", cell=cell)
    kernel.run("%%chat -q\ntwo again", cell="b")
    assert ["one", "two again"] == turns(kernel)
    kernel.run("for n in 1, 2:\n    %chat -q loop {{ n }}", cell="d")
    kernel.run("for n in 1, 2:\n    %chat -q loop {{ n }}", cell="d")
    assert ["one", "two again", "loop 1", "loop 2"] == turns(kernel)
    for _ in range(2):
        kernel.run("%%chat -q\nno id")
    assert ["no id", "no id"] == turns(kernel)[-2:]


def test_a_key_is_typed_hidden_and_shown_nowhere(kernel: Kernel) -> None:
    """`%aiml key` asks in a password field, keeps the key, and prints it nowhere; unattended it says what to do."""
    key = "sk-" + "test" * 8
    found, reply = kernel.run("%aiml key", watched=True, typed=key)
    asked = [m["content"] for m in found if m["msg_type"] == "input_request"]
    assert "ok" == reply["status"]
    assert [True] == [each["password"] for each in asked]
    assert PROVIDERS["aimlapi"].title in asked[0]["prompt"]
    assert key not in str(found) + str(reply)
    assert "aimlapi" in kernel.text("%aiml status")
    _, reply = kernel.run("%aiml key")
    assert "SettingsError" == reply["ename"]


def test_stopping_is_short_and_keeps_what_came(kernel: Kernel) -> None:
    """An interrupt leaves a short error, a partial reply and a partial turn; the kernel goes on."""
    kernel.run("%chat -q warm up")
    found, reply = kernel.run("%%chat --new\nFAULT endless", watched=True, stop_after=1.5)
    assert ("error", "Interrupted") == (reply["status"], reply["ename"])
    errors = [m["content"] for m in found if m["msg_type"] == "error"]
    assert 1 == len(errors)
    assert len(str(errors[0])) < 600
    assert "True" in kernel.text("print(_reply.partial, len(_reply.text) > 0)")
    assert "[partial]" in kernel.text("%aiml conversations show main")


def test_somebody_who_watches_sees_one_output_that_grows(kernel: Kernel) -> None:
    """With a watcher one display is made and updated; without one it is sent once, and both end the same."""
    found, _ = kernel.run("%chat --new hello", watched=True)
    kinds = [m["msg_type"] for m in found if "display_data" in m["msg_type"]]
    assert 1 == kinds.count("display_data")
    assert "update_display_data" in kinds
    alone, _ = kernel.run("%chat --new hello")
    shown = [m["content"]["data"]["text/plain"] for m in alone if m["msg_type"] == "display_data"]
    last = [m["content"]["data"] for m in found if m["msg_type"] == "update_display_data"][-1]
    assert shown == [last["text/plain"]]


def test_code_is_offered_as_a_new_cell(kernel: Kernel) -> None:
    """`--show code` sends Jupyter a new cell below."""
    _, reply = kernel.run("%%chat --show code\nWrite some python code")
    payload = [each for each in reply["payload"] if each["source"] == "set_next_input"]
    assert payload[0]["text"].startswith("def greet(")
    assert not payload[0]["replace"]


def test_completion_reaches_the_front_end(kernel: Kernel) -> None:
    """A complete request on a magic's line is answered with our words in their place."""
    code = "%%chat --mod"
    answer = kernel.client.complete(code, len(code), reply=True, timeout=WAIT)["content"]
    assert ["--model"] == answer["matches"]
    assert (7, len(code)) == (answer["cursor_start"], answer["cursor_end"])


def test_a_job_that_is_stopped_goes_on_and_is_collected(kernel: Kernel) -> None:
    """Ctrl-C while a film is made leaves the job running, says how to get it back, and `%aiml resume` has it."""
    kernel.run("%speech -q warm up")
    found, reply = kernel.run("%%video\nFAULT hang=25 waves", watched=True, stop_after=2)
    assert ("error", "Interrupted") == (reply["status"], reply["ename"])
    (error,) = [m["content"] for m in found if m["msg_type"] == "error"]
    assert "%aiml resume" in str(error["traceback"])
    assert "False" in kernel.text("print('_video' in dir())")
    listed, _ = kernel.run("%aiml jobs")
    (table,) = [m["content"]["data"] for m in listed if m["msg_type"] == "display_data"]
    assert "1 job not collected" in table["text/plain"]
    shown, reply = kernel.run("%aiml resume", watched=True)
    assert "ok" == reply["status"], reply
    last = [m["content"]["data"] for m in shown if m["msg_type"] == "update_display_data"][-1]
    assert "<video" in last["text/html"]
    assert "1 True" in kernel.text("import aiml_nb as ai; print(len(ai.jobs()), _video.bytes[4:8] == b'ftyp')")


def test_usage_is_a_picture_in_a_notebook(kernel: Kernel) -> None:
    """`%aiml usage --plot` sends a real PNG, with the numbers as its text."""
    kernel.run("%speech -q hello")
    found, reply = kernel.run("%aiml usage --plot")
    assert "ok" == reply["status"], reply
    (shown,) = [m["content"]["data"] for m in found if m["msg_type"] == "display_data"]
    assert shown["image/png"].startswith("iVBOR")
    assert "1 call" in shown["text/plain"]
