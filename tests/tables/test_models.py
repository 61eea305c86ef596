"""Tests of `aiml_nb.tables`: models, one model, and jobs, as a reader sees them; HTML and text say the same."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from aiml_nb.errors import InvalidRequestError
from aiml_nb.session import Session
from aiml_nb.store import Call
from aiml_nb.tables import Page, Table, jobs, models


def test_a_page_says_the_same_in_html_and_in_text() -> None:
    """Every value is in both, and markup in a value is shown, not obeyed."""
    page = Page("two <b>things</b>", Table(("name", "n"), [("x<script>", 1), (None, 22)]), "")
    assert "two <b>things</b>" in page.text()
    assert "<b>" not in page.html()
    assert "<script>" not in page.html()
    for value in ("things", "script", "22"):
        assert value in page.html()
        assert value in page.text()


def test_models_are_found_by_words_and_medium() -> None:
    """All words must be somewhere in what is told of a model; the medium narrows it down."""
    session = Session()
    assert "kling" in models.models(session, "video").text()
    assert "gpt-4o" in models.models(session, "vision openai").text()
    only = models.models(session, medium="ocr").text()
    assert "mistral-ocr-latest" in only
    assert "gpt-4o" not in only


def test_a_list_of_the_sandbox_is_the_same_each_time() -> None:
    """No age and no address is in it, so that a saved notebook compares."""
    assert models.models(Session()).text() == models.models(Session()).text()


def test_a_deprecated_model_is_marked() -> None:
    """In the list as well as on its own page, with what to use instead."""
    session = Session()
    assert re.search(r"chatgpt-4o-latest .*deprecated", models.models(session, "chatgpt").text())
    assert "use gpt-5.1-chat-latest" in models.model(session, "chatgpt-4o-latest").text()


def test_nothing_found_says_what_is_near() -> None:
    """Words that no model has name the nearest ids."""
    with pytest.raises(InvalidRequestError) as caught:
        models.models(Session(), "flux-schnell")
    assert "flux/schnell" in caught.value.advice


def test_everything_of_one_model() -> None:
    """Endpoint, price, unknown licence, and each parameter with type, range, default, meaning and common word."""
    text = models.model(Session(), "flux/schnell").text()
    assert "POST /v1/images/generations (image)" in text
    assert re.search(r"licence +unknown", text)
    row = next(line for line in text.splitlines() if line.startswith("num_images"))
    assert re.fullmatch(r"num_images +--n +integer +1 to 4 +1 +How many pictures to make\.", row)
    assert "prompt (required)" in text


def test_an_alias_is_the_model() -> None:
    """An alias shows the model, every endpoint of it, and its other names."""
    text = models.model(Session(), "gpt-4o").text()
    assert re.search(r"id +openai/gpt-4o\b", text)
    assert "POST /v1/chat/completions" in text
    assert "POST /v1/responses" in text


def test_a_fine_tuned_model_tells_its_base() -> None:
    """The model that it was made from is shown where the provider tells."""
    text = models.model(Session(), "ft:gpt-4o-mini-2024-07-18:sandbox:haiku:00000001").text()
    assert re.search(r"made from +gpt-4o-mini-2024-07-18", text)


def test_a_list_from_the_disk_says_how_old_it_is_and_that_the_provider_is_down(tmp_path: Path) -> None:
    """A provider that does not answer leaves the list that was fetched before, with its age and the reason."""
    from aiml_nb import sandbox

    server = sandbox.start()
    at = {"base_url": server.url, "api_key": server.key}
    before = Session(**at)
    before.models()
    kept = next((before.store.home / "catalogue").rglob("models.json"))
    server.stop()
    before.close()
    os.utime(kept, (time.time() - 7200, time.time() - 7200))
    text = models.models(Session(**at), "flux", refresh=True).text()
    assert "flux/schnell" in text
    assert "this list is 2 h old" in text
    assert "did not answer" in text


def row(session: Session, status: str, job: str | None, minutes: float, **more: float) -> None:
    number = session.store.calls.begin(
        Call(medium="video", model="kling", provider="p", host="h", prompt={"prompt": "waves on a beach"})
    )
    session.store.calls.job(number, job, "generating")
    if status != "sent":
        session.store.calls.finish(number, status, error="no such thing" if status == "failed" else "")
    session.store.calls._database.run(
        lambda db: db.execute("UPDATE calls SET time = ? WHERE id = ?", (time.time() - minutes * 60, number))
    )


def test_jobs_that_wait_come_first() -> None:
    """Open jobs stand above newer ones that ended; each has state, age and prompt, and no cost is zero."""
    session = Session()
    row(session, "ok", "done-1", 3)
    row(session, "failed", "broken-1", 2)
    row(session, "sent", "open-1", 200)
    row(session, "sent", None, 2880 * 2)
    lines = jobs.jobs(session).text().splitlines()
    assert ["open-1", "not", "broken-1", "done-1"] == [line.split()[0] for line in lines[2:6]]
    assert "generating" in lines[2]
    assert "3 h" in lines[2]
    assert "not yet known" in lines[2]
    assert "4 days" in lines[3]
    assert "failed: no such thing" in lines[4]
    assert lines[5].endswith("unknown")
    assert "2 jobs not collected" in lines[-1]


def test_no_job_yet_says_what_begins_one() -> None:
    """An empty list is a sentence."""
    assert "%%video" in jobs.jobs(Session()).text()


def test_the_files_of_a_job_are_found_again() -> None:
    """A finished job tells where its file is."""
    session = Session()
    made = session.music("a waltz", timeout=60)
    text = jobs.jobs(Session()).text()
    assert made.path.name in text
    assert re.search(r" ok +\d+ s +a waltz ", text)
