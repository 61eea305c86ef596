"""Client: requests, streams and downloads for one endpoint, over one pool of connections that the whole process shares."""

from __future__ import annotations

import contextlib
import functools
import mimetypes
import re
import secrets
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from ..content import JSONBody
from ..errors import InvalidRequestError
from ..settings.endpoint import Endpoint, check_plain_http, origin
from ..settings.secret import scrub
from ..transport import CREATE, problems
from ..transport.world import environment_proxies, process_client
from . import log
from .answers import Answer
from .exchange import Exchange
from .scene import Scene
from .stream import MAX_BYTES, Stream
from .translate import refusal, translated

if TYPE_CHECKING:
    from ..operation import Operation

#: Seconds to wait for an answer to begin, or for more of it: a slow model thinks for minutes.
TIMEOUT = 600.0
#: Seconds to wait for a connection, and for the server to take in more of a request.
CONNECT, WRITE = 10.0, 60.0

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}


class Client:
    """Talks to one endpoint. Threads may share it.

    timeout: seconds to wait for an answer, or for more of a stream. http: in place of the process's shared client.
    """

    def __init__(self, endpoint: Endpoint, *, timeout: float | None = None, http: httpx.Client | None = None) -> None:
        check_plain_http(endpoint)
        self.endpoint = endpoint
        self.timeout = _seconds(timeout, TIMEOUT)
        self._http = http
        self._proxies = None if http else environment_proxies()
        log.set_up()

    def __repr__(self) -> str:
        return f"<Client of {self.endpoint.host}>"

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        content: bytes | str | Iterable[bytes] | None = None,
        files: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        op: Operation[Any] | None = None,
        request_id: str | None = None,
        create: bool = False,
    ) -> Answer:
        """Any verb and path; the answer, read whole. Of `json`, `content` and `files`/`data`, one.

        files: field to path, bytes, Attachment, or (name, bytes), or a list of them. request_id: for `X-Client-Request-Id`, else a new one.
        create: it makes something to be paid for, so it is sent again only if it could not connect, or got 429.
        Raises APIError and its kin; InvalidRequestError for what cannot be sent.
        """
        with self._exchange(
            method, path, json, content, files, data, params, headers, timeout, op, request_id, create
        ) as call:
            body = call.collect(call.blocks(), limit=MAX_BYTES)
            return self._answer(call, body)

    def request_media(
        self,
        method: str,
        path: str,
        *,
        folder: Path | None = None,
        json: Any = None,
        files: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        op: Operation[Any] | None = None,
        request_id: str | None = None,
        create: bool = False,
    ) -> Answer:
        """As `request`, but base64 in the answer is decoded into files while it is read.

        `Answer.media` maps the text that stands in the JSON to the file; move what you keep, the rest goes with the answer.
        folder: where the files lie, a temporary folder by default.
        """
        with self._exchange(
            method, path, json, None, files, data, None, headers, timeout, op, request_id, create
        ) as call:
            from .embedded import REFERENCE, extract_base64

            blocks = call.bounded(call.blocks(), MAX_BYTES)
            body, found = extract_base64(blocks, folder or Path(tempfile.gettempdir()))
            media = {f"{REFERENCE}{n}": path for n, path in enumerate(found) if isinstance(path, Path)}
            try:
                return self._answer(call, body, media)
            except BaseException:
                for each in media.values():
                    each.unlink(missing_ok=True)
                raise

    def stream(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        op: Operation[Any] | None = None,
        request_id: str | None = None,
    ) -> Stream:
        """The events of an answer, as a Stream, sent when it is first iterated. Raises while iterated, as `request` does."""
        told = {"accept": "text/event-stream, application/json", "accept-encoding": "identity", **(headers or {})}
        call = self._prepare(method, path, json, None, None, None, params, told, timeout, op, request_id, create=False)
        call.scene.streaming = True
        return Stream(call)

    def download(
        self,
        url: str,
        folder: Path,
        *,
        name: str,
        op: Operation[Any] | None = None,
        max_bytes: int | None = None,
        kinds: Iterable[str] = ("image",),
    ) -> Path:
        """Fetch a result's file, without key or cookie, into `folder` under a name like `name` that is not taken.

        kinds: what it may be by its first bytes: image, video, audio, pdf, text, file, or `any`. max_bytes: by default
        what a file of that kind may have. Raises APIError (kind "protocol") for another kind, too large a file, or an
        address that leads into this machine's network.
        """
        from .download import Download

        return Download(self.endpoint, self.timeout, op).fetch(
            url, folder, name=name, max_bytes=max_bytes, kinds=tuple(kinds)
        )

    def close(self) -> None:
        """Nothing of its own to give back: the connections are the process's, and closed when it ends."""

    @contextlib.contextmanager
    def _exchange(self, *told: Any) -> Iterator[Exchange]:
        call = self._prepare(*told)
        try:
            with translated(call.scene):
                call.send()
                yield call
        finally:
            call.close()

    def _prepare(
        self,
        method: str,
        path: str,
        json: Any,
        content: Any,
        files: Mapping[str, Any] | None,
        data: Mapping[str, Any] | None,
        params: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        timeout: float | None,
        op: Operation[Any] | None,
        request_id: str | None,
        create: bool,
    ) -> Exchange:
        method = method.upper()
        if method not in _METHODS:
            raise InvalidRequestError(
                f"no such method: {method[:20]}", param="method", advice=f"One of {', '.join(sorted(_METHODS))}."
            )
        seconds = _seconds(timeout, self.timeout)
        scene = Scene(self.endpoint, method, seconds, op)
        http = self._http or process_client(proxies=self._proxies)
        with translated(scene):
            url = self.endpoint.url(path)
            if origin(url) != self.endpoint.origin:
                raise InvalidRequestError(
                    "that address is on another server, and the key goes to its own only", param="path"
                )
            body = _body(json, content, files, data)
            told = body.pop("headers", {}) | _head(headers, request_id)
            # Not http.build_request, which merges in what a client has of its own: this one has nothing.
            request = httpx.Request(
                method,
                _url(url),
                params=params or None,
                headers=told,
                extensions={"timeout": _timeout(seconds)},
                **body,
            )
            if self.endpoint.key is not None:
                request.headers["authorization"] = f"Bearer {self.endpoint.key.reveal()}"
        if create:
            request.extensions[CREATE] = True
        key = self.endpoint.key
        return Exchange(http, request, scene, key.reveal().encode() if key and len(key.reveal()) > 7 else b"")

    def _answer(self, call: Exchange, body: bytes, media: Mapping[str, Path] | None = None) -> Answer:
        if call.key and call.key in body:
            body = scrub(body.decode("utf-8", "replace")).encode()
        status = problems.hidden(body) if len(body) < 1 << 16 else None
        if status:
            raise refusal(problems.read(status, call.headers, body), call.scene)
        return Answer(call.status or 0, call.headers, body, client_request_id=call.client_request_id, media=media)


