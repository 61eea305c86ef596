"""Source code as coloured HTML: Pygments finds the words, seven classes colour them in light and dark themes alike.

The colours are JupyterLab's own variables with fallbacks of middle brightness for other front ends. One small sheet of
style goes with an answer that has coloured code, none with the others. Never guesses a language.
"""

from __future__ import annotations

import functools
import re
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pygments.lexer import Lexer

#: Longer code, in characters, stays uncoloured: the eye gains nothing and the notebook file grows.
LONGEST = 60_000

_COLOURS = {
    "k": "keyword-color,#a626a4",
    "s": "string-color,#c0392b",
    "c": "comment-color,#7a8a8a",
    "m": "number-color,#2a8f62",
    "b": "builtin-color,#2a8f62",
    "f": "def-color,#3b78e7",
    "a": "meta-color,#a65fd4",
}
_GROUPS = (
    ("Token.Comment", "c"),
    ("Token.Keyword.Constant", "b"),
    ("Token.Keyword", "k"),
    ("Token.Operator.Word", "k"),
    ("Token.Literal.String", "s"),
    ("Token.Literal.Number", "m"),
    ("Token.Name.Builtin", "b"),
    ("Token.Name.Function", "f"),
    ("Token.Name.Class", "f"),
    ("Token.Name.Tag", "k"),
    ("Token.Name.Decorator", "a"),
    ("Token.Name.Attribute", "a"),
    ("Token.Name.Exception", "b"),
    ("Token.Generic.Inserted", "m"),
    ("Token.Generic.Deleted", "s"),
    ("Token.Generic.Heading", "k"),
    ("Token.Generic.Subheading", "a"),
)
_COLOURED = re.compile(f'<span class="[{"".join(_COLOURS)}]">')
_PRE = "overflow-x:auto;padding:.6em .8em;border-radius:4px;background:var(--jp-cell-editor-background,rgba(128,128,128,.1))"


def sheet(scope: str) -> str:
    """The style element for code inside elements of class `scope`."""
    rules = (f".{scope} .{name}{{color:var(--jp-mirror-editor-{value})}}" for name, value in _COLOURS.items())
    return f"<style>{''.join(rules)}.{scope} .c{{font-style:italic}}</style>"


def block(source: str, language: str = "") -> str:
    """A block of code: `<pre><code>`, coloured if Pygments knows the language."""
    # JupyterLab gives `code` a background of its own, which would stripe the block.
    return f'<pre style="{_PRE}"><code style="background:none">{highlight(source, language)}</code></pre>\n'


def is_coloured(html: str) -> bool:
    """Whether `html` from this module needs `sheet`."""
    return _COLOURED.search(html) is not None


def highlight(source: str, language: str) -> str:
    """`source` as escaped HTML with coloured words; only escaped when the language is unknown or the code long."""
    lexer = _lexer(language.lower()) if language and len(source) <= LONGEST else None
    if lexer is None:
        return escape(source)
    pieces: list[tuple[str, list[str]]] = []
    for kind, word in lexer.get_tokens(source):
        name = _class(kind)
        if pieces and pieces[-1][0] == name:
            pieces[-1][1].append(word)
        else:
            pieces.append((name, [word]))
    words = [(name, "".join(part)) for name, part in pieces]
    if "".join(word for _, word in words) != source:  # a lexer that changes its input: show what was written
        return escape(source)
    return "".join(f'<span class="{name}">{escape(word)}</span>' if name else escape(word) for name, word in words)


def language_of(info: str) -> str:
    """The language named by what follows a fence: `python title=x`, `{python}`, `py:main.py` and `.py` are all Python."""
    words = info.strip().strip("{}").lstrip(".").replace(",", " ").replace(":", " ").split()
    return words[0] if words else ""


@functools.lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    from pygments.lexers import find_lexer_class_by_name
    from pygments.util import ClassNotFound

    try:
        return find_lexer_class_by_name(language)(stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@functools.cache
def _class(kind: Any) -> str:
    path = str(kind) + "."
    return next((name for group, name in _GROUPS if path.startswith(group + ".")), "")
