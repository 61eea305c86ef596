"""Compare against the sandbox: several models at once, in threads, each with its answer or its error."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from aiml_nb import sandbox
from aiml_nb.errors import InvalidRequestError
from aiml_nb.session import Session
from aiml_nb.widgets.compare import MOST, Compare

SECONDS = 20
TWO = ("openai/gpt-4o", "google/gemma-3-4b-it")


def until(fact: Callable[[], Any]) -> None:
    end = time.monotonic() + SECONDS
    while not fact():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.02)


@pytest.fixture
def compare() -> Iterator[Callable[..., Compare]]:
    made: list[Compare] = []

    def open_it(**options: Any) -> Compare:
        made.append(Compare(Session(), **options))
        return made[-1]

    yield open_it
    for each in made:
        each.cancel()
        each.wait(SECONDS)
        each.session.close()


def test_every_model_answers_in_its_column(compare: Callable[..., Compare]) -> None:
    """Two replies stand side by side with their numbers, and below them a table; no conversation remembers the prompt."""
    panel = compare(models=TWO)
    panel.prompt.value = "What is a **token**?"
    panel.go.click()
    first, second = panel.wait(SECONDS)
    assert TWO == (first.model, second.model)
    until(lambda: panel.summary.value)
    for column in panel.columns:
        assert column.result.text[:20] in column.body.value or "<" in column.body.value
        assert "$0" in column.body.value
    assert all(model in panel.summary.value for model in TWO)
    assert not panel.go.disabled
    assert {None} == {row["conversation"] for row in panel.session.store.calls.rows()}


def test_the_table_is_a_dataframe(compare: Callable[..., Compare], monkeypatch: pytest.MonkeyPatch) -> None:
    """One row a model with time, tokens and cost; without pandas the same as a list of dicts."""
    panel = compare(models=TWO)
    panel.ask("Hi", temperature=0)
    panel.wait(SECONDS)
    frame = panel.table()
    assert list(TWO) == list(frame["model"])
    assert (frame["output_tokens"] > 0).all()
    assert {"done"} == set(frame["state"])
    assert {0.0} == set(frame["usd"])
    monkeypatch.setitem(sys.modules, "pandas", None)
    rows = panel.table()
    assert list(TWO) == [row["model"] for row in rows]
    assert rows[0]["text"] == panel.columns[0].result.text


def test_an_error_stays_in_its_column(compare: Callable[..., Compare]) -> None:
    """A model that is not there says so in place; the others answer."""
    panel = compare(models=("openai/gpt-4o", "no/such-model"))
    panel.ask("Hi")
    good, bad = panel.wait(SECONDS)
    assert good is not None
    assert bad is None
    assert 'role="alert"' in panel.columns[1].body.value
    assert "failed" == panel.table()["state"][1]
    assert "" == panel.errors.value


def test_pictures_too(compare: Callable[..., Compare]) -> None:
    """The same prompt drawn by two models, as small copies with words for who cannot see them."""
    panel = compare(models=("flux/schnell", "alibaba/qwen-image"), medium="image")
    panel.ask("a lighthouse", seed=3)
    assert all(result is not None for result in panel.wait(SECONDS))
    for column in panel.columns:
        assert 'alt="a lighthouse"' in column.body.value
    assert 1 == len(panel.table()["paths"][0])


def test_all_are_asked_at_once_and_stopped_at_once() -> None:
    """Four long answers grow together, and Stop ends all of them at once, with what had come."""
    four = ("openai/gpt-4o", "openai/gpt-4o-mini", "google/gemma-3-4b-it", "anthropic/claude-haiku-4.5")
    with sandbox.start(pace=0.1) as server:
        panel = Compare(Session(base_url=server.url, api_key=server.key), models=four)
        panel.ask("Tell me a long story")
        until(lambda: all("nothing is said" in column.body.value for column in panel.columns))
        begun = time.perf_counter()
        panel.stop.click()
        panel.wait(SECONDS)
        assert time.perf_counter() - begun < 1.0
        assert {"stopped"} == set(panel.table()["state"])
        assert all(panel.table()["text"])
        until(lambda: not panel.go.disabled)
        panel.session.close()


def test_columns_come_and_go(compare: Callable[..., Compare]) -> None:
    """A model is added once, taken away by its button, and nine are too many."""
    panel = compare(models=TWO)
    panel.add(TWO[0])
    assert 2 == len(panel.columns)
    panel.chosen.children[0].click()
    assert [TWO[1]] == [each.model for each in panel.columns]
    for at in range(MOST - 1):
        panel.add(f"model-{at}")
    with pytest.raises(InvalidRequestError, match="the most"):
        panel.add("one/more")
    panel.picker.picked("one/more")
    assert "the most" in panel.errors.value


def test_without_models_there_is_the_default(compare: Callable[..., Compare]) -> None:
    """It opens with the session's own model; another medium brings its own."""
    panel = compare()
    until(lambda: panel.columns)
    assert [panel.session.default_model("chat")] == [each.model for each in panel.columns]
    panel.medium.value = "image"
    until(lambda: panel.columns and panel.columns[0].model == panel.session.default_model("image"))


def test_what_cannot_be_asked_is_said(compare: Callable[..., Compare]) -> None:
    """No prompt, no model, no such medium: one sentence each."""
    panel = compare(models=TWO)
    panel.go.click()
    assert "no prompt" in panel.errors.value
    for model in TWO:
        panel.remove(model)
    panel.prompt.value = "Hi"
    panel.go.click()
    assert "no model" in panel.errors.value
    with pytest.raises(InvalidRequestError, match="no video"):
        Compare(Session(), medium="video")


def test_what_a_model_wrote_is_made_safe(compare: Callable[..., Compare]) -> None:
    """HTML in an answer is text in its column and in the twin."""
    panel = compare(models=TWO[:1])
    panel.ask("Answer with some html")
    panel.wait(SECONDS)
    for html in (panel.columns[0].body.value, panel._twin_html_()):
        assert '<img src="x"' not in html
        assert "&lt;img" in html
    assert "Compare()" == repr(panel)
    assert json.dumps(panel._twin_())
