"""A text that arrives in pieces: cheap to add to, joined when somebody looks.

A key in it, which a server or a model may spell out piece by piece, is taken out; it knows nothing else of what the
text says.
"""

from __future__ import annotations

from ..settings.secret import holds_key, scrub

#: How much of the text before is looked at together with a new piece: the beginning of a key may stand there.
_OVERLAP = 16


class Growing:
    """A text that grows by pieces in one thread and is read in any: reading joins what is new since the last time."""

    __slots__ = ("_parts", "_read", "_tells")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._read: tuple[int, str] = (0, "")
        self._tells = False

    def __bool__(self) -> bool:
        return bool(self._parts)

    def add(self, piece: str) -> None:
        """Put `piece` at the end."""
        self._parts.append(piece)

    def __str__(self) -> str:
        known, text = self._read
        count = len(self._parts)
        if count > known:
            new = "".join(self._parts[known:count])
            self._tells = self._tells or holds_key(text[-_OVERLAP:] + new)
            text += new
            self._read = (count, text)
        return scrub(mended(text)) if self._tells else mended(text)


def mended(text: str) -> str:
    """`text` with the surrogate pairs joined that a server split over two chunks, and lone ones replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
