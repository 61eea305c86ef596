"""Session: one place for the client, the defaults, the conversations and the ledger; one method a medium; no display.

The magics, the widgets and the functions of the module share the default session. A call is made ready first (`prepare`:
nothing is sent, every mistake is found) and then started, which gives an Operation.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from aiml_nb.catalogue import Catalogue, Model
from aiml_nb.client import Answer, Client
from aiml_nb.conversation import Conversations
from aiml_nb.errors import InvalidRequestError
from aiml_nb.operation import Operation
from aiml_nb.settings import Endpoint, Secret, course_defaults, resolve
from aiml_nb.store import Store

from . import chat as chat_work
from . import image as image_work
from .call import Call
from .ledger import Ledger
from .prepare import checked_defaults, prepare_chat, prepare_image_call

if TYPE_CHECKING:
    from aiml_nb.media.image import Images
    from aiml_nb.media.reply import Reply

__all__ = ["Call", "Session", "default"]


class Session:
    """Calls to one provider, with defaults.

    provider: a preset's name or a base URL; base_url, api_key: the pair to use; nothing at all: what the settings say.
    defaults: common words for every call of a medium that has them, such as `temperature=0`; also `timeout` in seconds, and
    `model_chat` and its kin. Raises InvalidRequestError for any other name.
    """

    def __init__(
        self,
        provider: str | None = None,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        store: Store | None = None,
        config: Mapping[str, Any] | None = None,
        **defaults: Any,
    ) -> None:
        self._given = {"at": provider, "base_url": base_url, "api_key": Secret(api_key) if api_key else None}
        self.config: Mapping[str, Any] = config or {}
        self.defaults = checked_defaults(defaults)
        self.store = store or Store()
        self.conversations = Conversations(self.store)
        self.ledger = Ledger(self.store, self.conversations.run)
        self.notebook = ""
        self._clients: dict[Endpoint, Client] = {}
        self._catalogues: dict[Endpoint, Catalogue] = {}
        self._lock = threading.RLock()

    def endpoint(self, at: str | None = None, *, need_key: bool = True) -> Endpoint:
        """Where a call goes: looked up anew each time, so that a new key needs no restart. Raises SettingsError."""
        given: dict[str, Any] = {"at": at}
        if at is None:
            given = {**self._given, "fallback": self.course().get("provider")}
        endpoint = resolve(**given, config=self.config, need_key=need_key)
        return _sandbox(endpoint) if endpoint.is_sandbox else endpoint

    def course(self) -> dict[str, Any]:
        """The defaults that the current folder's `aiml.toml` brings. Raises SettingsError for what it must not hold."""
        return course_defaults()

    def client(self, at: str | None = None, *, need_key: bool = True) -> Client:
        """The client of an endpoint, made once for each."""
        endpoint = self.endpoint(at, need_key=need_key)
        with self._lock:
            if endpoint not in self._clients:
                self._clients[endpoint] = Client(endpoint)
            return self._clients[endpoint]

    def catalogue(self, at: str | None = None, client: Client | None = None) -> Catalogue:
        """The catalogue of an endpoint; `client` saves looking it up."""
        client = client or self.client(at)
        folder = None if client.endpoint.is_sandbox else self.store.home / "catalogue"
        with self._lock:
            if client.endpoint not in self._catalogues:
                self._catalogues[client.endpoint] = Catalogue(client, folder)
            return self._catalogues[client.endpoint]

    def prepare(self, medium: str, prompt: str = "", **options: Any) -> Call:
        """A call made ready and not sent. Takes what `start` takes; raises InvalidRequestError and SettingsError.

        dry: it is only looked at, so a missing key is no error.
        """
        makers: dict[str, Callable[..., Call]] = {"chat": prepare_chat, "image": prepare_image_call}
        if medium not in makers:
            raise InvalidRequestError(
                f"there is no medium {medium!r}", param="medium", advice=f"It can be {' or '.join(makers)}."
            )
        return makers[medium](self, prompt, **options)

    def start(
        self,
        medium: str,
        prompt: str = "",
        *,
        model: str | None = None,
        attach: Any = None,
        conversation: str | None = None,
        **params: Any,
    ) -> Operation[Any]:
        """Begin a call: an Operation whose states are the growing result.

        medium: chat or image. attach: a file, URL, bytes, PIL image or figure, or a list of them. conversation: the name of
        one to go on with; None for a call that remembers nothing. params: the model's parameters in common words or its
        own; `at` another provider; `timeout` seconds; for chat also `system messages schema tools stream show`.
        """
        call = self.prepare(medium, prompt, model=model, attach=attach, conversation=conversation, **params)
        return self.send(call)

    def send(self, call: Call) -> Operation[Any]:
        """The Operation of a call that `prepare` made ready."""
        work = chat_work.run if call.medium == "chat" else image_work.run
        self.ledger.notebook = self.notebook
        return Operation(lambda op: work(call, self.ledger, op), medium=call.medium, model=call.model)

    def chat(
        self,
        prompt: str = "",
        *,
        model: str | None = None,
        attach: Any = None,
        conversation: str | None = None,
        **params: Any,
    ) -> Reply:
        """Ask a chat model; returns its Reply."""
        started = self.start("chat", prompt, model=model, attach=attach, conversation=conversation, **params)
        return cast("Reply", started.result())

    def image(
        self,
        prompt: str = "",
        *,
        model: str | None = None,
        attach: Any = None,
        conversation: str | None = None,
        **params: Any,
    ) -> Images:
        """Have a picture made; returns Images."""
        started = self.start("image", prompt, model=model, attach=attach, conversation=conversation, **params)
        return cast("Images", started.result())

    def request(self, method: str, path: str, *, at: str | None = None, **kw: Any) -> Answer:
        """Any verb on any path of the API: `json=`, `files=`, `data=`, `params=`, `headers=`, `timeout=`. Returns an Answer."""
        return self.client(at).request(method, path, **kw)

    def models(self, *, at: str | None = None, refresh: bool = False) -> list[Model]:
        """The provider's models."""
        return self.catalogue(at).models(refresh=refresh)

    def model(self, name: str, *, at: str | None = None) -> Model:
        """One model by id or alias. Raises InvalidRequestError that names the nearest."""
        return self.catalogue(at).model(name)

    def usage(self) -> list[dict[str, Any]]:
        """This session's calls, one row each: time, medium, model, tokens, cost (None where unknown)."""
        return self.store.calls.rows(run=self.conversations.run)

    def default_model(self, medium: str, at: str | None = None, client: Client | None = None) -> str:
        """The model used when a call names none: this session's, the configuration's, or the provider's preset."""
        endpoint = (client or self.client(at)).endpoint
        chosen = None
        if at is None:
            name = f"model_{medium}"
            chosen = self.defaults.get(name) or self.config.get(name) or self.course().get("models", {}).get(medium)
        chosen = chosen or endpoint.default_model(medium)
        if chosen is None and medium == "chat" and endpoint.is_local:
            chosen = next(iter(m.id for m in self.models(at=at)), None)
        if chosen is None:
            raise InvalidRequestError(
                f"no {medium} model is chosen for {endpoint.provider}",
                param="model",
                advice=f"Name one: %%{medium} -m MODEL.",
            )
        return str(chosen)

    def close(self) -> None:
        """Give back connections and the store."""
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()
            self._catalogues.clear()
        self.store.close()


_default: Session | None = None
_default_lock = threading.Lock()


def default() -> Session:
    """The one session that the magics, the widgets and the module's functions share."""
    global _default
    with _default_lock:
        if _default is None:
            _default = Session()
        return _default


def _sandbox(endpoint: Endpoint) -> Endpoint:
    """The endpoint of the built-in sandbox, started on first use."""
    from dataclasses import replace

    from aiml_nb import sandbox

    server = sandbox.shared()
    return replace(endpoint, base_url=server.url, key=Secret(server.key))
