"""UsageMeter: what was spent today and in this session, what the budget leaves, the rate limits, the balance, and two plots.

It reads the ledger, so it costs nothing but a few sums in SQLite; only the balance asks the provider, when its button is
pressed. It brings itself up to date when a call of its session ends.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from ..costs import Cost
from ..render.text import text_table
from ..session.money import balance, midnight
from . import charts, looks
from .base import Panel, button, row
from .worker import Soon, beside

if TYPE_CHECKING:
    from ..session import Session

#: Days in the plot.
DAYS = 14
#: Models in the plot; the rest is one bar.
MODELS = 8

#: What the plots can show: label, column of the ledger's sums.
MEASURES = {"Cost": "usd", "Tokens": "total_tokens", "Calls": "calls"}


class UsageMeter(Panel):
    """Spend, budget, limits and balance. session: by default the one that the magics use."""

    def __init__(self, session: Session | None = None) -> None:
        super().__init__(session)
        self._told_balance = ""
        self._again = Soon(self.refresh)
        self._numbers, self._plots = w.HTML(), w.HTML()
        self._measure = w.ToggleButtons(
            options=list(MEASURES), tooltips=["Plot US dollars", "Plot tokens", "Plot calls"]
        )
        self._measure.style.button_width = "auto"
        self._measure.observe(lambda _: self.refresh(), "value")
        again = self.on(button("Refresh", icon="refresh", tooltip="Bring the numbers up to date"), self.refresh)
        ask = self.on(button("Balance", tooltip="Ask the provider what is left"), self._ask_balance)
        self.add_class("aiml-usage")
        self.style_with(charts.SHEET)
        self.fill(self._numbers, row(self._measure, ask, again), self._plots)
        self.session.ledger.ended.add(self._call_ended)
        self.refresh()

    def refresh(self) -> None:
        """Read the ledger again."""
        numbers, plots = self._numbers_html(), self._plots_html()
        with self.lock:
            if self._numbers.value != numbers:
                self._numbers.value = numbers
            if self._plots.value != plots:
                self._plots.value = plots
        self.keep()

    def _call_ended(self, *_: Any) -> None:
        """After a call, soon and beside it; many calls at once are one refresh."""
        self._again.wish()

    def _ask_balance(self) -> None:
        self._told_balance = "asking …"
        self.refresh()
        beside(self._fetch_balance)

    def _fetch_balance(self) -> None:
        self._told_balance = ""
        with self.guard():
            left = balance(self.session.client())
            self._told_balance = f"${left:,.2f}"
        self.refresh()

    def _numbers_html(self) -> str:
        cards = [self._spent("Today", "day"), self._spent("This session", "session")]
        if self._told_balance:
            cards.append(charts.card("Balance", self._told_balance, ""))
        return f'<div class="aiml-cards">{"".join(cards)}</div>{self._limits()}'

    def _spent(self, title: str, per: str) -> str:
        spent, budget = self.session.money.spent(per), self.session.money.budget(per)
        calls = f"{spent.calls:,} call{'s' * (spent.calls != 1)}"
        more = f"{calls}, {spent.unknown:,} of unknown cost" if spent.unknown else calls
        bar = "" if budget is None else charts.budget(spent.usd, budget)
        told = "unknown" if spent.unknown and spent.unknown == spent.calls else str(Cost(usd=spent.usd))
        return charts.card(title, told, more, bar)

    def _limits(self) -> str:
        """What the last answers told of the rate limits, a line for each provider."""
        lines = []
        for provider, (_, limit) in self.session.ledger.limits.items():
            told = [
                _left("requests", limit.remaining_requests, limit.limit_requests, limit.reset_requests),
                _left("tokens", limit.remaining_tokens, limit.limit_tokens, limit.reset_tokens),
            ]
            lines.append(looks.muted(f"{provider}: {'; '.join(each for each in told if each)}"))
        return "".join(lines)

    def _plots_html(self) -> str:
        measure = MEASURES[self._measure.value]
        models, days = self._models(measure), self._days(measure)
        since = f"the last {DAYS} days"
        return (
            f'<div class="aiml-plots">{charts.bars(f"By model, {since}", models, _format(measure))}'
            f"{charts.columns(f'By day, {since}', days, _format(measure))}</div>"
        )

    def _models(self, measure: str) -> list[tuple[str, float | None]]:
        found = self.session.store.calls.totals("model", since=midnight(DAYS - 1))
        rows = sorted(((str(each["by"]), each[measure]) for each in found), key=lambda row: (-(row[1] or 0), row[0]))
        rest = [value for _, value in rows[MODELS:] if value is not None]
        return rows[:MODELS] + ([(f"{len(rows) - MODELS} others", sum(rest))] if len(rows) > MODELS else [])

    def _days(self, measure: str) -> list[tuple[str, float | None]]:
        found = {each["by"]: each[measure] for each in self.session.store.calls.totals("day", since=midnight(DAYS - 1))}
        days = [time.strftime("%Y-%m-%d", time.localtime(midnight(back))) for back in reversed(range(DAYS))]
        return [(day, found.get(day, 0)) for day in days]

    def _twin_html_(self) -> str:
        return f"<style>{charts.SHEET}</style>{self._numbers_html()}{self._plots_html()}"

    def _twin_(self) -> str:
        spent = [
            f"{title}: {self.session.money.spent(per)}"
            for title, per in (("Today", "day"), ("This session", "session"))
        ]
        models = self._models("usd")
        return "\n".join([*spent, *([text_table(("model", "US dollars"), models)] if models else [])])


def _left(what: str, remaining: int | None, limit: int | None, reset: float | None) -> str:
    """`59 of 60 requests left, full again in 1 s`; empty where nothing was told."""
    if remaining is None:
        return ""
    of = f" of {limit:,}" if limit is not None else ""
    again = f", full again in {reset:.3g} s" if reset else ""
    return f"{remaining:,}{of} {what} left{again}"


def _format(measure: str) -> Any:
    return (lambda value: str(Cost(usd=value))) if measure == "usd" else (lambda value: f"{value:,.0f}")
