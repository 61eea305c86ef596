"""The player of provider quirks, for the tests of the session."""

from __future__ import annotations

from tests.quirks import quirks

__all__ = ["quirks"]
