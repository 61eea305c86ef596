"""The parser of a magic's line: options first, then the prompt, verbatim.

It knows the grammar and one magic's table of options; it evaluates nothing, looks nothing up and sends nothing.

    line    = { option } [ "--" ] prompt
    option  = "--name" value | "--name=value" | "-x" value | "--flag"
    value   = "quoted" | 'quoted' | JSON array or object | word        (a word may hold {{ expressions }})
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

from ..errors import InvalidRequestError, shorten
from .options import RESERVED, Magic, Option
from .spelling import is_models_own, near_word

_QUOTES = {'"': '"', "'": "'", "\u201c": "\u201d", "\u2018": "\u2019"}
_LONG_DASH = re.compile(r"[\u2012-\u2015\u2212]+([A-Za-z][\w-]*)")
_NAME = re.compile(r"[A-Za-z_][\w-]*(\.[\w-]+)*\Z")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?\Z")
_WORDS = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}


class Value(NamedTuple):
    """The text of a value, and whether it stood in quotes, which makes it text whatever it looks like."""

    text: str
    quoted: bool = False

    def coerce(self) -> Any:
        """A number, true, false, null, an array or an object where it is written as one; else the text."""
        return self.text if self.quoted else coerce(self.text)


class Line(NamedTuple):
    """A parsed line.

    options: key (`dry_run`) to True for a flag, a Value, or a list of Values for what may be repeated.
    params: any other `--NAME VALUE`, in order, names with underscores (dots kept).
    prompt: what follows the options, untouched.
    """

    options: dict[str, Any]
    params: dict[str, Value]
    prompt: str

    def flag(self, key: str) -> bool:
        """True when the flag was given."""
        return key in self.options

    def many(self, key: str) -> list[Value]:
        """The values of what may be repeated, none when it was not given."""
        return list(self.options.get(key, ()))

    def text(self, key: str) -> str | None:
        """The text of one value, or None."""
        value = self.options.get(key)
        return value.text if value is not None else None


def parse(line: str, magic: Magic) -> Line:
    """The options and the prompt of `line`. Raises InvalidRequestError with what is allowed."""
    return _Parser(line, magic).run()


def coerce(text: str) -> Any:
    """`text` as a JSON value where it is one, or true and false as Python spells them; else itself."""
    if text in _WORDS:
        return _WORDS[text]
    if _NUMBER.match(text) or text[:1] in ("[", "{"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def expression_end(text: str, start: int) -> int | None:
    """Where the `{{ … }}` that opens at `start` ends, strings and brackets inside it respected; None if it never does."""
    depth, at = 0, start + 2
    while at < len(text):
        char = text[at]
        if char in "\"'":
            at = _string_end(text, at)
            continue
        if depth == 0 and text.startswith("}}", at):
            return at + 2
        depth += (char in "([{") - (char in ")]}")
        at += 1
    return None


def _string_end(text: str, start: int) -> int:
    at = start + 1
    while at < len(text) and text[at] != text[start]:
        at += 2 if text[at] == "\\" else 1
    return at + 1


class _Parser:
    def __init__(self, line: str, magic: Magic) -> None:
        self.line = line
        self.magic = magic
        self.at = 0
        self.options: dict[str, Any] = {}
        self.params: dict[str, Value] = {}

    def run(self) -> Line:
        while True:
            self._skip_spaces()
            word = self._peek()
            if word == "--":
                self.at += 2
                self._skip_spaces()
                break
            if not _is_option(word):
                self._refuse_long_dash(word)
                break
            self._option()
        return Line(self.options, self.params, self.line[self.at :].rstrip())

    def _peek(self) -> str:
        rest = self.line[self.at :].split(None, 1)
        return rest[0] if rest else ""

    def _skip_spaces(self) -> None:
        while self.at < len(self.line) and self.line[self.at].isspace():
            self.at += 1

    def _option(self) -> None:
        head = re.compile(r"--?[^\s=]+").match(self.line, self.at)
        if head is None:
            raise self._error(f"{self._peek()} is not an option")
        self.at = head.end()
        written = head.group()
        name = written.lstrip("-")
        joined = self.line.startswith("=", self.at)
        self.at += joined
        option = self.magic.option(name) if _dashes(written) == (2 if len(name) > 1 else 1) else None
        if option is None:
            self._parameter(written, name, joined)
        elif option.takes == "flag":
            if joined:
                raise self._error(f"{written} takes no value", param=option.key)
            self.options[option.key] = True
        else:
            self._keep(option, written, self._value(written, joined))

    def _keep(self, option: Option, written: str, value: Value) -> None:
        if option.takes == "many":
            self.options.setdefault(option.key, []).append(value)
        elif option.key in self.options:
            raise self._error(f"{written} is given twice", param=option.key, advice="Once is enough.")
        else:
            self.options[option.key] = value

    def _parameter(self, written: str, name: str, joined: bool) -> None:
        if not written.startswith("--"):
            raise self._unknown_short(written)
        key = name.replace("-", "_")
        self._check_parameter(written, name, key)
        value = self._value(written, joined)
        if key in self.params:
            raise self._error(f"{written} is given twice", param=key, advice="Once is enough.")
        self.params[key] = value

    def _check_parameter(self, written: str, name: str, key: str) -> None:
        if not _NAME.match(name):
            raise self._error(
                f"{shorten(written, 40)} is not a name", advice="A prompt that starts with -- goes after: --"
            )
        if len(name) == 1 and self.magic.option(name):
            raise self._error(f"{written} has one dash too many", advice=f"Type -{name}.")
        if key in RESERVED and not (key == "conversation" and self.magic.option(key)):
            raise self._error(f"{written} cannot be a parameter", param=key, advice=f"Instead, {RESERVED[key]}.")
        if not self.magic.params:
            raise self._error(f"%{self.magic.name} has no option {written}", param=key, advice=self._nearest(name))
        if key not in self.magic.words and (near := self._near(name)) and not is_models_own(key):
            raise self._error(
                f"there is no option {written}",
                param=key,
                advice=f"Did you mean --{near}? A parameter that really is called so: -p {key}=VALUE",
            )

    def _near(self, name: str) -> str | None:
        """The option that is nearly called so; of chat, the word too: the other media's words are checked by the schema."""
        words = list(self.magic.words) if self.magic.medium == "chat" else []
        return near_word(name, [option.name for option in self.magic.options] + words)

    def _nearest(self, name: str) -> str:
        near = self._near(name)
        return (f"Did you mean --{near}? " if near else "") + f"Options: {_list(self.magic)}."

    def _unknown_short(self, written: str) -> InvalidRequestError:
        name = written.lstrip("-")
        option = self.magic.option(name) or (self.magic.option(name[0]) if name else None)
        if self.magic.option(name) is not None:
            return self._error(f"{written} needs two dashes", param=name, advice=f"Type --{name}.")
        if name in self.magic.words:
            return self._error(f"{written} needs two dashes", param=name, advice=f"Type --{name} VALUE.")
        if option is not None:
            return self._error(
                f"there is no option {shorten(written, 30)}",
                advice=f"Is it -{name[0]} {shorten(name[1:], 30)}? Otherwise the options are {_list(self.magic)}.",
            )
        return self._error(
            f"%{self.magic.name} has no option {shorten(written, 30)}",
            advice=f"Options: {_list(self.magic)}. A prompt that starts with a dash goes after: --",
        )

    def _value(self, written: str, joined: bool) -> Value:
        if not joined:
            self._skip_spaces()
        if self.at >= len(self.line) or (joined and self.line[self.at].isspace()):
            raise self._error(f"{written} needs a value", advice=f"As in: {written} {self._metavar(written)}")
        if not joined:
            self._refuse_option_as_value(written)
        if self.line[self.at] in _QUOTES:
            return self._quoted(written)
        return self._json() or self._word(written)

    def _metavar(self, written: str) -> str:
        option = self.magic.option(written.lstrip("-"))
        return option.metavar if option else "VALUE"

    def _refuse_option_as_value(self, written: str) -> None:
        word = self._peek()
        if word == "--" or (_is_option(word) and self.magic.option(word.split("=")[0].lstrip("-"))):
            raise self._error(
                f"{written} needs a value, and {word} is an option", advice=f'If it is meant: {written} "{word}"'
            )

    def _quoted(self, written: str) -> Value:
        opening = self.line[self.at]
        closing, start, out = _QUOTES[opening], self.at + 1, []
        at = start
        while at < len(self.line) and self.line[at] != closing:
            escaped = self.line.startswith("\\" + closing, at)
            out.append(closing if escaped else self.line[at])
            at += 2 if escaped else 1
        if at >= len(self.line):
            raise self._error(
                f"the quote after {written} is never closed", advice=f"Put {closing} where the value ends."
            )
        self.at = at + 1
        if self.at < len(self.line) and not self.line[self.at].isspace():
            raise self._error(f"a space is missing after {closing} in the value of {written}")
        return Value("".join(out), quoted=True)

    def _json(self) -> Value | None:
        """An array or object that may hold spaces, also after `name=`; None where there is none."""
        head = re.compile(r'(?:[\w.-]+=)?(?=\[|"|\{(?!\{))').match(self.line, self.at)
        if head is None:
            return None
        try:
            _, end = json.JSONDecoder().raw_decode(self.line, head.end())
        except ValueError:
            return None
        if end < len(self.line) and not self.line[end].isspace():
            return None
        text, self.at = self.line[self.at : end], end
        return Value(text)

    def _word(self, written: str) -> Value:
        start = self.at
        while self.at < len(self.line) and not self.line[self.at].isspace():
            if not self.line.startswith("{{", self.at):
                self.at += 1
                continue
            end = expression_end(self.line, self.at)
            if end is None:
                raise self._error(f"the {{{{ after {written} is never closed", advice="Close it with }}.")
            self.at = end
        return Value(self.line[start : self.at])

    def _refuse_long_dash(self, word: str) -> None:
        found = _LONG_DASH.match(word)
        if found and (self.magic.option(found.group(1)) or found.group(1) in self.magic.words):
            raise self._error(
                f"{shorten(word, 30)} starts with a long dash",
                advice=f"Options take plain dashes: --{found.group(1)}. Some programs turn two dashes into one long one.",
            )

    def _error(self, message: str, *, param: str | None = None, advice: str = "") -> InvalidRequestError:
        return InvalidRequestError(message, param=param, advice=advice or f"%{self.magic.name}? shows all options.")


