"""A streamed answer gives its connection back, whatever the server does after the last event."""

from __future__ import annotations

import socket
import time

from aiml_nb.client import Client
from aiml_nb.settings import resolve
from tests.wires import Handler, serving

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
KEY = "sk-" + "test" * 8


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


EVENTS = chunk(b'data: {"choices": []}\n\n') + chunk(b"data: [DONE]\n\n")


def two_streams(handle: Handler) -> tuple[int, float]:
    """How many connections two streams in a row took, and the seconds for both."""
    with serving(handle) as server:
        client = Client(resolve(base_url=server.url, api_key=KEY))
        start = time.monotonic()
        for _ in range(2):
            assert [b'{"choices": []}', b"[DONE]"] == list(client.stream("POST", "/v1/chat/completions", json={}))
        took = time.monotonic() - start
        client.close()
        return len({seen.connection for seen in server.seen}), took


def test_the_next_call_uses_the_same_connection() -> None:
    """Two streams in a row share one connection: no new handshake for each cell."""
    connections, _ = two_streams(lambda sock, seen: HEAD + EVENTS + b"0\r\n\r\n")
    assert 1 == connections


def test_an_end_that_comes_a_moment_later_is_waited_for() -> None:
    """A server that ends the body a few milliseconds after [DONE] keeps its connection too."""

    def handle(sock: socket.socket, seen: object) -> bytes:
        sock.sendall(HEAD + EVENTS)
        time.sleep(0.01)
        return b"0\r\n\r\n"

    connections, _ = two_streams(handle)
    assert 1 == connections


def test_a_body_that_does_not_end_is_not_waited_for() -> None:
    """A server that leaves the body open after [DONE] costs a moment and its connection, not the user's time."""

    def handle(sock: socket.socket, seen: object) -> None:
        sock.sendall(HEAD + EVENTS)
        time.sleep(2)

    connections, took = two_streams(handle)
    assert 2 == connections
    assert took < 1
