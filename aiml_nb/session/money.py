"""Money: what was spent, the budget that stops the next call before it is sent, and what is left at the provider.

What was spent is read from the ledger. A cost that nobody told is unknown: it is counted as a call, never as zero dollars.
A session's budget ends with the session. A day's is a file in the store's folder, `budget.json`: it holds in every notebook
and after a restart, until it is taken off; a day is the local one, and counts the calls of all sessions.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ..costs import Cost
from ..errors import AIMLError, BudgetError, InvalidRequestError, NotFoundError, PermissionDeniedError

if TYPE_CHECKING:
    from ..client import Client
    from ..operation import Operation
    from ..store import Store
    from .call import Call

PERIODS = ("session", "day")

FILE = "budget.json"

_MOST = 1_000_000.0

Work = Callable[["Operation[Any]"], Iterator[Any]]


class Spent(Struct, frozen=True):
    """What a period cost: US dollars as far as known, calls, and how many of them nobody told the cost of."""

    usd: float = 0.0
    calls: int = 0
    unknown: int = 0

    def __str__(self) -> str:
        if self.unknown and self.unknown == self.calls:
            return f"an unknown amount ({_calls(self.calls)})"
        more = f" and {_calls(self.unknown)} of unknown cost" if self.unknown else ""
        return f"{Cost(usd=self.usd)}{more}"


class Money:
    """The budgets of one session. run: its name in the ledger."""

    def __init__(self, store: Store, run: str) -> None:
        self._store = store
        self._run = run
        self._file = store.home / FILE
        self._since = time.time() - 86400  # found by the ledger's index; a day more, for clocks that are set back
        self._session: float | None = None
        self._day: float | None = None  # where the file cannot be written
        self._under_way: dict[str, float] = {}
        self._lock = threading.Lock()

    def spent(self, per: str = "session") -> Spent:
        """What was spent in this session, or since midnight by all sessions."""
        calls = self._store.calls
        rows = calls.totals(run=self._run, since=self._since) if per == "session" else calls.totals(since=midnight())
        if not rows:
            return Spent()
        row = rows[0]
        return Spent(row["usd"] or 0.0, row["calls"] - row["failed"], row["unknown_usd"])

    def budget(self, per: str = "session") -> float | None:
        """The budget in US dollars; None where there is none."""
        if per == "session":
            return self._session
        return self._day if self._day is not None else self._read()

    def set(self, usd: float | None, per: str = "session") -> bool:
        """Set a budget, or take it off (None). Returns False where a day's could not be kept for other sessions.

        Raises InvalidRequestError for what is no sum of money, or no period.
        """
        if per not in PERIODS:
            raise InvalidRequestError(f"no budget per {per}", param="per", advice="It is per session, or per day.")
        if usd is not None and not 0 <= usd <= _MOST:
            raise InvalidRequestError(
                f"{usd:g} is no budget", param="budget", advice="US dollars, from 0 on: 2.50. `off` takes it off."
            )
        if per == "session":
            self._session = usd
            return True
        self._day = None
        return self._write(usd)

    def guarded(self, call: Call, work: Work) -> Work:
        """The work of a call that may be sent: checked again when it begins, and reckoned with while it is under way."""

        def run(op: Operation[Any]) -> Iterator[Any]:
            with self._lock:
                cost = self.check(call)
                self._under_way[call.request_id] = cost or 0.0
            try:
                yield from work(op)
            finally:
                if not self._is_open(call.request_id):
                    self._under_way.pop(call.request_id, None)

        return run

    def _reserved(self) -> float:
        """What calls under way will cost; a job that was left running is one until it is collected."""
        for name in [name for name in self._under_way if self._ended(name)]:
            self._under_way.pop(name, None)
        return sum(self._under_way.values())

    def _is_open(self, request_id: str) -> bool:
        rows = self._store.calls.rows(client_request_id=request_id, limit=1)
        return bool(rows) and rows[0]["status"] in ("sent", "lost")

    def _ended(self, request_id: str) -> bool:
        """True when it counts as spent: at its end, or when its creation told what it costs."""
        rows = self._store.calls.rows(client_request_id=request_id, limit=1)
        return bool(rows) and (rows[0]["status"] not in ("sent", "lost") or rows[0]["usd"] is not None)

    @property
    def limited(self) -> bool:
        """True when there is a budget."""
        return any(self.budget(per) is not None for per in PERIODS)

    def check(self, call: Call) -> float | None:
        """What the call will cost, as far as the catalogue fixes it. Raises BudgetError when that, or what is spent, is too much."""
        estimate = call.estimate()
        cost = estimate.usd if estimate is not None else None
        for per in PERIODS:
            budget = self.budget(per)
            if budget is not None:
                _compare(self.spent(per), budget, per, cost, self._reserved())
        return cost

    def _read(self) -> float | None:
        if not self._file.is_file():  # quicker told than by opening it: each call asks
            return None
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            return float(json.loads(self._file.read_text("utf-8"))["day"])
        return None

    def _write(self, usd: float | None) -> bool:
        path = self._file
        try:
            if usd is None:
                path.unlink(missing_ok=True)
                return True
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = path.with_name(f"{FILE}.{os.getpid()}.part")
            draft.write_text(json.dumps({"day": usd}), "utf-8")
            draft.replace(path)
        except OSError:
            self._day = usd
            return False
        return True


def _compare(spent: Spent, budget: float, per: str, cost: float | None, under_way: float) -> None:
    """Raise BudgetError unless there is room for a call of this cost."""
    period = "this session" if per == "session" else "today"
    limit = Cost(usd=budget)
    raised = f"%aiml budget USD{' --per day' * (per == 'day')} raises it, %aiml budget off takes it off."
    told = f"spent {period}: {spent}" + (f", and {Cost(usd=under_way)} under way" if under_way else "")
    total = spent.usd + under_way
    if total >= budget:
        raise BudgetError(f"the budget of {limit} is used up; nothing was sent. {_capital(told)}", advice=raised)
    if cost is not None and total + cost > budget + 1e-9:
        raise BudgetError(
            f"this call costs {Cost(usd=cost)}, over the budget of {limit}; nothing was sent. {_capital(told)}",
            advice=raised,
        )


def balance(client: Client) -> float:
    """What is left at the provider, in US dollars. Raises InvalidRequestError where it tells no balance.

    Source: `GET /v2/billing`, which answers `{"current_balance": …, "currency": "USD"}`.
    """
    endpoint = client.endpoint
    if endpoint.preset is not None and not endpoint.preset.schemas:
        raise _untold(endpoint.title)
    try:
        told = client.request("GET", "/v2/billing", timeout=30).json()
    except NotFoundError:
        raise _untold(endpoint.title) from None
    except PermissionDeniedError as error:
        raise AIMLError(
            f"the key may not read the balance: {error.message}", advice="A key without scopes may; see its page."
        ) from error
    amount = told.get("current_balance") if isinstance(told, dict) else None
    if isinstance(amount, bool) or not isinstance(amount, int | float) or told.get("currency", "USD") != "USD":
        raise _untold(endpoint.title)
    return float(amount)


def _untold(title: str) -> InvalidRequestError:
    return InvalidRequestError(
        f"{title} tells no balance here",
        param="balance",
        advice="Its own pages show it; %aiml usage has what your calls cost.",
    )


def midnight(days: int = 0) -> float:
    """When today began here, or a day `days` before it, in seconds since the epoch."""
    now = time.localtime()
    return time.mktime((now.tm_year, now.tm_mon, now.tm_mday - days, 0, 0, 0, 0, 0, -1))


def _calls(number: int) -> str:
    return f"{number:,} call{'s' * (number != 1)}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
