"""Models on their way out: the headers that their answers carry, and the feed that lists them. Knows no handler."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from .catalogue import Model, models


def notices(model: Model) -> Mapping[str, str]:
    """`Deprecation` (RFC 9745) and `Sunset` (RFC 8594) of a deprecated model; nothing for others."""
    told = model.facts.get("deprecated")
    if not told:
        return {}
    return {
        "Deprecation": f"@{int(_day(told['at']).timestamp())}",
        "Sunset": format_datetime(_day(told["shutdown"]), usegmt=True),
    }


def feed() -> list[dict[str, Any]]:
    """The rows of /v1/models/deprecations, as the provider documents them."""
    return [
        {
            "id": model.id,
            "aliases": list(model.aliases),
            "status": "deprecated",
            "deprecated_at": told["at"],
            "shutdown_at": told["shutdown"],
            "replaced_by": told["instead"],
            "reason": None,
        }
        for model in models()
        if (told := model.facts.get("deprecated"))
    ]


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
