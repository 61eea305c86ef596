"""What stands around every result: notes above, the line with model, time and cost below. The body is the result's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..render import parts
from ..render.text import visible
from .drawing import seconds, tokens

if TYPE_CHECKING:
    from .result import Result


def html(result: Result) -> str:
    """Notes, body and footer."""
    above = "".join(parts.note(note) for note in result.notes)
    warning = "partial: the answer was broken off" if result.partial else ""
    below = parts.footer(numbers(result), warning=warning) if result.show_footer else ""
    return above + result.body(html=True) + below


def twin(result: Result) -> str:
    """The same as text."""
    footer = f"[{' · '.join(numbers(result))}]" if result.show_footer else ""
    pieces = [*(f"[{note}]" for note in result.notes), result.body(html=False)]
    partial = "[partial: the answer was broken off]" if result.partial else ""
    return visible("\n".join(part for part in [*pieces, partial, footer] if part))


def numbers(result: Result) -> list[str]:
    """The footer's parts: model, time, tokens, cost, whom it came from, where it was saved."""
    told = [result.model, seconds(result.total)]
    if result.usage is not None:
        told.append(tokens(result.usage.input, result.usage.output))
    told.append(str(result.cost) if result.cost is not None else "cost unknown")
    if result.provider == "sandbox":
        told.append("sandbox")
    told += [f"saved as {path}" for path in result.saved]
    return [part for part in told if part]


def waiting(result: Result) -> str:
    """What stands in the cell until the end, which alone carries the files."""
    return parts.note(f"{result.model}: received")
