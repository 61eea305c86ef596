"""ChatPanel without a page: the same Session as the cells, streamed, stopped, edited, exported, safe, and readable when it is gone."""

from __future__ import annotations

import datetime as dt
import io
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import aiml_nb as ai
from aiml_nb.session import Session
from aiml_nb.widgets import ChatPanel
from aiml_nb.widgets.attaching import LARGEST
from tests import parrot, wires

PAYLOADS = Path(__file__).parent.parent / "data" / "model_output_payloads.json"


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session("sandbox")
    yield made
    made.close()


@pytest.fixture
def panel(session: Session) -> ChatPanel:
    return ChatPanel(session)


def answer(panel: ChatPanel) -> str:
    """The HTML of the last answer."""
    return str(panel._log.children[-1].value)


def asked(panel: ChatPanel, prompt: str, **how: Any) -> str:
    panel.ask(prompt, **how)
    assert panel.wait(20)
    return panel.text


def soon(fact: Any) -> None:
    """Wait until `fact()` is true."""
    end = time.monotonic() + 5
    while not fact():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_conversation_goes_on_between_cells_and_panel(session: Session, panel: ChatPanel) -> None:
    """A turn of a call shows in the panel, a turn of the panel goes along with the next call, and both are counted."""
    session.chat("First word: apple", conversation="main")
    soon(
        lambda: (
            3 == len(panel._log.children) and "apple" in panel._log.children[1].value and "tokens in" in answer(panel)
        )
    )
    asked(panel, "Second word: pear")
    assert ["First word: apple", "Second word: pear"] == [turn.prompt for turn in session.conversations.get("main")]
    assert "2 earlier turns" in session.chat("What did I say?", conversation="main").text
    soon(lambda: "3 turns" in panel._status.value)
    assert "tokens · $0" in panel._status.value


