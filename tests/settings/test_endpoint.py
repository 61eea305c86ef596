"""Base URLs as people write them, paths joined without doubling, and what is refused."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from aiml_nb.errors import InvalidRequestError, SettingsError
from aiml_nb.settings import Endpoint, loopback, resolve

HEX = "0123456789abcdef" * 2


def at(url: str) -> Endpoint:
    return resolve(url, environ={}, need_key=False)


@pytest.mark.parametrize("host", ["https://host.example", "https://host.example/api", "http://localhost:8000"])
@pytest.mark.parametrize("version", ["", "/", "/v1", "/v1/", "/v2", "/v2//", "/v1/v1", "//v1"])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v2/video/generations", "v1/models?limit=1"])
def test_a_version_is_never_doubled(host: str, version: str, path: str) -> None:
    """A bare host, /v1 and /v2 with any slashes give the same URL for a path that has its version."""
    assert f"{host}/{path.lstrip('/')}" == at(host + version).url(path)


@pytest.mark.parametrize(
    ("base", "path", "url"),
    [
        ("https://h.example", "/chat/completions", "https://h.example/chat/completions"),
        ("https://h.example/v1", "/chat/completions", "https://h.example/v1/chat/completions"),
        ("https://h.example/v2", "chat/completions", "https://h.example/v2/chat/completions"),
        ("https://h.example/api/v1", "/chat/completions", "https://h.example/api/v1/chat/completions"),
        ("https://h.example/api/v1", "/api/v1/models", "https://h.example/api/v1/models"),
        ("https://h.example", "/health", "https://h.example/health"),
        ("openrouter", "/v1/chat/completions", "https://openrouter.ai/api/v1/chat/completions"),
        ("openrouter", "/chat/completions", "https://openrouter.ai/api/v1/chat/completions"),
        ("openrouter", "/api/v1/models", "https://openrouter.ai/api/v1/models"),
        ("groq", "/v1/models", "https://api.groq.com/openai/v1/models"),
        ("groq", "/openai/v1/models", "https://api.groq.com/openai/v1/models"),
        ("openai", "/models", "https://api.openai.com/v1/models"),
        ("https://api.openai.com", "/models", "https://api.openai.com/v1/models"),
        ("aimlapi", "/v2/video/generations", "https://api.aimlapi.com/v2/video/generations"),
        ("https://api.aimlapi.com/v1", "/model/abc", "https://api.aimlapi.com/model/abc"),
        ("https://api.aimlapi.com/v2", "/v1/models", "https://api.aimlapi.com/v1/models"),
        ("rewind", "/api/upscale", "https://api.rewind.ai/api/upscale"),
        ("https://z.example/api/paas/v4/", "/v1/chat/completions", "https://z.example/api/paas/v4/chat/completions"),
        ("https://g.example/v1beta/openai", "/v1/models", "https://g.example/v1beta/openai/models"),
        ("https://g.example/v1beta/openai", "/v1beta/openai/models", "https://g.example/v1beta/openai/models"),
        ("https://h.example/v1/chat/completions", "/v1/models", "https://h.example/v1/models"),
        ("https://h.example", "/v1", "https://h.example/v1"),
        ("https://h.example/v1", "/v12x/y", "https://h.example/v1/v12x/y"),
        ("https://h.example", "@evil.example/x", "https://h.example/@evil.example/x"),
        ("https://h.example", "https://h.example:443/cdn/a.png", "https://h.example:443/cdn/a.png"),
    ],
)
def test_paths_join_by_one_rule(base: str, path: str, url: str) -> None:
    """The base as written, then the path; its own version wins; what it repeats of the base is not said twice."""
    assert url == at(base).url(path)


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/v1/models", "http://h.example/v1/models", "https://h.example:8443/x", "//evil.example/x",
        "https://h.example@evil.example/", "https://evil.example\\@h.example/", "/a b", "/a\r\nX: 1", "/a#b", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_a_path_leads_nowhere_else(path: str) -> None:
    """An absolute URL of another origin, and a path with a trick in it, are refused."""
    with pytest.raises(InvalidRequestError) as caught:
        at("https://h.example").url(path)
    assert "path" == caught.value.param


@pytest.mark.parametrize(
    ("typed", "base"),
    [
        ("api.example.com", "https://api.example.com"),
        ("  'https://API.Example.com/v1' ", "https://api.example.com"),
        ("localhost:8000", "http://localhost:8000"),
        ("127.0.0.1:1/v1", "http://127.0.0.1:1"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("https://api.example.com.:443/", "https://api.example.com"),
        ("https://bücher.example/v1", "https://xn--bcher-kva.example"),
    ],
)
def test_a_base_url_is_understood(typed: str, base: str) -> None:
    """Bare hosts, case, quotes, usual ports, a last dot and international names come out in one spelling."""
    assert base == at(typed).base_url


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("ftp://h.example", "begins with"),
        ("file:///etc", "begins with"),
        ("https://user:word@h.example", "user or a password"),
        ("user:word@h.example", "user or a password"),
        ("https://h.example/v1?key=1", "ends up in logs"),
        ("https://h.example/#x", "ends up in logs"),
        ("https://", "no host"),
        ("https:///v1", "no host"),
        ("https://h.example:99999", "cannot be read"),
        ("https://h.example:x", "cannot be read"),
        ("https://h.example:0", "port 0"),
        ("https://h ost.example", "character"),
        ("https://h.example/\r\nX-Evil:1", "character"),
        ("https://h.example\\@evil.example", "user or a password"),
        ("https://[::1", "cannot be read"),
        ("https://a..b", "no host"),
    ],
)
def test_a_bad_base_url_is_refused_with_its_reason(typed: str, reason: str) -> None:
    """Each bad URL is refused in words that say why and do not repeat a password."""
    with pytest.raises(SettingsError) as caught:
        at(typed)
    assert reason in caught.value.message
    assert "word@" not in caught.value.message


def test_an_unknown_name_gets_the_nearest_one() -> None:
    """A mistyped preset is answered with the one that was meant, and with all of them."""
    with pytest.raises(SettingsError, match="Did you mean openrouter") as caught:
        at("openruoter")
    assert "groq" in caught.value.advice


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Rewind.ai", "rewind"), ("llama.cpp", "llamacpp"), ("OpenAI", "openai"), ("https://api.groq.com/openai/v1", "groq"),
        ("localhost:11434", "ollama"), ("http://127.0.0.1:1234/v1", "lmstudio"), ("https://h.example", "custom"),
        ("https://api.openai.com.evil.example", "custom"), ("http://api.openai.com", "custom"),
    ],
)  # fmt: skip
def test_the_provider_is_told_by_name_title_or_server(typed: str, name: str) -> None:
    """A preset is found by its name, its title, or its own server exactly: scheme, host and port."""
    assert name == at(typed).provider


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]", "api.localhost", "0.0.0.0"])
def test_loopback(host: str) -> None:
    """This machine's names and addresses."""
    assert loopback(host)


