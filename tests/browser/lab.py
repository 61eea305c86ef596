"""A real JupyterLab in a real, headless Chromium, for tests that must see what a user sees. It knows nothing of the package.

`server` starts JupyterLab on loopback with folders of its own, `chromium` a browser, `Notebook` is one open notebook:
run its cells, press its stop button, read what it shows, save it, take its picture in both themes. The fixtures are in
`conftest.py`: one server a session, one browser a module, one notebook a test.

The browser is Debian's (or any Chromium or Chrome on the path); Playwright downloads nothing.
"""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage --disable-extensions --mute-audio"
).split()
#: What a program needs of this machine; nothing else of the environment reaches the server or the browser.
PASSED = ("PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT")
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
#: No popup about news, which would ask the network and cover the notebook.
QUIET = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}
START_SECONDS = 90


def missing() -> str:
    """Why no browser test can run here; empty when it can."""
    if executable() is None:
        return f"no browser on the path: install one of {', '.join(BROWSERS[:3])}"
    lacking = [name for name in ("playwright", "jupyterlab") if importlib.util.find_spec(name) is None]
    return f"not installed: {', '.join(lacking)}" if lacking else ""


def executable() -> str | None:
    """The browser's path."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@dataclass
class Server:
    """A running JupyterLab: where it listens, what opens it, and the folder that it shows."""

    url: str
    token: str
    folder: Path
    log: Path

    def ask(self, method: str, path: str) -> Any:
        """The decoded answer of the server's own API, None when it is empty."""
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(self.url + path, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or "null")

    def end_kernels(self) -> None:
        """Shut down the kernel of every open notebook."""
        for session in self.ask("GET", "/api/sessions"):
            self.ask("DELETE", f"/api/sessions/{session['id']}")


