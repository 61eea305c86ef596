"""What the commands say beside their answers: on stderr, short, without keys. Knows no command."""

from __future__ import annotations

import re
import sys

from ..errors import AIMLError, shorten

# What a terminal would obey rather than show: a model's text must not move the cursor or rename the window.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Text without what would steer a terminal."""
    return _CONTROLS.sub("", text)


def say(text: str) -> None:
    """A line on stderr."""
    print(text, file=sys.stderr, flush=True)


def failed(error: Exception) -> int:
    """Tell an error in one or two lines, without any key in them."""
    from ..settings import scrub

    if isinstance(error, AIMLError):
        say(scrub(f"aiml-nb: {shorten(error.message, 300)}"))
        if error.advice:
            say(scrub(shorten(error.advice, 300)))
    else:
        say(scrub(f"aiml-nb: {type(error).__name__}: {shorten(str(error), 300)}"))
    return 1
