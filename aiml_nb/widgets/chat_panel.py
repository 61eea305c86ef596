"""ChatPanel: a conversation with a model, on the Session that the magics use: what a cell began goes on here, and the other way round.

The network is a Worker's; callbacks only start and stop it, so the kernel stays free while an answer streams.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as w

from ..content import Message
from ..conversation import Conversation
from ..errors import Interrupted, InvalidRequestError
from ..media.drawing import seconds
from ..render import parts
from ..render.markdown import Stream
from . import looks, turns
from .attaching import Tray, attached, too_large
from .base import Panel, button, row, show
from .chat_log import SHOWN, Log
from .chat_sheet import CODE, SHEET
from .editing import Editor
from .front import MISSING, front
from .picker import Picker
from .talks import ConversationPicker, Options, totals
from .worker import Run, Soon, Worker, beside, quietly

if TYPE_CHECKING:
    from ..operation import Operation
    from ..session import Session

_EDIT = ("edit", "Edit", "Edit this prompt and send it again")
_COPY = ("copy", "Copy", "Copy this answer as Markdown")
_CHANGE = ("change", "Edit", "Change this answer, as if the model had said it")
_RETRY = ("retry", "Retry", "Ask the same again")


class ChatPanel(Panel):
    """Chat in a panel.

    session: by default the one that the magics use. conversation: its name; `main` is the magics'. model: by default the
    session's. system: the system prompt. In code: `ask`, `stop`, `retry`, `edit`, `wait`, `text`.
    """

    def __init__(
        self,
        session: Session | None = None,
        *,
        conversation: str = "main",
        model: str | None = None,
        system: str | None = None,
    ) -> None:
        super().__init__(session)
        self._worker = Worker(self._paint, self._ended)
        self._failed: tuple[Message, int | None, BaseException] | None = None
        self._asking: tuple[Message, int | None] | None = None
        self._stream = Stream()
        self._drawn: dict[int, str] = {}
        self._again = Soon(self._refresh_idle)
        self._front = front("chat.js", self._heard)
        self._talks = ConversationPicker(self.session, conversation, self._go)
        self._models = Picker(self.session, "chat")
        self._options = Options(self.session, self._talks, "" if self._front else MISSING)
        self._log = Log()
        self._tray = Tray(self.tell)
        self._editor = Editor(self)
        self._status = w.HTML(layout=w.Layout(flex="1 1 auto"))
        self._build()
        self._models.model = model or ""
        self._models.field.style.description_width = "initial"
        beside(self._tell_default)
        self._models.widget.layout = w.Layout(flex="1 1 240px", align_items="center")
        talk = self._talk
        self._options.system.value = system if system is not None else talk.system or ""
        self.session.conversations.changed.add(self._changed)
        self.session.ledger.ended.add(self._call_ended)
        self.refresh()

    @property
    def conversation(self) -> str:
        """The name of the conversation that is shown."""
        return self._talks.name

    @property
    def text(self) -> str:
        """The last answer."""
        state = self._worker.state
        return str(state.text) if state is not None else next((t.answer for t in reversed(self._talk.turns)), "")

    def ask(self, prompt: str, *, attach: Any = None, back_to: int | None = None) -> bool:
        """Ask, and return at once; False when an answer is still coming.

        attach: as `Session.chat` takes it. back_to: take the place of the turns after so many.
        """
        files = attached(attach)
        if not prompt.strip() and not files:
            raise InvalidRequestError("there is no prompt", param="prompt", advice="Write one, or attach a file.")
        question = Message("user", prompt, tuple(files))
        with self.lock:
            if self._worker.busy or self._asking is not None:
                return False
            self._asking, self._failed, self._stream = (question, back_to), None, Stream()
        self._busy(True)
        self._draw()
        options = {
            "conversation": self.conversation,
            "model": self._models.model or None,
            "system": self._options.prompt(),
        }

        def make() -> Operation[Any]:
            return self.session.start("chat", prompt, attach=files or None, back_to=back_to, **options)

        self.free()
        return self._worker.start(make)

    def stop(self) -> None:
        """End the answer that is coming; what came is kept, marked as partial."""
        self._say("stopping …")
        self._worker.stop()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the answer, in a script; False when it took longer than `timeout` seconds."""
        return self._worker.wait(timeout)

    def retry(self) -> bool:
        """Ask the last prompt again: the answer takes the place of the last one."""
        if self._failed is not None:
            question, back_to, _ = self._failed
            return self.ask(question.content, attach=question.attachments, back_to=back_to)
        last = len(self._talk)
        if not last:
            raise InvalidRequestError("there is nothing to ask again", advice="Ask something first.")
        return self.edit(last)

    def edit(self, number: int, prompt: str | None = None) -> bool:
        """Ask turn `number` (from 1) again, with another prompt: it and what followed goes once the answer is there."""
        talk = self._talk
        if not 1 <= number <= len(talk):
            raise InvalidRequestError(f"there is no turn {number}", param="edit", advice=f"There are {len(talk)}.")
        asked = turns.question(talk.turns[number - 1])
        return self.ask(prompt if prompt is not None else asked.content, attach=asked.attachments, back_to=number - 1)

    def change(self, number: int, answer: str) -> None:
        """Have turn `number`'s answer say this; later turns stay."""
        self._talk.edit(number, answer)

    def refresh(self) -> None:
        """Show the conversation as it is now."""
        with self.lock:
            self._draw()
            self._talks.draw()
            self._say(self._totals())
        self.keep()
        self.free()

    def _refresh_idle(self) -> None:
        if not self._worker.busy:
            self.refresh()

    @property
    def _talk(self) -> Conversation:
        return self.session.conversations.get(self.conversation)

    def _tell_default(self) -> None:
        """The model that answers when none is named, in the field for it; looked up beside."""
        with quietly():
            self._models.field.placeholder = self.session.default_model("chat")

    def _build(self) -> None:
        self._input = w.Textarea(placeholder="Ask …", tooltip="Prompt", rows=2, continuous_update=False)
        self._input.layout = w.Layout(flex="1 1 200px", width="auto", min_width="120px")
        self._go_button = button("Send", icon="paper-plane", tooltip="Send the prompt", style="primary")
        self._stop_button = button("Stop", icon="stop", tooltip="Stop the answer")
        retry = self.on(button("Retry", icon="repeat", tooltip="Ask the last prompt again"), self.retry)
        edit = self.on(button("Edit", icon="pencil", tooltip="Edit an earlier turn"), self._editor.open)
        self.on(self._go_button, self._submit)
        self.on(self._stop_button, self.stop)
        self.on(self._talks.new, self._talks.begin)
        self.on(self._talks.delete, self._talks.forget)
        self.on(self._options.export, self._export)
        self._composer = row(self._tray.upload, self._input, self._go_button, self._stop_button)
        self._composer.add_class("aiml-composer")
        head = row(self._talks.menu, self._talks.new, self._models.widget, self._options.toggle)
        for each in (retry, edit):  # where JavaScript runs, each turn has its own
            each.add_class("aiml-plain")
        foot = row(self._status, retry, edit)
        foot.add_class("aiml-foot")
        front_end = (self._front,) if self._front is not None else ()
        self.add_class("aiml-chat")
        self.style_with(SHEET, CODE)
        self.fill(
            head, self._options.box, self._log, self._editor.box, self._tray.box, self._composer, foot, *front_end
        )
        show(self._stop_button, False)

    def _submit(self, text: str | None = None) -> None:
        """Send what stands in the composer."""
        text = str(self._input.value) if text is None else text
        if self._worker.busy or not (text.strip() or self._tray.attachments):
            return
        files = self._tray.take()
        self._input.value = ""
        try:
            self.ask(text, attach=files)
        except Exception:
            self._input.value = text
            self._tray.put(files)
            raise

    def _busy(self, busy: bool) -> None:
        show(self._go_button, not busy)
        show(self._stop_button, busy)
        (self._composer.add_class if busy else self._composer.remove_class)("aiml-busy")

    def _draw(self) -> None:
        """The turns, and below them the one that is under way or failed."""
        book = self._talk.turns
        asking = self._asking or (self._failed[:2] if self._failed else None)
        upto = len(book) if asking is None or asking[1] is None else asking[1]
        rows = self._rows() if upto else {}
        shown = [self._turn(at + 1, turn, rows) for at, turn in enumerate(book[:upto])][-SHOWN:]
        if asking is not None:
            answer = looks.problem(self._failed[2]) if self._failed else turns.WAIT
            buttons = turns.tools(0, _RETRY) if self._failed else ""
            shown.append((turns.asked(asking[0], buttons), answer))
        self._log.show(shown, max(0, upto - SHOWN))

    def _turn(self, number: int, turn: Any, rows: dict[int, Any]) -> tuple[str, str]:
        asked = turns.question(turn)
        drawn = self._drawn.get(turn.call or -1) or turns.answered(turn, rows.get(turn.call or -1))
        last = (_RETRY,) if number == len(self._talk) else ()
        return (
            turns.asked(asked, turns.tools(number, _EDIT)),
            turns.framed(drawn, turns.tools(number, _COPY, _CHANGE, *last)),
        )

    def _rows(self) -> dict[int, Any]:
        found = self.session.store.calls.rows(conversation=self.conversation, limit=2 * SHOWN)
        return {each["id"]: each for each in found}

    def _paint(self, run: Run) -> int:
        """The answer so far, its closed blocks apart."""
        closed, rest = turns.growing(run.state, self._stream)
        return self._log.grow(closed, rest + parts.note(run.note))

    def _ended(self, run: Run) -> None:
        """The answer is there, was stopped, or failed."""
        with self.lock:
            asking, self._asking = self._asking, None
            came = run.state is not None and bool(run.state.text)
            error = Interrupted("stopped before an answer came") if run.stopped and not came else run.error
            if asking is not None and error is not None:
                self._failed = (*asking, error)
            elif came:
                self._remember(run.state)
        self._busy(False)
        self.refresh()
        if run.stopped:
            self._say(f"stopped after {seconds(run.seconds)} · {self._totals()}")

    def _remember(self, reply: Any) -> None:
        """Keep the drawing of an answer that has just come: it has sources and times, which the conversation has not."""
        last = self._talk.turns[-1:]
        if last and last[0].call is not None and last[0].answer == reply.text:
            self._drawn[last[0].call] = reply._repr_mimebundle_()["text/html"]

    def _changed(self, name: str) -> None:
        """A cell, or another panel, has changed a conversation."""
        if name == self.conversation and not self._worker.busy:
            self._failed = None
            self._again.wish()

    def _call_ended(self, call: Any, *_: Any) -> None:
        """Its tokens and cost are known only now."""
        if call.conversation is not None and call.conversation.name == self.conversation:
            self._again.wish()

    def _go(self, _name: str) -> None:
        """Another conversation was chosen."""
        self._worker.stop()
        self._worker.wait(1)
        self._failed = None
        self._options.system.value = self._talk.system or ""
        self._options.link.value = ""
        self._editor.close()
        self.refresh()

    def _export(self) -> None:
        self._options.make()
        self._to_page({"download": True})

    def _say(self, text: str) -> None:
        value = f'<div class="aiml-muted" role="status">{looks.escape(text)}</div>'
        if self._status.value != value:
            self._status.value = value

    def _totals(self) -> str:
        return totals(self.session, self._talk)

    def _heard(self, told: dict[str, Any], buffers: list[Any]) -> None:
        """What the page's JavaScript sends."""
        with self.guard():
            self._do(str(told.get("do")), told, buffers)

    def _do(self, what: str, told: dict[str, Any], buffers: list[Any]) -> None:
        number = told.get("turn")
        number = number if isinstance(number, int) else 0
        if what == "send":
            self._submit(str(told.get("text") or ""))
        elif what == "file":
            self._tray.piece(told, buffers)
        elif what == "too large":
            raise too_large(str(told.get("name")))
        elif what == "retry":
            self.retry()
        elif what in ("edit", "change"):
            self._editor.open(number, "prompt" if what == "edit" else "answer")
            self._to_page({"focus": ".aiml-edit"})
        elif what == "cancel":
            self._editor.close()
        elif what == "copy" and 1 <= number <= len(self._talk):
            self._to_page({"copy": self._talk.turns[number - 1].answer})

    def _to_page(self, message: dict[str, Any]) -> None:
        if self._front is not None:
            self._front.send(message)

    def _twin_html_(self) -> str:
        rows = self._rows()
        told = [
            turns.saved(turns.question(turn), turns.answered(turn, rows.get(turn.call or -1)))
            for turn in self._talk.turns[-SHOWN:]
        ]
        return "<hr>".join(told) or looks.muted(f"{self!r}: nothing was asked yet")

    def _twin_(self) -> str:
        return (
            "\n\n".join(turns.as_text(turn) for turn in self._talk.turns[-SHOWN:]) or f"{self!r}: nothing was asked yet"
        )
