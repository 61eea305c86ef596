"""Compare: one prompt to several models at once, side by side, with time, tokens and cost; the same as a table.

It knows no model by name; each call is an ordinary one of the Session, remembered by no conversation.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from ..costs import Cost
from ..errors import AIMLError, InvalidRequestError, shorten
from ..media.drawing import seconds
from ..render import parts
from .aside import aside
from .base import Panel, button, close, row, show
from .column import Column
from .front import front
from .picker import Picker
from .sheets import COLUMNS, CONTROLS

if TYPE_CHECKING:
    from ..session import Session

MEDIA = ("chat", "image")

#: How many models are asked at once.
MOST = 8


class Compare(Panel):
    """Ask several models the same. session: by default the one that the magics use. models: ids; more can be added.

    medium: chat or image. Raises InvalidRequestError for another medium, and for more than eight models.
    """

    def __init__(self, session: Session | None = None, *, models: Sequence[str] = (), medium: str = "chat") -> None:
        if medium not in MEDIA:
            raise InvalidRequestError(
                f"Compare does no {shorten(medium, 30)}", param="medium", advice="It is chat or image."
            )
        super().__init__(session)
        self.columns: list[Column] = []
        self.medium = w.ToggleButtons(options=[("Text", "chat"), ("Images", "image")], value=medium)
        self.medium.style.button_width = "auto"
        self.picker = Picker(self.session, medium, self._picked)
        self.picker.field.description = "Add a model"
        self.chosen = w.HBox(layout={"flex_flow": "row wrap"})
        self.prompt = w.Textarea(
            placeholder="One prompt for all", rows=3, continuous_update=False, layout={"width": "auto"}
        )
        self.prompt.tooltip = "The prompt"
        self.prompt.add_class("aiml-prompt")
        self.go = self.on(
            button("Compare", tooltip="Ask all of them (Ctrl+Enter)", style="primary", icon="columns"), self.ask
        )
        self.go.add_class("aiml-go")
        self.stop = self.on(button("Stop all", tooltip="Stop all that are under way", icon="stop"), self.cancel)
        self.box, self.summary = w.Box(), w.HTML()
        self.box.add_class("aiml-columns")
        self.summary.add_class("aiml-summary")
        show(self.stop, False)
        self.style_with(CONTROLS, COLUMNS)
        comforts = front("studio.js", self._heard)
        top = [self.medium, self.picker.widget, self.chosen, self.prompt, row(self.go, self.stop)]
        self.fill(*top, self.box, self.summary, *([comforts] if comforts is not None else []))
        self.medium.observe(self._change_medium, "value")
        for model in models:
            self.add(model)
        if not models:
            aside(self._add_default)

    # What the user does

    def add(self, model: str) -> None:
        """One more column. Raises InvalidRequestError for one too many; one that is there already stays alone."""
        with self.lock:
            if model in (each.model for each in self.columns):
                return
            if len(self.columns) >= MOST:
                raise InvalidRequestError(f"{MOST} models side by side are the most", param="models")
            self.columns.append(Column(self.session, model, self._ended))
            self._show()

    def remove(self, model: str) -> None:
        """Take a column away; what is under way in it is stopped."""
        with self.lock:
            gone = [each for each in self.columns if each.model == model]
            self.columns = [each for each in self.columns if each.model != model]
            self._show()
        for each in gone:
            each.worker.stop()
            close(each.widget)

    def ask(self, prompt: str | None = None, **params: Any) -> None:
        """Ask all models at once; returns at once. params: in common words, for all, as `temperature=0`."""
        if prompt is not None:
            self.prompt.value = prompt
        text = str(self.prompt.value).strip()
        if not text:
            raise InvalidRequestError("there is no prompt", param="prompt")
        with self.lock:
            if not self.columns:
                raise InvalidRequestError("there is no model to ask", param="models", advice="Add one or more above.")
            if any(each.worker.busy for each in self.columns):
                return
            self._busy(True)
            self.summary.value = ""
            for each in self.columns:
                each.start(self.medium.value, text, **params)

    def cancel(self) -> None:
        """Stop all that are under way; what has come stays."""
        for each in list(self.columns):
            each.worker.stop()

    def wait(self, timeout: float | None = None) -> list[Any]:
        """Wait until all are over, for scripts; returns the results, None where there is none."""
        end = None if timeout is None else time.monotonic() + timeout
        for each in list(self.columns):
            each.wait(end)
        return [each.result for each in self.columns]

    def table(self) -> Any:
        """The numbers as a DataFrame, one row a model; a list of dicts where pandas is not installed."""
        rows = [each.row() for each in list(self.columns)]
        try:
            pandas = importlib.import_module("pandas")
        except ImportError:
            return rows
        return pandas.DataFrame(rows)

    # What is shown

    def _show(self) -> None:
        before = self.chosen.children
        self.chosen.children = tuple(self._chip(each.model) for each in self.columns)
        self.box.children = tuple(each.widget for each in self.columns)
        close(*before)

    def _chip(self, model: str) -> w.Button:
        return self.on(button(f"{shorten(model, 48)}  ✕", tooltip=f"Take {model} away"), lambda: self.remove(model))

    def _picked(self, model: str) -> None:
        with self.guard():
            self.add(model)
            self.picker.model = ""

    def _add_default(self) -> None:
        try:
            model = self.session.default_model(self.medium.value)
        except AIMLError:
            return  # without a default the user names one
        with self.lock:
            if not self.columns:
                self.add(model)

    def _change_medium(self, change: Any) -> None:
        with self.guard():
            self.cancel()
            self.picker.offer(change["new"])
            for each in list(self.columns):
                self.remove(each.model)
            self.summary.value = ""
            aside(self._add_default)

    def _busy(self, busy: bool) -> None:
        self.go.disabled = busy
        show(self.stop, busy)

    def _ended(self) -> None:
        """A column is over; after the last the table is drawn."""
        with self.lock:
            if any(each.worker.busy for each in self.columns):
                return
            self._busy(False)
            self.summary.value = self._summary()
        self.keep()

    def _summary(self) -> str:
        headers = ("model", "time", "first token", "tokens in", "tokens out", "cost", "")
        if self.medium.value == "image":
            headers = ("model", "time", "", "", "", "cost", "")
        return parts.table(headers, [_told(each.row()) for each in self.columns])

    def _heard(self, content: dict[str, Any], _: list[Any]) -> None:
        """Ctrl+Enter in the prompt."""
        with self.guard():
            if content.get("do") == "go":
                self.ask(str(content.get("text", "")))

    # What is left without a kernel

    def _twin_html_(self) -> str:
        pieces = [parts.plain(str(self.prompt.value))]
        for each in self.columns:
            pieces += [parts.heading(each.model), each.kept_html()]
        return "".join(pieces)

    def _twin_(self) -> str:
        if not any(each.result is not None for each in self.columns):
            return "Compare()"
        told = [
            (each.model, each.result._twin_() if each.result is not None else str(each.error)) for each in self.columns
        ]
        return "\n\n".join([str(self.prompt.value), *(f"{model}:\n{text}" for model, text in told)])

    def __repr__(self) -> str:
        return "Compare()"


def _told(found: dict[str, Any]) -> tuple[Any, ...]:
    """A row of the table as it is shown; what nobody told is said to be unknown."""
    cost = str(Cost(usd=found["usd"])) if found["usd"] is not None else "unknown" if found["state"] == "done" else ""
    return (
        found["model"],
        seconds(found["seconds"]),
        seconds(found["first_seconds"]),
        found["input_tokens"],
        found["output_tokens"],
        cost,
        "" if found["state"] == "done" else found["state"],
    )
