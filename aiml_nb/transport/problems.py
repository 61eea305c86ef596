"""What a server means by a refusal: one `Problem` from a status, headers and a body in any of the usual dialects.

Understood: OpenAI's `error` object, the AI/ML API's flat body, plain strings, `detail` as text or as a list, lists,
problem+json, HTML pages (a title at most is shown), JSON of an upstream quoted in a message. It judges values only.
"""

from __future__ import annotations

import email.utils
import ipaddress
import json
import math
import re
import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from msgspec import Struct

from ..costs import duration
from ..errors import shorten

#: Characters of a server's words that are shown.
LENGTH = 300

# Compiled at first use, which is the first refusal: most sessions see none.
_TITLE = r"(?is)<title[^>]*>(.*?)</title"
_PAGE = r"(?is)\s*(?:<!--.*?-->\s*)*<(?:!doctype|html|head|body|\?xml|error)\b"
_TAG = r"(?i)</?(?:html|head|body|title|h[1-6]|p|br|hr|div|span|center|a|pre|script|style|img)\b[^>]*>"
_ADDRESS = r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){4,7}[0-9a-fA-F]{1,4}(?![\w:])"
_CREDITS = (
    r"(?i)out of credits|(?:insufficient|not enough|no|low|remaining) (?:\w+ )?(?:credits?|balance|funds)|credit balance|"
    r"top[ -]?up|balance is too low|exceeded your available credits|payment required"
)
_QUOTA = r"(?i)insufficient_quota|free-tier limit|exceeded your current quota|billing_hard_limit|quota_exceeded"
_LENGTH = (
    r"(?i)context_length_exceeded|maximum context length|context (?:length|window)|prompt is too long|"
    r"too many (?:input )?tokens"
)
_FILTER = r"(?i)content_filter|content_policy|responsibleaipolicy|content management policy|moderation_blocked"
_KEY = r"(?i)invalid_api_key|(?:invalid|incorrect|wrong|expired) api key|api key not valid"
_AGAIN = r"(?i)(?:try again|retry) (?:in|after) (?:about )?([\d.]+ ?(?:ms|[smhd])?[\dmsh.]*)\s*(seconds?|minutes?)?"
_DELAY = r'"retryDelay"\s*:\s*"([\d.]+)s"'


class Problem(Struct, frozen=True):
    """A refusal, understood. `kind` as in `errors.APIError`; `retry_after` in seconds; `text` fit to be shown."""

    status: int
    kind: str
    text: str
    code: str = ""
    request_id: str | None = None
    retry_after: float | None = None
    body: Any = None

    @property
    def final(self) -> bool:
        """True where asking again cannot help: no credits, no quota."""
        return self.kind in {"credits", "quota"}


def read(status: int, headers: Mapping[str, str], content: bytes) -> Problem:
    """The problem behind an error status."""
    body = parsed(content)
    said = " ".join(told(body) if isinstance(body, dict | list) else _plain(content))
    codes = " ".join(_codes(body))
    hint = wait_hint(headers, content)
    return Problem(
        status,
        _kind(status, f"{codes} {said}", hinted=hint is not None and hint < 3600),
        clean(said) or _phrase(status),
        codes,
        _request_id(headers, body),
        hint,
        body,
    )


def hidden(content: bytes) -> int | None:
    """The error status that a small answer with a status of success carries in its body; None for a real answer."""
    if b'"error"' not in content and b'"statusCode"' not in content:
        return None
    body = parsed(content)
    if isinstance(body, list) and len(body) == 1:
        body = body[0]
    if not isinstance(body, dict) or body.keys() & {"choices", "data", "output", "status", "id"}:
        return None
    error = body.get("error")
    if error:
        code = error.get("code") or error.get("status") if isinstance(error, dict) else body.get("statusCode")
        return _status(code) or _status(body.get("statusCode")) or 500
    return _status(body.get("statusCode"))


def parsed(content: bytes) -> Any:
    """The JSON in `content`, or None."""
    try:
        return json.loads(content.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError):
        return None


