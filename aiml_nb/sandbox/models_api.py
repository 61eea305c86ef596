"""The catalogue: /v1/models, /model/ID, /v1/models/deprecations, /docs-json, in the provider's documented forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tornado.web import RequestHandler

from . import catalogue
from .base import Handler
from .catalogue import ENDPOINTS, SECTIONS, Model
from .deprecated import feed
from .refusal import TIMESTAMP, Refusal

_Values = Callable[[dict[str, Any]], list[str]]
_FILTERS: dict[str, _Values] = {
    "id": lambda row: [row["id"], *row["aliases"]],
    "type": lambda row: [row["type"]],
    "tags": lambda row: row["tags"],
    "capabilities": lambda row: row["capabilities"],
    "input_modalities": lambda row: row["modalities"]["input"],
    "output_modalities": lambda row: row["modalities"]["output"],
    "modalities": lambda row: row["modalities"]["input"] + row["modalities"]["output"],
}


class _Open(Handler):
    """A page that needs no key, as at the provider."""

    needs_key = False

    @property
    def origin(self) -> str:
        """Where this server answers."""
        return f"http://{self.request.host}"

    def asked(self, name: str) -> list[str]:
        """The values of a query parameter, repeated or with commas, in small letters."""
        values = self.get_query_arguments(name)
        return [part.strip().lower() for value in values for part in value.split(",") if part.strip()]

    @property
    def sections(self) -> frozenset[str]:
        """The optional parts of an entry that were asked for."""
        wanted = set(self.asked("include"))
        every = "all" in wanted or bool({"true", "1"} & set(self.asked("details")))
        return SECTIONS if every else SECTIONS & wanted

    def found(self, name: str) -> Model:
        """The model of that name; Refusal 404."""
        model = catalogue.find(name)
        if model is None:
            names = [known for model in catalogue.models() for known in model.names]
            raise Refusal(404, f"Model {name[:80]!r} not found. {catalogue.nearest(name, names)}")
        return model


class ModelsHandler(_Open):
    """GET /v1/models, with filters, `include=` and an ETag. A model has a row for each of its endpoints."""

    def compute_etag(self) -> str | None:
        """An ETag, where the provider has one."""
        return RequestHandler.compute_etag(self)

    async def read(self, **_: str) -> None:
        """Answer a GET."""
        asked = {name: set(self.asked(name)) for name in _FILTERS}
        rows = []
        for model in catalogue.models():
            for endpoint in model.endpoints:
                full = catalogue.entry(model, endpoint, self.origin, SECTIONS)
                if all(
                    not values or values & {v.lower() for v in _FILTERS[name](full)} for name, values in asked.items()
                ):
                    rows.append({name: full[name] for name in full if name not in SECTIONS - self.sections})
        await self.reply({"object": "list", "data": rows})


class ModelHandler(_Open):
    """GET /v1/models/ID as OpenAI answers it, and /model/ID as the provider does."""

    async def read(self, wrapped: str | None = None, model: str = "", **_: str) -> None:
        """Answer a GET."""
        found = self.found(model)
        row = catalogue.entry(found, found.endpoints[0], self.origin, self.sections)
        await self.reply({"object": "model", "data": row} if wrapped else row)


class DeprecationsHandler(_Open):
    """GET /v1/models/deprecations: the models on their way out."""

    async def read(self, **_: str) -> None:
        """Answer a GET."""
        states, since = set(self.asked("status")), self.get_query_argument("since", "")
        rows = [row for row in feed() if not states or row["status"] in states]
        rows = [row for row in rows if max(row["shutdown_at"], row["deprecated_at"]) >= since]
        await self.reply({"object": "list", "generated_at": TIMESTAMP, "data": rows})


class SchemaHandler(_Open):
    """GET /docs-json?model=ID&endpoint=TYPE: the OpenAPI description of one model's call."""

    async def read(self, **_: str) -> None:
        """Answer a GET."""
        model = self.found(self.get_query_argument("model", ""))
        kinds = {ENDPOINTS[each][0]: each for each in reversed(model.endpoints)}
        asked = self.get_query_argument("endpoint", ENDPOINTS[model.endpoints[0]][0])
        if asked not in kinds:
            raise Refusal(404, f"{model.id} has the endpoints {', '.join(reversed(kinds))} only.")
        endpoint = kinds[asked]
        form = "multipart/form-data" if endpoint == "edit" else "application/json"
        content = {form: {"schema": catalogue.schema(model, endpoint)}}
        operation = {"post": {"requestBody": {"required": True, "content": content}, "responses": {"200": {}}}}
        about = {"title": "The aiml_nb sandbox", "version": "1.0.0"}
        paths = {ENDPOINTS[endpoint][1]: operation}
        await self.reply({"openapi": "3.0.0", "info": about, "servers": [{"url": self.origin}], "paths": paths})
