"""Conversations: what was said so far under a name, turn by turn, and the rules of memory.

A turn is written when it ends, so a failed call leaves the conversation as it was. A cell that runs again goes back to
before the first turn that it wrote in an earlier run; a loop inside one run goes on. Turns live here for this kernel and
in the store for later ones, under this kernel's run id: a restart begins anew and offers what is stored.
"""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

from .content import Message
from .errors import InvalidRequestError
from .operation import Listeners

if TYPE_CHECKING:
    from .store import Store
    from .store import Turn as Stored


class Cell(Struct, frozen=True):
    """The cell that makes a call: its id in the notebook (None where the front end tells none) and which run of it this is."""

    id: str | None = None
    run: int | str = 0


class Turn(Struct, frozen=True):
    """One exchange: the user's message, what came of it (tool calls and their results, the reply), and who wrote it."""

    messages: tuple[Message, ...]
    cell: Cell = Cell()
    call: int | None = None

    @property
    def prompt(self) -> str:
        """What the user said."""
        return next((m.content for m in self.messages if m.role == "user"), "")

    @property
    def answer(self) -> str:
        """What the model said last."""
        return next((m.content for m in reversed(self.messages) if m.role == "assistant"), "")

    @property
    def partial(self) -> bool:
        """True when the reply was broken off."""
        return any(m.partial for m in self.messages)


class Conversation:
    """The turns under one name. `system` is its system prompt, kept from the call that gave one."""

    def __init__(
        self, name: str, turns: Sequence[Turn] = (), *, system: str | None = None, book: Conversations | None = None
    ) -> None:
        self.name = name
        self.turns: list[Turn] = list(turns)
        self.system = system
        self._book = book

    def __len__(self) -> int:
        return len(self.turns)

    def __iter__(self) -> Iterator[Turn]:
        return iter(self.turns)

    def before(self, cell: Cell) -> int:
        """How many turns stand before the first one that `cell` wrote in an earlier run; all, if it wrote none."""
        if cell.id is None:
            return len(self.turns)
        wrote = (at for at, turn in enumerate(self.turns) if turn.cell.id == cell.id and turn.cell.run != cell.run)
        return next(wrote, len(self.turns))

    def messages(self, upto: int | None = None) -> list[Message]:
        """What to send of the first `upto` turns (all by default)."""
        return [message for turn in self.turns[:upto] for message in turn.messages]

    def add(self, turn: Turn, *, at: int | None = None) -> None:
        """Write `turn` as the one at `at` (the end by default), dropping what stood from there on."""
        if at is not None:
            self.cut(at)
        self.turns.append(turn)
        if self._book is not None:
            self._book.wrote(self, turn)

    def anew(self) -> Conversation:
        """The conversation that takes this one's name; what was said stays in the store, under another."""
        return self._book.new(self.name) if self._book is not None else Conversation(self.name)

    def cut(self, at: int) -> list[Turn]:
        """Drop the turns from `at` on; returns them."""
        gone, self.turns[at:] = self.turns[at:], []
        if gone and self._book is not None:
            self._book.dropped(self)
        return gone

    def undo(self, count: int = 1) -> list[Turn]:
        """Drop the last `count` turns; returns them. Raises InvalidRequestError when there are not as many."""
        if not 1 <= count <= len(self.turns):
            raise InvalidRequestError(
                f"{self.name} has {len(self.turns)} turn{'s' * (len(self.turns) != 1)}; {count} cannot be undone",
                param="undo",
            )
        return self.cut(len(self.turns) - count)

    def edit(self, number: int, text: str) -> Turn:
        """Change what the model said in turn `number` (from 1), as if it had said `text`; later turns stay."""
        if not 1 <= number <= len(self.turns):
            raise InvalidRequestError(f"{self.name} has no turn {number}; it has 1 to {len(self.turns)}", param="edit")
        turn = self.turns[number - 1]
        last = max((at for at, m in enumerate(turn.messages) if m.role == "assistant"), default=None)
        if last is None:
            raise InvalidRequestError(f"turn {number} has no answer to edit", param="edit")
        messages = list(turn.messages)
        messages[last] = dataclasses.replace(messages[last], content=text, partial=False)
        tail = [structs.replace(turn, messages=tuple(messages)), *self.turns[number:]]
        self.cut(number - 1)
        for kept in tail:
            self.add(kept)
        return tail[0]

    def export(self, form: str = "md") -> str:
        """The conversation as text: `md` (Markdown), `json` (a list of messages) or `ipynb` (a notebook of %%chat cells)."""
        forms = {"md": _markdown, "json": _json, "ipynb": _notebook}
        if form not in forms:
            raise InvalidRequestError(
                f"cannot export as {form!r}", param="export", advice="It can be md, json or ipynb."
            )
        return forms[form](self)


