"""Keys that were stored once with `%aiml key`: in the system's keyring where one is installed and works, else in a file.

The file is `keys.json` in this package's home, mode 0600. A keyring is asked in a thread of its own, for two seconds
at most, since some wait for a dialog that nobody sees; what goes wrong in it counts as "no key there". A key is
stored for a provider, or for one server by its origin (`https://host:port`), and goes only there.
"""

from __future__ import annotations

import importlib.util
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import SettingsError
from ..home import home
from .endpoint import origin, place, provider_of
from .providers import CUSTOM, PROVIDERS, provider
from .secret import Secret, clean_key

SERVICE = "aiml_nb"
_NOWHERE = ("keyring.backends.null.Keyring", "keyring.backends.fail.Keyring")
_PATIENCE = 2.0
_REMEMBERED = 30.0
_asked: dict[str, tuple[float, Secret | None]] = {}


def store_key(name: str, key: str | Secret) -> str:
    """Keep a key for a provider, or for a URL's server. Returns where it went, for people.

    Raises SettingsError for an unknown provider, an empty or placeholder key, or when it can be kept nowhere.
    """
    given, key = Secret.of(key), ""  # a traceback that shows locals finds none here
    name = _name(name)
    secret = clean_key(given, "what was given")
    if secret is None:
        raise SettingsError("the key is empty", advice="Nothing was stored. Copy the key again, whole.")
    _asked.pop(name, None)
    if _with_keyring(lambda ring: ring.set_password(SERVICE, name, secret.reveal()) or True):
        _write({other: value for other, value in _file().items() if other != name})
        return "the system's keyring"
    try:
        _write(_file() | {name: secret.reveal()})
    except OSError as error:
        raise SettingsError(
            f"the key cannot be stored: {error.strerror}", advice="Put it into a .env file or the environment instead."
        ) from None
    return str(_path())


def forget_key(name: str) -> bool:
    """Remove a stored key. True when there was one."""
    name = _name(name)
    _asked.pop(name, None)
    kept = _file()
    in_file = kept.pop(name, None) is not None
    if in_file:
        _write(kept)
    in_ring = _with_keyring(lambda ring: ring.delete_password(SERVICE, name) or True)
    return in_file or bool(in_ring)


def stored_key(name: str) -> tuple[Secret, str] | None:
    """The key stored for a provider or an origin, and where it is; None without one."""
    raw = _file().get(name)
    if raw:
        found = clean_key(raw, f"the key of {name} in {_path()}")
        return (found, str(_path())) if found else None
    secret = _from_keyring(name)
    return (secret, "the system's keyring") if secret else None


def _from_keyring(name: str) -> Secret | None:
    """Asked at most twice a minute for each name: a keyring costs a round trip to another process."""
    at, secret = _asked.get(name, (-_REMEMBERED, None))
    if time.monotonic() - at >= _REMEMBERED:
        raw = _with_keyring(lambda ring: ring.get_password(SERVICE, name))
        secret = clean_key(raw, f"the key of {name} in the keyring") if isinstance(raw, str) else None
        _asked[name] = time.monotonic(), secret
    return secret


def _with_keyring(work: Callable[[Any], Any]) -> Any:
    """What `work` gives with the keyring module; None when there is none, it fails, or it does not answer in time."""
    if os.environ.get("PYTHON_KEYRING_BACKEND", "").endswith(_NOWHERE) or importlib.util.find_spec("keyring") is None:
        return None
    answer: list[Any] = []

    def ask() -> None:
        try:
            import keyring

            backend = type(keyring.get_keyring())
            if not f"{backend.__module__}.{backend.__name__}".endswith(_NOWHERE):
                answer.append(work(keyring))
        except Exception:  # noqa: BLE001 - a backend may raise anything, and a missing key is said elsewhere
            answer.append(None)

    thread = threading.Thread(target=ask, name="aiml_nb-keyring", daemon=True)
    thread.start()
    thread.join(_PATIENCE)
    return answer[0] if answer else None


def _name(name: str) -> str:
    """A provider's name, or the origin of a URL."""
    if name.strip().lower() in PROVIDERS or not set(name) & set(".:/"):
        return provider(name).name
    here = origin(place(name, "the server")[0])
    preset = provider_of(here)
    return here if preset == CUSTOM else preset


def _path() -> Path:
    return home() / "keys.json"


def _file() -> dict[str, str]:
    try:
        found = json.loads(_path().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return (
        {str(name): value for name, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}
    )


def _write(keys: dict[str, str]) -> None:
    path = _path()
    if not keys and not path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".keys-")  # made with mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(keys, file, indent=1)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
