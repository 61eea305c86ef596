from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiml_nb.render import markdown, parts
from aiml_nb.render.markdown import Stream, is_linkable, link, to_html
from aiml_nb.render.mathematics import is_formula
from aiml_nb.render.text import uncut

PAYLOADS = json.loads((Path(__file__).parent.parent / "data" / "model_output_payloads.json").read_text("utf-8"))

TAGS = set(
    "div p span a em strong s code pre h1 h2 h3 h4 h5 h6 ul ol li table thead tbody tr th td blockquote hr br style "
    "details summary".split()
)
ATTRIBUTES = {"class", "style", "href", "target", "rel", "start", "open"}
CLASSES = set("aiml-md mathjax_ignore tex2jax_ignore mathjax_process tex2jax_process k s c m b f a".split())
TERMS = re.compile(r"[\w-]+:[\w\s.,#()%-]+")

ANSWER = r"""# The *speed* of light

Light moves at **299 792 458 m/s**, which `c` stands for. It costs $5 and $6, not \$7, see [the docs](https://example.com/a?b=1&c=2) and https://example.org/x_(y).

Einstein wrote \(E = mc^2\) and $p = \frac{E}{c}$; displayed:

$$
\begin{aligned}
a &= b + c \\[2pt]
- d &= e
\end{aligned}
$$

Then
\[ \int_0^1 x\,dx = \tfrac12 \]

- first item with **bold**
- second with `code $x$`
  - nested ~~gone~~ item
1. one
2. two

| Planet | Moons | Mass |
|:-------|------:|:----:|
| Earth | 1 | $M_E$ |
| Mars | 2 | 0.1 |

```python
import numpy as np

@cache
def area(radius: float) -> float:
    return np.pi * radius ** 2  # costs $5 or $6
```

> A quote with *emphasis*
> over two lines.

- [ ] open task
- [x] done task

![a cat](http://example.com/cat.png)

***

The end: 2 * 3 * 4, snake_case_name, and a & b < c.
"""

#: Text in which Markdown, formulas and markup are far denser than anywhere else.
MARKUP = st.lists(
    st.sampled_from(
        [
            *"\n\n\n \t-*_`$\\[]()<>|#=:&!~x1.😀é",
            "\n\n",
            "    ",
            "\n- ",
            "\n1. ",
            "\n> ",
            "```",
            "```py\n",
            "\n```\n",
            "$$",
            "\\[",
            "\\]",
            "\\(",
            "\\)",
            "**bold**",
            "[a](http://b.c)",
            "![i](http://j.k)",
            "| a | b |\n|---|---|\n",
            "\n| 1 | 2 |\n",
            "text",
            "\n---\n",
            "[r]: http://s.t\n",
            "[r]",
            "<b>",
            "&amp;",
            "$x$",
            "\\begin{align}",
            "\\end{align}",
            "\r\n",
            "\x1b[1m",
            "\u202e",
            "\ud83d",
        ]
    ),
    max_size=40,
).map("".join)


