"""Jobs: how a generation is asked after, and what an answer says of how far it is. Video, music and transcripts share it.

Pure: it builds the poll's path and reads its answer. When to ask, how often and for how long is the session's work. The
provider's words disagree from page to page, so whatever is not known to be an end is pending.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

from ..errors import APIError, JobError, shorten

Status = Literal["pending", "done", "failed"]

_DONE = frozenset("completed complete succeeded success successful done finished ready".split())
_FAILED = frozenset("error failed failure canceled cancelled expired rejected".split())
_PENDING = frozenset("waiting active queued generating pending processing running starting in_progress".split())

#: Where a finished answer has its result, for answers that tell no status.
_RESULTS = "video videos video_url audio audio_file audio_url output result results text transcript".split()


@dataclass(frozen=True)
class Poll:
    """How a job is asked after: `GET path?query=ID`, or `GET path/ID` where `query` is None."""

    path: str
    query: str | None = "generation_id"

    def request(self, job_id: str, created: str | None = None) -> tuple[str, dict[str, str]]:
        """Path and query parameters. created: the path of the create call, where the older ones are polled too.

        An id may hold `:`, `/` and `#`: in the path it comes escaped here, parameters are escaped by whoever sends them.
        """
        if self.query is not None:
            return created or self.path, {self.query: job_id}
        return f"{self.path}/{quote(job_id, safe='')}", {}


@dataclass(frozen=True)
class JobState:
    """How far a job is: its id where told, `pending`, `done` or `failed`, and the provider's own word for it.

    progress: 0 to 1 where told. error: one sentence when it failed, else empty.
    """

    id: str | None
    status: Status
    raw_status: str = ""
    progress: float | None = None
    error: str = ""

    def failure(self) -> JobError:
        """The error to raise for a job that failed."""
        return JobError(
            self.error or f"the generation ended as {self.raw_status or 'failed'}",
            job_id=self.id,
            advice="Change the prompt or the parameters, or try another model; a failed generation is not charged.",
        )


def state(answer: Any) -> JobState:
    """What the answer to a create or a poll says. Raises APIError (kind "protocol") for what is no JSON object."""
    if not isinstance(answer, Mapping):
        raise APIError("the answer about the job is not an object", advice="Ask again with %aiml resume.")
    job_id = next((str(answer[key]) for key in ("id", "generation_id") if _is_id(answer.get(key))), None)
    told = answer.get("status")
    raw = told.strip() if isinstance(told, str) else ""
    status = _status(answer, raw.lower().replace("-", "_").replace(" ", "_"))
    error = message(answer.get("error")) or _flat(answer) if status == "failed" else ""
    return JobState(job_id, status, raw, _progress(answer.get("progress")), error)


def _status(answer: Mapping[str, Any], word: str) -> Status:
    wrong = bool(message(answer.get("error")) or _flat(answer))
    if word in _FAILED:
        return "failed"
    if word in _DONE:
        return "failed" if wrong and not _has_result(answer) else "done"
    if word in _PENDING:
        return "pending"
    if wrong:
        return "failed"
    return "done" if not word and _has_result(answer) else "pending"


def message(error: Any) -> str:
    """One sentence of an error in any of its shapes: text, `{name, message}`, `{detail: [{loc, msg}]}`; empty when there is none."""
    return shorten(_said(error, 0), 300)


def _said(error: Any, depth: int) -> str:
    if isinstance(error, str):
        return error
    if depth > 4:
        return ""
    if isinstance(error, Sequence):
        return "; ".join(said for each in error[:5] if (said := _said(each, depth + 1)))
    if not isinstance(error, Mapping):
        return ""
    for key in ("message", "msg", "detail", "error", "reason", "description", "name", "type", "code"):
        if said := _said(error.get(key), depth + 1):
            return f"{_place(error.get('loc'))}{said}"
    return "the provider told no reason" if error else ""


def _place(loc: Any) -> str:
    """`prompt: ` for `["body", "prompt"]`, the parameter that a validation error is about."""
    names = [str(each) for each in loc if each != "body"] if isinstance(loc, list) else []
    return f"{'.'.join(names[:4])}: " if names else ""


def _flat(answer: Mapping[str, Any]) -> str:
    """The message of the gateway's own error body, which may come with a 200."""
    code = answer.get("statusCode")
    failed = code is not None and str(code).isdecimal() and int(str(code)[:4]) >= 400
    return (message(answer.get("message")) or "the provider told no reason") if failed else ""


def _has_result(answer: Mapping[str, Any]) -> bool:
    return any(answer.get(key) not in (None, "", [], {}) for key in _RESULTS)


def _is_id(value: Any) -> bool:
    return (isinstance(value, str) and bool(value)) or (isinstance(value, int) and not isinstance(value, bool))


def _progress(value: Any) -> float | None:
    """A share from 0 to 1: a fraction as it is, a whole number or one with a percent sign as percent."""
    percent = isinstance(value, int)
    if isinstance(value, str):
        percent, value = True, value.strip().rstrip("%")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    share = number / 100 if percent or number > 1 else number
    return share if 0 <= share <= 1 else None
