"""Which server and which key: the one place that decides it, from everything that the sources say.

**Where to.** The first of these that says anything: the argument, `%config Aiml` (`provider`, `base_url`), the
environment, `.env`. In the last two that is `AIML_NB_PROVIDER`, then `AIMLAPI_BASE_URL` (or `AIML_API_URL`), then
`BASE_URL`. Where a provider was chosen by name, its own variable (`OPENAI_BASE_URL`) may still move its base URL.
With nothing said, a key of the AI/ML API chooses the AI/ML API, and without one it is the sandbox. **Another
provider's key alone chooses nothing**, since a key that lies in the environment for some other program is no wish to
spend money here; the endpoint's `hint` names it, with the command that chooses its provider.

**With which key.** A URL and a key are a pair when they come from one source. A key from elsewhere goes only to its own
provider's preset server, or to the very server that it was stored for, or that its own source names. So a `.env` in a
downloaded folder cannot send the environment's key away: that is an error, which says how to allow it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import SettingsError
from .endpoint import SANDBOX, Endpoint, at_home, check_plain_http, loopback, origin, place, provider_of
from .providers import CUSTOM, PROVIDERS, Provider, named, provider
from .secret import Secret, clean_key
from .sources import Source, Sources
from .stored import stored_key

CHOICE = "AIML_NB_PROVIDER"
_AIML = PROVIDERS["aimlapi"]
_CONFIG = ("provider", "base_url")
_ARGUMENT, _CONFIGURED, _SEARCH = "the argument", "%config", "the search on this machine"


class _Place(NamedTuple):
    """Where to: a provider, a base URL if one was given, and what gave it.

    named: the URL was given as this provider's, so that doing without the provider's key would be a surprise.
    """

    provider: str
    source: Source | None
    said: str
    base: str = ""
    version: str | None = None
    named: bool = False
    generic: bool = False


def resolve(
    at: str | None = None,
    *,
    base_url: str | None = None,
    api_key: str | Secret | None = None,
    config: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    folder: Path | None = None,
    need_key: bool = True,
    fallback: str | None = None,
) -> Endpoint:
    """The endpoint for a call, as this module's first paragraph says.

    at: a preset's name, `local` (the first server found on this machine), or a URL.
    config: `%config Aiml` as a mapping; `provider` and `base_url` are read, empty or None when not set. A key is refused.
    environ: in place of the process's environment. folder: where to look for `.env`, default the current folder.
    need_key: False for what sends nothing (`--dry-run`, `--as curl`): then a missing key is no error.
    fallback: the provider of `aiml.toml`, for where nobody else chose one; without a key for it, it is passed over.

    Raises SettingsError: unknown provider, bad URL, no key, a key that would leave its pair, plain http with a key.
    """
    given = None if api_key is None else Secret.of(api_key)
    api_key = None  # a traceback that shows locals finds none here
    sources = Sources(environ, folder)
    key = None if given is None else clean_key(given, "api_key")
    if given is not None and key is None:
        raise SettingsError("api_key is empty", advice="Leave it out to have the key found where it is stored.")
    where = _argument(at, base_url) or _config(config or {}) or _first(sources, _outside)
    if where is None:
        where = _unsaid(sources, key, fallback)
    endpoint = _with_key(_moved(where, sources), key, sources)
    check_plain_http(endpoint)
    return _complete(endpoint, sources, need_key=need_key)


def find_key(
    name: str, *, environ: Mapping[str, str] | None = None, folder: Path | None = None
) -> tuple[Secret, str] | None:
    """The key for a provider's own server and where it was found: environment, `.env`, stored. None without one."""
    return _own_key(provider(name), Sources(environ, folder))


def _argument(at: str | None, base_url: str | None) -> _Place | None:
    at, base_url = (at or "").strip(), (base_url or "").strip()
    if at == "local":
        return _local()
    url = at if _is_url(at) else base_url
    if _is_url(at) and base_url and place(at, "the URL") != place(base_url, "base_url"):
        raise SettingsError("two different base URLs were given", advice="Give one of them.")
    return _chosen("" if _is_url(at) else at, url, _ARGUMENT)


