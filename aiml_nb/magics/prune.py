"""`%aiml prune`: how much is kept on this computer, and taking it away."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ..errors import InvalidRequestError, shorten
from .context import Context
from .out import count, say

if TYPE_CHECKING:
    from ..store import Size


def prune(context: Context, words: list[str]) -> None:
    """Show the size; with a number of days or `all`, remove what is older, or everything."""
    store = context.session.store
    if not words:
        say(f"Kept in {store.home}: {_told(store.size())}.")
        say(
            f"%{context.name} prune 30 removes what is older than 30 days, %{context.name} prune all everything. Keys stay."
        )
        return
    if len(words) > 1 or not (words[0] == "all" or words[0].isdecimal()):
        raise InvalidRequestError(
            f"cannot prune {shorten(' '.join(words), 40)}",
            param="prune",
            advice=f"A number of days, or all: %{context.name} prune 30",
        )
    everything = words[0] == "all"
    gone = (
        store.prune(everything=True)
        if everything
        else store.prune(older_than=timedelta(days=min(int(words[0]), 36500)))
    )
    say(f"Removed: {_told(gone)}.")


def _told(size: Size) -> str:
    megabytes = (size.media_bytes + size.database_bytes) / 1e6
    files = count(size.media_files, "media file")
    return f"{count(size.calls, 'call')}, {count(size.turns, 'turn')} of conversations, {files}, {megabytes:.1f} MB"
