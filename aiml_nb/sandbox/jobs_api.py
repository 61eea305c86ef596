"""Jobs: created with one request, asked for with others; queued, then generating, then completed, counted by polls.

A job makes its result when it is completed, so that creating is quick; it lives as long as the server. Equal requests make
different jobs with equal results. Knows no medium.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .base import Handler
from .catalogue import Model
from .refusal import Refusal
from .tokens import digest, meta

#: The states that polls see, one each, before a job is completed.
STATES = ("queued", "generating")
#: At the usual pace a job lasts so many times that pace, at most so many seconds: long enough to watch it.
PACES, LONGEST = 200, 4.0
#: How many polls the fault `hang` lasts, unless it says.
HANGING = 20
#: Makes a job's result: called in another thread, with the origin that URLs start with.
Maker = Callable[[str], dict[str, Any]]


@dataclass(slots=True)
class Job:
    """One job.

    kind: which path it was created at. asked: a hash of the request's content. waits: how many polls it takes.
    until: not completed before, a monotonic time. fails: ends in an error.
    """

    id: str
    kind: str
    model: Model
    make: Maker
    asked: str
    waits: int = len(STATES)
    until: float = 0.0
    fails: bool = False
    polls: int = 0

    @property
    def state(self) -> str:
        """Where it stands now."""
        if self.polls <= self.waits or time.monotonic() < self.until:
            return STATES[min(max(0, self.polls - 1), len(STATES) - 1)]
        return "error" if self.fails else "completed"


class JobHandler(Handler):
    """A path where jobs are created and asked for."""

    makes_jobs = True
    kind = ""
    #: What the answer to a create calls the job's id.
    id_name = "id"
    #: How long it takes, beside a film.
    effort = 1.0

    async def create(self, model: Model, body: dict[str, Any], make: Maker) -> None:
        """Answer a POST with a new job."""
        until = time.monotonic() + self.effort * min(LONGEST, PACES * self.shop.pace)
        job = Job(self._new_id(model), self.kind, model, make, digest(body), until=until)
        if self.fault and self.fault.name == "hang":
            job.waits = int(self.fault.seconds or HANGING)
        job.fails = bool(self.fault and self.fault.name == "job")
        self.shop.jobs.put(job.id, job)
        self.inference_id = job.id
        await self.reply({self.id_name: job.id, "status": "queued", "meta": meta(digest(body))}, 201)

    def _new_id(self, model: Model) -> str:
        number = digest([self.request_hash, next(self.shop.numbers)])
        name = f"{number[:8]}-{number[8:12]}-{number[12:16]}-{number[16:20]}-{number[20:32]}"
        return f"{name}:{model.id}" if model.facts.get("long_ids") else name

    async def read(self, job: str = "", **_: str) -> None:
        """Answer a GET: where the job stands, and its result."""
        name = job or self.get_query_argument("generation_id", "")
        found = self.shop.jobs.get(name)
        if found is None or found.kind != self.kind:
            self.inference_id = ""
            raise Refusal(404, f"Generation {name[:120]!r} not found." if name else "generation_id: Required")
        self.inference_id = found.id
        found.polls += 1
        answer: dict[str, Any] = {"id": found.id, "status": found.state}
        if found.state == "error":
            answer["error"] = {"name": "GenerationError", "message": "The generation failed, as asked for."}
        elif found.state == "completed":
            answer |= await self.apart(found.make, f"http://{self.request.host}")
            answer["meta"] = told = meta(found.asked[:8])
            told["timings"]["total_ms"] += round(3000 * self.effort)  # as at the usual pace, whatever this one is
        await self.reply(answer)
