"""What is wrong with this setup, found out one thing at a time, each with its remedy.

From the near to the far: Python, packages, front ends, settings, store, sandbox, then the way to the provider (name,
connection, TLS) and whether it takes the key. Every check ends within seconds and raises nothing. Repairs nothing, and
never shows a key or what a proxy's URL has before its host.
"""

from __future__ import annotations

import contextlib
import dataclasses
import html
import importlib.metadata
import platform
import re
import shutil
import socket
import ssl
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import AIMLError, APIConnectionError, APIError, AuthenticationError, PermissionDeniedError
from .settings import Endpoint, loopback, resolve

if TYPE_CHECKING:
    from .client import Answer
    from .session import Session

#: Something cheap that a provider answers only to a good key; others are asked for their models.
_NEEDS_KEY = {"aimlapi": "/v2/billing", "openrouter": "/v1/key"}

#: Where a person sees notebooks: none is needed, so a missing one is no fault.
_FRONT_ENDS = {"jupyterlab": "JupyterLab", "notebook": "Notebook", "ipykernel": "ipykernel"}

_SIGN = {True: "✓", False: "✗", None: "–"}
_SKEW = 300  # seconds; signed URLs and TLS begin to fail somewhere beyond
_FREE = 200_000_000  # bytes; a few dozen pictures


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. ok: True, False (broken: see remedy), or None (nothing to say, or no fault)."""

    name: str
    ok: bool | None
    found: str
    remedy: str = ""


class Checkup(tuple[Check, ...]):
    """The checks in their order; draws itself as a table, and `str()` is the same as text."""

    __slots__ = ()

    @property
    def ok(self) -> bool:
        """True when nothing is broken."""
        return all(check.ok is not False for check in self)

    def __str__(self) -> str:
        width = max((len(check.name) for check in self), default=0)
        lines = []
        for check in self:
            lines.append(f"{_SIGN[check.ok]} {check.name.ljust(width)}  {check.found}")
            if check.remedy:
                lines.append(f"  {'':{width}}  → {check.remedy}")
        return "\n".join(lines)

    def _twin_(self) -> str:
        return str(self)

    def _live_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{_SIGN[check.ok]}</td><td style='text-align:left'>{html.escape(check.name)}</td>"
            f"<td style='text-align:left'>{html.escape(check.found)}"
            + (f"<br><b>{html.escape(check.remedy)}</b>" if check.remedy else "")
            + "</td></tr>"
            for check in self
        )
        return f"<table>{rows}</table>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:  # noqa: ARG002
        return {"text/plain": self._twin_(), "text/html": self._live_html_()}


def checkup(at: Endpoint | Session | str | None = None, *, timeout: float = 5.0) -> Checkup:
    """Look at everything, in the order of the module's first sentence; takes a few seconds at worst.

    at: an Endpoint, a Session, a provider's name or URL, or None for what the settings say.
    timeout: seconds for each step on the network.
    """
    checks = [*_guarded("packages", _packages), *_guarded("store", _store), *_guarded("sandbox", _sandbox)]
    try:
        endpoint = _endpoint(at)
    except AIMLError as error:
        return Checkup((*checks, Check("settings", False, error.message, error.advice)))
    checks += _guarded("settings", lambda: _settings(endpoint))
    checks += _guarded("network", lambda: _network(endpoint, timeout))
    return Checkup(checks)


def _endpoint(at: Endpoint | Session | str | None) -> Endpoint:
    if at is None or isinstance(at, str):
        return resolve(at)
    return at if isinstance(at, Endpoint) else at.endpoint()


def _guarded(name: str, look: Callable[[], Iterable[Check]]) -> list[Check]:
    """The checks of one kind; what breaks while looking is a finding too."""
    checks: list[Check] = []
    try:
        checks.extend(look())
    except AIMLError as error:
        checks.append(Check(name, False, error.message, error.advice))
    except Exception as error:  # noqa: BLE001 a doctor must not fall ill: whatever breaks is what was found
        checks.append(Check(name, False, f"{type(error).__name__}: {error}", "Please report this with what you did."))
    return checks


def _packages() -> Iterator[Check]:
    yield Check("Python", True, f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield Check("in", None, sys.prefix)
    try:
        ours = importlib.metadata.distribution("aiml-nb")
    except importlib.metadata.PackageNotFoundError:
        yield Check("aiml-nb", None, "runs from a folder, not installed", "pip install aiml-nb")
        return
    yield Check("aiml-nb", True, ours.version)
    for requirement in ours.requires or []:
        if "extra" not in requirement:
            yield _package(requirement)
    for name, title in _FRONT_ENDS.items():
        found = _version(name)
        remedy = "" if found else 'pip install "aiml-nb[lab]", if you want it here'
        yield Check(title, True if found else None, found or "not installed", remedy)


def _package(requirement: str) -> Check:
    """Whether an installed version lies within the bounds of `name<2,>=1.5`."""
    name = re.split(r"[^A-Za-z0-9._-]", requirement)[0]
    found, remedy = _version(name), f'pip install "{requirement}"'
    if found is None:
        return Check(name, False, "not installed", remedy)
    for sign, bound in re.findall(r"(>=|<)\s*([\d.]+)", requirement):
        if (_numbers(found) >= _numbers(bound)) != (sign == ">="):
            return Check(name, False, f"{found}, but it must be {sign} {bound}", remedy)
    return Check(name, True, found)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> list[int]:
    """`6.4.2` as [6, 4, 2]; zeros at the end say nothing."""
    numbers = [int(part) for part in re.findall(r"\d+", version.partition("+")[0])]
    while numbers and not numbers[-1]:
        numbers.pop()
    return numbers


def _store() -> Iterator[Check]:
    from .store import Store

    home = Path(Store().home)
    probe = home / f".doctor-{time.time_ns()}"
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        remedy = "Make the folder writable, or name another in the environment variable AIML_NB_HOME."
        yield Check("store", False, f"{home}: {error.strerror}", remedy)
        return
    size = sum(path.stat().st_size for path in home.rglob("*") if path.is_file())
    yield Check("store", True, f"{home}, {size / 1e6:.1f} MB")
    free = shutil.disk_usage(home).free
    if free < _FREE:
        yield Check("disk", False, f"{free / 1e6:.0f} MB free", "Make room: `%aiml prune` shows and empties the store.")


def _sandbox() -> Iterator[Check]:
    from . import sandbox

    server = sandbox.shared()
    headers = {"Authorization": f"Bearer {server.key}"}
    request = urllib.request.Request(f"{server.url}/v1/models", headers=headers)  # noqa: S310 our own, on loopback
    try:
        # Loopback never goes through a proxy.
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as answer:
            answer.read()
    except OSError as error:
        yield Check("sandbox", False, str(error), "Something keeps this computer from talking to itself: a firewall?")
    else:
        yield Check("sandbox", True, "answers")


def _settings(endpoint: Endpoint) -> Iterator[Check]:
    yield Check("provider", True, f"{endpoint.title}, from {endpoint.source}", endpoint.hint)
    yield Check("base URL", True, "in this process" if endpoint.is_sandbox else endpoint.base_url)
    if endpoint.is_sandbox:
        yield Check("key", None, "none, so the sandbox answers and no AI runs", "`%aiml key` takes one.")
    elif endpoint.key is not None:
        yield Check("key", True, f"{endpoint.key.masked}, from {endpoint.key_source}")
    elif endpoint.is_local:
        yield Check("key", None, "none, and a local server needs none")
    else:
        key_url = endpoint.preset.key_url if endpoint.preset else ""
        where = f" A new one is made at {key_url}." if key_url else ""
        yield Check("key", False, "none", f"`%aiml key` takes one and keeps it.{where}")


def _network(endpoint: Endpoint, timeout: float) -> Iterator[Check]:
    """Name, connection, TLS and key, in the order in which one needs the other; stops at the first that fails."""
    if endpoint.is_sandbox:
        return
    url = urllib.parse.urlsplit(endpoint.base_url)
    port = url.port or (443 if url.scheme == "https" else 80)
    host, proxy = url.hostname or "", _proxy(url.scheme, url.hostname or "")
    if proxy is not None:
        yield Check("proxy", None, f"{proxy.hostname}:{proxy.port or 80}, from the environment")
        checks = _reach(proxy.hostname or "", proxy.port or 80, timeout, tls_for=None)
    else:
        checks = _reach(host, port, timeout, tls_for=host if url.scheme == "https" else None)
    for check in checks:
        yield check
        if not check.ok:
            return
    yield from _asked(endpoint, timeout)


def _proxy(scheme: str, host: str) -> urllib.parse.SplitResult | None:
    """The proxy from the environment that a request to `host` goes through; loopback uses none."""
    proxies = urllib.request.getproxies()
    chosen = proxies.get(scheme) or proxies.get("all")
    if not chosen or loopback(host) or urllib.request.proxy_bypass(host):
        return None
    return urllib.parse.urlsplit(chosen if "://" in chosen else f"http://{chosen}")


def _reach(host: str, port: int, timeout: float, *, tls_for: str | None) -> Iterator[Check]:
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        remedy = "Is this computer online? Is the base URL spelled right?"
        yield Check("name", False, f"{host} is not known: {error.strerror or error}", remedy)
        return
    yield Check("name", True, f"{host} is {addresses[0][4][0]}")
    start = time.perf_counter()
    try:
        with socket.create_connection((host, port), timeout) as connection:
            yield Check("connection", True, f"port {port} in {1000 * (time.perf_counter() - start):.0f} ms")
            if tls_for:
                yield _tls(connection, tls_for)
    except OSError as error:
        remedy = (
            "Is the server running?"
            if loopback(host)
            else "A firewall or a missing proxy (HTTPS_PROXY) stands between."
        )
        yield Check("connection", False, f"port {port}: {error.strerror or error}", remedy)


def _tls(connection: socket.socket, host: str) -> Check:
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        with context.wrap_socket(connection, server_hostname=host) as secure:
            return Check("TLS", True, str(secure.version()))
    except ssl.SSLCertVerificationError as error:
        remedy = (
            "Where a company or school opens TLS on the way, its certificate must be in the system's store. "
            "Else this may not be the server you mean."
        )
        return Check("TLS", False, error.verify_message or str(error), remedy)
    except OSError as error:
        return Check("TLS", False, str(error), "Does the server speak https on this port?")


def _asked(endpoint: Endpoint, timeout: float) -> Iterator[Check]:
    """Ask something that needs the key, once."""
    path = _NEEDS_KEY.get(endpoint.provider, "/v1/models")
    try:
        answer = _ask(endpoint, path, timeout)
    except (AuthenticationError, PermissionDeniedError) as error:
        yield Check("key accepted", False, error.message, error.advice or "`%aiml key` takes another.")
        return
    except APIError as error:
        unfit = "" if isinstance(error, APIConnectionError) else f"Is {endpoint.base_url} what stands before /v1?"
        yield Check("answer", False, error.message, error.advice or unfit)
        return
    yield Check("answer", True, _said(path, answer))
    yield _accepted(endpoint, path, timeout)
    yield from _clock(answer.headers.get("date"))


def _ask(endpoint: Endpoint, path: str, timeout: float) -> Answer:
    from .client import Client

    client = Client(endpoint, timeout=timeout)
    try:
        return client.request("GET", path)
    finally:
        client.close()


def _accepted(endpoint: Endpoint, path: str, timeout: float) -> Check:
    """What an answer says about the key: nothing, when the server gives the same without one."""
    if endpoint.key is None:
        return Check("key accepted", None, "none was sent, and none was asked for")
    if path == "/v1/models":
        with contextlib.suppress(AIMLError):
            _ask(dataclasses.replace(endpoint, key=None), path, timeout)
            return Check("key accepted", None, f"GET {path} needs none here, so the first call will tell")
    return Check("key accepted", True, "yes")


def _said(path: str, answer: Answer) -> str:
    body = answer.json()
    if path == "/v2/billing" and isinstance(body, dict) and isinstance(body.get("current_balance"), int | float):
        return f"balance ${body['current_balance']:.2f}"
    models = body.get("data") if isinstance(body, dict) else body
    return f"{len(models)} models" if isinstance(models, list) else f"GET {path} answers"


def _clock(date: str | None) -> Iterator[Check]:
    """Whether this computer's clock agrees with the server's Date header."""
    try:
        skew = time.time() - parsedate_to_datetime(date or "").timestamp()
    except ValueError:
        return
    if abs(skew) > _SKEW:
        when = "ahead of" if skew > 0 else "behind"
        yield Check("clock", False, f"{abs(skew) / 60:.0f} minutes {when} the server's", "Set this computer's clock.")
