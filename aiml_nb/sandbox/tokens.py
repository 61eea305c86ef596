"""Counting tokens by rule, cutting text to a limit, and made-up but steady timings. Pure functions of text.

The rule is four characters a token, which is near the truth for English. A real provider counts with its model's own
tokenizer.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

#: Characters that make one token.
CHARACTERS = 4
#: What one attachment and one message's frame count.
PER_ATTACHMENT = 256
PER_MESSAGE = 3

_WORD = re.compile(r"\s*\S{1,24}\s*|\s+")


def count(text: str) -> int:
    """Tokens in `text`, rounded up."""
    return -(-len(text) // CHARACTERS)


def cut(text: str, limit: int | None) -> tuple[str, bool]:
    """`text` within `limit` tokens, and whether something was cut off."""
    if limit is None or count(text) <= limit:
        return text, False
    return text[: max(0, limit) * CHARACTERS], True


def pieces(text: str) -> list[str]:
    """`text` in the pieces that a stream sends: a word each, whitespace kept."""
    return _WORD.findall(text)


def digest(value: Any) -> str:
    """A hash of any JSON value, as hex, the same on every machine."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def timings(text: str) -> dict[str, int]:
    """Milliseconds to the first token and in all, made from the content so that two runs print the same."""
    first = 120 + int(digest(text)[:4], 16) % 180
    return {"first_ms": first, "total_ms": first + 12 * max(1, count(text))}


def meta(text: str) -> dict[str, Any]:
    """The `meta` object of an answer: it cost nothing, and its steady timings."""
    return {"usage": {"credits_used": 0, "usd_spent": 0.0}, "timings": timings(text)}
