r"""LaTeX in Markdown: finds genuine formulas, and hands them to MathJax so that nothing else is typeset.

A formula is `\( \)`, `\[ \]`, `$$ $$`, `$x$` or a bare `\begin{align}`. `$5 and $6` is money. The whole answer stands in
an element that MathJax ignores (`mathjax_ignore`, and `tex2jax_ignore` for the older one of nbconvert), and each formula
in one that it processes. Macros that link, style or redefine are not typeset at all: their source is shown as code.
These are rules for markdown-it; this module knows nothing of the rest of the Markdown.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

PROCESS = "mathjax_process tex2jax_process"
#: Stands where a formula is still being written.
PENDING = "…"

# Links, styles, ids, extensions, and definitions, which would hold for the rest of the page.
_FORBIDDEN = re.compile(
    r"\\(?:href|url|style|class|cssId|html\w*|data|require|unicode|bbox|enclose|mmlToken|action|toggle|mathtip|texttip"
    r"|includegraphics|label|ref|eqref|tag|csname|g?def|[ex]def|let|futurelet|global|(?:re|provide)?newcommand"
    r"|renewcommand|providecommand|(?:re)?newenvironment|renewenvironment|Declare\w+|New\w+|Renew\w+"
    r"|newlength|setlength|input|include|write|catcode|special)(?![A-Za-z])"
)
_ROUND = re.compile(r"\\\(((?:[^\\]|\\[^)]){1,2000}?)\\\)", re.DOTALL)
_SQUARE = re.compile(r"\\\[((?:[^\\]|\\[^\]]){1,4000}?)\\\]", re.DOTALL)
_DOUBLE = re.compile(r"\$\$((?:[^\\$]|\\.){1,4000}?)\$\$", re.DOTALL)
_SINGLE = re.compile(r"\$(?![\s$])((?:[^\\$`\n]|\\[^\n]){1,500}?)(?<!\s)\$(?![\w$])")
_ENVIRONMENT = re.compile(r"\\begin\{((?:equation|align|alignat|flalign|gather|multline|eqnarray)\*?)\}")

_SIGNS = re.compile(r"[\\^_=+*/<>|{}!±×·÷≤≥≠≈∈∞√∑∫π-]")
_NAMES = re.compile(r"\(?\w{1,3}'*\)?(?:\s*,\s*\(?\w{1,3}'*\)?)*|\w\(\w\)|\d+(?:[.,]\d+)*%?")


def is_formula(content: str) -> bool:
    """Whether what stands between two dollar signs is mathematics rather than prose between two prices."""
    if _NAMES.fullmatch(content):
        return True
    if content[0].isdigit() and re.search(r"\s[A-Za-z]{2,}", content) and "\\" not in content:
        return False
    return bool(_SIGNS.search(content)) and not re.search(
        r"[A-Za-z]{3,}[ ,]+[a-z]{3,}", re.sub(r"\\\w+\{[^}]*\}", "", content)
    )


def find(text: str, start: int) -> tuple[int, str, bool] | None:
    """The formula that opens at `start`: where it ends, its LaTeX, whether it is displayed; None if there is none."""
    for opening, pattern, display in (("\\(", _ROUND, False), ("\\[", _SQUARE, True), ("$$", _DOUBLE, True)):
        if text.startswith(opening, start):
            match = pattern.match(text, start) if text.find(_CLOSING[opening], start + 2) > 0 else None
            return (match.end(), match[1], display) if match and match[1].strip() else None
    if not text.startswith("$", start) or (start and (text[start - 1].isalnum() or text[start - 1] in "$\\")):
        return None
    match = _SINGLE.match(text, start)
    return (match.end(), match[1], False) if match and is_formula(match[1]) else None


_CLOSING = {"\\(": "\\)", "\\[": "\\]", "$$": "$$"}


def html(latex: str, *, display: bool, tag: str = "span") -> str:
    """One formula for MathJax; as code if it holds a macro that may not be typeset."""
    if _FORBIDDEN.search(latex):
        return f"<{tag}><code>{escape(latex)}</code></{tag}>"
    bare = latex.startswith("\\begin") and _ENVIRONMENT.match(latex) and tag == "div"
    opening, closing = ("", "") if bare else ("\\[", "\\]") if display else ("\\(", "\\)")
    return f'<{tag} class="{PROCESS}">{opening}{escape(latex)}{closing}</{tag}>'


def install(md: MarkdownIt) -> None:
    """Teach a parser formulas, in a line and as blocks."""
    md.inline.ruler.before("escape", "formula", _inline)
    md.block.ruler.before("fence", "formula_block", _block, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    md.add_render_rule("formula", _render_inline)
    md.add_render_rule("formula_block", _render_block)


def _inline(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "\\$":
        return False
    found = find(state.src[: state.posMax], state.pos)
    if found is None:
        return False
    if not silent:
        token = state.push("formula", "", 0)
        token.content, token.meta["display"] = found[1], found[2]
    state.pos = found[0]
    return True


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    line = _line(state, start)
    closing, skip = _opening(line)
    if not closing or state.is_code_block(start):
        return False
    last = _closing_line(state, start, end, closing, skip)
    if last is None or (last == end and not _still_open(state, end)):
        return False
    if silent:
        return True
    token = state.push("formula_block", "div", 0)
    token.block, token.map = True, [start, min(last + 1, end)]
    token.meta["pending"] = last == end
    source = state.getLines(start, min(last + 1, end), state.sCount[start], False).strip()
    token.content = source if skip == 0 else source[skip : -len(closing)]
    state.line = min(last + 1, end)
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].rstrip()


def _opening(line: str) -> tuple[str, int]:
    """What closes the block that this line opens, and how many characters open it (0: they belong to the LaTeX)."""
    if line.startswith(("$$", "\\[")):
        return _CLOSING[line[:2]], 2
    match = _ENVIRONMENT.match(line) if line.startswith("\\begin") else None
    return (f"\\end{{{match[1]}}}", 0) if match else ("", 0)


def _closing_line(state: StateBlock, start: int, end: int, closing: str, skip: int) -> int | None:
    """The line that ends with `closing`; `end` if the text stops before; None if it is no block of LaTeX."""
    for number in range(start, end):
        line = _line(state, number)
        if not line or (number > start and state.sCount[number] < state.blkIndent):
            return None
        inner = line[skip:] if number == start else line
        if closing in inner:
            return number if inner.endswith(closing) and inner.count(closing) == 1 else None
    return end


def _still_open(state: StateBlock, end: int) -> bool:
    """Whether what comes next could continue the line before `end`: the text is streaming and stops there."""
    rest = state.src[state.eMarks[end - 1] :]
    return bool(state.env.get("streaming")) and not rest.strip() and rest.count("\n") < 2


def _render_inline(_: Any, tokens: Sequence[Token], index: int, *__: Any) -> str:
    return html(tokens[index].content, display=tokens[index].meta["display"])


def _render_block(_: Any, tokens: Sequence[Token], index: int, *__: Any) -> str:
    if tokens[index].meta["pending"]:
        return f"<div>{PENDING}</div>\n"
    return html(tokens[index].content, display=True, tag="div") + "\n"
