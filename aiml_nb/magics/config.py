"""`%config Aiml`: what the magics use when a line does not say otherwise.

A wrong value is refused with one line and the old one stays; it is never kept where a later `%config` or `%load_ext`
would trip over it. Keys have no place here: `%aiml key` asks for them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from traitlets import TraitError, TraitType
from traitlets.config import Config, Configurable

from .options import BY_MEDIUM

if TYPE_CHECKING:
    from ..session import Session

DISPLAYS = ("auto", "live", "final", "print")

#: The traits that hold each medium's model.
MODELS = tuple(f"model_{medium}" for medium in BY_MEDIUM)


class Setting(TraitType[Any, Any]):
    """A trait that never fails: a value which `check` refuses is reported and the present one stays."""

    def __init__(self, default: Any, help: str, check: Callable[[Any], Any], says: str) -> None:
        super().__init__(default_value=default, help=f"{help} ({says})", allow_none=True)
        self.check, self.says = check, says
        self.tag(config=True)

    def validate(self, obj: Any, value: Any) -> Any:
        """The checked value, or the one that is in force."""
        if value is None or value == "":
            return self.default_value
        try:
            return self.check(value)
        except (TraitError, TypeError, ValueError) as error:
            obj.refused[str(self.name)] = value
            detail = f": {error}" if isinstance(error, TraitError) else ""
            now = getattr(obj, str(self.name))
            print(f"Aiml.{self.name} cannot be {value!r}{detail}; it is {self.says}. It stays {now!r}.")  # noqa: T201
            return now


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value.strip()


def _url(value: Any) -> str:
    if not _text(value).startswith(("http://", "https://")):
        raise ValueError
    return _text(value)


def _seconds(value: Any) -> float:
    number = float(value)
    if isinstance(value, bool) or not 0 < number < float("inf"):
        raise ValueError
    return number


def _bool(value: Any) -> bool:
    if str(value).lower() not in ("true", "false", "1", "0"):
        raise ValueError
    return str(value).lower() in ("true", "1")


def _display(value: Any) -> str:
    if value not in DISPLAYS:
        raise ValueError
    return str(value)


def _provider(value: Any) -> str:
    from ..settings import PROVIDERS

    if value not in PROVIDERS:
        raise TraitError(f"there is {', '.join(PROVIDERS)}")
    return str(value)


class Aiml(Configurable):
    """The defaults of the magics."""

    def __init__(self, **kwargs: Any) -> None:
        self.refused: dict[str, Any] = {}
        self._applied: tuple[Session | None, dict[str, Any]] = (None, {})
        super().__init__(**kwargs)

    provider = Setting(None, "The provider that calls go to", _provider, "a provider's name")
    base_url = Setting(None, "The server that calls go to", _url, "an http or https URL")
    model_chat = Setting(None, "The model of %%chat", _text, "a model id")
    model_image = Setting(None, "The model of %%image", _text, "a model id")
    model_video = Setting(None, "The model of %%video", _text, "a model id")
    model_speech = Setting(None, "The model of %%speech", _text, "a model id")
    model_music = Setting(None, "The model of %%music", _text, "a model id")
    model_transcript = Setting(None, "The model of %%transcribe", _text, "a model id")
    model_embedding = Setting(None, "The model of %%embed", _text, "a model id")
    model_ocr = Setting(None, "The model of %%ocr", _text, "a model id")
    model_mesh = Setting(None, "The model of %%mesh", _text, "a model id")
    timeout = Setting(None, "How long to wait for an answer", _seconds, "seconds, above 0")
    display = Setting("auto", "How a call is drawn", _display, "one of auto, live, final, print")
    store_text = Setting(True, "Keep prompts and replies on this computer", _bool, "True or False")

    def apply(self, session: Session) -> None:
        """Make the session do as was set here; what was left alone stays the session's own, as a model chosen in a panel."""
        told = {"provider": self.provider, "base_url": self.base_url}
        session.config = {name: value for name, value in told.items() if value}
        session.store.store_text = self.store_text
        before = self._applied[1] if self._applied[0] is session else {}
        now = {name: getattr(self, name) for name in MODELS}
        for name, value in now.items():
            if value != before.get(name):
                session.defaults[name] = value
                if not value:
                    del session.defaults[name]
        self._applied = (session, now)

    def forget_refused(self) -> None:
        """Take refused values out of the shell's configuration, where `%config` has left them for the next load."""
        section = self.parent.config.get("Aiml", {}) if self.parent is not None else {}
        for name, value in self.refused.items():
            if section.get(name) == value:
                del section[name]

    def update_config(self, config: Config) -> None:
        """What `%config` calls. The values live in the traits alone, so a refused one is not met again."""
        self._load_config(config)
