"""The client against real servers on loopback: every public quirk, cancelling, downloads, and no key anywhere."""

from __future__ import annotations

import base64
import copy
import gzip
import json
import logging
import os
import pickle
import signal
import socket
import threading
import time
import traceback
import tracemalloc

import httpx
import pytest

from aiml_nb.client import Answer, Client, Stream, loads
from aiml_nb.client.download import safe_name
from aiml_nb.client.embedded import extract_base64
from aiml_nb.client.translate import MEANINGS, Scene, ours, translated
from aiml_nb.content import Attachment, Base64
from aiml_nb.errors import (
    AIMLError,
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    Interrupted,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    SettingsError,
    StreamError,
)
from aiml_nb.operation import Operation
from aiml_nb.settings.endpoint import Endpoint
from aiml_nb.settings.secret import Secret
from aiml_nb.transport import connect
from tests.quirks import PNG, STREAMS, VECTORS, Quirks, quirks  # noqa: F401 - the fixture
from tests.wires import SSE, answer, event, reset, serving

CANARY = "sk-test-CANARY-" + "q7" * 12


def client(url, *, timeout=1.0, key=CANARY, pace=0.0, **told):
    """A client with its own pool; waits are switched off unless a pace is given."""
    endpoint = Endpoint("custom", url, Secret(key) if key else None, key_source="TEST_KEY in the environment", **told)
    return Client(endpoint, timeout=timeout, http=pool(pace))


POOLS = []


def pool(pace=0.0):
    """A pool of connections for one test."""
    POOLS.append(connect(pace=pace, proxies={}))
    return POOLS[-1]


@pytest.fixture(autouse=True)
def _pools():
    """Close what the test opened."""
    yield
    while POOLS:
        POOLS.pop().close()


def always(given):
    return lambda *_: given


# The public vectors -----------------------------------------------------------


def run(vector, url, folder):
    """What the client makes of a vector: (result, error)."""
    asked = vector["request"]
    it = client(url, pace=1.0 if vector["expect"].get("waits") else 0.0, timeout=2.0)
    try:
        if asked["stream"]:
            return list(it.stream("POST", "/v1/chat/completions", json={"stream": True})), None
        if asked["endpoint"] == "images":
            got = it.request_media("POST", "/v1/images/generations", json={}, folder=folder)
            rows = [row for key in ("data", "images") for row in got.json().get(key, ())]
            return [it.download(row["url"], folder, name="x") for row in rows if row.get("url")] or got, None
        if asked["endpoint"] == "models":
            return it.request("GET", "/v1/models").json(), None
        got = it.request("POST", "/v1/chat/completions", json={})
        return [loads(each) for each in got.events() if each != b"[DONE]"], None
    except AIMLError as error:
        return None, error


#: Errors that only the reader of the content can see: an empty list of pictures, a vector too few, no finish.
CONTENT = {"img_both_null", "img_data_empty", "img_b64_is_html", "emb_count_mismatch", "stream_cut_mid_chunk"}


@pytest.mark.parametrize("name", VECTORS)
def test_every_quirk_ends_as_it_should(name, quirks, tmp_path):  # noqa: F811
    """Each vector gives its result or its kind of error, in as many requests and after such waits as it allows."""
    vector = VECTORS[name]
    expect = vector["expect"]
    _, error = run(vector, quirks.url(name), tmp_path)
    seen = quirks.seen(name)
    if expect["result"] != "any" and name not in CONTENT:
        assert (expect["result"] == "error") is (error is not None)
    if error is not None:
        check_error(expect, error)
    assert expect.get("attempts", len(seen)) == len(seen)
    if "retry" in expect and expect["retry"] != "any":
        assert expect["retry"] is (len(seen) > 1)
    for (low, high), before, after in zip(expect.get("waits", ()), seen, seen[1:], strict=False):
        assert low <= after["time"] - before["time"] <= high + 0.2
    assert [] == quirks.seen("__other")


def check_error(expect, error):
    assert isinstance(error, APIError)
    assert expect.get("kind", "any") in {error.kind, "any"}
    assert 300 >= len(error.message)
    assert error.advice
    assert expect.get("message_contains", "").lower() in error.message.lower()
    assert "message_not_contains" not in expect or expect["message_not_contains"] not in error.message
    assert expect.get("request_id", error.request_id) == error.request_id


