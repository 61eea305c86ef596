"""What stands above a chat: which conversation, and folded away the system prompt, export and deletion."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from ..costs import Cost
from ..errors import AIMLError
from .base import button, row, show
from .looks import escape, muted
from .worker import quietly

if TYPE_CHECKING:
    from ..conversation import Conversation
    from ..session import Session

FORMS = {
    "Markdown": ("md", "text/markdown"),
    "Notebook": ("ipynb", "application/x-ipynb+json"),
    "JSON": ("json", "application/json"),
}


class ConversationPicker:
    """The conversations: one is chosen, a new one begun, one deleted. chosen: called with the name of the one to show."""

    def __init__(self, session: Session, name: str, chosen: Callable[[str], Any]) -> None:
        self._session, self._chosen = session, chosen
        self.name = name
        self._syncing = False
        self._sure = False
        self.menu = w.Dropdown(
            tooltip="Conversation", layout=w.Layout(flex="0 1 190px", width="auto", min_width="110px")
        )
        self.menu.observe(self._picked, "value")
        self.new = button("New", icon="plus", tooltip="New conversation")
        self.delete = button("Delete conversation", tooltip="Delete this conversation, here and in the store")
        self.draw()

    def draw(self) -> None:
        """Offer what there is now."""
        names = {each.name: len(each) for each in self._session.conversations}
        names.setdefault(self.name, 0)
        options = [(name, (name, False)) for name in names]
        with quietly():
            earlier = self._session.conversations.earlier(12)
            told = {each["name"]: each for each in reversed(earlier) if not names.get(each["name"])}
            options += [(f"{name} · earlier: {each['words']}"[:60], (name, True)) for name, each in told.items()]
        self._syncing = True
        try:
            if tuple(options) != tuple(self.menu.options):
                self.menu.options = options
            self.menu.value = (self.name, False)
        finally:
            self._syncing = False
        self._ask(sure=False)

    def begin(self) -> None:
        """A new one, named by number."""
        known = {each.name for each in self._session.conversations}
        known |= {each["name"] for each in self._session.conversations.earlier()}
        self._go(next(name for name in (f"chat {n}" for n in range(1, 9999)) if name not in known))

    def forget(self) -> None:
        """Delete it: the first press asks, the second does it."""
        if not self._sure:
            self._ask(sure=True)
            return
        with quietly():
            self._session.conversations.delete(self.name)
        left = [each.name for each in self._session.conversations if each.name != self.name]
        self._go(left[0] if left else "main")

    def _ask(self, *, sure: bool) -> None:
        self._sure = sure
        label = "Delete for good? Press again" if sure else "Delete conversation"
        if self.delete.description != label:
            self.delete.description = label
            self.delete.button_style = "danger" if sure else ""

    def _picked(self, change: Mapping[str, Any]) -> None:
        if self._syncing or change["new"] is None:
            return
        name, earlier = change["new"]
        if earlier:
            self._session.conversations.resume(name)
        self._go(name)

    def _go(self, name: str) -> None:
        self.name = name
        self._session.conversations.get(name)
        self.draw()
        self._chosen(name)


class Options:
    """What is rarely needed, folded away: the system prompt, export, deletion."""

    def __init__(self, session: Session, talks: ConversationPicker, note: str) -> None:
        self._session, self._talks = session, talks
        self.system = w.Textarea(
            placeholder="System prompt: who the model is, how it answers",
            tooltip="System prompt",
            rows=2,
            continuous_update=False,
        )
        self.system.layout = w.Layout(width="100%")
        self.form = w.Dropdown(options=list(FORMS), tooltip="Export as", layout=w.Layout(width="110px"))
        self.export = button("Export", icon="download", tooltip="Export this conversation")
        self.link = w.HTML()
        self.toggle = w.ToggleButton(
            description="Options", tooltip="System prompt, export, delete", layout=w.Layout(width="auto")
        )
        self.box = w.VBox((self.system, row(self.form, self.export, talks.delete, self.link), w.HTML(muted(note))))
        self.box.add_class("aiml-options")
        show(self.box, False)
        self.toggle.observe(lambda change: show(self.box, bool(change["new"])), "value")

    def prompt(self) -> str | None:
        """The system prompt to send: None where none was ever given."""
        talk = self._session.conversations.get(self._talks.name)
        return str(self.system.value).strip() or (None if talk.system is None else "")

    def make(self) -> None:
        """Offer the conversation as a file. Raises AIMLError when there is nothing in it."""
        talk = self._session.conversations.get(self._talks.name)
        if not len(talk):
            raise AIMLError("there is nothing to export yet", advice="Ask something first.")
        ending, mime = FORMS[self.form.value]
        data = talk.export(ending).encode("utf-8", "replace")
        name = f"{talk.name}.{ending}".replace("/", "-")
        source = f"data:{mime};base64,{base64.b64encode(data).decode()}"
        self.link.value = f'<a class="aiml-download" download="{escape(name)}" href="{source}">{escape(name)}</a>'


def totals(session: Session, talk: Conversation) -> str:
    """Turns, and what all calls of this session in the conversation took in tokens and cost, as far as told."""
    count = len(talk)
    told = session.store.calls.totals(conversation=talk.name, run=session.conversations.run)
    pieces = [f"{count} turn{'s' * (count != 1)}"] if count else []
    if told and told[0]["calls"]:
        sums = told[0]
        if sums["total_tokens"]:
            pieces.append(f"{sums['total_tokens']:,} tokens")
        pieces.append(_cost(sums["usd"], sums["unknown_usd"]))
    return " · ".join(pieces)


def _cost(usd: float | None, unknown: int) -> str:
    """What was told, and how many calls told nothing."""
    if not unknown:
        return str(Cost(usd=usd or 0.0))
    return f"{Cost(usd=usd)} and {unknown} of unknown cost" if usd is not None else str(Cost())
