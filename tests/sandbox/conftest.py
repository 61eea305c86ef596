"""One sandbox for each test, and a plain HTTP client that talks to it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from aiml_nb.sandbox import Server, start


@pytest.fixture
def server() -> Iterator[Server]:
    """A sandbox that sends at once."""
    with start(pace=0) as running:
        yield running


@pytest.fixture
def http(server: Server) -> Iterator[httpx.Client]:
    """A client with the sandbox's key."""
    headers = {"Authorization": f"Bearer {server.key}"}
    with httpx.Client(base_url=server.url, headers=headers, trust_env=False, timeout=20) as client:
        yield client