@pytest.mark.parametrize("name", STREAMS)
def test_every_stream_gives_json_events(name, quirks):  # noqa: F811
    """Each event of a stream vector is JSON or the end mark; an error in the stream is a StreamError after what came before."""
    expect, events, error = STREAMS[name]["expect"], [], None
    try:
        events.extend(iter(client(quirks.url(name, stream=True)).stream("POST", "/v1/chat/completions", json={})))
    except StreamError as caught:
        error = caught
    assert events
    if expect["error"] != "any":
        assert (expect["error"] is None) is (error is None)
        assert error is None or expect["error"] in error.message
        assert all(event == b"[DONE]" or isinstance(loads(event), dict) for event in events)
    assert expect["done"] in {"any", b"[DONE]" in events}


# Requests ---------------------------------------------------------------------


def test_a_request_says_who_asks_and_keeps_the_providers_id():
    """Key, own id and agent go out; id, limits and cost of the headers come back on the answer."""
    told = {"x_inference_id": "inf-1", "x_aimlapi_credits_used": "2000000", "x_ratelimit_remaining_requests": "7"}
    with serving(always(answer(b'{"a":1}', **told))) as server:
        got = client(server.url).request("POST", "/v1/chat/completions", json={"x": "é"})
        (seen,) = server.seen
        assert ("POST", "/v1/chat/completions", {"x": "é"}) == (seen.method, seen.path, json.loads(seen.body))
        assert f"Bearer {CANARY}" == seen.headers["authorization"]
        assert seen.headers["x-client-request-id"] == got.client_request_id
        assert {"a": 1} == got.json()
        assert ("inf-1", 7, 1.0) == (got.request_id, got.limits.remaining_requests, got.cost.usd)


def test_the_own_id_is_the_same_for_each_attempt_and_new_for_each_call():
    """Attempts share their X-Client-Request-Id, calls do not, a given one is used, a bad one refused."""
    with serving(lambda _, seen: answer(b"{}", 500 if seen.n == 1 else 200)) as server:
        it = client(server.url)
        it.request("GET", "/a")
        it.request("GET", "/a", request_id="mine:1")
        with pytest.raises(InvalidRequestError):
            it.request("GET", "/a", request_id="not mine")
        first, again, third = (seen.headers["x-client-request-id"] for seen in server.seen)
        assert first == again != third == "mine:1"


def test_any_verb_and_body_go_out(tmp_path):
    """Query, raw content, form fields and files arrive as they were given; two bodies at once are refused."""
    (tmp_path / "a.txt").write_text("file a")
    with serving(always(answer())) as server:
        it = client(server.url)
        it.request("GET", "/v1/x", params={"q": "a b"})
        it.request("PUT", "/v1/x", content="text")
        it.request("POST", "/v1/x", files={"f": tmp_path / "a.txt", "g": ("g.bin", b"bytes")}, data={"k": "v"})
        it.request("DELETE", "/v1/x")
        query, raw, form, delete = server.seen
        assert "/v1/x?q=a%20b" == query.path.replace("+", "%20")
        assert b"text" == raw.body
        assert all(part in form.body for part in (b"file a", b'filename="g.bin"', b"bytes", b'name="k"'))
        assert "DELETE" == delete.method
        for bad in (
            {"json": {}, "content": b""},
            {"content": iter([b"x"])},
            {"files": {"f": tmp_path / "no"}},
            {"timeout": -1},
        ):
            with pytest.raises(InvalidRequestError):
                it.request("POST", "/v1/x", **bad)
        with pytest.raises(InvalidRequestError):
            it.request("STEAL", "/v1/x")
        assert 4 == len(server.seen)


def test_an_attachment_goes_out_as_base64_and_again_on_a_retry():
    """A lazy leaf of a payload is encoded as it is sent, with the right length, each time."""
    data = os.urandom(300_001)
    payload = {"image": Base64(Attachment.of(PNG + data), prefix="data:image/png;base64,")}
    with serving(lambda _, seen: answer(b"{}", 500 if seen.n == 1 else 200)) as server:
        client(server.url).request("POST", "/v1/x", json=payload)
        for seen in server.seen:
            assert PNG + data == base64.b64decode(json.loads(seen.body)["image"].partition(",")[2])


def test_the_key_goes_to_its_own_server_only():
    """An absolute URL on another server is refused; so are headers that would take the key's place."""
    with serving(always(answer())) as server, serving(always(answer())) as other:
        it = client(server.url)
        for path in (f"{other.url}/v1/models", "//example.com/x", f"http://x@127.0.0.1:{server.port}/v1"):
            with pytest.raises(InvalidRequestError):
                it.request("GET", path)
        with pytest.raises(InvalidRequestError):
            it.request("GET", "/x", headers={"Authorization": "Bearer other"})
        assert [] == server.seen + other.seen


