"""Conversations as turns: what each prompt and its answer added, in order, under a kernel run and a name.

Turns of earlier runs stay and can be loaded again. Messages are JSON values here; what they mean, and when a turn is
written or cut, is decided elsewhere.
"""

from __future__ import annotations

import json
import time
from typing import Any

from msgspec import Struct

from ..errors import InvalidRequestError
from .database import Database, placed, sha256

_FIRST_WORDS = 100


class Turn(Struct, frozen=True):
    """What one call added to a conversation.

    position: from 0, without gaps. messages: JSON objects; None when only hashes were kept, and the kernel is another.
    cell, execution_count: which cell wrote it, in which run of it; None outside notebooks. partial: it was cut short.
    call: its row in the ledger. time: seconds since the epoch.
    """

    position: int
    messages: list[dict[str, Any]] | None
    cell: str | None = None
    execution_count: int | None = None
    partial: bool = False
    call: int | None = None
    time: float = 0.0


class Conversations:
    """The turns of all runs. store_text: False keeps hashes on disk, and the messages in this process only."""

    def __init__(self, database: Database, *, store_text: bool = True) -> None:
        self._database = database
        self.store_text = store_text
        self._unsaved: dict[str, list[dict[str, Any]]] = {}  # by hash

    def append_turn(
        self,
        run: str,
        name: str,
        messages: list[dict[str, Any]],
        *,
        cell: str | None = None,
        execution_count: int | None = None,
        partial: bool = False,
        call: int | None = None,
    ) -> int:
        """Write a turn at the end of a conversation; returns its position."""
        text = json.dumps(messages)
        values = (
            text if self.store_text else None,
            digest := sha256(text),
            cell,
            execution_count,
            partial,
            call,
            time.time(),
        )

        def write(db: Any) -> int:
            query = "SELECT coalesce(max(position) + 1, 0) FROM turns WHERE run = ? AND name = ?"
            position = db.execute(query, (run, name)).fetchone()[0]
            columns = "(run, name, position, messages, messages_sha256, cell, execution_count, partial, call, time)"
            insert = f"INSERT INTO turns {columns} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - no value in it
            db.execute(insert, (run, name, position, *values))
            return int(position)

        if not self.store_text:
            self._unsaved[digest] = messages
        return self._database.write(write)

    def turns(self, run: str, name: str) -> list[Turn]:
        """The turns of a conversation, first one first."""
        query = "SELECT * FROM turns WHERE run = ? AND name = ? ORDER BY position"
        rows = self._database.run(lambda db: db.execute(query, (run, name)).fetchall())
        return [
            Turn(
                row["position"],
                json.loads(row["messages"])
                if row["messages"] is not None
                else self._unsaved.get(row["messages_sha256"]),
                row["cell"],
                row["execution_count"],
                bool(row["partial"]),
                row["call"],
                row["time"],
            )
            for row in rows
        ]

    def cut(self, run: str, name: str, position: int) -> int:
        """Take out the turn at `position` and all after it; returns how many went."""
        query = "DELETE FROM turns WHERE run = ? AND name = ? AND position >= ?"
        return int(self._database.run(lambda db: db.execute(query, (run, name, position)).rowcount))

    def names(self, run: str) -> list[str]:
        """The conversations of a run, the last one used first."""
        query = "SELECT name FROM turns WHERE run = ? GROUP BY name ORDER BY max(time) DESC"
        return [row[0] for row in self._database.run(lambda db: db.execute(query, (run,)).fetchall())]

    def recent(self, limit: int = 10, *, besides: str = "") -> list[dict[str, Any]]:
        """Stored conversations, newest first, those of the run `besides` left out; only where the text was kept.

        Each is {"run", "name", "turns", "time" (of the last turn), "words" (how it begins)}.
        """
        query = (
            "SELECT run, name, count(*) AS turns, max(time) AS time, min(position), messages AS words FROM turns"
            " WHERE run != ? AND messages IS NOT NULL GROUP BY run, name ORDER BY max(time) DESC LIMIT ?"
        )
        rows = placed(self._database.run(lambda db: db.execute(query, (besides, limit)).fetchall()))
        for row in rows:
            del row["min(position)"]
            row["words"] = self._first_words(row["run"], row["name"])
        return rows

    def load(self, run: str, name: str, into: str, new: str | None = None) -> int:
        """Copy a stored conversation into the run `into`, as `new` or under its own name; returns its turns.

        Raises InvalidRequestError when there is none, or when the name is taken in that run.
        """
        new = new or name
        self._free(into, new)
        columns = "messages, messages_sha256, cell, execution_count, partial, call, time"
        # A cell's number belongs to the kernel that ran it; kept, a re-run would cut what another kernel wrote.
        source = columns.replace("cell, execution_count", "NULL, NULL")
        query = (
            f"INSERT INTO turns (run, name, position, {columns}) SELECT ?, ?, position, {source} FROM turns"  # noqa: S608 - fixed names
            " WHERE run = ? AND name = ? AND messages IS NOT NULL"
        )
        count = int(self._database.write(lambda db: db.execute(query, (into, new, run, name)).rowcount))
        if not count:
            raise _missing(name)
        return count

    def delete(self, run: str, name: str) -> int:
        """Remove a conversation; returns how many turns it had."""
        return self.cut(run, name, 0)

    def rename(self, run: str, name: str, new: str) -> None:
        """Give a conversation another name. Raises InvalidRequestError when there is none, or the name is taken."""
        self._free(run, new)
        query = "UPDATE turns SET name = ? WHERE run = ? AND name = ?"
        if not self._database.write(lambda db: db.execute(query, (new, run, name)).rowcount):
            raise _missing(name)

    def _free(self, run: str, name: str) -> None:
        if name in self.names(run):
            raise InvalidRequestError(
                f"there is a conversation {name!r} already", param="conversation", advice="Choose another name."
            )

    def _first_words(self, run: str, name: str) -> str:
        query = (
            "SELECT messages FROM turns WHERE run = ? AND name = ? AND messages IS NOT NULL ORDER BY position LIMIT 1"
        )
        row = self._database.run(lambda db: db.execute(query, (run, name)).fetchone())
        return _words(json.loads(row[0])) if row else ""


def _words(messages: list[dict[str, Any]]) -> str:
    """The beginning of the first thing that the user said, or of anything that was said."""
    texts = [(each.get("role"), each.get("content")) for each in messages]
    said = [text for role, text in texts if role == "user" and text] or [text for _, text in texts if text]
    first = said[0] if said else ""
    if isinstance(first, list):
        first = next((part.get("text", "") for part in first if isinstance(part, dict) and part.get("text")), "")
    words = " ".join(str(first).split())
    return words if len(words) <= _FIRST_WORDS else words[: _FIRST_WORDS - 1] + "…"


def _missing(name: str) -> InvalidRequestError:
    return InvalidRequestError(
        f"there is no conversation {name!r}", param="conversation", advice="%aiml conversations lists them."
    )
