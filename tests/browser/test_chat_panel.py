"""ChatPanel and UsageMeter as a user of JupyterLab meets them: typed, streamed, stopped, attached, reloaded, read without a kernel."""

from __future__ import annotations

import io
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests import parrot
from tests.browser import axe, lab
from tests.browser.test_safety import DATA, STRANGE, WORSE

pytestmark = pytest.mark.browser
pytest.importorskip("anywidget")

#: Read now: no test sees a variable of this package's.
MAKE = os.environ.get("AIML_NB_PICTURES") == "1"
PICTURES = lab.ROOT / "notebooks" / "files" / "widgets"
LOAD = "%load_ext aiml_nb\nimport aiml_nb as ai"
#: The answers of a panel, as text.
ANSWERS = "[...document.querySelectorAll('.aiml-log .aiml-answer')]"
IDLE = "() => !document.querySelector('.aiml-busy')"
#: What opening a panel costs a kernel that has the magics: processor time in ms, without what other threads do.
OPEN = "import time\nbegun = time.process_time()\npanel = ai.ChatPanel()\nspent = time.process_time() - begun\npanel"


class Chat:
    """A panel in a page."""

    def __init__(self, notebook: lab.Notebook) -> None:
        self.page = notebook.page
        self.page.wait_for_selector(".aiml-front .aiml-log")
        self.box = self.page.locator(".aiml-composer textarea")

    def send(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")

    def wait(self, text: str) -> None:
        """Until the last answer holds `text`."""
        self.page.wait_for_function(f"text => {ANSWERS}.at(-1)?.innerText.includes(text)", arg=text, polling=30)

    def idle(self) -> None:
        self.page.wait_for_function(IDLE, polling=30)

    def ask(self, text: str, told: str = "· sandbox") -> None:
        self.send(text)
        self.page.wait_for_function(
            "text => [...document.querySelectorAll('.aiml-bubble')].at(-1)?.innerText.includes(text)", arg=text[:40]
        )
        self.idle()
        self.wait(told)

    @property
    def answer(self) -> str:
        return str(self.page.evaluate(f"() => {ANSWERS}.at(-1).innerText"))


@pytest.fixture
def bird() -> Iterator[parrot.Parrot]:
    text = "".join(f"Word {n} of a long answer, in a paragraph of its own.\n\n" for n in range(400))
    with parrot.parrot({"long": text}, pace=0.01) as bird:
        yield bird


def test_a_chat_in_a_panel(open_notebook: Callable[..., lab.Notebook], tmp_path: Path) -> None:
    """Enter sends, the answer streams, files come by upload and drop, another model answers, a cell goes on, a reload keeps all,
    and what was saved can be read without its kernel.
    """
    notebook = open_notebook(LOAD, OPEN, "%chat Which words did I say?", "print(spent)")
    for cell in (0, 1):
        notebook.run(cell)
    chat, page = Chat(notebook), notebook.page
    notebook.run(3)
    assert 0.3 > float(notebook.text(3))
    chat.box.fill("two")
    chat.box.press("Shift+Enter")
    chat.box.type("lines")
    assert "two\nlines" == chat.box.input_value()
    chat.box.press("Enter")
    assert "" == chat.box.input_value()
    chat.wait("· sandbox")
    assert "“two lines”" in chat.answer or "two" in chat.answer
    page.get_by_role("button", name="Copy this answer as Markdown").click()
    page.get_by_text("Copied").wait_for()
    attach(page, tmp_path)
    chat.ask("What is it?")
    assert "PNG image, 40 × 30 pixels" in chat.answer
    page.locator(".aiml-panel input[type=text]").first.fill("openai/gpt-4o-mini")
    chat.ask("And now?", "openai/gpt-4o-mini")
    notebook.run(2)
    page.wait_for_function(f"() => {ANSWERS}.length === 4")
    assert "3 earlier turns" in chat.answer
    edit = page.get_by_role("button", name="Edit this prompt and send it again").nth(2)
    edit.focus()
    edit.press("Enter")
    page.locator(".aiml-edit textarea").fill("edited")
    page.get_by_role("button", name="Send again").click()
    page.wait_for_function(f"() => {ANSWERS}.length === 3 && {ANSWERS}.at(-1).innerText.includes('edited')")
    chat.idle()
    assert not page.locator(".aiml-twin").first.is_visible()
    page.wait_for_timeout(300)
    kept = notebook.save()
    page.reload(wait_until="domcontentloaded")
    page.wait_for_selector(".aiml-front .aiml-log", timeout=30_000)
    notebook.wait_idle()
    assert 3 == page.evaluate(f"() => {ANSWERS}.length")
    chat.ask("after the reload")
    readable(open_notebook, kept, tmp_path)
    assert [] == [text for kind, text in notebook.console if kind == "pageerror"]


def attach(page: Any, folder: Path) -> None:
    """A picture by the button, a text by dropping it."""
    picture = folder / "red.png"
    Image.new("RGB", (40, 30), "red").save(picture)
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name=re.compile("Attach")).click()
    chooser.value.set_files(str(picture))
    page.wait_for_selector(".aiml-chip img[alt^='red.png']")
    page.evaluate(
        "() => { const data = new DataTransfer(); data.items.add(new File(['a,b\\n1,2\\n'], 't.csv'));"
        " document.querySelector('.aiml-log').dispatchEvent("
        "new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })); }"
    )
    page.wait_for_function("() => document.querySelectorAll('.aiml-chip').length === 2")
    page.get_by_role("button", name="Remove t.csv").click()
    page.wait_for_function("() => document.querySelectorAll('.aiml-chip').length === 1")


