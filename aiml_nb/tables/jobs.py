"""Jobs as a table: what waits to be collected first, then the newest."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..costs import Cost
from ..errors import shorten
from .page import Page, Table, age, count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..session import Session

#: How many are listed unless all are asked for.
ROWS = 30


def jobs(session: Session, *, limit: int = ROWS) -> Page:
    """The jobs of all sessions on this computer, open ones first."""
    found = sorted(session.jobs(limit), key=lambda job: not job["open"])
    if not found:
        return Page("No job yet: %%video, %%music and %transcribe begin some.")
    headers = ("id", "medium", "model", "state", "age", "prompt", "files", "cost")
    waiting = sum(job["open"] for job in found)
    told = f"{count(waiting, 'job')} not collected: %aiml resume ID does it, without ID the newest." if waiting else ""
    return Page(Table(headers, [_row(job) for job in found]), told)


def _row(job: Mapping[str, Any]) -> tuple[Any, ...]:
    state = job["state"] if not job["error"] or job["open"] else f"{job['state']}: {shorten(job['error'], 50)}"
    return (
        job["id"] or "not told",
        job["medium"],
        job["model"],
        state,
        age(time.time() - job["time"]),
        shorten(job["prompt"], 40),
        _files(job["files"]),
        _cost(job),
    )


def _files(paths: list[str]) -> str:
    """The first file's place, and how many more there are."""
    if not paths:
        return ""
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    home = str(Path.home())
    first = paths[0]
    return (f"~{first[len(home) :]}" if home != "/" and first.startswith(home + "/") else first) + more


def _cost(job: Mapping[str, Any]) -> str:
    if job["usd"] is not None:
        return str(Cost(usd=job["usd"]))
    return "" if job["state"] == "failed" else "not yet known" if job["open"] else "unknown"
