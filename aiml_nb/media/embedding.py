"""Embeddings: texts as a request for vectors, and the answer's vectors with what they stand for.

Pure: it builds the payload and reads the answer. NumPy and pandas are used where they are installed and asked for, and
are no dependency.
"""

from __future__ import annotations

import binascii
import importlib
import importlib.util
import math
import operator
import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from ..content import Attachment
from ..errors import APIError, InvalidRequestError, shorten
from . import asking
from .result import Result

#: The catalogue types that this medium serves.
TYPES = ("openai/embeddings",)

#: Where it is asked for when no schema tells it.
PATH = "/v1/embeddings"

#: The common vocabulary, which `schema.words` keeps.
WORDS = asking.WORDS["embedding"]

#: From this many multiplications on, NumPy does them, if it is there.
_MANY = 200_000

Vector = Sequence[float]


def inputs(prompt: str | Sequence[str], attachments: Sequence[Attachment] = ()) -> list[str]:
    """The texts that a call embeds, in order: the prompt, or each of a list, then text files."""
    texts = [prompt] if isinstance(prompt, str) else list(prompt)
    texts = [text for text in texts if text] if isinstance(prompt, str) else texts
    for each in attachments:
        if each.kind != "text":
            raise asking.refused(each, "text")
        texts.append(each.text())
    given: list[Any] = list(texts)  # a list from a notebook may hold anything
    if not given or not all(isinstance(text, str) and text.strip() for text in given):
        raise InvalidRequestError(
            "there is no text to embed" if not given else "one of the texts is empty or no text",
            param="input",
            advice="Give a text, or a list of texts without empty ones.",
        )
    return texts


def taken(
    prompt: str | Sequence[str], attachments: Sequence[Attachment] = ()
) -> tuple[str | list[str], tuple[Attachment, ...]]:
    """Prompt and attachments, text files being texts of their own."""
    texts = inputs(prompt, attachments)
    return (texts[0] if isinstance(prompt, str) and len(texts) == 1 else texts), ()


def request(prompt: str | Sequence[str], *, model: str, **params: Any) -> dict[str, Any]:
    """The request in common words, for `schema.fit`."""
    return asking.request(prompt if isinstance(prompt, str) else list(prompt), model=model, params=params)


def payload(
    prompt: str | Sequence[str], *, model: str, attachments: Sequence[Attachment] = (), **params: Any
) -> dict[str, Any]:
    """The body of `POST /v1/embeddings`: one text as text, several as a list."""
    texts = inputs(prompt, attachments)
    single = isinstance(prompt, str) and len(texts) == 1
    return {"model": model, "input": texts[0] if single else texts} | asking.on_the_wire(params, WORDS)


def found(answer: Any) -> list[Any]:
    """No files: vectors are in the answer itself."""
    del answer
    return []


class Embeddings(Result, Sequence[Vector]):
    """Vectors, a sequence of arrays of floats, all of one length: `.vectors`, `.inputs` what they stand for, `.dimensions`."""

    def __init__(
        self,
        vectors: Sequence[Vector] = (),
        inputs: Sequence[str] = (),
        raw: Any = None,
        *,
        model: str = "",
        provider: str = "",
    ) -> None:
        super().__init__(raw, model=model, provider=provider)
        self.vectors = list(vectors)
        self.inputs = list(inputs) or [str(at) for at in range(len(self.vectors))]

    @classmethod
    def from_json(
        cls, answer: Any, files: Sequence[Any] = (), *, model: str, provider: str = "", inputs: Sequence[str] = ()
    ) -> Self:
        """The result of an answer. inputs: the texts that were sent.

        Raises APIError (kind "protocol") when vectors are missing, or are not as many as inputs, or differ in length.
        """
        del files
        vectors = read(answer)
        if inputs and len(inputs) != len(vectors):
            raise _wrong(f"{len(vectors)} vectors came for {len(inputs)} texts")
        return cls(vectors, inputs, answer, model=model, provider=provider)

    @property
    def dimensions(self) -> int:
        """The length of each vector."""
        return len(self.vectors[0]) if self.vectors else 0

    def __len__(self) -> int:
        return len(self.vectors)

    def __getitem__(self, at: Any) -> Any:
        return self.vectors[at]

    def __iter__(self) -> Iterator[Vector]:
        return iter(self.vectors)

    def to_numpy(self) -> Any:
        """A NumPy array of shape (texts, dimensions). Raises InvalidRequestError without NumPy."""
        return _module("numpy").array([list(vector) for vector in self.vectors], dtype=float)

    def to_pandas(self) -> Any:
        """A DataFrame with a row for each text, which is its index, and a column for each dimension."""
        return _module("pandas").DataFrame([list(vector) for vector in self.vectors], index=self.inputs)

    def similarity(self, other: Embeddings | None = None) -> list[list[float]]:
        """The cosine of each vector with each (of `other`, where given): -1 to 1, 0 for a vector of zeros."""
        others = self if other is None else other
        if len(self) and len(others) and self.dimensions != others.dimensions:
            raise InvalidRequestError(
                f"vectors of {self.dimensions} and of {others.dimensions} dimensions cannot be compared",
                param="other",
                advice="Embed both with the same model and the same dimensions.",
            )
        if len(self) * len(others) * self.dimensions > _MANY and importlib.util.find_spec("numpy"):
            return _by_numpy(self, others)
        left, right = [_unit(vector) for vector in self], [_unit(vector) for vector in others]
        return [[_clipped(sum(map(operator.mul, a, b))) for b in right] for a in left]

    def __repr__(self) -> str:
        return f"Embeddings({len(self)} × {self.dimensions}, {shorten(self.model, 60)})"

    def _body_html(self) -> str:
        from .embedding_drawing import html

        return html(self)

    def _body_text(self) -> str:
        from .embedding_drawing import text

        return text(self)


