"""Tests of `aiml_nb.catalogue.model`: rows and prices."""

from __future__ import annotations

from typing import Any

import pytest

from aiml_nb.catalogue import Model
from aiml_nb.costs import Cost, Usage

TOKENS = {
    "kind": "fixed",
    "units": [
        {"name": "token", "measure": "input", "price": 1.3, "per": 1_000_000},
        {"name": "token", "measure": "output", "price": 5.2, "per": 1_000_000},
    ],
}
SECONDS = {
    "kind": "variants",
    "dimensions": ["resolution"],
    "variants": [
        {"when": {"resolution": "720p"}, "price": 0.39, "unit": "second", "per": 1},
        {"when": {"resolution": "1080p"}, "price": 0.65, "unit": "second", "per": 1},
    ],
}


def model(**row: Any) -> Model:
    made = Model.from_json({"id": "m", **row})
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("kind", "medium"),
    [
        ("openai/chat-completions", "chat"), ("openai/responses/submit", "chat"), ("anthropic/messages", "chat"),
        ("openai/image-generations", "image"), ("openai/image-editing", "image"), ("openai/embeddings", "embedding"),
        ("internal/video-generations/submit", "video"), ("internal/audio-generations/submit", "music"),
        ("internal/text-to-speech", "speech"), ("internal/speech-to-text/submit", "transcript"),
        ("internal/optical-character-recognition", "ocr"), ("/v2/generate/audio/minimax/generate", "music"), ("", ""),
    ],
)  # fmt: skip
def test_the_type_tells_the_medium(kind: str, medium: str) -> None:
    """Each type of endpoint belongs to a medium; an untold one to none."""
    assert medium == model(type=kind).medium


def test_a_model_that_gives_solids_is_a_mesh_model() -> None:
    """3D models share the images' endpoint and are told by what they give."""
    assert model(type="openai/image-generations", modalities={"output": ["3d"]}).medium == "mesh"


def test_token_prices() -> None:
    """A price by the token gives the exact cost of a usage, and reads as dollars a million."""
    priced = model(pricing=TOKENS)
    assert priced.cost(Usage(1000, 100)) == Cost(pytest.approx(0.00182), None, "catalogue")  # type: ignore[arg-type]
    assert priced.price == "$1.3 in, $5.2 out for a million tokens"
    assert priced.cost(Usage(1000)) is None


def test_a_variant_is_chosen_by_its_conditions() -> None:
    """The price by the second follows the resolution, asked for or the model's default."""
    priced = model(pricing=SECONDS)
    assert priced.estimate({"resolution": "1080P", "duration": 5}) == Cost(pytest.approx(3.25), None, "catalogue")  # type: ignore[arg-type]
    assert priced.estimate({"duration": "10"}, {"resolution": "720p"}) == Cost(pytest.approx(3.9), None, "catalogue")  # type: ignore[arg-type]


@pytest.mark.parametrize("payload", [{}, {"resolution": "4K", "duration": 5}, {"resolution": "720p"}])
def test_what_is_not_fixed_is_unknown(payload: dict[str, Any]) -> None:
    """Without the numbers that the price depends on there is no estimate."""
    assert model(pricing=SECONDS).estimate(payload) is None


def test_pictures_are_counted() -> None:
    """A price by the image is multiplied by how many are asked for."""
    priced = model(pricing={"kind": "fixed", "units": [{"name": "image", "measure": "image", "price": 3, "per": 100}]})
    assert priced.estimate({"num_images": 4}) == Cost(pytest.approx(0.12), None, "catalogue")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        ({"name": "second", "measure": "output", "price": 0.5, "per": 1}, "$0.5 for each second"),
        ({"name": "character", "measure": "output", "price": 15, "per": 1000}, "$0.015 for each character"),
        ({"name": "token", "measure": "input", "price": 0.02, "per": 1_000_000}, "$0.02 for a million tokens"),
    ],
)
def test_a_price_names_what_is_counted(unit: dict[str, Any], words: str) -> None:
    """Seconds, characters, tokens: what is paid for by the piece, never just "output"."""
    assert words == model(pricing={"kind": "fixed", "units": [unit]}).price


@pytest.mark.parametrize(
    "pricing", [{}, {"kind": "variable"}, {"kind": "fixed", "units": [{"price": "x"}]}, {"kind": "variants"}]
)
def test_unknown_prices_are_said(pricing: dict[str, Any]) -> None:
    """A price that cannot be read is unknown, never zero."""
    assert model(pricing=pricing).price == "price unknown"
    assert model(pricing=pricing).estimate({}) is None


@pytest.mark.parametrize("row", [None, 3, {}, {"id": ""}, {"id": 3}])
def test_a_row_without_an_id_is_none(row: Any) -> None:
    """What names no model is left out."""
    assert Model.from_json(row) is None
