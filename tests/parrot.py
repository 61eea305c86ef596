"""A model that says what it is told to: an OpenAI-like server on loopback that answers each prompt with a text of the test.

The text is streamed in awkward pieces, so that no tag, fence, formula or escape sequence arrives whole. Whatever is not
an API call is a beacon's hit: nothing that a reply says may lead to one.
"""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests import wires

#: How long the pieces of a reply are, in turn, in characters.
PIECES = (1, 3, 2, 7, 1, 1, 5)


@dataclass
class Parrot:
    """url: what `--at` takes. said: the reply to each prompt; a function of the request's body makes a whole chunk list.

    seen: every request. beacons: the paths that a page asked for because of what a reply said.
    """

    said: dict[str, str]
    pace: float = 0.0
    extra: Callable[[str], list[dict[str, Any]]] = lambda prompt: []
    url: str = ""
    seen: list[wires.Seen] = field(default_factory=list)

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The bodies of the chat requests."""
        return [json.loads(seen.body) for seen in self.seen if seen.path == "/v1/chat/completions"]

    @property
    def beacons(self) -> list[str]:
        return [seen.path for seen in self.seen if not seen.path.startswith("/v1/")]

    def answer(self, client: socket.socket, seen: wires.Seen) -> bytes | None:
        if seen.path != "/v1/chat/completions":
            return wires.answer(json.dumps({"object": "list", "data": [{"id": "test/parrot"}]}).encode())
        prompt = content(json.loads(seen.body)["messages"][-1])
        client.sendall(wires.SSE)
        for chunk in [*self.extra(prompt), *map(delta, pieces(self.said.get(prompt, prompt)))]:
            client.sendall(wires.event(json.dumps(chunk)))
            time.sleep(self.pace)
        end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
        client.sendall(wires.event(json.dumps(end)) + wires.event("[DONE]"))
        return None


def content(message: dict[str, Any]) -> str:
    said = message["content"]
    return said if isinstance(said, str) else "".join(part.get("text", "") for part in said)


def pieces(text: str) -> Iterator[str]:
    at = turn = 0
    while at < len(text):
        step = PIECES[turn % len(PIECES)]
        yield text[at : at + step]
        at, turn = at + step, turn + 1


def delta(text: str) -> dict[str, Any]:
    return {"id": "chat-1", "choices": [{"index": 0, "delta": {"content": text}}]}


@contextlib.contextmanager
def parrot(said: dict[str, str] | None = None, **how: Any) -> Iterator[Parrot]:
    """A running one; without a reply of its own, a prompt is answered with itself."""
    bird = Parrot(said or {}, **how)
    with wires.serving(bird.answer) as server:
        bird.url, bird.seen = server.url, server.seen
        yield bird
