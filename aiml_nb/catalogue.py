"""The catalogue: the models a provider has, as `GET /v1/models` tells, cached on disk with its ETag.

Asking what is known never waits: `ids`, `find` and `price` look at memory and disk, and a stale or cold catalogue is fetched
meanwhile in a thread. `models` and `model` wait. It reads the AI/ML API's rich list and the plain lists of other servers
(OpenAI, vLLM, Ollama). It knows nothing of media, sessions or drawing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .costs import Cost, Usage
from .errors import AIMLError, APIError, InvalidRequestError

if TYPE_CHECKING:
    from .client import Client

#: A cached list older than this is fetched anew in the background, in seconds.
STALE = 3600.0

_INCLUDE = {"include": "pricing,modalities,capabilities"}


@dataclass(frozen=True, slots=True)
class Model:
    """One model, as the catalogue tells of it. context and output_max: tokens, None where unknown."""

    id: str
    aliases: tuple[str, ...] = ()
    type: str = ""
    name: str = ""
    developer: str = ""
    description: str = ""
    context: int | None = None
    output_max: int | None = None
    pricing: Mapping[str, Any] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, row: Any) -> Model | None:
        """From one row of any server's list; None for a row without an id."""
        if isinstance(row, str):
            return cls(row)
        if not isinstance(row, Mapping):
            return None
        name = row.get("id") or row.get("name") or row.get("model")
        if not isinstance(name, str) or not name:
            return None
        info = row.get("info")
        info = info if isinstance(info, Mapping) else row
        return cls(
            name,
            tuple(a for a in row.get("aliases") or () if isinstance(a, str)),
            _text(row.get("type")),
            _text(info.get("name")),
            _text(info.get("developer")) or _text(row.get("owned_by")),
            _text(info.get("description")),
            _positive(info.get("contextLength") or row.get("context_length") or row.get("max_model_len")),
            _positive(info.get("outputMax")),
            row["pricing"] if isinstance(row.get("pricing"), Mapping) else {},
            row,
        )

    def cost(self, usage: Usage | None) -> Cost | None:
        """What the tokens of `usage` cost at the listed price; None where the price isn't fixed by the token."""
        rates = self.rates()
        if usage is None or usage.input is None or usage.output is None or not {"input", "output"} <= rates.keys():
            return None
        return Cost(usage.input * rates["input"] + usage.output * rates["output"], None, "catalogue")

    def rates(self) -> dict[str, float]:
        """US dollars a unit by what is measured (`input`, `output` for tokens), where the price is fixed."""
        units = self.pricing.get("units") if self.pricing.get("kind") == "fixed" else None
        found: dict[str, float] = {}
        for unit in units if isinstance(units, list) else ():
            with contextlib.suppress(TypeError, ValueError, KeyError, ZeroDivisionError, AttributeError):
                found[str(unit.get("measure") or unit["name"])] = float(unit["price"]) / float(unit.get("per") or 1)
        return found

    @property
    def price(self) -> str:
        """The price in words, or "price unknown"."""
        rates = self.rates()
        if {"input", "output"} <= rates.keys():
            return f"${rates['input'] * 1e6:g} in, ${rates['output'] * 1e6:g} out for a million tokens"
        told = [f"${rate:g} for each {what}" for what, rate in rates.items()]
        return ", ".join(told) or "price unknown"


class Catalogue:
    """The models of one provider. folder: where the list is cached, or None to keep it in memory only."""

    def __init__(self, client: Client, folder: Path | None) -> None:
        self._client = client
        self._file = folder / f"{_key(client.endpoint.base_url)}.json" if folder else None
        self._lock = threading.Lock()
        self._rows: dict[str, Model] | None = None
        self._etag: str | None = None
        self._time = 0.0
        self._fetching: threading.Thread | None = None

    @property
    def time(self) -> float | None:
        """When the list was fetched, seconds since the epoch; None when there is none."""
        self._load()
        return self._time or None

    def ids(self) -> list[str]:
        """Ids and aliases known now; never waits."""
        self.warm()
        return [name for model in self._known() for name in (model.id, *model.aliases)]

    def find(self, name: str) -> Model | None:
        """The model with this id or alias, if known now; never waits."""
        self._load()
        return (self._rows or {}).get(name) or (self._rows or {}).get(name.lower())

    def models(self, *, refresh: bool = False) -> list[Model]:
        """All models; waits for the list when there is none, or always with `refresh`. Raises what the client raises."""
        self._load()
        if refresh or not self._rows:
            self._fetch()
        return self._known()

    def model(self, name: str) -> Model:
        """The model with this id or alias. Raises InvalidRequestError that names the nearest ones."""
        self.models()
        found = self.find(name)
        if found is None:
            raise InvalidRequestError(
                f"the catalogue of {self._client.endpoint.provider} has no model {name!r}",
                param="model",
                advice=self.nearest(name),
            )
        return found

    def nearest(self, name: str) -> str:
        """A sentence that names the models most like `name`, from what is known now; empty when nothing is."""
        known = [n for model in self._known() for n in (model.id, *model.aliases)]
        lowered = {n.lower(): n for n in known}
        near = [lowered[n] for n in get_close_matches(name.lower(), lowered, 3, 0.4)]
        return f"Nearest: {', '.join(near)}." if near else ""

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
        with contextlib.suppress(AIMLError, OSError, RuntimeError):
            self._fetch()

    def _fetch(self) -> None:
        headers = {"If-None-Match": self._etag} if self._etag and self._rows else {}
        answer = self._client.request("GET", "/v1/models", params=_INCLUDE, headers=headers, timeout=20)
        if answer.status == 304:
            self._keep(None)
            return
        rows = _rows(answer.json())
        self._rows, self._etag, self._time = _index(rows), answer.headers.get("etag"), time.time()
        self._keep(rows)

    def _keep(self, rows: list[Any] | None) -> None:
        """Write the cache; without rows only its time is renewed. A cache that cannot be written is no reason to fail."""
        self._time = time.time()
        if self._file is None:
            return
        with contextlib.suppress(OSError):
            if rows is None:
                os.utime(self._file)
                return
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = self._file.with_suffix(f".{os.getpid()}.part")
            draft.write_text(json.dumps({"etag": self._etag, "rows": rows}))
            draft.replace(self._file)

    def _load(self) -> None:
        if self._rows is not None or self._file is None:
            return
        with contextlib.suppress(OSError, ValueError, AttributeError, TypeError):
            import msgspec

            kept = msgspec.json.decode(self._file.read_bytes())
            self._rows, self._etag = _index(kept["rows"]), kept.get("etag")
            self._time = self._file.stat().st_mtime

    def _known(self) -> list[Model]:
        self._load()
        return list({id(model): model for model in (self._rows or {}).values()}.values())


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


def _index(rows: list[Any]) -> dict[str, Model]:
    """Models by id, then by alias, exact and in lower case; an id goes before another model's alias."""
    models = [model for model in map(Model.from_json, rows) if model is not None]
    table: dict[str, Model] = {}
    for model in models:
        table.setdefault(model.id, model)
    for model in models:
        for name in (model.id, *model.aliases):
            table.setdefault(name, model)
            table.setdefault(name.lower(), model)
    return table


def _key(base_url: str) -> str:
    return hashlib.sha256(base_url.encode()).hexdigest()[:16]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _positive(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and value > 0 else None
