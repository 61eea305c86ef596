"""The ledger: each call is written before it is sent, and again when it ends; so a kill in between leaves a trace.

What a provider did not tell (cost, tokens) is NULL, which is "unknown": sums leave it out and say how many there were.
It knows nothing of what a prompt or a reply means.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec import Struct

from ..costs import Cost, Usage
from .database import Database, placed, sha256

#: sent: under way, or its kernel died. partial: stopped or cut short, with what had come. failed: refused, not paid.
#: lost: sent, and no answer came, so it may have been paid.
STATUSES = ("sent", "ok", "partial", "failed", "lost")

_BEGIN = (
    "INSERT INTO calls (time, run, medium, model, provider, host, conversation, notebook, client_request_id,"
    " request_sha256, path, base, prompt, prompt_sha256, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'sent')"
)
_FINISH = (
    "UPDATE calls SET status = ?, reply = ?, reply_sha256 = ?, input_tokens = ?, output_tokens = ?, total_tokens = ?,"
    " reasoning_tokens = ?, cached_tokens = ?, usd = coalesce(?, usd), credits = coalesce(?, credits), request_id = ?, ms = ?, first_ms = ?, error = ?,"
    " media = ? WHERE id = ?"
)
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
_GROUPS = {
    "all": "'all'",
    "day": "strftime('%Y-%m-%d', time, 'unixepoch', 'localtime')",
    "model": "model",
    "medium": "medium",
    "provider": "provider",
    "session": "run",
    "notebook": "notebook",
    "conversation": "conversation",
}
_FILTERS = {"run", "medium", "model", "provider", "conversation", "notebook", "status", "client_request_id", "job_id"}
_SUMS = (
    "count(*) AS calls, round(sum(usd), 9) AS usd, sum(usd IS NULL AND status != 'failed') AS unknown_usd,"
    " sum(credits) AS credits, sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,"
    " sum(total_tokens) AS total_tokens, sum(total_tokens IS NULL AND status != 'failed') AS unknown_tokens,"
    " sum(status = 'failed') AS failed, min(time) AS first, max(time) AS last"
)


class Call(Struct, frozen=True, kw_only=True):
    """What is known of a call before it is sent.

    run: the kernel run or session. prompt: the request as JSON values, without large data; kept only with store_text.
    client_request_id: what the provider's logs can be searched by. request_sha256: of the request as sent.
    path, base: where it went, so that a job can be asked after by another kernel.
    """

    medium: str
    model: str
    provider: str
    host: str
    run: str = ""
    conversation: str | None = None
    notebook: str | None = None
    client_request_id: str | None = None
    request_sha256: str | None = None
    path: str | None = None
    base: str | None = None
    prompt: Any = None


class Calls:
    """The ledger's rows. store_text: False keeps hashes in place of prompts and replies; it may be changed at any time."""

    def __init__(self, database: Database, *, store_text: bool = True) -> None:
        self._database = database
        self.store_text = store_text

    def begin(self, call: Call) -> int:
        """Write a call that is about to be sent; returns its row id."""
        prompt = None if call.prompt is None else _encode(call.prompt)
        values = (time.time(), call.run, call.medium, call.model, call.provider, call.host, call.conversation)
        more = (call.notebook, call.client_request_id, call.request_sha256, call.path, call.base, *self._kept(prompt))
        return int(self._database.run(lambda db: db.execute(_BEGIN, values + more).lastrowid) or 0)

    def progress(self, row: int, text: str) -> None:
        """Keep what has come so far. It costs a write: once a second at most."""
        reply, digest = self._kept(text)
        self._database.run(
            lambda db: db.execute("UPDATE calls SET reply = ?, reply_sha256 = ? WHERE id = ?", (reply, digest, row))
        )

    def job(self, row: int, job_id: str | None, state: str, cost: Cost | None = None) -> None:
        """Keep the provider's id of a generation, how far it is, and what it costs; None keeps what is known."""
        update = (
            "UPDATE calls SET job_id = coalesce(?, job_id), job_state = ?, usd = coalesce(?, usd),"
            " credits = coalesce(?, credits) WHERE id = ?"
        )
        money = (cost.usd, cost.credits) if cost else (None, None)
        self._database.run(lambda db: db.execute(update, (job_id, state, *money, row)))

    def unfinished(self, media: Iterable[str]) -> list[dict[str, Any]]:
        """Calls of these media that were begun and have no end, newest first: under way in some kernel, or left by one."""
        wanted = list(media)
        marks = ", ".join("?" * len(wanted))
        text = f"SELECT * FROM calls WHERE status IN ('sent', 'lost') AND medium IN ({marks}) ORDER BY time DESC"  # noqa: S608 - marks only
        return placed(self._database.run(lambda db: db.execute(text, wanted).fetchall()))

    def typical(self, model: str) -> float | None:
        """The median time of this model's last good calls, in seconds; None without history."""
        text = "SELECT ms FROM calls WHERE model = ? AND status = 'ok' AND ms IS NOT NULL ORDER BY id DESC LIMIT 25"
        times = sorted(row[0] for row in self._database.run(lambda db: db.execute(text, (model,)).fetchall()))
        return times[len(times) // 2] / 1000 if times else None

    def finish(
        self,
        row: int,
        status: str,
        *,
        reply: Any = None,
        usage: Usage | None = None,
        cost: Cost | None = None,
        request_id: str | None = None,
        ms: float | None = None,
        first_ms: float | None = None,
        error: str = "",
        media: Iterable[Path] = (),
    ) -> None:
        """Write how a call ended.

        status: one of `STATUSES` but sent. reply: text, or JSON values; None keeps what `progress` wrote.
        ms, first_ms: to the end and to the first token. media: files of the media store that it made.
        """
        if status not in STATUSES[1:]:
            raise ValueError(f"status is one of {', '.join(STATUSES[1:])}, not {status!r}")
        text = reply if isinstance(reply, str) or reply is None else _encode(reply)
        names = json.dumps([path.name for path in media]) if media else None
        tokens = (usage.input, usage.output, usage.total, usage.reasoning, usage.cached) if usage else (None,) * 5
        money = (cost.usd, cost.credits) if cost else (None, None)
        values = (*tokens, *money, request_id, ms, first_ms, error or None, names, row)
        keep = (
            _FINISH
            if text is not None
            else _FINISH.replace("= ?, reply_sha256 = ?", "= reply, reply_sha256 = reply_sha256")
        )
        kept = self._kept(text) if text is not None else ()
        if status == "failed":  # not paid: what its creation told of a cost does not hold
            keep = keep.replace("coalesce(?, usd)", "?").replace("coalesce(?, credits)", "?")
        self._database.run(lambda db: db.execute(keep, (status, *kept, *values)))

    def rows(self, *, since: float | None = None, limit: int | None = None, **where: Any) -> list[dict[str, Any]]:
        """Calls, newest first, as plain dicts of the table's columns.

        since: seconds since the epoch. where: run, medium, model, provider, conversation, notebook, status,
        client_request_id, job_id.
        """
        clause, values = _clause(since, where)
        text = f"SELECT * FROM calls {clause} ORDER BY time DESC, id DESC LIMIT ?"  # noqa: S608 - names from a fixed set
        return placed(
            self._database.run(lambda db: db.execute(text, (*values, -1 if limit is None else limit)).fetchall())
        )

    def totals(self, by: str = "all", *, since: float | None = None, **where: Any) -> list[dict[str, Any]]:
        """Sums by all, day, model, medium, provider, session, notebook or conversation, newest first, as plain dicts.

        Each has `by`, calls, usd, unknown_usd, credits, input_tokens, output_tokens, total_tokens, unknown_tokens,
        failed, first, last. usd is None when no call told it; unknown_usd is how many did not, failed ones aside.
        """
        if by not in _GROUPS:
            raise ValueError(f"by is one of {', '.join(_GROUPS)}, not {by!r}")
        clause, values = _clause(since, where)
        text = f'SELECT {_GROUPS[by]} AS "by", {_SUMS} FROM calls {clause} GROUP BY 1 ORDER BY last DESC'  # noqa: S608 - as above
        return placed(self._database.run(lambda db: db.execute(text, values).fetchall()))

    def _kept(self, text: str | None) -> tuple[str | None, str | None]:
        """(text, hash) as they are written."""
        if text is None:
            return None, None
        digest = sha256(text)
        return (text.encode("utf-8", "replace").decode() if self.store_text else None), digest


def _clause(since: float | None, where: dict[str, Any]) -> tuple[str, list[Any]]:
    unknown = set(where) - _FILTERS
    if unknown:
        raise ValueError(f"no filter called {', '.join(sorted(unknown))}: {', '.join(sorted(_FILTERS))}")
    parts = [f"{name} IS ?" for name in where] + (["time >= ?"] if since is not None else [])
    values = [*where.values(), *([since] if since is not None else [])]
    return (f"WHERE {' AND '.join(parts)}" if parts else ""), values
