"""Keys that are stored: in a keyring that works, else in a file of mode 0600; and never a hang or a crash of a keyring."""

from __future__ import annotations

import stat
import sys
import time
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from aiml_nb.errors import SettingsError
from aiml_nb.home import home
from aiml_nb.settings import forget_key, resolve, store_key, stored

KEY = "0123456789abcdef" * 2


class Ring(KeyringBackend):
    """A keyring in memory; `mood` makes it fail or hang."""

    priority = 1

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.mood = ""

    def _act(self) -> None:
        if self.mood == "fail":
            raise RuntimeError("locked")
        if self.mood == "hang":
            time.sleep(30)

    def get_password(self, service: str, username: str) -> str | None:
        self._act()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._act()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._act()
        del self.kept[service, username]


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND")
    before = keyring.get_keyring()
    keyring.set_keyring(Ring())
    stored._asked.clear()
    yield keyring.get_keyring()
    keyring.set_keyring(before)
    stored._asked.clear()


def test_without_a_keyring_a_key_goes_into_a_private_file() -> None:
    """The file has mode 0600, and the key is found from then on."""
    path = Path(store_key("aimlapi", f" {KEY}\n"))
    assert home() == path.parent
    if sys.platform != "win32":
        assert 0o600 == stat.S_IMODE(path.stat().st_mode)
        assert 0o700 == stat.S_IMODE(path.parent.stat().st_mode)
    endpoint = resolve(environ={})
    assert ("aimlapi", KEY, str(path)) == (endpoint.provider, endpoint.key.reveal(), endpoint.key_source)
    assert [path.name] == [each.name for each in path.parent.iterdir()]


def test_a_keyring_is_used_where_it_works(ring: Ring) -> None:
    """The key is in the keyring and in no file."""
    assert "the system's keyring" == store_key("groq", KEY)
    assert {("aiml_nb", "groq"): KEY} == ring.kept
    assert not (home() / "keys.json").exists()
    endpoint = resolve("groq", environ={})
    assert (KEY, "the system's keyring") == (endpoint.key.reveal(), endpoint.key_source)
    assert forget_key("groq")
    assert resolve("groq", environ={}, need_key=False).key is None


def test_a_keyring_that_fails_is_passed_over(ring: Ring) -> None:
    """Whatever a backend raises, the key goes into the file and calls go on."""
    ring.mood = "fail"
    assert store_key("groq", KEY).endswith("keys.json")
    assert KEY == resolve("groq", environ={}).key.reveal()
    assert resolve("openai", environ={}, need_key=False).key is None


def test_a_keyring_that_hangs_is_left_behind(ring: Ring, monkeypatch: pytest.MonkeyPatch) -> None:
    """A keyring that waits for a dialog delays once, for the set patience, and is not asked again at once."""
    monkeypatch.setattr(stored, "_PATIENCE", 0.2)
    ring.mood = "hang"
    begun = time.monotonic()
    for _ in range(5):
        assert resolve(environ={}).is_sandbox
    assert time.monotonic() - begun < 2


def test_a_key_for_one_server_goes_only_there() -> None:
    """A key stored for a URL is that origin's: another port, scheme or path's host does not get it."""
    store_key("https://proxy.example/v1", KEY)
    assert KEY == resolve("https://proxy.example/v2", environ={}).key.reveal()
    assert KEY == resolve(config={"base_url": "https://PROXY.example"}, environ={}).key.reveal()
    for other in ("https://proxy.example:8443", "http://proxy.example", "https://x.proxy.example"):
        assert resolve(other, environ={}).key is None


def test_a_key_stored_by_a_presets_url_is_the_presets() -> None:
    """`https://api.groq.com` is Groq."""
    store_key("https://api.groq.com/openai/v1", KEY)
    assert KEY == resolve("groq", environ={}).key.reveal()


@pytest.mark.parametrize("key", ["", " ", "<YOUR_KEY>", "two words", "a\nb"])
def test_what_is_no_key_is_not_stored(key: str) -> None:
    """Nothing is written for an empty key, a placeholder or a broken one."""
    with pytest.raises(SettingsError):
        store_key("aimlapi", key)
    assert not (home() / "keys.json").exists()


def test_several_keys_live_side_by_side() -> None:
    """Storing one keeps the others; forgetting one too; a broken file is begun anew."""
    store_key("groq", KEY)
    store_key("openai", KEY[::-1])
    assert forget_key("groq")
    assert not forget_key("groq")
    assert KEY[::-1] == resolve("openai", environ={}).key.reveal()
    (home() / "keys.json").write_text("[broken")
    assert resolve("openai", environ={}, need_key=False).key is None
    store_key("groq", KEY)
    assert KEY == resolve("groq", environ={}).key.reveal()


def test_a_key_that_can_be_kept_nowhere_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A home that is a file gives an error with another way, not a traceback."""
    (tmp_path / "taken").write_text("")
    monkeypatch.setenv("AIML_NB_HOME", str(tmp_path / "taken"))
    with pytest.raises(SettingsError, match="cannot be stored"):
        store_key("groq", KEY)
