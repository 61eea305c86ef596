"""Draws an operation while it runs: `live(op)` pulls its states in the calling thread and shows them where the user looks.

    live    somebody watches: one display handle, updated as the state grows
    final   nobody watches (nbclient, nbval, papermill, Voila): the result once, at the end
    print   a terminal, or plain Python: the text as it comes

What it draws is told by the states, which know nothing of this package. A state has

    _live_html_() -> str          how it looks now, as safe HTML; asked for in another thread while the next one is worked
                                  out, so reading it must be safe while it grows, and never asked for twice at once
    _repr_mimebundle_() -> data or (data, metadata)          how it looks in the end
    _twin_() -> str               the same for a reader without pictures and colours

and may have

    text: str                     what a terminal shows as it grows
    _footer_() -> str             the line under it (model, times, cost), for a terminal
    _displays_() -> list          mime bundles, when one output is not enough: a picture, then the line under it
    show_footer: bool             set to `live`'s `footer`
    partial: bool                 true when it was stopped or cut; it then says so itself, else this package adds a mark

The same operation leaves the same outputs in live and in final mode, so a notebook that was run by hand passes nbval.
This package knows nothing of media, prompts or providers, and loading it loads no IPython.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import Interrupted
from ..operation import Operation

if TYPE_CHECKING:
    from .drawings import Drawing

__all__ = ["live", "register", "unregister"]

T = TypeVar("T")


def live(op: Operation[T], *, quiet: bool = False, mode: str | None = None, footer: bool = True) -> T:
    """Run `op` to its end and draw it on the way; returns its last state.

    quiet: draw nothing. mode: "live", "final" or "print"; by default what `AIML_NB_DISPLAY` says, else what the front end is.
    footer: show the line under the result.
    Raises what the work raised, with the state so far left on screen and marked; Interrupted for Ctrl-C, likewise.
    """
    from .drawings import drawing

    canvas = drawing(op, quiet=quiet, mode=mode, footer=footer)
    if op.done:
        return _again(op, canvas)
    try:
        canvas.begin()
        for state in op:
            canvas.show(state)
        result = op.result()
        canvas.end(result)
    except KeyboardInterrupt as stop:
        _end(op, canvas, "stopped")
        if isinstance(stop, Interrupted):
            raise
        raise Interrupted("stopped" if op.state is None else "stopped; what had come is kept") from None
    except BaseException:
        _end(op, canvas, "not finished")
        raise
    return result


def _end(op: Operation[T], canvas: Drawing, mark: str) -> None:
    """End the work, which may mark its state as partial, and then draw that state for the last time."""
    canvas.still()
    op.close()
    canvas.end(op.state, mark)


def _again(op: Operation[T], canvas: Drawing) -> T:
    """Show an operation that has ended. One that was stopped shows what it has, and does not stop the cell anew."""
    stopped = isinstance(op.error, KeyboardInterrupt)
    if op.state is not None:
        canvas.end(op.state, "stopped" if stopped else "not finished" if op.error else "")
        if stopped:
            return op.state
    return op.result()


def register(ip: Any) -> None:
    """Make the shell `ip` draw an Operation live where one is the last expression of a cell. Twice is once."""
    from .formatter import register as put

    put(ip)


def unregister(ip: Any) -> None:
    """Take back what `register` did."""
    from .formatter import unregister as take

    take(ip)
