"""The IPython display formatter that draws a bare Operation live. It knows the shell and `live`, nothing of drawings.

IPython's formatters catch every exception, print it, and let the cell count as a success. An operation that fails must
fail its cell, so it is drawn before the catching begins.
"""

from __future__ import annotations

from typing import Any

from IPython.core.formatters import IPythonDisplayFormatter

from ..operation import Operation
from . import live

#: The registries of a formatter; ours shares them with the one before it, so what others register there goes on working.
_REGISTRIES = ("singleton_printers", "type_printers", "deferred_printers")


class OperationFormatter(IPythonDisplayFormatter):
    """Draws an Operation; anything else is handed to the formatter that was there before."""

    before: Any = None

    def __call__(self, obj: Any) -> Any:
        """True when `obj` has drawn itself. Raises what the operation raised, so that its cell fails."""
        if isinstance(obj, Operation):
            live(obj)
            return True
        return self.before(obj)


def register(ip: Any) -> None:
    """Put an OperationFormatter in front of the shell's own formatter, unless it is there."""
    formatters = ip.display_formatter
    before = formatters.ipython_display_formatter
    if isinstance(before, OperationFormatter):
        return
    ours = OperationFormatter(parent=formatters)
    for name in _REGISTRIES:
        setattr(ours, name, getattr(before, name))
    ours.before = before
    formatters.ipython_display_formatter = ours


def unregister(ip: Any) -> None:
    """Put the formatter back that was there before."""
    formatters = ip.display_formatter
    ours = formatters.ipython_display_formatter
    if isinstance(ours, OperationFormatter):
        formatters.ipython_display_formatter = ours.before
