"""What is wrong with a request, as values, and the one error that tells all of it, the first words saying the most.

Pure text: nothing here knows a schema, a model's names or the network.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from ..errors import InvalidRequestError, shorten

#: How many allowed values a message lists before it only counts them.
LISTED = 12


class Problem(Struct, frozen=True):
    """One thing that is wrong. param: the word the user typed. text: one sentence. advice: what to do; may be empty."""

    param: str
    text: str
    advice: str = ""


def refusal(problems: Sequence[Problem]) -> InvalidRequestError:
    """All of `problems` (at least one) as one error; its `param` is the first one's."""
    texts = list(dict.fromkeys(problem.text for problem in problems))
    advice = " ".join(dict.fromkeys(problem.advice for problem in problems if problem.advice))
    text = texts[0] if len(texts) == 1 else f"{len(texts)} problems: {'; '.join(texts)}"
    return InvalidRequestError(text, param=problems[0].param, advice=advice)


def listing(values: Iterable[Any], most: int = LISTED) -> str:
    """`a, b or c`, at most `most` of them; of more, how many there are besides."""
    told = [shown(value) for value in values]
    if len(told) > most:
        return f"{', '.join(told[:most])} … ({len(told) - most} more)"
    return " or ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)


def shown(value: Any, length: int = 40) -> str:
    """A value as a user writes it: text without quotes, true and false as JSON has them, cut to `length`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, dict | list):
        value = json.dumps(value, default=str, ensure_ascii=False)
    return shorten(str(value), length) or '""'