def new_request_id() -> str:
    """A new id for `X-Client-Request-Id`: 32 hexadecimal digits."""
    return secrets.token_hex(16)


def _head(headers: Mapping[str, str] | None, request_id: str | None) -> dict[str, str]:
    """The headers of a request, names in lower case; the key is not among them, for a traceback may show them."""
    told = {
        "accept": "application/json, */*;q=0.5",
        "accept-encoding": "gzip, deflate",
        "user-agent": "aiml-nb",
        "x-client-request-id": request_id or new_request_id(),
    }
    for name, value in (headers or {}).items():
        if name.lower() in {"authorization", "host", "content-length", "transfer-encoding", "cookie"}:
            raise InvalidRequestError(
                f"the header {name} is set by the client", param="headers", advice="Leave it out."
            )
        told[name.lower()] = value
    if not _REQUEST_ID.fullmatch(told["x-client-request-id"]):
        raise InvalidRequestError(
            "a request id has 1 to 128 letters, digits or . _ : -",
            param="request_id",
            advice="Leave it out: one is made.",
        )
    return told


def _seconds(timeout: Any, default: float) -> float:
    if timeout is None:
        return default
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not 0 < timeout <= 86400:
        raise InvalidRequestError(
            f"not a time to wait: {timeout!r}", param="timeout", advice="Seconds, more than 0 and at most 86400."
        )
    return float(timeout)


def _timeout(seconds: float) -> dict[str, float]:
    return {"connect": min(CONNECT, seconds), "read": seconds, "write": min(WRITE, seconds), "pool": seconds}


#: Parsed URLs are kept: a session has few, and parsing one costs more than all else of making a request.
_url = functools.lru_cache(maxsize=64)(httpx.URL)


def _body(json: Any, content: Any, files: Mapping[str, Any] | None, data: Mapping[str, Any] | None) -> dict[str, Any]:
    """The arguments for httpx. A body that may be sent again must be one that can be read again."""
    if sum(x is not None for x in (json, content, files or data)) > 1:
        raise InvalidRequestError("a request has one body: json, content, or files and data", param="json")
    if json is not None:
        body = JSONBody(json)
        return {"content": body, "headers": {"content-length": str(len(body)), "content-type": "application/json"}}
    if content is not None:
        if not isinstance(content, bytes | bytearray | str) and iter(content) is content:
            raise InvalidRequestError("content must be readable twice", param="content", advice="Give bytes or text.")
        return {"content": bytes(content) if isinstance(content, bytearray) else content}
    if files:
        several = ((field, value if isinstance(value, list) else [value]) for field, value in files.items())
        return {"files": [(field, _file(field, each)) for field, values in several for each in values], "data": data}
    return {"data": data} if data else {}


def _file(field: str, value: Any) -> tuple[Any, ...]:
    """(name, content, mime) for one field of a form; (None, content) for one that is no file."""
    if isinstance(value, str | Path):
        path = Path(value).expanduser()
        try:
            return path.name, path.read_bytes(), mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        except OSError as error:
            reason = error.strerror or "not readable"
        raise InvalidRequestError(f"the file {path.name} for {field} cannot be read: {reason}", param=field)
    if isinstance(value, bytes | bytearray):
        return field, bytes(value), "application/octet-stream"
    if isinstance(value, tuple) and len(value) in {2, 3}:
        name, content, *mime = value
        if name is None:  # a plain field of a form without files
            return None, content
        return (
            str(name),
            content,
            str(mime[0]) if mime else mimetypes.guess_type(str(name))[0] or "application/octet-stream",
        )
    if hasattr(value, "chunks") and hasattr(value, "mime"):
        return value.name or field, value.read(), value.mime
    raise InvalidRequestError(
        f"no file: {type(value).__name__} for {field}", param=field, advice="Give a path, bytes or an Attachment."
    )
