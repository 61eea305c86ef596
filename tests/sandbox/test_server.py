"""The server itself: loopback, key, hosts, limits, starting and stopping."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from aiml_nb import sandbox
from aiml_nb.errors import SettingsError
from aiml_nb.sandbox import server as module

CHAT = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}


def test_it_listens_on_loopback_only(server: sandbox.Server) -> None:
    """The socket is bound to 127.0.0.1, and another host is refused."""
    assert server.url == f"http://127.0.0.1:{server.port}"
    with pytest.raises(SettingsError, match="this machine only"):
        sandbox.start(host="0.0.0.0")


@pytest.mark.parametrize("key", ["", "Bearer wrong", "Basic sandbox"])
def test_a_wrong_key_gets_401_and_the_flat_error(server: sandbox.Server, key: str) -> None:
    """Without the right bearer key nothing is answered."""
    answer = httpx.post(f"{server.url}/v1/chat/completions", json=CHAT, headers={"Authorization": key} if key else {})
    assert answer.status_code == 401
    assert set(answer.json()) == {"message", "path", "requestId", "statusCode", "timestamp"}


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost:1"])
def test_another_host_header_gets_403(http: httpx.Client, host: str) -> None:
    """A page that points a name of its own at this port (DNS rebinding) is turned away."""
    assert http.get("/v1/models", headers={"Host": host}).status_code == 403


def test_localhost_is_a_good_host_header(http: httpx.Client, server: sandbox.Server) -> None:
    """`localhost` with the right port is served."""
    assert http.get("/v1/models", headers={"Host": f"localhost:{server.port}"}).status_code == 200


def test_no_answer_allows_other_origins(http: httpx.Client) -> None:
    """There are no CORS headers, so a web page cannot read an answer."""
    answer = http.get("/v1/models", headers={"Origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_body_above_the_limit_gets_413(http: httpx.Client) -> None:
    """100 MB is the most; the refusal can be read although the client sends all."""
    block = b"x" * 1_000_000
    answer = http.post("/v1/chat/completions", content=(block for _ in range(101)))
    assert answer.status_code == 413
    assert "100 MB" in answer.json()["message"]


def test_a_body_that_is_no_json_gets_400(http: httpx.Client) -> None:
    """Broken JSON and JSON that is no object are refused in words."""
    for body in (b"{", b"[]", b"\xff", b"[" * 100_000):
        assert http.post("/v1/chat/completions", content=body).status_code == 400


@pytest.mark.parametrize("path", ["/v1/v1/models", "/v1/completions", "/nothing", "/v1/chat"])
def test_an_unknown_path_gets_404(http: httpx.Client, path: str) -> None:
    """A doubled /v1, the legacy path and nonsense say so in the provider's words."""
    answer = http.get(path)
    assert answer.status_code == 404
    assert answer.json()["message"] == f"Cannot GET {path}"


def test_every_answer_carries_the_providers_headers(http: httpx.Client) -> None:
    """Ids, cost and rate limits ride in the headers, the client's own id comes back."""
    headers = http.post("/v1/chat/completions", json=CHAT, headers={"X-Client-Request-Id": "mine-1"}).headers
    assert headers["x-client-request-id"] == "mine-1"
    assert len(headers["x-inference-id"]) == 21
    assert (headers["x-aimlapi-credits-used"], float(headers["x-aimlapi-usd-spent"])) == ("0", 0.0)
    assert headers["x-ratelimit-limit-requests"] == "60"
    assert headers["x-sandbox"] == "no AI ran"


def test_a_malformed_client_id_is_dropped(http: httpx.Client) -> None:
    """As at the provider, an id with other characters is not echoed."""
    answer = http.post("/v1/chat/completions", json=CHAT, headers={"X-Client-Request-Id": "a b"})
    assert "x-client-request-id" not in answer.headers


def test_stop_frees_the_port_and_may_be_repeated() -> None:
    """After stop nothing listens, no thread is left, and a second stop does nothing."""
    server = sandbox.start(pace=0)
    server.stop()
    server.stop()
    assert not server.running
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", server.port), timeout=1):
        pass
    assert "stopped" in repr(server)


def test_stop_ends_a_stream_under_way() -> None:
    """A server that is stopped in the middle of an endless stream stops within a second."""
    server = sandbox.start(pace=0.01)
    body = {**CHAT, "stream": True}
    headers = {"Authorization": f"Bearer {server.key}"}
    url = f"{server.url}/faults/endless/v1/chat/completions"
    with httpx.stream("POST", url, json=body, headers=headers) as answer:
        next(answer.iter_bytes())
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 1


def test_a_port_in_use_is_a_settings_error(server: sandbox.Server) -> None:
    """The error names the port."""
    with pytest.raises(SettingsError, match=str(server.port)):
        sandbox.start(port=server.port)
    with pytest.raises(SettingsError, match="70000"):
        sandbox.start(port=70000)


def test_the_pace_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pace that is no number is refused with the variable's name."""
    monkeypatch.setenv("AIML_NB_SANDBOX_PACE", "fast")
    with pytest.raises(SettingsError, match="AIML_NB_SANDBOX_PACE"):
        sandbox.start()


def test_the_browser_is_told_in_one_line() -> None:
    """In Pyodide the sandbox says what does not work there."""
    with pytest.raises(SettingsError, match="browser"):
        module.check_platform("emscripten")


def test_shared_is_one_server_for_all_threads() -> None:
    """Eight threads that ask at once get the same server, in a daemon thread."""
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(sandbox.shared().url)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    server = sandbox.shared()
    assert server._thread.daemon
    server.stop()
    again = sandbox.shared()
    assert again.running
    again.stop()


FORK = """
import os, sys, httpx
from aiml_nb.sandbox import shared
parent = shared()
pid = os.fork()
if pid == 0:
    child = shared()
    ok = child.port != parent.port and httpx.get(child.url + "/v1/models", trust_env=False).status_code == 200
    parent.stop()
    child.stop()
    os._exit(0 if ok else 1)
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
sys.exit(code or httpx.get(parent.url + "/v1/models", trust_env=False).status_code != 200)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_gets_a_sandbox_of_its_own() -> None:
    """The child starts its own, and stopping the parent's from there leaves the parent's alone."""
    done = subprocess.run(
        [sys.executable, "-c", FORK], capture_output=True, text=True, timeout=60, cwd=ROOT, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_nothing_is_left_over_at_exit() -> None:
    """With every warning an error, a process that used the shared sandbox ends quietly."""
    code = "import httpx\nfrom aiml_nb.sandbox import shared\nhttpx.get(shared().url + '/v1/models', trust_env=False)"
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_importing_the_package_imports_no_tornado() -> None:
    """Tornado, Pillow and pypdf wait for the first use."""
    code = "import sys, aiml_nb.sandbox; print([m for m in ('tornado', 'PIL', 'pypdf') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_nothing_is_logged_unless_asked(capfd: pytest.CaptureFixture[str]) -> None:
    """A line for each request with log=True, and not a byte without; never the key."""
    for log in (False, True):
        with sandbox.start(pace=0, log=log) as server:
            headers = {"Authorization": f"Bearer {server.key}"}
            httpx.post(f"{server.url}/v1/chat/completions", json=CHAT, headers=headers, trust_env=False)
            httpx.get(f"{server.url}/nothing", trust_env=False)
        written = "".join(capfd.readouterr())
        assert ("200 POST /v1/chat/completions" in written) is log
        assert bool(written) is log


ROOT = Path(__file__).resolve().parents[2]
