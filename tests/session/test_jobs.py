"""Tests of `aiml_nb.session.job` and `jobs`: created once, followed politely, collected after anything, kill -9 included."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from aiml_nb.errors import APIError, InvalidRequestError, JobError
from aiml_nb.media.pending import Pending
from aiml_nb.session import Session

PROMPT = "a calm melody"
KEY = "test-" + "k" * 12


def sound() -> bytes:
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16000))
    return out.getvalue()


class Provider:
    """A provider of music that does what it is told: how many polls, which answers, how slow; it counts what it gets."""

    def __init__(self) -> None:
        self.created: list[str] = []
        self.polled: list[str] = []
        self.polls, self.create_delay, self.file_delay = 2, 0.0, 0.0
        self.answers: list[tuple[int, Any]] = []
        self.tell_id = True
        self.files_begun = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                outer.create(self)

            def do_GET(self) -> None:
                outer.get(self)

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/gateway"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def create(self, request: BaseHTTPRequestHandler) -> None:
        name = request.headers["X-Client-Request-Id"]
        self.created.append(name)
        time.sleep(self.create_delay)
        told = {"id": f"job:{name}"} if self.tell_id else {}
        self.send(request, 201, {**told, "status": "queued"})

    def get(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.endswith("/v2/logs"):
            rows = [{"client_request_id": name, "inference_id": f"job:{name}"} for name in self.created]
            self.send(request, 200, {"data": rows})
        elif parts.path.endswith(".wav"):
            self.file(request)
        elif parts.path.endswith("/v2/generate/audio"):
            self.poll(request, query["generation_id"])
        else:
            self.send(request, 404, {"message": "nothing here"})

    def poll(self, request: BaseHTTPRequestHandler, name: str) -> None:
        self.polled.append(name)
        if self.answers:
            self.send(request, *self.answers.pop(0))
        elif len(self.polled) <= self.polls:
            self.send(request, 200, {"id": name, "status": "generating"})
        else:
            file = f"http://127.0.0.1:{self.server.server_port}/file.wav"
            self.send(request, 200, {"id": name, "status": "completed", "audio_file": {"url": file}})

    def file(self, request: BaseHTTPRequestHandler) -> None:
        self.files_begun += 1
        data = sound()
        request.send_response(200)
        request.send_header("Content-Type", "audio/wav")
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data[:100])
        request.wfile.flush()
        time.sleep(self.file_delay)
        request.wfile.write(data[100:])

    def send(self, request: BaseHTTPRequestHandler, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        request.send_response(status)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    yield made
    made.server.shutdown()
    made.server.server_close()


def session(provider: Provider) -> Session:
    return Session(base_url=provider.url, api_key=KEY)


def music(provider: Provider, **more: Any) -> Any:
    return session(provider).start("music", PROMPT, model="composer", **more)


def test_a_job_is_followed_to_its_file(provider: Provider) -> None:
    """States of a job are what the provider says of it; the last one is the result, its bytes kept."""
    op = music(provider)
    words = [state.word for state in op if isinstance(state, Pending)]
    assert list(dict.fromkeys(words)) == ["sent", "queued", "generating"]
    assert op.result().bytes == sound()
    assert len(provider.created) == 1


def test_the_row_is_there_before_the_job_is_created(provider: Provider) -> None:
    """What is recorded first can be found after a kill; the id follows as soon as it is told."""
    op = music(provider)
    next(op)
    (row,) = Session().store.calls.unfinished(["music"])
    assert (row["status"], row["job_id"], provider.created) == ("sent", None, [])
    next(op)
    (row,) = Session().store.calls.unfinished(["music"])
    assert row["job_id"] == f"job:{provider.created[0]}"
    op.result()
    assert Session().store.calls.unfinished(["music"]) == []


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_failing_poll_does_not_lose_the_job(provider: Provider, status: int) -> None:
    """Errors of the poll are waited out; the job itself is not concerned."""
    provider.answers = [(status, {"message": "x"})] * 4
    assert music(provider).result().bytes == sound()
    assert len(provider.created) == 1


def test_a_failed_create_is_not_sent_again(provider: Provider) -> None:
    """A 500 to the create may have been a job that is paid for: it is told, and nothing is sent twice."""
    provider.create = lambda request: (provider.created.append("x"), provider.send(request, 500, {"message": "x"}))  # type: ignore[assignment,func-returns-value]
    with pytest.raises(APIError):
        music(provider).result()
    assert len(provider.created) == 1


def test_a_failed_job_tells_the_reason(provider: Provider) -> None:
    """A job that ends in error is a JobError with the provider's reason and the job's id, and has an end."""
    provider.answers = [(200, {"id": "j", "status": "error", "error": {"name": "E", "message": "refused the prompt"}})]
    with pytest.raises(JobError, match="refused the prompt") as caught:
        music(provider).result()
    assert caught.value.job_id == "j"
    assert Session().store.calls.unfinished(["music"]) == []


def test_waiting_ends_and_says_how_to_go_on(provider: Provider) -> None:
    """After `timeout` seconds the waiting ends, the job goes on, and resume collects it."""
    provider.polls = 10_000
    with pytest.raises(JobError, match="goes on") as caught:
        music(provider, timeout=0.6).result()
    assert f"%aiml resume {caught.value.job_id}" in caught.value.advice
    provider.polls = 0
    assert session(provider).resume().result().bytes == sound()
    assert len(provider.created) == 1


def test_cancel_leaves_the_job_running(provider: Provider) -> None:
    """Stopping to wait stops the waiting only."""
    provider.polls = 10_000
    op = music(provider)
    next(op)
    next(op)
    op.cancel()
    with pytest.raises(KeyboardInterrupt):
        op.result()
    assert len(Session().store.calls.unfinished(["music"])) == 1


def test_without_an_id_the_provider_is_asked_by_ours(provider: Provider) -> None:
    """A create whose answer told no id is found in the provider's logs by the request id that we sent."""
    provider.tell_id = False
    with pytest.raises(JobError, match="told no id"):
        music(provider).result()
    assert session(provider).resume().result().bytes == sound()
    assert len(provider.created) == 1


