"""Refusal: an answer that says no, with its HTTP status, as the provider would word it. Knows nothing of Tornado."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: The instant that every answer carries, so that two runs print the same.
CREATED = 1767225600
TIMESTAMP = "2026-01-01T00:00:00.000Z"

NO_KEY = (
    "This request requires a valid API key. You can create a new API key on the Billing page: "
    "https://aimlapi.com/app/keys (the sandbox's own key is the word: sandbox)"
)
NO_CREDITS = (
    "You've run out of credits. Please top up your balance or update your payment method to continue: "
    "https://aimlapi.com/app/billing/"
)


class Refusal(Exception):  # noqa: N818 - it is an answer, not a fault
    """Raised anywhere below a handler; becomes the provider's flat error body."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})

    def body(self, path: str, request_id: str) -> dict[str, Any]:
        """The flat error: message, path, requestId, statusCode, timestamp."""
        return {
            "message": self.message,
            "path": path,
            "requestId": request_id,
            "statusCode": self.status,
            "timestamp": TIMESTAMP,
        }


def invalid(where: str, what: str) -> Refusal:
    """400 for a field that breaks the rules: `where` names it, `what` says what is allowed."""
    return Refusal(400, f"Body validation error! {where}: {what}")
