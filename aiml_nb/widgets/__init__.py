"""The widgets: ChatPanel, Studio, ModelBrowser, Compare and UsageMeter, on the Session that the magics use.

They stand beside the magics and know nothing of them. Loading this loads ipywidgets; `aiml_nb` names them lazily.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: Where each widget is.
HOME = {
    "ChatPanel": "chat_panel",
    "Compare": "compare",
    "ModelBrowser": "browser",
    "Studio": "studio",
    "UsageMeter": "usage_meter",
}

__all__ = ["ChatPanel", "Compare", "ModelBrowser", "Studio", "UsageMeter"]


def __getattr__(name: str) -> Any:
    if name not in HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{HOME[name]}", __name__), name)
    globals()[name] = value
    return value
