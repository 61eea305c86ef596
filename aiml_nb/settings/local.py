"""Finds model servers on this machine by asking their usual ports for `/v1/models`. It asks loopback and nothing else, and sends no key."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from .endpoint import SANDBOX, Endpoint, place
from .providers import PROVIDERS, Provider

_LARGEST = 1_000_000


def find_local(timeout: float = 0.3) -> list[Endpoint]:
    """The servers of the local presets that answer now, in the presets' order.

    timeout: seconds for each to connect and for each read; all are asked at once. A port counts when it answers
    `/v1/models` as OpenAI's API does, with a list or with 401 (a server that wants a key): another program may
    listen on 8000 or 8080.
    """
    from concurrent.futures import ThreadPoolExecutor

    presets = [each for each in PROVIDERS.values() if each.local and each.name != SANDBOX]
    with ThreadPoolExecutor(len(presets)) as pool:
        answers = pool.map(lambda preset: _answers(preset, timeout), presets)
        return [_endpoint(preset) for preset, here in zip(presets, answers, strict=True) if here]


def _endpoint(preset: Provider) -> Endpoint:
    base, version = place(preset.base_url, preset.name)
    return Endpoint(preset.name, base, None, "the search on this machine", "", version)


def _answers(preset: Provider, timeout: float) -> bool:
    import http.client

    parts = urlsplit(preset.base_url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=timeout)
    try:
        connection.request("GET", f"{parts.path}/models", headers={"Accept": "application/json"})
        answer = connection.getresponse()
        return answer.status == 401 or (answer.status == 200 and _is_list(answer.read(_LARGEST)))
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _is_list(body: bytes) -> bool:
    try:
        found = json.loads(body)
    except ValueError:
        return False
    return (
        isinstance(found, dict) and isinstance(found.get("data") or found.get("models") or [], list) and "data" in found
    )
