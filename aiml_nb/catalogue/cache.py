"""The catalogue on disk: one list of models and the schemas that were asked for, in a folder for each provider.

A cache that cannot be written or read is no reason to fail: it is only slower.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from pathlib import Path
from typing import Any

#: A cached schema older than this is asked for anew, in seconds.
SCHEMA_STALE = 86400.0


class Cache:
    """`list` and `schema` give what is kept, or None; without a folder everything is kept in memory."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._schemas: dict[str, tuple[str, dict[str, Any]]] = {}

    def list(self) -> tuple[Any, str | None, float] | None:
        """The rows as they came, their ETag, and when they were fetched."""
        kept = self._read("models.json")
        if not isinstance(kept, dict) or not isinstance(kept.get("rows"), list):
            return None
        etag = kept.get("etag")
        return kept["rows"], etag if isinstance(etag, str) else None, self._time("models.json")

    def keep_list(self, rows: Any, etag: str | None) -> None:
        """Keep the rows."""
        self._write("models.json", {"etag": etag, "rows": rows})

    def renew(self) -> None:
        """Note that the list is still true."""
        if self._folder is not None:
            with contextlib.suppress(OSError):
                os.utime(self._folder / "models.json")

    def schema(self, model: str, kind: str) -> tuple[str, dict[str, Any]] | None:
        """Path and schema of a model's request, if kept and not stale."""
        name = _name(model, kind)
        if name not in self._schemas:
            kept = self._read(name)
            if not isinstance(kept, dict) or time.time() - self._time(name) > SCHEMA_STALE:
                return None
            with contextlib.suppress(KeyError, TypeError, ValueError):
                self._schemas[name] = (str(kept["path"]), dict(kept["schema"]))
        return self._schemas.get(name)

    def keep_schema(self, model: str, kind: str, found: tuple[str, dict[str, Any]]) -> None:
        """Keep path and schema."""
        name = _name(model, kind)
        self._schemas[name] = found
        self._write(name, {"model": model, "type": kind, "path": found[0], "schema": found[1]})

    def _time(self, name: str) -> float:
        try:
            return (self._folder / name).stat().st_mtime if self._folder else 0.0
        except OSError:
            return 0.0

    def _read(self, name: str) -> Any:
        if self._folder is None:
            return None
        import msgspec

        with contextlib.suppress(OSError, msgspec.MsgspecError, RecursionError):
            return msgspec.json.decode((self._folder / name).read_bytes())
        return None

    def _write(self, name: str, value: Any) -> None:
        if self._folder is None:
            return
        import msgspec

        with contextlib.suppress(OSError):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = self._folder / f"{name}.{os.getpid()}.part"
            draft.write_bytes(msgspec.json.encode(value))
            draft.replace(self._folder / name)


def _name(model: str, kind: str) -> str:
    return hashlib.sha256(f"{kind} {model}".encode()).hexdigest()[:24] + ".json"
