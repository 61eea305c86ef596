"""How Embeddings look: a row for each text with its norm and first numbers, and how alike the first texts are.

The colours of the second table are thin washes of blue and orange over whatever the page has, so that the numbers stay
readable on light and on dark.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..errors import shorten
from ..render import parts
from ..render.markdown import IGNORE
from ..render.text import text_table

if TYPE_CHECKING:
    from .embedding import Embeddings

#: How many texts and numbers of each are shown, and how many texts are compared.
ROWS, NUMBERS, COMPARED = 10, 4, 10

_CELL = "padding:.25em .6em;text-align:right;color:inherit"


def html(embeddings: Embeddings) -> str:
    """Both tables."""
    headers, rows = _rows(embeddings)
    return parts.table(headers, rows) + parts.note(_left(embeddings)) + _alike(embeddings)


def text(embeddings: Embeddings) -> str:
    """The first table, and the similarities as numbers."""
    headers, rows = _rows(embeddings)
    shown = [text_table(headers, rows), _left(embeddings)]
    if len(embeddings) > 1:
        lines = _cosines(embeddings)
        rows = [[name, *line] for name, line in zip(_names(embeddings), lines, strict=True)]
        shown += ["", text_table(["cosine", *range(1, len(lines) + 1)], rows)]
    return "\n".join(shown)


def _rows(embeddings: Embeddings) -> tuple[list[str], list[list[object]]]:
    count = min(NUMBERS, embeddings.dimensions)
    headers = ["", "norm", *(str(at) for at in range(count)), *(["…"] if embeddings.dimensions > count else [])]
    rows: list[list[object]] = [
        [_label(name), _short(math.hypot(*vector)), *(_short(x) for x in vector[:count])]
        + (["…"] if embeddings.dimensions > count else [])
        for name, vector in zip(embeddings.inputs[:ROWS], embeddings.vectors[:ROWS], strict=True)
    ]
    return headers, rows


def _left(embeddings: Embeddings) -> str:
    count, size = len(embeddings), embeddings.dimensions
    what = f"{count:,} vector{'s' * (count != 1)} of {size:,} dimensions"
    return f"{what}, the first {ROWS} shown" if count > ROWS else what


def _alike(embeddings: Embeddings) -> str:
    """The cosine of each of the first texts with each, washed in colour."""
    if len(embeddings) < 2:
        return ""
    names = [parts.escape(name) for name in _names(embeddings)]
    head = "".join(f'<th scope="col" style="{_CELL}" title="{name}">{at}</th>' for at, name in enumerate(names, 1))
    body = "".join(
        f'<tr><th scope="row" style="{_CELL};text-align:left">{name}</th>{"".join(map(_washed, line))}</tr>'
        for name, line in zip(names, _cosines(embeddings), strict=True)
    )
    caption = '<caption style="text-align:left;caption-side:top;color:inherit">Cosine similarity</caption>'
    style = "border-collapse:collapse;margin:.6em 0"
    return f'<table class="{IGNORE}" style="{style}">{caption}<thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table>'


def _washed(value: float) -> str:
    colour = "66,133,244" if value >= 0 else "244,133,66"
    return f'<td style="{_CELL};background-color:rgba({colour},{abs(value) ** 2 * 0.5:.2f})">{value:.2f}</td>'


def _cosines(embeddings: Embeddings) -> list[list[float]]:
    from .embedding import Embeddings

    few = Embeddings(embeddings.vectors[:COMPARED], embeddings.inputs[:COMPARED])
    return [[round(value, 2) + 0.0 for value in line] for line in few.similarity()]


def _names(embeddings: Embeddings) -> list[str]:
    return [f"{at} {_label(name)}" for at, name in enumerate(embeddings.inputs[:COMPARED], 1)]


def _label(name: str) -> str:
    return shorten(name, 24)


def _short(value: float) -> float:
    """Four digits, and no minus before a zero."""
    return round(value, 4) + 0.0
