"""Download: a result's file from wherever a provider keeps it, to disk, and nothing else.

The address comes from a server or a model, so it is not trusted: no key, cookie or referrer goes along; hosts inside
this machine's network are refused at every step, by the address that is really connected to; size and kind are checked,
and a name never says where a file goes. What is not whole is never left behind.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import socket
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx

from ..content.sniff import kind_of, right_name, sniff
from ..errors import APIError, APIStatusError, shorten, status_error
from ..settings.endpoint import Endpoint, origin
from ..transport import NOTE, WAIT, Watch, loopback, watching
from ..transport.wire import Resolver
from ..transport.world import process_client
from .scene import Scene
from .translate import no_answer, translated

if TYPE_CHECKING:
    from ..operation import Operation

#: The largest file of a kind, in bytes.
SIZES = {"image": 64 << 20, "audio": 256 << 20, "pdf": 256 << 20, "text": 64 << 20, "video": 2 << 30, "file": 1 << 30}
REDIRECTS = 5

_NOT_IN_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_HEAD = 4096


class Download:
    """For results of calls to `endpoint`: its own server may be on this machine, any other may not."""

    def __init__(self, endpoint: Endpoint, timeout: float, op: Operation[Any] | None = None) -> None:
        self._endpoint = endpoint
        self._timeout = timeout
        self._op = op
        self._watch = Watch()
        if op is not None:
            op.on_cancel(self._watch.cut)

    def fetch(self, url: str, folder: Path, *, name: str, max_bytes: int | None, kinds: tuple[str, ...]) -> Path:
        """The path of the file, in `folder`. `url` without its query is all that a message tells."""
        scene = Scene(self._endpoint, "GET", self._timeout, self._op, target=_host(url))
        limit = max_bytes or max((SIZES.get(kind, SIZES["file"]) for kind in kinds), default=SIZES["file"])
        with translated(scene):
            folder.mkdir(parents=True, exist_ok=True)
            with contextlib.closing(self._open(url, scene)) as response:
                return self._save(response, folder, name, limit, kinds, scene)

    def _open(self, url: str, scene: Scene) -> httpx.Response:
        for _ in range(REDIRECTS + 1):
            self._check(url)
            scene.target = _host(url)
            response = self._send(url)
            location = response.headers.get("location")
            if response.status_code in {301, 302, 303, 307, 308} and location:
                response.close()
                following = _joined(url, location)
                if url.startswith("https:") and not following.startswith("https:"):
                    raise _refused("it leads from https to an address that is not")
                url = following
                continue
            if response.status_code != 200:
                response.close()
                raise _status(response.status_code, scene.target)
            scene.answered = True
            return response
        raise _refused(f"it leads on more than {REDIRECTS} times")

    def _send(self, url: str) -> httpx.Response:
        http = process_client(own=self._own_host(url), resolver=_resolver)
        request = http.build_request(
            "GET",
            url,
            headers={"accept": "*/*", "accept-encoding": "identity", "user-agent": "aiml-nb"},
            timeout=httpx.Timeout(connect=10.0, read=min(60.0, self._timeout), write=10.0, pool=60.0),
        )
        if self._op is not None:
            request.extensions.update({NOTE: self._op.note, WAIT: self._op.wait})
        with watching(self._watch):
            return http.send(request, stream=True)

    def _check(self, url: str) -> None:
        parts = urlsplit(_joined(url, ""))
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise _refused("it is no http or https address")
        if parts.username is not None or parts.password is not None:
            raise _refused("it holds a user name")
        if not self._own_host(url):
            with contextlib.suppress(ValueError):
                _allow(ipaddress.ip_address(parts.hostname))

    def _own_host(self, url: str) -> str:
        """The host that may be inside this network: the endpoint's own; on this machine, any port of it."""
        host = urlsplit(url).hostname or ""
        own = origin(url) == self._endpoint.origin or (self._endpoint.is_local and loopback(host))
        return host if own else ""

    def _save(
        self, response: httpx.Response, folder: Path, name: str, limit: int, kinds: tuple[str, ...], scene: Scene
    ) -> Path:
        told = response.headers.get("content-length", "")
        if told.isdigit() and int(told) > limit:
            raise _too_large(limit)
        handle, part = tempfile.mkstemp(suffix=".part", prefix=".download-", dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                head = self._copy(response, file, limit, kinds, scene)
                file.flush()
                os.fsync(file.fileno())
            return _placed(Path(part), folder, safe_name(name, sniff(head)))
        except BaseException:
            Path(part).unlink(missing_ok=True)
            raise
        finally:
            self._watch.release()

    def _copy(
        self, response: httpx.Response, file: BinaryIO, limit: int, kinds: tuple[str, ...], scene: Scene
    ) -> bytes:
        """Write the body to `file`; the first bytes. Their kind is checked before more is taken."""
        head, size, until = b"", 0, time.monotonic() + max(self._timeout, 600.0)
        checked = False
        for block in response.iter_bytes():
            size += len(block)
            if size > limit:
                raise _too_large(limit)
            if not checked:
                head = (head + block)[:_HEAD]
                if checked := size >= _HEAD:
                    _check_kind(head, kinds)
            file.write(block)
            if time.monotonic() > until:
                raise no_answer(scene)
        told = response.headers.get("content-length", "")
        if told.isdigit() and size < int(told):
            raise APIError("the file was cut short", kind="connection", advice="Run it again.")
        if not checked:
            _check_kind(head, kinds)
        return head


def safe_name(name: str, mime: str) -> str:
    """A file name of plain letters, at most 80 characters, that means no folder and no device, with its kind's extension."""
    plain = _NOT_IN_NAME.sub("-", re.split(r"[/\\]", name)[-1]).strip("-.")[:70].rstrip("-.") or "file"
    if _RESERVED.fullmatch(plain):
        plain = f"file-{plain}"
    return right_name(plain, mime)


def _placed(part: Path, folder: Path, name: str) -> Path:
    """Move the finished file to a name that is free, which this claims, in one step."""
    stem, dot, extension = name.rpartition(".")
    for number in range(10_000):
        final = folder / (name if not number else f"{stem if dot else name}-{number}{dot}{extension if dot else ''}")
        try:
            final.open("xb").close()
        except FileExistsError:
            continue
        return part.replace(final)
    raise FileExistsError(17, "no free name is left")


def _check_kind(head: bytes, kinds: tuple[str, ...]) -> None:
    mime = sniff(head)
    if "any" in kinds or kind_of(mime) in kinds:
        return
    what = "nothing" if not head else "text or a web page" if kind_of(mime) == "text" else mime
    raise APIError(
        f"the address gave {what} where {' or '.join(kinds)} was expected",
        advice="The link may have expired: run it again.",
    )


def _resolver(own: str) -> Resolver:
    """Looks a host up, and refuses one inside this network unless it is `own`; what it gives is what is connected to."""

    def resolve(host: str, port: int) -> list[str]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        addresses = [str(each[4][0]) for each in found]
        if host != own:
            for address in addresses:
                _allow(ipaddress.ip_address(address.partition("%")[0]))
        return addresses

    return resolve


def _allow(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    if not inner.is_global or inner.is_multicast or not address.is_global:
        raise _refused("it leads into this machine's own network")


def _refused(why: str) -> APIError:
    return APIError(
        f"the address of the result was not fetched: {why}",
        advice="An honest provider gives a public https address; do not trust this answer.",
    )


def _status(status: int, host: str) -> APIStatusError:
    gone = (
        "The link has probably expired: run it again."
        if status in {401, 403, 404, 410}
        else "Run it again in a minute."
    )
    return status_error(status)(
        f"{status} from {shorten(host, 80)} for the file of the result", status_code=status, advice=gone
    )


def _too_large(limit: int) -> APIError:
    return APIError(f"the file is larger than {limit >> 20} MB and was not fetched", advice="Ask for a smaller one.")


def _joined(url: str, location: str) -> str:
    """The address that a redirect from `url` leads to, in one spelling; refused where it is none."""
    try:
        following = urljoin(url, location)
        return urlsplit(following).geturl()
    except ValueError:
        raise _refused("it is no address") from None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "the file's server"
    except ValueError:
        return "the file's server"