def test_a_key_over_plain_http_to_a_far_host_is_refused():
    """The client refuses it even where settings were not asked."""
    with pytest.raises(SettingsError):
        Client(Endpoint("custom", "http://api.example.com", Secret(CANARY)))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status):
    """A redirect is an error that names the host; neither prompt nor key goes there."""
    with serving(always(answer())) as other, serving(always(answer(b"", status, location=f"{other.url}/v1"))) as server:
        with pytest.raises(APIStatusError) as caught:
            client(server.url).request("POST", "/v1/x", json={})
        assert f"127.0.0.1:{other.port}" in caught.value.message
        assert [] == other.seen


def test_not_modified_is_an_answer():
    """304 is what an ETag asks for, not an error."""
    with serving(always(b"HTTP/1.1 304 X\r\netag: e\r\n\r\n")) as server:
        got = client(server.url).request("GET", "/v1/models", headers={"If-None-Match": "e"})
        assert (304, "e") == (got.status, got.headers["etag"])


def test_cookies_are_not_kept():
    """A cookie that a server sets does not go back to it."""
    with serving(always(answer(b"{}", set_cookie="a=b; Path=/"))) as server:
        it = client(server.url)
        assert "set-cookie" not in it.request("GET", "/x").headers
        it.request("GET", "/x")
        assert "cookie" not in server.seen[1].headers


def test_bombs_and_endless_bodies_are_bounded():
    """A packed bomb is refused early and cheaply; a large honest answer is read."""
    bomb = gzip.compress(bytes(100 << 20), 9)
    with serving(always(answer(bomb, content_encoding="gzip"))) as server, pytest.raises(APIError) as caught:
        client(server.url, timeout=20).request("GET", "/x")
    assert "bomb" in caught.value.message
    large = b'{"a":"' + b"x" * (20 << 20) + b'"}'
    with serving(always(answer(large))) as server:
        assert len(large) == len(client(server.url, timeout=20).request("GET", "/x").content)


# Errors -----------------------------------------------------------------------


def test_every_exception_of_httpx_has_a_meaning():
    """The table covers each exception class that httpx exports, itself, not through a base."""
    exported = [getattr(httpx, name) for name in httpx.__all__]
    errors = {each for each in exported if isinstance(each, type) and issubclass(each, Exception)}
    assert set() == errors - MEANINGS.keys()
    scene = Scene(Endpoint("custom", "http://127.0.0.1:1"))
    for kind in MEANINGS:
        error = ours(kind.__new__(kind, *[b"", b"", 0, 1, ""][: 5 * issubclass(kind, UnicodeError)]), scene)
        assert isinstance(error, AIMLError)
        assert error.advice


def test_no_foreign_exception_is_left_behind():
    """A translated error has no cause and no context, whose frames would hold the request; ours and bugs pass through."""
    scene = Scene(Endpoint("custom", "http://127.0.0.1:1"))
    with pytest.raises(APIConnectionError) as caught, translated(scene):
        raise httpx.ReadError("x") from OSError("y")
    assert (None, None) == (caught.value.__cause__, caught.value.__context__)
    with pytest.raises(TypeError), translated(scene):
        raise TypeError("a bug is a bug")
    with pytest.raises(Interrupted), translated(scene):
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("status", "body", "kind", "advice"),
    [
        (
            401,
            b'{"message":"This request requires a valid API key."}',
            AuthenticationError,
            "TEST_KEY in the environment",
        ),
        (403, b'{"message":"You\'ve run out of credits."}', PermissionDeniedError, "Top up"),
        (404, b'{"error":{"message":"The model `x` does not exist"}}', NotFoundError, "%aiml models"),
        (404, b"404 page not found", NotFoundError, "base URL"),
        (429, b'{"message":"Too Many Requests"}', APIStatusError, "Wait"),
        (400, b'{"error":{"code":"context_length_exceeded","message":"too long"}}', APIStatusError, "--new"),
        (503, b"", APIStatusError, "again"),
    ],
)
def test_a_refusal_says_what_to_do(status, body, kind, advice):
    """Status, the server's words and the next step stand in the error."""
    with serving(always(answer(body, status))) as server, pytest.raises(kind) as caught:
        client(server.url).request("POST", "/v1/x", json={})
    assert str(status) in caught.value.message
    assert advice in caught.value.advice


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b'{"message":["a must be b","c is missing"]}', "a must be b"),
        (b'{"detail":[{"loc":["body","model"],"msg":"field required","type":"missing"}]}', "model: field required"),
        (b'[{"error":{"message":"in a list"}}]', "in a list"),
        (b'{"title":"Bad","detail":"problem json"}', "problem json"),
        (
            b'{"message":"400 {\\"type\\":\\"error\\",\\"error\\":{\\"message\\":\\"upstream says\\"}}"}',
            "upstream says",
        ),
        (
            b'{"error":{"message":"Provider returned error","metadata":{"raw":"{\\"detail\\":\\"too hot\\"}"}}}',
            "too hot",
        ),
        (b"<html><head><title>Access denied</title></head><body>8.8.8.8</body></html>", "Access denied"),
        (b"plain <b>words</b>", "plain"),
        (b'{"message":"Your IP 8.8.8.8 is blocked"}', "Your IP … is blocked"),
        (b"[" * 5000, "Bad Request"),
        (b"", "Bad Request"),
        (b'{"message":"' + b"x" * 5000 + b'"}', "xxx"),
    ],
)
def test_error_bodies_of_every_dialect_are_read(body, shown):
    """The telling sentence is found; no page, no address and no more than 300 characters are shown."""
    with serving(always(answer(body, 400))) as server, pytest.raises(APIStatusError) as caught:
        client(server.url).request("POST", "/v1/x", json={})
    message = caught.value.message
    assert shown in message or body.startswith(b"[[")
    assert 300 >= len(message)
    assert not {"<html", "8.8.8.8"} & {word for word in ("<html", "8.8.8.8") if word in message}


