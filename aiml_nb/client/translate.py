"""Foreign exceptions become ours, in one context manager; and a server's refusal becomes the error with its advice.

The table `MEANINGS` has an entry for every exception of httpx (a test proves it) and for what else the way to a server
can raise. What is raised here carries no trace of the exception behind it: its frames hold requests with the key in them.
"""

from __future__ import annotations

import binascii
import json
import socket
import ssl
import zlib
from collections.abc import Callable
from types import TracebackType
from urllib.parse import urlsplit

import httpx
import msgspec

from ..errors import (
    AIMLError,
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    Interrupted,
    InvalidRequestError,
    SettingsError,
    StreamError,
    status_error,
)
from ..settings.secret import scrub
from ..transport import Problem
from ..transport.retry import causes
from .advice import advice_for, span
from .scene import Scene

_PAID = "It may already have been paid for, so it was not sent again."


class translated:  # noqa: N801 - reads as the statement it is used in, as contextlib's do
    """`with translated(scene):` anything of httpx, ssl or json that is raised inside comes out as an AIMLError."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        error = None if value is None or isinstance(value, GeneratorExit) else ours(value, self._scene)
        del kind, value, trace
        if error is None:
            return
        try:
            raise error.with_traceback(None)
        finally:
            error.__cause__ = error.__context__ = None


def ours(value: BaseException, scene: Scene) -> BaseException | None:
    """Our error for a foreign one; itself if it is ours already; None where it is neither."""
    if isinstance(value, AIMLError | Interrupted):
        return value
    if isinstance(value, KeyboardInterrupt) or (scene.op is not None and scene.op.cancelled):
        return Interrupted()
    meaning = next((MEANINGS[each] for each in type(value).__mro__ if each in MEANINGS), None)
    return None if meaning is None else meaning(value, scene)


def refusal(problem: Problem, scene: Scene) -> APIStatusError:
    """The error for an answer with an error status, with what to do about it."""
    return status_error(problem.status)(
        scrub(f"{problem.status} from {scene.host}: {problem.text}")[:300],
        status_code=problem.status,
        advice=scrub(advice_for(problem, scene)),
        kind=problem.kind,
        request_id=problem.request_id,
        retry_after=problem.retry_after,
        body=problem.body,
    )


def redirected(status: int, location: str, scene: Scene) -> APIStatusError:
    """The error for a redirect: it is not followed, for it would take the prompt, or the key, somewhere else."""
    try:
        host = urlsplit(location).netloc.rpartition("@")[2]
    except ValueError:
        host = "an address that is none"
    where = f"to {host}" if host else "to another path"
    return status_error(status)(
        scrub(f"{status} from {scene.host}: the call was redirected {where}, and not followed"),
        status_code=status,
        kind="protocol",
        advice=f"If that is the right server, set it as the base URL; now it is {scene.base_url}.",
    )


def _longer(scene: Scene) -> str:
    return f"To wait longer: --timeout {max(60, round(scene.timeout * 2))}."


def _on_connect_timeout(_: BaseException, scene: Scene) -> AIMLError:
    return APITimeoutError(
        f"could not connect to {scene.host} in time",
        advice="Nothing was sent. Check the network and the base URL; a firewall may want a proxy (HTTPS_PROXY).",
    )


def no_answer(scene: Scene) -> APITimeoutError:
    """The error for a wait that was too long: for the answer to begin, or for more of it."""
    seconds = span(scene.timeout) if scene.timeout >= 1 else f"{scene.timeout:g} s"
    what = "sent nothing more for" if scene.answered else "did not answer within"
    paid = _PAID + " " if scene.method == "POST" else ""
    return APITimeoutError(f"{scene.host} {what} {seconds}", advice=paid + _longer(scene), request_id=scene.request_id)


def _on_write_timeout(_: BaseException, scene: Scene) -> AIMLError:
    return APITimeoutError(
        f"{scene.host} stopped taking in the request", advice=f"Send smaller attachments. {_PAID} {_longer(scene)}"
    )


def _on_pool_timeout(_: BaseException, scene: Scene) -> AIMLError:
    return APITimeoutError("too many calls at once: none of the connections became free", advice=_longer(scene))


def _on_connect(error: BaseException, scene: Scene) -> AIMLError:
    for cause in causes(error):
        if isinstance(cause, ssl.SSLError):
            return _on_tls(cause, scene)
        if isinstance(cause, socket.gaierror):
            return APIConnectionError(
                f"no server called {scene.host} was found", advice="Check the base URL for a slip, and the network."
            )
        if isinstance(cause, ConnectionRefusedError) and scene.endpoint.is_local:
            return APIConnectionError(
                f"nothing listens at {urlsplit(scene.endpoint.base_url).netloc}",
                advice="Is the server running? Start it, or check the port in the base URL.",
            )
    return APIConnectionError(
        f"could not connect to {scene.host}",
        advice="Nothing was sent. Check the network, the base URL and, where there is one, the proxy (HTTPS_PROXY).",
    )


def _on_tls(error: BaseException, scene: Scene) -> AIMLError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return APIConnectionError(
            f"the certificate of {scene.host} is not trusted: {error.verify_message}",
            advice="In a company network, set SSL_CERT_FILE to the company's certificates. Nothing was sent.",
        )
    if "WRONG_VERSION" in str(error) or "RECORD" in str(error):
        return APIConnectionError(
            f"{scene.host} does not speak TLS on that port",
            advice="Write http:// in the base URL if the server is your own.",
        )
    return APIConnectionError(
        f"no secure connection to {scene.host} came about", advice="Check the base URL and any proxy in between."
    )


def _on_cut(_: BaseException, scene: Scene) -> AIMLError:
    if scene.streaming and scene.answered:
        return StreamError(
            f"the stream from {scene.host} was cut short",
            kind="incomplete_stream",
            advice="Run it again; what came until then is kept.",
            request_id=scene.request_id,
        )
    what = "in the middle of its answer" if scene.answered else "before it answered"
    paid = f" {_PAID}" if scene.method == "POST" and not scene.answered else ""
    return APIConnectionError(
        f"{scene.host} closed the connection {what}", advice=f"Run it again.{paid}", request_id=scene.request_id
    )


def _on_remote_protocol(error: BaseException, scene: Scene) -> AIMLError:
    text = str(error)
    if "without sending" in text or (scene.streaming and "incomplete" in text):
        return _on_cut(error, scene)
    return _on_protocol(error, scene)


def _on_protocol(_: BaseException, scene: Scene) -> AIMLError:
    return APIConnectionError(
        f"what {scene.host} sent is not proper HTTP",
        kind="protocol",
        advice="Check scheme and port of the base URL, and any proxy in between; else run it again.",
        request_id=scene.request_id,
    )


def _on_proxy(error: BaseException, _: Scene) -> AIMLError:
    status = str(error)[:3]
    what = "wants a user and a password" if status == "407" else "refused the connection"
    return APIConnectionError(
        f"the proxy {what}", advice="Check HTTPS_PROXY and HTTP_PROXY; hosts in NO_PROXY are reached without one."
    )


def _on_bad_request(error: BaseException, _: Scene) -> AIMLError:
    return InvalidRequestError(
        scrub(f"the request cannot be sent: {error}"), advice="Check the path, the headers and the base URL."
    )


def _on_json(_: BaseException, scene: Scene) -> AIMLError:
    return APIError("the answer is broken JSON", advice="Run it again.", request_id=scene.request_id)


def _on_system(error: BaseException, scene: Scene) -> AIMLError:
    if isinstance(error, ConnectionError | TimeoutError):
        return _on_cut(error, scene)
    name = getattr(error, "strerror", None) or type(error).__name__
    return APIError(
        f"the system refused: {name}", kind="connection", advice="Check the file, the disk and the network."
    )


def _on_missing_package(error: BaseException, _: Scene) -> AIMLError:
    return SettingsError(
        f"a package is missing: {getattr(error, 'name', None) or 'socksio'}",
        advice="For a SOCKS proxy: %pip install 'httpx[socks]'.",
    )


def _on_other(error: BaseException, scene: Scene) -> AIMLError:
    return APIError(f"the call to {scene.host} failed: {type(error).__name__}", advice="Run it again.")


#: Every exception that the way to a server may raise; the nearest class counts.
MEANINGS: dict[type[BaseException], Callable[[BaseException, Scene], AIMLError]] = {
    httpx.HTTPError: _on_other,
    httpx.RequestError: _on_other,
    httpx.TransportError: _on_other,
    httpx.TimeoutException: lambda _, scene: no_answer(scene),
    httpx.ConnectTimeout: _on_connect_timeout,
    httpx.ReadTimeout: lambda _, scene: no_answer(scene),
    httpx.WriteTimeout: _on_write_timeout,
    httpx.PoolTimeout: _on_pool_timeout,
    httpx.NetworkError: _on_cut,
    httpx.ConnectError: _on_connect,
    httpx.ReadError: _on_cut,
    httpx.WriteError: _on_cut,
    httpx.CloseError: _on_cut,
    httpx.ProxyError: _on_proxy,
    httpx.UnsupportedProtocol: _on_bad_request,
    httpx.ProtocolError: _on_protocol,
    httpx.LocalProtocolError: _on_bad_request,
    httpx.RemoteProtocolError: _on_remote_protocol,
    httpx.DecodingError: _on_protocol,
    httpx.TooManyRedirects: _on_other,
    httpx.HTTPStatusError: _on_other,
    httpx.InvalidURL: _on_bad_request,
    httpx.CookieConflict: _on_other,
    httpx.StreamError: _on_other,
    httpx.StreamConsumed: _on_other,
    httpx.StreamClosed: _on_other,
    httpx.ResponseNotRead: _on_other,
    httpx.RequestNotRead: _on_other,
    ssl.SSLError: _on_tls,
    json.JSONDecodeError: _on_json,
    msgspec.MsgspecError: _on_json,
    UnicodeError: _on_bad_request,
    binascii.Error: _on_json,
    zlib.error: _on_protocol,
    RecursionError: _on_json,
    OSError: _on_system,
    ImportError: _on_missing_package,
}
