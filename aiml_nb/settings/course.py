"""`aiml.toml`, the defaults that a course folder brings: models, a provider's name, parameters. Never a key, never a URL.

    provider = "aimlapi"

    [models]
    chat = "openai/gpt-4o"

    [chat]
    temperature = 0.2

It is refused whole when it holds anything else, and what is wrong is named: a file from a download is read by whoever
runs the lesson, and it must not be able to choose a server.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import SettingsError
from .providers import provider
from .secret import looks_like_key

FILE = "aiml.toml"
_HERE = Path(FILE)
MEDIA = ("chat", "image", "video", "speech", "music", "transcript", "embedding", "ocr", "mesh")
_TOP = ("provider", "models", *MEDIA)
_LARGEST = 100_000


def course_defaults(folder: Path | None = None) -> dict[str, Any]:
    """The defaults in `folder`'s `aiml.toml` (default: the current folder); empty without the file.

    Returns {"provider": name, "models": {medium: model}, medium: {parameter: value}}, each only where the file has it.
    Raises SettingsError that names the file and what in it is refused.
    """
    path = folder / FILE if folder else _HERE
    if not path.is_file():
        return {}
    table = _parsed(path)
    for key in table:
        if key not in _TOP:
            raise _refused(key, f"is none of {', '.join(_TOP)}")
    _no_secrets(table, "")
    return _checked(table)


def _parsed(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        if path.stat().st_size > _LARGEST:
            raise SettingsError(f"{FILE} is too large", advice="It holds a few lines of defaults.")
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{FILE} cannot be read: {error}", advice='It is TOML, such as provider = "aimlapi".'
        ) from None


def _no_secrets(value: Any, name: str) -> None:
    """Refuse keys and URLs wherever they stand, by their name or by their look."""
    if isinstance(value, dict):
        for key, each in value.items():
            _no_secrets(each, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for each in value:
            _no_secrets(each, name)
    last = name.rpartition(".")[2].lower().replace("-", "_")
    if last.endswith(("key", "token", "secret", "password")) or (isinstance(value, str) and looks_like_key(value)):
        raise _refused(name, "looks like a key, which each reader has of his own", "%aiml key asks for it hidden.")
    if last.endswith(("url", "base", "host", "endpoint")) or (isinstance(value, str) and "://" in value):
        raise _refused(
            name, "is a URL, and a downloaded file must not choose where a key goes", "Name a provider instead."
        )


def _checked(table: dict[str, Any]) -> dict[str, Any]:
    if "provider" in table:
        table["provider"] = provider(str(table["provider"])).name
    for name in ("models", *MEDIA):
        if not isinstance(table.get(name, {}), dict):
            raise _refused(name, f"is a table: write its entries under [{name}]")
    for medium, model in table.get("models", {}).items():
        if medium not in MEDIA or not isinstance(model, str):
            raise _refused(f"models.{medium}", f"is no model of {', '.join(MEDIA)}")
    return table


def _refused(name: str, reason: str, advice: str = "") -> SettingsError:
    return SettingsError(f"{FILE}: {name} {reason}", advice=advice or f"Correct {FILE}, or take the line out.")
