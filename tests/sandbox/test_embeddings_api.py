"""Embeddings: steady, of length 1, alike for texts alike."""

from __future__ import annotations

import base64
import math
import struct
from typing import Any

import httpx
import pytest

from aiml_nb.sandbox.embeddings_api import vector


def embed(http: httpx.Client, **body: Any) -> Any:
    return http.post("/v1/embeddings", json={"model": "text-embedding-3-small"} | body).json()


def cosine(first: str, second: str) -> float:
    return sum(a * b for a, b in zip(vector(first, 1536), vector(second, 1536), strict=True))


def test_similar_texts_are_nearer() -> None:
    """Texts that share words or parts of words come closer than texts that do not."""
    cat = "The cat sleeps on the sofa"
    assert cosine(cat, "A cat is sleeping on a sofa") > 0.4
    assert cosine(cat, "Cats sleep") > cosine(cat, "Interest rates rose again in March") + 0.15
    assert cosine(cat, cat) == pytest.approx(1)


def test_one_theme_brings_texts_together() -> None:
    """Texts without a word in common come close when their words are of one theme, so that a search by meaning can be shown."""
    asked = "My bike has a puncture"
    assert cosine(asked, "How to fix a flat tyre") > cosine(asked, "How to bake bread in the oven") + 0.1


def test_a_vector_has_length_one_and_the_asked_dimensions(http: httpx.Client) -> None:
    """1536 by default, fewer when asked."""
    rows = embed(http, input=["one", "two"])["data"]
    assert [(row["index"], len(row["embedding"])) for row in rows] == [(0, 1536), (1, 1536)]
    assert math.hypot(*rows[0]["embedding"]) == pytest.approx(1, abs=1e-5)
    assert len(embed(http, input="one", dimensions=64)["data"][0]["embedding"]) == 64


def test_base64_holds_the_same_numbers(http: httpx.Client) -> None:
    """Little-endian 32-bit floats, as OpenAI packs them."""
    packed = base64.b64decode(embed(http, input="hello", encoding_format="base64")["data"][0]["embedding"])
    assert list(struct.unpack("<1536f", packed)) == embed(http, input="hello")["data"][0]["embedding"]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "input"),
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": ["a", ""]}, "input[1]"),
        ({"input": "a", "dimensions": 5000}, "1536"),
        ({"input": 5}, "input"),
    ],
)
def test_a_wrong_input_is_refused(http: httpx.Client, body: Any, word: str) -> None:
    """400 names what is wrong."""
    answer = embed(http, **body)
    assert answer["statusCode"] == 400
    assert word in answer["message"]


def test_token_numbers_are_one_text(http: httpx.Client) -> None:
    """A list of numbers is one text, a list of lists several."""
    assert len(embed(http, input=[1, 2, 3])["data"]) == 1
    assert len(embed(http, input=[[1, 2], [3]])["data"]) == 2
