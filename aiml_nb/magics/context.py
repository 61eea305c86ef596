"""What one call of a magic has at hand: its parsed line, the notebook's names, the session, the cell it stands in.

It turns what was typed into values and knows no medium; looking names up and filling `{{ }}` happen here only.
"""

from __future__ import annotations

import keyword
import os
import re
from collections import ChainMap
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..conversation import Cell
from ..errors import InvalidRequestError, shorten
from .line import Line, Value, coerce, expression_end, json_value, parse, put, split_assignment
from .options import BY_MEDIUM, RESERVED, Magic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..content import Attachment
    from ..session import Session
    from . import Loaded

_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*\Z")


class Context:
    """One call of a magic.

    name: what the magic is called here. body: the cell below its first line, without its last line end; None in the line form.
    """

    def __init__(
        self, loaded: Loaded, magic: Magic, name: str, line: str, cell: str | None, local_ns: Mapping[str, Any] | None
    ) -> None:
        self.ip = loaded.ip
        self.config = loaded.config
        self.magic = magic
        self.name = name
        self.written = line
        self.body = cell.removesuffix("\n") if cell is not None else None
        self.notes: list[str] = []
        self.namespace: Mapping[str, Any] = ChainMap(dict(local_ns or {}), self.ip.user_ns, self._last_error())

    def _last_error(self) -> dict[str, Any]:
        """The name `Err`, the notebook's last error as text, where somebody asks for it."""
        if "Err" not in f"{self.written}{self.body}":
            return {}
        from .last_error import last_error

        found = last_error(self.ip)
        return {"Err": found.text} if found is not None else {}

    @cached_property
    def line(self) -> Line:
        """The parsed line."""
        return parse(self.written, self.magic)

    @cached_property
    def session(self) -> Session:
        """The default session, with what `%config Aiml` says."""
        from ..session import default

        session = default()
        self.config.apply(session)
        session.notebook = notebook(self.ip.user_ns)
        return session

    @property
    def prompt(self) -> str:
        """What follows the options, then the cell."""
        if self.body is None:
            return self.line.prompt
        return f"{self.line.prompt}\n{self.body}" if self.line.prompt else self.body

    @property
    def cell(self) -> Cell:
        """The cell's id and a token of this run of it, where the front end tells them."""
        try:
            parent = self.ip.kernel.get_parent()
            told = parent.get("metadata") or {}
            name = told.get("cellId") or told.get("cell_id")
            return Cell(str(name) if name else None, str(parent["header"]["msg_id"]))
        except (AttributeError, KeyError, TypeError):
            return Cell(None, self.ip.execution_count)

    @property
    def display(self) -> str | None:
        """How to draw, where `%config` says so."""
        return None if self.config.display == "auto" else self.config.display

    def filled(self, text: str, attached: Sequence[Attachment] = ()) -> tuple[str, list[Attachment]]:
        """`text` with its `{{ }}` filled, and what of them goes along as attachments, after those that are `attached`."""
        if "{{" not in text:
            return text, []
        from ..template import fill

        done = fill(text, self.namespace, attach=attached)
        self.notes += done.notes
        return done.text, list(done.attachments)

    def value(self, value: Value) -> Any:
        """The object of a lone `{{ expression }}`; else the text, filled, as a number or the like where it is one."""
        if self._is_expression(value):
            from ..template import evaluate

            return evaluate(value.text[2:-2], self.namespace)
        text, attached = self.filled(value.text)
        if attached:
            raise InvalidRequestError(
                f"{shorten(value.text, 40)} is a picture or file, and a parameter is text",
                advice="Use --attach for it.",
            )
        return text if value.quoted or text != value.text else coerce(text)

    def text(self, key: str) -> str | None:
        """The text of an option, its `{{ }}` filled; None when it was not given."""
        value = self.line.options.get(key)
        if value is None:
            return None
        text, attached = (str(self.value(value)), []) if self._is_expression(value) else self.filled(value.text)
        if attached:
            raise InvalidRequestError(
                f"--{key} is text, not a picture or file", param=key, advice="Use --attach for it."
            )
        if not text.strip() and key != "system":
            raise InvalidRequestError(f"--{key} is empty", param=key, advice="Give it a value, or leave it out.")
        return text

    def _is_expression(self, value: Value) -> bool:
        text = value.text
        return text.startswith("{{") and expression_end(text, 0) == len(text)

    def named(self, option: str, value: Value) -> Any:
        """The variable that an option names, dots allowed, or a lone `{{ expression }}`."""
        if self._is_expression(value):
            return self.value(value)
        if not _DOTTED.match(value.text):
            raise InvalidRequestError(
                f"--{option} takes the name of a variable, not {shorten(value.text, 40)}",
                param=option,
                advice="Assign it to a variable in another cell first, then name that.",
            )
        first, *attributes = value.text.split(".")
        if first not in self.namespace:
            raise InvalidRequestError(
                f"there is no variable {shorten(first, 40)}", param=option, advice=self._nearest_name(first)
            )
        found = self.namespace[first]
        for attribute in attributes:
            if not hasattr(found, attribute):
                raise InvalidRequestError(f"{first} has no {attribute}", param=option)
            found = getattr(found, attribute)
        return found

    def _nearest_name(self, name: str) -> str:
        import difflib

        near = difflib.get_close_matches(name, [each for each in self.namespace if not each.startswith("_")], 1)
        return f"Did you mean {near[0]}?" if near else "Run the cell that defines it first."

    @property
    def into(self) -> str | None:
        """The name after `--into`, fit for a variable."""
        return self.variable(self.text("into"))

    @staticmethod
    def variable(name: str | None) -> str | None:
        """`name`, fit for a variable. Raises InvalidRequestError for any other."""
        if name is not None and (not name.isidentifier() or keyword.iskeyword(name)):
            raise InvalidRequestError(
                f"--into {shorten(name, 40)}: that cannot be a variable's name",
                param="into",
                advice="As in: -o summary",
            )
        return name

    @property
    def timeout(self) -> float | None:
        """Seconds, from the line or `%config`."""
        text = self.text("timeout")
        if text is None:
            told: float | None = self.config.timeout
            return told
        try:
            seconds = float(text)
        except ValueError:
            seconds = 0
        if not 0 < seconds <= 86400:
            raise InvalidRequestError(
                f"--timeout {shorten(text, 30)}: seconds, above 0 and at most 86400",
                param="timeout",
                advice="As in: --timeout 120",
            )
        return seconds

    @cached_property
    def attached(self) -> list[Attachment]:
        """What `--attach` names: files, URLs, objects."""
        from ..content import Attachment

        original = self.line.flag("original")
        return [Attachment.of(self._attachment(value), original=original) for value in self.line.many("attach")]

    def _attachment(self, value: Value) -> Any:
        if self._is_expression(value):
            return self.value(value)
        text, attached = self.filled(value.text)
        if attached:
            return attached[0]
        if text.isidentifier() and text in self.namespace and not Path(text).exists():
            raise InvalidRequestError(
                f"there is no file {text}, but a variable is called so",
                param="attach",
                advice=f"To attach that: -a {{{{ {text} }}}}",
            )
        return text

    def params(self) -> dict[str, Any]:
        """Every parameter of the line, values read, nested names unfolded."""
        told: dict[str, Any] = {}
        for name, value in self.line.params.items():
            put(told, name, self.value(value))
        for item in self.line.many("param"):
            name, text = split_assignment("-p", item.text)
            if name in RESERVED:
                raise InvalidRequestError(
                    f"-p {name} cannot be a parameter", param=name, advice=f"Instead, {RESERVED[name]}."
                )
            put(told, name, self.value(Value(text)) if "{{" in text else json_value("-p", text))
        return told

    def keep(self, result: Any, value: Any = None, *, medium: str = "", into: str | None = None) -> None:
        """Set the magic's own variable, or the medium's, and the one after `--into` (to `value` where that is given)."""
        sets = BY_MEDIUM[medium].sets if medium else self.magic.sets
        if sets:
            self.ip.user_ns[sets] = result
        name = into or (None if self.magic.name == "aiml" else self.into)
        if name:
            self.ip.user_ns[name] = result if value is None else value


def notebook(names: Mapping[str, Any]) -> str:
    """The notebook's file name, where the front end tells it: Jupyter's server in the environment, VS Code in a variable."""
    told = names.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME") or ""
    return re.split(r"[/\\]", str(told))[-1]
