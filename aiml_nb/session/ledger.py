"""The ledger: each call's row in the store, begun before it is sent and ended however it ends, and its files.

It knows which fields of a Call and of a result are kept, so that the store needs to know neither.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import AIMLError, shorten

if TYPE_CHECKING:
    from ..content import Attachment
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

    def begin(self, call: Call) -> Entry:
        """Write the row of a call that is about to be sent."""
        name = self.store.begin(
            medium=call.medium,
            model=call.model,
            provider=call.provider,
            host=call.client.endpoint.host,
            session=self.run,
            conversation=call.conversation.name if call.conversation else None,
            notebook=self.notebook,
            prompt=call.prompt,
            settings={k: v for k, v in call.shown().items() if k not in ("messages", "prompt", "model")},
            client_request_id=call.request_id,
        )
        return Entry(self, name)

    def scratch(self) -> Path:
        """A folder for downloads under way, on the media store's disk."""
        folder = self.store.home / "media" / "incoming"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def keep(self, source: Path, mime: str) -> Path:
        """Put a file into the media store; returns where it is for good."""
        return self.store.put(source, mime)


class Entry:
    """One row, being written."""

    def __init__(self, ledger: Ledger, name: int | str) -> None:
        self.id = str(name)
        self._name = name
        self._ledger = ledger
        self._begun = time.perf_counter()
        self._flushed = self._begun

    def progress(self, reply: Any) -> None:
        """Write down what has come, at most once a second: a killed kernel loses no more than that."""
        now = time.perf_counter()
        if now - self._flushed >= FLUSH:
            self._flushed = now
            self._ledger.store.progress(self._name, reply.text)

    def kept(self, attachment: Attachment) -> Attachment:
        """The attachment with its bytes in the media store, so that the conversation outlives the file."""
        if attachment.url or not self._ledger.store.store_text:
            return attachment
        with contextlib.suppress(OSError, AIMLError):
            path = self._ledger.store.put(attachment.path or attachment.read(), attachment.mime)
            return replace(attachment, path=path, data=None)
        return attachment

    def done(self, result: Any) -> None:
        """The call ended well."""
        self._finish("done", result)

    def stopped(self, result: Any) -> None:
        """The user stopped it."""
        self._finish("stopped", result)

    def failed(self, error: BaseException, result: Any) -> None:
        """It raised."""
        self._finish("failed", result, error=shorten(f"{type(error).__name__}: {error}", 300))

    def _finish(self, status: str, result: Any, error: str | None = None) -> None:
        usage, cost = getattr(result, "usage", None), getattr(result, "cost", None)
        files = [str(picture.path) for picture in result] if hasattr(result, "pixel_hash") or _is_images(result) else []
        self._ledger.store.finish(
            self._name,
            status=status,
            reply=getattr(result, "text", None) if not files else None,
            files=files,
            error=error,
            input_tokens=usage.input if usage else None,
            output_tokens=usage.output if usage else None,
            usd=cost.usd if cost else None,
            credits=cost.credits if cost else None,
            request_id=getattr(result, "id", None),
            ms=round((time.perf_counter() - self._begun) * 1000),
        )


def _is_images(result: Any) -> bool:
    return isinstance(getattr(result, "raw", None), Mapping) and hasattr(result, "path") and len(result) > 0
