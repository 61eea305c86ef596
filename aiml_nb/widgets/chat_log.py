"""The log of a chat: two widgets a turn, what was asked and what was answered, so that a growing answer sends only itself.

It is given HTML and shows it; formulas are typeset by the front end (`HTMLMath`), everything else is safe already.
"""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as w

from ..render.markdown import wrap
from .turns import framed

#: Turns that are shown; earlier ones are counted.
SHOWN = 60

#: Characters of HTML that become a widget of their own while an answer grows.
PIECE = 1500

EMPTY = (
    '<div class="aiml-empty"><b>Ask anything.</b><br>Code is highlighted, formulas are typeset, files can be attached. '
    "The same conversation goes on in cells: <code>%%chat</code>.</div>"
)


class Log(w.VBox):
    """Turns below each other, the last one growing."""

    children: tuple[w.Widget, ...]

    def __init__(self) -> None:
        super().__init__(tabbable=True)
        self.add_class("aiml-log")
        self._head = w.HTML(EMPTY)
        self._layout = w.Layout(width="100%")
        self._count = 0
        self._told: list[str] = []
        self._asks: list[w.HTML] = []
        self._answers: list[w.HTMLMath] = []
        self._arrange(0)

    def show(self, turns: Sequence[tuple[str, str]], before: int = 0) -> None:
        """Show these turns, each as what was asked and answered; what stands there already is not sent again.

        before: how many earlier ones are not shown.
        """
        told = f'<div class="aiml-muted">{before} earlier turns are not shown.</div>' if before else ""
        _set(self._head, told or ("" if turns else EMPTY))
        for at, (ask, answer) in enumerate(turns):
            if at == len(self._asks):
                self._asks.append(w.HTML(ask, layout=self._layout))
                self._answers.append(w.HTMLMath(answer, layout=self._layout))
            _set(self._asks[at], ask)
            _set(self._answers[at], answer)
        self._arrange(len(turns))

    def grow(self, closed: Sequence[str], rest: str) -> int:
        """Show the last answer as it is now: pieces that will not change, then the rest; returns the bytes that were sent.

        Pieces are gathered into widgets of their own, which are never sent again: what is read or selected there stays.
        """
        if list(closed[: len(self._told)]) != self._told:
            self._told = []
            self._arrange(self._count)
        sent, new = 0, closed[len(self._told) :]
        if sum(map(len, new)) > PIECE:
            piece = framed(wrap("".join(new)))
            self.children = (*self.children[:-1], w.HTMLMath(piece, layout=self._layout), self.children[-1])
            self._told, new, sent = list(closed), [], len(piece)
        html = framed(wrap("".join(new) + rest)) if rest or new else ""
        _set(self._answers[self._count - 1], html)
        return sent + len(html.encode("utf-8", "replace"))

    def _arrange(self, count: int) -> None:
        self._count, self._told = count, []
        pairs = zip(self._asks[:count], self._answers[:count], strict=True)
        wanted = (self._head, *(each for pair in pairs for each in pair))
        if self.children != wanted:
            self.children = wanted


def _set(widget: w.HTML, value: str) -> None:
    if widget.value != value:
        widget.value = value
