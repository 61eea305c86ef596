"""The sandbox's paths: which handler answers where, with and without /v1, and behind /faults/NAME."""

from __future__ import annotations

from typing import Any

from tornado.web import Application

from .account_api import BalanceHandler, BillingHandler, KeyHandler, LogsHandler, UsageHandler
from .base import Handler
from .chat_api import ChatHandler
from .embeddings_api import EmbeddingsHandler
from .files_api import FileHandler
from .images_api import EditsHandler, GenerationsHandler
from .messages_api import MessagesHandler
from .models_api import DeprecationsHandler, ModelHandler, ModelsHandler, SchemaHandler
from .music_api import MusicHandler
from .ocr_api import OCRHandler
from .responses_api import ResponsesHandler
from .shop import Shop
from .speech_api import SpeechHandler
from .transcript_api import TranscriptHandler
from .video_api import VideoHandler

_FAULT = r"(?:/faults/(?P<fault>[^/]+))?"
_VERSION = r"(?:/v1|/v2|/api/v1)?"
_PATHS: tuple[tuple[str, type[Handler]], ...] = (
    (_VERSION + "/chat/completions", ChatHandler),
    (_VERSION + "/responses", ResponsesHandler),
    (_VERSION + "/messages", MessagesHandler),
    (_VERSION + "/embeddings", EmbeddingsHandler),
    (_VERSION + "/images/generations", GenerationsHandler),
    (_VERSION + "/images/edits", EditsHandler),
    (_VERSION + "/video/generations", VideoHandler),
    (_VERSION + "/generate/audio", MusicHandler),
    (_VERSION + "/tts", SpeechHandler),
    (_VERSION + "/stt/create", TranscriptHandler),
    (_VERSION + "/stt/(?P<job>.+)", TranscriptHandler),
    (_VERSION + "/ocr", OCRHandler),
    (_VERSION + "/models", ModelsHandler),
    (_VERSION + "/models/deprecations", DeprecationsHandler),
    (_VERSION + "/models/(?P<model>.+)", ModelHandler),
    ("(?P<wrapped>/model)/(?P<model>.+)", ModelHandler),
    ("/docs-json", SchemaHandler),
    ("/v2/billing(?P<detail>/detail)?", BillingHandler),
    ("/v1/billing/balance", BalanceHandler),
    ("/v2/usage(?P<detail>/detail)?", UsageHandler),
    ("/v2/logs", LogsHandler),
    (_VERSION + "/key", KeyHandler),
    ("/files/(?P<name>[0-9a-f]{32}\\.[a-z0-9]+)", FileHandler),
)


def application(shop: Shop) -> Application:
    """The Tornado application; it logs nothing."""
    arguments: dict[str, Any] = {"shop": shop}
    rules: list[Any] = [(_FAULT + path, handler, arguments) for path, handler in _PATHS]
    rules.append((_FAULT + "/.*", Handler, arguments))
    return Application(
        rules,
        default_handler_class=Handler,
        default_handler_args=arguments,
        log_function=shop.log,
    )