def _config(config: Mapping[str, Any]) -> _Place | None:
    keys = [name for name, value in config.items() if value and name.lower().endswith(("key", "token", "secret"))]
    if keys:
        raise SettingsError(
            f"%config holds {keys[0]}, and a key in a cell is saved with the notebook",
            advice="Take it out. A key goes into the environment, a .env file, or %aiml key, which asks for it hidden.",
        )
    name, url = (str(config.get(name) or "").strip() for name in _CONFIG)
    return _chosen(name, url, _CONFIGURED)


def _chosen(name: str, url: str, said: str) -> _Place | None:
    if not name and not url:
        return None
    if not url:
        return _Place(provider(name).name, None, said)
    base, version = place(url, "base_url in %config" if said == _CONFIGURED else f"{said} for the provider")
    if name == SANDBOX:
        raise SettingsError("the sandbox has no other base URL", advice="Name the URL alone, or the sandbox alone.")
    return _Place(provider(name).name if name else provider_of(base), None, said, base, version, named=bool(name))


def _local() -> _Place:
    from .local import find_local

    servers = find_local()
    if not servers:
        names = ", ".join(
            f"{each.title} ({each.base_url})" for each in PROVIDERS.values() if each.local and each.name != SANDBOX
        )
        raise SettingsError(
            "no server was found on this machine", advice=f"Looked for {names}. Start one, or give its URL."
        )
    first = servers[0]
    return _Place(first.provider, None, _SEARCH, first.base_url, first.version)


def _outside(source: Source) -> _Place | None:
    """What the environment or a `.env` says of the place."""
    if (name := source.get((CHOICE,))) is not None:
        return _at(name[0], name[1])._replace(source=source)
    if (url := source.get(_AIML.base_names)) is not None:
        base, version = place(*url)
        return _Place(_AIML.name, source, url[1], base, version, named=True)
    return _generic(source)


def _generic(source: Source) -> _Place | None:
    """`BASE_URL`, which many programs use for something else."""
    url = source.get(("BASE_URL",))
    if url is None:
        return None
    try:
        base, version = place(*url)
    except SettingsError as error:
        error.advice = (
            f"Where it is another program's, set AIMLAPI_BASE_URL or {CHOICE}, which go first. {error.advice}"
        )
        raise
    return _Place(provider_of(base), source, url[1], base, version, named=True, generic=True)


def _at(name: str, said: str) -> _Place:
    if _is_url(name):
        raise SettingsError(f"{said} holds a URL, not a provider's name", advice="Put a URL into AIMLAPI_BASE_URL.")
    return _Place(provider(name).name, None, said)


def _unsaid(sources: Iterable[Source], key: Secret | None, fallback: str | None) -> _Place:
    if fallback is not None and key is None:
        preset = provider(fallback)
        if not preset.needs_key or _own_key(preset, sources) is not None:
            return _Place(preset.name, None, "aiml.toml")
    if key is not None or _own_key(_AIML, sources) is not None:
        return _Place(_AIML.name, None, "the preset of the AI/ML API")
    return _Place(SANDBOX, None, "nothing else is configured")


def _moved(where: _Place, sources: Iterable[Source]) -> _Place:
    """A provider chosen by name, at the base URL that its own variable gives, or at its preset's."""
    if where.base or where.provider == SANDBOX:
        return where
    preset = PROVIDERS[where.provider]
    for source in sources:
        if (url := source.get(preset.base_names)) is not None:
            base, version = place(*url)
            return where._replace(source=source, said=url[1], base=base, version=version, named=True)
    base, version = place(preset.base_url, preset.name)
    return where._replace(base=base, version=version)


def _with_key(where: _Place, given: Secret | None, sources: Iterable[Source]) -> Endpoint:
    if where.provider == SANDBOX:
        return Endpoint(SANDBOX, "sandbox:", given, where.said, _ARGUMENT if given else "")
    kind = where.provider if where.provider != CUSTOM else provider_of(where.base)
    preset = PROVIDERS.get(kind)
    home = preset is not None and at_home(where.base, preset)
    version = place(preset.base_url, kind)[1] if preset is not None and home else where.version
    endpoint = Endpoint(where.provider, where.base, None, where.said, "", version)
    if given is not None:
        if where.said not in {_ARGUMENT, _SEARCH} and not home:
            raise _torn("the key given as argument", where.base, where.said, "Pass base_url= together with api_key=.")
        return replace(endpoint, key=given, key_source=_ARGUMENT)
    found = _paired(where, sources)
    if found is None:
        found = _own_key(preset, sources) if preset is not None and home else stored_key(origin(where.base))
    if found is None:
        return _without_key(endpoint, where, sources)
    return replace(endpoint, key=found[0], key_source=found[1])