def test_the_default_session_is_the_magics(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a session it is the module's own."""
    from aiml_nb.session import default

    assert default() is ai.ChatPanel().session


def test_a_failed_call_is_told_in_place_and_can_be_retried(panel: ChatPanel) -> None:
    """The prompt stays with a short error below it, the conversation is as it was, and Retry asks the same again."""
    asked(panel, "Hello")
    asked(panel, "FAULT 401")
    assert "401 from sandbox" in answer(panel)
    assert 'role="alert"' in answer(panel)
    assert 1 == len(panel._talk)
    assert panel.retry()
    panel.wait(20)
    assert "401 from sandbox" in answer(panel)
    asked(panel, "Again")
    assert 2 == len(panel._talk)


def test_stop_ends_a_silent_stream(panel: ChatPanel) -> None:
    """Stop shows within 300 ms though the server has gone silent; what came is kept, marked as partial."""
    begin = {"choices": [{"index": 0, "delta": {"content": "Half a sent"}}]}
    said = threading.Event()

    def silent(client: socket.socket, seen: wires.Seen) -> bytes | None:
        if not seen.path.endswith("/chat/completions"):
            return wires.answer(b'{"data": []}')
        client.sendall(wires.SSE + wires.event(json.dumps(begin)))
        said.set()
        time.sleep(5)
        return None

    with wires.serving(silent) as server:
        session = Session(server.url)
        panel = ChatPanel(session, model="test/silent")
        panel.ask("Speak")
        said.wait(5)
        soon(lambda: "Half a sent" in answer(panel))
        begun = time.monotonic()
        panel.stop()
        soon(lambda: panel._go_button.layout.display is None)
        assert 0.3 > time.monotonic() - begun
        assert "partial" in answer(panel)
        assert panel._talk.turns[0].partial
        session.close()


def test_stop_before_an_answer_keeps_the_prompt(session: Session) -> None:
    """A call stopped before anything came leaves the prompt on screen, to be retried, and the conversation as it was."""
    with wires.serving(lambda client, seen: time.sleep(3)) as server:
        mine = Session(server.url)
        panel = ChatPanel(mine, model="test/mute")
        panel.ask("Speak")
        time.sleep(0.2)
        panel.stop()
        assert panel.wait(1)
        assert "stopped before an answer came" in answer(panel)
        assert "Speak" in panel._log.children[-2].value
        assert 0 == len(panel._talk)
        mine.close()


def test_an_edited_prompt_takes_the_place_of_its_turn(panel: ChatPanel) -> None:
    """Later turns go once the new answer is there, not when it fails; an edited answer leaves them."""
    for prompt in ("one", "two", "three"):
        asked(panel, prompt)
    panel.edit(2, "FAULT 500 retry-after=0")
    panel.wait(20)
    assert 3 == len(panel._talk)
    panel._editor.open(2)
    assert "two" == panel._editor.text.value
    panel._editor.text.value = "deux"
    panel._editor.save.click()
    panel.wait(20)
    assert ["one", "deux"] == [turn.prompt for turn in panel._talk]
    panel._editor.open(1, "answer")
    panel._editor.text.value = "I said so."
    panel._editor.save.click()
    assert "I said so." == panel._talk.turns[0].answer
    assert 2 == len(panel._talk)


def test_files_become_previews_and_go_along(panel: ChatPanel) -> None:
    """An upload shows as a small picture, can be taken off, leaves no bytes in the widget, and reaches the model."""
    data = io.BytesIO()
    Image.new("RGB", (800, 600), "red").save(data, "PNG")
    told = {"name": "red.png", "type": "image/png", "size": 1, "content": memoryview(data.getvalue())}
    told["last_modified"] = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    panel._tray.upload.value = ({**told, "name": "b.png"}, told)
    assert 2 == len(panel._tray.box.children)
    assert () == panel._tray.upload.value
    panel._tray.box.children[0].children[1].click()
    assert ["red.png"] == [each.name for each in panel._tray.attachments]
    assert 'src="data:image/' in panel._tray.box.children[0].children[0].value
    panel._heard({"do": "send", "text": "What is it?"}, [])
    panel.wait(20)
    assert "PNG image" in panel.text
    assert 'alt="red.png' in panel._log.children[-2].value
    assert [] == panel._tray.attachments


def test_pieces_of_a_dropped_file_are_put_together(panel: ChatPanel) -> None:
    """Bytes that the page sends in pieces are one file; too large a one, and nonsense, are refused in place."""
    for at, piece in enumerate((b"a,b\n", b"1,2\n")):
        panel._heard({"do": "file", "id": 7, "name": "t.csv", "at": at, "pieces": 2}, [memoryview(piece)])
    assert [b"a,b\n1,2\n"] == [each.read() for each in panel._tray.attachments]
    panel._heard({"do": "too large", "name": "film.mp4"}, [])
    assert f"At most {LARGEST >> 20} MB" in panel.errors.value
    for nonsense in ({"do": "file"}, {"do": "edit", "turn": "x"}, {"do": "copy", "turn": 99}, {"do": None}, {}):
        panel._heard(nonsense, [])
    assert 1 == len(panel._tray.attachments)


def test_conversations_are_begun_chosen_and_deleted(session: Session, panel: ChatPanel) -> None:
    """New begins an empty one, the menu goes back, and deletion asks once more."""
    asked(panel, "in main")
    panel._talks.new.click()
    assert "chat 1" == panel.conversation
    assert 1 == len(panel._log.children)
    asked(panel, "in the other")
    panel._talks.menu.value = ("main", False)
    assert "in main" in panel._log.children[1].value
    panel._talks.menu.value = ("chat 1", False)
    panel._talks.delete.click()
    assert "chat 1" in session.conversations
    panel._talks.delete.click()
    assert "chat 1" not in session.conversations
    assert "main" == panel.conversation


def test_a_conversation_of_an_earlier_kernel_is_offered(session: Session, panel: ChatPanel) -> None:
    """What another session left in the store can be gone on with."""
    earlier = Session("sandbox")
    earlier.chat("Remember the plum", conversation="fruit")
    earlier.close()
    panel.refresh()
    assert ("fruit", True) in [value for _, value in panel._talks.menu.options]
    panel._talks.menu.value = ("fruit", True)
    assert "plum" in panel._log.children[1].value
    assert "1 earlier turn" in asked(panel, "What was it?")


@pytest.mark.parametrize(
    ("form", "mark"), [("Markdown", "**User**"), ("Notebook", "%%chat"), ("JSON", '"role": "user"')]
)
def test_a_conversation_is_exported(panel: ChatPanel, form: str, mark: str) -> None:
    """Each form is a link that carries the file; an empty conversation is told in place."""
    import base64

    panel._options.export.click()
    assert "nothing to export" in panel.errors.value
    asked(panel, "Hello there")
    panel._options.form.value = form
    panel._options.export.click()
    assert "" == panel.errors.value
    data = panel._options.link.value.partition("base64,")[2].partition('"')[0]
    assert mark in base64.b64decode(data).decode()


def test_a_system_prompt_and_a_model_go_along(panel: ChatPanel) -> None:
    """What is written in the options is sent, and what is taken out again is not."""
    panel._options.system.value = "Be brief."
    panel._models.field.value = "openai/gpt-4o-mini"
    asked(panel, "Hi")
    assert "system" in panel.text
    assert "openai/gpt-4o-mini" in answer(panel)
    panel._options.system.value = ""
    asked(panel, "And now?")
    assert "" == panel._talk.system


def test_what_a_model_says_is_inert() -> None:
    """Payloads that run in Markdown are text in the log and in the twin."""
    known = {vector["name"]: vector["payload"] for vector in json.loads(PAYLOADS.read_text("utf-8"))}
    with parrot.parrot(known) as bird:
        session = Session(bird.url)
        panel = ChatPanel(session, model="test/parrot")
        for name in known:
            asked(panel, name)
        html = "".join(child.value for child in panel._log.children) + panel._twin()["text/html"]
        session.close()
    for mark in ("<script", "<img", "<iframe", "<svg", "<object", "<form", "<link", "<video"):
        assert mark not in html.lower().replace("<span", "")


def test_its_words_are_the_same_each_time(panel: ChatPanel) -> None:
    """The text form of the panel is short and stable; its twin is the conversation as text and as HTML."""
    assert "ChatPanel()" == repr(panel)
    assert "ChatPanel()" == panel._repr_mimebundle_()["text/plain"]
    assert "ChatPanel(): nothing was asked yet" == panel._twin()["text/plain"]
    asked(panel, "Hello there")
    twin = panel._twin()
    assert twin["text/plain"].startswith("You: Hello there\nAnswer: This is the sandbox")
    assert "This is the sandbox" in twin["text/html"]
    assert "<button" not in twin["text/html"]


def test_no_key_is_in_its_state() -> None:
    """The key that calls go out with is in no trait of the panel or of what it is made of."""
    key = "sk-" + "test" * 8
    with parrot.parrot() as bird:
        session = Session(base_url=bird.url, api_key=key)
        panel = ChatPanel(session, model="test/parrot")
        asked(panel, "Hello")
        from ipywidgets import Widget

        states = repr(Widget.get_manager_state(drop_defaults=True))
        session.close()
    assert "Hello" in states
    assert key not in states


def test_two_askers_at_once_are_one_call() -> None:
    """Callbacks may run in several threads: of ten that ask at the same time one is served."""
    served = []
    with parrot.parrot({"Hello": "word " * 60}, pace=0.01) as bird:
        session = Session(bird.url)
        panel = ChatPanel(session, model="test/parrot")
        threads = [threading.Thread(target=lambda: served.append(panel.ask("Hello"))) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        panel.wait(20)
        assert 1 == sum(served)
        assert 1 == len(panel._talk)
        session.close()


def test_a_growing_answer_sends_little() -> None:
    """Ten updates a second at most, and 60 times the text in bytes at most: what cannot change any more is not sent again."""
    text = "".join(f"## Part {n}\n\nSome words about **part {n}**, with `code` in them.\n\n" for n in range(60))
    sent: list[tuple[float, int]] = []

    def note(change: Any) -> None:
        new = change["new"]
        size = len(json.dumps(new)) if isinstance(new, str) else 40 * len(new) + len(json.dumps(new[-2].value)) + 1500
        sent.append((time.monotonic(), size))

    with parrot.parrot({"go": text}, pace=0.004) as bird:
        session = Session(bird.url)
        panel = ChatPanel(session, model="test/parrot")
        panel.ask("go")
        panel._log._answers[-1].observe(note, "value")
        panel._log.observe(note, "children")
        panel.wait(30)
        session.close()
    assert len(sent) > 20
    # A piece that becomes a widget of its own is two changes, of the list and of the rest.
    assert 12 >= max(sum(start <= at < start + 1 for at, _ in sent) for start, _ in sent)
    assert 60 * len(text) > sum(size for _, size in sent)
    assert 3 == len(panel._log.children)
    assert "Part 59" in answer(panel)
