r"""Markdown cut anywhere by a stream: completed or held back, so that nothing is drawn that the next word takes back.

`**bold te` is bold already, half a link is its text, half a formula is `…`, the `-` under a paragraph is not yet a
heading. `hold` works on the text before it is parsed, `complete` on the last line of text that a parser found.
"""

from __future__ import annotations

import re

from . import mathematics

# A last line that says nothing yet: "-", "##", "1.", ">", "``", "- [", "===".
_MARKER = re.compile(
    r"(?:>[ \t]?)*(?:(?:[-+*]|\d{1,3}[.)])[ \t]+)*"
    r"(?:[-=_*+]{1,3}|[-=]+|#{1,6}|\d{1,3}[.)]?|`{1,2}|~{1,2}|\|[-:| \t]*|(?:[-+*]|\d+[.)])[ \t]+\[(?:[ xX]?\]?)?|\$|\\)?"
)
_TAIL = re.compile(r"(?:\\|&#?\w{0,8}|<(?:h(?:t(?:t(?:ps?(?::[^\s>]*)?)?)?)?)?|!|[*_~]+)$")
_TABLE_HEAD = re.compile(r"(?:^|\n)[ \t]*\|[^\n]*(?:\n[ \t]*[|:\- \t]*)?$")
_TOKEN = re.compile(r"\\.|`+|!?\[|\$\$?|\*+|~~|_+", re.DOTALL)
#: An unclosed `$` hides what follows only so far: beyond it, it was a price or a shell variable.
_LONGEST_GUESS = 60


def hold(text: str) -> str:
    """`text` without a last line that is only the beginning of a marker; a closed last line is kept."""
    head, newline, last = text.rpartition("\n")
    return head + newline if _MARKER.fullmatch(last.strip()) else text


def complete(text: str) -> str:
    """The Markdown of one open line of text (a paragraph, a heading, a cell) with what is half written closed or hidden."""
    text = _TABLE_HEAD.sub("", text)
    return _Scan(_strip(text)).run().rstrip()


def _strip(text: str) -> str:
    """Without an end that could still become something else. A `*` after a space, as in `2 * `, is one too."""
    match = _TAIL.search(text)
    if match is None or (match[0] == "!" and match.start() and not text[match.start() - 1].isspace()):
        return text
    return text[: match.start()]


class _Scan:
    """One pass over a line: skips what is whole, remembers what is open, and closes it at the end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.open: list[str] = []

    def run(self) -> str:
        while match := _TOKEN.search(self.text, self.position):
            self.position = match.end()
            if self._step(match[0], match.start()):
                break
        if not self.open:
            return self.text
        text = self.text.rstrip()
        while self.open and text.endswith(self.open[-1]):  # opened, and nothing in it yet
            text = text[: -len(self.open.pop())].rstrip()
        return text + "".join(reversed(self.open))

    def _step(self, token: str, start: int) -> bool:
        """Take one token; True when the rest of the text belongs to it."""
        if token[0] in "\\$":
            return self._formula(token, start)
        if token[0] == "`":
            return self._code(token)
        if token.endswith("["):
            return self._link(token, start)
        self._emphasis(token, start)
        return False

    def _formula(self, token: str, start: int) -> bool:
        found = mathematics.find(self.text, start)
        if found:
            self.position = found[0]
            return False
        cut = self._may_be_formula(start) if len(token) == 1 else token in {"\\(", "\\[", "$$"}
        return cut and self._cut(start)

    def _may_be_formula(self, start: int) -> bool:
        before, rest = self.text[start - 1 : start], self.text[start + 1 :]
        if before.isalnum() or len(rest) > _LONGEST_GUESS or "\n" in rest or "$" in rest:
            return False
        return not rest or not (rest[0].isspace() or rest[0].isdigit() or re.search(r"[A-Za-z]{3,}[ ,.]+\w", rest))

    def _cut(self, start: int) -> bool:
        self.text = self.text[:start] + mathematics.PENDING
        return True

    def _code(self, ticks: str) -> bool:
        closing = re.compile(rf"(?<!`){ticks}(?!`)").search(self.text, self.position)
        if closing:
            self.position = closing.end()
            return False
        rest = self.text[self.position :].rstrip("`")
        self.text = self.text[: self.position] + rest + (ticks if rest.strip() else "")
        if not rest.strip():
            self.text = self.text[: self.position - len(ticks)]
        return True

    def _link(self, token: str, start: int) -> bool:
        label_end = _matching(self.text, self.position - 1, "[", "]")
        rest = "" if label_end < 0 else self.text[label_end + 1 :]
        if label_end >= 0 and rest and (rest[0] != "(" or _matching(self.text, label_end + 1, "(", ")") >= 0):
            return False
        if token.startswith("!"):
            return self._cut(start)
        if start and self.text[start - 1].isalnum() and not rest:
            return False  # x[0, not a link
        label = self.text[self.position : label_end] if label_end >= 0 else self.text[self.position :]
        self.text, self.position = self.text[:start] + label, start
        return False

    def _emphasis(self, token: str, start: int) -> None:
        before = self.text[start - 1 : start]
        after = self.text[self.position : self.position + 1]
        if before and not before.isspace() and self._close(token):
            return
        opens = after and not after.isspace() and not before.isalnum()
        if opens and len(token) <= 3:
            self.open.append(token)

    def _close(self, token: str) -> bool:
        """Close what `token` can close; False if nothing of its kind is open."""
        left = token
        while left and self.open and self.open[-1][0] == left[0]:
            top = self.open.pop()
            if len(top) > len(left):
                self.open.append(top[len(left) :])
                return True
            left = left[len(top) :]
        return left != token


def _matching(text: str, start: int, opening: str, closing: str) -> int:
    """Where the bracket at `start` closes, or -1; escaped ones do not count. Gives up on absurd nesting and length."""
    depth, position = 0, start
    end = min(len(text), start + 4000) if text.find(closing, start) >= 0 else 0
    while position < end and depth <= 32:
        if text[position] == "\\":
            position += 1
        elif text[position] == opening:
            depth += 1
        elif text[position] == closing:
            depth -= 1
            if depth == 0:
                return position
        position += 1
    return -1
