"""Which server and which key: the order of sources, URL and key as a pair, hostile `.env` files, and what is said."""

from __future__ import annotations

import os
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from aiml_nb.errors import SettingsError
from aiml_nb.settings import Endpoint, Secret, find_key, resolve, store_key

CANARY = "ca" + "na4y" * 8
OTHER = "0123456789abcdef" * 2
EVIL = "https://evil.example"


def dotenv(folder: Path, **values: str) -> Path:
    path = folder / ".env"
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    return path


def key_of(endpoint: Endpoint) -> str | None:
    return endpoint.key and endpoint.key.reveal()


def test_with_nothing_configured_it_is_the_sandbox() -> None:
    """No key, no URL, no provider: the sandbox, without a key and without a hint."""
    endpoint = resolve()
    assert ("sandbox", "sandbox:", None, "") == (endpoint.provider, endpoint.base_url, endpoint.key, endpoint.hint)


@pytest.mark.parametrize("name", ["AIMLAPI_API_KEY", "AIML_API_KEY", "AIMLAPI_KEY"])
def test_a_key_of_the_aiml_api_chooses_it(name: str) -> None:
    """Each of its three variable names is enough, and the endpoint says where the key was."""
    endpoint = resolve(environ={name: f" '{CANARY}'\n"})
    assert ("aimlapi", "https://api.aimlapi.com", CANARY) == (endpoint.provider, endpoint.base_url, key_of(endpoint))
    assert f"{name} in the environment" == endpoint.key_source


def test_another_providers_key_alone_chooses_nothing() -> None:
    """With OPENAI_API_KEY and no choice made, it stays the sandbox, and the hint says how to choose OpenAI."""
    endpoint = resolve(environ={"OPENAI_API_KEY": CANARY})
    assert endpoint.is_sandbox
    assert endpoint.key is None
    assert "%aiml use openai" in endpoint.hint
    assert CANARY not in endpoint.hint


def test_a_provider_chosen_by_name_takes_its_own_key() -> None:
    """`--at openai`, %config, and AIML_NB_PROVIDER each choose it; the AI/ML API's key stays out of it."""
    environ = {"OPENAI_API_KEY": CANARY, "AIMLAPI_API_KEY": OTHER}
    for endpoint in (
        resolve("openai", environ=environ),
        resolve(config={"provider": "openai", "model_chat": "x"}, environ=environ),
        resolve(environ=environ | {"AIML_NB_PROVIDER": "openai"}),
        resolve("https://api.openai.com/v1", environ=environ),
    ):
        assert ("openai", CANARY) == (endpoint.provider, key_of(endpoint))


def test_the_order_of_sources(tmp_path: Path) -> None:
    """An argument goes before %config, that before the environment, that before .env, that before a stored key."""
    store_key("aimlapi", "stored" + OTHER)
    dotenv(tmp_path, AIMLAPI_API_KEY="dotenv" + OTHER)
    assert "dotenv" + OTHER == key_of(resolve(environ={}))
    environ = {"AIMLAPI_API_KEY": "outside" + OTHER}
    assert "outside" + OTHER == key_of(resolve(environ=environ))
    assert "argument" + OTHER == key_of(resolve(api_key="argument" + OTHER, environ=environ))
    (tmp_path / ".env").unlink()
    assert "stored" + OTHER == key_of(resolve(environ={}))
    places = {"AIMLAPI_BASE_URL": "http://localhost:1"}
    assert "http://localhost:1" == resolve(environ=places).base_url
    assert "http://localhost:2" == resolve(config={"base_url": "http://localhost:2"}, environ=places).base_url
    chosen = resolve("http://localhost:3", config={"base_url": "http://localhost:2"}, environ=places)
    assert "http://localhost:3" == chosen.base_url