class Conversations:
    """The conversations of one kernel, and the stored ones of earlier kernels.

    run: this kernel's id in the store. `store` may be None: then nothing outlives the kernel.
    """

    def __init__(self, store: Store | None = None, *, run: str | None = None) -> None:
        self.run = run or uuid.uuid4().hex[:12]
        self._store = store
        self._open: dict[str, Conversation] = {}
        #: Told the name of each conversation whose turns have changed.
        self.changed = Listeners()

    def __iter__(self) -> Iterator[Conversation]:
        return iter(list(self._open.values()))

    def __contains__(self, name: object) -> bool:
        return name in self._open

    def get(self, name: str) -> Conversation:
        """The conversation under `name`, begun if there is none."""
        if name not in self._open:
            if not name or len(name) > 80 or any(ord(c) < 32 for c in name):
                raise InvalidRequestError(
                    f"{name!r} cannot be a conversation's name", param="conversation", advice="Use a short word."
                )
            self._open[name] = Conversation(name, book=self)
        return self._open[name]

    def find(self, name: str) -> Conversation:
        """The conversation under `name`, of this kernel or the last stored one. Raises InvalidRequestError, naming the nearest."""
        if name in self._open:
            return self._open[name]
        stored = self._stored(name)
        if stored is not None:
            return stored
        known = sorted({*self._open, *(row["name"] for row in self.earlier())})
        from difflib import get_close_matches

        near = get_close_matches(name, known, 1)
        raise InvalidRequestError(
            f"there is no conversation {name!r}",
            param="conversation",
            advice=f"Did you mean {near[0]!r}?"
            if near
            else f"There are: {', '.join(known)}."
            if known
            else "None has begun yet.",
        )

    def new(self, name: str) -> Conversation:
        """Begin `name` anew; what was said stays in the store."""
        before = self._open.pop(name, None)
        if self._store is not None and before:
            self._store.conversations.rename(self.run, name, f"{name} ({uuid.uuid4().hex[:8]})")
        anew = self.get(name)
        self.changed.tell(name)
        return anew

    def resume(self, name: str) -> Conversation:
        """Go on with the last stored conversation under `name` of an earlier kernel."""
        stored = self._stored(name)
        if stored is None:
            raise InvalidRequestError(
                f"no conversation {name!r} of an earlier session is stored",
                param="conversation",
                advice="`%aiml conversations` lists them.",
            )
        mine = self.get(name)
        mine.cut(0)
        mine.system = stored.system
        for turn in stored:
            mine.add(structs.replace(turn, cell=Cell()))
        return mine

    def delete(self, name: str) -> None:
        """Forget `name`, here and in the store."""
        known = self._open.pop(name, None)
        rows = [row for row in self.earlier() if row["name"] == name]
        if known is None and not rows:
            self.find(name)
        if self._store is not None:
            for run in {self.run, *(row["run"] for row in rows)}:
                self._store.conversations.delete(run, name)
        self.changed.tell(name)

    def earlier(self, limit: int = 50) -> list[dict[str, Any]]:
        """Stored conversations of earlier kernels, the latest first: `name run turns time words` each."""
        return [] if self._store is None else self._store.conversations.recent(limit, besides=self.run)

    def _stored(self, name: str) -> Conversation | None:
        if self._store is None:
            return None
        row = next((row for row in self.earlier() if row["name"] == name), None)
        if row is None:
            return None
        return Conversation(name, [_turn(stored) for stored in self._store.conversations.turns(row["run"], name)])

    def wrote(self, conversation: Conversation, turn: Turn) -> None:
        """Keep a turn that was just added."""
        if self._store is not None:
            self._store.conversations.append_turn(
                self.run,
                conversation.name,
                [message.to_json() for message in turn.messages],
                cell=turn.cell.id,
                partial=turn.partial,
                call=turn.call,
            )
        self.changed.tell(conversation.name)

    def dropped(self, conversation: Conversation) -> None:
        """Keep that turns were dropped from the end."""
        if self._store is not None:
            self._store.conversations.cut(self.run, conversation.name, len(conversation.turns))
        self.changed.tell(conversation.name)


def _turn(stored: Stored) -> Turn:
    return Turn(tuple(Message.from_json(m) for m in stored.messages or ()), Cell(stored.cell, "stored"), stored.call)


def _markdown(conversation: Conversation) -> str:
    lines = [f"# {conversation.name}", ""]
    if conversation.system:
        lines += [f"*System:* {conversation.system}", ""]
    for turn in conversation:
        for message in turn.messages:
            attached = "".join(f"\n\n*attached: {a.label}*" for a in message.attachments)
            mark = " (partial)" if message.partial else ""
            lines += [f"**{message.role.capitalize()}**{mark}", "", f"{message.content}{attached}", ""]
    return "\n".join(lines)


def _json(conversation: Conversation) -> str:
    messages: list[dict[str, Any]] = []
    if conversation.system:
        messages.append({"role": "system", "content": conversation.system})
    messages += [_exported(message) for message in conversation.messages()]
    return json.dumps(messages, ensure_ascii=False, indent=1)


def _exported(message: Message) -> dict[str, Any]:
    """A message for other eyes: attachments by name, without the paths of this machine."""
    told = dataclasses.replace(message, attachments=()).to_json()
    return told | ({"attachments": [a.label for a in message.attachments]} if message.attachments else {})


def _notebook(conversation: Conversation) -> str:
    """A notebook whose cells ask the same again, each with the answer as its output."""
    cells: list[dict[str, Any]] = [_code("%load_ext aiml_nb", 0)]
    for number, turn in enumerate(conversation, 1):
        asked = f"--system {json.dumps(conversation.system)} " if conversation.system and number == 1 else ""
        cells.append(_code(f"%%chat {asked}".rstrip() + f"\n{turn.prompt}", number, turn.answer))
    return json.dumps(
        {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, ensure_ascii=False, indent=1
    )


def _code(source: str, number: int, answer: str = "") -> dict[str, Any]:
    output = {"output_type": "display_data", "data": {"text/plain": answer}, "metadata": {}}
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": f"turn-{number}",
        "metadata": {},
        "outputs": [output] if answer else [],
        "source": source,
    }