@contextmanager
def server(home: Path, **environment: str) -> Iterator[Server]:
    """JupyterLab with everything it writes below `home`; its kernels find this repository's package.

    environment: for the server and its kernels. Raises RuntimeError with the end of the log when it does not come up.
    """
    found = Server(f"http://127.0.0.1:{free_port()}", secrets.token_hex(16), home / "notebooks", home / "server.log")
    found.folder.mkdir(parents=True)
    (home / "home").mkdir()
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(QUIET))
    with found.log.open("wb") as log:
        process = subprocess.Popen(
            command(found),
            cwd=found.folder,
            env=surroundings(home) | environment,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
        try:
            wait_for(found, process)
            yield found
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def command(found: Server) -> list[str]:
    options = {
        "ip": "127.0.0.1",
        "port": found.url.rpartition(":")[2],
        "ServerApp.port_retries": 0,
        "IdentityProvider.token": found.token,
        "ServerApp.root_dir": found.folder,
        "LabApp.extension_manager": "readonly",
    }
    flags = ["--no-browser", "--allow-root", "--expose-app-in-browser"]
    return [sys.executable, "-m", "jupyter", "lab", *flags, *(f"--{name}={value}" for name, value in options.items())]


def surroundings(home: Path) -> dict[str, str]:
    """An environment whose every folder is below `home`."""
    folders = {
        "HOME": "home",
        "AIML_NB_HOME": "home/aiml_nb",
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "MPLCONFIGDIR": "matplotlib",
    }
    passed = {name: os.environ[name] for name in PASSED if name in os.environ}
    fixed = {
        "PYTHONPATH": str(ROOT),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    return passed | fixed | {name: str(home / folder) for name, folder in folders.items()}


def wait_for(found: Server, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            found.ask("GET", "/api/status")
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not come up:\n{found.log.read_text('utf-8', 'replace')[-3000:]}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def chromium(home: Path) -> Iterator[Any]:
    """A headless browser (a Playwright Browser). While it is open, no asyncio loop can be run in this thread."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=executable(), headless=True, args=FLAGS, env=surroundings(home)
        )
        try:
            yield browser
        finally:
            browser.close()


class Notebook:
    """One notebook, open in JupyterLab with a kernel that is ready.

    page: the Playwright page, for whatever has no method here. console: (kind, text) of all that the page logged.
    """

    def __init__(self, page: Any, found: Server, path: Path) -> None:
        self.page, self.path = page, path
        self.console: list[tuple[str, str]] = []
        page.set_default_timeout(30_000)
        page.on("console", lambda message: self.console.append((message.type, message.text)))
        page.on("pageerror", lambda error: self.console.append(("pageerror", str(error))))
        page.goto(f"{found.url}/doc/tree/{path.name}?token={found.token}&reset", wait_until="domcontentloaded")
        page.wait_for_selector(".jp-Notebook", timeout=60_000)
        self.wait_idle()

    def wait_idle(self, seconds: float = 60) -> None:
        """Wait until the kernel has nothing to do."""
        idle = "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
        self.page.wait_for_function(idle, timeout=seconds * 1000)

    def command(self, name: str, **arguments: Any) -> None:
        """Run one of JupyterLab's commands (`notebook:run-all-cells`) to its end."""
        self.page.evaluate(
            "async ([name, args]) => { await jupyterapp.commands.execute(name, args) }", [name, arguments]
        )

    def run_all(self) -> None:
        """Run every cell and wait for the last."""
        self.command("notebook:run-all-cells")
        self.wait_idle()

    def start(self, cell: int) -> None:
        """Run one cell, and do not wait."""
        self.page.evaluate(
            "cell => { jupyterapp.shell.currentWidget.content.activeCellIndex = cell;"
            " jupyterapp.commands.execute('notebook:run-cell'); }",
            cell,
        )

    def run(self, cell: int) -> None:
        """Run one cell and wait for its end."""
        self.page.evaluate("cell => { jupyterapp.shell.currentWidget.content.activeCellIndex = cell }", cell)
        self.command("notebook:run-cell")
        self.wait_idle()

    def stop(self) -> None:
        """Press the stop button of the toolbar."""
        self.page.click('[data-jp-item-name="interrupt"]')

    def cell(self, number: int) -> Any:
        """The locator of a cell, scrolled into view: cells out of sight may not be in the page."""
        found = self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{number}"]')
        self.page.evaluate("async cell => { await jupyterapp.shell.currentWidget.content.scrollToItem(cell) }", number)
        return found

    def outputs(self, number: int) -> Any:
        """The locator of all outputs of a cell: `.inner_text()`, `.locator("img")`, `.count()`."""
        return self.cell(number).locator(".jp-OutputArea-output")

    def text(self, number: int) -> str:
        """What the outputs of a cell say, as a reader sees it."""
        return "\n".join(self.outputs(number).all_inner_texts())

    def wait_text(self, number: int, text: str, seconds: float = 30) -> None:
        """Wait until the outputs of a cell hold `text`."""
        area = self.cell(number).locator(".jp-Cell-outputArea")
        area.get_by_text(text).first.wait_for(timeout=seconds * 1000)

    def save(self) -> Any:
        """Save it as the user would; returns the file as nbformat reads it."""
        self.command("docmanager:save")
        return nbformat.read(self.path, as_version=4)

    def theme(self, name: str) -> None:
        """Change to the "light" or "dark" theme, and wait until its colours are there."""
        self.command("apputils:change-theme", theme=THEMES[name])
        light = "true" if name == "light" else "false"
        self.page.wait_for_selector(
            f'body[data-jp-theme-light="{light}"][data-jp-theme-name="{THEMES[name]}"]', state="attached"
        )
        self.page.wait_for_timeout(200)

    def screenshots(self, folder: Path, name: str, cell: int | None = None) -> dict[str, Path]:
        """PNG files `NAME-light.png` and `NAME-dark.png` of one cell, or of what the window shows; leaves it light."""
        taken = {}
        for theme in ("dark", "light"):
            self.theme(theme)
            taken[theme] = folder / f"{name}-{theme}.png"
            (self.page if cell is None else self.cell(cell)).screenshot(path=taken[theme])
        return taken
