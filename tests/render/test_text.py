from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiml_nb.render.text import text_table, uncut, visible, width

SCOTLAND = "\U0001f3f4" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbsct") + "\U000e007f"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("a\x08b\x07\x00\x7f", "a␈b␇␀␡"),
        ("safe\rEVIL\r\nx", "safe\nEVIL\nx"),
        ("a\u202eb\u2066c\u2069", "a⟨U+202E⟩b⟨U+2066⟩c⟨U+2069⟩"),
        ("a\U000e0041b", "a⟨U+E0041⟩b"),
        ("\x9b31m", "⟨U+009B⟩31m"),
        ("\ud83d\ude00 \ud83d!", "😀 \ufffd!"),
        ("\ttab\nline", "\ttab\nline"),
        ("שלום مرحبا 👨‍👩‍👧 👍🏽", "שלום مرحبا 👨‍👩‍👧 👍🏽"),
        (SCOTLAND, SCOTLAND),
    ],
)
def test_visible(text: str, shown: str) -> None:
    """Controls, overrides and hidden tags are shown; honest text of any language passes unchanged."""
    assert shown == visible(text)


@given(st.text(st.characters(codec=None)))
def test_visible_is_safe(text: str) -> None:
    """Whatever came, the result can be encoded, holds no control but tab and newline, and is stable."""
    shown = visible(text)
    shown.encode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    assert shown == visible(shown)


def test_uncut() -> None:
    """Half a surrogate pair and half a flag wait for their other half."""
    assert "a" == uncut("a\ud83d")
    assert "a" == uncut("a" + SCOTLAND[:4])
    assert "a" + SCOTLAND == uncut("a" + SCOTLAND)
    assert "aé" == uncut("aé")
    assert "" == uncut("")


def test_text_table() -> None:
    """Columns line up, numbers to the right, wide characters count twice, missing cells are empty."""
    table = text_table(["name", "n"], [["日本", 7], ["a\nb", 1234], ["x"]])
    assert ["name     n", "────  ────", "日本     7", "a b   1234", "x"] == table.split("\n")
    assert 4 == width("日本")
    assert 1 == width("e\u0301")


def test_empty_table() -> None:
    """A table without rows is its header; one without columns is empty."""
    assert "a  b\n─  ─" == text_table(["a", "b"], [])
    assert "" == text_table([], []).strip()
