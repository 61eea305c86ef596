"""Usage as a table: calls, tokens and cost, of this session or of some days, summed up as one likes; and as bars.

The sums are SQLite's. What was not told is unknown: it is counted beside the sum, and no sum is made of nothing.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..costs import Cost
from ..errors import InvalidRequestError
from ..session.money import midnight
from .page import Page, Table, count

if TYPE_CHECKING:
    from ..session import Session

#: The days that are summed up when somebody asks for days, notebooks or sessions and names no number.
DAYS = 30

_BEYOND = ("day", "notebook", "session")
_BAR = 40
_NUMBERS = ("calls", "failed", "input_tokens", "output_tokens", "usd", "unknown_usd")


class Rows(list[dict[str, Any]]):
    """The sums, one dict a row: what they are by, calls, failed, input_tokens, output_tokens, usd (None: unknown), unknown_usd."""

    by: str = "model"
    title: str = ""

    def to_pandas(self) -> Any:
        """As a DataFrame; an unknown cost is NaN. Raises InvalidRequestError without pandas."""
        try:
            pandas = importlib.import_module("pandas")
        except ImportError:
            raise InvalidRequestError("pandas is not installed", advice="Run %pip install pandas.") from None
        frame = pandas.DataFrame(list(self), columns=[self.by, *_NUMBERS])
        return frame.astype({"usd": float, "input_tokens": "Int64", "output_tokens": "Int64"})


def rows(session: Session, *, by: str = "model", days: int | None = None) -> Rows:
    """The sums by model, day, medium, notebook, session or provider; the newest first.

    days: the last so many, today included, of all sessions; by default this session, or 30 days where `by` is more than
    one session has.
    """
    if days is None and by in _BEYOND:
        days = DAYS
    if days is None:
        totals = session.store.calls.totals(by, run=session.conversations.run)
    else:
        totals = session.store.calls.totals(by, since=midnight(days - 1))
    names = _names(session, by, totals)
    found = Rows({by: name, **{each: row[each] for each in _NUMBERS}} for name, row in zip(names, totals, strict=True))
    found.by = by
    found.title = "This session" if days is None else "Today" if days == 1 else f"The last {days} days"
    return found


def _names(session: Session, by: str, totals: list[dict[str, Any]]) -> list[str]:
    """What each row is called; a session by when it began."""
    if by != "session":
        return [row["by"] or ("no notebook" if by == "notebook" else "unknown") for row in totals]
    return [
        time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(row["first"]))
        + " (this one)" * (row["by"] == session.conversations.run)
        for row in totals
    ]


def usage(found: Rows) -> Page:
    """The sums as a table, and their total in a sentence."""
    told = f"{found.title}: {total(found)}"
    if not found:
        return Page(told)
    headers = (found.by, "calls", "tokens in", "tokens out", "cost")
    return Page(Table(headers, [_row(found.by, row) for row in found]), told)


def _row(by: str, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (str(row[by]), row["calls"], row["input_tokens"], row["output_tokens"], cost(row))


def cost(row: Mapping[str, Any]) -> str:
    """The sum of what is known, how many calls it leaves out, and how many failed."""
    known = row["calls"] - row["failed"] - row["unknown_usd"]
    told = ["cost unknown"] if row["unknown_usd"] and not known else [str(Cost(usd=row["usd"] or 0.0))]
    told += [f"{count(row['unknown_usd'], 'call')} of unknown cost"] if known and row["unknown_usd"] else []
    return ", ".join([*told, *([f"{row['failed']:,} failed"] if row["failed"] else [])])


def total(found: Rows) -> str:
    """All rows in one sentence: `3 calls, 120 tokens in, 40 out, $0.01, 1 call of unknown cost`."""
    if not found:
        return "no calls yet"
    sums = {name: [row[name] for row in found if row[name] is not None] for name in _NUMBERS}
    row = {name: sum(numbers) if numbers else None for name, numbers in sums.items()}
    tokens = (
        [f"{row['input_tokens'] or 0:,} tokens in, {row['output_tokens'] or 0:,} out"]
        if sums["input_tokens"] or sums["output_tokens"]
        else []
    )
    return ", ".join([count(row["calls"] or 0, "call"), *tokens, cost(row)])


def bars(found: Rows) -> Page:
    """The cost of each row as a bar of text; a row of unknown cost has none, and says so."""
    most = max((row["usd"] or 0.0 for row in found), default=0.0)
    drawn = [(str(row[found.by]), "█" * _length(row["usd"], most), cost(row)) for row in _in_order(found)]
    return Page(Table((found.by, "", "cost"), drawn), f"{found.title}: {total(found)}")


def _length(usd: float | None, most: float) -> int:
    return max(1, round(usd / most * _BAR)) if usd and most else 0


def _in_order(found: Rows) -> list[dict[str, Any]]:
    """Days as they went by; everything else as it is."""
    return sorted(found, key=lambda row: str(row["day"])) if found.by == "day" else list(found)


def plot(found: Rows) -> Any:
    """The cost of each row as a matplotlib figure; None where that is not installed."""
    try:
        figures = importlib.import_module("matplotlib.figure")
    except ImportError:
        return None
    told = _in_order(found)
    names = [str(row[found.by]) for row in told]
    figure = figures.Figure(figsize=(7, max(1.6, 0.4 * len(names) + 0.9)), layout="constrained")
    axes = figure.add_subplot()
    axes.barh(range(len(names)), [row["usd"] or 0.0 for row in told], color="#4c78a8")
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("US dollars")
    axes.set_title(found.title, loc="left", fontsize="medium")
    for at, row in enumerate(told):
        axes.annotate(f" {cost(row)}", (row["usd"] or 0.0, at), va="center", fontsize="small")
    axes.set_xlim(0, 1.25 * max((row["usd"] or 0.0 for row in told), default=0.0) or 1.0)
    return figure
