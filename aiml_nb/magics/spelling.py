"""Which word was meant by one that is spelled almost like it, and which strange ones are some model's own."""

from __future__ import annotations

from collections.abc import Iterable


def near_word(name: str, words: Iterable[str]) -> str | None:
    """Which of `words` is so like `name` that it is meant, or is it; None when none is. Dashes are underscores."""
    known = {word.replace("-", "_"): word for word in words if len(word) > 2}
    import difflib

    found = difflib.get_close_matches(name.replace("-", "_"), known, 1, 0.8)
    return known[found[0]] if found else None


def is_models_own(name: str) -> bool:
    """True for what some model calls one of its parameters."""
    from ..schema.words import WORDS

    return any(name in names for words in WORDS.values() for names in words.values())
