"""Endpoint: where calls go and which key goes along, as one value; and the reading of base URLs.

It joins paths without ever doubling a version, and refuses what would carry a key over plain http or hide it in a
URL. It knows nothing of where the URL and the key were found.
"""

from __future__ import annotations

import functools
import ipaddress
import os
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from ..errors import InvalidRequestError, SettingsError
from .providers import CUSTOM, PROVIDERS, Provider
from .secret import Secret, scrub

SANDBOX = "sandbox"
_VERSION = re.compile(r"v\d+(?:(?:alpha|beta)\d*)?")
_OWN_VERSION = re.compile(r"/(v\d+(?:(?:alpha|beta)\d*)?)(?=[/?]|$)")
#: People paste the address of one call where the base is asked for.
_CALL = re.compile(r"/(?:chat/completions|completions|responses|embeddings|images/generations|models)$")
_FORBIDDEN = re.compile(r"[\s\\\x00-\x1f\x7f<>\"{}|^`]")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server and the key for it.

    provider: a preset's name, or `custom`.
    base_url: without a slash at the end, and without a version there; `sandbox:` until the sandbox has started.
    key: None where the server needs none, or none was found.
    source, key_source: where each was found, for people ("AIMLAPI_BASE_URL in the environment").
    version: what the base had at its end. None: nothing. "": a version stood further left, as in `/v1beta/openai`.
    hint: something worth saying in the status, such as a key that was seen and not used.
    """

    provider: str
    base_url: str
    key: Secret | None = None
    source: str = ""
    key_source: str = ""
    version: str | None = None
    hint: str = ""

    @property
    def preset(self) -> Provider | None:
        """The provider's preset; None for a custom one."""
        return PROVIDERS.get(self.provider)

    @property
    def title(self) -> str:
        """What to call it in a sentence: `OpenAI`, or the host."""
        return self.preset.title if self.preset else self.host

    @property
    def is_sandbox(self) -> bool:
        """True for the sandbox of this package."""
        return self.provider == SANDBOX

    @property
    def is_local(self) -> bool:
        """True when the server is on this machine."""
        return self.is_sandbox or loopback(self.host)

    @property
    def host(self) -> str:
        """The host's name without port; `sandbox` for the sandbox, whose port is another one each time."""
        return SANDBOX if self.is_sandbox else urlsplit(self.base_url).hostname or ""

    @property
    def origin(self) -> str:
        """Scheme, host and port: the key goes nowhere else."""
        return origin(self.base_url)

    def default_model(self, medium: str) -> str | None:
        """What this provider uses for a medium when no model was named, or None."""
        return self.preset.models.get(medium) if self.preset else None

    def url(self, path: str) -> str:
        """The absolute URL of a path, by one rule: the base as it was written, then the path; a version never twice.

        - A path with a version of its own (`/v1/chat/completions`, `/v2/video/generations`) replaces the base's.
        - A path without one gets the base's, if it had one: `/models` on `https://host/v1` is `https://host/v1/models`,
          on `https://host` it is `https://host/models`. On a preset's own host the preset's version counts.
        - Where the base's version is not v1 or v2 (`/api/paas/v4`), or stands further left (`/v1beta/openai`), it
          takes the place of a path's `/v1`: those servers have no other.
        - What the path repeats of the base (`/api/v1/models` on OpenRouter) is not said twice.

        An absolute URL passes when it is on this very origin. Raises InvalidRequestError for anything else.
        """
        if "://" in path:
            return self._absolute(path)
        if path.startswith("//") or "#" in path or _FORBIDDEN.search(path):
            raise InvalidRequestError(f"not a path: {_shown(path)!r}", param="path", advice="Such as /v1/models.")
        prefix = "" if self.base_url == "sandbox:" else urlsplit(self.base_url).path
        path = "/" + path.lstrip("/")
        if prefix and path.startswith(prefix + "/"):
            path = path[len(prefix) :]
        return self.base_url + self._versioned(path)

    def _versioned(self, path: str) -> str:
        own = _OWN_VERSION.match(path)
        if own is None:
            return f"/{self.version}{path}" if self.version else path
        if own[1] != "v1" or self.version in {None, "v1", "v2"}:
            return path
        return (f"/{self.version}" if self.version else "") + path[own.end() :]

    def _absolute(self, url: str) -> str:
        if not _FORBIDDEN.search(url) and origin(url) == self.origin and "@" not in urlsplit(url).netloc:
            return url
        raise InvalidRequestError(
            f"{_shown(url)!r} is on another server than {self.origin}, and the key goes to that one only",
            param="path",
            advice="Give the path alone, or choose the other server with --at.",
        )


