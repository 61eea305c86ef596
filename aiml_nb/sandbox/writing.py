"""Writes the sandbox's chat answers: what reached it, in a few friendly lines of Markdown, and that no AI ran.

The answer follows from the request alone: the same request, the same answer. Knows nothing of HTTP.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from . import lessons
from .asked import Asked, Heard, Tool
from .instances import instance
from .tokens import count, cut, digest

NO_AI = "This is the sandbox: no AI ran."
_QUOTED = 160
_MARKUP = re.compile(r"[`*_<>|#~$&\\\[\]]|https?:")


@dataclass(frozen=True, slots=True)
class Written:
    """One choice: its text, reasoning, tool calls, and why it ended (`stop`, `length`, `tool_calls`)."""

    text: str = ""
    reasoning: str = ""
    calls: tuple[dict[str, Any], ...] = ()
    finish: str = "stop"

    @property
    def reasoning_tokens(self) -> int:
        """Those of the output tokens that are reasoning."""
        return count(self.reasoning)

    @property
    def tokens(self) -> int:
        """Output tokens, reasoning included."""
        return (
            count(self.text)
            + count(self.reasoning)
            + sum(count(call["function"]["arguments"]) + 4 for call in self.calls)
        )


def write(asked: Asked, index: int = 0, choices: int = 1) -> Written:
    """Choice number `index` of `choices` for a request. Refusal 400 for a schema that nothing fits."""
    calls = _calls(asked)
    if calls:
        return Written(reasoning=_reasoning(asked), calls=calls, finish="tool_calls")
    text = _json(asked) if asked.format else _prose(asked)
    if choices > 1 and not asked.format:
        text += f"\n\n(Choice {index + 1} of {choices}.)"
    return _limited(asked, text)


def _limited(asked: Asked, text: str) -> Written:
    """The text within the token limit, reasoning first as reasoning models do, and before any stop text."""
    reasoning, cut_off = cut(_reasoning(asked), asked.limit)
    if cut_off:
        return Written(reasoning=reasoning, finish="length")
    found = [place for place in (text.find(stop) for stop in asked.stop if stop) if place >= 0]
    text = text[: min(found)] if found else text
    left = None if asked.limit is None else asked.limit - count(reasoning)
    text, cut_off = cut(text, left)
    return Written(text, reasoning, finish="length" if cut_off else "stop")


def _reasoning(asked: Asked) -> str:
    if not (asked.model.facts.get("reasons") or asked.think):
        return ""
    size = len(asked.prompt.text)
    return f"No AI ran, so there is no real thinking here. The last message has {size} characters; I will tell what reached me."


def _prose(asked: Asked) -> str:
    results = _results(asked)
    opening = f"{NO_AI} {_tool_answer(asked, results) if results else _heard(asked.prompt)}"
    facts = [*_context(asked), *(one.describe(number) for number, one in enumerate(asked.prompt.received, 1))]
    parts = [opening]
    if facts:
        parts.append("\n".join(f"- {fact}" for fact in facts))
    if not results:
        parts += lessons.pieces(asked.prompt.text)
    parts.append(f"With a key, `{asked.model.id}` itself answers.")
    return "\n\n".join(parts)


def _heard(prompt: Heard) -> str:
    text = prompt.text
    if not text.strip():
        return "Your message came without text."
    size = f"{_many(len(text), 'character')}, about {_many(count(text), 'token')}"
    lines = text.count("\n") + 1
    if lines > 1:
        size = f"{lines} lines, {size}"
    return f"Your prompt arrived: {quote(text)} ({size})."


def _context(asked: Asked) -> list[str]:
    """What else came along: the system prompt, earlier turns, attachments of earlier turns."""
    facts = [
        f"{message.role} prompt, {_many(len(message.text), 'character')}: {quote(message.text)}"
        for message in asked.messages
        if message.role in ("system", "developer")
    ]
    earlier = [m for m in asked.messages if m.role in ("user", "assistant") and m is not asked.prompt]
    turns = [m for m in earlier if m.role == "user"]
    if turns:
        roles = ", ".join(message.role for message in asked.messages)
        facts.append(
            f"{_many(len(turns), 'earlier turn')}; the first began with {quote(turns[0].text, 60)}; roles: {roles}"
        )
    files = sum(len(message.received) for message in earlier)
    if files:
        facts.append(f"{_many(files, 'attachment')} in earlier turns")
    return facts


def quote(text: str, length: int = _QUOTED) -> str:
    """`text` on one line, shortened: in curly quotes, or as code where Markdown would read markup in it."""
    line = " ".join(text.split())
    line = line if len(line) <= length else line[: length - 1].rstrip() + "…"
    if not _MARKUP.search(line):
        return f"“{line}”"
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def _json(asked: Asked) -> str:
    if asked.format != "json_object":
        return json.dumps(instance(asked.format, asked.prompt.text), ensure_ascii=False)
    about = {
        "sandbox": NO_AI,
        "model": asked.model.id,
        "prompt": asked.prompt.text[:_QUOTED],
        "characters": len(asked.prompt.text),
        "messages": len(asked.messages),
        "attachments": len(asked.prompt.received),
    }
    return json.dumps(about, ensure_ascii=False)


def _results(asked: Asked) -> list[Heard]:
    """The tool results at the end of the conversation; empty when something else is last."""
    results: list[Heard] = []
    for message in reversed(asked.messages):
        if message.role not in ("tool", "function"):
            break
        results.insert(0, message)
    return results


def _tool_answer(asked: Asked, results: list[Heard]) -> str:
    names = {call.get("id"): call.get("function", {}).get("name") for m in asked.messages for call in m.tool_calls}
    said = [
        f"`{names.get(result.tool_call_id) or 'the tool'}` answered {quote(result.text, 300)}" for result in results
    ]
    return f"You asked {quote(asked.prompt.text, 80)}, and {' and '.join(said)}."


def _calls(asked: Asked) -> tuple[dict[str, Any], ...]:
    if not asked.tools or asked.choice == "none" or (_results(asked) and asked.choice in ("auto", "required")):
        return ()
    prompt = asked.prompt.text
    return tuple(_call(tool, prompt, index) for index, tool in enumerate(_chosen(asked)))


def _chosen(asked: Asked) -> list[Tool]:
    """The tool that is demanded; else each one that the prompt names; else the one whose words fit the prompt best."""
    demanded = [tool for tool in asked.tools if tool.name == asked.choice]
    if demanded:
        return demanded[:1]
    low = asked.prompt.text.lower()
    named = [tool for tool in asked.tools if re.search(rf"\b{re.escape(tool.name.lower())}\b", low)]
    if named:
        return named if asked.parallel else named[:1]
    words = set(re.findall(r"[a-z]{3,}", low))

    def fit(tool: Tool) -> int:
        return len(words & set(re.findall(r"[a-z]{3,}", f"{tool.name} {tool.description}".lower())))

    return [max(asked.tools, key=fit)]


def _call(tool: Tool, prompt: str, index: int) -> dict[str, Any]:
    arguments = json.dumps(instance(tool.schema, prompt), ensure_ascii=False)
    call_id = f"call_{digest([tool.name, arguments, index])[:24]}"
    return {"id": call_id, "type": "function", "function": {"name": tool.name, "arguments": arguments}}
