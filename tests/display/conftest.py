"""One kernel for all tests of drawing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.display.kernels import Kernel, running


@pytest.fixture(scope="session")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with running(tmp_path_factory.mktemp("kernel") / "place") as kernel:
        yield kernel
