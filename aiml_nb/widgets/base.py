"""Panel, what every widget shares: looks, errors in place, and a twin that keeps a saved notebook readable.

A widget's view is drawn by its kernel's comms: in a notebook that is opened later, front ends show only "model not found".
So a Panel leaves a second output, its twin: the last state as safe HTML and text, updated at the end of each action, and
hidden by the panel's own style as long as the panel is alive. Callbacks run in the main thread or, where a front end uses
subshells, beside it: whatever they share is held under `lock`, and nothing in a callback waits for a network.
"""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from ..display import front
from ..session import default
from . import looks
from .worker import in_colab, quietly

if TYPE_CHECKING:
    from ..session import Session

#: What a twin may weigh, in bytes: a saved notebook must stay small.
TWIN_BYTES = 300_000


class Panel(w.VBox):
    """What the widgets are made of. session: whose calls these are; by default the one that the magics use.

    A subclass builds its widgets, gives them to `fill`, and says in `_twin_html_` and `_twin_` how it looks when it is gone.
    """

    def __init__(self, session: Session | None = None) -> None:
        self.session = session or default()
        self.lock = threading.RLock()
        self.errors = w.HTML()
        show(self.errors, False)
        self._sheet = sheet()
        self._handle = ""
        super().__init__()
        self.add_class("aiml-panel")

    def fill(self, *children: w.Widget) -> None:
        """Show these, below them the line for errors."""
        self.children = (self._sheet, *children, self.errors)
        self.free()

    def style_with(self, *sheets: str) -> None:
        """Add a widget's own style."""
        self._sheet = sheet(*sheets)

    @contextlib.contextmanager
    def guard(self) -> Iterator[None]:
        """What goes wrong in here is shown in place; the last error goes away."""
        self.tell(None)
        try:
            yield
        except Exception as error:  # noqa: BLE001 - a callback's error would be lost in a log
            self.tell(error)

    def tell(self, error: BaseException | None) -> None:
        """Show an error in place, or take it away."""
        value = "" if error is None else looks.problem(error)
        if self.errors.value != value:
            self.errors.value = value
            show(self.errors, bool(value))

    def on(self, button: w.Button, action: Callable[[], Any]) -> w.Button:
        """Have a button do something, errors shown in place; returns the button."""

        def pressed(_: Any) -> None:
            with self.guard():
                action()

        button.on_click(pressed)
        return button

    def free(self) -> None:
        """Let clicks run while a cell runs: ipykernel sends them to the shell that last spoke for a widget, or that made it.

        After whatever a cell may have caused; without that memory they go where the front end sends them (ipykernel 7.4).
        """
        waiting: list[Any] = [self]
        while waiting:
            widget = waiting.pop()
            if widget.comm is not None:
                widget.comm.__dict__.pop("_reply_subshell_id", None)
            waiting.extend(getattr(widget, "children", ()))

    def keep(self) -> None:
        """Bring the twin up to date, after each action. Safe from any thread."""
        if self._handle:
            with quietly():
                front.publish(self._twin(), handle=self._handle, update=True)

    def _twin_html_(self) -> str:
        """The last state as safe HTML, without scripts, for a reader without a kernel."""
        return f"<pre>{looks.escape(self._twin_())}</pre>"

    def _twin_(self) -> str:
        """The last state as text, the same for the same state."""
        return repr(self)

    def _twin(self) -> dict[str, Any]:
        html, text = self._twin_html_(), self._twin_()
        if len(html) > TWIN_BYTES:
            html = f"<pre>{looks.escape(text[:TWIN_BYTES])}</pre>"
        return {
            "text/html": f'<div class="aiml-twin"><style>{looks.GONE}</style>{html}</div>',
            "text/plain": text[:TWIN_BYTES],
        }

    def _ipython_display_(self, **_: Any) -> None:
        """Two outputs: the widget, then its twin. Colab shows no updates of threads and hides nothing, so it gets the widget."""
        front.publish(self._repr_mimebundle_())
        if not in_colab():
            self._handle = uuid.uuid4().hex
            front.publish(self._twin(), handle=self._handle)
        self.free()

    def _repr_keys(self) -> Iterator[str]:
        return iter(())


def sheet(*more: str) -> w.HTML:
    """The style of a panel, as a widget without size."""
    return hidden(w.HTML(f"<style>{looks.SHEET}{looks.LIVE}{''.join(more)}</style>"))


def hidden(widget: w.Widget) -> w.Widget:
    """The widget, taking no place."""
    widget.add_class("aiml-sheet")
    widget.layout.display = "none"
    return widget


def show(widget: w.Widget, visible: bool) -> None:
    """Let a widget take its place, or none."""
    value = None if visible else "none"
    if widget.layout.display != value:
        widget.layout.display = value


def close(*widgets: w.Widget) -> None:
    """End widgets that are no longer shown, and all in them, in the page too."""
    for each in widgets:
        close(*getattr(each, "children", ()))
        for part in (getattr(each, "style", None), getattr(each, "layout", None)):
            if isinstance(part, w.Widget):
                part.close()
        each.close()


def row(*children: w.Widget, **layout: Any) -> w.HBox:
    """Widgets side by side, in several lines where the window is narrow."""
    box = w.HBox(children, layout=w.Layout(flex_flow="row wrap", align_items="center", **layout))
    box.add_class("aiml-row")
    return box


def button(label: str, *, tooltip: str, icon: str = "", style: str = "", **layout: Any) -> w.Button:
    """A button with a word for screen readers: its label, or the tooltip where it has only an icon."""
    made = w.Button(description=label, tooltip=tooltip, icon=icon, button_style=style)
    for name, value in layout.items():
        setattr(made.layout, name, value)
    return made