def test_the_kernel_stays_free_and_stop_stops(open_notebook: Callable[..., lab.Notebook], bird: parrot.Parrot) -> None:
    """While an answer streams a cell runs, the reader can scroll up and is left alone; Stop shows within 300 ms, also under a busy cell."""
    session = f"panel = ai.ChatPanel(ai.Session({bird.url!r}), model='test/parrot'); panel"
    notebook = open_notebook(LOAD, session, "print(6 * 7)", "import time; time.sleep(6); print('slept')")
    for cell in (0, 1):
        notebook.run(cell)
    chat, page = Chat(notebook), notebook.page
    chat.send("long")
    chat.wait("Word 12 of")
    notebook.run(2)
    assert "42" == notebook.text(2).strip()
    notebook.cell(1)
    log = page.locator(".aiml-log")
    assert log.evaluate("log => log.scrollTop + log.clientHeight > log.scrollHeight - 40")
    log.hover()
    page.mouse.wheel(0, -400)
    chat.wait("Word 40 of")
    assert log.evaluate("log => log.scrollTop + log.clientHeight < log.scrollHeight - 100")
    notebook.start(3)
    page.wait_for_timeout(300)
    begun = time.monotonic()
    page.locator(".aiml-composer button", has_text="Stop").click()
    page.wait_for_function(IDLE, polling=10)
    assert 0.3 > time.monotonic() - begun
    chat.wait("partial")
    assert "slept" not in notebook.text(3)
    chat.send("short")
    chat.wait("short")
    assert "slept" not in notebook.text(3)


def test_it_is_accessible_in_both_themes(open_notebook: Callable[..., lab.Notebook], tmp_path: Path) -> None:
    """axe finds nothing in the panel, its options and its editor, nor in the meter, light and dark, wide and narrow."""
    notebook = open_notebook(LOAD, "ai.ChatPanel()", "ai.UsageMeter()")
    for cell in (0, 1, 2):
        notebook.run(cell)
    chat, page = Chat(notebook), notebook.page
    notebook.cell(1)
    chat.ask("Show a table and some Python, please.")
    pictures(notebook, 1, "chat-panel", tmp_path)
    page.get_by_role("button", name="Tokens").click()
    pictures(notebook, 2, "usage-meter", tmp_path)
    page.get_by_role("button", name="Options").click()
    page.get_by_role("button", name="Change this answer").click()
    page.wait_for_selector(".aiml-edit textarea")
    for theme in ("dark", "light"):
        notebook.theme(theme)
        for cell in (1, 2):
            notebook.cell(cell)
            assert [] == axe.violations(page, ".aiml-panel")
    page.set_viewport_size({"width": 640, "height": 900})
    notebook.cell(1)
    page.wait_for_timeout(300)
    wide = "() => [...document.querySelectorAll('.aiml-panel, .aiml-row')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    assert 0 == page.evaluate(wide)
    notebook.screenshots(tmp_path, "narrow", cell=1)


def pictures(notebook: lab.Notebook, cell: int, name: str, folder: Path) -> None:
    """Both themes, which must differ; kept for the README when asked for."""
    notebook.cell(cell)
    notebook.page.mouse.move(5, 5)
    for theme in ("dark", "light"):
        notebook.theme(theme)
        shot = notebook.cell(cell).locator(".aiml-panel").screenshot()
        (folder / f"{name}-{theme}.png").write_bytes(shot)
        if MAKE:
            with Image.open(io.BytesIO(shot)) as image:
                image.quantize(128).save(PICTURES / f"{name}-{theme}.png", optimize=True)
    assert (folder / f"{name}-dark.png").read_bytes() != (folder / f"{name}-light.png").read_bytes()


def readable(open_notebook: Callable[..., lab.Notebook], kept: Any, folder: Path) -> None:
    """A saved panel, opened with a kernel that does not know it, stands there as text, trusted or not."""
    assert ["ChatPanel()", "You: two"] == [o.data["text/plain"].split("\n")[0] for o in kept.cells[1].outputs]
    for trusted in (True, False):
        path = folder / f"kept-{trusted}.ipynb"
        if not trusted:
            kept.metadata["changed"] = "elsewhere"  # the signature no longer fits, so nobody trusts it
        path.write_text(json.dumps(kept))
        again = open_notebook(path)
        assert again.outputs(1).locator("strong", has_text="Answer").first.is_visible()
        assert "edited" in again.text(1)
        # Its own style hides the line about a model that was not found, where style is trusted.
        if trusted:
            again.outputs(1).first.wait_for(state="hidden")


def test_nothing_that_a_model_says_does_anything(open_notebook: Callable[..., lab.Notebook]) -> None:
    """In the panel, where formulas are typeset, no script runs, no request leaves and no element appears."""
    known = {vector["name"]: vector["payload"] for vector in json.loads(DATA.read_text("utf-8"))}
    with parrot.parrot() as bird:
        port = bird.url.rpartition(":")[2]
        bird.said.update({name: text.replace("4999", port) for name, text in (known | WORSE).items()})
        asks = f"for name in {list(bird.said)!r}:\n    panel.ask(name)\n    assert panel.wait(20)"
        panel = f"panel = ai.ChatPanel(ai.Session({bird.url!r}), model='test/parrot'); panel"
        notebook = open_notebook(LOAD, panel, asks)
        for cell in (0, 1, 2):
            notebook.run(cell)
        page = notebook.page
        page.wait_for_function(f"n => {ANSWERS}.length === n", arg=min(60, len(bird.said)))
        page.wait_for_timeout(500)
        assert [] == page.evaluate(STRANGE.replace(".jp-OutputArea-output .aiml-md", ".aiml-log .aiml-md"))
        assert page.evaluate("() => window.__pwned === undefined")
        assert [] == bird.beacons
    assert [] == [text for kind, text in notebook.console if kind == "pageerror"]
