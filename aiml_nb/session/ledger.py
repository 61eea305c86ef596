"""The ledger: each call's row in the store, begun before it is sent and ended however it ends, and its files.

It knows which fields of a Call and of a result are kept, so that the store needs to know neither.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import AIMLError, APITimeoutError, shorten
from ..operation import Listeners
from ..store import Call as Row

if TYPE_CHECKING:
    from ..content import Attachment
    from ..costs import Cost, RateLimit
    from ..media.image import Images
    from ..media.reply import Reply
    from ..store import Store
    from .call import Call

#: How often a growing reply is written down, in seconds.
FLUSH = 1.0


class Ledger:
    """Rows of one session. notebook: what is written beside each call as its origin."""

    def __init__(self, store: Store, run: str, notebook: str = "") -> None:
        self.store = store
        self.run = run
        self.notebook = notebook
        #: Told the Call, its status and its result (None where there is none) when a call has ended, however it did.
        self.ended = Listeners()
        #: What each provider's last answer told of its limits, and when, in seconds since the epoch.
        self.limits: dict[str, tuple[float, RateLimit]] = {}

    def begin(self, call: Call) -> Entry:
        """Write the row of a call that is about to be sent."""
        row = self.store.calls.begin(
            Row(
                medium=call.medium,
                model=call.model,
                provider=call.provider,
                host=call.client.endpoint.host,
                run=self.run,
                conversation=call.conversation.name if call.conversation is not None else None,
                notebook=self.notebook or None,
                client_request_id=call.request_id,
                path=call.path,
                base=None if call.client.endpoint.is_sandbox else call.client.endpoint.base_url,
                prompt=call.shown(),
            )
        )
        return Entry(self, row, call)

    def reopen(self, call: Call, row: int) -> Entry:
        """The row of a job that is collected later."""
        return Entry(self, row, call)

    def keep(self, source: Path | bytes, mime: str) -> Path:
        """Put a file into the media store; returns where it is for good."""
        return self.store.media.put(source, mime)


class Entry:
    """One row, being written."""

    def __init__(self, ledger: Ledger, row: int, call: Call) -> None:
        self.row = row
        self._call = call
        self._ledger = ledger
        self._begun = time.perf_counter()
        self._flushed = self._begun
        #: What a job's creation said it costs; it is charged then.
        self.cost: Cost | None = None

    def progress(self, reply: Reply) -> None:
        """Write down what has come, at most once a second: a killed kernel loses no more than that."""
        now = time.perf_counter()
        if now - self._flushed >= FLUSH:
            self._flushed = now
            self._ledger.store.calls.progress(self.row, reply.text)

    def kept(self, attachment: Attachment) -> Attachment:
        """The attachment with its bytes in the media store, so that the conversation outlives the file."""
        if attachment.url or not self._ledger.store.store_text:
            return attachment
        with contextlib.suppress(OSError, AIMLError):
            path = self._ledger.store.media.put(attachment.path or attachment.read(), attachment.mime)
            return replace(attachment, path=path, data=None, stamp=None)
        return attachment

    def job(self, job_id: str | None, state: str, cost: Cost | None = None) -> None:
        """Keep the id that the provider told, how far the job is, and what its creation said it costs."""
        self.cost = cost if cost is not None and (cost.usd or cost.credits) else self.cost
        self._ledger.store.calls.job(self.row, job_id, state, self.cost)

    def lost(self, why: str) -> None:
        """Nobody knows whether it was taken in: `resume` will look."""
        self._ledger.store.calls.finish(self.row, "lost", error=why)

    def done(self, result: Reply | Images) -> None:
        """The call ended well."""
        self._finish("ok", result)
        self._call.answered()

    def stopped(self, result: Reply | None) -> None:
        """The user stopped it."""
        self._finish("partial", result)

    def failed(self, error: BaseException, result: Reply | None) -> None:
        """It raised; after a timeout nobody knows whether it was paid."""
        told = shorten(f"{type(error).__name__}: {error}", 300)
        self._finish("lost" if isinstance(error, APITimeoutError) else "failed", result, error=told)

    def _finish(self, status: str, result: Reply | Images | None, error: str = "") -> None:
        first = getattr(result, "first", None)
        self._ledger.store.calls.finish(
            self.row,
            status,
            reply=getattr(result, "text", None),
            usage=result.usage if result is not None else None,
            cost=result.cost if result is not None else None,
            request_id=result.id if result is not None else None,
            ms=round((time.perf_counter() - self._begun) * 1000, 1),
            first_ms=None if first is None else round(first * 1000, 1),
            error=error,
            media=getattr(result, "paths", ()),
        )
        if result is not None and result.limits is not None:
            self._ledger.limits[self._call.provider] = (time.time(), result.limits)
        self._ledger.ended.tell(self._call, status, result)
