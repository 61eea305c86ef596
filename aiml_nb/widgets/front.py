"""The comforts that core widgets lack, one small anywidget with plain JavaScript beside this file; without anywidget, none.

`front("chat.js", heard)` gives the widget to put into a Panel, or None where anywidget is not installed. `heard` is called
with what the page sends (a dict) and its buffers. The page's word is a user's: each handler checks what it gets.
"""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: What one line says where anywidget is missing.
MISSING = "For Enter to send, drop and paste of files, copy buttons: pip install 'aiml-nb[lab]'"


def front(name: str, heard: Callable[[dict[str, Any], list[Any]], Any]) -> Any:
    """The widget that runs the JavaScript file `name` of this folder in the panel it stands in, or None."""
    kind = _kind(name)
    if kind is None:
        return None
    made = kind()
    made.layout.display = "none"
    made.on_msg(lambda _, content, buffers: heard(content, buffers) if isinstance(content, dict) else None)
    return made


@functools.cache
def _kind(name: str) -> Any:
    if importlib.util.find_spec("anywidget") is None:
        return None
    import anywidget

    source = Path(__file__).with_name(name).read_text("utf-8")
    return type("Front", (anywidget.AnyWidget,), {"_esm": source, "__repr__": lambda _: "Front()"})
