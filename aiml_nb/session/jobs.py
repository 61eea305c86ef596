"""Jobs of other times: listed from the ledger, and collected after a restart, a kill or a lost network.

A row without the provider's id (the kernel died between sending the create and reading its answer) is looked up in the
provider's logs by our own request id. Nothing is created again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..costs import Cost
from ..errors import AIMLError, APIStatusError, InvalidRequestError, JobError, shorten
from ..operation import Operation
from . import job
from .call import Call
from .kinds import KINDS

if TYPE_CHECKING:
    from . import Session

MEDIA = tuple(kind.name for kind in KINDS.values() if kind.job)

#: States of a row that has no end yet.
OPEN = ("sent", "lost")


def listed(session: Session, limit: int) -> list[dict[str, Any]]:
    """Rows of jobs, newest first, with the prompt and the files put plainly."""
    rows = [row for medium in MEDIA for row in session.store.calls.rows(medium=medium, limit=limit)]
    rows.sort(key=lambda row: (row["time"], row["id"]), reverse=True)
    return [_plain(session, row) for row in rows[:limit]]


def _plain(session: Session, row: Mapping[str, Any]) -> dict[str, Any]:
    state = (row["job_state"] or "sent") if row["status"] in OPEN else row["status"]
    files = [session.store.media.get(name.partition(".")[0]) for name in json.loads(row["media"] or "[]")]
    return {
        "id": row["job_id"] or "",
        "time": row["time"],
        "medium": row["medium"],
        "model": row["model"],
        "state": state,
        "prompt": shorten(_prompt(row), 60),
        "files": [str(path) for path in files if path is not None],
        "usd": row["usd"],
        "error": row["error"] or "",
        "open": row["status"] in OPEN,
    }


def resume(session: Session, job_id: str | None, *, at: str | None) -> Operation[Any]:
    """The operation that collects a job."""
    row = _row(session, job_id)
    call = _call(session, row, at)
    return Operation(lambda op: _collect(session, call, row, op), medium=call.medium, model=call.model)


def _row(session: Session, job_id: str | None) -> dict[str, Any]:
    rows = session.store.calls.unfinished(MEDIA)
    if job_id is None:
        if rows:
            return rows[0]
        raise InvalidRequestError("no job waits to be collected", param="job", advice="%aiml jobs lists all of them.")
    known = session.store.calls.rows(job_id=job_id, limit=1) or [row for row in rows if str(row["id"]) == job_id]
    if known:
        return dict(known[0])
    waiting = ", ".join(row["job_id"] or str(row["id"]) for row in rows[:5])
    raise InvalidRequestError(
        f"no job {shorten(job_id, 60)} is known here",
        param="job",
        advice=f"Waiting: {waiting}." if waiting else "%aiml jobs lists them.",
    )


def _call(session: Session, row: Mapping[str, Any], at: str | None) -> Call:
    """The call of a row as it was sent, to be asked after where it was created."""
    name = at or (row["provider"] if row["provider"] != "custom" else row["base"])
    client = session.client(None if _is_current(session, row, at) else name)
    call = Call(
        row["medium"],
        client,
        row["path"] or KINDS[row["medium"]].module.PATH,
        {},
        row["model"],
        _prompt(row),
        catalogue=session.catalogue(at, client),
        warner=session.warner,
    )
    call.request_id = row["client_request_id"] or call.request_id
    return call


def _is_current(session: Session, row: Mapping[str, Any], at: str | None) -> bool:
    """Whether the session's own server is the one that the job was created at."""
    if at is not None:
        return False
    try:
        endpoint = session.endpoint()
    except AIMLError:
        return False
    return endpoint.base_url == row["base"] if row["base"] else endpoint.is_sandbox


def _collect(session: Session, call: Call, row: Mapping[str, Any], op: Operation[Any]) -> Iterator[Any]:
    from ..media.jobs import JobState
    from ..media.pending import Pending

    entry = session.ledger.reopen(call, int(row["id"]))
    entry.cost = Cost(row["usd"], row["credits"], "meta") if row["usd"] is not None else None
    begun = time.monotonic() - max(0.0, time.time() - float(row["time"]))
    pending = Pending(call.model, call.medium, typical=session.store.calls.typical(call.model), begun=begun)
    pending.job_id = row["job_id"] or _found_in_logs(call, time.time() - float(row["time"]))
    yield pending
    if pending.job_id != row["job_id"]:
        entry.job(pending.job_id, "queued")
    state, answer = job.ask(call, entry, op, pending, JobState(pending.job_id, "pending", row["job_state"] or ""))
    yield from job.follow(call, session.ledger, entry, op, pending, state, answer)


def _found_in_logs(call: Call, age: float) -> str:
    """The provider's id of a call whose answer never came, from its logs by our request id. Raises JobError without one."""
    try:
        told = call.client.request(
            "GET", "/v2/logs", params={"period": "24h" if age < 86_000 else "7d"}, timeout=30
        ).json()
    except APIStatusError as error:
        raise JobError(f"the provider told no id for this job, and its logs cannot be read: {error}") from error
    rows = next(
        (
            told[key]
            for key in ("data", "logs", "items", "rows")
            if isinstance(told, dict) and isinstance(told.get(key), list)
        ),
        told,
    )
    for each in rows if isinstance(rows, list) else ():
        if isinstance(each, Mapping) and each.get("client_request_id") == call.request_id:
            found = each.get("inference_id") or each.get("generation_id") or each.get("id")
            if isinstance(found, str) and found:
                return found
    raise JobError(
        "the provider has no job of this request: it was never taken in, and not charged", advice="Run the cell again."
    )


def _prompt(row: Mapping[str, Any]) -> str:
    """What was asked, out of the request as it is kept."""
    try:
        body = json.loads(row["prompt"] or "{}")
    except ValueError:
        return ""
    return (
        str(next((body[key] for key in ("prompt", "text", "input", "url", "lyrics") if body.get(key)), ""))
        if isinstance(body, dict)
        else ""
    )
