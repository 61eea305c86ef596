"""Work that may wait for a network, out of a callback's way: in a thread, or where threads may set nothing, in the callback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .worker import beside, in_colab


def aside(work: Callable[..., Any], *arguments: Any) -> None:
    """Run `work` in a thread and return at once; in Colab, which drops what threads set, run it now."""
    if in_colab():
        work(*arguments)
    else:
        beside(work, *arguments)
