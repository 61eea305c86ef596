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

from .options import BY_MEDIUM, MAGICS, Magic, Option

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
        words = _joined(magic, _tokens(rest), fragment)
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
        return _aiml_words(tokens, fragment)
    waiting: Option | None = None
    given: dict[str, str] = {}
    for token in tokens:
        if waiting is not None:
            given[waiting.name], waiting = token, None
        elif not token.startswith("-") or not token.strip("-"):
            return _after_method(magic, tokens)
        else:
            name, joined, value = token.lstrip("-").partition("=")
            option = magic.option(name) or Option(name)
            given[option.name] = value
            waiting = None if option.takes == "flag" or joined else option
    if waiting is not None:
        return _after_option(magic, waiting, given)
    if fragment.startswith("-"):
        return _option_words(magic, given)
    return ("GET", "POST", "PUT", "PATCH", "DELETE") if magic.name == "api" else ()


def _after_option(magic: Magic, option: Option, given: dict[str, str]) -> Iterable[str]:
    """The values of an option, or of a parameter of the model in use."""
    if option.values == "model":
        return _values("model", magic.medium)
    if option.values or magic.option(option.name):
        return _values(option.values)
    return _of_model(magic, given, option.name)


def _of_model(magic: Magic, given: dict[str, str], parameter: str = "") -> Iterable[str]:
    """Names of the model's own parameters, or the values of one, from what is known now; whatever fails offers nothing."""
    with contextlib.suppress(Exception):
        from .parameters import names, values

        model, at = given.get("model", "").strip("\"'"), given.get("at")
        return values(magic.medium, model, at, parameter) if parameter else names(magic.medium, model, at)
    return ()


def _option_words(magic: Magic, given: dict[str, str]) -> list[str]:
    options = [f"--{option.name}" for option in magic.options if option.takes == "many" or option.name not in given]
    shorts = [f"-{option.short}" for option in magic.options if option.short and option.name not in given]
    known = [*magic.words, *magic.files, *(_of_model(magic, given) if magic.params else ())]
    return options + shorts + [f"--{word}" for word in known if word not in given]


def _after_method(magic: Magic, tokens: list[str]) -> Iterable[str]:
    if magic.name == "api" and len(tokens) == 1:
        return ("/v1/models", "/v1/chat/completions", "/v1/images/generations", "/v1/embeddings", "/v1/responses")
    return ()


def _joined(magic: Magic, tokens: list[str], fragment: str) -> list[str]:
    """`--show=te`: the values, with what stands before them."""
    name = fragment.partition("=")[0]
    before = tokens[:-1] if tokens[-1:] == [fragment] else tokens
    return [f"{name}={value}" for value in _words(magic, [*before, name], "")]


def _aiml_words(tokens: list[str], fragment: str) -> Iterable[str]:
    """A subcommand, its words, its options and their values."""
    from .subcommands import SUB_OPTIONS, SUBCOMMANDS

    if not tokens:
        return SUBCOMMANDS
    command, *rest = tokens
    options = {f"--{each.name}": each for each in SUB_OPTIONS.get(command, ())}
    options |= {f"-{each.short}": each for each in options.values() if each.short}
    last = options.get(rest[-1]) if rest else None
    if last is not None and last.takes != "flag":
        return _values(last.values)
    if fragment.startswith("-"):
        return [name for name in options if name not in rest]
    if rest and rest[0].startswith("-"):
        return ()
    return _aiml_arguments(command, rest)


def _aiml_arguments(command: str, rest: list[str]) -> Iterable[str]:
    from .subcommands import CONVERSATION_ACTIONS

    match [command, *rest]:
        case ["use"]:
            return [*_values("provider"), *_values("model"), *(f"{medium}=" for medium in BY_MEDIUM)]
        case ["model"]:
            return _values("model")
        case ["key"]:
            return _values("provider")
        case ["resume"]:
            return _values("job")
        case ["budget"]:
            return ("off",)
        case ["conversations"]:
            return [*CONVERSATION_ACTIONS, *_values("conversation")]
        case ["conversations", action] if action in CONVERSATION_ACTIONS:
            return _values("conversation")
        case ["sandbox"]:
            return ("start", "stop", "faults")
        case ["prune"]:
            return ("all",)
    return ()


def _values(kind: tuple[str, ...] | str, medium: str = "") -> Iterable[str]:
    if isinstance(kind, tuple):
        return kind
    if kind == "model":
        with contextlib.suppress(Exception):
            return _models(medium)
    source = {"provider": _providers, "conversation": _conversations, "variable": _variables, "job": _jobs}.get(kind)
    if source is None:
        return ()
    with contextlib.suppress(Exception):
        return source()
    return ()


def _models(medium: str) -> list[str]:
    from ..session import default

    return default().catalogue().ids(medium or None)


def _jobs() -> list[str]:
    from ..session import default

    return [job["id"] for job in default().jobs() if job["open"] and job["id"]]


def _providers() -> list[str]:
    from ..settings import PROVIDERS

    return list(PROVIDERS)


def _conversations() -> list[str]:
    from ..session import default

    book = default().conversations
    return [each.name for each in book] + [row["name"] for row in book.earlier()]


def _variables() -> list[str]:
    ip: Any = get_ipython()
    return [name for name in ip.user_ns if not name.startswith("_") and name not in ip.user_ns_hidden]
