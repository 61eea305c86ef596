"""What is wrong with a setup is found, named and remedied; a healthy one is told so."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from aiml_nb import sandbox
from aiml_nb.doctor import Check, Checkup, _clock, _package, checkup
from aiml_nb.settings import resolve

KEY = "sk-" + "test" * 8


def found(result: Checkup, name: str) -> Check:
    return next(check for check in result if check.name == name)


@contextlib.contextmanager
def silent_port(backlog: int = 5) -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=backlog) as server:
        yield server.getsockname()[1]


def test_without_settings_the_sandbox_is_healthy() -> None:
    """A newcomer's setup has no fault, and the missing key is a remark, not an error."""
    result = checkup()
    assert result.ok, str(result)
    assert found(result, "sandbox").ok
    assert found(result, "key").ok is None
    assert found(result, "store").ok


class Keyed(BaseHTTPRequestHandler):
    """Answers with a list of models, and only to the right key."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        known = self.headers.get("Authorization") == f"Bearer {KEY}"
        body = b'{"data": [{"id": "m"}]}' if known else b'{"error": {"message": "Incorrect API key provided"}}'
        self.send_response(200 if known else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def keyed() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Keyed) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_wrong_key_is_told_and_masked(keyed: str) -> None:
    """A refused key is a finding with a remedy, and the table shows no more of a key than its ends."""
    wrong = "sk-" + "wrong" * 8
    result = checkup(resolve(base_url=keyed, api_key=wrong))
    assert wrong not in str(result) + result._live_html_()
    assert found(result, "key accepted").ok is False
    assert found(result, "key accepted").remedy


def test_a_good_key_is_accepted(keyed: str) -> None:
    """A server that answers is reached step by step, and takes the key."""
    result = checkup(resolve(base_url=keyed, api_key=KEY))
    asked = [check.name for check in result if check.name in {"name", "connection", "answer", "key accepted"}]
    assert ["name", "connection", "answer", "key accepted"] == asked
    assert found(result, "key accepted").ok, str(result)


def test_an_answer_that_needs_no_key_proves_none() -> None:
    """Where the list of models is open to all, nothing is claimed about the key."""
    result = checkup(resolve(base_url=sandbox.shared().url, api_key=KEY))
    assert (True, None) == (found(result, "answer").ok, found(result, "key accepted").ok)


def test_a_closed_port_is_told_from_a_wrong_name() -> None:
    """Name and connection are separate findings, and what comes after the broken one is not asked."""
    with silent_port() as port:
        pass
    result = checkup(f"http://127.0.0.1:{port}/v1", timeout=1)
    assert found(result, "name").ok
    assert found(result, "connection").ok is False
    assert "running" in found(result, "connection").remedy
    unknown = checkup("https://no-such-host.invalid/v1", timeout=1)
    assert found(unknown, "name").ok is False
    assert not {"connection", "TLS", "key accepted"} & {check.name for check in unknown}


def test_tls_is_looked_at_by_itself() -> None:
    """A server that speaks no TLS fails at TLS, after its connection was found good."""
    url = sandbox.shared().url.replace("http:", "https:")
    result = checkup(f"{url}/v1", timeout=2)
    assert found(result, "connection").ok
    assert found(result, "TLS").ok is False


def test_a_server_that_says_nothing_ends_in_time() -> None:
    """A silent server costs seconds, not for ever."""
    with silent_port() as port:
        start = time.monotonic()
        result = checkup(f"http://127.0.0.1:{port}/v1", timeout=1)
        assert time.monotonic() - start < 15
    assert not result.ok


def test_a_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy from the environment is shown with host and port only, and is what the connection goes to."""
    with silent_port() as port:
        pass
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:hidden@127.0.0.1:{port}")
    result = checkup("https://api.example.com/v1", timeout=1)
    assert f"127.0.0.1:{port}" in found(result, "proxy").found
    assert "hidden" not in str(result)
    assert found(result, "connection").ok is False


def test_settings_that_cannot_be_used_are_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A base URL that is none is told with its remedy, and the other checks are still there."""
    monkeypatch.setenv("AIMLAPI_BASE_URL", "ftp://nowhere")
    result = checkup()
    assert found(result, "settings").ok is False
    assert found(result, "Python").ok


def test_a_store_that_cannot_be_written_is_a_finding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A store in an impossible place is told with the variable that moves it."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AIML_NB_HOME", str(tmp_path / "file" / "store"))
    result = checkup()
    assert not result.ok
    assert any("AIML_NB_HOME" in check.remedy for check in result if check.ok is False)


def test_a_package_outside_its_bounds_is_a_finding() -> None:
    """Too old, too new and missing are told with the line that repairs it."""
    assert _package("httpx<1,>=0.27").ok
    assert _package("httpx<0.2,>=0.1").ok is False
    assert _package("httpx>=99").ok is False
    missing = _package("no-such-package>=1")
    assert (False, 'pip install "no-such-package>=1"') == (missing.ok, missing.remedy)


def test_a_clock_that_is_off_is_a_finding() -> None:
    """More than five minutes between this clock and the server's is told; an unreadable date is not."""
    assert [] == list(_clock(None)) == list(_clock("yesterday"))
    (check,) = _clock("Wed, 01 Jan 2020 00:00:00 GMT")
    assert check.ok is False
    assert "ahead" in check.found


def test_html_is_escaped() -> None:
    """What a check found is text, whatever it holds."""
    shown = Checkup([Check("<b>", False, "<script>", "<i>")])._repr_mimebundle_()
    assert "<script>" not in shown["text/html"]
    assert "<script>" in shown["text/plain"]


def test_the_command_fails_when_something_is_broken() -> None:
    """`aiml-nb doctor` exits with 0 when all is well, and with 1 when not."""
    command = [sys.executable, "-m", "aiml_nb", "doctor"]
    well = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL)
    assert 0 == well.returncode, well.stdout + well.stderr
    env = {**os.environ, "AIMLAPI_BASE_URL": "ftp://nowhere"}
    broken = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL, env=env
    )
    assert 1 == broken.returncode
    assert "✗" in broken.stdout