@functools.lru_cache(maxsize=64)
def place(text: str, where: str) -> tuple[str, str | None]:
    """A base URL as people write it, as (base without slash and version, version).

    Understood: a bare host, `/v1` or `/v2` or a longer path at its end, slashes, quotes, the whole address of a call.
    where: what to call it in the error. Raises SettingsError for what cannot be a base URL, with the reason.
    """
    text = text.strip().strip("\"'“”").strip()
    if "://" not in text:
        text = ("http://" if loopback(_bare_host(text)) else "https://") + text
    parts = _checked(text, where)
    path = _CALL.sub("", re.sub(r"/{2,}", "/", parts.path).rstrip("/"))
    version: str | None = None
    while path and _VERSION.fullmatch(last := path.rpartition("/")[2]):
        path, version = path.rpartition("/")[0], version or last
    if version is None and any(map(_VERSION.fullmatch, path.split("/"))):
        version = ""
    return _origin(parts) + path, version


@functools.lru_cache(maxsize=256)
def origin(url: str) -> str:
    """Scheme, host and port in one spelling: `https://API.OpenAI.com:443/v1` is `https://api.openai.com`."""
    try:
        return _origin(urlsplit(url))
    except ValueError:
        return ""


@functools.lru_cache(maxsize=64)
def loopback(host: str) -> bool:
    """True for this machine's own names and addresses. No name is looked up."""
    host = host.strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def check_plain_http(endpoint: Endpoint) -> None:
    """Raise SettingsError when a key would travel over plain http to another machine that `AIML_NB_ALLOW_HTTP` does not name."""
    if endpoint.key is None or endpoint.is_local or not endpoint.base_url.startswith("http:"):
        return
    allowed = {name.strip().lower() for name in os.environ.get("AIML_NB_ALLOW_HTTP", "").split(",")}
    if not allowed & {endpoint.host, urlsplit(endpoint.base_url).netloc}:
        raise SettingsError(
            f"{endpoint.base_url} is plain http: anybody on the way could read the key",
            advice=f"Use https://, or, where the network is your own, set AIML_NB_ALLOW_HTTP={endpoint.host} in the environment.",
        )


@functools.lru_cache(maxsize=64)
def provider_of(base: str) -> str:
    """The preset whose own server this is, or `custom`."""
    here = origin(base)
    return next((name for name, each in PROVIDERS.items() if name != SANDBOX and _same(here, each)), CUSTOM)


def at_home(base: str, provider: Provider) -> bool:
    """True when `base` is the provider's own server, as the preset has it: the only one that its key may go to unasked."""
    return _same(origin(base), provider)


def _same(here: str, provider: Provider) -> bool:
    own = origin(provider.base_url)
    return here in {own, own.replace("//localhost", "//127.0.0.1")}


def _bare_host(text: str) -> str:
    host = text.partition("/")[0]
    return host.partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def _checked(text: str, where: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        bad = _fault(text, parts)
    except ValueError:
        bad = "its host or port cannot be read"
    if bad:
        raise SettingsError(
            f"{where} is no base URL: {bad}",
            advice="A base URL looks like https://host.example or https://host.example/v1.",
        )
    return parts


def _fault(text: str, parts: SplitResult) -> str:
    """What is wrong with a base URL, in words that do not repeat it: it may hold a password."""
    if parts.scheme not in {"http", "https"}:
        return f"it begins with {_shown(parts.scheme)!r}, not with https:// or http://"
    if "@" in parts.netloc:
        return "it holds a user or a password, which belong into no URL; give the key as a key"
    if "?" in text or "#" in text:
        return "it holds a ? or #, and a key in a URL ends up in logs; give the key as a key"
    if _FORBIDDEN.search(text) or "%" in parts.netloc:
        return "it holds a character that no URL has"
    host = (parts.hostname or "").rstrip(".")
    if not host or host.startswith((".", "-")) or ".." in host:
        return "it has no host"
    if parts.port == 0:
        return "port 0 is nobody's"
    return ""


def _origin(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if not host.isascii():
        host = host.encode("idna").decode()
    if ":" in host:
        host = f"[{host}]"
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = "" if parts.port in {None, usual} else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def _shown(text: str) -> str:
    return scrub(text)[:80]