def fails(url, **told):
    with pytest.raises(AIMLError) as caught:
        client(url, **told).request("POST", "/v1/x", json={})
    return caught.value


def test_what_stands_in_the_way_is_named(monkeypatch):
    """Nothing listening, no such name, TLS on a plain port, not HTTP, a cut, a silence: each says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as claimed:
        port = claimed.getsockname()[1]
    assert "Is the server running?" in fails(f"http://127.0.0.1:{port}").advice
    assert "no server called" in fails("https://nowhere.invalid").message
    with serving(always(answer())) as server:
        assert "TLS" in fails(server.url.replace("http:", "https:")).message
    with serving(lambda sock, _: sock.sendall(b"SSH-2.0-OpenSSH\r\n\r\n")) as server:
        assert "protocol" == fails(server.url).kind
    with serving(lambda sock, _: reset(sock)) as server:
        assert "closed the connection" in fails(server.url).message
    with serving(lambda *_: time.sleep(1)) as server:
        error = fails(server.url, timeout=0.2)
        assert isinstance(error, APITimeoutError)
        assert "paid for" in error.advice
        assert "--timeout" in error.advice
        assert 1 == len(server.seen)


def test_a_long_wait_is_told_and_not_waited():
    """A Retry-After of an hour is an error at once, which says how long, and carries it."""
    with serving(always(answer(b'{"message":"later"}', 429, retry_after="3600"))) as server:
        error = fails(server.url)
    assert 3600 == error.retry_after
    assert "60 min" in error.advice


# Streams ----------------------------------------------------------------------


def stream(url, **told):
    return client(url, **told).stream("POST", "/v1/chat/completions", json={"stream": True})


def test_a_stream_is_sent_when_it_is_read():
    """Nothing goes out before the first event is asked for; then status and ids are there."""
    with serving(always(answer(event('{"a":1}') + event("[DONE]"), x_inference_id="i"))) as server:
        it = stream(server.url)
        assert [] == server.seen
        assert isinstance(it, Stream)
        assert [b'{"a":1}', b"[DONE]"] == list(it)
        assert (200, "i") == (it.status, it.request_id)
        it.close()


def test_nothing_but_comments_ends_by_our_own_clock():
    """Keep-alive comments reset a read timeout, so a clock of ours ends such a stream, with what came before kept."""

    def handle(sock, _):
        sock.sendall(SSE + event('{"a":1}'))
        for _ in range(100):
            sock.sendall(b": keep-alive\n\n")
            time.sleep(0.05)

    with serving(handle) as server:
        events, begun = [], time.monotonic()
        with pytest.raises(APITimeoutError):
            events.extend(iter(stream(server.url, timeout=0.5)))
        assert 2 > time.monotonic() - begun


def test_a_reset_in_the_middle_is_an_incomplete_stream():
    """A stream cut by the network says so, and is not sent again."""

    def handle(sock, _):
        sock.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        data = event('{"a":1}')
        sock.sendall(b"%x\r\n%s\r\n" % (len(data), data))
        time.sleep(0.1)
        reset(sock)

    with serving(handle) as server:
        got = []
        with pytest.raises(StreamError) as caught:
            got.extend(iter(stream(server.url)))
        assert ("incomplete_stream", [b'{"a":1}'], 1) == (caught.value.kind, got, len(server.seen))


@pytest.mark.parametrize(
    ("body", "events"),
    [
        (b'{"a":1}', [b'{"a":1}']),
        (b'\xef\xbb\xbf {"a":1}\n', [b'{"a":1}']),
        (b'{"a":1}\n{"b":2}\n', [b'{"a":1}', b'{"b":2}']),
        (b'data: {"a":1}\ndata: {"b":2}\ndata: [DONE]\n\n', [b'{"a":1}', b'{"b":2}', b"[DONE]"]),
        (b'data: {"a":1}\n\ndata: [DONE]', [b'{"a":1}', b"[DONE]"]),
        (b'data: {"a":1}\n\ndata: {"b"', [b'{"a":1}']),
        (b'data: {"a":\ndata: 1}\n\n', [b'{"a":\n1}']),
        (b': hi\n\ndata: : ping\n\ndata:\n\nevent: ping\ndata: {}\n\ndata: {"a":1}\n\n', [b'{"a":1}']),
        (b'data: data: {"a":1}\n\n', [b'{"a":1}']),
        (b'data: {"error":null,"a":1}\n\n', [b'{"error":null,"a":1}']),
    ],
)
def test_what_a_server_makes_of_streaming_is_understood(body, events):
    """JSON where a stream was asked, forgotten blank lines, wrapped comments, a missing end: each gives its events."""
    with serving(always(answer(body))) as server:
        assert events == list(stream(server.url))


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"<html>x</html>", "not_json"), (b"hello", "not_json"), (b"", "protocol"), (b'{"a":', "protocol")],
)
def test_what_is_neither_stream_nor_json_is_an_error(body, kind):
    """A page, plain words, silence and half a JSON are errors of their kind."""
    with serving(always(answer(body))) as server, pytest.raises(APIError) as caught:
        list(stream(server.url))
    assert kind == caught.value.kind


def test_a_stream_left_early_gives_its_connection_back():
    """Leaving the loop, closing, or dropping a stream ends the call at the server."""

    def handle(sock, _):
        sock.sendall(SSE)
        while True:
            sock.sendall(event('{"a":1}'))
            time.sleep(0.01)

    with serving(handle) as server:
        it = stream(server.url)
        for _ in it:
            break
        it.close()
        next(stream(server.url))
        until = time.monotonic() + 3
        while server.closed < 2 and time.monotonic() < until:
            time.sleep(0.02)
        assert 2 == server.closed


@pytest.mark.parametrize("mode", ["before", "middle", "request"])
def test_cancel_ends_a_call_at_once(mode):
    """Operation.cancel from another thread ends a wait for headers or for more of a stream within 100 ms."""

    def handle(sock, _):
        if mode == "middle":
            sock.sendall(SSE + event('{"a":1}'))
        time.sleep(4)

    with serving(handle) as server:
        op, moment = Operation(lambda _: iter(())), []
        it = client(server.url, timeout=3)
        threading.Timer(0.3, lambda: (moment.append(time.monotonic()), op.cancel())).start()
        with pytest.raises(Interrupted):
            if mode == "request":
                it.request("POST", "/v1/x", json={}, op=op)
            else:
                list(it.stream("POST", "/v1/x", json={}, op=op))
        assert 0.1 > time.monotonic() - moment[0]
        assert 1 == len(server.seen)


@pytest.mark.parametrize("mode", ["headers", "stream", "wait"])
def test_ctrl_c_ends_a_call_at_once(mode):
    """An interrupt while waiting for headers, for more of a stream or between attempts is Interrupted, in a moment."""

    def handle(sock, _):
        if mode == "wait":
            return answer(b"{}", 429, retry_after="30")
        if mode == "stream":
            sock.sendall(SSE + event('{"a":1}'))
        return time.sleep(4)

    with serving(handle) as server:
        it = client(server.url, timeout=3, pace=1.0)
        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        begun = time.monotonic()
        with pytest.raises(Interrupted) as caught:
            list(it.stream("POST", "/v1/x", json={}))
        assert 1 > time.monotonic() - begun
        assert caught.value.__context__ is None
        assert 1 == len(server.seen)


def test_a_wait_shows_in_the_operation():
    """The operation's notes say what is waited for."""
    with serving(lambda _, seen: answer(b"{}", 429 if seen.n == 1 else 200, retry_after="2")) as server:
        op = Operation(lambda _: iter(()))
        client(server.url).request("POST", "/v1/x", json={}, op=op)
    assert ["429, waiting 2 s, attempt 2 of 3"] == op.notes


