"""Tests of `aiml_nb.session.money`: what was spent, budgets that stop a call before it is sent, what is left."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from aiml_nb.catalogue import Model
from aiml_nb.costs import Cost
from aiml_nb.errors import BudgetError, InvalidRequestError
from aiml_nb.session import Session
from aiml_nb.session.money import FILE, Spent, balance, midnight
from aiml_nb.store import Call


def write(session: Session, usd: float | None, *, status: str = "ok", run: str | None = None) -> None:
    """A row in the ledger that cost so much; None: nobody told."""
    run = session.conversations.run if run is None else run
    row = session.store.calls.begin(Call(medium="image", model="m", provider="p", host="h", run=run))
    session.store.calls.finish(row, status, cost=None if usd is None else Cost(usd))


def test_what_is_spent_is_told_with_what_is_unknown() -> None:
    """Known costs are summed; a call of unknown cost is counted and is not zero; failed calls cost nothing."""
    session = Session()
    assert Spent() == session.money.spent()
    for usd in (0.25, 0.5, None):
        write(session, usd)
    write(session, None, status="failed")
    assert Spent(0.75, 3, 1) == session.money.spent()
    assert "$0.75 and 1 call of unknown cost" == str(session.money.spent())
    assert "an unknown amount (2 calls)" == str(Spent(0.0, 2, 2))


def test_a_used_up_budget_stops_the_next_call_before_it_is_sent() -> None:
    """BudgetError names what was spent, the budget, and how to raise it; nothing is in the ledger but what was there."""
    session = Session()
    session.money.set(0.5)
    write(session, 0.5)
    with pytest.raises(BudgetError) as caught:
        session.chat("Hi")
    assert "$0.5" in caught.value.message
    assert "nothing was sent" in caught.value.message
    assert "%aiml budget" in caught.value.advice
    assert 1 == len(session.usage())


def test_below_the_budget_calls_go_out() -> None:
    """A budget with room in it disturbs nobody."""
    session = Session()
    session.money.set(0.5)
    write(session, 0.49)
    assert session.chat("Hi").text


PRICED = Model("m", pricing={"kind": "fixed", "units": [{"name": "request", "price": "0.3", "per": 1}]})


def priced(session: Session) -> Any:
    """A call that the catalogue prices at $0.30."""
    call = session.prepare("chat", "Hi")
    call.entry = PRICED
    return call


def test_a_call_whose_price_is_known_is_stopped_before_it_goes_over() -> None:
    """What the catalogue says of the next call counts before it is sent."""
    session = Session()
    session.money.set(0.5)
    write(session, 0.25)
    with pytest.raises(BudgetError, match=r"costs \$0\.3"):
        session.send(priced(session))
    session.money.set(0.55)
    assert session.send(priced(session)).result().text


def test_calls_under_way_are_reckoned_with() -> None:
    """Two calls at once cannot both take the last money."""
    session = Session()
    session.money.set(0.5)
    first = session.send(priced(session))
    next(iter(first))
    with pytest.raises(BudgetError, match="under way"):
        session.send(priced(session))
    first.close()
    assert session.send(priced(session)).result().text


def test_many_threads_keep_to_the_budget() -> None:
    """Of ten calls begun at once at $0.30 each, a budget of $1 lets three out."""
    session = Session()
    session.money.set(1.0)
    ops = [session.money.guarded(priced(session), slowly) for _ in range(10)]
    outcomes: list[str] = []

    def one(work: Any) -> None:
        try:
            outcomes.extend(work(None))
        except BudgetError:
            outcomes.append("stopped")

    threads = [threading.Thread(target=one, args=(work,)) for work in ops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (3, 7) == (outcomes.count("sent"), outcomes.count("stopped"))


def slowly(op: Any) -> Any:
    del op
    time.sleep(0.3)
    yield "sent"


def test_a_session_s_budget_is_its_own() -> None:
    """Another session knows nothing of it."""
    session, other = Session(), Session()
    session.money.set(0)
    assert None is other.money.budget()
    assert other.chat("Hi").text


def test_a_day_s_budget_holds_in_every_session_until_it_is_off(tmp_path: Path) -> None:
    """It is kept beside the store and counts the calls of all sessions since midnight."""
    session, other = Session(), Session()
    session.money.set(0.2, "day")
    write(session, 0.2)
    assert 0.2 == other.money.budget("day")
    with pytest.raises(BudgetError, match="today"):
        other.chat("Hi")
    other.money.set(None, "day")
    assert None is session.money.budget("day")
    assert not (session.store.home / FILE).exists()
    assert session.chat("Hi").text


def test_yesterday_does_not_count() -> None:
    """A day is the local one."""
    session = Session()
    write(session, 3.0)
    yesterday = midnight() - 1
    session.store.calls._database.run(lambda db: db.execute("UPDATE calls SET time = ?", (yesterday,)))
    assert Spent() == session.money.spent("day")
    assert 3.0 == session.money.spent().usd


@pytest.mark.parametrize(("usd", "per"), [(-1.0, "session"), (float("nan"), "day"), (1.0, "week")])
def test_what_is_no_budget_is_refused(usd: float, per: str) -> None:
    """Negative sums, no numbers and unknown periods are errors with advice."""
    with pytest.raises(InvalidRequestError) as caught:
        Session().money.set(usd, per)
    assert caught.value.advice


def test_a_file_that_is_damaged_is_no_budget() -> None:
    """What somebody wrote into the file by hand breaks no call."""
    session = Session()
    session.store.home.mkdir(parents=True, exist_ok=True)
    (session.store.home / FILE).write_text("{ none")
    assert None is session.money.budget("day")


def test_the_balance_is_in_dollars() -> None:
    """The sandbox tells play money as the provider tells money."""
    assert balance(Session().client()) > 0


def test_a_provider_without_a_balance_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked where the provider is known to have none."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-" + "test" * 8)
    with pytest.raises(InvalidRequestError, match="OpenAI"):
        balance(Session("openai").client())


def test_a_deprecated_model_is_warned_of_once_a_session() -> None:
    """The warning is the same on each machine: no path of this one in it."""
    from aiml_nb import DeprecationNotice

    session = Session()
    with pytest.warns(DeprecationNotice, match="chatgpt-4o-latest") as seen:
        session.chat("Hi", model="chatgpt-4o-latest")
    assert ["aiml_nb"] == [each.filename for each in seen]
    session.chat("Hi", model="chatgpt-4o-latest")
