"""The store: what was asked, answered, spent and made, on the user's own disk, in SQLite and in media files by hash.

    store = Store()
    row = store.calls.begin(Call(medium="chat", model="gpt-4o", provider="openai", host="api.openai.com"))
    store.calls.finish(row, "ok", reply="Because of Rayleigh scattering.")

Nothing is opened until it is used, and nothing here ever breaks a call: `problem` says what could not be kept. The
store knows nothing of providers, keys or notebooks.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct

from ..errors import InvalidRequestError
from ..home import home as default_home
from .calls import STATUSES, Call, Calls
from .conversations import Conversations, Turn
from .database import FILE, Database
from .media import Media

__all__ = ["STATUSES", "Call", "Calls", "Conversations", "Media", "Size", "Store", "Turn"]


class Size(Struct, frozen=True):
    """How much there is, or was removed: rows, files, and bytes on disk."""

    calls: int = 0
    turns: int = 0
    media_files: int = 0
    media_bytes: int = 0
    database_bytes: int = 0


class Store:
    """`.calls` is the ledger, `.conversations` the turns, `.media` the files.

    home: the folder, default `AIML_NB_HOME` or the user's data directory; made with mode 0700 when first written to.
    store_text: False keeps hashes and numbers in place of what was said, from now on; it may be set at any time.
    """

    def __init__(self, home: Path | None = None, *, store_text: bool = True) -> None:
        self.home = Path(home) if home is not None else default_home()
        self._database = Database(self.home)
        self.calls = Calls(self._database, store_text=store_text)
        self.conversations = Conversations(self._database, store_text=store_text)
        self.media = Media(self.home / "media")

    @property
    def problem(self) -> str:
        """What could not be kept and why, in one sentence to show once; empty when all is well."""
        return self._database.problem or self.media.problem

    @property
    def store_text(self) -> bool:
        """Whether prompts and replies are kept, or only their hashes."""
        return self.calls.store_text

    @store_text.setter
    def store_text(self, keep: bool) -> None:
        self.calls.store_text = self.conversations.store_text = keep

    def size(self) -> Size:
        """How much is stored now."""
        query = "SELECT (SELECT count(*) FROM calls), (SELECT count(*) FROM turns)"
        calls, turns = self._database.run(lambda db: db.execute(query).fetchone())
        files, size = self.media.size()
        return Size(calls, turns, files, size, sum(path.stat().st_size for path in self._files()))

    def prune(self, *, older_than: timedelta | datetime | None = None, everything: bool = False) -> Size:
        """Remove calls, turns and media older than a span or a point in time, or everything; returns what went.

        A media file stays while a call that stays made it. Disk space is given back. Raises InvalidRequestError
        unless exactly one of the two is given.
        """
        if everything == (older_than is not None):
            raise InvalidRequestError(
                "say what to remove", param="prune", advice="Give older_than=, or everything=True."
            )
        before = float("inf") if everything else _moment(older_than)
        was = self.size()
        calls, turns, kept = self._database.write(lambda db: _remove(db, before))
        files, size = self.media.prune(before, kept)
        if everything:
            self._remove_broken()
        self._database.run(_give_back)
        return Size(calls, turns, files, size, max(0, was.database_bytes - self.size().database_bytes))

    def close(self) -> None:
        """Close the database; the next use opens it again."""
        self._database.close()

    def _files(self) -> list[Path]:
        return [path for path in self.home.glob(f"{FILE}*") if path.is_file()]

    def _remove_broken(self) -> None:
        for path in self.home.glob(f"{FILE}.broken-*"):
            path.unlink(missing_ok=True)


def _moment(older_than: Any) -> float:
    if isinstance(older_than, datetime):
        return older_than.timestamp()
    return time.time() - float(older_than.total_seconds())


def _remove(db: sqlite3.Connection, before: float) -> tuple[int, int, set[str]]:
    """(calls, turns, hashes of the media that are still somebody's)."""
    turns = db.execute("DELETE FROM turns WHERE time < ?", (before,)).rowcount
    calls = db.execute("DELETE FROM calls WHERE time < ?", (before,)).rowcount
    rows = db.execute("SELECT media FROM calls WHERE media IS NOT NULL").fetchall()
    return calls, turns, {name.partition(".")[0] for row in rows for name in json.loads(row[0])}


def _give_back(db: sqlite3.Connection) -> None:
    with contextlib.suppress(sqlite3.OperationalError):  # another kernel is reading: the space is used again later
        db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
