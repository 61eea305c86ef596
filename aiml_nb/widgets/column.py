"""A column of Compare: one model's answer to the prompt, as it comes, with time, tokens and cost, or its error in place.

Each column has a worker of its own, so that the models answer at once and one that hangs holds up no other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from ..errors import Interrupted, shorten
from ..media.image import Images
from ..render import parts
from . import looks, stage
from .worker import Run, Worker

if TYPE_CHECKING:
    from ..session import Session


class Column:
    """Shown as `widget`. ended: called once each run is over. `result` is what came, `error` why nothing did."""

    def __init__(self, session: Session, model: str, ended: Callable[[], Any]) -> None:
        self._session = session
        self._told = ended
        self.model = model
        self.result: Any = None
        self.error: BaseException | None = None
        self.seconds: float | None = None
        self.stopped = False
        self._prompt = ""
        self.head = w.HTML(f'<div class="aiml-column-head">{looks.escape(model)}</div>')
        self.body = w.HTML(layout={"width": "100%"})
        self.body.add_class("aiml-scroll")
        self.widget = w.VBox([self.head, self.body])
        self.widget.add_class("aiml-column")
        self.worker = Worker(self._paint, self._ended)

    def start(self, medium: str, prompt: str, **params: Any) -> None:
        """Ask this model; returns at once."""
        self.result = self.error = self.seconds = None
        self.stopped = False
        self._prompt = prompt
        self.body.value = looks.muted("asked …")
        self.worker.start(lambda: self._session.start(medium, prompt, model=self.model, **params))

    def _paint(self, run: Run) -> int:
        html = run.state._live_html_() if run.state is not None else looks.muted(f"asked, {int(run.seconds)} s")
        self.body.value = html + parts.note(run.note)
        return len(html)

    def _ended(self, run: Run) -> None:
        self.error, self.stopped = run.error, run.stopped
        self.result = run.state
        self.seconds = getattr(run.state, "total", None) or round(run.seconds, 2)
        if run.state is None and run.error is not None:
            self.body.value = looks.problem(run.error)
        elif run.error is not None:
            self.body.value = self.html() + looks.problem(run.error)
        else:
            self.body.value = self.html()
        self._told()

    def html(self) -> str:
        """What came, as safe HTML."""
        if isinstance(self.result, Images):
            return stage.result_html(self.result, shorten(self._prompt, 200))
        if self.result is not None:
            return str(self.result._repr_mimebundle_()["text/html"])
        return looks.problem(self.error) if self.error is not None else ""

    def kept_html(self) -> str:
        """What came, as light as a saved notebook wants it."""
        pictures = isinstance(self.result, Images)
        return stage.kept_html(self.result, shorten(self._prompt, 200)) if pictures else self.html()

    def row(self) -> dict[str, Any]:
        """One row of the table: model, state, seconds, first_seconds, tokens in and out, usd, text or pictures, error."""
        made = self.result
        usage, cost = getattr(made, "usage", None), getattr(made, "cost", None)
        return {
            "model": self.model,
            "state": self._state(),
            "seconds": self.seconds,
            "first_seconds": getattr(made, "first", None),
            "input_tokens": usage.input if usage is not None else None,
            "output_tokens": usage.output if usage is not None else None,
            "usd": cost.usd if cost is not None else None,
            "text": getattr(made, "text", None),
            "paths": [str(path) for path in getattr(made, "paths", ())],
            "error": str(self.error) if self.error is not None else "",
        }

    def _state(self) -> str:
        if self.worker.busy:
            return "running"
        if self.stopped or isinstance(self.error, Interrupted):
            return "stopped"
        return "failed" if self.error is not None else "done" if self.result is not None else "waiting"

    def wait(self, end: float | None) -> bool:
        """Wait until it is over, to a point of `time.monotonic`; False when that came first."""
        return self.worker.wait(None if end is None else max(0.0, end - time.monotonic()))
