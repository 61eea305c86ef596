"""Exchange: one call's request, its answer while it is read, and its end. Core and Stream are written in terms of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import httpx

from ..errors import APIError, Interrupted
from ..settings.secret import scrub
from ..transport import NOTE, WAIT, Watch, problems, watching
from .log import log
from .scene import Scene
from .translate import no_answer, redirected, refusal

if TYPE_CHECKING:
    from ..operation import Operation

#: A packed answer may be this much larger unpacked, once it is larger than `_FREE` bytes.
_RATIO, _FREE = 100, 16 << 20

#: How long a body may take to end after its last event, in seconds, and in how many blocks.
_END_WAIT, _END_BLOCKS = 0.05, 8


class Exchange:
    """A request under way. `send`, then `blocks`, then `close`, which is always safe and may come from any of them."""

    def __init__(self, http: httpx.Client, request: httpx.Request, scene: Scene, key: bytes = b"") -> None:
        self.scene = scene
        self.key = key
        self.status: int | None = None
        self.headers: Mapping[str, str] = {}
        self.client_request_id = request.headers.get("x-client-request-id", "")
        self._http = http
        self._request = request
        self._response: httpx.Response | None = None
        self._watch = Watch()
        self._begun = time.monotonic()
        self._connect_op(scene.op)

    def send(self) -> None:
        """Send it and wait for the head of the answer; raises for what is not a success (304 counts as one)."""
        self._begun = time.monotonic()
        try:
            with watching(self._watch):
                self._response = response = self._http.send(self._request, stream=True)
        except BaseException as error:
            self._log(type(error).__name__)
            raise
        self.status = response.status_code
        self.headers = self._clean(response.headers)
        self.scene.answered = True
        self.scene.request_id = self.headers.get("x-inference-id") or self.headers.get("x-request-id")
        self._log(f"{self.status}")
        if self.status >= 300 and self.status != 304:
            self._refuse(response)

    def blocks(self) -> Iterator[bytes]:
        """The body's bytes as they come, unpacked."""
        response = self._response
        assert response is not None
        if response.is_closed:
            return iter([response.content])
        if "content-encoding" in response.headers:
            return self._unpacked(response)
        stream: Iterable[bytes] = response.stream  # type: ignore[assignment]
        return iter(stream)

    def collect(self, blocks: Iterable[bytes], head: bytes = b"", limit: int = 1 << 28) -> bytes:
        """The rest of a body, of no more than `limit` bytes and no more than the time that the caller would wait."""
        parts, size = [head], len(head)
        for block in self.bounded(blocks, limit):
            parts.append(block)
            size += len(block)
        return b"".join(parts)

    def bounded(self, blocks: Iterable[bytes], limit: int) -> Iterator[bytes]:
        """`blocks`, until they are too many or take too long."""
        until, size = time.monotonic() + self.scene.timeout, 0
        for block in blocks:
            size += len(block)
            if size > limit:
                raise too_large(limit, self.scene.request_id)
            yield block
            if time.monotonic() > until:
                raise no_answer(self.scene)
        self.end_if_cancelled()

    def finish(self, blocks: Iterator[bytes]) -> None:
        """Read the end of a body that has said all, so that its connection can serve the next call.

        A server that is slow to end it, or goes on, loses the connection instead.
        """
        self._watch.hurry(_END_WAIT)
        with contextlib.suppress(httpx.HTTPError):
            for _ in zip(range(_END_BLOCKS), blocks, strict=False):
                pass

    def end_if_cancelled(self) -> None:
        """Raise Interrupted after a cancel: a connection that was cut may look like an answer that simply ended."""
        if self.scene.op is not None and self.scene.op.cancelled:
            raise Interrupted

    def close(self) -> None:
        """Give the connection back, or drop it where the answer was not read to its end."""
        self._watch.release()
        response, self._response = self._response, None
        if response is not None:
            response.close()
            self._log("ended")

    def _connect_op(self, op: Operation[Any] | None) -> None:
        extensions = self._request.extensions
        if op is None:
            if log.isEnabledFor(10):
                extensions[NOTE] = lambda text: self._log(text) if text else None
            return

        def note(text: str) -> None:
            op.note(text)
            if text:
                self._log(text)

        extensions[NOTE] = note
        extensions[WAIT] = op.wait
        op.on_cancel(self._watch.cut)

    def _refuse(self, response: httpx.Response) -> None:
        status = response.status_code
        if status < 400:
            raise redirected(status, response.headers.get("location", ""), self.scene)
        content = self._scrubbed(response.content if response.is_closed else b"")
        raise refusal(problems.read(status, self.headers, content), self.scene)

    def _unpacked(self, response: httpx.Response) -> Iterator[bytes]:
        size = 0
        for block in response.iter_bytes():
            size += len(block)
            if size > _FREE and size > _RATIO * response.num_bytes_downloaded:
                raise APIError(
                    "the answer is a bomb: a little data that unpacks to a lot", request_id=self.scene.request_id
                )
            yield block

    def _clean(self, headers: httpx.Headers) -> Mapping[str, str]:
        key = self.key.decode()
        return {
            name: scrub(value) if key and key in value else value
            for name, value in headers.items()
            if name != "set-cookie"
        }

    def _scrubbed(self, content: bytes) -> bytes:
        return scrub(content.decode("utf-8", "replace")).encode()

    def _log(self, what: str) -> None:
        if log.isEnabledFor(10):
            url = self._request.url
            took = (time.monotonic() - self._begun) * 1000
            log.debug(
                scrub(
                    f"{self._request.method} {url.scheme}://{url.netloc.decode()}{url.path} {what} {took:.0f} ms"
                    f" ours={self.client_request_id} theirs={self.scene.request_id}"
                )
            )


def too_large(limit: int, request_id: str | None) -> APIError:
    """The error for a body beyond all measure."""
    return APIError(
        f"the answer is larger than {limit >> 20} MB and was not read on",
        advice="Ask for less at a time.",
        request_id=request_id,
    )
