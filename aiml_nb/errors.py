"""The tree of errors, drawn as a user meets them.

    AIMLError
      SettingsError            no key, bad base URL, plain http to a far host
      InvalidRequestError      refused here, before anything was sent
      APIError                 anything that went wrong after we began to talk to a server
        APIConnectionError     no answer: refused, no such host, cut off, not HTTP
          APITimeoutError      no answer in time
        APIStatusError         an answer with an error status
          BadRequestError 400, AuthenticationError 401, PermissionDeniedError 403,
          NotFoundError 404, RateLimitError 429, InternalServerError 5xx
        StreamError            an error event in a stream, or a stream cut short
      JobError                 a generation that failed or timed out
      BudgetError              the next call would go over the budget
      CassetteError            a recording is missing or does not match
    Interrupted                Ctrl-C, made short

Each error has a cause (`message`) and what to do about it (`advice`). In Python it is an ordinary exception whose
`str()` is the short cause. In a notebook it is one block of at most 600 bytes, traceback left out, through IPython's
`_render_traceback_`. This module knows nothing of HTTP, settings or IPython.
"""

from __future__ import annotations

import json
import re
from typing import Any

#: What a saved error output may weigh, as JSON, in bytes.
SAVED_BYTES = 600

_CAUSE_LENGTH = 140
_RED, _PLAIN = "\x1b[31m", "\x1b[0m"
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\U000e0000-\U000e007f]")


def shorten(text: str, length: int) -> str:
    """`text` on one line, without control characters, at most `length` characters long (wide ones count for more)."""
    text = " ".join(_UNPRINTABLE.sub(" ", text).encode("utf-8", "replace").decode().split())
    while len(text) > length or len(text.encode()) > 2 * length:
        most = length if len(text) > length else len(text) * 4 // 5
        text = text[: most - 1].rstrip() + "…"
    return text


class AIMLError(Exception):
    """Anything this package raises on purpose.

    message: what went wrong, one sentence, safe to show (no key, no HTML).
    advice: what to do next; may be empty.
    """

    def __init__(self, message: str, *, advice: str = "") -> None:
        self.message = message
        self.advice = advice
        super().__init__(message)

    def __str__(self) -> str:
        return shorten(self.message, _CAUSE_LENGTH)

    def __reduce__(self) -> Any:
        return _rebuild, (type(self), dict(self.__dict__))

    def _render_traceback_(self) -> list[str]:
        return _block(self, self.message, self.advice)


class Interrupted(KeyboardInterrupt):
    """Ctrl-C or the stop button during a call: short on screen, and queued cells stop, as for any KeyboardInterrupt."""

    def __init__(self, message: str = "stopped", *, advice: str = "") -> None:
        self.message = message
        self.advice = advice
        super().__init__(message)

    def _render_traceback_(self) -> list[str]:
        return _block(self, self.message, self.advice)


class SettingsError(AIMLError):
    """The set-up is not usable: no key, a bad base URL, plain http to a far host."""


class InvalidRequestError(AIMLError):
    """Refused here, before anything was sent.

    param: the name of the option or parameter at fault, if it is one.
    """

    def __init__(self, message: str, *, param: str | None = None, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.param = param


class APIError(AIMLError):
    """Something went wrong between us and the server.

    kind: one word for programs: auth, permission, credits, quota, rate_limit, not_found, bad_request,
        context_length, content_filter, server, timeout, connection, protocol, not_json, incomplete_stream, stream.
    request_id: the provider's id of the call (`x-inference-id` or `x-request-id`), for its support; None if it gave none.
    """

    kind = "protocol"

    def __init__(
        self, message: str, *, advice: str = "", kind: str | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(message, advice=advice)
        self.kind = kind or type(self).kind
        self.request_id = request_id


class APIConnectionError(APIError):
    """No usable answer: refused, no such host, cut off, or not HTTP."""

    kind = "connection"


class APITimeoutError(APIConnectionError):
    """No answer in time."""

    kind = "timeout"


class APIStatusError(APIError):
    """An answer with an error status.

    status_code: HTTP status.
    retry_after: seconds that the server asked to wait, or None.
    body: the decoded answer, or None.
    """

    kind = "bad_request"

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        advice: str = "",
        kind: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        body: Any = None,
    ) -> None:
        super().__init__(message, advice=advice, kind=kind, request_id=request_id)
        self.status_code = status_code
        self.retry_after = retry_after
        self.body = body


class BadRequestError(APIStatusError):
    """400, and other 4xx that say the request itself is wrong."""


class AuthenticationError(APIStatusError):
    """401: the key is missing, wrong, disabled or expired."""

    kind = "auth"


class PermissionDeniedError(APIStatusError):
    """403, 402: the key may not do this, or the account is out of credits (`kind == "credits"`)."""

    kind = "permission"


class NotFoundError(APIStatusError):
    """404: no such path or model."""

    kind = "not_found"


class RateLimitError(APIStatusError):
    """429: too many requests, or a quota is used up (`kind == "quota"`)."""

    kind = "rate_limit"


class InternalServerError(APIStatusError):
    """5xx: the server or what stands behind it failed."""

    kind = "server"


class StreamError(APIError):
    """An error event in a stream, or a stream cut short (`kind == "incomplete_stream"`)."""

    kind = "stream"


class JobError(AIMLError):
    """A generation that failed or timed out.

    job_id: the provider's id of the generation, or None when it never told one.
    """

    def __init__(self, message: str, *, job_id: str | None = None, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.job_id = job_id


class BudgetError(AIMLError):
    """The next call would go over the budget; it was not sent."""


class CassetteError(AIMLError):
    """A recording is missing, broken, or does not match the call."""


def status_error(status_code: int) -> type[APIStatusError]:
    """The class for an HTTP status of 300 or more."""
    named = {401: AuthenticationError, 402: PermissionDeniedError, 403: PermissionDeniedError, 404: NotFoundError}
    if status_code == 429:
        return RateLimitError
    return named.get(status_code, InternalServerError if status_code >= 500 else BadRequestError)


def _rebuild(kind: type[AIMLError], state: dict[str, Any]) -> AIMLError:
    error = kind.__new__(kind)
    error.__dict__.update(state)
    error.args = (error.message,)
    return error


def _block(error: AIMLError | Interrupted, message: str, advice: str) -> list[str]:
    """The lines that a notebook shows and saves: the name, the cause, the advice, cut to `SAVED_BYTES`."""
    name = type(error).__name__
    for length in (300, 200, 140, 100, 60, 30, 12):
        lines = [f"{_RED}{name}{_PLAIN}: {shorten(message, length)}"]
        if advice:
            lines.append(shorten(advice, max(length, 24)))
        saved = {"ename": name, "evalue": str(error), "output_type": "error", "traceback": lines}
        if len(json.dumps(saved, indent=1, ensure_ascii=False).encode()) <= SAVED_BYTES:
            break
    return lines
