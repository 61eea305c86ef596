"""Conversations in the store: turns in order, cut, offered again to a later kernel, copied, renamed, deleted."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiml_nb.errors import InvalidRequestError
from aiml_nb.store import Conversations, Store


@pytest.fixture
def conversations(tmp_path: Path) -> Conversations:
    return Store(tmp_path / "home").conversations


def turn(text: str) -> list[dict[str, object]]:
    return [{"role": "user", "content": text}, {"role": "assistant", "content": "yes"}]


def test_turns_come_back_as_they_were(conversations: Conversations) -> None:
    """Messages, cell, execution count, the partial flag and the call's row are kept, in order from position 0."""
    assert 0 == conversations.append_turn("r", "main", turn("one"), cell="c1", execution_count=4, call=7)
    assert 1 == conversations.append_turn("r", "main", turn("two \ud83d"), partial=True)
    assert 0 == conversations.append_turn("r", "other", turn("three"))
    first, second = conversations.turns("r", "main")
    assert (0, turn("one"), "c1", 4, False, 7) == (
        first.position, first.messages, first.cell, first.execution_count, first.partial, first.call,
    )  # fmt: skip
    assert (1, turn("two \ud83d"), None, True) == (second.position, second.messages, second.cell, second.partial)
    assert ["other", "main"] == conversations.names("r")


def test_cutting_takes_the_end(conversations: Conversations) -> None:
    """A cut removes the turn at its position and all after it; the next turn goes there; other conversations stay."""
    for text in "abcd":
        conversations.append_turn("r", "main", turn(text))
        conversations.append_turn("q", "main", turn(text))
    assert 2 == conversations.cut("r", "main", 2)
    assert 0 == conversations.cut("r", "main", 9)
    assert 2 == conversations.append_turn("r", "main", turn("e"))
    assert ["a", "b", "e"] == [each.messages[0]["content"] for each in conversations.turns("r", "main")]
    assert 4 == len(conversations.turns("q", "main"))


def test_earlier_conversations_are_offered(conversations: Conversations) -> None:
    """`recent` lists those of other runs, newest first, with turns, time and how each begins."""
    conversations.append_turn(
        "old", "main", [{"role": "system", "content": "Be brief."}, *turn("Why  is\nthe sky blue?")]
    )
    conversations.append_turn("old", "main", turn("And at night?"))
    parts = [{"type": "image_url"}, {"type": "text", "text": "x" * 300}]
    conversations.append_turn("older", "pictures", [{"role": "user", "content": parts}])
    conversations.append_turn("now", "main", turn("mine"))
    found = conversations.recent(besides="now")
    assert [("older", "pictures", 1), ("old", "main", 2)] == [(row["run"], row["name"], row["turns"]) for row in found]
    assert "Why is the sky blue?" == found[1]["words"]
    assert 100 == len(found[0]["words"])
    assert {"run", "name", "turns", "time", "words"} == set(found[0])
    assert 1 == len(conversations.recent(1, besides="now"))


def test_a_stored_conversation_goes_on_in_another_run(conversations: Conversations) -> None:
    """`load` copies it, without the cells of the old notebook, so that a re-run there cuts nothing here."""
    conversations.append_turn("old", "main", turn("one"), cell="c1", execution_count=1)
    assert 1 == conversations.load("old", "main", "now")
    conversations.append_turn("now", "main", turn("two"), cell="c1")
    assert [(None, "one"), ("c1", "two")] == [
        (t.cell, t.messages[0]["content"]) for t in conversations.turns("now", "main")
    ]
    assert 1 == len(conversations.turns("old", "main"))
    assert 1 == conversations.load("old", "main", "now", "second")
    with pytest.raises(InvalidRequestError, match="already"):
        conversations.load("old", "main", "now")
    with pytest.raises(InvalidRequestError, match="no conversation"):
        conversations.load("old", "nothing", "now")


def test_renaming_and_deleting(conversations: Conversations) -> None:
    """A name that is taken and a conversation that is not there are refused in words."""
    conversations.append_turn("r", "main", turn("a"))
    conversations.append_turn("r", "other", turn("b"))
    conversations.rename("r", "main", "sky")
    assert {"sky", "other"} == set(conversations.names("r"))
    with pytest.raises(InvalidRequestError, match="already"):
        conversations.rename("r", "sky", "other")
    with pytest.raises(InvalidRequestError, match="no conversation"):
        conversations.rename("r", "main", "x")
    assert 1 == conversations.delete("r", "sky")
    assert ["other"] == conversations.names("r")