def _paired(where: _Place, sources: Iterable[Source]) -> tuple[Secret, str] | None:
    """The key that stands beside the URL: in its own source, or in another that names the same server."""
    if where.source is not None and (found := where.source.key(_key_names(where))):
        return found
    for source in sources:
        other = _first([source], _outside)
        same = other is not None and other.base and origin(other.base) == origin(where.base)
        if other is not None and same and (found := source.key(_key_names(other))):
            return found
    return None


def _key_names(where: _Place) -> tuple[str, ...]:
    """What a key is called beside this URL. `BASE_URL` belongs to nobody, so a plain `API_KEY` may stand beside it."""
    own = PROVIDERS[where.provider].key_names if where.provider in PROVIDERS else _AIML.key_names
    if where.generic:
        return (*own, "API_KEY")
    return own if where.provider != CUSTOM else ()


def _own_key(preset: Provider, sources: Iterable[Source]) -> tuple[Secret, str] | None:
    for source in sources:
        if found := source.key(preset.key_names):
            return found
    return stored_key(preset.name) if preset.name != SANDBOX else None


def _without_key(endpoint: Endpoint, where: _Place, sources: Iterable[Source]) -> Endpoint:
    """No key may go there. An error when one lies elsewhere that the user surely meant, else a hint."""
    wanted = PROVIDERS.get(where.provider, _AIML)
    held = next((source.called(name) for source in sources if (name := source.has(wanted.key_names))), None)
    if held is None and stored_key(wanted.name) is not None:
        held = f"the stored key of {wanted.title}"
    if held is None or at_home(where.base, wanted) or loopback(endpoint.host):
        return endpoint
    if where.named:
        advice = f"Put the key beside the URL in {where.source.name}" if where.source else "Pass api_key= too"
        raise _torn(held, where.base, where.said, f"{advice}, or take the URL out.")
    return replace(endpoint, hint=f"{held} was not sent: it belongs to {origin(wanted.base_url)}")


def _torn(key: str, base: str, said: str, advice: str) -> SettingsError:
    return SettingsError(
        f"{key} is not sent to {origin(base)}, which comes from {said}",
        advice=f"A key goes elsewhere only with a URL from the same place. If you trust that server: {advice}",
    )


def _complete(endpoint: Endpoint, sources: Iterable[Source], *, need_key: bool) -> Endpoint:
    """The endpoint with its hint, or the error of a missing key."""
    preset = endpoint.preset
    if endpoint.is_sandbox:
        return replace(endpoint, hint=_unused(sources))
    if (
        need_key
        and endpoint.key is None
        and preset is not None
        and preset.needs_key
        and at_home(endpoint.base_url, preset)
    ):
        raise SettingsError(
            f"no key for {preset.title}",
            advice=f"Run %aiml key, or set {preset.key_names[0]} in a .env file or the environment. Keys: {preset.key_url}",
        )
    return endpoint


def _unused(sources: Iterable[Source]) -> str:
    """Other providers' keys that lie there, with the command that chooses them; empty when there is none."""
    for each in PROVIDERS.values():
        for source in sources:
            if each.needs_key and (name := source.has(each.key_names)):
                return f"{source.called(name)} is there and not used; %aiml use {each.name} chooses {each.title}"
    return ""


def _first(sources: Iterable[Source], look: Callable[[Source], _Place | None]) -> _Place | None:
    return next((found for source in sources if (found := look(source)) is not None), None)


def _is_url(text: str) -> bool:
    """True for what can only be a URL or a host. `Rewind.ai` and `llama.cpp` are titles of presets."""
    return named(text) is None and (bool({".", ":"} & set(text)) or text.partition("/")[0] == "localhost")
