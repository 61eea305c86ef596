"""Accessibility as axe sees it: what in a part of a page a screen reader or a keyboard would stumble over."""

from __future__ import annotations

from typing import Any

import pytest


def violations(page: Any, selector: str) -> list[str]:
    """What axe finds below `selector` against WCAG 2 A and AA, a line each; skips the test where axe is not installed."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
    found = axe.run(page, context=selector, options=options).response["violations"]
    return [
        f"{each['id']}: {node['html'][:160]} {node['failureSummary'][:200]}" for each in found for node in each["nodes"]
    ]
