"""Tests of `aiml_nb.session.chat` over real HTTP, against the sandbox: streams, memory, tools, schemas, faults."""

from __future__ import annotations

import hashlib
import itertools
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aiml_nb.conversation import Cell
from aiml_nb.errors import (
    APIConnectionError,
    Interrupted,
    InvalidRequestError,
    PermissionDeniedError,
    StreamError,
)
from aiml_nb.media.reply import Reply
from aiml_nb.operation import Operation
from aiml_nb.session import Session


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session()
    made.request("GET", "/v1/models")  # the sandbox runs: what a test times from now on is the call
    yield made
    made.close()


def cancel_once_begun(op: Operation[Any], seconds: float) -> None:
    """Cancel from another thread, `seconds` after the operation has begun."""

    def run() -> None:
        while op._states is None:
            time.sleep(0.01)
        time.sleep(seconds)
        op.cancel()

    threading.Thread(target=run, daemon=True).start()


def prompts(session: Session, name: str = "main") -> list[str]:
    return [turn.prompt for turn in session.conversations.get(name)]


def test_a_reply_grows_and_ends(session: Session) -> None:
    """States of a chat are one reply whose text only grows; the last one has tokens, cost and times."""
    texts = [state.text for state in session.start("chat", "Hello there")]
    assert all(later.startswith(before) for before, later in itertools.pairwise(texts))
    reply = session.chat("Hello there")
    assert texts[-1] == reply.text
    assert reply.usage is not None
    assert reply.cost is not None
    assert reply.total is not None
    assert reply.finish_reason == "stop"


def test_python_calls_are_stateless(session: Session) -> None:
    """Without a conversation's name nothing is remembered."""
    session.chat("first")
    assert list(session.conversations) == []
    assert "first" not in session.chat("second").text


def test_a_conversation_goes_on(session: Session) -> None:
    """With a name, what was said before goes along."""
    session.chat("first words", conversation="main")
    assert "first words" in session.chat("second", conversation="main").text
    assert prompts(session) == ["first words", "second"]


def test_a_failed_call_leaves_the_conversation_as_it_was(session: Session) -> None:
    """An error writes no turn."""
    session.chat("one", conversation="main")
    with pytest.raises(PermissionDeniedError):
        session.chat("FAULT credits", conversation="main")
    assert prompts(session) == ["one"]


def test_a_failed_rerun_keeps_what_the_cell_wrote(session: Session) -> None:
    """A cell whose second run fails has not cut the conversation."""
    session.chat("one", conversation="main", cell=Cell("A", 1))
    with pytest.raises(PermissionDeniedError):
        session.chat("FAULT credits", conversation="main", cell=Cell("A", 2))
    assert prompts(session) == ["one"]


def test_a_rerun_sends_what_the_first_run_sent(session: Session) -> None:
    """The same cell again sends as many messages as the first time, and says that it went back."""
    for name, run in (("A", 1), ("B", 2)):
        session.chat(name, conversation="main", cell=Cell(name, run))
    call = session.prepare("chat", "A", conversation="main", cell=Cell("A", 3))
    assert len(call.body["messages"]) == 1
    assert call.notes == ["run again: the conversation went back by 2 turns"]
    session.send(call).result()
    assert prompts(session) == ["A"]


def test_a_cut_stream_is_an_error_that_keeps_the_text(session: Session) -> None:
    """A stream that breaks off raises, leaves the partial text in the state, and writes no turn."""
    op = session.start("chat", "FAULT cut", conversation="main")
    with pytest.raises((StreamError, APIConnectionError)):
        op.result()
    assert isinstance(op.state, Reply)
    assert op.state.text
    assert op.state.partial
    assert prompts(session) == []


def test_an_error_in_the_stream_keeps_the_text(session: Session) -> None:
    """An error event mid-stream is a StreamError with the partial text in the state."""
    op = session.start("chat", "FAULT error")
    with pytest.raises(StreamError):
        op.result()
    assert op.state.text


def test_ctrl_c_keeps_the_partial_text(session: Session) -> None:
    """Interrupted in the middle: a short Interrupted, and the partial turn in the conversation, marked."""
    threading.Timer(0.5, lambda: signal.raise_signal(signal.SIGINT)).start()
    with pytest.raises(Interrupted):
        session.chat("FAULT endless", conversation="main")
    (turn,) = session.conversations.get("main")
    assert turn.partial
    assert turn.answer


def test_cancel_from_a_thread_keeps_the_partial_text(session: Session) -> None:
    """`cancel()` ends the stream at once; the state is partial and kept."""
    op = session.start("chat", "FAULT endless", conversation="main")
    cancel_once_begun(op, 0.4)
    begun = time.monotonic()
    reply = op.result()
    assert time.monotonic() - begun < 3
    assert reply.partial
    assert session.conversations.get("main").turns[0].partial


def test_leaving_the_loop_keeps_the_partial_text(session: Session) -> None:
    """Breaking off the iteration and closing writes the partial turn too."""
    op = session.start("chat", "FAULT endless", conversation="main")
    for state in op:
        if len(state.text) > 20:
            break
    op.close()
    assert session.conversations.get("main").turns[0].partial


