"""The catalogue: the models a provider has, as `GET /v1/models` tells, and each one's request schema, cached on disk.

Asking what is known never waits: `ids`, `find` and their kin look at memory and disk, and a stale or cold catalogue is fetched
meanwhile in a thread. `models`, `model` and `form` wait. It knows nothing of sessions or drawing.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import AIMLError, APIError, InvalidRequestError
from .cache import Cache
from .deprecation import Deprecation, DeprecationNotice, deprecation
from .model import Model

if TYPE_CHECKING:
    from ..client import Client

__all__ = ["Catalogue", "Deprecation", "DeprecationNotice", "Model", "deprecation"]

#: A cached list older than this is fetched anew in the background, in seconds.
STALE = 3600.0
#: A list that is not on the disk is looked for again after this many seconds: another kernel may have fetched it.
LOOK = 1.0

#: A schema that could not be had is not asked for again for this many seconds.
UNREAD = 60.0

_INCLUDE = {"include": "pricing,modalities,capabilities"}


class Catalogue:
    """The models of one provider. folder: where the list is cached, or None to keep it in memory only."""

    def __init__(self, client: Client, folder: Path | None) -> None:
        self._client = client
        self.cache = Cache(
            folder / hashlib.sha256(client.endpoint.base_url.encode()).hexdigest()[:16] if folder else None
        )
        self._lock = threading.Lock()
        self._index: dict[str, list[Model]] | None = None
        self._etag: str | None = None
        self._time = 0.0
        self._looked = float("-inf")
        self._fetching: threading.Thread | None = None
        #: Forms that somebody made of the schemas, by id and type; kept here because they belong to the provider.
        self.forms: dict[tuple[str, str], Any] = {}
        self._unread: dict[tuple[str, str], float] = {}
        #: Why the last fetch failed; empty when it did not.
        self.problem = ""

    @property
    def provider(self) -> str:
        """Whose models these are."""
        return self._client.endpoint.provider

    @property
    def time(self) -> float | None:
        """When the list was fetched, seconds since the epoch; None when there is none."""
        self._load()
        return self._time or None

    @property
    def is_rich(self) -> bool:
        """True when the list tells types and schemas, as the AI/ML API's does; False for bare lists, or none."""
        return any(model.schema_url for model in self._known()[:5])

    def ids(self, medium: str | None = None) -> list[str]:
        """Ids and aliases known now, of one medium if asked; never waits."""
        self.warm()
        models = [m for m in self._known() if medium is None or m.medium in ("", medium)]
        return list(dict.fromkeys(name for model in models for name in model.names))

    def find(self, name: str, types: Iterable[str] = ()) -> Model | None:
        """The model with this id or alias, if known now, rather one of these types; never waits."""
        rows = self.rows(name)
        wanted = tuple(types)
        return next((m for kind in wanted for m in rows if m.type == kind), rows[0] if rows else None)

    def rows(self, name: str) -> list[Model]:
        """Every row of this id or alias, one a type of endpoint, as far as known now; never waits."""
        self._load()
        index = self._index or {}
        return index.get(name) or index.get(name.lower()) or []

    def models(self, *, refresh: bool = False) -> list[Model]:
        """All models. Waits for the list when there is none, or when `refresh`; a provider that is down gives the cached
        one and `problem` says so. Raises what the client raises when there is none either.
        """
        self._load()
        if refresh or not self._index:
            try:
                self._fetch()
            except AIMLError as error:
                self.problem = str(error)
                if not self._index:
                    raise
        return self._known()

    def search(self, words: str = "", *, medium: str | None = None) -> list[Model]:
        """Models whose id, name, developer, description or capabilities have all the words, and that serve the medium."""
        wanted = words.lower().split()
        return [
            model
            for model in self.models()
            if (medium is None or model.medium == medium) and all(word in _haystack(model) for word in wanted)
        ]

    def model(self, name: str, types: Iterable[str] = ()) -> Model:
        """The model with this id or alias. Raises InvalidRequestError that names the nearest ones."""
        self.models()
        found = self.find(name, types)
        if found is None:
            raise InvalidRequestError(
                f"the catalogue of {self.provider} has no model {name!r}",
                param="model",
                advice=self.nearest(name) or "%aiml models lists them.",
            )
        return found

    def nearest(self, name: str) -> str:
        """A sentence that names the models most like `name`, from what is known now; empty when nothing is."""
        lowered = {n.lower(): n for model in self._known() for n in model.names}
        from difflib import get_close_matches

        near = [lowered[n] for n in get_close_matches(name.lower(), lowered, 3, 0.4)]
        return f"Nearest: {', '.join(near)}." if near else ""

    def schema(self, model: Model) -> tuple[str, dict[str, Any]] | None:
        """The path and JSON schema of the model's request; None where the provider publishes none. Waits when cold."""
        if not model.schema_url:
            return None
        kept = self.cache.schema(model.id, model.type)
        if kept is None:
            kept = self._fetched_schema(model)
            self.cache.keep_schema(model.id, model.type, kept)
        return kept

    def _fetched_schema(self, model: Model) -> tuple[str, dict[str, Any]]:
        """The schema as the provider gives it. One that could not be had is not waited for again for a while."""
        key = (model.id, model.type)
        if time.monotonic() < self._unread.get(key, 0.0):
            raise APIError("the model's schema could not be read a moment ago", advice="Ask again in a minute.")
        address = self._client.endpoint.origin + _on_own_host(model.schema_url)
        try:
            return _request_schema(self._client.request("GET", address, timeout=15).json())
        except AIMLError:
            self._unread[key] = time.monotonic() + UNREAD
            raise

    def warm(self) -> None:
        """Fetch a cold or stale list in the background; returns at once."""
        self._load()
        with self._lock:
            busy = self._fetching is not None and self._fetching.is_alive()
            if busy or time.time() - self._time < STALE:
                return
            self._fetching = threading.Thread(target=self._quietly, name="aiml-nb-catalogue", daemon=True)
            self._fetching.start()

    def wait(self, seconds: float) -> None:
        """Wait for a fetch under way, at most this long."""
        thread = self._fetching
        if thread is not None:
            thread.join(seconds)

    def _quietly(self) -> None:
        try:
            self._fetch()
        except (AIMLError, OSError, RuntimeError) as error:
            self.problem = str(error)

    def _fetch(self) -> None:
        headers = {"If-None-Match": self._etag} if self._etag and self._index else {}
        answer = self._client.request("GET", "/v1/models", params=_INCLUDE, headers=headers, timeout=20)
        self.problem, self._time = "", time.time()
        if answer.status == 304:
            self.cache.renew()
            return
        rows = _rows(answer.json())
        self._index, self._etag = _indexed(rows), answer.headers.get("etag")
        self.cache.keep_list(rows, self._etag)

    def _load(self) -> None:
        now = time.monotonic()
        if self._index is not None or now - self._looked < LOOK:
            return
        self._looked = now
        if (kept := self.cache.list()) is not None:
            rows, self._etag, self._time = kept
            with contextlib.suppress(TypeError, AttributeError):
                self._index = _indexed(rows)

    def _known(self) -> list[Model]:
        self._load()
        return list({id(model): model for rows in (self._index or {}).values() for model in rows}.values())


