"""How a Reply looks: safe HTML while it grows and when it is done, its text twin, and the line under it.

What the model wrote goes through `render`; the rest is ours. Nothing here displays anything.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ..render import parts
from ..render.markdown import Stream, to_html
from ..render.text import visible

if TYPE_CHECKING:
    from .reply import Completion, Reply

_FENCED = re.compile(
    r"^ {0,3}(```+|~~~+)[ \t]*([\w+#.-]*)[^\n]*\n(.*?)(?:^ {0,3}\1[ \t]*$|\Z)", re.MULTILINE | re.DOTALL
)


#: How much of a thought is shown while it goes on, in characters.
LAST_THOUGHT = 240


class ReplyDrawing:
    """Draws one Reply, keeping between two looks what of it can no longer change."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply
        self._streams: dict[int, Stream] = {}

    def html(self, *, final: bool) -> str:
        """The reply as it is now. final: nothing more will come, so nothing is held back as half written."""
        reply = self._reply
        pieces = [parts.note(note) for note in reply.notes]
        pieces += [parts.step(step) for step in reply.steps]
        several = len(reply.choices) > 1
        for at, choice in enumerate(reply.choices):
            pieces += [parts.heading(f"{at + 1} of {len(reply.choices)}")] if several else []
            pieces.append(self._choice(at, choice, final=final))
        if reply.citations:
            pieces.append(parts.citations(reply.citations))
        if final and reply.show_footer:
            pieces.append(parts.footer(self.numbers(), warning=reply.advice))
        return "".join(pieces)

    def _choice(self, at: int, choice: Completion, *, final: bool) -> str:
        text = choice.text or choice.refusal
        thought = choice.reasoning
        if not final:
            # Reasoning can be long and ends up folded: on the way its end is enough, and costs little to send.
            thinking = parts.note(f"thinking … {thought[-LAST_THOUGHT:]}") if thought and not text else ""
            return thinking + (self._body(at, text, final=False) if text else "") + calls_html(choice)
        return parts.reasoning(thought) + (self._body(at, text, final=True) if text else "") + calls_html(choice)

    def _body(self, at: int, text: str, *, final: bool) -> str:
        show = self._reply.show
        if show == "text":
            return parts.plain(text)
        if show == "json":
            return to_html(fenced(pretty_json(text), "json"))
        if show == "code":
            blocks = code_blocks(text)
            return (
                to_html("\n\n".join(fenced(source, language) for language, source in blocks))
                if blocks
                else parts.plain(text)
            )
        stream = self._streams.setdefault(at, Stream())
        return stream.end(text) if final else stream.feed(text)

    def twin(self) -> str:
        """The reply as text: notes, tool calls, answer, sources, and the footer in brackets."""
        reply = self._reply
        several = len(reply.choices) > 1
        lines = [f"[{note}]" for note in reply.notes] + [f"→ {step}" for step in reply.steps]
        for at, choice in enumerate(reply.choices):
            lines += [f"({at + 1} of {len(reply.choices)})"] if several else []
            lines.append(self._plain(choice))
            lines += [f"→ {c['name']}({c['arguments']})" for c in choice.tool_calls if not reply.steps]
        lines += [
            f"[{n}] {title}: {url}" if title != url else f"[{n}] {url}"
            for n, (title, url) in enumerate(reply.citations, 1)
        ]
        text = "\n".join(line for line in lines if line)
        footer = f"[{self.footer()}]" if reply.show_footer else ""
        return visible("\n\n".join(part for part in (text, footer) if part))

    def _plain(self, choice: Completion) -> str:
        text = choice.text or choice.refusal
        if self._reply.show == "json":
            return pretty_json(text)
        if self._reply.show == "code":
            return "\n\n".join(source for _, source in code_blocks(text)) or text
        return text

    def numbers(self) -> list[str]:
        """The footer's parts: model, times, tokens, cost, whom it came from."""
        reply = self._reply
        told = [reply.model]
        if reply.total is not None:
            first = f"{seconds(reply.first)} to the first token, " if reply.first is not None else ""
            told.append(f"{first}{seconds(reply.total)} in all" if first else seconds(reply.total))
        if reply.usage is not None:
            told.append(tokens(reply.usage.input, reply.usage.output))
        told.append(str(reply.cost) if reply.cost is not None else "cost unknown")
        if reply.provider == "sandbox":
            told.append("sandbox")
        return [part for part in told if part]

    def footer(self) -> str:
        """The footer as one line of text."""
        return visible(" · ".join([*self.numbers(), *([self._reply.advice] if self._reply.advice else [])]))


def calls_html(choice: Completion) -> str:
    """Tool calls that the model asks for."""
    return "".join(parts.step(f"{call['name']}({call['arguments']})") for call in choice.tool_calls)


def fenced(source: str, language: str) -> str:
    """A Markdown code block around `source`, whatever stands in it."""
    ticks = "`" * max(3, 1 + max(map(len, re.findall("`+", source)), default=0))
    return f"{ticks}{language}\n{source}\n{ticks}"


def seconds(value: float | None) -> str:
    """A time that reads well: `0.12 s`, `12.3 s`, `2 min 5 s`."""
    if value is None:
        return ""
    if value < 60:
        return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"
    return f"{int(value // 60)} min {int(value % 60)} s"


def tokens(told_in: int | None, told_out: int | None) -> str:
    """Tokens in and out, as far as they are known: `12 tokens in, 34 out`."""
    known = [(count, way) for count, way in ((told_in, "in"), (told_out, "out")) if count is not None]
    words = [f"{count:,} {way}" for count, way in known]
    return ", ".join([f"{known[0][0]:,} token{'s' * (known[0][0] != 1)} {known[0][1]}", *words[1:]]) if known else ""


def pretty_json(text: str) -> str:
    """JSON text indented, fences taken off; anything else as it is."""
    fenced = _FENCED.search(text)
    try:
        return json.dumps(json.loads(fenced[3] if fenced else text), ensure_ascii=False, indent=2)
    except ValueError:
        return text


def code_blocks(text: str) -> list[tuple[str, str]]:
    """Language and source of each fenced block."""
    return [(found[2], found[3].rstrip("\n")) for found in _FENCED.finditer(text)]
