"""Editing an earlier turn of a chat: the prompt, to be sent again in its place, or the answer, to be kept otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from ..errors import InvalidRequestError, shorten
from .base import button, row, show

if TYPE_CHECKING:
    from .chat_panel import ChatPanel


class Editor:
    """A field for the text of one turn, folded away until it is opened."""

    def __init__(self, panel: ChatPanel) -> None:
        self._panel = panel
        self.which = w.Dropdown(tooltip="What to edit", layout=w.Layout(flex="1 1 200px", width="auto"))
        self.text = w.Textarea(tooltip="The new text", rows=4, continuous_update=False, layout=w.Layout(width="100%"))
        self.save = button("Send again", tooltip="Send or keep the new text", style="primary")
        cancel = button("Cancel", tooltip="Leave it as it is")
        panel.on(self.save, self._done)
        panel.on(cancel, self.close)
        self.which.observe(self._fill, "value")
        self.box = w.VBox((row(self.which, self.save, cancel), self.text))
        self.box.add_class("aiml-edit")
        show(self.box, False)

    def open(self, number: int = 0, what: str = "prompt") -> None:
        """Offer turn `number` (by default the last one) for editing."""
        turns = self._panel.session.conversations.get(self._panel.conversation).turns
        if not turns:
            raise InvalidRequestError("there is nothing to edit yet", advice="Ask something first.")
        self.which.options = [
            (f"{at}. {label}: {shorten(text, 50)}", (at, kind))
            for at, turn in enumerate(turns, 1)
            for label, kind, text in (("You", "prompt", turn.prompt), ("Answer", "answer", turn.answer))
        ]
        self.which.value = (number if 1 <= number <= len(turns) else len(turns), what)
        self._fill()
        show(self.box, True)

    def close(self) -> None:
        """Put it away."""
        show(self.box, False)

    def _fill(self, _: Any = None) -> None:
        if self.which.value is None:
            return
        number, what = self.which.value
        turns = self._panel.session.conversations.get(self._panel.conversation).turns
        if 1 <= number <= len(turns):
            turn = turns[number - 1]
            self.text.value = turn.prompt if what == "prompt" else turn.answer
            self.save.description = "Send again" if what == "prompt" else "Keep"

    def _done(self) -> None:
        number, what = self.which.value
        if what == "answer":
            self._panel.change(number, str(self.text.value))
        elif not self._panel.edit(number, str(self.text.value)):
            return
        self.close()
