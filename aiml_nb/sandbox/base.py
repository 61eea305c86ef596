"""The handler that all others build on: who may ask, how big a body may be, decoding, faults asked for, refusals.

Knows the provider's manners and nothing of any medium.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from tornado.httputil import HTTPFile, parse_body_arguments
from tornado.iostream import StreamClosedError
from tornado.web import stream_request_body

from . import catalogue, faults
from .catalogue import Model
from .checking import check
from .deprecated import notices
from .faults import Fault
from .refusal import NO_KEY, TIMESTAMP, Refusal
from .tokens import digest
from .wire import Wire

T = TypeVar("T")

#: The largest body, in bytes. What is above is read and thrown away, so that the client gets to read the refusal.
LIMIT = 100_000_000

_log = logging.getLogger("aiml_nb.sandbox")


@stream_request_body
class Handler(Wire):
    """One request. Subclasses write `answer(body)` for POST or `read()` for GET; they raise Refusal."""

    needs_key = True
    #: Whether it makes jobs, which may fail or hang.
    makes_jobs = False
    #: The model asked for, once known, and the tokens that it took.
    model: Model | None = None
    tokens = (0, 0)

    def prepare(self) -> None:
        """Look at the headers; the body is still to come."""
        self._chunks: list[bytes] = []
        self._size = 0
        self._refusal = self._unwelcome()

    def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body, or throw it away once the request is refused."""
        self._size += len(chunk)
        if self._size > LIMIT and self._refusal is None:
            self._refusal = Refusal(
                413, f"The body is larger than {LIMIT // 1_000_000} MB, the most the sandbox takes."
            )
            self._chunks.clear()
        if self._refusal is None:
            self._chunks.append(chunk)

    def _unwelcome(self) -> Refusal | None:
        host = self.request.headers.get("Host", "").lower()
        if host not in self.shop.hosts:
            return Refusal(403, f"The sandbox answers on this machine only, not for the host {host[:80]!r}.")
        given = self.request.headers.get("Authorization", "").encode()
        if self.needs_key and not hmac.compare_digest(given, f"Bearer {self.shop.key}".encode()):
            return Refusal(401, NO_KEY)
        return None

    # -- what subclasses write

    async def read(self, **_named: str) -> None:
        """Answer a GET; the names are the parts of the path."""
        raise self.unknown()

    async def answer(self, _body: dict[str, Any]) -> None:
        """Answer a POST with its decoded body."""
        raise self.unknown()

    def wanted(self, body: dict[str, Any], *endpoints: str) -> Model:
        """The model that a body names, once the body fits its schema; Refusal 404 or 400."""
        self.model = catalogue.require(body.get("model"), *endpoints)
        self.notices = notices(self.model)
        endpoint = next(each for each in endpoints if each in self.model.endpoints)
        check(body, catalogue.accepted(self.model, endpoint))
        return self.model

    async def decode(self, raw: bytes) -> dict[str, Any]:
        """The JSON object in the body; Refusal 400 when there is none."""
        try:
            body = await self.apart(json.loads, raw) if len(raw) > 200_000 else json.loads(raw)
        except (ValueError, RecursionError):
            raise Refusal(400, "Body validation error! The body is not JSON.") from None
        if not isinstance(body, dict):
            raise Refusal(400, "Body validation error! Expected a JSON object.")
        return body

    def prompt(self, body: dict[str, Any]) -> str:
        """The text in which a fault may be asked for."""
        return str(body.get("prompt") or "")

    # -- the way of a request

    async def get(self, **named: str) -> None:
        """Tornado's way in for GET."""
        await self._guarded(b"", lambda: self._get(**named))

    async def post(self, fault: str | None = None, **_named: str) -> None:
        """Tornado's way in for POST."""
        raw = b"".join(self._chunks)
        self._chunks.clear()
        await self._guarded(raw, lambda: self._post(raw, fault))

    async def _guarded(self, raw: bytes, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do the work; whatever goes wrong becomes a flat error. Equal requests get equal ids."""
        self.request_hash = digest([self.request.method, self.request.uri, hashlib.sha256(raw).hexdigest()])
        self.inference_id = self.request_hash[:21]
        try:
            if self._refusal is not None:
                raise self._refusal
            await work()
        except Refusal as refusal:
            self.fail(refusal)
        except StreamClosedError:
            pass
        except Exception:  # noqa: BLE001 - whatever it is, the client gets a flat error
            _log.exception("a fault in the sandbox itself, at %s", self.request.path)
            self.fail(Refusal(500, "Something went wrong inside the sandbox itself; please report it."))
        finally:
            self._note()

    def _note(self) -> None:
        """Put a call of a model in the log of requests."""
        if self.model is None or self.request.method != "POST":
            return
        read, written = self.tokens if self.get_status() < 400 else (0, 0)
        row = {
            "created": TIMESTAMP,
            "status": "succeeded" if self.get_status() < 400 else "failed",
            "origin": "api",
            "model": self.model.id,
            "cost": {"usd": 0.0, "credits": 0},
            "tokens": {"input": read, "output": written, "total": read + written},
            "request_id": self.request_hash[:16],
            "inference_id": self.inference_id,
            "client_request_id": self.client_request_id or None,
        }
        self.shop.rows.put(str(next(self.shop.numbers)), row)

    async def _get(self, fault: str | None = None, **named: str) -> None:
        if not (fault and await self._struck(Fault.parse(fault))):
            await self.read(**named)

    async def _post(self, raw: bytes, fault: str | None) -> None:
        body = await self.decode(raw)
        self.model = catalogue.find(str(body.get("model") or ""))
        asked = Fault.parse(fault) if fault else faults.in_prompt(self.prompt(body))
        if not (asked and await self._struck(asked)):
            await self.answer(body)

    async def _struck(self, fault: Fault) -> bool:
        if fault.name in faults.OF_JOBS and not self.makes_jobs:
            raise Refusal(400, f"The fault {fault.name!r} is one of jobs: video, music and transcripts.")
        if not self.shop.tally.due(fault, self.request_hash):
            return False
        self.fault = fault
        return await self.strike(fault)

    def unknown(self) -> Refusal:
        """404 for a path that there is not, as the provider words it."""
        return Refusal(404, f"Cannot {self.request.method} {self.request.path}")

    def write_error(self, status_code: int, **_: Any) -> None:
        """Tornado's own refusals (a method that there is not), in the provider's words."""
        self.inference_id = digest(self.request.uri)[:21]
        self.fail(self.unknown() if status_code in (404, 405) else Refusal(status_code, self._reason))

    def log_exception(self, *_: Any) -> None:
        """Stay quiet: what Tornado would log here is a client's mistake, and the client has been told."""

    # -- helpers

    def form(self, raw: bytes) -> tuple[dict[str, str], dict[str, list[HTTPFile]]]:
        """Fields and files of a multipart body; Refusal 400 when it is none."""
        fields: dict[str, list[bytes]] = {}
        files: dict[str, list[HTTPFile]] = {}
        content_type = self.request.headers.get("Content-Type", "")
        if not content_type.startswith("multipart/form-data"):
            raise Refusal(400, "Body validation error! Expected multipart/form-data with the picture as a file.")
        try:
            parse_body_arguments(content_type, raw, fields, files)
        except Exception:  # noqa: BLE001 - Tornado's versions differ in what they raise here
            raise Refusal(400, "Body validation error! The multipart body cannot be read.") from None
        return {name: values[-1].decode(errors="replace") for name, values in fields.items()}, files

    async def apart(self, work: Callable[..., T], *args: Any) -> T:
        """Run `work` in another thread, so that other requests are answered meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(None, work, *args)
