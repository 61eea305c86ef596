"""UsageMeter: what the ledger knows, drawn; the balance only when asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from aiml_nb.session import Session
from aiml_nb.widgets import UsageMeter
from aiml_nb.widgets.charts import bars, budget, columns


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session("sandbox")
    yield made
    made.close()


def test_it_follows_the_session(session: Session) -> None:
    """A call that ends shows by itself: the number of calls, the model, the rate limits that the answer told."""
    meter = UsageMeter(session)
    assert "no calls yet" in meter._plots.value
    session.chat("Hello")
    end = time.monotonic() + 5
    while "1 call<" not in meter._numbers.value and time.monotonic() < end:
        time.sleep(0.02)
    assert "59 of 60 requests left" in meter._numbers.value
    assert "openai/gpt-4o" in meter._plots.value
    meter._measure.value = "Tokens"
    assert "by day" in meter._plots.value.lower()
    assert "UsageMeter()" == repr(meter)
    assert "openai/gpt-4o" in meter._twin()["text/plain"]


def test_a_budget_is_a_bar(session: Session) -> None:
    """A budget shows how much of it is used, and is gone when it is taken off."""
    meter = UsageMeter(session)
    session.money.set(2.5)
    meter.refresh()
    assert "0% of the budget of $2.50" in meter._numbers.value
    session.money.set(None)
    meter.refresh()
    assert "budget" not in meter._numbers.value


def test_the_balance_is_asked_for_by_a_button(session: Session) -> None:
    """The number comes when the button is pressed, beside."""
    meter = UsageMeter(session)
    assert "Balance" not in meter._numbers.value
    meter._ask_balance()
    end = time.monotonic() + 5
    while "asking" in meter._numbers.value and time.monotonic() < end:
        time.sleep(0.02)
    assert "Balance" in meter._numbers.value
    assert "$" in meter._told_balance


def test_unknown_is_never_zero() -> None:
    """A cost that nobody told has no bar and says unknown; names of models are escaped."""
    drawn = bars("By model", [("<b>x</b>", None), ("y", 2.0)], str)
    assert "unknown" in drawn
    assert "&lt;b&gt;x" in drawn
    assert "width:100.0%" in drawn
    assert "2026-11-01: 3.0" in columns("By day", [("2026-11-01", 3.0), ("2026-11-02", 0)], str)
    assert "200% of the budget" in budget(2.0, 1.0)
    assert 'aria-valuenow="100"' in budget(2.0, 1.0)
