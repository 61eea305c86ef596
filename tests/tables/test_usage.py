"""Tests of `aiml_nb.tables.usage`: sums that tell what is unknown, as table, rows, bars and picture."""

from __future__ import annotations

import time

import pytest

from aiml_nb.costs import Cost, Usage
from aiml_nb.session import Session
from aiml_nb.store import Call
from aiml_nb.tables import usage


def write(
    session: Session, usd: float | None, model: str = "m", *, status: str = "ok", run: str = "", **more: str
) -> None:
    run = run or session.conversations.run
    row = session.store.calls.begin(Call(medium="chat", model=model, provider="p", host="h", run=run, **more))
    cost = None if usd is None else Cost(usd)
    session.store.calls.finish(row, status, cost=cost, usage=Usage(10, 5, 15) if usd is not None else None)


def test_unknown_is_never_zero() -> None:
    """A model whose cost nobody told has no sum; one with some unknown calls says how many; failed ones are told as such."""
    session = Session()
    for usd, model in ((0.5, "known"), (None, "dark"), (None, "dark"), (0.25, "mixed"), (None, "mixed")):
        write(session, usd, model)
    write(session, None, "broken", status="failed")
    text = usage.usage(usage.rows(session)).text()
    costs = {line.split()[0]: line for line in text.splitlines()}
    assert costs["known"].endswith("$0.5")
    assert costs["dark"].endswith("cost unknown")
    assert costs["mixed"].endswith("$0.25, 1 call of unknown cost")
    assert costs["broken"].endswith("$0, 1 failed")
    assert "$0.75, 3 calls of unknown cost, 1 failed" in text.splitlines()[-1]


def test_nothing_yet() -> None:
    """A new session says so in words, without a table."""
    assert "This session: no calls yet" == usage.usage(usage.rows(Session())).text()


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("model", ["m"]),
        ("medium", ["chat"]),
        ("provider", ["p"]),
        ("day", [time.strftime("%Y-%m-%d")]),
        ("notebook", ["a.ipynb", "no notebook"]),
    ],
)
def test_sums_by_anything(by: str, names: list[str]) -> None:
    """Each way of summing up names its rows; all of them add up to the same."""
    session = Session()
    write(session, 0.5, notebook="a.ipynb")
    write(session, 0.25)
    rows = usage.rows(session, by=by, days=1)
    assert names == sorted(row[by] for row in rows)
    assert 0.75 == sum(row["usd"] for row in rows)


def test_a_session_is_called_by_when_it_began() -> None:
    """By session, this one is marked, and others of the same day have their own rows."""
    session = Session()
    write(session, 0.5)
    write(session, 0.25, run="another")
    names = [row["session"] for row in usage.rows(session, by="session")]
    assert [True, False] == sorted((name.endswith("(this one)") for name in names), reverse=True)


def test_this_session_unless_days_are_named() -> None:
    """Without days a model's sum is of this session; with days of all of them."""
    session = Session()
    write(session, 0.5)
    write(session, 0.25, run="another")
    assert [0.5] == [row["usd"] for row in usage.rows(session)]
    assert [0.75] == [row["usd"] for row in usage.rows(session, days=1)]


def test_rows_become_a_frame() -> None:
    """The frame has the same columns, and an unknown cost in it is missing, not zero."""
    pandas = pytest.importorskip("pandas")
    session = Session()
    write(session, 0.5, "known")
    write(session, None, "dark")
    frame = usage.rows(session).to_pandas().set_index("model")
    assert 0.5 == frame.loc["known", "usd"]
    assert pandas.isna(frame.loc["dark", "usd"])
    assert pandas.isna(frame.loc["dark", "input_tokens"])
    assert 0 == len(usage.rows(Session(provider="sandbox")).to_pandas())


def test_bars_and_picture() -> None:
    """The dearest row has the longest bar, one of unknown cost none; with matplotlib it is a picture."""
    session = Session()
    write(session, 1.0, "dear")
    write(session, 0.25, "cheap")
    write(session, None, "dark")
    rows = usage.rows(session)
    bars = {line.split()[0]: line.count("█") for line in usage.bars(rows).text().splitlines()}
    assert (40, 10, 0) == (bars["dear"], bars["cheap"], bars["dark"])
    pytest.importorskip("matplotlib")
    assert usage.plot(rows).axes


def test_ten_thousand_calls_are_summed_up_quickly() -> None:
    """Under 100 ms of CPU, also the first time."""
    session = Session()
    write(session, 0.5)
    columns = "time, run, medium, model, provider, host, status, usd, input_tokens, output_tokens, total_tokens"
    count = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
    session.store.calls._database.run(
        lambda db: db.execute(
            f"{count} INSERT INTO calls ({columns}) SELECT {time.time()} - i * 60, 'r' || (i % 50), 'chat', "
            "'model-' || (i % 40), 'p', 'h', 'ok', CASE WHEN i % 7 THEN 0.001 END, 10, 20, 30 FROM n"
        )
    )
    for by in ("model", "day", "session"):
        began = time.process_time()
        text = usage.usage(usage.rows(session, by=by, days=30)).text()
        assert time.process_time() - began < 0.1
        assert "10,001 calls" in text
