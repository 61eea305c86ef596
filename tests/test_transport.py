"""The transports under the client: what is asked again and what never, how long is waited, proxies, certificates, cutting."""

from __future__ import annotations

import email.utils
import random
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from aiml_nb.errors import Interrupted
from aiml_nb.operation import Operation
from aiml_nb.transport import CREATE, NOTE, WAIT, Watch, connect, loopback, problems, watching
from aiml_nb.transport.world import environment_proxies, tls
from tests.wires import answer, reset, serving

ROOT = Path(__file__).parent.parent
BUSY = answer(b'{"error":{"message":"slow down"}}', 429)


def send(url, method="POST", pace=0.0, **extensions):
    with connect(pace=pace, proxies={}) as http:
        request = http.build_request(method, url, content=b"{}", extensions=extensions, timeout=2)
        return http.send(request)


def scripted(*answers):
    """A handler that gives the answers in turn, the last one again and again; a function is called with the socket."""

    def handle(sock, seen):
        given = answers[min(seen.n, len(answers)) - 1]
        return given(sock) if callable(given) else given

    return handle


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_a_passing_trouble_is_asked_again(status):
    """408, 409, 429 and 5xx are asked again, and the answer that comes then is the answer."""
    with serving(scripted(answer(b"{}", status), answer(b'{"ok":1}'))) as server:
        assert {"ok": 1} == send(server.url).json()
        assert 2 == len(server.seen)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 413, 415, 422, 451])
def test_a_lasting_refusal_is_not_asked_again(status):
    """Other refusals come back at once, body readable."""
    with serving(scripted(answer(b'{"message":"no"}', status))) as server:
        assert {"message": "no"} == send(server.url).json()
        assert 1 == len(server.seen)


@pytest.mark.parametrize(
    "body",
    [
        b'{"error":{"code":"insufficient_quota","message":"You exceeded your current quota"}}',
        b'{"message":"Free-tier limit: You\'ve reached your free limit for the hour.","statusCode":"429"}',
        b'{"error":{"message":"Insufficient balance"}}',
    ],
)
def test_an_empty_purse_is_not_asked_again(body):
    """A used-up quota or an empty balance is no rate limit: one request."""
    with serving(scripted(answer(body, 429))) as server:
        assert 429 == send(server.url).status_code
        assert 1 == len(server.seen)


def test_the_last_refusal_is_handed_on():
    """After three attempts the refusal comes back with its body."""
    with serving(scripted(answer(b'{"message":"down"}', 503))) as server:
        assert {"message": "down"} == send(server.url).json()
        assert 3 == len(server.seen)


@pytest.mark.parametrize(("told", "count"), [("true", 2), ("false", 1)])
def test_x_should_retry_is_obeyed(told, count):
    """The server's own word on asking again wins over the status."""
    status = 400 if told == "true" else 500
    with serving(scripted(answer(b"{}", status, x_should_retry=told), answer(b"{}"))) as server:
        send(server.url)
        assert count == len(server.seen)


def test_a_body_is_sent_again_whole():
    """A body of blocks is iterated anew for each attempt, with the same length."""

    class Body:
        def __iter__(self):
            yield from (b'{"a":', b"1}")

    with serving(scripted(answer(b"", 500), answer())) as server, connect(pace=0, proxies={}) as http:
        http.post(server.url, content=Body(), headers={"content-length": "7"})
        assert [b'{"a":1}'] * 2 == [seen.body for seen in server.seen]


def test_a_connection_cut_before_the_answer_is_tried_again():
    """A close or a reset before any byte of an answer, on a fresh or a kept connection, is asked again."""
    for cut in (lambda _: None, reset):
        with serving(scripted(cut, answer(b'{"ok":1}'))) as server:
            assert 200 == send(server.url).status_code
            assert 2 == len(server.seen)
    with serving(scripted(answer(), lambda _: None, answer())) as server, connect(pace=0, proxies={}) as http:
        assert [200, 200] == [http.post(server.url).status_code for _ in range(2)]
        assert 3 == len(server.seen)


def test_nothing_is_asked_again_after_the_answer_began():
    """A body cut off is an error, not a second request."""
    with serving(scripted(lambda sock: sock.sendall(answer(b"{}").replace(b"length: 2", b"length: 9")))) as server:
        with pytest.raises(httpx.RemoteProtocolError):
            send(server.url)
        assert 1 == len(server.seen)


def test_a_wait_for_the_answer_that_is_too_long_is_not_asked_again():
    """A POST that timed out while waiting may be paid for: one request."""
    with serving(lambda *_: time.sleep(1)) as server, connect(pace=0, proxies={}) as http:
        with pytest.raises(httpx.ReadTimeout):
            http.post(server.url, timeout=0.2)
        assert 1 == len(server.seen)


