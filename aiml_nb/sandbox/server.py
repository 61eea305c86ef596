"""Runs the sandbox: a socket on loopback, a daemon thread with its own event loop, one shared server for each process.

Knows how to start and stop; what is answered is the business of `app`. Tornado is imported by the first start.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import socket
import sys
import threading
from typing import Self

from ..errors import SettingsError

#: The sandbox's own key: a word that nobody takes for a real one.
KEY = "sandbox"
#: Seconds between two words of a stream, unless AIML_NB_SANDBOX_PACE or `pace=` says otherwise.
PACE = 0.015

_LOOPBACK = ("127.0.0.1", "localhost")
_HUGE = 1 << 40

_shared: Server | None = None
_shared_lock = threading.Lock()
_inherited: list[Server] = []


class Server:
    """A running sandbox. url: where it is, without /v1; key: what it takes as the bearer key; port."""

    def __init__(self, sock: socket.socket, *, pace: float, log: bool = False) -> None:
        self.port: int = sock.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.key = KEY
        self.pid = os.getpid()
        self._socket = sock
        self._pace = pace
        self._log = log
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="aiml_nb-sandbox", daemon=True)
        self._thread.start()
        self._ready.wait()

    @property
    def running(self) -> bool:
        """True until `stop`, and in the process that started it only."""
        return self.pid == os.getpid() and self._thread.is_alive()

    def stop(self) -> None:
        """Close the socket and every connection, and wait for the thread; safe to call again, and in a forked child."""
        if self.pid != os.getpid():
            self.let_go()
            return
        if self._loop is not None and self._stopping is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed already
                self._loop.call_soon_threadsafe(self._stopping.set)
        if self._thread is not threading.current_thread():
            self._thread.join(10)

    def let_go(self) -> None:
        """In a forked child: close this process's copy of the socket; the parent's server goes on."""
        self._socket.close()

    def join(self) -> None:
        """Wait until it has been stopped; Ctrl-C gets through."""
        while self._thread.is_alive():
            self._thread.join(0.5)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<sandbox at {self.url}{'' if self.running else ', stopped'}>"

    def _run(self) -> None:
        # A selector loop on every system: Tornado needs add_reader, which Windows' default loop lacks.
        try:
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                runner.run(self._serve())
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        from tornado.httpserver import HTTPServer

        from .app import application
        from .shop import Shop

        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        shop = Shop(key=self.key, pace=self._pace, port=self.port, log=self._log)
        # The limit on bodies is the handlers' (413, in words); Tornado's own would only cut the connection.
        server = HTTPServer(application(shop), max_body_size=_HUGE, chunk_size=1 << 18)
        server.add_sockets([self._socket])
        self._ready.set()
        await self._stopping.wait()
        server.stop()
        await server.close_all_connections()


def start(*, port: int = 0, pace: float | None = None, host: str = "127.0.0.1", log: bool = False) -> Server:
    """Start a sandbox in a daemon thread.

    port: 0 takes a free one. pace: seconds between two words of a stream, 0 sends at once. host: loopback only.
    log: one line for each request on standard error. Raises SettingsError where it cannot run.
    """
    check_platform(sys.platform)
    if host not in _LOOPBACK:
        raise SettingsError(f"the sandbox runs on this machine only, not on {host!r}", advice="Leave host out.")
    pace = _pace() if pace is None else max(0.0, pace)
    from . import app  # noqa: F401 - imported here, so that what fails to import fails in the caller's thread

    return Server(_bind(port), pace=pace, log=log)


def shared() -> Server:
    """The one sandbox of this process, started on first use and stopped at exit; a forked child gets its own."""
    global _shared
    with _shared_lock:
        if _shared is None or not _shared.running:
            _shared = start()
            atexit.register(_shared.stop)
        return _shared


def serve(port: int = 0, *, log: bool = False) -> None:
    """Run a sandbox until Ctrl-C, for the command line; prints where it is and how to use it."""
    with start(port=port, log=log) as server:
        print(  # noqa: T201 - the command line's output
            f"sandbox at {server.url}/v1, key: {server.key}\nIt runs no AI and costs nothing. Stop it with Ctrl-C.",
            flush=True,
        )
        with contextlib.suppress(KeyboardInterrupt):
            server.join()


def check_platform(platform: str) -> None:
    """Raise SettingsError in the browser (Pyodide), which has neither threads nor sockets."""
    if platform == "emscripten":
        raise SettingsError(
            "the sandbox does not work in the browser: it needs threads and sockets",
            advice="Use a key there, or run Jupyter on your own computer.",
        )


def _bind(port: int) -> socket.socket:
    advice = "Choose another port, or 0 for a free one."
    if not 0 <= port <= 65535:
        raise SettingsError(f"there is no port {port}", advice=advice)
    try:
        sock = socket.create_server(("127.0.0.1", port), backlog=128)
    except OSError as error:
        raise SettingsError(f"the sandbox cannot listen on port {port}: {error.strerror}", advice=advice) from None
    sock.setblocking(False)
    return sock


def _pace() -> float:
    text = os.environ.get("AIML_NB_SANDBOX_PACE", "").strip()
    try:
        pace = float(text or PACE)
    except ValueError:
        pace = -1.0
    if not 0 <= pace <= 60:
        raise SettingsError(
            f"AIML_NB_SANDBOX_PACE is {text[:40]!r}, not a number of seconds",
            advice="Use 0 to send at once, or a small number such as 0.015.",
        )
    return pace


def _forget() -> None:
    """In a forked child: let go of the parent's socket, or it would go on accepting after the parent has closed it."""
    global _shared, _shared_lock
    _shared_lock = threading.Lock()
    if _shared is not None:
        _inherited.append(_shared)  # kept, so that its loop is never finalised here
        _shared.let_go()
        _shared = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