def test_a_url_and_its_key_from_one_source_are_a_pair(tmp_path: Path) -> None:
    """Beside each other in the environment, in .env, or as arguments, they go together to any server."""
    pair = {"AIMLAPI_BASE_URL": "https://proxy.example/v1", "AIMLAPI_API_KEY": CANARY}
    assert ("https://proxy.example", CANARY) == ((found := resolve(environ=pair)).base_url, key_of(found))
    dotenv(tmp_path, **pair)
    assert CANARY == key_of(resolve(environ={"OPENAI_API_KEY": OTHER}))
    assert OTHER == key_of(resolve(base_url="https://proxy.example", api_key=OTHER))
    assert OTHER == key_of(resolve("https://proxy.example", api_key=Secret(OTHER)))
    pair = {"OPENAI_BASE_URL": "https://proxy.example/v1", "OPENAI_API_KEY": OTHER}
    assert OTHER == key_of(resolve("openai", environ=pair))


@pytest.mark.parametrize("name", ["AIMLAPI_BASE_URL", "AIML_API_URL", "BASE_URL"])
@pytest.mark.parametrize("key", ["AIMLAPI_API_KEY", "AIML_API_KEY", "AIMLAPI_KEY"])
def test_a_hostile_dotenv_gets_no_key(tmp_path: Path, name: str, key: str) -> None:
    """A downloaded folder's .env that names a server cannot have the environment's key: an error that says how to allow it."""
    dotenv(tmp_path, **{name: EVIL})
    with pytest.raises(SettingsError) as caught:
        resolve(environ={key: CANARY})
    assert f"{key} in the environment is not sent to {EVIL}" in caught.value.message
    assert "beside the URL in .env" in caught.value.advice
    assert CANARY not in repr(vars(caught.value))


def test_a_hostile_dotenv_gets_no_stored_key(tmp_path: Path) -> None:
    """Nor the key that was stored with %aiml key."""
    store_key("aimlapi", CANARY)
    dotenv(tmp_path, AIMLAPI_BASE_URL=EVIL)
    with pytest.raises(SettingsError, match="stored key"):
        resolve(environ={})


def test_a_hostile_dotenv_gets_no_other_providers_key(tmp_path: Path) -> None:
    """OPENAI_BASE_URL in .env cannot have the environment's OPENAI_API_KEY, however OpenAI was chosen."""
    dotenv(tmp_path, OPENAI_BASE_URL=EVIL)
    environ = {"OPENAI_API_KEY": CANARY}
    for given in ({"at": "openai"}, {"config": {"provider": "openai"}}):
        with pytest.raises(SettingsError, match="is not sent to"):
            resolve(**given, environ=environ)
    with pytest.raises(SettingsError, match="is not sent to"):
        resolve(environ=environ | {"AIML_NB_PROVIDER": "openai"})


def test_a_hostile_dotenv_gets_no_argument_key(tmp_path: Path) -> None:
    """A key passed to a Session does not follow a URL that a file gave."""
    dotenv(tmp_path, AIMLAPI_BASE_URL=EVIL)
    with pytest.raises(SettingsError, match="given as argument") as caught:
        resolve(api_key=CANARY, environ={})
    assert "base_url=" in caught.value.advice


def test_a_hostile_dotenv_copies_nothing_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`${…}` in a .env is not expanded, so no key can be put into a URL; and nothing enters the environment."""
    monkeypatch.setenv("AIMLAPI_API_KEY", CANARY)
    (tmp_path / ".env").write_text(f"AIMLAPI_BASE_URL={EVIL}/${{AIMLAPI_API_KEY}}\nAIMLAPI_KEY={OTHER}\nNEW_ONE=1\n")
    with pytest.raises(SettingsError) as caught:
        resolve()
    assert CANARY not in repr(vars(caught.value))
    assert "NEW_ONE" not in os.environ
    assert "AIMLAPI_KEY" not in os.environ


def test_an_endpoint_of_the_same_server_may_have_the_key_of_its_pair() -> None:
    """`--at URL` of the very server that the environment pairs with a key gets that key; a look-alike does not."""
    pair = {"AIMLAPI_BASE_URL": "https://proxy.example/v1", "AIMLAPI_API_KEY": CANARY}
    assert CANARY == key_of(resolve("https://proxy.example/other", environ=pair))
    for other in ("https://proxy.example:8443", "http://proxy.example", "https://proxy.example.evil.example", EVIL):
        endpoint = resolve(other, environ=pair)
        assert endpoint.key is None
        assert "was not sent" in endpoint.hint


def test_a_key_follows_a_preset_by_its_exact_server() -> None:
    """The preset's own server, however written, gets the key; http, another port or another name does not."""
    environ = {"AIMLAPI_API_KEY": CANARY}
    for same in ("api.aimlapi.com", "https://API.aimlapi.com:443/v1/", "https://api.aimlapi.com./v2"):
        assert CANARY == key_of(resolve(same, environ=environ))
    for other in ("http://api.aimlapi.com", "https://api.aimlapi.com:444", "https://api.aimlapi.com.evil.example"):
        assert key_of(resolve(other, environ=environ)) is None


