"""Tab completion on the lines of our magics: options, their values, the words of `%aiml`.

What needs the network is offered from what is known now; a key press never waits. Prompts are left to IPython.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from typing import Any

from IPython.core.completer import SimpleCompletion, context_matcher
from IPython.core.getipython import get_ipython

from .options import CONVERSATION_ACTIONS, MAGICS, SUBCOMMANDS, Magic, Option

# Patterns as text: they are compiled at the first key press, not when the extension loads.
_HEAD = r"\s*(?:\w+\s*=\s*)?(%%?)(\w+)\s+"
_LAST = r"\S*\Z"
_WORD = r"""\{\{.*?\}\}|"[^"]*"?|'[^']*'?|\S+"""


@context_matcher(identifier="aiml_nb", priority=60)
def complete(context: Any) -> dict[str, Any]:
    """The matcher that IPython asks (its matcher API, version 2)."""
    nothing: dict[str, Any] = {"completions": []}
    line = context.full_text.split("\n")[context.cursor_line] if context.full_text else ""
    before = line[: context.cursor_position]
    head = re.match(_HEAD, before)
    magic = _magic(head) if head else None
    if head is None or magic is None:
        return nothing
    rest = before[head.end() :]
    fragment = re.findall(_LAST, rest)[0]
    words = _words(magic, _tokens(rest[: len(rest) - len(fragment)]), fragment)
    if "=" in fragment and fragment.startswith("--"):
        words = _joined(magic, fragment)
    found = [SimpleCompletion(text=word, type="param") for word in sorted(set(words)) if word.startswith(fragment)]
    return {"completions": found, "matched_fragment": fragment, "suppress": bool(found)}


def _magic(head: re.Match[str]) -> Magic | None:
    from . import loaded_in

    loaded = loaded_in(get_ipython())
    return MAGICS.get(loaded.names.get(head.group(2), "")) if loaded else None


def _tokens(text: str) -> list[str]:
    return re.findall(_WORD, text)


def _words(magic: Magic, tokens: list[str], fragment: str) -> Iterable[str]:
    """What may stand where the cursor is, after these tokens."""
    if magic.name == "aiml":
        return _aiml_words(tokens)
    waiting: Option | None = None
    given: set[str] = set()
    for token in tokens:
        if waiting is not None:
            waiting = None
        elif not token.startswith("-") or not token.strip("-"):
            return _after_method(magic, tokens)
        elif "=" not in token:
            option = magic.option(token.lstrip("-")) or Option(token.lstrip("-"))
            given.add(option.name)
            waiting = None if option.takes == "flag" else option
    if waiting is not None:
        return _values(waiting.values)
    if fragment.startswith("-"):
        return _option_words(magic, given)
    return ("GET", "POST", "PUT", "PATCH", "DELETE") if magic.name == "api" else ()


def _option_words(magic: Magic, given: set[str]) -> list[str]:
    options = [f"--{option.name}" for option in magic.options if option.takes == "many" or option.name not in given]
    shorts = [f"-{option.short}" for option in magic.options if option.short and option.name not in given]
    return options + shorts + [f"--{word}" for word in magic.words if word not in given]


def _after_method(magic: Magic, tokens: list[str]) -> Iterable[str]:
    if magic.name == "api" and len(tokens) == 1:
        return ("/v1/models", "/v1/chat/completions", "/v1/images/generations", "/v1/embeddings", "/v1/responses")
    return ()


def _joined(magic: Magic, fragment: str) -> list[str]:
    """`--show=te`: the values, with what stands before them."""
    name = fragment.partition("=")[0]
    option = magic.option(name.lstrip("-"))
    return [f"{name}={value}" for value in _values(option.values)] if option else []


def _aiml_words(tokens: list[str]) -> Iterable[str]:
    match tokens:
        case []:
            return SUBCOMMANDS
        case ["use"]:
            return [*_values("provider"), *_values("model")]
        case ["model"]:
            return _values("model")
        case ["key"]:
            return _values("provider")
        case ["conversations"]:
            return [*CONVERSATION_ACTIONS, *_values("conversation")]
        case ["conversations", action] if action in CONVERSATION_ACTIONS:
            return _values("conversation")
        case ["sandbox"]:
            return ("start", "stop", "faults")
        case ["prune"]:
            return ("all",)
    return ()


def _values(kind: tuple[str, ...] | str) -> Iterable[str]:
    if isinstance(kind, tuple):
        return kind
    source = {"model": _models, "provider": _providers, "conversation": _conversations, "variable": _variables}.get(
        kind
    )
    if source is None:
        return ()
    with contextlib.suppress(Exception):
        return source()
    return ()


def _models() -> list[str]:
    from aiml_nb.session import default

    return default().catalogue().ids()


def _providers() -> list[str]:
    from aiml_nb.settings import PROVIDERS

    return list(PROVIDERS)


def _conversations() -> list[str]:
    from aiml_nb.session import default

    book = default().conversations
    return [each.name for each in book] + [row["name"] for row in book.earlier()]


def _variables() -> list[str]:
    ip: Any = get_ipython()
    return [name for name in ip.user_ns if not name.startswith("_") and name not in ip.user_ns_hidden]
