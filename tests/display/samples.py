"""Results small enough to be read at a glance, which draw themselves as the real ones do; used here and in kernels."""

from __future__ import annotations

import html
import struct
import time
import zlib
from collections.abc import Iterator
from typing import Any

from aiml_nb.errors import StreamError
from aiml_nb.operation import Operation

WORDS = "the quick brown fox jumps over the lazy dog and runs on"


class Words:
    """A text that grows, with a footer."""

    def __init__(self) -> None:
        self.text = ""
        self.show_footer = True

    def _live_html_(self) -> str:
        return f"<p>{html.escape(self.text)}</p>"

    def _footer_(self) -> str:
        return f"words: {len(self.text.split())}"

    def _twin_(self) -> str:
        return self.text + (f"\n\n{self._footer_()}" if self.show_footer else "")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        foot = f"<small>{self._footer_()}</small>" if self.show_footer else ""
        return {"text/html": self._live_html_() + foot, "text/plain": self._twin_()}


class Marked(Words):
    """A text that knows when it is partial."""

    partial = False

    def _twin_(self) -> str:
        return super()._twin_() + (" (partial)" if self.partial else "")


class Picture:
    """A grey picture: two outputs, one with bytes and metadata."""

    def _live_html_(self) -> str:
        return "<i>painting</i>"

    def _twin_(self) -> str:
        return "PNG 1x1 grey"

    def _displays_(self) -> list[Any]:
        picture = {"image/png": png(), "text/plain": self._twin_()}, {"image/png": {"width": 80}}
        return [picture, {"text/html": "<small>grey-1, free</small>", "text/plain": "grey-1, free"}]


class Forbidden(Words):
    """A result that hands out what front ends would interpret."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        bad = dict.fromkeys(("text/markdown", "text/latex", "image/svg+xml", "application/javascript"), self.text)
        return super()._repr_mimebundle_() | bad


class Undrawable(Words):
    """A result whose drawing fails."""

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        raise ValueError("no paint")


def words(
    count: int = 20,
    *,
    pace: float = 0.0,
    text: str = WORDS,
    note: str = "",
    fail: bool = False,
    kind: type[Words] = Words,
) -> Operation[Words]:
    """An operation that says `count` words, `pace` seconds apart; then it may fail."""
    pieces = text.split(" ")

    def work(op: Operation[Words]) -> Iterator[Words]:
        state = kind()
        try:
            if note:
                op.note(note)
                time.sleep(0.3)
            for number in range(count):
                state.text += pieces[number % len(pieces)] + " "
                yield state
                if pace:
                    time.sleep(pace)
            if fail:
                raise StreamError("the stream was cut", advice="Run the cell again.")
        except BaseException:
            if isinstance(state, Marked):
                state.partial = True
            raise

    return Operation(work, medium="chat", model="test/words-1")


def burst(stall: float) -> Operation[Words]:
    """Three words at once, and then nothing for `stall` seconds."""

    def work(op: Operation[Words]) -> Iterator[Words]:
        state = Words()
        for word in ("one ", "two ", "three "):
            state.text += word
            yield state
        time.sleep(stall)

    return Operation(work, medium="chat", model="test/burst")


def failing() -> Operation[Words]:
    """An operation that fails before its first state."""

    def work(op: Operation[Words]) -> Iterator[Words]:
        op.note("429, waiting 3 s, attempt 2 of 3")
        raise StreamError("no such luck", advice="Try again.")
        yield

    return Operation(work, medium="chat", model="test/failing")


def picture() -> Operation[Picture]:
    """A picture, at once."""

    def work(op: Operation[Picture]) -> Iterator[Picture]:
        yield Picture()

    return Operation(work, medium="image", model="test/grey-1")


def png() -> bytes:
    """One grey pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\x80")) + chunk(b"IEND", b"")
    )
