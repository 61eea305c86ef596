"""A real kernel, driven as JupyterLab drives it: requests with or without somebody who watches, iopub read to the end."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).parents[2]
PRELUDE = "from tests.display.samples import *; from aiml_nb import display"


@dataclass
class Run:
    """What one execute request brought: the iopub messages but for status and input, when each was sent, and the reply."""

    id: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    reply: dict[str, Any] = field(default_factory=dict)
    size: int = 0

    @property
    def kinds(self) -> list[str]:
        return [message["msg_type"] for message in self.messages]

    def html(self, kind: str = "update_display_data") -> list[str]:
        """The HTML in each message of a kind."""
        return [m["content"]["data"].get("text/html", "") for m in self.messages if m["msg_type"] == kind]

    def stream(self, name: str = "stdout") -> str:
        found = [m["content"] for m in self.messages if m["msg_type"] == "stream"]
        return "".join(content["text"] for content in found if content["name"] == name)

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """The outputs as a front end keeps and saves them: updates applied, display ids gone."""
        import nbformat

        kept: list[Any] = []
        handles: dict[str, Any] = {}
        for message in self.messages:
            content = message["content"]
            handle = content.get("transient", {}).get("display_id")
            if message["msg_type"] == "update_display_data":
                handles[handle].update(data=content["data"], metadata=content["metadata"])
                continue
            kept.append(nbformat.v4.output_from_msg(message))
            handles[handle] = kept[-1]
        return kept


class Kernel:
    """A kernel with the samples loaded."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client

    def start(self, code: str, *, watched: bool = True) -> str:
        return self.client.execute(code, allow_stdin=watched)

    def run(self, code: str, *, watched: bool = True) -> Run:
        return self.collect(self.start(code, watched=watched))

    def collect(self, request: str, *, interrupt_at: str = "", timeout: float = 60) -> Run:
        """Read iopub until the request is done; send SIGINT once when a message holds `interrupt_at`."""
        run, end, session = Run(request), time.monotonic() + timeout, self.client.session
        socket = self.client.iopub_channel.socket
        while time.monotonic() < end:
            if not socket.poll(1000):
                continue
            parts = socket.recv_multipart()
            message = session.deserialize(session.feed_identities(parts)[1])
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                run.reply = self._reply(request)
                return run
            if message["msg_type"] in {"status", "execute_input"}:
                continue
            run.messages.append(message)
            run.times.append(message["header"]["date"].timestamp())
            run.size += sum(map(len, parts))
            if interrupt_at and interrupt_at in str(message["content"]):
                interrupt_at = ""
                self.manager.interrupt_kernel()
        raise TimeoutError(f"no end after {timeout} s; so far {run.kinds}")

    def _reply(self, request: str) -> dict[str, Any]:
        while True:
            reply = self.client.get_shell_msg(timeout=20)
            if reply["parent_header"]["msg_id"] == request:
                return reply["content"]


@contextmanager
def running(home: Path, **environment: str) -> Iterator[Kernel]:
    """A kernel whose folders are all below `home`, ended afterwards."""
    folders = {name: str(home / name.lower()) for name in ("HOME", "IPYTHONDIR", "AIML_NB_HOME", "JUPYTER_DATA_DIR")}
    (home / "home").mkdir(parents=True)
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    base = {name: value for name, value in os.environ.items() if not name.startswith(("AIML_", "JUPYTER_"))}
    manager = KernelManager(connection_file=str(home / "kernel.json"))
    manager.kernel_spec.argv[0] = sys.executable
    manager.start_kernel(cwd=str(home), env=base | folders | {"PYTHONPATH": path} | environment)
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        kernel = Kernel(manager, client)
        assert "ok" == kernel.run(PRELUDE).reply["status"]
        yield kernel
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
