"""The account: balance, usage, logs and key, in the documented forms."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from aiml_nb import sandbox


def test_the_balance_is_play_money(http: httpx.Client, server: sandbox.Server) -> None:
    """/v2/billing answers in dollars, and only with the key."""
    assert http.get("/v2/billing").json() == {"current_balance": 5.0, "currency": "USD"}
    assert httpx.get(f"{server.url}/v2/billing", trust_env=False).status_code == 401


def ask(http: httpx.Client, text: str, **headers: str) -> Any:
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}
    return http.post("/v1/chat/completions", json=body, headers=headers)


def test_each_call_has_a_row_in_the_logs(http: httpx.Client) -> None:
    """Newest first, failed ones too, with the ids that the answer's headers told and the client's own."""
    answer = ask(http, "one", **{"X-Client-Request-Id": "order-1"})
    ask(http, "FAULT 500")
    page = http.get("/v2/logs?period=24h").json()
    assert [("failed", None), ("succeeded", "order-1")] == [
        (row["status"], row["client_request_id"]) for row in page["data"]
    ]
    row = page["data"][1]
    assert ("openai/gpt-4o", answer.headers["x-inference-id"]) == (row["model"], row["inference_id"])
    assert answer.json()["usage"]["total_tokens"] == row["tokens"]["total"]
    assert {"limit": 50, "offset": 0, "total": 2, "has_more": False} == page["pagination"]


def test_logs_have_filters_and_pages(http: httpx.Client) -> None:
    """status and model filter, limit and offset page; a window of time must be named, as at the provider."""
    for text in ("one", "two", "FAULT 404"):
        ask(http, text)
    assert 1 == len(http.get("/v2/logs?period=7d&status=failed").json()["data"])
    assert 3 == http.get("/v2/logs?period=7d&model=gpt-4o").json()["pagination"]["total"]
    assert [] == http.get("/v2/logs?period=7d&model=gpt-4o,x").json()["data"]
    assert http.get("/v2/logs?period=7d&limit=2").json()["pagination"]["has_more"]
    assert 1 == len(http.get("/v2/logs?period=7d&limit=2&offset=2").json()["data"])


@pytest.mark.parametrize(
    "query", ["", "period=soon", "period=24h&start=a&end=b", "period=24h&limit=0", "period=7d&status=x"]
)
def test_a_wrong_query_of_the_logs_is_refused(http: httpx.Client, query: str) -> None:
    """400, as the documentation says."""
    assert http.get(f"/v2/logs?{query}").status_code == 400


def test_usage_counts_what_succeeded(http: httpx.Client) -> None:
    """Spend is nothing; the detail tells the models."""
    ask(http, "one")
    ask(http, "FAULT 500")
    usage = http.get("/v2/usage?period=24h").json()
    assert (0, 1, "USD") == (usage["spend"], usage["requests"], usage["currency"])
    detail = http.get("/v2/usage/detail?period=24h").json()
    assert [{"model": "openai/gpt-4o", "spend": 0, "requests": 1}] == detail["models"]


def test_the_key_tells_its_prefix_only(http: httpx.Client) -> None:
    """/v1/key has the documented fields."""
    data = http.get("/v1/key").json()["data"]
    assert ("sandbox", False) == (data["prefix"], data["disabled"])
