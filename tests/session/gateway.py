"""A strict gateway on loopback: it takes only what a model's schema allows, and answers as the test tells it to.

It refuses a request without the key, a file asked for with the key, a path or an id that is not escaped, and a body that
the schema does not allow. Every refusal is kept in `faults`; a test ends by finding none.
"""

from __future__ import annotations

import io
import json
import struct
import threading
import wave
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import jsonschema
import pytest
from PIL import Image

from tests.contract import strict

KEY = "test-" + "k" * 12
TYPES = {
    "image": ("openai/image-generations", "/v1/images/generations"),
    "video": ("internal/video-generations/submit", "/v2/video/generations"),
    "speech": ("internal/text-to-speech", "/v1/tts"),
    "music": ("internal/audio-generations/submit", "/v2/generate/audio"),
    "transcript": ("internal/speech-to-text/submit", "/v1/stt/create"),
    "embedding": ("openai/embeddings", "/v1/embeddings"),
    "ocr": ("internal/optical-character-recognition", "/v1/ocr"),
    "mesh": ("openai/image-generations", "/v1/images/generations"),
}
TEXT = {"type": "string"}
PROPERTIES: dict[str, dict[str, Any]] = {
    "speech": {"text": TEXT},
    "transcript": {"url": TEXT},
    "embedding": {"input": {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}},
    "ocr": {"document": {"type": "object", "properties": {"type": {"enum": ["document_url"]}, "document_url": TEXT}}},
    "mesh": {"image_url": TEXT},
}


def png(color: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), color).save(out, "PNG")
    return out.getvalue()


def wav() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(1600))
    return out.getvalue()


MP4 = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2" + b"\0" * 64
GLB = b"glTF" + struct.pack("<II", 2, 12)
FILES = {"png": (png(), "image/png"), "wav": (wav(), "audio/wav"), "mp4": (MP4, "video/mp4"), "glb": (GLB, "model/gltf-binary")}  # fmt: skip


class Gateway:
    """`model(…)` adds one; `url` is the base; `posts`, `gets` and `faults` tell what came."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.docs: dict[str, Any] = {}
        self.schemas: dict[str, Any] = {}
        self.answers: dict[str, Any] = {}
        self.polls: dict[str, list[Any]] = {}
        self.status, self.headers = 200, {"x-inference-id": "inference-7"}
        self.posts: list[tuple[str, Any]] = []
        self.gets: list[str] = []
        self.faults: list[str] = []
        self.listed, self.mime = True, "application/octet-stream"
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.post(self)

            def do_GET(self) -> None:
                outer.get(self)

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def model(
        self,
        name: str,
        medium: str,
        answer: Any,
        *,
        polls: Any = (),
        docs: Any = "",
        schema: Any = None,
        path: str = "",
    ) -> str:
        """A model whose create is answered by `answer`, and its polls by `polls`, the last one again and again."""
        kind, usual = TYPES[medium]
        info = {"docsJson": f"https://docs.elsewhere.example/docs-json?{urlencode({'model': name, 'endpoint': kind})}"}
        row = {"id": name, "aliases": [], "type": kind, "tags": [], "info": {} if docs is None else info}
        self.rows.append(row | ({"modalities": {"input": ["image"], "output": ["3d"]}} if medium == "mesh" else {}))
        properties = {"model": {"enum": [name]}, **PROPERTIES.get(medium, {"prompt": TEXT})}
        self.schemas[name] = schema or {"type": "object", "properties": properties, "required": list(properties)}
        content = {"application/json": {"schema": self.schemas[name]}}
        self.docs[name] = docs or {
            "openapi": "3.0.0",
            "paths": {path or usual: {"post": {"requestBody": {"content": content}}}},
        }
        self.answers[name] = answer
        self.polls[name] = list(polls)
        return name

    def file(self, kind: str) -> str:
        """A signed address over plain http, at which a file of that kind lies."""
        return f"{self.url}/files/x.{kind}?Expires=1&Signature=a%2Fb%3D"

    def post(self, request: BaseHTTPRequestHandler) -> None:
        raw = request.rfile.read(int(request.headers["Content-Length"]))
        if request.headers["Authorization"] != f"Bearer {KEY}":
            return self.fault(request, 401, "no key")
        kind = request.headers["Content-Type"]
        body = json.loads(raw) if kind == "application/json" else {"form": raw, "kind": kind}
        self.posts.append((request.path, body))
        if body.get("model") not in {*self.answers, None}:
            return self.fault(request, 404, "no such model")
        name = body.get("model") or next(each for each in self.answers if each in unquote(raw.decode("latin-1")))
        if "form" not in body:
            for error in jsonschema.Draft7Validator(strict(self.schemas[name])).iter_errors(body):
                return self.fault(request, 400, f"Body validation error! {error.message}")
        answer = self.answers[name]
        return self.send(request, self.status, answer, self.mime if isinstance(answer, bytes) else "application/json")

    def get(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        self.gets.append(request.path)
        if parts.path.startswith("/files/"):
            if request.headers["Authorization"]:
                return self.fault(request, 403, "a file was asked for with the key")
            return self.send(request, 200, *FILES[parts.path.rpartition(".")[2]])
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/v1/models":
            return (
                self.send(request, 200, {"object": "list", "data": self.rows})
                if self.listed
                else self.send(request, 503, {})
            )
        if parts.path == "/docs-json":
            told = self.docs.get(query["model"])
            return (
                self.send(request, told, {"message": "no"}) if isinstance(told, int) else self.send(request, 200, told)
            )
        return self.poll(request, parts.path, query)

    def poll(self, request: BaseHTTPRequestHandler, path: str, query: dict[str, str]) -> None:
        """The id must have come whole, however odd it is."""
        asked = query.get("generation_id") or unquote(path.rpartition("/stt/")[2])
        for name, answers in self.polls.items():
            told = self.answers[name]
            if answers and asked == (told.get("id") or told.get("generation_id")):
                exact = path.endswith(quote(asked, safe="")) or "generation_id" in query
                return self.send(request, 200, answers.pop(0) if len(answers) > 1 else answers[0]) if exact else None
        return self.fault(request, 404, f"no such job: {request.path}")

    def fault(self, request: BaseHTTPRequestHandler, status: int, text: str) -> None:
        self.faults.append(text)
        self.send(request, status, {"message": text, "statusCode": str(status), "path": request.path})

    def send(self, request: BaseHTTPRequestHandler, status: int, body: Any, mime: str = "application/json") -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request.send_response(status)
        for name, value in {**self.headers, "Content-Type": mime, "Content-Length": str(len(data))}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(data)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A gateway of its own for a test, which must have been given nothing to complain of."""
    made = Gateway()
    yield made
    made.server.shutdown()
    made.server.server_close()
    assert made.faults == []