# Answers and media --------------------------------------------------------------


def test_json_is_read_leniently_and_nothing_foreign_is_raised():
    """A byte order mark, bad bytes, NaN and lone surrogates are read; nesting without end is our error."""
    assert {"a": "x�"} == loads(b'\xef\xbb\xbf{"a":"x\xff"}')
    assert {"a": "�"} == loads(b'{"a":"\\ud83d"}')
    assert [1] == loads(b" [1] ")
    for bad in (b"", b"{", b"x", b"<html>", b"[" * 100_000):
        with pytest.raises(APIError):
            loads(bad)


def scan(body, cut, folder=None):
    return extract_base64((body[at : at + cut] for at in range(0, len(body), cut)), folder)


@pytest.mark.parametrize("cut", [1, 2, 3, 7, 64, 100_000])
def test_files_are_taken_out_of_json_however_it_is_cut(cut):
    """Several pictures, data URLs, escapes, blanks, URL-safe letters, null and empty: files right, JSON whole."""
    one, two = bytes(range(256)) * 5, PNG
    text = base64.b64encode(one).decode()
    body = json.dumps({
        "note": 'he said "b64_json": "AAAA" \\', "data": [{"b64_json": text}, {"b64_json": None}, {"b64_json": ""}],
        "images": [{"url": "data:image/png;base64," + base64.b64encode(two).decode()}],
        "link": {"b64_json": "https://example.com/x.png"},
    })  # fmt: skip
    body = body.replace(text, text[:9].replace("/", "\\/") + "\\n" + text[9:].replace("/", "\\/").replace("+", "-"))
    left, files = scan(body.encode(), cut)
    assert [one, two] == files
    told = json.loads(left)
    assert ["aiml-nb-media:0", None, ""] == [row["b64_json"] for row in told["data"]]
    assert "aiml-nb-media:1" == told["images"][0]["url"]
    assert 'he said "b64_json": "AAAA" \\' == told["note"]
    assert "https://example.com/x.png" == told["link"]["b64_json"]


