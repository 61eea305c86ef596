"""What the handlers of one server share: the key, the pace, faults met, files to download, jobs, the log of requests."""

from __future__ import annotations

import hashlib
import itertools
import sys
from collections import OrderedDict
from typing import Any, TypeVar

from .faults import Tally

T = TypeVar("T")


class Shelf(OrderedDict[str, T]):
    """The last `room` things put here; the oldest make place."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def put(self, name: str, thing: T) -> None:
        """Keep `thing` under `name`, as the newest."""
        self.pop(name, None)
        self[name] = thing
        while len(self) > self.room:
            self.popitem(last=False)


class Shop:
    """The state of one server. pace: seconds between two pieces of a stream. log: tell of each request."""

    def __init__(self, *, key: str, pace: float, port: int, log: bool = False) -> None:
        self._log = log
        self.key = key
        self.pace = pace
        self.hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")}
        self.tally = Tally()
        self.files: Shelf[tuple[bytes, str]] = Shelf(200)
        self.responses: Shelf[Any] = Shelf(200)
        self.jobs: Shelf[Any] = Shelf(2000)
        self.rows: Shelf[dict[str, Any]] = Shelf(5000)
        self.numbers = itertools.count(1)

    def keep(self, data: bytes, kind: str, ending: str) -> str:
        """Put a file where it can be downloaded; the path of its URL. The same bytes have the same name."""
        name = f"{hashlib.sha256(data).hexdigest()[:32]}.{ending}"
        self.files.put(name, (data, kind))
        return f"/files/{name}"

    def log(self, handler: Any) -> None:
        """A line on standard error for each request, when asked for; never a key or a body."""
        if self._log:
            request = handler.request
            took = 1000 * request.request_time()
            sys.stderr.write(f"{handler.get_status()} {request.method} {request.path} {took:.0f} ms\n")
