"""Pending: a job under way, as something to look at: its state, the time gone by, and how long this model usually takes.

It is a state of an operation like any other, the ones before the result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

from ..render import parts
from ..render.text import visible
from .drawing import seconds


@dataclass
class Pending:
    """A job that is not finished. progress: 0 to 1 where the provider tells. typical: seconds, from the user's own history."""

    model: str
    medium: str
    job_id: str | None = None
    word: str = "sent"
    progress: float | None = None
    typical: float | None = None
    begun: float = field(default_factory=monotonic)
    partial: bool = False

    @property
    def elapsed(self) -> float:
        """Seconds since it was begun."""
        return monotonic() - self.begun

    @property
    def share(self) -> float | None:
        """How far the bar reaches: as told, else by the usual time, never quite to the end; None when nobody knows."""
        if self.progress is not None:
            return min(self.progress, 1.0)
        return min(self.elapsed / self.typical, 0.95) if self.typical else None

    def line(self) -> str:
        """What is said beside the bar."""
        usual = f", usually {seconds(self.typical)}" if self.typical else ""
        return f"{self.model}: {self.word}, {int(self.elapsed)} s{usual}"

    def _live_html_(self) -> str:
        return parts.progress(self.share, self.line())

    def _twin_(self) -> str:
        return visible(f"{self.model}: {self.word}" + (f", job {self.job_id}" if self.job_id else ""))

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": parts.note(self._twin_()), "text/plain": self._twin_()}
