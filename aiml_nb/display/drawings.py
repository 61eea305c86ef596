"""The ways of drawing an operation: live in one display handle, once at the end, printed, or not at all.

Each is a Drawing: `begin`, `show` for each state, and `end` with the last one, once, whatever calls it again. What a
state looks like is its own affair; here only the waiting line, the notes and the mark of a state that was cut are made.
"""

from __future__ import annotations

import base64
import html
import sys
import uuid
import warnings
from typing import Any, TextIO

from ..errors import shorten
from ..operation import Operation
from . import front
from .front import kernel, publish, shell
from .painter import Painter

Bundle = tuple[dict[str, Any], dict[str, Any]]

#: What front ends would interpret, and with it what a model wrote: a result that holds it loses it here.
FORBIDDEN = frozenset({"text/markdown", "text/latex", "image/svg+xml", "application/javascript"})


def drawing(op: Operation[Any], *, quiet: bool = False, mode: str | None = None, footer: bool = True) -> Drawing:
    """The way to draw `op` in this front end; see `display.live`."""
    kind = _WAYS[front.mode(mode)]
    if quiet:
        kind = Drawing
    elif op.done and kind is Live:
        kind = Final
    return kind(op, footer=footer)


class Drawing:
    """Draws nothing, and is what the others are made of."""

    def __init__(self, op: Operation[Any], *, footer: bool = True) -> None:
        self.op = op
        self.footer = footer
        self._ended = False

    def begin(self) -> None:
        """Draw what stands there before the first state."""

    def show(self, state: Any) -> None:
        """Draw `state`, now or soon, or leave it out when the next one comes first."""

    def still(self) -> None:
        """Draw nothing more until `end`."""

    def end(self, state: Any, mark: str = "") -> None:
        """Draw the last state; None when there was none. mark: why it is not whole, for a state that does not say so."""
        self.still()
        if not self._ended:
            self._ended = True
            self._dress(state)
            self._finish(state, mark)

    def _finish(self, state: Any, mark: str) -> None:
        """What `end` does, once."""

    def _dress(self, state: Any) -> None:
        if hasattr(state, "show_footer"):
            state.show_footer = self.footer


class Final(Drawing):
    """One display for each output of the result, at the end. A failed operation without a state leaves nothing."""

    def _finish(self, state: Any, mark: str) -> None:
        for bundle in [] if state is None else bundles(state, mark):
            _put(*bundle)


class Live(Drawing):
    """One display handle, updated by a Painter: HTML alone on the way, everything the result has at the end."""

    def __init__(self, op: Operation[Any], *, footer: bool = True) -> None:
        super().__init__(op, footer=footer)
        self._handle = uuid.uuid4().hex
        self._painter = Painter(self._frame)
        self._state: Any = None
        self._note = ""
        self._drawn = ""

    def begin(self) -> None:
        """Make the handle, with the line that stands for the answer to come."""
        self.op.on_note(self._hear)
        self._drawn = self._html()
        publish({"text/html": self._drawn}, handle=self._handle)

    def show(self, state: Any) -> None:
        """Leave `state` to the painter; data that comes ends a note about waiting."""
        if self._state is not state:
            self._dress(state)
            self._state = state
        self._note = ""
        self._painter.mark()

    def still(self) -> None:
        """End the painter: whatever is sent from now on comes after its last frame."""
        self._painter.stop()

    def _finish(self, state: Any, mark: str) -> None:
        if not self._drawn:
            return
        # Empty data takes the waiting line away; the error stands below, as it does where nothing was drawn live.
        first, *others = [({}, {})] if state is None else bundles(state, mark)
        publish(*first, handle=self._handle, update=True)
        for bundle in others:
            publish(*bundle)

    def _hear(self, text: str) -> None:
        self._note = text
        if not self._ended:
            self._painter.mark(urgent=True)

    def _html(self) -> str:
        now = waiting(self.op.model) if self._state is None else str(self._state._live_html_())
        return now + (_line(self._note) if self._note else "")

    def _frame(self) -> int:
        now = self._html()
        if now != self._drawn and not self._painter.over:
            publish({"text/html": now}, handle=self._handle, update=True)
            self._drawn = now
        return len(now.encode("utf-8", "replace"))