def test_media_lies_in_files_and_goes_with_the_answer(tmp_path):
    """The files stand under their reference, and what was not moved is removed with the answer; after an error at once."""
    body = json.dumps({"data": [{"b64_json": base64.b64encode(PNG).decode()}]}).encode()
    with serving(always(answer(body))) as server:
        got = client(server.url).request_media("POST", "/v1/images/generations", json={}, folder=tmp_path)
        assert PNG == got.media[got.json()["data"][0]["b64_json"]].read_bytes()
        del got
    with serving(always(answer(body).replace(b"length: ", b"length: 9"))) as server, pytest.raises(APIError):
        client(server.url, timeout=0.3).request_media("POST", "/v1/x", json={}, folder=tmp_path)
    assert [] == list(tmp_path.iterdir())


def test_a_file_in_memory_is_there_once():
    """Without a folder the peak stays under one and a half times the file, and long texts beside it are untouched."""
    picture = os.urandom(1 << 20) * 8
    text = base64.b64encode(picture)
    tracemalloc.start()
    blocks = (b'{"data":[{"b64_json":"', *(text[at : at + 65536] for at in range(0, len(text), 65536)), b'"}]}')
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    left, (found,) = extract_base64(blocks)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert picture == found
    assert peak < 1.5 * len(picture)
    assert b'{"data":[{"b64_json":"aiml-nb-media:0"}]}' == left


