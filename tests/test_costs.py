"""Tests of `aiml_nb.costs`."""

from __future__ import annotations

from typing import Any

import pytest

from aiml_nb.costs import Cost, RateLimit, Usage, duration


def test_usage_in_openai_words() -> None:
    """OpenAI's usage object is read with its details."""
    told = {
        "prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5,
        "completion_tokens_details": {"reasoning_tokens": 1}, "prompt_tokens_details": {"cached_tokens": 2},
    }  # fmt: skip
    assert Usage(3, 2, 5, 1, 2) == Usage.from_json(told)


def test_usage_in_anthropic_words() -> None:
    """Anthropic's words mean the same, and the total is their sum."""
    assert Usage(3, 2, 5) == Usage.from_json({"input_tokens": 3, "output_tokens": 2})


@pytest.mark.parametrize("told", [None, {}, [], {"prompt_tokens": None}, {"prompt_tokens": "many"}])
def test_usage_that_says_nothing_is_unknown(told: Any) -> None:
    """What the provider did not tell is None, never zero."""
    assert Usage.from_json(told) is None


def test_zero_tokens_are_known() -> None:
    """A told zero is a zero."""
    assert Usage(0, 0, 0) == Usage.from_json({"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0})


def test_cost_from_credits() -> None:
    """Credits alone give dollars at the provider's fixed rate."""
    assert Cost(0.0010075, 2015, "meta") == Cost.from_json({"meta": {"usage": {"credits_used": 2015}}})


def test_cost_from_openrouter() -> None:
    """OpenRouter tells the cost inside usage."""
    assert Cost(0.00014, None, "usage") == Cost.from_json({"usage": {"cost": 0.00014}})


def test_cost_from_headers() -> None:
    """The provider's headers tell dollars and credits."""
    told = {"x-aimlapi-credits-used": "2480", "x-aimlapi-usd-spent": "0.001240000"}
    assert Cost(0.00124, 2480, "header") == Cost.from_headers(told)


@pytest.mark.parametrize(
    "body", [None, {}, {"meta": None}, {"meta": {"usage": {"usd_spent": "soon"}}}, {"usage": {"cost": None}}]
)
def test_unknown_cost_is_none(body: Any) -> None:
    """Nothing told means no cost object, never a guess."""
    assert Cost.from_json(body) is None


@pytest.mark.parametrize(
    ("usd", "shown"),
    [(0.0, "$0"), (0.00124, "$0.00124"), (12.5, "$12.50"), (0.000000123, "$0.000000123"), (None, "cost unknown")],
)
def test_a_cost_reads_well(usd: float | None, shown: str) -> None:
    """Small amounts keep three figures, large ones two decimals, unknown ones say so."""
    assert shown == str(Cost(usd, None, ""))


def test_sums_keep_the_unknown() -> None:
    """Adding something unknown gives something unknown."""
    assert Usage(1, 2, 3) + Usage(1, 2, 3) == Usage(2, 4, 6)
    assert (Cost(1.0) + Cost(None)).usd is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12ms", 0.012), ("1s", 1), ("6m0s", 360), ("2m59.56s", 179.56), ("1h2m3s", 3723), ("1d2h", 93600), ("11.38", 11.38),
        ("33011.382867", 33011.382867), ("0", 0), ("-1", None), ("soon", None), ("", None), (None, None), ("1741305600000", None),
        ("nan", None), ("inf", None), ("5x", None),
    ],
)  # fmt: skip
def test_durations_in_all_dialects(text: str | None, seconds: float | None) -> None:
    """Each provider's way to write a duration is read; what is none is None."""
    assert duration(text) == (pytest.approx(seconds) if seconds is not None else None)


def test_rate_limits_from_headers() -> None:
    """Requests and tokens are told apart, with the seconds until they are full again."""
    told = {
        "x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "59", "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-remaining-tokens": "159976", "x-ratelimit-reset-tokens": "6m0s",
    }  # fmt: skip
    assert RateLimit(60, 59, 1.0, None, 159976, 360.0) == RateLimit.from_headers(told)


def test_garbage_in_rate_limit_headers_is_left_out() -> None:
    """Headers that cannot be read never break an answer."""
    assert (
        RateLimit.from_headers({"x-ratelimit-reset-requests": "soon", "x-ratelimit-remaining-requests": "many"}) is None
    )
