"""Servers on this machine are found by what they answer, not by an open port."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from aiml_nb.settings import find_local, local


class Server(BaseHTTPRequestHandler):
    status, body = 200, json.dumps({"object": "list", "data": [{"id": "m"}]}).encode()
    heard: ClassVar[list[dict[str, str]]] = []

    def do_GET(self) -> None:
        self.heard.append({"path": self.path, **self.headers})
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    Server.status, Server.body = 200, json.dumps({"object": "list", "data": [{"id": "m"}]}).encode()


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (200, b'{"object": "list", "data": []}', True),
        (401, b"", True),
        (200, b"<html>a Jupyter page</html>", False),
        (200, b'["a list"]', False),
        (404, b"{}", False),
        (302, b"", False),
    ],
)
def test_a_port_counts_by_its_answer(port: int, status: int, body: bytes, found: bool) -> None:
    """A list of models or a demand for a key is a model server; a page, a 404 or a redirect is not."""
    Server.status, Server.body = status, body
    preset = local.PROVIDERS["vllm"].__class__("vllm", "vLLM", f"http://localhost:{port}/v1", local=True)
    assert found == local._answers(preset, 1.0)
    assert "/v1/models" == Server.heard[-1]["path"]
    assert "Authorization" not in Server.heard[-1]


def test_looking_takes_no_longer_than_one_timeout() -> None:
    """All ports are asked at once."""
    begun = time.monotonic()
    assert all(endpoint.is_local for endpoint in find_local(timeout=0.3))
    assert time.monotonic() - begun < 3