def test_base_url_of_a_preset_does_not_take_a_foreign_key() -> None:
    """BASE_URL=https://api.openai.com beside AIMLAPI_API_KEY does not send the one's key to the other."""
    environ = {"BASE_URL": "https://api.openai.com/v1", "AIMLAPI_API_KEY": CANARY}
    assert resolve(environ=environ, need_key=False).key is None
    assert OTHER == key_of(resolve(environ=environ | {"OPENAI_API_KEY": OTHER}))


def test_a_plain_api_key_stands_beside_base_url_only() -> None:
    """BASE_URL and API_KEY are a pair; API_KEY alone, or beside another name, is nobody's."""
    assert CANARY == key_of(resolve(environ={"BASE_URL": "https://h.example", "API_KEY": CANARY}))
    assert resolve(environ={"API_KEY": CANARY}).is_sandbox


def test_a_local_server_needs_no_key_and_gets_none() -> None:
    """A URL on this machine works while a provider's key lies in the environment; the key stays here."""
    environ = {"AIMLAPI_API_KEY": CANARY}
    for endpoint in (
        resolve("http://localhost:8123", environ=environ),
        resolve("ollama", environ=environ),
        resolve(environ=environ | {"AIML_NB_PROVIDER": "vllm"}),
    ):
        assert endpoint.key is None
        assert "" == endpoint.hint


def test_a_missing_key_is_an_error_where_one_is_needed() -> None:
    """A preset without its key is refused, with where to get one; a dry run may go on."""
    with pytest.raises(SettingsError, match="no key for OpenAI") as caught:
        resolve("openai", environ={"AIMLAPI_API_KEY": CANARY})
    assert "OPENAI_API_KEY" in caught.value.advice
    assert resolve("openai", environ={}, need_key=False).key is None


@pytest.mark.parametrize("name", ["api_key", "token", "AIMLAPI_KEY"])
def test_a_key_in_config_is_refused(name: str) -> None:
    """%config holds no key: it would be saved with the notebook."""
    with pytest.raises(SettingsError, match=name):
        resolve(config={name: CANARY})


@pytest.mark.parametrize(
    "given",
    [
        {"at": "https://a.example", "base_url": "https://b.example"},
        {"at": "sandbox", "base_url": "https://b.example"},
        {"api_key": "  "},
        {"config": {"provider": "nobody"}},
        {"environ": {"AIML_NB_PROVIDER": "https://h.example"}},
        {"environ": {"AIMLAPI_API_KEY": "<YOUR_AIMLAPI_KEY>"}},
        {"environ": {"AIMLAPI_BASE_URL": "nonsense://x"}},
        {"environ": {"BASE_URL": "/hub/user"}},
    ],
)
def test_what_contradicts_or_cannot_be_is_refused(given: dict[str, object]) -> None:
    """Two URLs, a sandbox elsewhere, an empty key, unknown names, a placeholder and bad URLs: each an error with advice."""
    with pytest.raises(SettingsError) as caught:
        resolve(**given)
    assert caught.value.advice


def test_a_provider_and_a_url_together(tmp_path: Path) -> None:
    """`Session("openai", base_url=…)` is OpenAI's manner at another address; its key from elsewhere stays."""
    del tmp_path
    endpoint = resolve("openai", base_url="https://proxy.example/v1", api_key=CANARY, environ={})
    assert ("openai", "https://proxy.example/v1/models") == (endpoint.provider, endpoint.url("/models"))
    with pytest.raises(SettingsError, match="is not sent to"):
        resolve("openai", base_url="https://proxy.example/v1", environ={"OPENAI_API_KEY": CANARY})


