"""Tests of `aiml_nb.media.embedding` and of how vectors are drawn."""

from __future__ import annotations

import base64
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiml_nb.content import Attachment
from aiml_nb.errors import AIMLError, APIError, InvalidRequestError
from aiml_nb.media.embedding import Embeddings, inputs, payload, request

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "embeddings", "embedding", "index", "usage"]), inner, max_size=4)
    ),
    max_leaves=16,
)


def answer(*vectors: Any, **more: Any) -> dict[str, Any]:
    rows = [{"object": "embedding", "index": at, "embedding": vector} for at, vector in enumerate(vectors)]
    return {"object": "list", "data": rows, "model": "m", "usage": {"prompt_tokens": 3, "total_tokens": 3}, **more}


def made(told: Any, *texts: str) -> Embeddings:
    return Embeddings.from_json(told, model="m", inputs=texts)


def test_vectors_in_the_order_of_their_index() -> None:
    """Rows may come in any order; each vector is its text's."""
    told = answer([1.0, 0.0], [0.0, 2.0])
    told["data"].reverse()
    got = made(told, "a", "b")
    assert ([1.0, 0.0], [0.0, 2.0]) == (list(got[0]), list(got.vectors[1]))
    assert (len(got), got.dimensions, got.inputs, got.usage and got.usage.input) == (2, 2, ["a", "b"], 3)


def test_base64_floats() -> None:
    """Base64 holds little-endian 32-bit floats."""
    packed = base64.b64encode(struct.pack("<3f", 0.5, -1.0, 0.25)).decode()
    assert [0.5, -1.0, 0.25] == list(made(answer(packed))[0])


def test_numbers_stay_as_they_came() -> None:
    """JSON numbers are kept in full."""
    assert made(answer([0.1, 1]))[0][0] == 0.1


def test_lists_without_objects() -> None:
    """A bare list of vectors under `embeddings` is understood."""
    assert len(made({"embeddings": [[1, 2], [3, 4]]})) == 2


@pytest.mark.parametrize(
    "told",
    [
        {},
        [],
        {"data": []},
        answer([]),
        answer(["x"]),
        answer([True]),
        answer("!!!"),
        answer("AAAA"),
        answer([1.0], [1.0, 2.0]),
        answer([10**400]),
        {"data": [{"index": 0, "embedding": [1]}, {"index": 0, "embedding": [2]}]},
    ],
)
def test_what_are_no_vectors(told: Any) -> None:
    """Missing, empty, uneven, doubled or wrong vectors are a protocol error."""
    with pytest.raises(APIError) as caught:
        made(told)
    assert caught.value.kind == "protocol"


def test_a_missing_vector_is_told() -> None:
    """Two texts and one vector do not fit."""
    with pytest.raises(APIError, match="1 vectors came for 2 texts"):
        made(answer([1.0]), "a", "b")


def test_cosines() -> None:
    """Alike is 1, at right angles 0, opposite -1, and a vector of zeros is like nothing."""
    got = made(answer([3.0, 0.0], [0.0, 5.0], [-1e-200, 0.0], [0.0, 0.0]))
    matrix = got.similarity()
    assert [pytest.approx(x) for x in (1, 0, -1, 0)] == matrix[0]
    assert matrix[3] == [0, 0, 0, 0]
    query = made(answer([1.0, 1.0]))
    assert [[pytest.approx(0.7071, abs=1e-4)]] == [row[:1] for row in query.similarity(got)]


def test_many_cosines_agree_with_few() -> None:
    """NumPy, where many are asked for, gives what plain Python gives."""
    vectors = [[((7 * a + b) % 13) - 6.0 for b in range(64)] for a in range(80)]
    got = made(answer(*vectors))
    assert got.similarity()[5][9] == pytest.approx(made(answer(vectors[5], vectors[9])).similarity()[0][1])


def test_other_dimensions_are_not_compared() -> None:
    """Vectors of two models do not mix."""
    with pytest.raises(InvalidRequestError, match="2 and of 1"):
        made(answer([1.0, 2.0])).similarity(made(answer([1.0])))


def test_to_numpy_and_pandas() -> None:
    """An array of texts by dimensions, and a DataFrame whose index are the texts."""
    got = made(answer([1.0, 2.0], [3.0, 4.0]), "a", "b")
    assert got.to_numpy().shape == (2, 2)
    assert list(got.to_pandas().index) == ["a", "b"]
    assert got.to_pandas().loc["b", 1] == 4.0


def test_it_draws_a_labelled_matrix() -> None:
    """Texts, lengths and first numbers; the cosines in washes of colour with the numbers in them."""
    got = made(answer([1.0, 0.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 0.0]), "<b>cat</b>", "dog")
    bundle = got._repr_mimebundle_()
    assert "&lt;b&gt;cat" in bundle["text/html"]
    assert "<b>" not in bundle["text/html"]
    assert "rgba(66,133,244,0.50)" in bundle["text/html"]
    assert "2 vectors of 5 dimensions" in bundle["text/plain"]
    assert "cosine" in bundle["text/plain"]


def test_many_vectors_draw_small() -> None:
    """Of a thousand texts ten are shown and compared."""
    got = made(answer(*([float(at), 1.0] for at in range(1000))))
    assert len(got._repr_mimebundle_()["text/html"]) < 20_000
    assert "1,000 vectors of 2 dimensions, the first 10 shown" in got._twin_()


def test_the_least_call() -> None:
    """A text goes as text, a list as a list, text files after them."""
    assert payload("a", model="m", dimensions=8) == {"model": "m", "input": "a", "dimensions": 8}
    assert payload(["a"], model="m")["input"] == ["a"]
    note = Attachment("text/plain", "n.txt", data=b"from a file")
    assert payload("a", model="m", attachments=[note])["input"] == ["a", "from a file"]
    assert inputs("", [note]) == ["from a file"]
    assert request(["a", "b"], model="m") == {"model": "m", "prompt": ["a", "b"]}


@pytest.mark.parametrize("prompt", ["", [], ["a", ""], ["a", 3], [" "]])
def test_nothing_to_embed(prompt: Any) -> None:
    """Empty texts, and what is no text, are refused."""
    with pytest.raises(InvalidRequestError):
        payload(prompt, model="m")


@given(JSON)
def test_any_json_is_vectors_or_our_error(told: Any) -> None:
    """Whatever a server answers raises nothing but our own errors, and what is made of it can be drawn."""
    try:
        got = made(told)
    except AIMLError as error:
        assert isinstance(error, APIError)
    else:
        assert got._repr_mimebundle_()


@given(st.lists(st.lists(st.floats(), min_size=3, max_size=3), min_size=1, max_size=4))
def test_any_numbers_can_be_drawn(vectors: list[list[float]]) -> None:
    """Infinite, tiny and missing numbers do not break the drawing."""
    assert made(answer(*vectors))._repr_mimebundle_()
