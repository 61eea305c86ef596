"""One model's request schema: what it takes (`Form`), and how a request in common words becomes its own (`fit`).

    form = Form.from_json(schema, path="/v1/images/generations", model="flux-2")
    fitted = fit({"model": "flux-2", "prompt": "a cat", "size": "16:9", "n": "2"}, form)
    fitted.payload   # {"model": …, "prompt": …, "image_size": {"width": 1536, "height": 864}, "num_images": 2}

Pure: no network, no catalogue, no model known by name. Schemas are OpenAPI 3.0's, fetched by somebody else.
"""

from __future__ import annotations

from .features import ChatFeatures, chat_features
from .fitting import Fitted, fit
from .form import Form, Parameter
from .problem import Problem
from .words import PROMPTS, ROLES, WORDS

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