def test_a_new_key_in_dotenv_needs_no_restart(tmp_path: Path) -> None:
    """A .env is read again when it has changed, appeared or gone."""
    assert resolve(environ={}).is_sandbox
    path = dotenv(tmp_path, AIMLAPI_API_KEY=CANARY)
    assert CANARY == key_of(resolve(environ={}))
    dotenv(tmp_path, AIMLAPI_API_KEY=OTHER + "x")
    assert OTHER + "x" == key_of(resolve(environ={}))
    path.unlink()
    assert resolve(environ={}).is_sandbox


def test_where_a_dotenv_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest one upwards, up to the folder with .git or to the home folder, and no further; else here alone."""
    deep = tmp_path / "project" / "a" / "b"
    deep.mkdir(parents=True)
    dotenv(tmp_path, AIMLAPI_API_KEY="outer" + OTHER)
    assert resolve(environ={}, folder=deep).is_sandbox
    (tmp_path / "project" / ".git").mkdir()
    assert resolve(environ={}, folder=deep).is_sandbox
    dotenv(tmp_path / "project", AIMLAPI_API_KEY="inner" + OTHER)
    assert "inner" + OTHER == key_of(resolve(environ={}, folder=deep))
    (deep / ".env").mkdir()  # a virtual environment of that name
    assert "inner" + OTHER == key_of(resolve(environ={}, folder=deep))
    (tmp_path / "project" / ".git").rmdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "project" / ".env").unlink()
    assert "outer" + OTHER == key_of(resolve(environ={}, folder=deep))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_dotenv_as_windows_writes_it(tmp_path: Path, encoding: str) -> None:
    """PowerShell's UTF-16 and Notepad's mark are understood, with carriage returns, quotes and `export`."""
    (tmp_path / ".env").write_bytes(f'# mine\r\nexport AIMLAPI_API_KEY="{CANARY}"\r\n'.encode(encoding))
    assert CANARY == key_of(resolve(environ={}))


@pytest.mark.parametrize("content", [b"AIMLAPI_API_KEY=\xff\xfa\x00", b"#" * 1_100_000])
def test_a_broken_dotenv_is_named(tmp_path: Path, content: bytes) -> None:
    """A file that is no text, or far too large, is an error with its path."""
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(SettingsError, match=r"\.env"):
        resolve(environ={})


def test_no_key_in_any_local_of_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With all locals printed, as %xmode Verbose does, a failing resolve shows no key of any source."""
    monkeypatch.setenv("AIMLAPI_API_KEY", CANARY)
    dotenv(tmp_path, AIMLAPI_BASE_URL=EVIL, OPENAI_API_KEY=CANARY)

    def shown(call) -> str:
        try:
            call()
        except SettingsError as error:
            told = traceback.TracebackException.from_exception(error, capture_locals=True)
            told.stack = traceback.StackSummary.from_list(list(told.stack)[2:])  # this test's own frames
            return "".join(told.format())
        raise AssertionError("it did not fail")

    texts = [
        shown(resolve),
        shown(lambda: resolve("openai", base_url=EVIL)),
        shown(lambda: find_key("nobody")),
    ]
    assert all("Error" in text for text in texts)
    assert [] == [text for text in texts if CANARY in text]


def test_find_key_looks_everywhere(tmp_path: Path) -> None:
    """find_key gives a provider's key and where it was, or None."""
    assert find_key("groq") is None
    dotenv(tmp_path, GROQ_API_KEY=OTHER)
    assert (Secret(OTHER), "GROQ_API_KEY in .env") == find_key("Groq")


def test_settings_load_nothing_heavy() -> None:
    """Importing and resolving loads neither httpx nor keyring, Pillow, http.client, or dotenv where there is no .env."""
    code = (
        "import sys; from aiml_nb.settings import resolve; resolve();"
        "print([n for n in ('httpx', 'keyring', 'PIL', 'dotenv', 'asyncio', 'http.client') if n in sys.modules])"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    assert "[]" == done.stdout.strip()
