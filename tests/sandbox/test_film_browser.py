"""The sandbox's films play in a real browser: it reads their length and size, and paints and moves their frames."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from aiml_nb.sandbox import Server

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(BROWSER is None, reason="no browser on the path"),
    pytest.mark.skipif(importlib.util.find_spec("playwright") is None, reason="playwright is not installed"),
]

#: Seeks, waits for the frame, and gives the average colour of a part of it.
LOOK = """async (seconds) => {
  const video = document.querySelector('video');
  const sought = new Promise((done) => video.addEventListener('seeked', done, {once: true}));
  video.currentTime = seconds;
  await sought;
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const pen = canvas.getContext('2d');
  pen.drawImage(video, 0, 0);
  return Array.from(pen.getImageData(0, 0, canvas.width, canvas.height).data);
}"""


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page()
        browser.close()


def difference(first: list[int], second: list[int]) -> float:
    return sum(abs(a - b) for a, b in zip(first, second, strict=True)) / len(first)


def test_a_film_plays_in_chromium(server: Server, http: httpx.Client, page: Any) -> None:
    """Length and size are as asked, the first frame is the scene, and later frames have moved to what comes next."""
    body = {"model": "google/veo-3.1-t2v", "prompt": "a red fox in the snow", "duration": 4, "resolution": "720p"}
    job = http.post("/v2/video/generations", json=body).json()["id"]
    told = [http.get("/v2/video/generations", params={"generation_id": job}).json() for _ in range(3)]
    page.goto(f"{server.url}/files/none")  # the file's own origin, so that its pixels may be read
    page.set_content(f'<video src="{told[-1]["video"]["url"]}" muted></video>')
    page.wait_for_function("document.querySelector('video').readyState >= 2", timeout=15000)
    facts = page.evaluate(
        "(() => { const v = document.querySelector('video'); return [v.duration, v.videoWidth, v.videoHeight] })()"
    )
    assert [4, 320, 180] == facts
    first, middle, last = (page.evaluate(LOOK, seconds) for seconds in (0.01, 2, 3.9))
    assert len(set(first[0::4])) > 20  # a scene, not one colour
    assert difference(first, middle) > 2
    assert difference(middle, last) > 2
    # Two seconds move the strip by 60 pixels: the middle frame's left part is the first frame's, 60 pixels on.
    rows = range(0, 180 * 320 * 4, 320 * 4)
    moved = [difference(middle[row : row + 800], first[row + 240 : row + 1040]) for row in rows]
    assert sum(moved) / len(moved) < 2
