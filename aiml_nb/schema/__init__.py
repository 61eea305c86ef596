"""One model's request schema: what it takes (`Form`), and how a request in common words becomes its own (`fit`).

    form = Form.from_json(schema, path="/v1/images/generations", model="flux-2")
    fitted = fit({"model": "flux-2", "prompt": "a cat", "size": "16:9", "n": "2"}, form)
    fitted.payload   # {"model": …, "prompt": …, "image_size": {"width": 1536, "height": 864}, "num_images": 2}

Pure: no network, no catalogue, no model known by name. Schemas are OpenAPI 3.0's, fetched by somebody else. What reads
them is loaded when first used: a plain chat needs none of it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .features import ChatFeatures
from .words import PROMPTS, ROLES, WORDS

if TYPE_CHECKING:
    from .chat import chat_features
    from .fitting import Fitted, fit
    from .form import Form, Parameter
    from .problem import Problem

__all__ = [
    "PROMPTS",
    "ROLES",
    "WORDS",
    "ChatFeatures",
    "Fitted",
    "Form",
    "Parameter",
    "Problem",
    "chat_features",
    "fit",
]

_HOME = {
    "Fitted": "fitting",
    "Form": "form",
    "Parameter": "form",
    "Problem": "problem",
    "chat_features": "chat",
    "fit": "fitting",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f".{_HOME[name]}", __name__), name)
    return value
