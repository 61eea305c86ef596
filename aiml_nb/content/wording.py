"""Small words that the rest of the room shares: a size that people read, the nearest right name, text that can be sent.

Pure functions on text and numbers; nothing here knows what an attachment or a message is.
"""

from __future__ import annotations

from collections.abc import Iterable


def human_size(count: int) -> str:
    """`count` bytes in decimal units: `12 bytes`, `9.5 kB`, `410 kB`, `1.9 MB`."""
    if count < 1000:
        return f"{count} byte{'s' * (count != 1)}"
    if count < 999_500:
        return f"{count / 1e3:.0f} kB" if count >= 9950 else f"{count / 1e3:.1f} kB"
    return f"{count / 1e6:.1f} MB" if count < 999_950_000 else f"{count / 1e9:.1f} GB"


def nearest(word: str, known: Iterable[str], count: int = 1) -> list[str]:
    """The names in `known` most like `word`, upper and lower case alike; none when nothing is near."""
    by_lower: dict[str, str] = {}
    for name in known:
        by_lower.setdefault(name.lower(), name)
    import difflib

    return [by_lower[found] for found in difflib.get_close_matches(word.lower(), by_lower, count, 0.6)]


def repair(text: str) -> str:
    """`text` that can be encoded: halves of a surrogate pair joined, one that stands alone replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
