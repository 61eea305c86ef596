"""Every model of a model gateway, one notebook cell away.

    %load_ext aiml_nb              then %%chat, %%image, %aiml
    import aiml_nb as ai           ai.chat("Why is the sky blue?").text

Each name is imported when it is first used, so that loading costs next to nothing; this module knows only where they are.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .catalogue import DeprecationNotice as DeprecationNotice
    from .content import Attachment as Attachment
    from .content import Message as Message
    from .errors import AIMLError as AIMLError
    from .errors import APIConnectionError as APIConnectionError
    from .errors import APIError as APIError
    from .errors import APIStatusError as APIStatusError
    from .errors import APITimeoutError as APITimeoutError
    from .errors import AuthenticationError as AuthenticationError
    from .errors import BadRequestError as BadRequestError
    from .errors import BudgetError as BudgetError
    from .errors import CassetteError as CassetteError
    from .errors import InternalServerError as InternalServerError
    from .errors import Interrupted as Interrupted
    from .errors import InvalidRequestError as InvalidRequestError
    from .errors import JobError as JobError
    from .errors import NotFoundError as NotFoundError
    from .errors import PermissionDeniedError as PermissionDeniedError
    from .errors import RateLimitError as RateLimitError
    from .errors import SettingsError as SettingsError
    from .errors import StreamError as StreamError
    from .operation import Operation as Operation
    from .session import Session as Session
    from .widgets import ChatPanel as ChatPanel
    from .widgets import Compare as Compare
    from .widgets import ModelBrowser as ModelBrowser
    from .widgets import Studio as Studio
    from .widgets import UsageMeter as UsageMeter

    _default = Session()
    chat, image, video, speech, music = _default.chat, _default.image, _default.video, _default.speech, _default.music
    transcribe, embed, ocr, mesh = _default.transcribe, _default.embed, _default.ocr, _default.mesh
    generate, start, models, model = _default.generate, _default.start, _default.models, _default.model
    request, usage, jobs, resume = _default.request, _default.usage, _default.jobs, _default.resume

__all__ = [
    "AIMLError",
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "Attachment",
    "AuthenticationError",
    "BadRequestError",
    "BudgetError",
    "CassetteError",
    "ChatPanel",
    "Compare",
    "DeprecationNotice",
    "InternalServerError",
    "Interrupted",
    "InvalidRequestError",
    "JobError",
    "Message",
    "ModelBrowser",
    "NotFoundError",
    "Operation",
    "PermissionDeniedError",
    "RateLimitError",
    "Session",
    "SettingsError",
    "StreamError",
    "Studio",
    "UsageMeter",
    "chat",
    "embed",
    "generate",
    "image",
    "jobs",
    "load_ipython_extension",
    "mesh",
    "model",
    "models",
    "music",
    "ocr",
    "request",
    "resume",
    "speech",
    "start",
    "transcribe",
    "unload_ipython_extension",
    "usage",
    "video",
]

#: The default session's methods, as functions of this module.
_METHODS = frozenset(
    "chat embed generate image jobs mesh model models music ocr request resume speech start transcribe usage video".split()
)

#: Where the other names live; all that are left are errors.
_HOME = {
    "Attachment": "content",
    "DeprecationNotice": "catalogue",
    "Message": "content",
    "Operation": "operation",
    "Session": "session",
    "ChatPanel": "widgets",
    "Compare": "widgets",
    "ModelBrowser": "widgets",
    "Studio": "widgets",
    "UsageMeter": "widgets",
}

if sys.platform == "emscripten":
    print(  # noqa: T201 - the one thing a browser's user must know, said once
        "aiml_nb: in the browser (JupyterLite) calls, streaming and the sandbox do not work: there are no threads and no "
        "sockets here. Reading results and notebooks does."
    )


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _METHODS:
        return getattr(import_module(".session", __name__).default(), name)
    value = getattr(import_module(f".{_HOME.get(name, 'errors')}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*__all__, "__version__"})


def load_ipython_extension(ip: Any) -> None:
    """What `%load_ext aiml_nb` calls: adds the magics."""
    from .magics import load

    load(ip)


def unload_ipython_extension(ip: Any) -> None:
    """What `%unload_ext aiml_nb` calls: takes away all that loading added."""
    from .magics import unload

    unload(ip)
