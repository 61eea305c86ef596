"""POST /v1/embeddings: vectors made of hashed words and letter groups, so that texts alike get vectors alike.

No model runs: "cat" and "cats" come close by their letters, "cat" and "kitten" because `data/themes.json` has both under
one theme; what that short list leaves out has no meaning here. Every vector has length 1.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import math
import re
import sys
from array import array
from collections import defaultdict
from importlib import resources
from typing import Any

from .base import Handler
from .refusal import invalid
from .tokens import count, meta

_WORD_WEIGHT, _GROUP_WEIGHT, _THEME_WEIGHT = 2.0, 1.0, 12.0
#: In how many places of a vector each word is felt.
_SPREAD = 64
_COMMON = frozenset("a an and are as at be but by for from in is it of on or that the this to was with".split())


class EmbeddingsHandler(Handler):
    """Embeddings."""

    def prompt(self, body: dict[str, Any]) -> str:
        """The text in which a fault may be asked for."""
        given = body.get("input")
        return given if isinstance(given, str) else ""

    async def answer(self, body: dict[str, Any]) -> None:
        """Answer a POST."""
        model = self.wanted(body, "embedding")
        most = model.facts["dimensions"]
        dimensions = body.get("dimensions") or most
        if dimensions > most:
            raise invalid("dimensions", f"Must be less than or equal to {most}, received {dimensions}")
        texts = _texts(body["input"])
        vectors = await self.apart(lambda: [vector(text, dimensions) for text in texts])
        shape = _packed if body.get("encoding_format") == "base64" else list
        data = [{"object": "embedding", "index": i, "embedding": shape(v)} for i, v in enumerate(vectors)]
        tokens = sum(count(text) for text in texts)
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        await self.reply({"object": "list", "data": data, "model": model.id, "usage": usage, "meta": meta(texts[0])})


def vector(text: str, dimensions: int) -> array[float]:
    """The vector of a text: `dimensions` 32-bit floats of length 1, the same on every machine."""
    values = [0.0] * dimensions
    for feature, weight in _features(text).items():
        for number in memoryview(hashlib.shake_256(feature.encode()).digest(4 * _SPREAD)).cast("I"):
            values[(number >> 1) % dimensions] += weight if number & 1 else -weight
    length = math.sqrt(sum(value * value for value in values))
    if length == 0:
        values[0], length = 1.0, 1.0
    return array("f", [value / length for value in values])


def _features(text: str) -> dict[str, float]:
    """Words, groups of three letters, and themes, each counting by the root of how often it is there."""
    counts: defaultdict[str, float] = defaultdict(float)
    for word in re.findall(r"\w+|[^\w\s]", text.lower()):
        scale = 0.2 if word in _COMMON else 1.0
        counts[f"w {word}"] += _WORD_WEIGHT * scale
        padded = f"^{word}$"
        for start in range(len(padded) - 2):
            counts[f"g {padded[start : start + 3]}"] += _GROUP_WEIGHT * scale
        theme = _themes().get(word) or _themes().get(word.removesuffix("s"))
        if theme:
            counts[f"t {theme}"] += _THEME_WEIGHT
    return {feature: math.sqrt(weight) for feature, weight in counts.items()}


@functools.cache
def _themes() -> dict[str, str]:
    """The theme of each word that has one."""
    told = json.loads(resources.files(__package__).joinpath("data", "themes.json").read_text("utf-8"))
    return {word: theme for theme, words in told["themes"].items() for word in words.split()}


def _packed(values: array[float]) -> str:
    """Base64 of little-endian 32-bit floats, as OpenAI packs them."""
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return base64.b64encode(values.tobytes()).decode()


def _texts(given: Any) -> list[str]:
    """The texts to embed; a list of token numbers counts as one text."""
    items = [given] if isinstance(given, str) or all(isinstance(item, int) for item in given) else given
    texts = []
    for index, item in enumerate(items):
        tokens = isinstance(item, list) and item and all(isinstance(token, int) for token in item)
        text = " ".join(map(str, item)) if tokens else item
        if not isinstance(text, str) or not text:
            raise invalid(f"input[{index}]", "Expected a text that is not empty")
        texts.append(text)
    return texts