class Printed(Drawing):
    """The text on stdout as it comes, then the footer; notes go to stderr. Control characters are made visible."""

    def __init__(self, op: Operation[Any], *, footer: bool = True) -> None:
        super().__init__(op, footer=footer)
        self._text = ""

    def begin(self) -> None:
        """Listen for notes; nothing stands in for an answer that has not begun."""
        self.op.on_note(self._hear)

    def show(self, state: Any) -> None:
        """Print what `state.text` has more than before, but for a character of which only one half has come."""
        from ..render.text import uncut

        text = getattr(state, "text", None)
        if isinstance(text, str):
            # A lone half is U+FFFD where the state has mended its text.
            self._grow(uncut(text).rstrip("\r\ufffd"))

    def _grow(self, text: str) -> None:
        """Print the new end of `text`; one that begins anew is printed anew."""
        if text == self._text:
            return
        grown = text.startswith(self._text)
        _write(text[len(self._text) :] if grown else "\n" + text)
        self._text = text

    def _finish(self, state: Any, mark: str) -> None:
        if state is None:
            return
        if isinstance(text := getattr(state, "text", None), str):
            self._grow(text)
        footer = state._footer_() if self.footer and hasattr(state, "_footer_") else ""
        said = footer and getattr(state, "partial", False)
        lines = [
            "" if self._text else _plainly(state),
            f"[{mark}]" if mark and not said else "",
            footer if self._text else "",
        ]
        lines = [line for line in lines if line]
        _write(("" if not self._text or self._text.endswith("\n") else "\n") + "".join(f"{line}\n" for line in lines))

    def _hear(self, text: str) -> None:
        if text and not self._ended:
            _write(text + "\n", sys.stderr)


_WAYS: dict[str, type[Drawing]] = {"live": Live, "final": Final, "print": Printed}


def bundles(state: Any, mark: str = "") -> list[Bundle]:
    """What the result wants to be displayed as, one mime bundle an output, the first with `mark`.

    A result that cannot be drawn is shown as its twin, with a warning: it has been paid for, and must reach the caller.
    """
    try:
        several = getattr(state, "_displays_", None)
        found = [_pair(each) for each in (several() if several else [state._repr_mimebundle_()])]
    except Exception as error:  # noqa: BLE001 - see above
        warnings.warn(f"the result could not be drawn: {type(error).__name__}: {error}", RuntimeWarning, stacklevel=2)
        found = []
    found = found or [({"text/plain": _twin(state)}, {})]
    if mark and not getattr(state, "partial", False):
        data = found[0][0]
        data["text/plain"] = f"{data.get('text/plain', '').rstrip()}\n[{mark}]".lstrip()
        if "text/html" in data:
            data["text/html"] += _line(mark)
    return found


def waiting(model: str) -> str:
    """The HTML that stands for an answer that has not begun."""
    return _line(f"{shorten(model, 100)} …".strip())


def _line(text: str) -> str:
    return f'<div role="status" style="opacity:.7">{html.escape(shorten(text, 300))}</div>'


def _pair(bundle: Any) -> Bundle:
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    return {mime: _text(value) for mime, value in data.items() if mime not in FORBIDDEN}, dict(metadata)


def _text(value: Any) -> Any:
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value


def _twin(state: Any) -> str:
    try:
        return str(state._twin_())
    except Exception:  # noqa: BLE001 - the last resort of a result that cannot be drawn
        return repr(state)


def _plainly(state: Any) -> str:
    """A result that was not printed as it came: what its outputs say, and where its files are, since none can be seen here."""
    if not hasattr(state, "_displays_"):
        return _twin(state)
    told = [data.get("text/plain", "") for data, _ in bundles(state)]
    return "\n".join([*told, *map(str, getattr(state, "paths", ()))])


def _put(data: dict[str, Any], metadata: dict[str, Any]) -> None:
    """One output. In a terminal IPython prints the twin, and without IPython we do: there nothing may steer the terminal."""
    if shell() is None:
        _write(data.get("text/plain", "") + "\n")
        return
    if kernel(shell()) is None and "text/plain" in data:
        data["text/plain"] = _visible(data["text/plain"])
    publish(data, metadata)


def _write(text: str, out: TextIO | None = None) -> None:
    out = out or sys.stdout
    text = _visible(text)
    try:
        out.write(text)
    except UnicodeEncodeError:
        encoding = out.encoding or "ascii"
        out.write(text.encode(encoding, "replace").decode(encoding))
    # A kernel's stream flushes itself five times a second; more often would be a message for each token.
    if kernel(shell()) is None:
        out.flush()


def _visible(text: str) -> str:
    from ..render.text import visible

    return visible(text)
