"""`%aiml models, model, jobs, resume, usage, balance, budget`: their words read, and what `tables` and the session say shown."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import InvalidRequestError, shorten
from .context import Context
from .out import say, show
from .subcommands import take

if TYPE_CHECKING:
    from ..tables.usage import Rows

#: Where the rows of `%aiml usage` are found afterwards.
VARIABLE = "_usage"

#: As many jobs as anybody has.
_ALL = 1_000_000


def models(context: Context, words: list[str]) -> None:
    """List the models that have all the words."""
    from ..tables import models as tables

    rest, told = take(words, "models", context.name)
    page = tables.models(
        context.session, " ".join(rest), medium=told.get("medium"), refresh="refresh" in told, at=told.get("at")
    )
    show(page, mode=context.display)


def model(context: Context, words: list[str]) -> None:
    """Show everything of one model."""
    from ..tables import models as tables

    rest, told = take(words, "model", context.name)
    if len(rest) != 1:
        raise InvalidRequestError(
            "model takes one id", param="model", advice=f"As in: %{context.name} model openai/gpt-4o"
        )
    show(tables.model(context.session, rest[0], at=told.get("at")), mode=context.display)


def jobs(context: Context, words: list[str]) -> None:
    """List the jobs, those that wait first."""
    from ..tables import jobs as tables

    rest, told = take(words, "jobs", context.name)
    if rest[:1] == ["resume"]:
        resume(context, rest[1:])
        return
    _none(rest, context, "jobs")
    show(tables.jobs(context.session, limit=_ALL if "all" in told else tables.ROWS), mode=context.display)


def resume(context: Context, words: list[str]) -> None:
    """Collect a job, drawn like the call that began it, into the variable of its medium."""
    from .. import display

    rest, told = take(words, "resume", context.name)
    _none(rest[1:], context, "resume ID")
    name = context.variable(told.get("into"))
    op = context.session.resume(rest[0] if rest else None, at=told.get("at"))
    result = display.live(op, quiet="quiet" in told, mode=context.display)
    context.keep(result, medium=op.medium, into=name)
    if not rest and (left := sum(job["open"] for job in context.session.jobs())):
        say(f"{left} more to collect: %{context.name} jobs lists them.")


def usage(context: Context, words: list[str]) -> None:
    """Sum up calls, tokens and cost."""
    from ..tables import usage as tables

    rest, told = take(words, "usage", context.name)
    _none(rest, context, "usage")
    rows = tables.rows(context.session, by=told.get("by", "model"), days=_days(told.get("days")))
    context.ip.user_ns[VARIABLE] = rows.to_pandas() if "pandas" in sys.modules else rows
    if "plot" in told and rows:
        _plot(context, rows)
    else:
        show(tables.usage(rows), mode=context.display)


def _plot(context: Context, rows: Rows) -> None:
    from ..display import front
    from ..tables import usage as tables

    figure = tables.plot(rows) if front.mode(context.display) != "print" else None
    if figure is None:
        show(tables.bars(rows), mode=context.display)
        return
    import base64
    import io

    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=100)
    front.publish({"image/png": base64.b64encode(out.getvalue()).decode(), "text/plain": tables.bars(rows).text()})


def _days(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= 36500:
        raise InvalidRequestError(
            f"--days {shorten(text, 20)} is no number of days",
            param="days",
            advice="A whole number, from 1 (today) on.",
        )
    return int(text)


def balance(context: Context, words: list[str]) -> None:
    """What is left at the provider."""
    from ..costs import Cost
    from ..session.money import balance as ask

    rest, told = take(words, "balance", context.name)
    _none(rest, context, "balance")
    client = context.session.client(told.get("at"))
    left = Cost(usd=ask(client))
    play = ", play money" if client.endpoint.is_sandbox else ""
    say(f"{client.endpoint.title}: {left}{play}")


def budget(context: Context, words: list[str]) -> None:
    """Show the budgets, set one, or take them off."""
    rest, told = take(words, "budget", context.name)
    _none(rest[1:], context, "budget USD")
    if not rest:
        if "per" in told:
            raise InvalidRequestError(
                "how much?", param="budget", advice=f"As in: %{context.name} budget 2.50 --per {told['per']}"
            )
        say(budgets(context) or f"There is no budget. As in: %{context.name} budget 2.50")
        return
    money = context.session.money
    if rest[0].lower() == "off":
        for per in [told["per"]] if "per" in told else ["session", "day"]:
            money.set(None, per)
        say(budgets(context) or "There is no budget any more.")
        return
    per = told.get("per", "session")
    kept = money.set(_amount(rest[0]), per)
    say(f"{budgets(context)}\nA call that would go over it is not sent.{_doubt(context, per, kept)}")


def _doubt(context: Context, per: str, kept: bool) -> str:
    """What this budget cannot do."""
    told = []
    if context.session.money.spent(per).unknown:
        told.append("Calls whose cost nobody tells are not reckoned with.")
    if not kept:
        told.append("It cannot be kept on this disk, so it ends with this session.")
    return "".join(f"\nNote: {each}" for each in told)


def _amount(text: str) -> float:
    """US dollars: `2.50`, `$2.50` or `2,50`."""
    plain = text.strip("\"'").removeprefix("$").removesuffix("$")
    plain = plain.replace(",", ".") if plain.count(",") == 1 and "." not in plain else plain
    try:
        return float(plain)
    except ValueError:
        raise InvalidRequestError(
            f"{shorten(text, 30)} is no sum of money", param="budget", advice="US dollars, as in 2.50, or: off"
        ) from None


def budgets(context: Context) -> str:
    """Each budget that is set, and what of it is spent; empty without one."""
    from ..costs import Cost
    from ..session.money import PERIODS

    money = context.session.money
    told = []
    for per in PERIODS:
        limit = money.budget(per)
        if limit is not None:
            period = "this session" if per == "session" else "today, in all notebooks"
            told.append(f"{Cost(usd=limit)} for {period}; spent: {money.spent(per)}")
    return "\n".join(told)


def _none(words: Sequence[Any], context: Context, where: str) -> None:
    """Refuse words that nobody reads."""
    if words:
        raise InvalidRequestError(
            f"%{context.name} {where} takes nothing more, not {shorten(' '.join(words), 40)}",
            advice="Leave that out; %aiml? shows what there is.",
        )