def read(answer: Any) -> list[Vector]:
    """The vectors in the order of their `index`. Raises APIError (kind "protocol") for what is not a list of them."""
    told = answer if isinstance(answer, Mapping) else {}
    rows = next((v for key in ("data", "embeddings") if isinstance(v := told.get(key), list) and v), None)
    if rows is None:
        raise _wrong("the answer holds no vectors")
    placed: dict[int, Vector] = {}
    for at, row in enumerate(rows):
        index = row.get("index", at) if isinstance(row, Mapping) else at
        if not isinstance(index, int) or isinstance(index, bool) or index in placed:
            raise _wrong("the vectors' order is unclear")
        placed[index] = _vector(row.get("embedding") if isinstance(row, Mapping) else row)
    vectors = [placed[index] for index in sorted(placed)]
    if len({len(vector) for vector in vectors}) != 1:
        raise _wrong("the vectors differ in length")
    return vectors


def _vector(told: Any) -> Vector:
    """Numbers, or little-endian 32-bit floats in base64."""
    if isinstance(told, str):
        return _unpacked(told)
    if not isinstance(told, list) or not told or any(type(number) not in {int, float} for number in told):
        raise _wrong("a vector is not a list of numbers")
    try:
        return array("d", told)
    except OverflowError:
        raise _wrong("a vector holds a number too large") from None


def _unpacked(text: str) -> Vector:
    floats = array("f")
    try:
        floats.frombytes(binascii.a2b_base64(text, strict_mode=True))
    except ValueError:
        raise _wrong("a vector is not base64 of 32-bit floats") from None
    if not floats:
        raise _wrong("a vector is empty")
    if sys.byteorder == "big":
        floats.byteswap()
    return floats


def _unit(vector: Vector) -> list[float]:
    most = max(map(abs, vector), default=0.0)
    scaled = [x / most for x in vector] if most and math.isfinite(most) else [0.0] * len(vector)
    length = math.hypot(*scaled)
    return [x / length for x in scaled] if length else scaled


def _by_numpy(one: Embeddings, other: Embeddings) -> list[list[float]]:
    numpy = _module("numpy")

    def units(embeddings: Embeddings) -> Any:
        matrix = embeddings.to_numpy()
        lengths = numpy.linalg.norm(matrix, axis=1, keepdims=True)
        return matrix / numpy.where(lengths, lengths, 1)

    product: list[list[float]] = numpy.clip(units(one) @ units(other).T, -1, 1).tolist()
    return product


def _clipped(value: float) -> float:
    return min(1.0, max(-1.0, value))


def _module(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise InvalidRequestError(
            f"{name} is not installed", advice=f"Run %pip install {name}, or use .vectors."
        ) from None


def _wrong(message: str) -> APIError:
    return APIError(message, kind="protocol", advice="Run it again, or try another model.")