def put(tree: dict[str, Any], name: str, value: Any) -> None:
    """Set a dotted name, `camera_control.type`, in a tree of dicts, where it must not be yet."""
    *path, last = name.split(".")
    branch = tree
    for part in path:
        branch = branch.setdefault(part, {})
        if not isinstance(branch, dict):
            raise InvalidRequestError(
                f"{name} and {part} cannot both be given", param=name, advice="Take one of them out."
            )
    if last in branch:
        raise InvalidRequestError(f"{name} is given twice", param=name, advice="Once is enough; take one of them out.")
    branch[last] = value


def split_assignment(option: str, text: str) -> tuple[str, str]:
    """`name=value` in two, for `-p` and `--file`."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise InvalidRequestError(
            f"{option} {shorten(text, 40)} lacks its name",
            param=option.lstrip("-"),
            advice=f"As in: {option} name=value",
        )
    return name.strip(), value


def json_value(option: str, text: str) -> Any:
    """The JSON in `text`; a bare word is text. Raises when it starts like JSON and is none."""
    if text[:1] in ("[", "{", '"'):
        try:
            return json.loads(text)
        except ValueError as error:
            raise InvalidRequestError(
                f"{option}: {shorten(text, 40)} is not JSON", advice=f"{error}. Names and texts take double quotes."
            ) from None
    return coerce(text)


def _is_option(word: str) -> bool:
    """A dash and a letter: `-5` and `-` begin a prompt, `-m` and `--size` do not."""
    return len(word) > 1 and word[0] == "-" and (word.lstrip("-")[:1].isalpha() or word.startswith("--"))


def _dashes(written: str) -> int:
    return len(written) - len(written.lstrip("-"))


def _list(magic: Magic) -> str:
    return " ".join((f"-{option.short}/" if option.short else "") + f"--{option.name}" for option in magic.options)
