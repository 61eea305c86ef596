"""Markdown of a model, as HTML that can do nothing: no scripts, pictures, ids, styles or requests of the model's own.

markdown-it parses with HTML off; links are absolute http, https or mailto or become their text; pictures become labelled
links; formulas are the only thing that MathJax touches (see `mathematics`). `to_html` renders a text at once, `Stream` a
text that grows: it keeps the blocks that are closed and renders only the last one again. It must not know who draws.
"""

from __future__ import annotations

import functools
import re
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from . import code
from .text import uncut, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

SCOPE = "aiml-md"
#: Classes of an element that MathJax keeps out of, the older one of nbconvert too; `mathematics` makes exceptions.
IGNORE = "mathjax_ignore tex2jax_ignore"

_LINK = re.compile(r"https?://[^\s/\\?#@:]|mailto:[^\s@]+@[^\s@]", re.IGNORECASE)
_BARE = re.compile(r"""\bhttps?://[^\s<>"'`|\\^{}$\[\]]+""", re.IGNORECASE)
#: One line in which nothing can be markup, formula, link or half written: then no parser is needed, nor its loading.
_PLAIN = re.compile(r"[^\W\d_](?:[^\W_]|[ ,.;:?'\"()%–—…’“”-]|(?<! )!)*")
_ENDED = re.compile(r"\n[ \t]*\n\s*$")
#: What markdown-it may meet in a text nested beyond any sense, which is then shown as it was written.
_UNPARSABLE = (RecursionError, ValueError, IndexError)
_DEEPEST = 40
_TASK = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}


def to_html(text: str, *, streaming: bool = False) -> str:
    """Inert HTML of a model's Markdown, one `<div>`.

    streaming: the text was cut anywhere; what is half written is completed or held back (see `partial`).
    """
    if streaming:
        text = uncut(text)
    return _wrap(_body(visible(text), streaming=streaming))


class Stream:
    """HTML of a text that grows: each `feed` takes the whole text so far, and renders only what can still change.

    `feed(text)` equals `to_html(text, streaming=True)` and `end(text)` equals `to_html(text)`, for less work. A text that
    does not continue the last one starts anew. A link definition (`[name]: address`) can change any earlier block, so from
    the first one on the whole text is rendered again each time.
    """

    def __init__(self) -> None:
        self._restart()

    def feed(self, text: str) -> str:
        """The HTML of the text so far."""
        return self._render(visible(uncut(text)), streaming=True)

    def end(self, text: str) -> str:
        """The HTML of the whole text."""
        return self._render(visible(text), streaming=False)

    def split(self, text: str) -> tuple[list[str], str]:
        """What `feed` gives, in pieces without the `<div>` around: blocks that are closed, which only grow in number, and the rest.

        Where a link definition made an earlier block change, all is in the rest. `wrap` makes safe HTML of any of them.
        """
        return self._pieces(visible(uncut(text)), streaming=True)

    def _restart(self) -> None:
        self._seen = ""
        self._closed: list[str] = []
        self._start = 0
        self._whole = False

    def _render(self, text: str, *, streaming: bool) -> str:
        closed, rest = self._pieces(text, streaming=streaming)
        return _wrap("".join(closed) + rest)

    def _pieces(self, text: str, *, streaming: bool) -> tuple[list[str], str]:
        if _PLAIN.fullmatch(text):
            return [], _paragraph(text)
        if not text.startswith(self._seen):
            self._restart()
        lines_before, self._seen = self._seen.count("\n"), text
        if not self._whole and text.count("\n") > lines_before:
            self._close(text)
        if not self._whole and (tail := self._tail(text[self._start :], streaming=streaming)) is not None:
            return list(self._closed), tail
        return [], _body(text, streaming=streaming)

    def _tail(self, text: str, *, streaming: bool) -> str | None:
        """The HTML of what is still open; None if it defines links, which blocks above it may use."""
        env: dict[str, Any] = {}
        try:
            html = _parsed(text, streaming=streaming, env=env)
        except _UNPARSABLE:
            self._whole = True
            return None
        return None if env.get("references") else html

    def _close(self, text: str) -> None:
        """Keep the HTML of every block before the last: a whole line that opens a new block closes those above it."""
        env: dict[str, Any] = {"streaming": True}
        try:
            closed = _closed(text[self._start : text.rfind("\n") + 1], env)
            self._whole = bool(env.get("references"))
            self._closed.append(_parsed(closed, streaming=False))
        except _UNPARSABLE:
            self._whole = True
        else:
            self._start += len(closed)


