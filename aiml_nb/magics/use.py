"""`%aiml use`: where calls go from now on, and the default model of a medium, until the kernel ends."""

from __future__ import annotations

import difflib
from typing import Any

from aiml_nb.errors import InvalidRequestError, SettingsError, shorten

from .context import Context
from .out import say

_MEDIA = ("chat", "image")


def use(context: Context, words: list[str]) -> None:
    """`PROVIDER`, `URL`, `local`, `MODEL` or `image=MODEL`; one after the other."""
    if not words:
        from aiml_nb.settings import PROVIDERS

        raise InvalidRequestError(
            "use what?",
            param="use",
            advice=f"%{context.name} use PROVIDER, URL, MODEL or image=MODEL. Providers: {', '.join(PROVIDERS)}.",
        )
    for word in words:
        _one(context, word)


def _one(context: Context, word: str) -> None:
    from aiml_nb.settings import PROVIDERS

    medium, equals, model = word.partition("=")
    if equals and medium in _MEDIA and model:
        _use_model(context, medium, model)
    elif word.lower() in PROVIDERS:
        _use_server(context, provider=word.lower())
    elif word == "local":
        _use_server(context, base_url=_local())
    elif _is_url(word):
        _use_server(context, base_url=word)
    else:
        near = difflib.get_close_matches(word.lower(), PROVIDERS, 1, 0.75)
        if near and "/" not in word:
            raise InvalidRequestError(
                f"there is no provider {shorten(word, 40)}",
                param="use",
                advice=f"Did you mean {near[0]}? A model: chat={word}",
            )
        _use_model(context, "chat", word)


def _is_url(word: str) -> bool:
    host = word.partition("/")[0]
    return "://" in word or word.startswith("localhost") or (":" in host and host.rpartition(":")[2].isdigit())


def _local() -> str:
    from aiml_nb.settings import resolve

    found = resolve("local")
    say(f"Found {found.title} at {found.base_url}.")
    return str(found.base_url)


def _use_server(context: Context, provider: str | None = None, base_url: str | None = None) -> None:
    """Switch, unless it cannot work; models chosen for the server before do not go along."""
    config = context.config
    before = {name: getattr(config, name) for name in ("provider", "base_url", "model_chat", "model_image")}
    config.provider, config.base_url, config.model_chat, config.model_image = provider, base_url, None, None
    try:
        config.apply(context.session)
        endpoint = context.session.endpoint()
    except SettingsError as error:
        if provider and "no key" in error.message:
            say(
                f"Calls go to {provider} from now on, but there is {error.message}: %{context.name} key {provider} asks for it."
            )
            return
        for name, value in before.items():
            setattr(config, name, value)
        config.apply(context.session)
        raise
    where = "" if endpoint.is_sandbox else f" ({endpoint.base_url})"
    models = "".join(f", {medium}: {model}" for medium in _MEDIA if (model := endpoint.default_model(medium)))
    say(f"Calls go to {endpoint.title}{where} from now on{models}.")


def _use_model(context: Context, medium: str, model: str) -> None:
    setattr(context.config, f"model_{medium}", model)
    context.config.apply(context.session)
    say(f"%%{medium} uses {model} from now on.{_doubt(context, model)}")


def _doubt(context: Context, model: str) -> str:
    """What the catalogue, as far as it is here, says against this id."""
    try:
        catalogue: Any = context.session.catalogue()
        known = catalogue.find(model) is not None or not catalogue.time
        return "" if known else f" The catalogue does not have it. {catalogue.nearest(model)}".rstrip()
    except SettingsError:
        return ""
