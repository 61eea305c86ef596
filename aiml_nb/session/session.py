"""The Session: it looks up where calls go, makes them ready and starts them.

The magics, the widgets and the functions of the module share the default one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from ..catalogue import Catalogue, Model, deprecation
from ..catalogue.deprecation import Warner
from ..client import Answer, Client
from ..conversation import Conversations
from ..errors import InvalidRequestError
from ..operation import Operation
from ..settings import Endpoint, Secret, course_defaults, resolve
from ..store import Store
from . import chat
from .call import Call
from .fitting import is_gateway, naming_nearest
from .kinds import KINDS
from .ledger import Ledger
from .money import Money
from .prepare import checked_defaults, prepare_chat, prepare_generation

if TYPE_CHECKING:
    from ..media.audio import Audio
    from ..media.embedding import Embeddings
    from ..media.image import Images
    from ..media.mesh import Mesh
    from ..media.ocr import Document
    from ..media.reply import Reply
    from ..media.transcript import Transcript
    from ..media.video import Video


#: The magics that are not called like their medium.
_CALLED = {"transcript": "transcribe", "embedding": "embed"}


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
        self._given: dict[str, Any] = {
            "at": provider,
            "base_url": base_url,
            "api_key": Secret(api_key) if api_key else None,
        }
        self.config: Mapping[str, Any] = config or {}
        self.defaults = checked_defaults(defaults)
        self.store = store or Store()
        self.conversations = Conversations(self.store)
        self.ledger = Ledger(self.store, self.conversations.run)
        self.money = Money(self.store, self.conversations.run)
        self.warner = Warner()
        self.notebook = ""
        self._clients: dict[Endpoint, Client] = {}
        self._catalogues: dict[Endpoint, Catalogue] = {}
        self._lock = threading.RLock()

    def endpoint(self, at: str | None = None, *, need_key: bool = True) -> Endpoint:
        """Where a call goes: looked up anew each time, so that a new key needs no restart. Raises SettingsError."""
        given: dict[str, Any] = {"at": at}
        if at is None and self._given["base_url"] and self._given["api_key"]:
            return self._pair
        if at is None:
            given = {**self._given, "fallback": self.course().get("provider")}
        endpoint = resolve(**given, config=self.config, need_key=need_key)
        return _sandbox(endpoint) if endpoint.is_sandbox else endpoint

    @cached_property
    def _pair(self) -> Endpoint:
        """The endpoint of a base URL and a key that were both given: nothing else can change it."""
        return resolve(**self._given)

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
        with self._lock:
            if client.endpoint not in self._catalogues:
                folder = None if client.endpoint.is_sandbox else self.store.home / "catalogue"
                self._catalogues[client.endpoint] = Catalogue(client, folder)
            return self._catalogues[client.endpoint]

    def prepare(self, medium: str, prompt: Any = "", **options: Any) -> Call:
        """A call made ready and not sent. Takes what `start` takes; raises InvalidRequestError and SettingsError.

        dry: it is only looked at, so a missing key is no error.
        """
        if medium not in KINDS:
            raise InvalidRequestError(
                f"there is no medium {medium!r}", param="medium", advice=f"It is one of {', '.join(KINDS)}."
            )
        if medium == "chat":
            return prepare_chat(self, prompt, **options)
        if options.get("save") is not None:
            from . import saving

            options["save"] = str(options["save"])
            saving.check(medium, options["save"])
        return prepare_generation(self, medium, prompt, **options)

    def start(
        self,
        medium: str,
        prompt: Any = "",
        *,
        model: str | None = None,
        attach: Any = None,
        conversation: str | None = None,
        **params: Any,
    ) -> Operation[Any]:
        """Begin a call: an Operation whose states are the growing result.

        medium: chat, image, video, speech, music, transcript, embedding, ocr or mesh. attach: a file, URL, bytes, PIL image
        or figure, or a list of them. conversation: the name of one to go on with; None for a call that remembers nothing.
        params: the model's parameters in common words or its own; `at` another provider; `timeout` seconds; `save` a path;
        for chat also `system messages schema tools stream show`.
        """
        call = self.prepare(medium, prompt, model=model, attach=attach, conversation=conversation, **params)
        return self.send(call)

    def send(self, call: Call) -> Operation[Any]:
        """The Operation of a call that `prepare` made ready. Raises BudgetError where that is used up."""
        run = _runner(call)
        self.ledger.notebook = self.notebook
        if is_gateway(call):
            self.warner.warn(deprecation(call.model))

        def work(op: Operation[Any]) -> Iterator[Any]:
            return naming_nearest(call, run(call, self.ledger, op))

        if self.money.limited:
            self.money.check(call)
            return Operation(self.money.guarded(call, work), medium=call.medium, model=call.model)
        return Operation(work, medium=call.medium, model=call.model)

    def chat(self, prompt: str = "", **options: Any) -> Reply:
        """Ask a chat model; returns its Reply. Takes what `start` takes, as all of these do."""
        return cast("Reply", self.start("chat", prompt, **options).result())

    def image(self, prompt: str = "", **options: Any) -> Images:
        """Have pictures made, or changed: attach them; returns Images."""
        return cast("Images", self.start("image", prompt, **options).result())

    def video(self, prompt: str = "", **options: Any) -> Video:
        """Have a film made; returns a Video. It takes minutes."""
        return cast("Video", self.start("video", prompt, **options).result())

    def speech(self, text: str = "", **options: Any) -> Audio:
        """Have a text read aloud; returns Audio."""
        return cast("Audio", self.start("speech", text, **options).result())

    def music(self, prompt: str = "", **options: Any) -> Audio:
        """Have music made; returns Audio."""
        return cast("Audio", self.start("music", prompt, **options).result())

    def transcribe(self, prompt: str = "", **options: Any) -> Transcript:
        """Have a recording (`attach=`, or its URL as the prompt) written down; returns a Transcript."""
        return cast("Transcript", self.start("transcript", prompt, **options).result())

    def embed(self, texts: str | list[str] = "", **options: Any) -> Embeddings:
        """Have texts turned into vectors; returns Embeddings, one for each."""
        return cast("Embeddings", self.start("embedding", texts, **options).result())

    def ocr(self, prompt: str = "", **options: Any) -> Document:
        """Have a scan or PDF (`attach=`, or its URL as the prompt) read; returns a Document."""
        return cast("Document", self.start("ocr", prompt, **options).result())

    def mesh(self, prompt: str = "", **options: Any) -> Mesh:
        """Have a picture (`attach=`) made into a 3D shape; returns a Mesh."""
        return cast("Mesh", self.start("mesh", prompt, **options).result())

    def generate(self, prompt: Any = "", *, model: str, at: str | None = None, **options: Any) -> Any:
        """Have `model` do what it does: the medium is picked by the catalogue."""
        return self.start(self.medium(model, at), prompt, model=model, at=at, **options).result()

    def medium(self, model: str, at: str | None = None) -> str:
        """The medium of a model, by the catalogue. Raises InvalidRequestError where that does not tell."""
        entry = self.catalogue(at).model(model)
        if not entry.medium:
            raise InvalidRequestError(
                f"the catalogue does not tell what {model} makes",
                param="model",
                advice="Use the medium's own magic: %%image, …",
            )
        return entry.medium

    def jobs(self, limit: int = 50) -> list[dict[str, Any]]:
        """The generations that take time, newest first, of all sessions: state, model, prompt, files."""
        from .jobs import listed

        return listed(self, limit)

    def resume(self, job_id: str | None = None, *, at: str | None = None) -> Operation[Any]:
        """Collect a job that an earlier call, kernel or machine began; by default the last one that has no end.

        at: where to ask, for a job of a server without a name. Nothing is created or paid for again.
        Raises InvalidRequestError when there is no such job.
        """
        from .jobs import resume

        return resume(self, job_id, at=at)

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
                advice=f"Name one: %%{_CALLED.get(medium, medium)} -m MODEL; %aiml models --medium {medium} lists them.",
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


def _runner(call: Call) -> Callable[[Call, Ledger, Operation[Any]], Iterator[Any]]:
    """The work of a call, by how its answer comes."""
    if call.medium == "chat":
        return chat.run
    if call.kind.job:
        from .job import run
    else:
        from .answer import run
    return run


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

    from .. import sandbox

    server = sandbox.shared()
    return replace(endpoint, base_url=server.url, key=Secret(server.key), key_source="the sandbox itself")
