"""The ledger: rows before and after a call, sums that know what they do not know, and filters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aiml_nb.costs import Cost, Usage
from aiml_nb.store import STATUSES, Call, Calls, Store


@pytest.fixture
def calls(tmp_path: Path) -> Calls:
    return Store(tmp_path / "home").calls


def call(**given: object) -> Call:
    return Call(
        **({"medium": "chat", "model": "m", "provider": "openai", "host": "api.openai.com", "run": "r"} | given)
    )


def test_a_call_is_there_before_it_is_sent(calls: Calls) -> None:
    """`begin` writes everything that is known, with the status `sent` and an unknown cost."""
    calls.begin(call(prompt={"q": "Straße 🙂"}, client_request_id="c-1", conversation="main", notebook="a.ipynb"))
    (row,) = calls.rows()
    assert ("sent", "c-1", "main", "a.ipynb", None) == tuple(
        row[name] for name in ("status", "client_request_id", "conversation", "notebook", "usd")
    )
    assert {"q": "Straße 🙂"} == json.loads(row["prompt"])


def test_a_call_that_ended_has_its_numbers(calls: Calls, tmp_path: Path) -> None:
    """`finish` writes status, reply, tokens, money, ids, times and files; JSON replies as JSON."""
    row = calls.begin(call())
    calls.finish(
        row,
        "ok",
        reply={"images": 2},
        usage=Usage(10, 5, 15, 2, 1),
        cost=Cost(0.0125, 25_000, "meta"),
        request_id="inf-1",
        ms=812.5,
        first_ms=90.0,
        media=[tmp_path / ("a" * 64 + ".png")],
    )
    (found,) = calls.rows(client_request_id=None)
    numbers = (
        "input_tokens",
        "output_tokens",
        "total_tokens",
        "reasoning_tokens",
        "cached_tokens",
        "usd",
        "credits",
        "ms",
    )
    assert (10, 5, 15, 2, 1, 0.0125, 25_000, 812.5) == tuple(found[name] for name in numbers)
    assert ({"images": 2}, ["a" * 64 + ".png"]) == (json.loads(found["reply"]), json.loads(found["media"]))
    assert ("ok", "inf-1", 90.0) == (found["status"], found["request_id"], found["first_ms"])


def test_finishing_without_a_reply_keeps_what_had_come(calls: Calls) -> None:
    """A call that failed in the middle keeps the text that `progress` wrote."""
    row = calls.begin(call())
    calls.progress(row, "half")
    calls.finish(row, "failed", error="cut short")
    (found,) = calls.rows()
    assert ("half", "cut short") == (found["reply"], found["error"])
    assert found["reply_sha256"] is not None


def test_texts_that_are_no_utf8_are_kept(calls: Calls) -> None:
    """A lone surrogate in a reply or a prompt breaks nothing."""
    row = calls.begin(call(prompt={"x": "\ud83d"}))
    calls.finish(row, "ok", reply="a\ud83db\x00c")
    assert calls.rows()[0]["reply"].startswith("a")


@pytest.mark.parametrize("status", ["sent", "done", ""])
def test_a_status_is_one_of_those_that_exist(calls: Calls, status: str) -> None:
    """An unknown status is refused, and so is going back to sent."""
    assert status not in STATUSES[1:]
    with pytest.raises(ValueError, match="status"):
        calls.finish(calls.begin(call()), status)


def test_unknown_costs_are_counted_and_never_zero(calls: Calls) -> None:
    """A sum leaves out what was not told and says how many; all unknown is None, told zero is zero."""
    calls.finish(calls.begin(call(model="a")), "ok")
    calls.finish(calls.begin(call(model="a")), "failed", error="400")
    calls.finish(calls.begin(call(model="b")), "ok", cost=Cost(0.1), usage=Usage(1, 2, 3))
    calls.finish(calls.begin(call(model="b")), "ok", cost=Cost(0.2))
    calls.finish(calls.begin(call(model="b")), "lost")
    calls.finish(calls.begin(call(model="c")), "ok", cost=Cost(0.0, 0, "meta"))
    sums = {row["by"]: row for row in calls.totals("model")}
    assert (None, 1, 2, 1) == tuple(sums["a"][name] for name in ("usd", "unknown_usd", "calls", "failed"))
    assert (0.3, 1, 3, 3) == tuple(sums["b"][name] for name in ("usd", "unknown_usd", "calls", "total_tokens"))
    assert (0.0, 0) == (sums["c"]["usd"], sums["c"]["unknown_usd"])
    (whole,) = calls.totals()
    assert (0.3, 2, 6) == (whole["usd"], whole["unknown_usd"], whole["calls"])
    assert [] == calls.totals(model="nobody's")


def test_rows_and_sums_by_everything(calls: Calls) -> None:
    """Calls are grouped by day, model, medium, provider, session, notebook and conversation, and filtered; newest first."""
    for model in ("a", "b"):
        calls.begin(call(model=model, notebook="n.ipynb", conversation="main", run=f"run-{model}"))
    assert ["b", "a"] == [row["model"] for row in calls.rows()]
    assert ["b"] == [row["model"] for row in calls.rows(limit=1)]
    assert ["a"] == [row["model"] for row in calls.rows(run="run-a", notebook="n.ipynb")]
    assert [] == calls.rows(since=calls.rows()[0]["time"] + 1)
    for by, groups in {
        "day": 1,
        "model": 2,
        "medium": 1,
        "provider": 1,
        "session": 2,
        "notebook": 1,
        "conversation": 1,
    }.items():
        assert groups == len(calls.totals(by)), by
    assert {dict} == {type(row) for row in [*calls.rows(), *calls.totals()]}


def test_unknown_groups_and_filters_are_refused(calls: Calls) -> None:
    """Nothing that a caller makes up reaches the SQL."""
    with pytest.raises(ValueError, match="by is one of"):
        calls.totals("1; DROP TABLE calls")
    with pytest.raises(ValueError, match="no filter"):
        calls.rows(**{"1=1 OR model": "x"})