def test_a_large_picture_costs_no_memory(tmp_path):
    """A 20 MB picture as b64_json peaks at a tenth of its size when it goes to a file, and is right."""
    picture = os.urandom(1 << 20) * 20
    body = b'{"created":1,"data":[{"b64_json":"' + base64.b64encode(picture) + b'"}]}'
    with serving(always(answer(body))) as server:
        it = client(server.url, timeout=20)
        tracemalloc.start()
        got = it.request_media("POST", "/v1/x", json={}, folder=tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        (path,) = got.media.values()
        assert picture == path.read_bytes()
        assert peak < 2 << 20 or peak < len(body) // 10


# Downloads ----------------------------------------------------------------------


def test_a_download_arrives_whole_and_carries_nothing(tmp_path):
    """The file has its kind's extension, an existing one is not overwritten, and no key, cookie or referrer was sent."""
    with serving(always(answer(PNG, content_type="text/plain"))) as server:
        it = client(server.url)
        first = it.download(f"{server.url}/a?sig=1", tmp_path, name="../../cat.exe")
        second = it.download(f"{server.url}/a", tmp_path, name="../../cat.exe")
        assert ["cat.exe.png", "cat.exe-1.png"] == [first.name, second.name]
        assert PNG == first.read_bytes()
        assert {first, second} == set(tmp_path.iterdir())
        for seen in server.seen:
            assert not {"authorization", "cookie", "referer", "x-client-request-id"} & seen.headers.keys()
            assert CANARY not in str(seen)


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "..\\x", "CON", "a" * 300, "\0", "🎨", "", ".hidden", "a/b/c"])
def test_a_name_never_says_where_a_file_goes(name):
    """Names are plain letters, of bounded length, in the folder."""
    made = safe_name(name, "image/png")
    assert made.endswith(".png")
    assert 80 >= len(made)
    assert not {"/", "\\", "\0"} & set(made)
    assert not made.startswith(".")
    assert "CON.png" != made


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd", "ftp://example.com/x", "data:image/png;base64,AAAA", "http://169.254.169.254/latest",
        "http://10.0.0.1/", "http://192.168.1.1/", "http://[::ffff:127.0.0.1]/", "http://[fe80::1]/", "http://2130706433/",
        "http://0x7f.1/", "http://localhost:9/", "http://user@example.com/", "http://0.0.0.0/", "nonsense", "http://[::1]:1/",
    ],
)  # fmt: skip
def test_an_address_inside_the_network_is_refused(url, tmp_path):
    """For a far provider, nothing on this machine or in its network is fetched, however it is written."""
    far = Client(Endpoint("custom", "https://api.example.com", Secret(CANARY)), http=pool())
    with pytest.raises(AIMLError):
        far.download(url, tmp_path, name="x")
    assert [] == list(tmp_path.iterdir())


def test_a_redirect_is_followed_only_where_it_is_safe(tmp_path):
    """To another path yes; into the network, in circles, or down from https never."""
    where = {"/a": "/b", "/loop": "/loop", "/in": "http://169.254.169.254/"}

    def handle(_, seen):
        to = where.get(seen.path)
        return answer(b"", 302, location=to) if to else answer(PNG)

    with serving(handle) as server:
        it = client(server.url)
        assert PNG == it.download(f"{server.url}/a", tmp_path, name="x").read_bytes()
        for path in ("/loop", "/in"):
            with pytest.raises(APIError):
                it.download(server.url + path, tmp_path, name="y")


@pytest.mark.parametrize(
    ("given", "kinds"),
    [
        (answer(b"<html>expired</html>"), ("image",)),
        (answer(b""), ("image",)),
        (answer(PNG), ("video", "audio")),
        (answer(PNG + bytes(3000)), ("image",)),
        (answer(PNG).replace(b"length: ", b"length: 9"), ("image",)),
        (answer(b"x", 403), ("image",)),
    ],
    ids=["page", "empty", "another kind", "too large", "cut short", "refused"],
)
def test_what_is_not_the_file_is_not_kept(given, kinds, tmp_path):
    """A page, nothing, another kind, too much, too little or a refusal is an error, and leaves no file."""
    with serving(always(given)) as server, pytest.raises(APIError):
        client(server.url, timeout=0.5).download(f"{server.url}/x", tmp_path, name="x", kinds=kinds, max_bytes=2000)
    assert [] == list(tmp_path.iterdir())


def test_a_cancelled_download_leaves_nothing(tmp_path):
    """Cancel during a download ends it at once and removes the part."""

    def handle(sock, _):
        sock.sendall(answer(PNG).replace(b"length: ", b"length: 9"))
        time.sleep(3)

    with serving(handle) as server:
        op = Operation(lambda _: iter(()))
        threading.Timer(0.3, op.cancel).start()
        with pytest.raises(Interrupted):
            client(server.url).download(f"{server.url}/x", tmp_path, name="x", op=op)
    assert [] == list(tmp_path.iterdir())


# Nothing leaks, nothing is shared that must not be ---------------------------------


def forms(key):
    return {key, key[:16], json.dumps(key), base64.b64encode(key.encode()).decode()[:-2]}


def assert_clean(text):
    assert not [form for form in forms(CANARY) if form in str(text)]