def _rows(answer: Any) -> list[Any]:
    """The rows of any server's list: `{"data": […]}`, `{"models": […]}` or a plain array."""
    rows = answer
    if isinstance(answer, Mapping):
        rows = answer.get("data", answer.get("models"))
    if not isinstance(rows, list):
        raise APIError(
            "the answer is not a list of models", advice="Is the base URL that of an API? See `%aiml doctor`."
        )
    return rows


def _indexed(rows: list[Any]) -> dict[str, list[Model]]:
    """Models by id, then by alias, exact and in lower case; an id goes before another model's alias."""
    models = [model for model in map(Model.from_json, rows) if model is not None]
    table: dict[str, list[Model]] = {}
    for model in models:
        table.setdefault(model.id, []).append(model)
    owners = {name: found[0].id for name, found in table.items()}
    for model in models:
        for name in (*model.names, *(n.lower() for n in model.names)):
            if owners.setdefault(name, model.id) == model.id and model not in table.setdefault(name, []):
                table[name].append(model)
    return table


def _request_schema(document: Any) -> tuple[str, dict[str, Any]]:
    """The path and the body's schema in an OpenAPI document. Raises APIError when it holds none."""
    from ..schema.document import request_schema

    try:
        return request_schema(document)
    except (ValueError, RecursionError) as error:
        raise APIError(
            "the model's schema cannot be read",
            advice="The call can go without it: the parameters are then not checked.",
        ) from error


def _on_own_host(url: str) -> str:
    """Path and query of a schema's address: it is asked of the very server that the calls go to."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _haystack(model: Model) -> str:
    words = (
        *model.names,
        model.name,
        model.developer,
        model.description,
        model.type,
        *model.capabilities,
        *model.outputs,
    )
    return " ".join(words).lower()