def test_what_could_not_connect_is_tried_again():
    """A server that comes up between the attempts gets the request."""
    with socket.create_server(("127.0.0.1", 0)) as claimed:
        port = claimed.getsockname()[1]
    notes = []
    with pytest.raises(httpx.ConnectError):
        send(f"http://127.0.0.1:{port}/", **{NOTE: notes.append})
    assert 2 == sum("could not connect" in note for note in notes)


@pytest.mark.parametrize(
    ("first", "count"), [(BUSY, 2), (answer(b"", 500), 1), (answer(b"", 408), 1), (lambda _: None, 1), (reset, 1)]
)
def test_a_create_is_stricter(first, count):
    """What makes something to be paid for is sent again after 429 only, not after 5xx, 408 or a cut connection."""
    with serving(scripted(first, answer())) as server:
        try:
            send(server.url, **{CREATE: True})
        except httpx.TransportError:
            pass
        assert count == len(server.seen)


def test_a_small_error_under_a_status_of_success_is_seen():
    """200 with a 502 in its body is asked again; a job's own failure, and an answer with an empty error, are answers."""
    with serving(scripted(answer(b'{"error":{"code":502,"message":"x"}}'), answer(b'{"ok":1}'))) as server:
        assert {"ok": 1} == send(server.url).json()
    for body in (b'{"id":"g","status":"error","error":{"message":"x"}}', b'{"choices":[],"error":null}'):
        with serving(scripted(answer(body))) as server:
            assert body == send(server.url).content
            assert 1 == len(server.seen)


def test_each_wait_is_told():
    """The note names the cause, the wait and the attempt; an empty note takes it back."""
    notes = []
    with serving(scripted(answer(b"", 429, retry_after="3"), answer())) as server:
        send(server.url, **{NOTE: notes.append})
    assert ["429, waiting 3 s, attempt 2 of 3", ""] == notes


def test_cancel_ends_a_wait_at_once():
    """Operation.cancel from another thread ends the wait in a moment, and no further request is sent."""
    op = Operation(lambda _: iter(()))
    with serving(scripted(answer(b"", 429, retry_after="30"))) as server:
        threading.Timer(0.2, op.cancel).start()
        begun = time.monotonic()
        with pytest.raises(Interrupted):
            send(server.url, pace=1, **{WAIT: op.wait})
        assert 1.5 > time.monotonic() - begun
        assert 1 == len(server.seen)


def date(seconds):
    return email.utils.formatdate(time.time() + seconds, usegmt=True)


@pytest.mark.parametrize(
    ("headers", "body", "low", "high"),
    [
        ({"retry-after": "2"}, b"", 2, 2),
        ({"retry-after": "1.5"}, b"", 1.5, 1.5),
        ({"retry-after-ms": "750", "retry-after": "30"}, b"", 0.75, 0.75),
        ({"retry-after": date(9000)}, b"", 6000, 9000),
        ({}, b"Rate limit reached. Please try again in 5.289s.", 5.289, 5.289),
        ({}, b"Please try again in 340ms", 0.34, 0.34),
        ({}, b"try again in 7m12.5s. Visit", 432.5, 432.5),
        ({}, b"Please retry after 20 seconds.", 20, 20),
        ({}, b"try again in 2 minutes", 120, 120),
        ({}, b'[{"error":{"details":[{"retryDelay":"3s"}]}}]', 3, 3),
    ],
)
def test_the_servers_word_on_waiting_is_understood(headers, body, low, high):
    """Seconds, milliseconds, dates, and words in the body give the wait."""
    assert low <= problems.wait_hint(headers, body) <= high


@pytest.mark.parametrize(
    "told",
    [
        "-10",
        "0",
        "nan",
        "inf",
        "soon",
        "",
        "1, 5",
        pytest.param(date(-60), id="a date gone by"),
        "Zun, 29 Sep 2023 16:26:27 GMT",
        "Mon, 99 Abc 99999 99:99:99 GMT",
    ],
)
def test_a_wait_that_makes_no_sense_is_none(told):
    """A negative, endless, past or unreadable Retry-After is as good as none."""
    assert problems.wait_hint({"retry-after": told}) is None


def test_a_wait_beyond_patience_is_not_waited():
    """An hour's Retry-After comes back at once."""
    with serving(scripted(answer(b"", 429, retry_after="3600"))) as server:
        assert 429 == send(server.url, pace=1).status_code
        assert 1 == len(server.seen)


