"""Retry: ask again where that is safe and can help, after the wait that the server asked for, and say so while waiting.

Asked again: what could not connect, what was cut off before any answer, and 408, 409, 429, 5xx. Not: other refusals,
an empty balance, a used-up quota, a wait longer than `PATIENCE`, anything after the answer began, and a call that timed
out while waiting for its answer, which may have been paid for. A call marked as a create is stricter still: only when it
could not connect, or got 429.
"""

from __future__ import annotations

import random
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
from msgspec import Struct

from ..errors import Interrupted
from . import problems

#: Keys of `request.extensions`.
NOTE, WAIT, CREATE = "aiml_nb.note", "aiml_nb.wait", "aiml_nb.create"

#: The longest wait that is taken on, in seconds.
PATIENCE = 60.0

_ATTEMPTS = 3
_SMALL = 4096
_ERROR_BYTES = 1 << 16
#: A connection cut later than this, in seconds, was cut while the server worked: that may have been paid for.
_PROMPT = 10.0
_BODY_HEADERS = {"content-encoding", "content-length", "transfer-encoding"}
_NOT_ASKED_AGAIN = (httpx.ReadTimeout, httpx.WriteTimeout, httpx.PoolTimeout)


class _Outcome(Struct):
    """How one attempt went; `again` if another may follow."""

    why: str = ""
    response: httpx.Response | None = None
    error: httpx.TransportError | None = None
    again: bool = False
    hint: float | None = None

    def settle(self) -> httpx.Response:
        if self.error is not None:
            raise self.error
        assert self.response is not None
        return self.response

    def pause(self, attempt: int) -> float:
        """Seconds to wait: the server's word and a little more, or twice as long each time; never all clients at once."""
        if self.hint is not None:
            return self.hint + random.uniform(0.0, min(0.5, 0.1 + self.hint / 10))
        return float(min(8.0, 0.5 * 2 ** (attempt - 1)) * random.uniform(0.75, 1.25))


class Retry(httpx.BaseTransport):
    """Stacked on `inner`. pace: what waits are multiplied by, 0 in tests that do not look at them."""

    def __init__(self, inner: httpx.BaseTransport, *, attempts: int = _ATTEMPTS, pace: float = 1.0) -> None:
        self._inner = inner
        self._attempts = attempts
        self._pace = pace

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, or the last refusal or error when asking again is over. The request's body must be re-iterable."""
        first = self._attempt(request)
        return (self._again(request, first) if first.again else first).settle()

    def close(self) -> None:
        """Close what lies below."""
        self._inner.close()

    def _again(self, request: httpx.Request, first: _Outcome) -> _Outcome:
        from tenacity import RetryCallState, Retrying, retry_if_result, stop_after_attempt

        def outcome(state: RetryCallState) -> _Outcome:
            assert state.outcome is not None
            result: _Outcome = state.outcome.result()
            return result

        def tell(state: RetryCallState) -> None:
            seconds = state.next_action.sleep if state.next_action else 0.0
            following = f"attempt {state.attempt_number + 1} of {self._attempts}"
            _note(request, f"{outcome(state).why}, waiting {_told(seconds)}, {following}")

        begun: Iterator[_Outcome] = iter([first])
        last: _Outcome = Retrying(
            stop=stop_after_attempt(self._attempts),
            retry=retry_if_result(lambda each: each.again),
            wait=lambda state: outcome(state).pause(state.attempt_number),
            before_sleep=tell,
            sleep=lambda seconds: _sleep(request, seconds * self._pace),
            retry_error_callback=outcome,
        )(lambda: next(begun, None) or self._attempt(request))
        _note(request, "")
        return last

    def _attempt(self, request: httpx.Request) -> _Outcome:
        begun = time.monotonic()
        try:
            response = self._inner.handle_request(request)
        except httpx.TransportError as error:
            _end_if_cancelled(request)
            again = unsent(error) or (_cut_off(error) and time.monotonic() - begun < _PROMPT and not _creates(request))
            return _Outcome(_why(error), error=error, again=again)
        return self._judged(request, response)

    def _judged(self, request: httpx.Request, response: httpx.Response) -> _Outcome:
        status = response.status_code
        if status < 400:
            if not _may_hide_error(response):
                return _Outcome(response=response)
            response = _whole(request, response)
            status = problems.hidden(response.content) or status
            if status < 400:
                return _Outcome(response=response)
        else:
            response = _whole(request, response)
        problem = problems.read(status, response.headers, response.content)
        return _Outcome(str(status), response, None, _worth_it(request, response, problem), problem.retry_after)


