"""Tests of `aiml_nb.conversation`: each rule of memory, one by one."""

from __future__ import annotations

import json

import pytest

from aiml_nb.content import Message
from aiml_nb.conversation import Cell, Conversation, Conversations, Turn
from aiml_nb.errors import InvalidRequestError
from aiml_nb.store import Store


def turn(prompt: str, answer: str, cell: Cell | None = None, *, partial: bool = False) -> Turn:
    return Turn((Message("user", prompt), Message("assistant", answer, partial=partial)), cell or Cell())


def prompts(talk: Conversation) -> list[str]:
    return [t.prompt for t in talk]


def test_a_cell_run_again_goes_back_to_before_its_first_turn() -> None:
    """A later run of a cell starts before the first turn that it wrote in an earlier run."""
    talk = Conversation("main")
    for name, cell in [("a", Cell("A", 1)), ("b", Cell("B", 2)), ("c", Cell("C", 3))]:
        talk.add(turn(name, name, cell))
    assert talk.before(Cell("B", 4)) == 1
    talk.add(turn("b2", "b2", Cell("B", 4)), at=1)
    assert prompts(talk) == ["a", "b2"]


def test_a_loop_inside_one_run_appends() -> None:
    """Turns of the same run follow one another."""
    talk = Conversation("main")
    for n in range(3):
        cell = Cell("A", 1)
        talk.add(turn(str(n), "", cell), at=talk.before(cell))
    assert prompts(talk) == ["0", "1", "2"]


def test_a_loop_run_again_starts_over_once() -> None:
    """The second run of a loop drops the first run's turns and keeps its own."""
    talk = Conversation("main")
    for run in (1, 2):
        for n in range(2):
            cell = Cell("A", run)
            talk.add(turn(f"{run}.{n}", "", cell), at=talk.before(cell))
    assert prompts(talk) == ["2.0", "2.1"]


def test_without_a_cell_id_turns_append() -> None:
    """In a front end that tells no cell id, every call goes on."""
    talk = Conversation("main")
    for n in range(2):
        talk.add(turn(str(n), ""), at=talk.before(Cell(None, n)))
    assert prompts(talk) == ["0", "1"]


def test_a_new_cell_appends() -> None:
    """A cell that wrote nothing yet goes on at the end."""
    talk = Conversation("main", [turn("a", "", Cell("A", 1))])
    assert talk.before(Cell("B", 2)) == 1


def test_undo_drops_the_last_turns() -> None:
    """Undo takes turns from the end and says what they were; more than there are is refused."""
    talk = Conversation("main", [turn("a", "1"), turn("b", "2")])
    assert [t.prompt for t in talk.undo()] == ["b"]
    with pytest.raises(InvalidRequestError, match="1 turn; 2 cannot"):
        talk.undo(2)


def test_edit_changes_what_the_model_said() -> None:
    """An edited answer stands in place of the old one, and what follows stays."""
    talk = Conversation("main", [turn("a", "1", partial=True), turn("b", "2")])
    talk.edit(1, "one")
    assert [(t.prompt, t.answer, t.partial) for t in talk] == [("a", "one", False), ("b", "2", False)]
    with pytest.raises(InvalidRequestError, match="no turn 3"):
        talk.edit(3, "x")


def test_export_as_markdown_json_and_notebook() -> None:
    """Each form holds what was said, and the notebook asks the same again."""
    talk = Conversation("main", [turn("Why?", "Because.")], system="Be brief")
    assert "Because." in talk.export("md")
    assert json.loads(talk.export("json"))[0] == {"role": "system", "content": "Be brief"}
    cells = json.loads(talk.export("ipynb"))["cells"]
    assert cells[1]["source"] == '%%chat --system "Be brief"\nWhy?'
    with pytest.raises(InvalidRequestError, match="'pdf'"):
        talk.export("pdf")


def test_an_exported_notebook_is_valid() -> None:
    """nbformat accepts the exported notebook."""
    import nbformat

    text = Conversation("main", [turn("Why?", "Because.")]).export("ipynb")
    nbformat.validate(nbformat.reads(text, as_version=4))


def test_a_restart_begins_anew_and_offers_the_stored() -> None:
    """A new kernel's `main` is empty; the earlier one is listed, and resumed on demand."""
    store = Store()
    first = Conversations(store)
    first.get("main").add(turn("hello", "hi"))
    later = Conversations(store)
    assert len(later.get("main")) == 0
    assert [row["name"] for row in later.earlier()] == ["main"]
    assert prompts(later.find("main")) == []
    assert prompts(later.resume("main")) == ["hello"]


def test_a_stored_conversation_is_found_by_name() -> None:
    """What an earlier kernel said can be shown without going on with it."""
    store = Store()
    Conversations(store).get("trip").add(turn("hello", "hi"))
    assert prompts(Conversations(store).find("trip")) == ["hello"]


def test_cut_and_undo_reach_the_store() -> None:
    """What is dropped is dropped for later kernels too."""
    store = Store()
    first = Conversations(store)
    talk = first.get("main")
    talk.add(turn("a", "1"))
    talk.add(turn("b", "2"))
    talk.undo()
    assert prompts(Conversations(store).resume("main")) == ["a"]


def test_new_keeps_the_old_in_the_store() -> None:
    """Beginning anew under a name loses nothing."""
    store = Store()
    first = Conversations(store)
    first.get("main").add(turn("a", "1"))
    assert len(first.new("main")) == 0
    assert any(row["name"].startswith("main (") for row in Conversations(store).earlier())


def test_delete_forgets_here_and_in_the_store() -> None:
    """A deleted conversation is in no list and no store."""
    store = Store()
    book = Conversations(store)
    book.get("main").add(turn("a", "1"))
    book.delete("main")
    assert "main" not in book
    assert Conversations(store).earlier() == []


def test_an_unknown_name_gives_the_nearest() -> None:
    """A mistyped name is answered with the one that was meant."""
    book = Conversations(None)
    book.get("holiday")
    with pytest.raises(InvalidRequestError) as caught:
        book.find("holidays")
    assert "'holiday'" in caught.value.advice


@pytest.mark.parametrize("name", ["", "x" * 81, "a\nb"])
def test_a_name_must_be_a_short_word(name: str) -> None:
    """What would break a list or a line is refused as a name."""
    with pytest.raises(InvalidRequestError, match="cannot be a conversation's name"):
        Conversations(None).get(name)
