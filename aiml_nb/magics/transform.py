"""What IPython's input goes through so that a prompt reaches its magic as it was typed.

Without this, `%chat What is a token?` is taken for a request for help, `>>>` is stripped from a prompt, `%%chat` with
its prompt on the same line is an error, and `image` typed without `%` runs the magic. It rewrites our own magics'
lines only, and it neither parses options nor runs anything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from IPython.core.inputtransformer2 import TokenTransformBase, assemble_continued_line, find_end_of_continued_line
from IPython.core.prefilter import PrefilterChecker

from ..errors import InvalidRequestError, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

#: What a magic gets in place of its line when `%%` stood below other code.
MISPLACED = "\x00misplaced"

# Patterns are text, compiled when they are first needed, not when the extension loads.
_PYTHON_FOLLOWS = r"\s*([=(.\[,:;)\]}+*/%&|^<>@-]|!=|(in|is|and|or|not|if|for)\b|$)"


class CellMagics:
    """Cleanup transform: a cell of ours becomes its call at once, before IPython strips prompts or asks for a body."""

    #: IPython leaves such transforms out when it only asks whether the input is complete.
    has_side_effects = True

    def __init__(self, names: Iterable[str]) -> None:
        self._head = rf"(?s)\s*%%({'|'.join(names)})(?:[ \t]+(.*?))?\s*\Z"

    def __call__(self, lines: list[str]) -> list[str]:
        """The cell as one call, if it is one of ours; comments above its first line are dropped."""
        if not any(line.lstrip().startswith("%%") for line in lines):
            return lines
        at = next((at for at, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), 0)
        head = re.match(self._head, lines[at])
        if head is None:
            return lines
        name, args, body = head.group(1), head.group(2) or "", "".join(lines[at + 1 :])
        if body.strip():
            return [f"get_ipython().run_cell_magic({name!r}, {args!r}, {body!r})\n"]
        return [f"get_ipython().run_line_magic({name!r}, {args!r})\n"]


def line_magics(names: Iterable[str]) -> type[TokenTransformBase]:
    """A token transformer for the lines of ours, in force before IPython looks for a help request's `?`.

    A `%%chat` below other code becomes the call that says where it belongs, and nothing else of the cell runs.
    """
    ours = frozenset(names)
    pattern = rf"(?s)(%%?)({'|'.join(sorted(ours))})(?:[ \t]+(\S.*))?\s*\Z"

    class LineMagics(TokenTransformBase):
        priority = 4

        @classmethod
        def find(cls, tokens_by_line: Any) -> LineMagics | None:
            """The first line of ours."""
            for tokens in tokens_by_line:
                texts = [token.string for token in tokens if token.string.strip()][:3]
                if texts[:1] == ["%"] and ours.intersection(texts[1:]):
                    return cls(next(token.start for token in tokens if token.string == "%"))
            return None

        def transform(self, lines: list[str]) -> list[str]:
            """The lines with ours made a call."""
            start, column = self.start_line, self.start_col
            end = min(find_end_of_continued_line(lines, start), len(lines) - 1)
            found = re.match(pattern, assemble_continued_line(lines, (start, column), end))
            if found is None:
                raise SyntaxError
            mark, name, args = found.groups()
            if mark == "%%":
                return [f"get_ipython().run_line_magic({name!r}, {MISPLACED!r})\n"]
            call = f"get_ipython().run_line_magic({name!r}, {args or ''!r})\n"
            return [*lines[:start], lines[start][:column] + call, *lines[end + 1 :]]

    return LineMagics


class NoAutomagic(PrefilterChecker):
    """Keeps `image a cat`, typed without `%`, from running the magic: a hint if it is no Python, plain Python otherwise."""

    names: frozenset[str] = frozenset()
    #: Of the shell that it is in.
    shell: Any
    prefilter_manager: Any

    def check(self, line_info: Any) -> Any:
        """What handles the line; None to let IPython go on."""
        if line_info.esc or line_info.ifun not in self.names or line_info.ifun in self.shell.user_ns:
            return None
        if re.match(_PYTHON_FOLLOWS, line_info.the_rest):
            return self.prefilter_manager.get_handler_by_name("normal")
        return self

    def handle(self, line_info: Any) -> str:
        """Refuse the line."""
        name = line_info.ifun
        raise InvalidRequestError(
            f"{name} was typed without its %, so nothing was sent",
            advice=f"Type: %{name} {shorten(line_info.the_rest, 60)}",
        )
