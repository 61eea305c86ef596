"""The SQLite file under the store: opened when first needed, shared by threads behind a lock, reopened after a fork.

Several kernels may write to it at once (write-ahead log, a busy timeout). Nothing that goes wrong with it breaks a
call: a folder that cannot be written, a full disk, a newer file format make it go on in memory, and a damaged file is
set aside and begun anew; `problem` then says so in one sentence. It knows nothing of what the tables mean.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

FILE = "store.sqlite"
#: Seconds to wait for another kernel's write.
BUSY = 10.0
#: A file up to this many bytes is carried into memory when the disk fails, so that conversations go on.
CARRIED = 100_000_000

#: One script a version; `user_version` counts how many have run. Scripts are added, never changed.
MIGRATIONS = (
    """
    CREATE TABLE calls (
        id INTEGER PRIMARY KEY, time REAL NOT NULL, run TEXT NOT NULL, medium TEXT NOT NULL, model TEXT NOT NULL,
        provider TEXT NOT NULL, host TEXT NOT NULL, conversation TEXT, notebook TEXT, client_request_id TEXT,
        request_sha256 TEXT, prompt TEXT, prompt_sha256 TEXT, status TEXT NOT NULL, reply TEXT, reply_sha256 TEXT,
        input_tokens INTEGER, output_tokens INTEGER, total_tokens INTEGER, reasoning_tokens INTEGER,
        cached_tokens INTEGER, usd REAL, credits INTEGER, request_id TEXT, ms REAL, first_ms REAL, error TEXT,
        media TEXT, job_id TEXT, job_state TEXT);
    CREATE INDEX calls_time ON calls (time);
    CREATE INDEX calls_status ON calls (status);
    CREATE TABLE turns (
        id INTEGER PRIMARY KEY, run TEXT NOT NULL, name TEXT NOT NULL, position INTEGER NOT NULL, messages TEXT,
        messages_sha256 TEXT NOT NULL, cell TEXT, execution_count INTEGER, partial INTEGER NOT NULL, call INTEGER,
        time REAL NOT NULL, UNIQUE (run, name, position));
    """,
    """
    ALTER TABLE calls ADD COLUMN path TEXT;
    ALTER TABLE calls ADD COLUMN base TEXT;
    CREATE INDEX calls_model ON calls (model);
    """,
)


class Database:
    """`run(work)` calls `work(connection)` with a usable connection, whatever state the disk is in."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.problem = ""
        self.in_memory = False
        self._inode = 0
        self._start()

    def _start(self) -> None:
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None

    def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` gives. It is called again when the file had to be set aside, or left for memory."""
        self._after_fork()
        with self._lock:
            for _ in range(2):
                try:
                    return work(self._open())
                except (sqlite3.Error, OSError) as error:
                    if isinstance(error, _OURS):
                        raise
                    self._recover(error)
            return work(self._open())

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Like `run`, inside one transaction: all of it is kept, or nothing."""

        def whole(connection: sqlite3.Connection) -> T:
            with _transaction(connection):
                return work(connection)

        return self.run(whole)

    def close(self) -> None:
        """Close the file; the next use opens it again. What is kept in memory is lost."""
        self._after_fork()
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _after_fork(self) -> None:
        """A child of `fork` leaves its parent's connection alone: SQLite forbids even closing it."""
        if self._pid != os.getpid():
            _inherited.append(self._connection)
            self._start()

    def __del__(self) -> None:
        if self._pid == os.getpid() and self._connection is not None:
            self._connection.close()

    def _open(self) -> sqlite3.Connection:
        if self._gone():  # SQLite would go on writing into a file that has no name any more
            self.close()
        if self._connection is None:
            self._connection = _memory() if self.in_memory else self._open_file()
        if self._connection.in_transaction:  # Ctrl-C fell between BEGIN and what guards it
            self._connection.execute("ROLLBACK")
        return self._connection

    def _open_file(self) -> sqlite3.Connection:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)  # SQLite gives its helper files the same mode
        self._inode = os.fstat(handle).st_ino
        os.close(handle)
        connection = _connect(str(self.path))
        try:
            _into_wal(connection)
            _migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _recover(self, error: Exception) -> None:
        damaged = type(error) is sqlite3.DatabaseError  # its subclasses mean something else each
        if self._gone() or (damaged and self._set_aside()):
            self.close()
        else:
            self._to_memory(error)

    def _gone(self) -> bool:
        """True when the file that was open has been removed or replaced: then the right one is opened."""
        if self.in_memory or self._connection is None:
            return False
        try:
            return self.path.stat().st_ino != self._inode
        except OSError:
            return True

    def _set_aside(self) -> bool:
        """Rename the damaged file, unless another kernel has just done it. False when that does not work either."""
        self.close()
        aside = self.path.with_name(f"{FILE}.broken-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}")
        try:
            if self.path.stat().st_ino == self._inode:
                self.path.rename(aside)
                for end in ("-wal", "-shm"):
                    self.path.with_name(FILE + end).unlink(missing_ok=True)
                self.problem = f"the store was damaged: it is set aside as {aside}, and a new one was begun"
        except OSError:
            return False
        return True

    def _to_memory(self, error: Exception) -> None:
        """Go on in memory, with what the file holds if it can still be read."""
        if self.in_memory:
            raise error
        self.close()
        self.in_memory = True
        self.problem = f"nothing is stored: {self.path.parent} {_reason(error)}; this kernel remembers in memory only"
        self._connection = _memory()
        if not isinstance(error, NewerFormatError):
            with contextlib.suppress(sqlite3.Error, OSError):
                _carry(self.path, self._connection)


class NewerFormatError(sqlite3.DatabaseError):
    """The file was written by a later version of this package."""


#: Mistakes in what was asked of it, not of the file.
_OURS = (sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError, sqlite3.DataError)

#: Connections of a parent process, kept from the garbage collector, which would close them.
_inherited: list[sqlite3.Connection | None] = []


def _connect(target: str, *, uri: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(
        target, timeout=BUSY, isolation_level=None, check_same_thread=False, uri=uri, cached_statements=64
    )
    connection.row_factory = sqlite3.Row
    return connection


def _memory() -> sqlite3.Connection:
    connection = _connect(":memory:")
    _migrate(connection)
    return connection


def _into_wal(connection: sqlite3.Connection) -> None:
    """Switching needs the file alone for a moment, and SQLite does not wait for that by itself."""
    until = time.monotonic() + BUSY
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)
    connection.execute("PRAGMA synchronous=NORMAL")


def _migrate(connection: sqlite3.Connection) -> None:
    if _version(connection) == len(MIGRATIONS):
        return
    with _transaction(connection):
        version = _version(connection)  # another kernel may have been first
        if version > len(MIGRATIONS):
            raise NewerFormatError("it was written by a newer aiml_nb")
        for script in MIGRATIONS[version:]:
            for statement in script.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version={len(MIGRATIONS)}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _carry(path: Path, into: sqlite3.Connection) -> None:
    """Copy a file that can be read but not written, where it is not too large."""
    if not path.is_file() or path.stat().st_size > CARRIED:
        return
    frozen = "" if os.access(path.parent, os.W_OK) else "&immutable=1"
    source = _connect(f"{path.absolute().as_uri()}?mode=ro{frozen}", uri=True)
    with contextlib.closing(source):
        if _version(source) == len(MIGRATIONS):
            source.backup(into)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be written ({error.strerror or type(error).__name__})"
    return f"cannot be used ({error})"


def sha256(text: str) -> str:
    """The hash of a text, as it stands in the tables in place of the text."""
    import hashlib

    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def placed(rows: list[sqlite3.Row]) -> list[dict[str, Any]]:
    """Rows as plain dicts."""
    return [dict(row) for row in rows]
