"""Result: what the results of all media but chat and image have in common: whose they are, what they cost, how long it took.

A subclass says what it holds and gives its body, as HTML and as text; the line under it is the same for all.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..costs import Cost, RateLimit, Usage


class Result(ABC):
    """What a call gave.

    model, provider, id; usage, cost: None where nobody told; raw: the answer's JSON. first, total: seconds to the first
    sign and to the end. notes: what was done on the way. saved: where the user had it written.
    """

    def __init__(self, raw: Any = None, *, model: str = "", provider: str = "") -> None:
        answer = raw if isinstance(raw, Mapping) else {}
        self.model = model
        self.provider = provider
        self.raw = raw
        self.id: str | None = next((v for k in ("id", "generation_id") if isinstance(v := answer.get(k), str)), None)
        self.usage: Usage | None = Usage.from_json(answer.get("usage"))
        self.cost: Cost | None = Cost.from_json(answer)
        self.limits: RateLimit | None = None
        self.first: float | None = None
        self.total: float | None = None
        self.notes: list[str] = []
        self.saved: list[Path] = []
        self.partial = False
        self.show_footer = True

    @property
    def paths(self) -> list[Path]:
        """Where its files are; none for a result that is text or numbers."""
        return []

    def time(self, total: float, first: float | None = None) -> None:
        """Note the seconds measured here, unless the answer (sandbox, cassette) carries its own, which stay the same."""
        meta = self.raw.get("meta") if isinstance(self.raw, Mapping) else None
        timings = meta.get("timings") if isinstance(meta, Mapping) else None
        told = timings if isinstance(timings, Mapping) else {}
        self.first = _seconds(told.get("first_ms"), first)
        self.total = _seconds(told.get("total_ms"), total)

    @abstractmethod
    def _body_html(self) -> str:
        """What it holds, as safe HTML."""

    @abstractmethod
    def _body_text(self) -> str:
        """What it holds, for a reader without pictures and sound; the same for the same content."""

    def _live_html_(self) -> str:
        from .result_drawing import waiting

        return waiting(self)

    def _twin_(self) -> str:
        from .result_drawing import twin

        return twin(self)

    def _footer_(self) -> str:
        from .result_drawing import numbers

        return " · ".join(numbers(self))

    def _displays_(self) -> list[Any]:
        return [(self._repr_mimebundle_(), {})]

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        from .result_drawing import html

        return {"text/html": html(self), "text/plain": self._twin_()}

    def body(self, *, html: bool) -> str:
        """What it holds, without notes and footer."""
        return self._body_html() if html else self._body_text()


def _seconds(told: Any, measured: float | None) -> float | None:
    return told / 1000 if isinstance(told, int | float) and not isinstance(told, bool) else measured
