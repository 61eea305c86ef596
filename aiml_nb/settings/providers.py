"""The providers that have a name, read from `providers.json`. Data only: it knows nothing of keys, files or the network."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..errors import SettingsError

#: The provider of a URL that belongs to none of the presets.
CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Provider:
    """One preset.

    base_url: as the provider's documentation writes it, where a version at its end is what a path without one gets;
    `sandbox:` for the sandbox.
    key_names, base_names: the variables that its users already have for the key and for another base URL, first choice first.
    key_url: where a key is made.
    models: the default model of each medium that has one.
    local: a server on this machine, which needs no key. schemas: it publishes a request schema for each model.
    """

    name: str
    title: str
    base_url: str
    key_names: tuple[str, ...] = ()
    base_names: tuple[str, ...] = ()
    key_url: str = ""
    models: Mapping[str, str] = field(default_factory=dict)
    local: bool = False
    schemas: bool = False
    notes: str = ""

    @property
    def needs_key(self) -> bool:
        """True where the provider's own host refuses calls without a key."""
        return not self.local


def provider(name: str) -> Provider:
    """The preset of that name, in any case; a SettingsError that names the nearest one if there is none."""
    found = named(name)
    if found is not None:
        return found
    import difflib

    near = difflib.get_close_matches(name.strip().lower(), PROVIDERS, 1)
    guess = f" Did you mean {near[0]}?" if near else ""
    raise SettingsError(
        f"there is no provider called {name.strip()[:40]!r}.{guess}",
        advice=f"One of {', '.join(PROVIDERS)}, or a URL such as https://host.example/v1.",
    )


def named(text: str) -> Provider | None:
    """The preset whose name or title this is (`rewind`, `Rewind.ai`), or None."""
    return _NAMED.get(text.strip().lower())


def _read() -> dict[str, Provider]:
    table = json.loads(Path(__file__).with_name("providers.json").read_text("utf-8"))
    return {name: Provider(name, **{key: _frozen(value) for key, value in row.items()}) for name, row in table.items()}


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return MappingProxyType(value) if isinstance(value, dict) else value


#: The presets by name.
PROVIDERS: Mapping[str, Provider] = MappingProxyType(_read())
_NAMED = {each.title.lower(): each for each in PROVIDERS.values()} | dict(PROVIDERS)