def is_linkable(url: object) -> bool:
    """Whether `url` may be a link: absolute http, https or mailto, so that no link leads into the Jupyter server."""
    return isinstance(url, str) and bool(_LINK.match(url))


def link(url: str, label: str) -> str:
    """A link that opens in a new tab and tells it nothing; only the escaped label if `url` may not be one."""
    if not is_linkable(url):
        return escape(label)
    attributes = "".join(f' {name}="{escape(str(value))}"' for name, value in _attributes(url).items())
    return f"<a{attributes}>{escape(label)}</a>"


def wrap(body: str) -> str:
    """The `<div>` around pieces of `Stream.split`, without the colours of code: `code.sheet` has them, once for all."""
    return f'<div class="{SCOPE} {IGNORE}">{body}</div>'


def _wrap(body: str) -> str:
    style = code.sheet(SCOPE) if code.is_coloured(body) else ""
    return f'<div class="{SCOPE} {IGNORE}">{style}{body}</div>'


def _paragraph(text: str) -> str:
    return f"<p>{escape(text.rstrip())}</p>\n"


def _body(text: str, *, streaming: bool) -> str:
    if _PLAIN.fullmatch(text):
        return _paragraph(text)
    try:
        return _parsed(text, streaming=streaming)
    except _UNPARSABLE:
        return code.block(text)


def _parsed(text: str, *, streaming: bool, env: dict[str, Any] | None = None) -> str:
    """The HTML of some blocks. env: filled with what markdown-it found on the way."""
    if streaming:
        from . import partial

        text = partial.hold(text)
    env = {} if env is None else env
    env |= {"streaming": streaming, "open": streaming and not _ENDED.search(text[-80:])}
    return str(_parser().render(text, env))


def _closed(lines: str, env: dict[str, Any]) -> str:
    """The part of `lines` before the last top-level block, a formula still open not counted: it may prove to be text."""
    tokens: list[Token] = []
    md = _parser()
    md.block.parse(lines, md, env, tokens)
    blocks = (token for token in tokens if token.level == 0 and not token.meta.get("pending"))
    last = max((token.map[0] for token in blocks if token.map), default=0)
    return "".join(line + "\n" for line in lines.split("\n")[:last])


@functools.cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    from . import mathematics

    md = MarkdownIt("commonmark", {"html": False, "breaks": True, "xhtmlOut": False, "maxNesting": _DEEPEST})
    md.enable(["table", "strikethrough"])
    # Every link parses, and `_inert` then takes those apart that may not be one: their text stays, without brackets.
    md.validateLink = lambda _: True  # type: ignore[method-assign, assignment]
    mathematics.install(md)
    md.core.ruler.before("inline", "partial", _complete_last)
    md.core.ruler.push("inert", _inert)
    md.add_render_rule("text", _render_text)
    md.add_render_rule("fence", _render_fence)
    md.add_render_rule("code_block", _render_fence)
    for cell in ("th_open", "td_open"):
        md.add_render_rule(cell, _render_cell)
    return md


