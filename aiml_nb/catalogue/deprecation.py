"""Deprecations: which models and parameters are on their way out, since when, and what to use instead.

Facts come from the HTTP headers `Deprecation` and `Sunset`, from `deprecated` in a schema, and from a data file for what no
API tells. The warning is a UserWarning, so that users see it; each is given once a session.
"""

from __future__ import annotations

import functools
import json
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from msgspec import Struct


class DeprecationNotice(UserWarning):
    """A model or a parameter is on its way out."""


class Deprecation(Struct, frozen=True):
    """What is known: of which model (and parameter), since when, until when, what instead, and why."""

    model: str
    parameter: str = ""
    since: str = ""
    until: str = ""
    instead: str = ""
    why: str = ""

    def __str__(self) -> str:
        what = f"{self.parameter} of {self.model}" if self.parameter else self.model
        told = f"{what} is deprecated"
        told += f" since {self.since}" if self.since else ""
        told += f" and ends on {self.until}" if self.until else ""
        told += f"; use {self.instead}" if self.instead else ""
        return f"{told}. {self.why}".rstrip() if self.why else f"{told}."


@functools.cache
def known() -> tuple[str, tuple[Deprecation, ...]]:
    """The date of the data file, and what it says."""
    data = json.loads((Path(__file__).with_name("deprecations.json")).read_text("utf-8"))
    return data["date"], tuple(Deprecation(**row) for row in data["deprecations"])


def deprecation(model: str, parameter: str = "") -> Deprecation | None:
    """What the data file says of a model, or of one of its parameters."""
    return _index().get((model, parameter))


@functools.cache
def _index() -> dict[tuple[str, str], Deprecation]:
    return {(each.model, each.parameter): each for each in reversed(known()[1])}


def from_headers(model: str, headers: Mapping[str, str]) -> Deprecation | None:
    """What `Deprecation` (RFC 9745: `@` and epoch seconds, or a date) and `Sunset` (RFC 8594: a date) say of a model."""
    since, until = headers.get("deprecation"), headers.get("sunset")
    if not since and not until:
        return None
    return Deprecation(model, since=_day(since), until=_day(until))


class Warner:
    """Warns of each deprecation once; one for a session."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str]] = set()

    def warn(self, found: Deprecation | None) -> None:
        """Warn of `found`, unless that was done or there is nothing."""
        if found is None or (found.model, found.parameter) in self._told:
            return
        self._told.add((found.model, found.parameter))
        # No path of this machine: what is saved with the notebook is the same wherever it was run.
        warnings.warn_explicit(str(found), DeprecationNotice, filename="aiml_nb", lineno=1)


def _day(value: Any) -> str:
    """A date in a header as `2026-02-17`; empty for what is none (`true`)."""
    text = str(value or "").strip()
    try:
        moment = datetime.fromtimestamp(int(text[1:]), UTC) if text.startswith("@") else parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, OSError):
        return ""
    return moment.date().isoformat()