def test_stopped_before_any_text_leaves_no_turn(session: Session) -> None:
    """Nothing came, nothing is written."""
    op = session.start("chat", "FAULT silent", conversation="main")
    cancel_once_begun(op, 0.3)
    reply = op.result()
    assert (reply.text, reply.partial) == ("", True)
    assert prompts(session) == []


def test_retries_are_told(session: Session) -> None:
    """A 429 is waited out, and whoever watches is told."""
    op = session.start("chat", "FAULT 429=0")
    assert op.result().text
    assert any("429" in note for note in op.notes)


@dataclass
class City:
    name: str
    population: int


def test_a_schema_gives_an_object(session: Session) -> None:
    """With a schema the reply's value is an instance of the user's type."""
    reply = session.chat("Rome", schema=City)
    assert isinstance(reply.value, City)


def test_tools_are_shown_and_run(session: Session) -> None:
    """A tool call is in the steps before the function runs; its result reaches the model; the turn keeps all of it."""
    seen: list[str] = []
    op: Any = None

    def weather(city: str) -> str:
        """The weather in a city."""
        seen.append(op.state.steps[-1])
        return f"sunny in {city}"

    op = session.start("chat", "What is the weather in Rome?", tools=[weather], conversation="main")
    reply = op.result()
    assert seen == reply.steps
    assert seen[0].startswith("weather(")
    assert "sunny in" in reply.text
    roles = [m.role for m in session.conversations.get("main").messages()]
    assert roles == ["user", "assistant", "tool", "assistant"]
    assert session.chat("and now?", conversation="main").text


def test_the_system_prompt_stays_with_the_conversation(session: Session) -> None:
    """A system prompt given once holds for the next call of its conversation."""
    session.chat("a", system="Speak like a pirate", conversation="main")
    body = session.prepare("chat", "b", conversation="main").body
    assert body["messages"][0] == {"role": "system", "content": "Speak like a pirate"}


def test_new_begins_anew_only_when_it_worked(session: Session) -> None:
    """`new` empties the conversation with the first turn that ends well."""
    session.chat("old", conversation="main")
    with pytest.raises(PermissionDeniedError):
        session.chat("FAULT credits", conversation="main", new=True)
    assert prompts(session) == ["old"]
    session.chat("fresh", conversation="main", new=True)
    assert prompts(session) == ["fresh"]


def test_a_long_conversation_is_trimmed_visibly(session: Session) -> None:
    """What the model cannot hold is left out from the oldest turn, and the cell says so."""
    session.models()
    model = min(
        (m for m in session.models() if m.context and m.type == "openai/chat-completions"), key=lambda m: m.context or 0
    )
    words = "word " * ((model.context or 0) // 3)
    for n in range(4):
        session.chat(f"{n} {words}", conversation="main", model=model.id, max_tokens=5)
    call = session.prepare("chat", "short", conversation="main", model=model.id)
    assert "left out" in call.notes[-1]
    assert len(call.body["messages"]) < 9


def test_a_prompt_too_long_for_the_model_is_refused(session: Session) -> None:
    """Nothing is sent that cannot fit; the error tells both numbers."""
    model = next(m for m in session.models() if m.context and m.type == "openai/chat-completions")
    with pytest.raises(InvalidRequestError, match="too long"):
        session.prepare("chat", "x" * (7 * (model.context or 0)), model=model.id)


def test_an_attachment_arrives_whole(session: Session, tmp_path: Path) -> None:
    """The bytes that reach the server have the file's own hash."""
    from PIL import Image

    Image.new("RGB", (8, 8), "red").save(tmp_path / "dot.png")
    digest = hashlib.sha256((tmp_path / "dot.png").read_bytes()).hexdigest()
    assert digest[:12] in session.chat("what is it?", attach=str(tmp_path / "dot.png")).text


def test_attachments_outlive_their_file(session: Session, tmp_path: Path) -> None:
    """A later turn can send again what was attached, though the file is gone."""
    from PIL import Image

    Image.new("RGB", (8, 8), "red").save(tmp_path / "dot.png")
    session.chat("look", attach=tmp_path / "dot.png", conversation="main")
    (tmp_path / "dot.png").unlink()
    assert session.chat("again", conversation="main").text


def test_the_ledger_has_a_row_for_each_call(session: Session) -> None:
    """Well ended and failed calls are both recorded, with status, tokens and our request id."""
    session.chat("fine")
    with pytest.raises(PermissionDeniedError):
        session.chat("FAULT credits")
    failed, fine = session.usage()
    assert (fine["status"], failed["status"]) == ("ok", "failed")
    assert fine["output_tokens"]
    assert failed["client_request_id"]


def test_streaming_off_gives_the_same_text(session: Session) -> None:
    """One answer or a stream: the same reply."""
    assert session.chat("Hello", stream=False).text == session.chat("Hello").text


def test_bad_input_is_refused_before_sending(session: Session) -> None:
    """Each mistake is named, and no row is begun for it."""
    for wrong in (
        {"show": "pdf"},
        {"timeout": -1},
        {"messages": [], "conversation": "main"},
        {"attach": "no/such/file.png"},
    ):
        with pytest.raises(InvalidRequestError):
            session.chat("Hi", **wrong)
    with pytest.raises(InvalidRequestError):
        session.chat("")
    with pytest.raises(InvalidRequestError, match="no medium 'dance'"):
        session.start("dance", "x")
    assert session.usage() == []