def test_nothing_to_resume_says_so() -> None:
    """Without an open job, or with an unknown id, the user is told."""
    with pytest.raises(InvalidRequestError, match="no job waits"):
        Session().resume()
    with pytest.raises(InvalidRequestError, match="no job nope"):
        Session().resume("nope")


def test_jobs_are_listed_with_their_files(provider: Provider) -> None:
    """The list tells state, prompt and where the file is; a finished job is found again with it."""
    made = session(provider).music(PROMPT, model="composer")
    (row,) = Session().jobs()
    assert (row["medium"], row["state"], row["prompt"], row["open"]) == ("music", "ok", PROMPT, False)
    assert row["files"] == [str(made.path)]


def test_the_usual_time_comes_from_the_users_history(provider: Provider) -> None:
    """A model that was used before shows how long it took."""
    session(provider).music(PROMPT, model="composer")
    first = next(music(provider))
    assert first.typical is not None
    assert first.typical > 0


CHILD = """
import sys
from aiml_nb.session import Session
op = Session(base_url=sys.argv[1], api_key=sys.argv[2]).start("music", "a calm melody", model="composer")
for state in op:
    print(getattr(state, "word", "done"), flush=True)
"""


def killed(provider: Provider, ready: Any) -> None:
    """Run a job in another process and kill it with SIGKILL as soon as `ready()`."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, provider.url, KEY],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    until = time.monotonic() + 30
    while not ready() and time.monotonic() < until:
        assert child.poll() is None, "the child ended before it was killed"
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()


@pytest.mark.parametrize("moment", ["before the answer to create", "after it", "between polls", "while downloading"])
def test_kill_9_loses_nothing_and_pays_nothing_twice(provider: Provider, moment: str) -> None:
    """Whenever the kernel is killed, resume gets the file, and no second job is created."""
    provider.polls, ready = 10_000, lambda: len(provider.polled) >= 1
    if moment == "before the answer to create":
        provider.create_delay, ready = 2.0, lambda: len(provider.created) == 1
    elif moment == "between polls":
        ready = lambda: len(provider.polled) >= 3  # noqa: E731 - one condition of four
    elif moment == "while downloading":
        provider.polls, provider.file_delay, ready = 0, 3.0, lambda: provider.files_begun == 1
    killed(provider, ready)
    provider.polls, provider.file_delay = 0, 0.0
    time.sleep(provider.create_delay)
    assert session(provider).resume().result().bytes == sound()
    assert len(provider.created) == 1