@pytest.mark.parametrize(
    "host", ["localhost.evil.example", "10.0.0.1", "127.1.evil.example", "evil.example", "", "0x7f.1"]
)
def test_not_loopback(host: str) -> None:
    """Names that only begin like this machine's, and odd spellings that a resolver would have to judge."""
    assert not loopback(host)


def test_plain_http_with_a_key_is_refused_and_can_be_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key goes over plain http to this machine only, or to a host that AIML_NB_ALLOW_HTTP names."""
    with pytest.raises(SettingsError) as caught:
        resolve("http://gpu.example:8000", api_key=HEX, environ={})
    assert "AIML_NB_ALLOW_HTTP=gpu.example" in caught.value.advice
    assert resolve("http://gpu.example:8000", environ={}).key is None
    assert resolve("http://localhost:8000", api_key=HEX, environ={}).key is not None
    for allowed in ("gpu.example", "other, gpu.example:8000"):
        monkeypatch.setenv("AIML_NB_ALLOW_HTTP", allowed)
        assert resolve("http://gpu.example:8000", api_key=HEX, environ={}).key is not None
    monkeypatch.setenv("AIML_NB_ALLOW_HTTP", "example")
    with pytest.raises(SettingsError):
        resolve("http://gpu.example:8000", api_key=HEX, environ={})


def test_a_dotenv_cannot_allow_plain_http(tmp_path: Path) -> None:
    """AIML_NB_ALLOW_HTTP counts in the environment only: a downloaded folder cannot set it."""
    (tmp_path / ".env").write_text(
        f"AIML_NB_ALLOW_HTTP=h.example\nAIMLAPI_BASE_URL=http://h.example\nAIMLAPI_API_KEY={HEX}\n"
    )
    with pytest.raises(SettingsError, match="plain http"):
        resolve(environ={}, folder=tmp_path)


def test_models_and_names_of_an_endpoint() -> None:
    """A preset knows its default models; a custom server knows none; the sandbox has no port in its name."""
    assert "gpt-4o-mini" == at("openai").default_model("chat")
    assert at("https://h.example").default_model("chat") is None
    assert at("rewind").default_model("chat") is None
    sandbox = at("sandbox")
    assert ("sandbox", True, True) == (sandbox.host, sandbox.is_sandbox, sandbox.is_local)
    assert ["h.example", "OpenAI"] == [at(name).title for name in ("https://h.example", "openai")]


def test_every_join_has_one_version() -> None:
    """Over all presets and paths, no URL has a version segment twice in a row or an empty segment."""
    names = ("aimlapi", "rewind", "openai", "openrouter", "groq", "mistral", "ollama", "vllm")
    for name, path in itertools.product(names, ("/v1/models", "/models", "/v2/x", "/api/v1/x", "/openai/v1/x")):
        parts = at(name).url(path).split("://")[1].split("/")
        assert "" not in parts
        assert all(one != two for one, two in itertools.pairwise(parts))