class Inert(HTMLParser):
    """Fails on any tag, attribute, class, style or address that this package does not make itself."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, f"<{tag}>"
        for name, value in attrs:
            assert name in ATTRIBUTES, f"{tag} {name}={value}"
            if name == "class":
                assert set((value or "").split()) <= CLASSES, value
            if name == "href":
                assert re.match(r"https?://[^/\\\s]|mailto:", value or "", re.IGNORECASE), value
            if name == "style":
                assert "url" not in (value or ""), value
                assert all(TERMS.fullmatch(term) for term in (value or "").split(";")), value


def inert(html: str) -> str:
    parser = Inert(convert_charrefs=True)
    parser.feed(html)
    parser.close()
    html.encode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", html)
    return html


def body(text: str, *, streaming: bool = False) -> str:
    """The HTML inside the one outer element, without our sheet of style."""
    html = inert(to_html(text, streaming=streaming))
    return re.sub(r"^<div[^>]*>(<style>.*?</style>)?(.*?)\n?</div>$", r"\2", html, flags=re.DOTALL)


def words(html: str) -> str:
    """What a reader sees of `html`, without spaces."""
    return "".join(unescape(re.sub(r"<style>.*?</style>|<[^>]+>", "", html)).split())


@pytest.mark.parametrize("vector", PAYLOADS, ids=lambda vector: vector["name"])
def test_payloads_are_inert(vector: dict[str, str]) -> None:
    """No known attack makes an element, attribute or address that is not ours, whole or cut anywhere."""
    payload = vector["payload"]
    for end in range(len(payload) + 1):
        inert(to_html(payload[:end], streaming=True))
    html = inert(to_html(payload))
    assert not re.search(r"<(script|img|iframe|svg|button|form|input|video|audio|style)\b", html)
    inert(
        parts.reasoning(payload) + parts.note(payload) + parts.footer([payload], warning=payload) + parts.plain(payload)
    )
    inert(
        parts.citations([(payload, payload)])
        + parts.table([payload], [[payload]])
        + parts.step(payload)
        + parts.heading(payload)
    )


@settings(max_examples=300, deadline=None)
@given(st.one_of(MARKUP, st.text(st.characters(codec=None), max_size=300)))
def test_any_text_is_inert(text: str) -> None:
    """Whatever a model writes, only our own tags, attributes and addresses come out, and it can be encoded."""
    inert(to_html(text))
    inert(to_html(text, streaming=True))


@settings(max_examples=300, deadline=None)
@given(MARKUP, st.lists(st.integers(0, 400), max_size=12))
def test_stream_equals_whole(text: str, cuts: list[int]) -> None:
    """Fed in any pieces, a stream shows at each step and at the end what rendering the whole text shows."""
    stream = Stream()
    for cut in sorted(cuts):
        assert to_html(text[:cut], streaming=True) == stream.feed(text[:cut])
    assert to_html(text) == stream.end(text)


def test_nothing_flashes() -> None:
    """Cut after any character, an answer shows a beginning of what it shows at the end, in the same elements."""
    final = words(to_html(ANSWER))
    tags = re.findall(r"<(?!span)(\w+)", re.sub("<style>.*?</style>", "", to_html(ANSWER)))
    stream = Stream()
    for end in range(1, len(ANSWER) + 1):
        html = stream.feed(ANSWER[:end])
        assert final.startswith(words(html).removesuffix("…")), ANSWER[:end]
        seen = re.findall(r"<(?!span)(\w+)", re.sub("<style>.*?</style>", "", html))
        assert tags[: len(seen)] == seen, ANSWER[:end]


def test_text_that_starts_anew() -> None:
    """A text that does not continue the last one is rendered from its own beginning."""
    stream = Stream()
    stream.feed("# One\n\ntwo\n\nthree")
    assert to_html("# Other\n\ntext") == stream.end("# Other\n\ntext")


@pytest.mark.parametrize(
    ("cut", "shown"),
    [
        ("so **bold te", "<p>so <strong>bold te</strong></p>"),
        ("so **bold*", "<p>so <strong>bold</strong></p>"),
        ("so **", "<p>so</p>"),
        ("call `f(x", "<p>call <code>f(x</code></p>"),
        ("see [the do", "<p>see the do</p>"),
        ("see [the docs](http://ex", "<p>see the docs</p>"),
        ("see ![a cat](http://ex", "<p>see …</p>"),
        ("is \\(x^", "<p>is …</p>"),
        ("is $x^", "<p>is …</p>"),
        ("is $$x^2$", "<p>is …</p>"),
        ("costs $5 and $6", "<p>costs <span>$</span>5 and <span>$</span>6</p>"),
        ("Here:\n-", "<p>Here:</p>"),
        ("Here:\n=", "<p>Here:</p>"),
        ("$$\na - b\n- c", "<div>…</div>"),
        ("see http://exam", "<p>see http://exam</p>"),
    ],
)
def test_half_written(cut: str, shown: str) -> None:
    """What a stream cut in two is completed or held back."""
    assert shown == body(cut, streaming=True)


def test_open_fence() -> None:
    """Code whose fence is still open is code, coloured, and half a closing fence is no part of it."""
    html = body("```python\nx = 1\n``", streaming=True)
    assert "``" not in html
    assert '<span class="m">1</span>' in html


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $6",
        "US$5 and A$6",
        "$5/$6",
        "($5) or ($6)",
        "it costs $5, or 6$ there",
        "$HOME and $PATH",
        "$HOME/bin:$PATH",
        'a "$" and a "$"',
        "$20 (or 18$)",
        "\\$5 \\$",
        "from $1,000 to $2,000",
        "`$x$`",
        "    $x$ in code",
    ],
)
def test_money_stays_money(text: str) -> None:
    """Prices, shell variables and code are never typeset."""
    assert "mathjax_process" not in to_html(text)
    assert "$" not in re.sub(r"<span>\$</span>|<code.*?</code>", "", body(text), flags=re.DOTALL)


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("$x$", r"\(x\)"),
        ("$x^2 + 1$.", r"\(x^2 + 1\)"),
        ("$5x = 10$", r"\(5x = 10\)"),
        ("$f(x)$", r"\(f(x)\)"),
        ("$a, b$", r"\(a, b\)"),
        (r"$2\,\text{cm}$", r"\(2\,\text{cm}\)"),
        (r"\(a < b\)", r"\(a &lt; b\)"),
        (r"\[ a \\[2pt] b \]", r"\[a \\[2pt] b\]"),
        ("$$ x $$", r"\[x\]"),
        ("so $$x$$ holds", r"\[x\]"),
        ("\\begin{align}\na &= b\n\\end{align}", "\\begin{align}\na &amp;= b\n\\end{align}"),
        ("- item\n  $$\n  a\n  $$", r"\[a\]"),
        ("text\n\\[\na\n- b\n\\]\ntext", "\\[a\n- b\\]"),
    ],
)
def test_formulas(text: str, latex: str) -> None:
    """Each way of writing a formula gives MathJax one element with its LaTeX."""
    found = re.findall(r'"mathjax_process tex2jax_process">(.*?)</', inert(to_html(text)), re.DOTALL)
    assert [re.sub(r"(?<=\\\[)\s+|\s+(?=\\\])", "", latex)] == [
        re.sub(r"(?<=\\\[)\s+|\s+(?=\\\])", "", item) for item in found
    ]


@pytest.mark.parametrize("content", ["x, y", "f(x)", "n", "10", "x_1", "a+b", "x'"])
def test_is_formula(content: str) -> None:
    """Short names and anything with signs is mathematics."""
    assert is_formula(content)


@pytest.mark.parametrize(
    "macro", ["href{javascript:1}{x}", "style{a}{b}", "class{a}{b}", "cssId{a}{b}", "require{html}", "def\\x{y}"]
)
def test_macros_are_defused(macro: str) -> None:
    """A formula with a macro that links, styles or defines is shown as its source and not typeset."""
    for text in (f"$\\{macro}$", f"\\(\\{macro}\\)", f"$$\n\\{macro}\n$$"):
        assert "mathjax_process" not in to_html(text)
        assert macro in unescape(to_html(text))


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "/api/kernels",
        "guide.md",
        "//evil.org/x",
        "http:api",
        "data:text/html,x",
        "file:///etc",
        "#top",
    ],
)
def test_links_that_are_none(url: str) -> None:
    """A link that is not absolute http, https or mailto becomes its text."""
    assert "<p>click</p>" == body(f"[click]({url})")
    assert not is_linkable(url)
    assert "&lt;b&gt;" == link(url, "<b>")


def test_links() -> None:
    """A link opens in a new tab, without referrer; bare addresses are links without the full stop after them."""
    tail = 'target="_blank" rel="noopener noreferrer nofollow"'
    assert f'<p><a href="https://a.b/c" {tail}>x</a></p>' == body('[x](https://a.b/c "a title")')
    assert f'<p>(see <a href="https://a.b/c_(d)" {tail}>https://a.b/c_(d)</a>).</p>' == body("(see https://a.b/c_(d)).")
    assert f'<p><a href="mailto:a@b.c" {tail}>a@b.c</a></p>' == body("<a@b.c>")


def test_pictures_become_links() -> None:
    """A picture is a labelled link, its text inside another link, and never fetched."""
    assert "[image: a <b>cat</b>]</a>" not in body("![a <b>cat</b>](http://a.b/c.png)")
    assert ">[image: a cat]</a>" in body("![a cat](http://a.b/c.png)")
    assert ">[image: a.b]</a>" in body("![](http://a.b/c.png)")
    assert "<p>[image: x]</p>" == body("![x](data:image/png;base64,AAAA)")
    assert 1 == body("[![badge](http://a.b/i.svg)](http://c.d)").count("<a ")


def test_tables_tasks_strikethrough() -> None:
    """Tables keep their alignment, tasks become boxes, strikethrough is struck through."""
    html = body("| a | b |\n|---|--:|\n| 1 | 2 |\n\n- [x] done ~~not~~\n- [ ] open")
    assert '<td style="text-align:left">1</td>' in html
    assert '<td style="text-align:right">2</td>' in html
    assert "☑ done <s>not</s>" in html
    assert "☐ open" in html


def test_code_is_highlighted_small() -> None:
    """Code keeps every character, coloured by at most 1 kB of style a whole answer; other answers carry none."""
    source = 'def f(x):\n\n    return "a<b"  # $x$\n'
    html = to_html(f"```python\n{source}```\n\n```nosuchlanguage\n<x>\n```")
    assert '<span class="k">def' in html
    assert source in unescape(re.sub(r"<[^>]+>", "", html))
    assert len(re.findall(r"<style>.*?</style>", html)[0]) < 1000
    assert "<style>" not in to_html("just *text* with $x$ and `code`")


def test_nothing_is_lost_in_the_deep() -> None:
    """A text nested beyond sense is shown as it was written."""
    text = "\n".join("  " * depth + f"- item {depth}" for depth in range(150))
    assert "item 149" in to_html(text)
    assert to_html(text) == Stream().end(text)


@pytest.mark.parametrize(
    "unit",
    [
        "[",
        "![",
        "*a ",
        "`a ",
        "\\(",
        "$a",
        "> ",
        "[a](",
        "<h",
        "**a`b[c",
        " ",
        "|",
        "[]:\n",
        "$$\n",
        "\\begin{align}\n",
    ],
)
def test_no_text_takes_long(unit: str) -> None:
    """16 kB of any repeated mark renders within a second or so, whole and streamed: no exponential parsing."""
    text = unit * (16_000 // len(unit))
    started = time.process_time()
    to_html(text)
    Stream().feed(text)
    assert time.process_time() - started < 4


@given(
    st.one_of(st.from_regex(markdown._PLAIN, fullmatch=True), st.text("aZé 09,.;:?!'\"()%–—…’-ß中ا٣\n", max_size=25)),
    st.booleans(),
)
@settings(max_examples=500, deadline=None)
def test_a_plain_line_looks_the_same_without_the_parser(line: str, streaming: bool) -> None:
    """A line that is drawn without loading markdown-it is drawn exactly as markdown-it would."""
    line = uncut(line) if streaming else line
    stream = Stream()
    parsed = markdown._wrap(markdown._parsed(line, streaming=streaming))
    assert parsed == to_html(line, streaming=streaming) == (stream.feed(line) if streaming else stream.end(line))


def test_a_plain_answer_loads_no_parser() -> None:
    """The first frames of most answers, and short answers whole, wait for no import of markdown-it."""
    code = (
        "import sys; from aiml_nb.render.markdown import Stream; Stream().feed('The sky'); Stream().end('The sky is blue.');"
        "sys.exit('markdown_it' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    assert 0 == subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode


SPLIT = "# A\n\none\n\n- x\n- y\n\n```python\n1\n\n2\n```\n\ntwo $x^2$ and `c`\n\n| a |\n|--|\n| 1 |\n\nend\n"


@pytest.mark.parametrize("text", [SPLIT, SPLIT + "\n[a]: http://x.test\n\n[a] b"])
def test_the_pieces_of_a_stream_are_what_it_feeds(text: str) -> None:
    """Closed pieces only grow in number unless a link is defined, and with the rest they are the same HTML as `feed` gives."""
    split, feed, before = markdown.Stream(), markdown.Stream(), []
    for end in range(1, len(text) + 1):
        closed, rest = split.split(text[:end])
        assert feed.feed(text[:end]).replace(markdown.code.sheet(markdown.SCOPE), "") == markdown.wrap(
            "".join(closed) + rest
        )
        assert not closed or before == closed[: len(before)]
        before = closed
    assert bool(before) == ("[a]:" not in text)