def told(body: Any, depth: int = 0) -> Iterator[str]:
    """The sentences in an error body, the most telling first."""
    if depth > 5:
        return
    if isinstance(body, str):
        yield _unquoted(body, depth)
    elif isinstance(body, list):
        for each in body[:4]:
            yield from told(each, depth + 1)
    elif isinstance(body, Mapping):
        where = _place(body)
        for key in ("message", "error", "detail", "msg", "error_description", "title", "reason"):
            if sentences := list(told(body.get(key), depth + 1)):
                yield f"{where}{sentences[0]}"
                yield from sentences[1:]
                break
        for key in ("errors", "metadata", "raw"):
            yield from told(body.get(key), depth + 1)


def clean(text: str) -> str:
    """`text` without tags, public network addresses and line ends, at most `LENGTH` characters long."""
    return shorten(re.sub(_ADDRESS, _hide, re.sub(_TAG, " ", text[:4096])), LENGTH)


def wait_hint(headers: Mapping[str, str], content: bytes = b"") -> float | None:
    """Seconds that the server asks to wait: `retry-after-ms`, `Retry-After` (seconds or a date), or words in the body."""
    for text, scale in ((headers.get("retry-after-ms"), 0.001), (headers.get("retry-after"), 1.0)):
        seconds = _seconds(text)
        if seconds is not None and seconds > 0:
            return seconds * scale
    text = content[:65536].decode("utf-8", "replace")
    if delay := re.search(_DELAY, text):
        return _seconds(delay[1])
    if again := re.search(_AGAIN, text):
        value = duration(again[1].replace(" ", "").rstrip("."))
        minutes = bool(again[2]) and again[2].lower().startswith("minute")
        return value * 60 if value is not None and minutes else value
    return None


def _seconds(text: str | None) -> float | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        return _until(text)
    return number if math.isfinite(number) else None


def _until(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _kind(status: int, text: str, *, hinted: bool) -> str:
    if status == 402 or (status in {400, 403, 429} and re.search(_CREDITS, text)):
        return "credits"
    if status in {400, 403, 429} and re.search(_QUOTA, text) and not (hinted and "insufficient_quota" not in text):
        return "quota"
    if 400 <= status < 500 and re.search(_FILTER, text):
        return "content_filter"
    if status in {400, 413, 422} and re.search(_LENGTH, text):
        return "context_length"
    if status == 400 and re.search(_KEY, text):
        return "auth"
    known = {401: "auth", 403: "permission", 404: "not_found", 408: "timeout", 429: "rate_limit"}
    return known.get(status, "server" if status >= 500 else "bad_request")


def _plain(content: bytes) -> Iterator[str]:
    text = content[:65536].decode("utf-8-sig", "replace").strip()
    if not re.match(_PAGE, text):
        yield text
    elif title := re.search(_TITLE, text):
        yield f"an HTML page titled “{shorten(title[1], 80)}”"
    elif text:
        yield "an HTML page"


def _codes(body: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, Mapping) or depth > 3:
        return
    yield from (str(body[key]) for key in ("code", "type", "status") if isinstance(body.get(key), str | int))
    for key in ("error", "innererror", "detail"):
        yield from _codes(body.get(key), depth + 1)


def _place(body: Mapping[str, Any]) -> str:
    """Which parameter a validation message is about, as `model: `."""
    place = body.get("loc") or body.get("path")
    if isinstance(place, list):
        return ".".join(str(part) for part in place[:6] if part != "body") + ": " if place else ""
    return ""


def _unquoted(text: str, depth: int) -> str:
    """The message inside a JSON text that a gateway quotes: `400 {"error":{"message":…}}`."""
    start = text.find("{")
    if start >= 0 and isinstance(inner := parsed(text[start:].encode()), dict):
        return " ".join([text[:start].strip(), *told(inner, depth + 1)]).strip() or text
    if re.match(_PAGE, text):
        return " ".join(_plain(text.encode()))
    return text


def _hide(found: re.Match[str]) -> str:
    try:
        return "…" if ipaddress.ip_address(found[0]).is_global else found[0]
    except ValueError:
        return found[0]


def _request_id(headers: Mapping[str, str], body: Any) -> str | None:
    named = headers.get("x-inference-id") or headers.get("x-request-id")
    if not named and isinstance(body, Mapping):
        named = body.get("requestId") or body.get("request_id")
    return shorten(str(named), 128) if named else None


def _status(code: Any) -> int | None:
    try:
        number = int(code)
    except (TypeError, ValueError):
        return None
    return number if 400 <= number < 600 else None


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "no reason given"