def _complete_last(state: StateCore) -> None:
    """While streaming, complete the line of text that is still open, if the last block is one."""
    if not state.env.get("open"):
        return
    for index in range(len(state.tokens) - 1, -1, -1):
        token = state.tokens[index]
        if token.type == "inline" and token.content:
            from . import partial

            token.content = partial.complete(token.content)
            state.env["last"] = token
            if not token.content and state.tokens[index - 1].type == "paragraph_open":
                state.tokens[index - 1].hidden = state.tokens[index + 1].hidden = True
            return
        if not (token.nesting == -1 or token.type in {"inline", "td_open", "th_open"}):
            return


def _inert(state: StateCore) -> None:
    """Make every line of text safe; refuse a nesting so deep that the parser left out what is in it."""
    if any(token.level >= _DEEPEST - 2 for token in state.tokens):
        raise RecursionError
    for index, token in enumerate(state.tokens):
        if token.type != "inline" or not token.children:
            continue
        if index > 1 and state.tokens[index - 2].type == "list_item_open":
            first = token.children[0]
            first.content = _TASK.get(first.content[:4], first.content[:4]) + first.content[4:]
        token.children = list(_safe(token.children, growing=state.env.get("last") is token))


def _safe(children: Sequence[Token], *, growing: bool) -> Iterator[Token]:
    """The tokens of a line with links checked, pictures turned into links and bare addresses linked."""
    links: list[bool] = []
    for child in children:
        if child.type == "link_open":
            url = child.attrGet("href")
            links.append(is_linkable(url))
            child.attrs = dict(_attributes(str(url)))
            if links[-1]:
                yield child
        elif child.type == "link_close":
            if links.pop():
                yield child
        elif child.type == "image":
            yield from _picture(child, linked=any(links))
        elif child.type == "text" and not links:
            yield from _bare_links(child, growing=growing and child is children[-1])
        else:
            yield child


def _attributes(url: str) -> dict[str, str | int | float]:
    return {"href": url, "target": "_blank", "rel": "noopener noreferrer nofollow"}


def _picture(token: Token, *, linked: bool) -> list[Token]:
    url = str(token.attrGet("src") or "")
    label = f"[image: {_alternative(token) or urlsplit(url).hostname or 'no name'}]"
    return [_text(label)] if linked or not is_linkable(url) else _link_tokens(url, label)


def _alternative(token: Token) -> str:
    return "".join(child.content for child in token.children or [] if child.content).strip()


def _bare_links(token: Token, *, growing: bool) -> Iterator[Token]:
    """A line's text with each bare http address as a link; one at the end of a growing text waits until it is whole."""
    content, position = token.content, 0
    for match in _BARE.finditer(content):
        url = _trimmed(match[0])
        if not is_linkable(url) or (growing and match.end() == len(content)):
            continue
        yield _text(content[position : match.start()])
        yield from _link_tokens(_parser().normalizeLink(url), url)
        position = match.start() + len(url)
    yield _text(content[position:])


def _trimmed(url: str) -> str:
    """An address without the punctuation of the sentence around it."""
    url = url.rstrip(".,;:!?*_~")
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(".,;:!?*_~")
    return url


def _link_tokens(url: str, label: str) -> list[Token]:
    from markdown_it.token import Token

    return [Token("link_open", "a", 1, attrs=_attributes(url)), _text(label), Token("link_close", "a", -1)]


def _text(content: str) -> Token:
    from markdown_it.token import Token

    return Token("text", "", 0, content=content)


def _render_text(_: Any, tokens: Sequence[Token], index: int, *__: Any) -> str:
    # A dollar alone in an element pairs with no other, also where a typesetter does not know the class to ignore.
    return escape(tokens[index].content).replace("$", "<span>$</span>")


def _render_fence(_: Any, tokens: Sequence[Token], index: int, *__: Any) -> str:
    return code.block(tokens[index].content, code.language_of(tokens[index].info))


def _render_cell(_: Any, tokens: Sequence[Token], index: int, *__: Any) -> str:
    # JupyterLab sets cells of HTML to the right; Markdown means left when it does not say.
    token = tokens[index]
    return f'<{token.tag} style="{escape(str(token.attrGet("style") or "text-align:left"))}">'