def test_loopback_never_goes_through_a_proxy(monkeypatch):
    """With a proxy set for everything, a request to this machine is sent directly, whatever loopback name it uses."""
    with serving(scripted(answer(b"proxied"))) as proxy, serving(scripted(answer(b"direct"))) as server:
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        with connect(pace=0) as http:
            for host in ("127.0.0.1", "localhost"):
                assert b"direct" == http.get(f"http://{host}:{server.port}/").content
        assert [] == proxy.seen


def test_a_proxy_of_the_environment_is_used(monkeypatch):
    """A far host is asked through HTTP_PROXY, with retries; one in NO_PROXY is not."""
    with serving(scripted(answer(b"", 503), answer(b"proxied"))) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "direct.invalid")
        with connect(pace=0) as http:
            assert b"proxied" == http.get("http://api.invalid/x").content
            assert ["http://api.invalid/x"] * 2 == [seen.path for seen in proxy.seen]
            with pytest.raises(httpx.ConnectError):
                http.get("http://direct.invalid/")


def test_exemptions_are_read_as_httpx_reads_them(monkeypatch):
    """Hosts, domains and addresses of NO_PROXY become patterns, `*` turns proxies off."""
    monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "localhost, .corp.example, 10.0.0.1, ::1")
    assert {
        "https://": "http://proxy.example:3128",
        "all://localhost": "",
        "all://*.corp.example": "",
        "all://10.0.0.1": "",
        "all://[::1]": "",
    } == environment_proxies()
    monkeypatch.setenv("NO_PROXY", "*")
    assert {} == environment_proxies()


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("[::1]", True),
        ("example.com", False),
        ("10.0.0.1", False),
        ("localhost.example", False),
    ],
)
def test_loopback_knows_this_machine(host, own):
    """This machine's names and addresses, and no others."""
    assert own is loopback(host)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """(certificate, key, server context) of an authority that no system knows."""
    import ssl

    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k.pem", "-out", "c.pem", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "c.pem", folder / "k.pem")
    return folder / "c.pem", context


def test_a_company_certificate_works_through_its_variable(certificate, monkeypatch):
    """SSL_CERT_FILE is honoured, an unknown authority refused without asking again, and the context made once."""
    file, context = certificate
    with serving(scripted(answer(b"safe")), context) as server:
        with connect(pace=0, proxies={}) as http, pytest.raises(httpx.ConnectError):
            http.get(server.url)
        assert 0 == len(server.seen)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        assert tls() is tls()
        with connect(pace=0, proxies={}) as http:
            assert b"safe" == http.get(server.url).content


@pytest.mark.parametrize("secure", [False, True], ids=["http", "https"])
def test_a_blocked_read_is_cut_from_another_thread(secure, certificate, monkeypatch):
    """Waiting for headers on a fresh and on a reused connection, and in mid-stream: a cut ends it within 100 ms."""
    file, context = certificate
    monkeypatch.setenv("SSL_CERT_FILE", str(file))

    def handle(sock, seen):
        if seen.path == "/quick":
            return answer()
        if seen.path == "/stream":
            sock.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ndata\r\n")
        time.sleep(5)
        return None

    with serving(handle, context if secure else None) as server, connect(pace=0, proxies={}) as http:
        for paths in (["/hang"], ["/quick", "/hang"], ["/stream"]):
            watch = Watch()
            for path in paths[:-1]:
                http.get(server.url + path)
            moment = []
            threading.Timer(
                0.3, lambda watch=watch, moment=moment: (moment.append(time.monotonic()), watch.cut())
            ).start()
            with pytest.raises(httpx.TransportError), watching(watch):
                http.post(server.url + paths[-1], timeout=4, extensions={CREATE: True})
            assert 0.1 > time.monotonic() - moment[0]


def test_a_cut_after_the_end_harms_nobody():
    """Once a call is over its connection is another's: a late cut leaves it alone."""
    with serving(scripted(answer())) as server, connect(pace=0, proxies={}) as http:
        watch, other = Watch(), Watch()
        with watching(watch):
            http.get(server.url)
        with watching(other):
            http.get(server.url)
            watch.cut()
            assert 200 == http.get(server.url).status_code
        assert 1 == len({seen.connection for seen in server.seen})


def test_a_hundred_threads_share_one_pool():
    """A hundred requests at once through one client all get their answers."""

    def handle(sock, seen):
        time.sleep(random.random() / 50)
        return answer(seen.body)

    with serving(handle) as server, connect(proxies={}) as http:
        got = {}
        threads = [
            threading.Thread(target=lambda n=n: got.update({n: http.post(server.url, content=b"%d" % n).content}))
            for n in range(100)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert {n: b"%d" % n for n in range(100)} == got


def test_tenacity_is_loaded_only_for_a_second_attempt():
    """A call that goes well never loads the retry library."""
    code = "import sys, aiml_nb.client; print('tenacity' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert "False" == done.stdout.strip()
