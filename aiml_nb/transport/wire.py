"""The wire: one pool of HTTP/1.1 connections, and the way to cut the connection that a thread is waiting on.

A read that blocks in one thread is ended from another by shutting its socket down; `close()` does not wake it. Which
socket that is only the network backend knows, for a kept-alive connection tells nobody who uses it next: so each
stream notes its `Watch` when a request is written to it. Names may be checked before they are connected to.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpcore
import httpx

#: Threads share the pool; what limits is the provider, not we. Gateways drop a quiet connection after a minute.
LIMITS = httpx.Limits(max_connections=1000, max_keepalive_connections=100, keepalive_expiry=55.0)

#: Given a host and a port, the addresses that may be connected to; raises for those that may not.
Resolver = Callable[[str, int], list[str]]

_here = threading.local()


class Watch:
    """The connection that one call is on. `cut()`, from any thread, ends what it waits for."""

    __slots__ = ("_stream", "is_cut")

    def __init__(self) -> None:
        self.is_cut = False
        self._stream: _Stream | None = None

    def on(self, stream: _Stream) -> None:
        """Note that the call has been written to `stream`."""
        if self.is_cut:
            raise httpcore.WriteError("cut before it was sent")
        self._stream = stream
        stream.watch = self

    def cut(self) -> None:
        """Shut the connection down, unless another call has it by now."""
        self.is_cut = True
        stream = self._stream
        if stream is not None and stream.watch is self:
            raw = stream.get_extra_info("socket")
            with contextlib.suppress(OSError, AttributeError):
                # The plain socket's method: SSLSocket's own would drop the TLS state under the reading thread.
                socket.socket.shutdown(raw, socket.SHUT_RDWR)

    def hurry(self, seconds: float) -> None:
        """Have no further read of this call wait longer than this."""
        if self._stream is not None and self._stream.watch is self:
            self._stream.hurry(seconds)

    def release(self) -> None:
        """The call is over: its connection belongs to somebody else from now on."""
        if self._stream is not None and self._stream.watch is self:
            self._stream.watch = None
        self._stream = None


@contextlib.contextmanager
def watching(watch: Watch | None) -> Iterator[None]:
    """Have `watch` note the connection of the request that this thread sends inside."""
    before = getattr(_here, "watch", None)
    _here.watch = watch
    try:
        yield
    finally:
        _here.watch = before


class Wire(httpx.BaseTransport):
    """Plain and TLS connections, each pool made when first needed.

    context: gives the TLS context. proxy: the URL of an HTTP or SOCKS proxy. resolver: what names may be connected to.
    """

    def __init__(
        self, context: Callable[[], ssl.SSLContext], *, proxy: str | None = None, resolver: Resolver | None = None
    ) -> None:
        self._context = context
        self._proxy = proxy
        self._backend = _Backend(None if proxy else resolver)
        self._pools: dict[str, httpx.HTTPTransport] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send; the answer's body is still to be read."""
        scheme = request.url.scheme
        pool = self._pools.get(scheme) or self._open(scheme)
        return pool.handle_request(request)

    def close(self) -> None:
        """Drop every connection."""
        for pool in self._pools.values():
            pool.close()

    def _open(self, scheme: str) -> httpx.HTTPTransport:
        with self._lock:
            if scheme not in self._pools:
                # Plain http needs no certificates, whose parsing costs more than all else of a first call.
                safe = scheme != "http" or (self._proxy or "").startswith("https")
                context = self._context() if safe else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                proxy = None
                if self._proxy:
                    secured = self._proxy.startswith("https")
                    proxy = httpx.Proxy(self._proxy, ssl_context=context if secured else None)
                pool = httpx.HTTPTransport(
                    verify=context, limits=LIMITS, proxy=proxy, trust_env=False, socket_options=_keep_alive()
                )
                # httpx offers no way to hand a backend through; httpcore does, and keeps it here.
                pool._pool._network_backend = self._backend  # noqa: SLF001
                self._pools[scheme] = pool
            return self._pools[scheme]


class _Stream(httpcore.NetworkStream):
    """A connection that remembers whose call it carries; reading, the hot path, goes straight to the real stream."""

    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self.watch: Watch | None = None
        self._inner = inner
        self.read = inner.read  # type: ignore[method-assign]
        self.close = inner.close  # type: ignore[method-assign]
        self.get_extra_info = inner.get_extra_info  # type: ignore[method-assign]

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        watch: Watch | None = getattr(_here, "watch", None)
        if watch is not None:
            watch.on(self)
        else:
            self.watch = None
        self.read = self._inner.read  # type: ignore[method-assign] # a new request waits as long as it likes
        self._inner.write(buffer, timeout)

    def hurry(self, seconds: float) -> None:
        """Until the next request is written, no read waits longer than this."""

        def read(max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG001 - ours is the shorter
            return self._inner.read(max_bytes, seconds)

        self.read = read  # type: ignore[method-assign]

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        watch: Watch | None = getattr(_here, "watch", None)
        if watch is not None:
            watch.on(self)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout))


class _Backend(httpcore.SyncBackend):
    def __init__(self, resolver: Resolver | None) -> None:
        self._resolver = resolver

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = [host] if self._resolver is None else self._resolver(host, port)
        for address in addresses[:-1]:
            with contextlib.suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return _Stream(super().connect_tcp(address, port, timeout, local_address, socket_options))
        return _Stream(super().connect_tcp(addresses[-1], port, timeout, local_address, socket_options))


def _keep_alive() -> list[tuple[int, int, int]]:
    """Probe a quiet connection: a model that thinks for minutes must not be taken for dead by a router on the way."""
    options = [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    for name, seconds in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 60), ("TCP_KEEPCNT", 5)):
        if hasattr(socket, name):
            options.append((socket.IPPROTO_TCP, getattr(socket, name), seconds))
    return options
