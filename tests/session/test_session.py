"""Tests of `aiml_nb.session`: where calls go, defaults, and what is looked at without being sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from aiml_nb.errors import InvalidRequestError, SettingsError
from aiml_nb.session import Session, default


def test_with_nothing_configured_it_is_the_sandbox() -> None:
    """No key, URL or provider: the built-in sandbox answers over real HTTP."""
    session = Session()
    assert session.endpoint().is_sandbox
    assert session.chat("Hi").provider == "sandbox"


def test_a_new_key_needs_no_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings are looked up for each call."""
    session = Session()
    assert session.endpoint().is_sandbox
    monkeypatch.setenv("AIMLAPI_API_KEY", "test-" + "k" * 12)
    assert session.endpoint().provider == "aimlapi"


def test_clients_are_made_once_for_an_endpoint() -> None:
    """Two calls to one server share a client."""
    session = Session()
    assert session.client() is session.client()


def test_the_default_session_is_one() -> None:
    """The magics and the module's functions share a session."""
    assert default() is default()


def test_the_course_folder_brings_defaults(tmp_path: Path) -> None:
    """`aiml.toml` sets models and parameters; a call's own go before."""
    (tmp_path / "aiml.toml").write_text('[models]\nchat = "openai/gpt-4o-mini"\n[chat]\ntemperature = 0.1\n')
    session = Session()
    call = session.prepare("chat", "Hi")
    assert (call.model, call.body["temperature"]) == ("openai/gpt-4o-mini", 0.1)
    assert session.prepare("chat", "Hi", temperature=1).body["temperature"] == 1


def test_the_course_folder_may_choose_a_provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its provider is taken where nobody else chose one and the user has a key for it; else it is passed over."""
    (tmp_path / "aiml.toml").write_text('provider = "openai"\n')
    assert Session().endpoint().is_sandbox
    monkeypatch.setenv("OPENAI_API_KEY", "test-" + "k" * 12)
    assert Session().endpoint().provider == "openai"
    assert Session(provider="sandbox").endpoint().is_sandbox


def test_a_course_folder_with_a_url_is_refused(tmp_path: Path) -> None:
    """A downloaded file must not choose a server."""
    (tmp_path / "aiml.toml").write_text('base_url = "https://a.example"\n')
    with pytest.raises(SettingsError, match=r"aiml\.toml"):
        Session().chat("Hi")


def test_session_defaults_reach_the_media_that_have_the_word() -> None:
    """`temperature` goes to chats and not to pictures; a model is chosen by medium."""
    session = Session(temperature=0.3, model_image="flux/schnell")
    assert session.prepare("chat", "Hi").body["temperature"] == 0.3
    assert "temperature" not in session.prepare("image", "a cat").body


def test_an_unknown_default_is_refused() -> None:
    """A mistyped default is named with the nearest word, not ignored."""
    with pytest.raises(InvalidRequestError) as caught:
        Session(temprature=0)
    assert "temperature" in caught.value.advice


def test_a_look_needs_no_key() -> None:
    """A dry call can be prepared for a provider without a key; a real one cannot."""
    session = Session(provider="openai")
    assert session.prepare("chat", "Hi", dry=True).url == "https://api.openai.com/v1/chat/completions"
    with pytest.raises(SettingsError, match="no key"):
        session.prepare("chat", "Hi")


def test_another_provider_for_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """`at` moves one call only."""
    monkeypatch.setenv("OPENAI_API_KEY", "test-" + "k" * 12)
    session = Session()
    assert session.prepare("chat", "Hi", at="openai").provider == "openai"
    assert session.prepare("chat", "Hi").provider == "sandbox"


def test_models_are_listed_and_the_unknown_named() -> None:
    """The catalogue knows ids and aliases; an unknown id gives the nearest."""
    session = Session()
    assert session.model("gpt-4o").id == "openai/gpt-4o"
    with pytest.raises(InvalidRequestError) as caught:
        session.model("gpt-4oo")
    assert "gpt-4o" in caught.value.advice


def test_any_endpoint_by_request() -> None:
    """`request` reaches any path and gives the answer."""
    assert Session().request("GET", "/v1/models").json()["object"] == "list"


def test_a_model_that_draws_and_edits_is_called_where_files_are_taken() -> None:
    """Words alone go to where it draws, a picture to where it edits; the catalogue has a row for each."""
    picture = Image.new("RGB", (64, 64), "red")
    session = Session()
    assert "/v1/images/generations" == session.prepare("image", "a hat", model="openai/gpt-image-1").path
    for files in ({"attach": picture}, {"image": picture, "mask": picture}):
        call = session.prepare("image", "a hat", model="openai/gpt-image-1", **files)
        assert "/v1/images/edits" == call.path
        assert "image" in call.files
