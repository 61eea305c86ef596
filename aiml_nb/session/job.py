"""The work of a job: create it once, ask after it politely, fetch what came at once. Nothing is created or paid for twice.

The row is in the ledger before the job is created and has its id as soon as the provider tells it, so that whatever ends
this kernel, `resume` collects the result: in another kernel, after a restart, a kill or a lost network.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..errors import (
    AIMLError,
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    InternalServerError,
    Interrupted,
    JobError,
    RateLimitError,
)
from . import saving

if TYPE_CHECKING:
    from ..media.jobs import JobState
    from ..media.pending import Pending
    from ..operation import Operation
    from .call import Call
    from .ledger import Entry, Ledger

#: How long a job is waited for when the call does not say, in seconds.
PATIENCE = 1800.0
#: For how long asking may fail before giving up, in seconds: the job itself goes on.
OUTAGE = 300.0


def run(call: Call, ledger: Ledger, op: Operation[Any]) -> Iterator[Any]:
    """Create the job of `call` and follow it; yields Pending states, then the result."""
    from ..media.pending import Pending

    entry = ledger.begin(call)
    call.tell(op)
    pending = Pending(call.model, call.medium, typical=ledger.store.calls.typical(call.model))
    yield pending
    try:
        state, answer = _create(call, entry, op)
    except KeyboardInterrupt:
        entry.lost("stopped while it was being created")
        raise Interrupted(
            "stopped while the job was being created: it may run", advice="%aiml resume looks for it and collects it."
        ) from None
    except (JobError, APITimeoutError) as error:
        entry.lost(str(error))
        raise
    except BaseException as error:
        entry.failed(error, None)
        raise
    yield from follow(call, ledger, entry, op, pending, state, answer)


def follow(
    call: Call, ledger: Ledger, entry: Entry, op: Operation[Any], pending: Pending, state: JobState, answer: Any
) -> Iterator[Any]:
    """Ask after a job until it ends; yields Pending states, then the result."""
    from . import files

    try:
        while state.status == "pending":
            pending.job_id, pending.word, pending.progress = state.id, state.raw_status or "queued", state.progress
            yield pending
            yield from _pause(call, op, pending)
            state, answer = ask(call, entry, op, pending, state)
        if state.status == "failed":
            raise state.failure()
        result = files.result(call, ledger, op, answer)
    except KeyboardInterrupt:
        raise _left(state, "stopped waiting; the job goes on") from None
    except JobError as error:
        if state.status == "failed":
            entry.failed(error, None)
        raise
    result.time(pending.elapsed)
    result.id = state.id or result.id
    result.cost = result.cost or entry.cost
    entry.done(result)
    saving.save(call, result)
    yield result


def _create(call: Call, entry: Entry, op: Operation[Any]) -> tuple[JobState, Any]:
    """Send the create; its id is written down before anything else happens."""
    answer = call.send_once(op)
    body = answer.json()
    state: JobState = call.kind.module.state(body)
    if state.id is None and answer.request_id and state.status == "pending":
        # The provider's page on tracing: the id of the call is the id of the generation.
        state = type(state)(answer.request_id, state.status, state.raw_status, state.progress, state.error)
    entry.job(state.id, state.raw_status or state.status, answer.cost)
    if state.id is None and state.status == "pending":
        raise JobError(
            "the provider began a job and told no id for it", advice="%aiml resume looks for it in the provider's logs."
        )
    call.note_answer(answer)
    return state, body


def ask(call: Call, entry: Entry, op: Operation[Any], pending: Pending, state: JobState) -> tuple[JobState, Any]:
    """One poll. What goes wrong on the way is waited out for a while: the job itself is not concerned."""
    path, query = call.kind.module.POLL.request(state.id or "", call.path if call.kind.module.POLL.query else None)
    failing: float | None = None
    while True:
        try:
            body = call.client.request("GET", path, params=query, op=op, timeout=60).json()
            break
        except (APIConnectionError, InternalServerError, RateLimitError) as error:
            failing = failing or time.monotonic()
            if time.monotonic() - failing > OUTAGE:
                raise _unreachable(state, error) from error
            op.note(f"asking after the job failed ({error}); the job goes on, asking again")
            op.wait(min(10.0, 0.5 + pending.elapsed / 10))
        except APIStatusError as error:
            raise _unreachable(state, error) from error
    new: JobState = call.kind.module.state(body)
    if new.raw_status != state.raw_status:
        entry.job(None, new.raw_status or new.status)
    return (new if new.id else type(new)(state.id, new.status, new.raw_status, new.progress, new.error)), body


def _pause(call: Call, op: Operation[Any], pending: Pending) -> Iterator[Pending]:
    """Wait until it is time to ask again, showing the time go by; politely rarer, at most every ten seconds."""
    near = call.client.endpoint.is_local
    until = time.monotonic() + (
        min(2.0, 0.05 + pending.elapsed / 10) if near else min(10.0, 2.0 + pending.elapsed / 10)
    )
    patience = call.timeout or PATIENCE
    while (left := until - time.monotonic()) > 0:
        if op.wait(min(left, 0.5)):
            raise Interrupted
        if pending.elapsed > patience:
            raise JobError(
                f"not finished after {int(patience)} s; it goes on at the provider",
                job_id=pending.job_id,
                advice=f"%aiml resume {pending.job_id or ''} collects it; --timeout SECONDS waits longer.",
            )
        yield pending


def _left(state: JobState, message: str) -> Interrupted:
    return Interrupted(message, advice=f"%aiml resume {state.id or ''}".rstrip() + " collects the result.")


def _unreachable(state: JobState, error: AIMLError) -> JobError:
    return JobError(
        f"the job cannot be asked after: {error}",
        job_id=state.id,
        advice=f"It may be finished all the same. Later: %aiml resume {state.id or ''}",
    )
