"""The provider's own request schemas, a selection, and its strictness: what a test holds a request against.

`strict` reads OpenAPI 3.0 as the provider's stand-in does: names that a schema does not list are refused.
"""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from aiml_nb.content import Attachment, summary
from aiml_nb.schema import Form

SCHEMAS = Path(__file__).parent / "data" / "schemas.jsonl.gz"

#: An address for each kind of file.
LINKS = {
    kind: f"https://example.com/file.{ext}"
    for kind, ext in {"image": "png", "video": "mp4", "audio": "mp3", "mesh": "glb", "document": "pdf"}.items()
}


@cache
def records() -> list[dict[str, Any]]:
    """Each operation: model, modality, path, schema."""
    with gzip.open(SCHEMAS, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@cache
def form(model: str, path: str = "") -> Form:
    """The form of a model, at the path that contains `path`."""
    found = next(r for r in records() if r["model"] == model and path in r["path"])
    return Form.from_json(found["schema"], path=found["path"], model=model)


def picture(url: str = LINKS["image"]) -> Attachment:
    """A picture that lies with somebody else."""
    return Attachment.of(url)


def strict(schema: Any) -> Any:
    """OpenAPI 3.0's schema as JSON Schema's; no unknown fields where the properties are listed, formats left out."""
    if isinstance(schema, list):
        return [strict(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    dropped = {"format", "description", "default", "nullable", "discriminator"}
    out = {
        key: {name: strict(part) for name, part in value.items()} if key == "properties" else strict(value)
        for key, value in schema.items()
        if key not in dropped
    }
    if out.get("properties") and "additionalProperties" not in out and not {"allOf", "anyOf", "oneOf"} & set(out):
        out["additionalProperties"] = False
    if schema.get("nullable") and "type" in out:
        out["type"] = [out["type"], "null"]
        if "enum" in out:
            out["enum"] = [*out["enum"], None]
    return out


@cache
def validator(model: str, path: str) -> jsonschema.Draft7Validator:
    found = next(r for r in records() if r["model"] == model and r["path"] == path)
    return jsonschema.Draft7Validator(strict(found["schema"]))


def refused(form: Form, payload: dict[str, Any]) -> list[str]:
    """What the provider would say against a payload; files count as the text that they are sent as."""
    return [error.message[:200] for error in validator(form.model, form.path).iter_errors(summary(payload))]
