"""Kernels that die or share a store: what was begun in one is collected in the next, and nothing is paid for twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from jupyter_client import KernelManager

from aiml_nb.store import Store
from tests.magics.test_kernel import WAIT, Kernel
from tests.session.gateway import KEY, MP4, Gateway, gateway

__all__ = ["gateway"]

Start = Callable[[], Kernel]


@pytest.fixture
def start(gateway: Gateway) -> Iterator[Start]:
    """Starts kernels that call the gateway."""
    begun: list[Kernel] = []

    def begin() -> Kernel:
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel()
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=WAIT)
        kernel = Kernel(manager, client)
        begun.append(kernel)
        here = {"AIMLAPI_BASE_URL": gateway.url + "/v1", "AIMLAPI_API_KEY": KEY}
        kernel.run(f"%load_ext aiml_nb\nimport os\nos.environ |= {here!r}")
        return kernel

    yield begin
    for each in begun:
        each.client.stop_channels()
        each.manager.shutdown_kernel(now=True)


def wait_for(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + WAIT
    while not ready():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)


def test_a_killed_kernel_loses_no_film(gateway: Gateway, start: Start) -> None:
    """kill -9 during %%video, a new kernel, `%aiml resume`: the film is there, and one job was created."""
    name = "50f3:kling/v1#x"
    gateway.model("lab/film", "video", {"id": name, "status": "queued"}, polls=[{"id": name, "status": "generating"}])
    first = start()
    first.client.execute("%%video -m lab/film\na fox")
    wait_for(lambda: any("generation_id" in path for path in gateway.gets))
    first.manager.shutdown_kernel(now=True)
    gateway.polls["lab/film"] = [{"id": name, "status": "completed", "video": {"url": gateway.file("mp4")}}]
    second = start()
    _, reply = second.run("%aiml resume")
    assert reply["status"] == "ok", reply
    assert second.text("print(_video.bytes.hex(), _video.id)") == f"{MP4.hex()} {name}\n"
    assert len(gateway.posts) == 1


def test_two_kernels_write_at_once(gateway: Gateway, start: Start) -> None:
    """Two kernels that call at the same time lose no row, and neither waits in vain for the store."""
    gateway.model("lab/voice", "speech", {"audio": {"url": gateway.file("wav")}})
    kernels = [start(), start()]
    ends = [each.client.execute("for n in range(30):\n    %speech -m lab/voice -q Hello.") for each in kernels]
    for kernel, end in zip(kernels, ends, strict=True):
        answer = kernel.client.get_shell_msg(timeout=WAIT)
        while answer["parent_header"]["msg_id"] != end:
            answer = kernel.client.get_shell_msg(timeout=WAIT)
        assert answer["content"]["status"] == "ok", answer["content"]
    rows = Store().calls.rows()
    assert (len(rows), {row["status"] for row in rows}) == (60, {"ok"})
    assert {row["usd"] for row in rows} == {None}