@pytest.mark.parametrize("how", ["status", "text", "header", "stream", "timeout", "refused", "garbage"])
def test_a_key_comes_out_nowhere(how, caplog, monkeypatch, tmp_path):
    """Whatever goes wrong, and although the server echoes it: not in errors, their locals, answers, logs or pickles."""
    monkeypatch.setenv("AIML_NB_LOG", str(tmp_path / "log" / "debug.log"))
    caplog.set_level(logging.DEBUG)
    echo = json.dumps({"error": {"message": f"Incorrect API key provided: {CANARY}"}}).encode()
    handlers = {
        "status": always(answer(echo, 401)),
        "text": always(answer(json.dumps({"text": CANARY}).encode())),
        "header": always(answer(b"{}", x_echo=CANARY)),
        "stream": always(answer(event(json.dumps({"choices": [CANARY]})) + event(echo.decode()))),
        "timeout": lambda *_: time.sleep(0.5),
        "refused": lambda sock, _: reset(sock),
        "garbage": lambda sock, _: sock.sendall(b"nonsense\r\n"),
    }
    results = []
    with serving(handlers[how]) as server:
        it = client(server.url, timeout=0.3)
        try:
            call = it.stream if how == "stream" else it.request
            got = call("POST", "/v1/x", json={"a": 1})
            results += [*got] if how == "stream" else [got, got.content, dict(got.headers), vars(got)]
        except AIMLError as error:
            results += told(error)
    results += [repr(it), caplog.text, *(p.read_text() for p in (tmp_path / "log").iterdir())]
    for result in results:
        assert_clean(result)
    assert "POST http://127.0.0.1" in (tmp_path / "log" / "debug.log").read_text()
    for bad in (copy.deepcopy, pickle.dumps):
        with pytest.raises((TypeError, AIMLError)):
            bad(it)


def told(error):
    """Everything that can be seen of an error: itself, its pickle, its traceback, and the locals of each frame."""
    yield from (
        str(error),
        error.message,
        error.advice,
        repr(error),
        vars(error),
        pickle.dumps(error),
        error._render_traceback_(),
    )
    yield "".join(traceback.format_exception(error))
    assert error.__context__ is None or isinstance(error.__context__, AIMLError)
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if "aiml_nb" in frame.f_code.co_filename:
            yield {name: repr(value) for name, value in frame.f_locals.items()}


def test_the_log_has_no_query_and_no_body(monkeypatch, tmp_path):
    """A line a call: method, path, status, ids, time; the file is its owner's alone."""
    file = tmp_path / "aiml.log"
    monkeypatch.setenv("AIML_NB_LOG", str(file))
    with serving(always(answer(b'{"secret":"body"}', x_inference_id="inf-9"))) as server:
        client(server.url).request("GET", "/v1/models", params={"token": "hidden"})
    text = file.read_text()
    assert "GET http://127.0.0.1" in text
    assert "/v1/models 200" in text
    assert "inf-9" in text
    assert "hidden" not in text
    assert "body" not in text
    assert 0o600 == file.stat().st_mode & 0o777


def test_clients_share_one_pool():
    """Two clients of one process use one connection; closing one harms nobody."""
    with serving(always(answer())) as server:
        endpoint = Endpoint("custom", server.url, None)
        one, two = Client(endpoint), Client(endpoint)
        one.request("GET", "/x")
        one.close()
        two.request("GET", "/x")
        assert [1, 1] == [seen.connection for seen in server.seen]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_its_own_connections():
    """After a fork the child opens a connection of its own, and the parent's goes on working."""
    with serving(always(answer())) as server:
        it = Client(Endpoint("custom", server.url, None))
        it.request("GET", "/parent")
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                code = 0 if it.request("GET", "/child").status == 200 else 2
            finally:
                os._exit(code)
        assert 0 == os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        it.request("GET", "/parent")
        assert [1, 2, 1] == [seen.connection for seen in server.seen]


def test_an_error_survives_pickling():
    """What a worker process raises arrives whole."""
    with serving(always(answer(b'{"message":"no","requestId":"r1"}', 400))) as server:
        error = fails(server.url)
    again = pickle.loads(pickle.dumps(error))
    assert (error.message, error.kind, "r1", 400) == (again.message, again.kind, again.request_id, again.status_code)


def test_an_answer_shows_little():
    """The repr of an answer tells status and size, not content."""
    assert "<Answer 200, 6 bytes>" == repr(Answer(200, {}, b"secret"))
