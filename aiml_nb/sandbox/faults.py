"""Faults on demand, for lessons and tests: which one a request asks for, and whether it is due.

Ask in the prompt (`FAULT 429`, in capitals, anywhere in the last message or picture prompt) or in the base URL
(`http://127.0.0.1:PORT/faults/429/v1`). One vocabulary for both:

    401 403 404 429 500 502 503 …   an error of that status; 429 carries Retry-After: 1
    credits                         403, out of credits
    quota                           429 with an exhausted quota, no Retry-After
    slow                            3 s pass before the first byte
    silent                          headers, then keep-alive comments only (a stream), or no answer at all
    hangup                          the connection closes before a byte of an answer
    cut                             the answer breaks off in the middle
    error                           an error event in the middle of a stream; else 500
    endless                         a stream that goes on until you stop it
    drip                            the answer arrives byte by byte
    html                            200 with a web page, as from a hotel's login proxy
    gateway                         502 with a web page, as from an overloaded proxy
    job                             a job (video, music, transcript) that ends in an error
    hang                            a job that goes on for 20 polls before it is completed; `hang=5` for 5

Behind the name, `=N` sets seconds (`429=5` the Retry-After, `slow=0.5` the pause) and `xN` how often: `500x2` fails two
times, then the same request succeeds, then it starts again. 429 alone fails once; everything else fails always (`xall`).
This module decides; the handlers act.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass

from .refusal import NO_CREDITS, NO_KEY, Refusal

KINDS = ("slow", "silent", "hangup", "cut", "error", "endless", "drip", "html", "gateway")
#: Those that befall a job once it was created.
OF_JOBS = ("job", "hang")
_NAMES = (*KINDS, *OF_JOBS, "credits", "quota")
_FAULT = re.compile(r"(?P<name>[a-z]+|[45]\d\d)(?:=(?P<seconds>\d{1,3}(?:\.\d{1,3})?))?(?:x(?P<times>\d{1,3}|all))?")
_IN_PROMPT = re.compile(r"\bFAULT[ -](?P<fault>[a-z0-9]+(?:=[\d.]*\d)?(?:x\w+)?)")
_MESSAGES = {
    401: NO_KEY,
    403: "This key may not do this.",
    404: "Not found.",
    429: "Too Many Requests",
    500: "Internal server error",
    502: "Bad Gateway",
    503: "Service unavailable",
    504: "Generation timeout",
}
_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault asked for: its name, seconds if told, and how often it strikes (None: always)."""

    name: str
    seconds: float | None = None
    times: int | None = None

    @classmethod
    def parse(cls, text: str) -> Fault:
        """From `500x2`, `slow=0.5`; raises Refusal 400 for a fault that there is not."""
        match = _FAULT.fullmatch(text)
        if match is None or not (match["name"].isdigit() or match["name"] in _NAMES):
            known = ", ".join(("401", "429", "500x2", *_NAMES))
            raise Refusal(400, f"The sandbox has no fault {text[:40]!r}. It has: {known}.")
        times = None if match["times"] in (None, "all") else int(match["times"])
        if match["name"] == "429" and match["times"] is None:
            times = 1
        return cls(match["name"], float(match["seconds"]) if match["seconds"] else None, times)

    def refusal(self) -> Refusal | None:
        """The refusal that this fault is, or None when it is not an error status."""
        if self.name == "credits":
            return Refusal(403, NO_CREDITS)
        if self.name == "quota":
            return Refusal(429, "You exceeded your current quota (insufficient_quota).")
        if not self.name.isdigit():
            return None
        status = int(self.name)
        headers = {"Retry-After": f"{self.seconds or 1:g}"} if status == 429 or self.seconds else {}
        return Refusal(status, _MESSAGES.get(status, f"Error {status}, as asked for."), headers)


def in_prompt(text: str) -> Fault | None:
    """The fault that a prompt asks for, or None."""
    match = _IN_PROMPT.search(text)
    return Fault.parse(match["fault"]) if match else None


class Tally:
    """Counts how often each request met its fault, so that `500x2` lets the third one through."""

    def __init__(self) -> None:
        self._met: OrderedDict[tuple[Fault, str], int] = OrderedDict()
        self._lock = threading.Lock()

    def due(self, fault: Fault, request: str) -> bool:
        """True when the fault strikes now. `request` tells one request from another (a hash of its body)."""
        if fault.times is None:
            return True
        key = (fault, request)
        with self._lock:
            met = self._met.pop(key, 0)
            if met >= fault.times:
                return False
            self._met[key] = met + 1
            while len(self._met) > _REMEMBERED:
                self._met.popitem(last=False)
        return True