def _worth_it(request: httpx.Request, response: httpx.Response, problem: problems.Problem) -> bool:
    if _creates(request) and problem.status != 429:
        return False
    if problem.final or (problem.retry_after or 0.0) > PATIENCE:
        return False
    told = response.headers.get("x-should-retry", "").lower()
    if told in {"true", "false"}:
        return bool(told == "true")
    return problem.status in {408, 409, 429} or problem.status >= 500


def _may_hide_error(response: httpx.Response) -> bool:
    """Gateways answer 200 with an error in the body; only a small JSON answer can be one, and is looked into."""
    headers = response.headers
    size = headers.get("content-length", "")
    plain = "content-encoding" not in headers and "json" in headers.get("content-type", "")
    return plain and size.isdigit() and 0 < int(size) <= _SMALL


def _whole(request: httpx.Request, response: httpx.Response) -> httpx.Response:
    """The same answer with its body read; a refusal's is given up when it is long or slow: the status has said it."""
    content, until = bytearray(), time.monotonic() + _PROMPT
    refused = response.status_code >= 400
    timeouts = request.extensions.get("timeout", {})
    patience = timeouts.get("read")
    if refused:
        timeouts["read"] = min(patience or _PROMPT, _PROMPT)
    try:
        for block in response.iter_bytes():
            content += block
            if len(content) > _ERROR_BYTES or time.monotonic() > until:
                break
    except httpx.HTTPError:
        if not refused:
            raise
    finally:
        timeouts["read"] = patience
        response.close()
    headers = [(k, v) for k, v in response.headers.multi_items() if k not in _BODY_HEADERS]
    return httpx.Response(
        response.status_code, headers=headers, content=bytes(content[:_ERROR_BYTES]), extensions=response.extensions
    )


def unsent(error: httpx.TransportError) -> bool:
    """True when the request never reached a server, and it is not for good, as a wrong name or certificate is."""
    if not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return False
    for cause in causes(error):
        if isinstance(cause, ssl.SSLError):
            return False
        if isinstance(cause, socket.gaierror):
            return cause.errno == socket.EAI_AGAIN
    return True


def causes(error: BaseException) -> Iterator[BaseException]:
    """`error` and what lies behind it."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _cut_off(error: httpx.TransportError) -> bool:
    """True when the connection ended before any answer began, as a stale one does."""
    if isinstance(error, _NOT_ASKED_AGAIN):
        return False
    if isinstance(error, httpx.RemoteProtocolError):
        return "without sending a response" in str(error)
    return isinstance(error, httpx.ReadError | httpx.WriteError | httpx.CloseError)


def _creates(request: httpx.Request) -> bool:
    return bool(request.extensions.get(CREATE))


def _why(error: httpx.TransportError) -> str:
    return (
        "could not connect"
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
        else "the connection was cut"
    )


def _note(request: httpx.Request, text: str) -> None:
    note: Callable[[str], Any] | None = request.extensions.get(NOTE)
    if note is not None:
        note(text)


def _sleep(request: httpx.Request, seconds: float) -> None:
    wait: Callable[[float], bool] | None = request.extensions.get(WAIT)
    if wait is None:
        time.sleep(seconds)
    elif wait(seconds):
        raise Interrupted("stopped while waiting to ask again")


def _end_if_cancelled(request: httpx.Request) -> None:
    wait: Callable[[float], bool] | None = request.extensions.get(WAIT)
    if wait is not None and wait(0):
        raise Interrupted


def _told(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 1 else f"{seconds:.1f} s"
