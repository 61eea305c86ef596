"""What a model says stays text in a real browser: run, reopened without trust, and exported as HTML."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import parrot, wires
from tests.browser import lab

pytestmark = pytest.mark.browser

DATA = Path(__file__).parent.parent / "data" / "model_output_payloads.json"
#: Beside the known payloads: more ways to the same ends, each naming the beacon as the others do.
WORSE = {
    "svg_script": "<svg><script>window.__pwned=1</script><a xlink:href='javascript:window.__pwned=1'>x</a></svg>",
    "mutation": "<noscript><p title='</noscript><img src=x onerror=window.__pwned=1>'>",
    "math_tag": "<math><mtext><table><mglyph><style><img src=x onerror=window.__pwned=1></style></mglyph></table></mtext></math>",
    "meta_refresh": "<meta http-equiv=refresh content='0;url=http://127.0.0.1:4999/exfil?c=meta'>",
    "base": "<base href='http://127.0.0.1:4999/exfil/'>\n\n[page](page.html)",
    "link_sheet": "<link rel=stylesheet href='http://127.0.0.1:4999/exfil?c=css'>",
    "prefetch": "<link rel=dns-prefetch href='//127.0.0.1:4999/exfil?c=dns'>",
    "object": "<object data='http://127.0.0.1:4999/exfil?c=obj'></object><embed src='http://127.0.0.1:4999/exfil?c=emb'>",
    "comment": "<!--><img src=x onerror=window.__pwned=1>-->",
    "details": "<details open ontoggle='window.__pwned=1'><summary>x</summary>y</details>",
    "reference": "![a][b]\n\n[b]: http://127.0.0.1:4999/exfil?c=ref\n\n[c][d]\n\n[d]: javascript:window.__pwned=1",
    "title": '[a](http://127.0.0.1:4999/exfil "x\\" onmouseover=window.__pwned=1 y=\\"")',
    "info": '```python" onmouseover="window.__pwned=1\n1\n```\n\n```<img src=x onerror=window.__pwned=1>\n2\n```',
    "cell": "| a |\n|---|\n| <img src=x onerror=window.__pwned=1> ![x](http://127.0.0.1:4999/exfil?c=cell) |",
    "heading": "# <img src=x onerror=window.__pwned=1>\n\n## jupyter-config-data",
    "display_math": "$$\\class{x}{\\cssId{jupyter-config-data}{\\href{javascript:window.__pwned=1}{y}}}$$",
    "math_html": "\\( <img src=x onerror=window.__pwned=1> \\) and \\[ \\text{</span><script>window.__pwned=1</script>} \\]",
    "math_unicode": "$\\unicode{x3c}\\require{html}\\data{commandlinker-command=terminal:create-new}{z}$",
    "protocol": "[x](//127.0.0.1:4999/exfil) [y](\\\\127.0.0.1:4999\\exfil) [z](vbscript:x) [w](blob:x) <http:/api/kernels>",
    "newline": "[x](java\nscript:window.__pwned=1) [y](java&#10;script:window.__pwned=1) [z](&#x01;javascript:window.__pwned=1)",
    "unclosed": "<img src=x onerror=window.__pwned=1 //\n\n<script>window.__pwned=1//",
    "widget": '<script type=\'application/vnd.jupyter.widget-view+json\'>{"model_id": "x"}</script>',
    "nul": "<scr\x00ipt>window.__pwned=1</scr\x00ipt><\x0bimg src=x onerror=window.__pwned=1>",
}
#: Everything in an output that this package or the math of the front end did not make.
STRANGE = """() => {
  const tags = new Set(('DIV P SPAN A EM STRONG S CODE PRE H1 H2 H3 H4 H5 H6 UL OL LI TABLE THEAD TBODY TR TH TD ' +
    'BLOCKQUOTE HR BR STYLE DETAILS SUMMARY').split(' '));
  const found = [];
  for (const root of document.querySelectorAll('.jp-RenderedHTML, .jp-OutputArea-output .aiml-md')) {
    for (const each of root.querySelectorAll('*')) {
      if (each.closest('mjx-container')) {
        const href = each.getAttribute('href') || each.getAttribute('xlink:href') || '';
        if (href || each.id === 'jupyter-config-data' || /url/.test(each.getAttribute('style') || ''))
          found.push('math: ' + each.outerHTML.slice(0, 200));
        continue;
      }
      const odd = [...each.attributes].filter(a => /^on|^id$|^src|^data-|^poster|^action/.test(a.name) ||
        (a.name === 'style' && /url|image/.test(a.value)) ||
        (a.name === 'href' && !/^(https?:\\/\\/[^/]|mailto:)/.test(a.value)));
      if (!(tags.has(each.tagName) || each.tagName === 'MJX-CONTAINER') || odd.length)
        found.push(each.outerHTML.slice(0, 200));
    }
  }
  return found;
}"""


@pytest.fixture
def bird() -> Iterator[parrot.Parrot]:
    """Says every payload in answer to its name, and as what it thought, quoted, called and is named."""
    with parrot.parrot(extra=around) as bird:
        known = {vector["name"]: vector["payload"] for vector in json.loads(DATA.read_text("utf-8"))}
        port = bird.url.rpartition(":")[2]
        bird.said.update({name: text.replace("4999", port) for name, text in (known | WORSE).items()})
        yield bird


def around(prompt: str) -> list[dict[str, Any]]:
    """The same text in every other place of an answer: name of the model, thought, source, tool call."""
    text = WORSE.get(prompt, "<img src=x onerror=window.__pwned=1>")
    call = {"index": 0, "id": "c", "function": {"name": text, "arguments": text}}
    source = {"title": text, "url": f"https://x.test/{text}"}
    thought = {"choices": [{"index": 0, "delta": {"reasoning_content": text, "tool_calls": [call]}}]}
    return [
        thought | {"model": text, "search_results": [source, {"title": text, "url": "javascript:window.__pwned=1"}]}
    ]


def refused(bird: parrot.Parrot) -> Callable[[Any, wires.Seen], bytes]:
    """A server whose errors, catalogue and headers are hostile too."""
    text = "<img src=x onerror=window.__pwned=1> \x1b]8;;http://127.0.0.1/exfil\x07x\x1b]8;;\x07"
    body = json.dumps({"error": {"message": text, "code": text}, "data": [{"id": text, "object": "model"}]}).encode()
    return lambda _, seen: wires.answer(body, status=200 if seen.path == "/v1/models" else 400)


def test_nothing_that_a_model_says_does_anything(
    open_notebook: Callable[..., lab.Notebook], bird: parrot.Parrot, browser: Any, tmp_path: Path
) -> None:
    """No script runs, no request leaves, no element appears: executed, reopened without trust, or exported as HTML."""
    names = list(bird.said)
    with wires.serving(refused(bird)) as hostile:
        # JupyterLab draws 50 outputs of a cell.
        cells = [loop(bird, names[:40]), loop(bird, names[40:]), loop(bird, names[::3], "text")]
        cells += [loop(bird, names[1::3], "json"), loop(bird, names[2::3], "code")]
        cells += [f"%chat --at {hostile.url} hello", f"%api --at {hostile.url} GET /v1/models"]
        notebook = open_notebook("%load_ext aiml_nb", *cells)
        for cell in range(len(cells) + 1):
            notebook.run(cell)
            inert(notebook.page)
    assert 2 * len(names) == len(bird.asked)
    kept = notebook.save()
    kept.metadata["changed"] = "elsewhere"  # the signature no longer fits, so nobody trusts it
    path = tmp_path / "untrusted.ipynb"
    path.write_text(json.dumps(kept), "utf-8")
    again = open_notebook(path)
    assert not again.page.evaluate("() => jupyterapp.shell.currentWidget.content.model.cells.get(1).trusted")
    for cell in range(len(cells) + 1):
        again.cell(cell)
        inert(again.page)
    exported = tmp_path / "exported.html"
    command = [sys.executable, "-m", "nbconvert", "--to", "html", str(path), "--output", str(exported)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    page = browser.new_page()
    page.route("**/*", lambda route: route.continue_() if local(route.request.url) else route.abort())
    page.goto(exported.as_uri())
    inert(page)
    assert 2 * len(names) <= page.locator(".aiml-md").count()
    page.close()
    assert [] == bird.beacons
    for each in (notebook, again):
        assert [] == [text for kind, text in each.console if kind == "pageerror"]


def local(url: str) -> bool:
    return url.startswith(("file:", "data:", "blob:", "http://127.0.0.1"))


def loop(bird: parrot.Parrot, names: list[str], show: str = "markdown") -> str:
    """A cell that has each of these said."""
    return f"for name in {names}:\n    %chat --at {bird.url} --new --show {show} {{{{ name }}}}"


def inert(page: Any) -> None:
    """No script has run, and all that is shown is ours."""
    page.wait_for_timeout(200)
    assert [] == page.evaluate(STRANGE)
    assert page.evaluate("() => window.__pwned === undefined")
