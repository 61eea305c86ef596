"""ChatPanel in a Voila application: a real server, its page in a real browser, where there is no notebook to run cells in."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.browser import lab

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(importlib.util.find_spec("voila") is None, reason="not installed: voila"),
]
pytest.importorskip("anywidget")

APPLICATION = "import aiml_nb as ai\nai.ChatPanel()"
#: The answers, and the last one as text; what tells that none is coming.
ANSWERS = "[...document.querySelectorAll('.aiml-log .aiml-answer')]"
LAST = f"({ANSWERS}.at(-1)?.innerText ?? '')"
IDLE = "() => !document.querySelector('.aiml-busy')"
START_SECONDS = 30


@pytest.fixture
def application(tmp_path: Path) -> Iterator[str]:
    """The address of the notebook, served by Voila with everything it writes below `tmp_path`."""
    home, port = tmp_path / "voila", lab.free_port()
    (home / "home").mkdir(parents=True)
    notebook, log = home / "application.ipynb", home / "voila.log"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(APPLICATION)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), notebook)
    command = [sys.executable, "-m", "voila", str(notebook), "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1"]
    with log.open("wb") as written:
        process = subprocess.Popen(
            command, cwd=home, env=lab.surroundings(home), stdout=written, stderr=written, stdin=subprocess.DEVNULL
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/voila/static/none", process, log)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the server answers, be it that there is no such file: asking for the page would start a kernel."""
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except urllib.error.HTTPError as answer:
            answer.close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"Voila did not come up:\n{log.read_text('utf-8', 'replace')[-3000:]}")


@pytest.fixture
def page(browser: Any, application: str) -> Iterator[Any]:
    """The application's page, which reaches nothing but its server (Voila's template asks a CDN for icon fonts) and raises no error."""
    broken: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.route(lambda url: not url.startswith(application), lambda route: route.abort())
    page = context.new_page()
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.set_default_timeout(20_000)
    page.goto(application, wait_until="domcontentloaded")
    page.wait_for_selector(".aiml-front .aiml-log")
    yield page
    context.close()
    assert [] == broken


def send(page: Any, prompt: str) -> None:
    page.locator(".aiml-composer textarea").fill(prompt)
    page.locator(".aiml-composer button", has_text="Send").click()


def wait_answer(page: Any, text: str) -> None:
    page.wait_for_function(f"text => {LAST}.includes(text)", arg=text, polling=30)


def test_a_chat_in_a_voila_application(page: Any) -> None:
    """The sandbox answers what was sent, Stop ends an endless answer at once and keeps what came, the panel goes on."""
    send(page, "Which words did I say?")
    wait_answer(page, "· sandbox")
    assert "Which words did I say?" in page.evaluate(f"() => {LAST}")
    page.wait_for_function(IDLE, polling=10)
    send(page, "FAULT endless")
    page.wait_for_function(f"() => {ANSWERS}.length === 2 && {LAST}.length > 200", polling=10)
    assert page.locator(".aiml-busy").count()
    begun = time.monotonic()
    page.locator(".aiml-composer button", has_text="Stop").click()
    page.wait_for_function(IDLE, polling=10)
    assert 1 > time.monotonic() - begun
    wait_answer(page, "partial")
    kept = page.evaluate(f"() => {LAST}")
    assert len(kept) > 200
    page.wait_for_timeout(500)
    assert kept == page.evaluate(f"() => {LAST}")
    send(page, "Still there?")
    page.wait_for_function(f"() => {ANSWERS}.length === 3")
    wait_answer(page, "Still there?")
