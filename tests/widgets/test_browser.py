"""ModelBrowser against the sandbox: filters, details, and the default that `Use` sets."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from aiml_nb.catalogue import Model
from aiml_nb.session import Session
from aiml_nb.widgets.browser import ModelBrowser, filtered, unit_price

SECONDS = 20


def until(fact: Callable[[], Any]) -> None:
    end = time.monotonic() + SECONDS
    while not fact():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.02)


@pytest.fixture
def browser() -> Iterator[ModelBrowser]:
    found = ModelBrowser(Session())
    until(lambda: found.list.options and found.details.value)
    yield found
    found.session.close()


def tokens(name: str, price: float, **more: Any) -> Model:
    units = [{"name": "token", "measure": way, "price": price, "per": 1_000_000} for way in ("input", "output")]
    return Model(name, type="openai/chat-completions", pricing={"kind": "fixed", "units": units}, **more)


MODELS = [
    tokens("a/small", 0.1, context=8000, capabilities=("tools",), description="quick and small"),
    tokens("b/large", 5.0, context=200_000, capabilities=("tools", "vision")),
    Model("c/untold", type="openai/chat-completions"),
    Model(
        "d/free", type="openai/image-generations", pricing={"kind": "fixed", "units": [{"name": "image", "price": 0}]}
    ),
]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["a/small", "b/large", "c/untold", "d/free"]),
        ({"words": "QUICK small"}, ["a/small"]),
        ({"words": "quick large"}, []),
        ({"medium": "image"}, ["d/free"]),
        ({"capability": "vision"}, ["b/large"]),
        ({"context": 128_000}, ["b/large"]),
        ({"price": "known"}, ["a/small", "b/large", "d/free"]),
        ({"price": "free"}, ["d/free"]),
        ({"price": "most", "most": 1.0}, ["a/small", "d/free"]),
    ],
)
def test_each_filter_narrows_the_list(filters: dict[str, Any], expected: list[str]) -> None:
    """Words, medium, capability, context and price; what a row does not tell never passes a filter that asks for it."""
    assert expected == [model.id for model in filtered(MODELS, **filters)]


def test_a_unit_price_is_for_what_people_compare() -> None:
    """A million tokens for text, one picture for pictures, None where the price is not fixed."""
    assert [pytest.approx(0.1), pytest.approx(5.0), None, 0.0] == [unit_price(model) for model in MODELS]


def test_typing_narrows_the_list_at_once(browser: ModelBrowser) -> None:
    """The list follows the words and the medium, the count says how many, and the details are of the first."""
    browser.words.value = "flux"
    browser.medium.value = "image"
    assert browser.model is not None
    assert all("flux" in name for _, name in browser.list.options)
    assert f"{len(browser.list.options)} of" in browser.count.value
    until(lambda: str(browser.model) in browser.details.value)
    assert "image_size" in browser.details.value
    browser.words.value = "no such thing"
    assert browser.model is None
    assert browser.use_button.disabled


def test_deprecated_models_are_marked(browser: ModelBrowser) -> None:
    """A model on its way out says so in the list, and in its details until when or what instead."""
    browser.words.value = "chatgpt-4o-latest"
    ((line, _),) = browser.list.options
    assert "deprecated" in line
    until(lambda: "chatgpt-4o-latest is deprecated" in browser.details.value)


def test_a_script_can_wait_for_it() -> None:
    """`wait` returns the selected model when the list and its details are there, also after a search, and None in time."""
    session = Session()
    found = ModelBrowser(session)
    assert found.wait(20)
    found.words.value = "qwen image edit"
    assert "alibaba/qwen-image-edit" == found.wait(20)
    assert "alibaba/qwen-image-edit" in found.details.value
    found.words.value = "no such model"
    assert found.wait(20) is None
    session.close()


def test_use_sets_the_default(browser: ModelBrowser) -> None:
    """The next call of that medium takes the model."""
    browser.words.value = "qwen-image-edit"
    browser.use_button.click()
    assert "" == browser.errors.value
    assert "alibaba/qwen-image-edit" == browser.session.default_model("image")
    assert "Use for image" == browser.use_button.description


def test_the_newest_selection_wins(browser: ModelBrowser) -> None:
    """Going quickly through the list ends with the details of the last one."""
    for _, name in browser.list.options[:12]:
        browser.list.value = name
    last = browser.model
    until(lambda: str(last) in browser.details.value)
    time.sleep(0.2)
    assert str(last) in browser.details.value


def test_it_opens_at_once_where_the_server_is_silent() -> None:
    """Opening never waits for the list, and typing neither."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        session = Session(base_url=f"http://127.0.0.1:{silent.getsockname()[1]}", api_key="none")
        begun = time.perf_counter()
        found = ModelBrowser(session)
        found.words.value = "flux"
        assert time.perf_counter() - begun < 1.0
    session.close()


def test_a_server_that_is_not_there_is_said_in_place(unused_port: int) -> None:
    """A short sentence stands where the list would be."""
    session = Session(base_url=f"http://127.0.0.1:{unused_port}", api_key="none")
    found = ModelBrowser(session)
    until(lambda: found.errors.value)
    assert 'role="alert"' in found.errors.value
    session.close()


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
