"""Tests of `aiml_nb.catalogue.deprecation`."""

from __future__ import annotations

import re
import warnings

import pytest

from aiml_nb.catalogue import Deprecation, DeprecationNotice, deprecation
from aiml_nb.catalogue.deprecation import Warner, from_headers, known


def test_the_data_file_has_a_date_and_unique_rows() -> None:
    """The facts say how old they are, and none is told twice."""
    date, rows = known()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", date)
    assert len({(row.model, row.parameter) for row in rows}) == len(rows)


def test_a_replacement_is_named() -> None:
    """A known deprecation reads as a sentence with what to use."""
    told = str(deprecation("chatgpt-4o-latest"))
    assert "since 2026-02-17" in told
    assert "use gpt-5.1-chat-latest" in told


def test_a_dropped_parameter_has_its_own_explanation() -> None:
    """Kling's image-to-video takes the ratio of the picture, and the user is told so."""
    found = deprecation("klingai/kling-video-v1.6-pro-image-to-video", "aspect_ratio")
    assert found is not None
    assert "picture's own ratio" in str(found)


@pytest.mark.parametrize(
    ("headers", "since", "until"),
    [
        ({"deprecation": "@1767225600", "sunset": "Wed, 01 Jul 2026 00:00:00 GMT"}, "2026-01-01", "2026-07-01"),
        ({"deprecation": "true"}, "", ""),
        ({"deprecation": "@soon"}, "", ""),
    ],
)
def test_headers_are_read(headers: dict[str, str], since: str, until: str) -> None:
    """Both headers, in each of their forms; what is no date is left out."""
    assert Deprecation("m", since=since, until=until) == from_headers("m", headers)


def test_no_header_no_deprecation() -> None:
    """An ordinary answer deprecates nothing."""
    assert from_headers("m", {}) is None


def test_users_see_the_warning_once() -> None:
    """It is a UserWarning, which is shown by default, and comes once a session."""
    warner = Warner()
    with pytest.warns(DeprecationNotice, match="m is deprecated"):
        warner.warn(Deprecation("m"))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warner.warn(Deprecation("m"))
        warner.warn(None)
    assert issubclass(DeprecationNotice, UserWarning)
