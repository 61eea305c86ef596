"""The account: /v2/billing, /v2/usage, /v2/logs, /v1/key, in the provider's documented forms; all of it play money."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from .base import Handler
from .refusal import TIMESTAMP, Refusal

_BALANCE = 5.0
_CREDITS = 2_000_000  # a dollar's worth
_PERIOD = re.compile(r"[1-9]\d{0,3}[hd]")


class BillingHandler(Handler):
    """GET /v2/billing and /v2/billing/detail: play money that never gets less."""

    async def read(self, detail: str | None = None, **_: str) -> None:
        """Answer a GET."""
        answer: dict[str, Any] = {"current_balance": _BALANCE, "currency": "USD"}
        if detail:
            answer |= {"user_id": 1, "email": "sandbox@example.com", "autotopup_settings": None}
        await self.reply(answer)


class BalanceHandler(Handler):
    """GET /v1/billing/balance, the older form, in credits."""

    async def read(self, **_: str) -> None:
        """Answer a GET."""
        credits = int(_BALANCE * _CREDITS)
        await self.reply({"balance": credits, "lowBalance": False, "lowBalanceThreshold": 10000, "status": "current"})


class KeyHandler(Handler):
    """GET /v1/key: what there is to know of the key, never the key."""

    async def read(self, **_: str) -> None:
        """Answer a GET."""
        await self.reply({"data": {"name": "sandbox", "disabled": False, "prefix": self.shop.key[:8], "scopes": None, "limit": None, "created_at": TIMESTAMP, "updated_at": TIMESTAMP, "monthly_usage": 0}})  # fmt: skip


class _Window(Handler):
    """What usage and logs share: a window of time must be named; the sandbox's rows are all in it."""

    def window(self) -> tuple[str, str]:
        """The window's start and end as asked for; Refusal 400 unless there is `period`, or `start` and `end`."""
        period, start, end = (self.get_query_argument(name, "") for name in ("period", "start", "end"))
        if bool(period) == bool(start and end) or (period and not _PERIOD.fullmatch(period)):
            raise Refusal(400, "Provide either `period` (as in 24h or 7d) or both `start` and `end`.")
        return start or TIMESTAMP, end or TIMESTAMP


class UsageHandler(_Window):
    """GET /v2/usage and /v2/usage/detail: how many requests succeeded, and that they cost nothing."""

    async def read(self, detail: str | None = None, **_: str) -> None:
        """Answer a GET."""
        start, end = self.window()
        many = Counter(row["model"] for row in self.shop.rows.values() if row["status"] == "succeeded")
        answer: dict[str, Any] = {"api_key_prefix": None, "start": start, "end": end, "spend": 0.0, "currency": "USD"}
        answer["requests"] = many.total()
        if detail:
            answer["models"] = [
                {"model": name, "spend": 0.0, "requests": count} for name, count in sorted(many.items())
            ]
        await self.reply(answer)


class LogsHandler(_Window):
    """GET /v2/logs: one row for each call of a model that this server has answered, newest first."""

    async def read(self, **_: str) -> None:
        """Answer a GET."""
        self.window()
        limit, offset = self._number("limit", 50, 1, 100), self._number("offset", 0, 0, 1_000_000)
        models, states = (set(self.get_query_arguments(name)) for name in ("model", "status"))
        if states - {"succeeded", "failed"}:
            raise Refusal(400, "status is succeeded or failed; repeat it for both.")
        rows = [row for row in reversed(self.shop.rows.values()) if self._fits(row, models, states)]
        page = {"limit": limit, "offset": offset, "total": len(rows), "has_more": offset + limit < len(rows)}
        await self.reply({"data": rows[offset : offset + limit], "pagination": page})

    @staticmethod
    def _fits(row: dict[str, Any], models: set[str], states: set[str]) -> bool:
        names = {row["model"], row["model"].rpartition("/")[2]}
        return (not models or bool(models & names)) and (not states or row["status"] in states)

    def _number(self, name: str, usual: int, low: int, high: int) -> int:
        text = self.get_query_argument(name, str(usual))
        if not text.isdecimal() or not low <= int(text) <= high:
            raise Refusal(400, f"{name} is a whole number from {low} to {high}.")
        return int(text)
