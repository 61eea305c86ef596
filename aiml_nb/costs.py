"""What a call used and cost, as values: Usage (tokens), Cost (money), RateLimit (what is left).

Each is read from the answer as the provider gave it. What it did not give is None, which is "unknown", never zero.
Nothing here estimates, fetches or prints.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec import Struct

#: The AI/ML API's credits in one US dollar (its page "how can I track my funds").
CREDITS_PER_USD = 2_000_000


class Usage(Struct, frozen=True):
    """Tokens of one call; None where the provider told none.

    reasoning and cached are parts of output and input, not further tokens.
    """

    input: int | None = None
    output: int | None = None
    total: int | None = None
    reasoning: int | None = None
    cached: int | None = None

    @classmethod
    def from_json(cls, usage: Any) -> Usage | None:
        """From an answer's `usage` object, in OpenAI's or Anthropic's words; None when it says nothing."""
        if not isinstance(usage, Mapping):
            return None
        told_in = _count(usage, "prompt_tokens", "input_tokens")
        told_out = _count(usage, "completion_tokens", "output_tokens")
        total = _count(usage, "total_tokens")
        if total is None and told_in is not None and told_out is not None:
            total = told_in + told_out
        if told_in is told_out is total is None:
            return None
        return cls(
            told_in,
            told_out,
            total,
            _detail(usage, "reasoning_tokens", "completion_tokens_details", "output_tokens_details"),
            _detail(usage, "cached_tokens", "prompt_tokens_details", "input_tokens_details"),
        )

    def __add__(self, other: Usage) -> Usage:
        """Both together; what either does not tell is unknown."""
        names = ("input", "output", "total", "reasoning", "cached")
        return Usage(*(_sum(getattr(self, name), getattr(other, name)) for name in names))


class Cost(Struct, frozen=True):
    """What one call cost: US dollars, the provider's credits, and where that was read (`meta`, `header`, `usage`, `catalogue`)."""

    usd: float | None = None
    credits: int | None = None
    source: str = ""

    @classmethod
    def from_json(cls, body: Any) -> Cost | None:
        """From an answer or a stream's last chunk: `meta.usage` (AI/ML API) or `usage.cost` (OpenRouter)."""
        if not isinstance(body, Mapping):
            return None
        meta = body.get("meta")
        used = meta.get("usage") if isinstance(meta, Mapping) else None
        if isinstance(used, Mapping):
            cost = cls._known(_number(used.get("usd_spent")), _number(used.get("credits_used")), "meta")
            if cost:
                return cost
        usage = body.get("usage")
        return cls._known(_number(usage.get("cost")), None, "usage") if isinstance(usage, Mapping) else None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> Cost | None:
        """From `x-aimlapi-usd-spent` and `x-aimlapi-credits-used`."""
        return cls._known(
            _number(headers.get("x-aimlapi-usd-spent")), _number(headers.get("x-aimlapi-credits-used")), "header"
        )

    @classmethod
    def _known(cls, usd: float | None, credits: float | None, source: str) -> Cost | None:
        if usd is None and credits is None:
            return None
        if usd is None and credits is not None:
            usd = credits / CREDITS_PER_USD
        return cls(usd, None if credits is None else int(credits), source)

    def __add__(self, other: Cost) -> Cost:
        """Both together; what either does not tell is unknown."""
        return Cost(_sum(self.usd, other.usd), _sum(self.credits, other.credits), self.source)

    def __str__(self) -> str:
        if self.usd is None:
            return "cost unknown"
        if self.usd == 0:
            return "$0"
        return f"${self.usd:.2f}" if self.usd >= 1 else f"${float(f'{self.usd:.3g}'):.10f}".rstrip("0")


class RateLimit(Struct, frozen=True):
    """What is left of the rate limits, where the headers tell: counts, and seconds until each is full again."""

    limit_requests: int | None = None
    remaining_requests: int | None = None
    reset_requests: float | None = None
    limit_tokens: int | None = None
    remaining_tokens: int | None = None
    reset_tokens: float | None = None

    @classmethod
    def from_headers(cls, headers: Mapping[str, str]) -> RateLimit | None:
        """From `x-ratelimit-*` in the dialects of OpenAI, Groq and Cerebras; what cannot be read is left out."""

        def read(what: str, kind: str) -> str | None:
            names = [
                f"x-ratelimit-{what}-{kind}",
                f"x-ratelimit-{what}-{kind}-day",
                f"x-ratelimit-{what}-{kind}-minute",
            ]
            if kind == "requests":
                names.append(f"x-ratelimit-{what}")
            return next((headers[name] for name in names if name in headers), None)

        def left(what: str, kind: str) -> int | None:
            number = _number(read(what, kind))
            return None if number is None or number < 0 else int(number)

        limit = cls(
            left("limit", "requests"),
            left("remaining", "requests"),
            duration(read("reset", "requests")),
            left("limit", "tokens"),
            left("remaining", "tokens"),
            duration(read("reset", "tokens")),
        )
        return None if limit == cls() else limit


_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")


def duration(text: str | None) -> float | None:
    """Seconds in `12ms`, `6m0s`, `1h2m3s`, `1d2h` or a plain number; None for what is not a duration.

    A number above a year is a point in time (epoch seconds or milliseconds), not a duration.
    """
    if not text:
        return None
    text = text.strip()
    number = _number(text)
    if number is not None:
        return number if 0 <= number < 366 * 86400 else None
    parts = _PART.findall(text)
    if not parts or "".join(n + unit for n, unit in parts) != text:
        return None
    return sum(float(n) * _UNITS[unit] for n, unit in parts)


N = TypeVar("N", int, float)


def _sum(one: N | None, other: N | None) -> N | None:
    return None if one is None or other is None else one + other


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _count(usage: Mapping[str, Any], *names: str) -> int | None:
    for name in names:
        number = _number(usage.get(name))
        if number is not None:
            return int(number)
    return None


def _detail(usage: Mapping[str, Any], name: str, *groups: str) -> int | None:
    for group in groups:
        details = usage.get(group)
        if isinstance(details, Mapping) and (count := _count(details, name)) is not None:
            return count
    return None
