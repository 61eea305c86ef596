"""The way out of this machine: the system's certificates, made into one TLS context, and the proxies of the environment.

Certificates: on macOS and Windows through truststore, which asks the system. On Linux the same files that truststore
would find, read once: truststore reads them again for every connection (measured: 20 ms of CPU each, one at a time).
`SSL_CERT_FILE` and `SSL_CERT_DIR` are honoured. It knows nothing of what is sent.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import ipaddress
import os
import ssl
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.request import getproxies

import httpx

from .retry import Retry
from .wire import Resolver, Wire

#: Where Linux and BSD distributions keep their certificates, for a Python that was built elsewhere.
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


_shared: dict[tuple[object, ...], httpx.Client] = {}
_lock = threading.Lock()


def tls() -> ssl.SSLContext:
    """The one TLS context of the process, with the system's certificates and those of `SSL_CERT_FILE`."""
    return _tls(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@functools.lru_cache(maxsize=2)
def _tls(file: str | None, folder: str | None) -> ssl.SSLContext:
    if sys.platform in {"darwin", "win32"}:
        import truststore

        context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if file or folder:
            context.load_verify_locations(cafile=file, capath=folder)
        return context
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    paths = ssl.get_default_verify_paths()
    if paths.cafile or (paths.capath and any(Path(paths.capath).glob("*.0"))):
        context.set_default_verify_paths()
    else:
        context.load_verify_locations(cafile=_bundle())
    return context


def _bundle() -> str:
    """A bundle of the system, or the one that comes with httpx where the system has none, as in a small container."""
    found = next((path for path in _BUNDLES if Path(path).is_file()), None)
    if found is None:
        import certifi

        found = certifi.where()
    return found


def connect(
    *, pace: float = 1.0, resolver: Resolver | None = None, proxies: dict[str, str] | None = None
) -> httpx.Client:
    """An httpx client over our transports alone: nothing is taken from the environment but proxies.

    pace: of the waits between attempts. resolver: which hosts may be connected to. proxies: in place of the environment's.
    """
    direct = Wire(tls, resolver=resolver)
    found = environment_proxies() if proxies is None else proxies
    client = _Straight(
        transport=Retry(direct, pace=pace),
        mounts={
            pattern: Retry(_Fork(direct, Wire(tls, proxy=proxy)), pace=pace) if proxy else None
            for pattern, proxy in found.items()
        },
        trust_env=False,
    )
    client.headers.clear()
    return client


class _Straight(httpx.Client):
    """Sends through the transports and does nothing else: our calls know no cookies, redirects or authentication flows.

    What httpx would do about those costs a third of a call's own time, and some of each block that is read.
    """

    def send(self, request: httpx.Request, *, stream: bool = False, **_: Any) -> httpx.Response:
        """The answer; with `stream`, its body is still to be read."""
        response = self._transport_for_url(request.url).handle_request(request)
        response.request = request
        if not stream:
            response.read()
        return response


def process_client(
    *, proxies: dict[str, str] | None = None, own: str = "", resolver: Callable[[str], Resolver] | None = None
) -> httpx.Client:
    """The process's one client of that making. After a fork the child gets its own: sockets are not to be shared.

    resolver: makes, for the host `own`, what says which hosts may be connected to.
    """
    if proxies is None:
        proxies = environment_proxies()
    told = (resolver, own, os.environ.get("SSL_CERT_FILE"), *sorted(proxies.items()))
    with _lock:
        if told not in _shared:
            _shared[told] = connect(proxies=proxies, resolver=resolver(own) if resolver else None)
        return _shared[told]


def _forget() -> None:
    global _lock
    _lock = threading.Lock()
    _shared.clear()


def _close_all() -> None:
    for http in list(_shared.values()):
        with contextlib.suppress(Exception):
            http.close()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


class _Fork(httpx.BaseTransport):
    """Through the proxy, but for this machine itself."""

    def __init__(self, direct: httpx.BaseTransport, proxy: httpx.BaseTransport) -> None:
        self._direct = direct
        self._proxy = proxy

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return (self._direct if loopback(request.url.host) else self._proxy).handle_request(request)

    def close(self) -> None:
        self._proxy.close()


def environment_proxies() -> dict[str, str]:
    """URL patterns, as httpx mounts them, to proxies; "" for a host that none is used for (`NO_PROXY`)."""
    told = getproxies()
    exempt = [host.strip() for host in told.get("no", "").split(",") if host.strip()]
    if "*" in exempt:
        return {}
    mounts = {
        f"{scheme}://": url if "://" in url else f"http://{url}"
        for scheme in ("http", "https", "all")
        if (url := told.get(scheme))
    }
    return mounts | {_pattern(host): "" for host in exempt} if mounts else {}


def _pattern(host: str) -> str:
    if "://" in host:
        return host
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("/")[0])
    except ValueError:
        return f"all://{host}" if host.lower() == "localhost" else f"all://*{host}"
    return f"all://[{address}]" if address.version == 6 else f"all://{address}"


def loopback(host: str) -> bool:
    """True for this machine's own names and addresses; no name is looked up."""
    host = host.strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
