"""The small pieces that stand around an answer: footer, live note, folded reasoning, sources, tables. HTML strings.

Every value is escaped and shown as `text.visible` shows it; MathJax is told to keep out. Colours are JupyterLab's with
grey fallbacks, so that each piece reads well on light and on dark. It knows neither results nor how they are drawn.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from . import markdown
from .markdown import IGNORE
from .text import is_numeric, visible

_MUTED = "color:var(--jp-ui-font-color2,#808080);font-size:.85em;line-height:1.5"
_FIXED = "var(--jp-code-font-family,monospace)"
_WARNING = "color:var(--jp-warn-color-normal,#c77700)"
#: Letters of a word that is kept whole, and of one that may be broken.
_SHORT, _LONG = 24, 60
_CELL = "padding:.25em .8em .25em 0;vertical-align:top;white-space:pre-wrap;text-align:"


def escape(text: object) -> str:
    """Any value as HTML text that shows exactly what is in it."""
    return html.escape(visible(str(text)))


def footer(parts: Sequence[str], *, warning: str = "") -> str:
    """One small muted line, `gpt-4o · 0.4 s · 12 tokens`; empty parts are left out. A warning stands out at its end."""
    pieces = [escape(part) for part in parts if part]
    if warning:
        pieces.append(f'<span style="{_WARNING}">⚠ {escape(warning)}</span>')
    return f'<div class="{IGNORE}" style="{_MUTED};margin-top:.3em">{" · ".join(pieces)}</div>' if pieces else ""


def note(text: str) -> str:
    """What is going on at this moment, while an operation runs; nothing for an empty text."""
    return f'<div class="{IGNORE}" style="{_MUTED};font-style:italic">{escape(text)}</div>' if text else ""


def step(text: str) -> str:
    """Something that was done on the way, a tool call for one: `→ weather("Rome")`."""
    return f'<div class="{IGNORE}" style="{_MUTED};font-family:{_FIXED}">→ {escape(text)}</div>'


def progress(share: float | None, text: str) -> str:
    """A bar filled to `share` (0 to 1; None: nobody knows, an empty one) with a line of text; told to screen readers too."""
    filled = f'aria-valuenow="{round(share * 100)}" ' if share is not None else ""
    bar = (
        f'<div role="progressbar" {filled}aria-valuemin="0" aria-valuemax="100" style="height:4px;width:240px;max-width:100%;'
        'border-radius:2px;background:var(--jp-border-color2,#8884);overflow:hidden">'
        f'<div style="height:100%;width:{round((share or 0) * 100)}%;background:var(--jp-brand-color1,#2196f3)"></div></div>'
    )
    return f'<div class="{IGNORE}">{note(text)}{bar}</div>'


def heading(text: str) -> str:
    """A small heading between several answers; no `<h1>` to `<h6>`, so that the table of contents stays the user's."""
    return f'<div class="{IGNORE}" style="{_MUTED};font-weight:600;margin:.8em 0 .2em">{escape(text)}</div>'


def plain(text: str) -> str:
    """A text as it was written: no Markdown, lines wrapped, spaces kept."""
    return f'<div class="{IGNORE}" style="white-space:pre-wrap;overflow-wrap:anywhere">{escape(text)}</div>'


def reasoning(text: str, open: bool = False, *, streaming: bool = False) -> str:
    """What a model thought before it answered (Markdown), folded unless `open`; nothing for an empty text."""
    if not text.strip():
        return ""
    body = markdown.to_html(text, streaming=streaming)
    state = " open" if open else ""
    border = "border-left:2px solid var(--jp-border-color2,#999);padding-left:.8em;margin:.3em 0 .6em"
    summary = f'<summary style="cursor:pointer;{_MUTED}">Reasoning</summary>'
    return f'<details{state} class="{IGNORE}">{summary}<div style="{border};opacity:.85">{body}</div></details>'


def citations(sources: Iterable[tuple[str, str]]) -> str:
    """A numbered list of (title, URL); a URL that may not be a link is shown as text."""
    items = "".join(f"<li>{_source(title, url)}</li>" for title, url in sources)
    return f'<div class="{IGNORE}" style="{_MUTED}">Sources<ol style="margin:0">{items}</ol></div>' if items else ""


def table(headers: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    """A table of values; columns of numbers are set to the right, None is an empty cell. See `text.text_table`."""
    values = [list(row) for row in rows]
    columns = max([len(headers), *map(len, values)])
    right = [is_numeric(row[column] for row in values if column < len(row)) for column in range(columns)]
    head = _row("th", headers, right)
    body = "".join(_row("td", row, right) for row in values)
    return f'<table class="{IGNORE}"><thead>{head}</thead><tbody>{body}</tbody></table>'


def _row(tag: str, values: Sequence[object], right: Sequence[bool]) -> str:
    filled = [*values, *[""] * (len(right) - len(values))]
    cells = zip(filled, right, strict=True)
    return "<tr>" + "".join(_cell(tag, value, "right" if number else "left") for value, number in cells) + "</tr>"


def _cell(tag: str, value: object, side: str) -> str:
    text = "" if value is None else escape(value)
    return f'<{tag} style="{_CELL}{side}{_width(text)}">{text}</{tag}>'


def _width(text: str) -> str:
    """A short word stays whole, hyphens and all; a very long one, as a path, may be broken, or the table leaves the page."""
    longest = max(map(len, text.split()), default=0)
    if longest > _LONG:
        return ";overflow-wrap:anywhere;min-width:14em"
    return ";white-space:nowrap" if longest == len(text) <= _SHORT and "-" in text else ""


def _source(title: str, url: str) -> str:
    url = visible(url)
    label = " ".join(visible(title).split()) or url
    return markdown.link(url, label) if markdown.is_linkable(url) else escape(f"{label} {url}" if label != url else url)
