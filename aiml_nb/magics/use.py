"""`%aiml use`: where calls go from now on, and the default model of a medium, until the kernel ends."""

from __future__ import annotations

import difflib
from typing import Any

from ..errors import InvalidRequestError, SettingsError, shorten
from .config import MODELS
from .context import Context
from .options import BY_MEDIUM
from .out import say
from .subcommands import medium_of, take


def use(context: Context, words: list[str]) -> None:
    """`PROVIDER`, `URL`, `local`, `MODEL`, `video=MODEL`, or `-m MODEL --for MEDIUM`; one after the other."""
    rest, told = take(words, "use", context.name)
    if not rest and "model" not in told:
        raise InvalidRequestError("use what?", param="use", advice=_advice(context, told))
    if "for" in told and ("model" not in told or rest):
        raise InvalidRequestError(
            "--for goes with -m", param="for", advice=f"As in: %{context.name} use -m MODEL --for {told['for']}"
        )
    for word in rest:
        _one(context, word)
    if "model" in told:
        _use_model(context, told.get("for") or _medium(context, told["model"]), told["model"])


def _advice(context: Context, told: dict[str, str]) -> str:
    from ..settings import PROVIDERS

    if "for" in told:
        return f"As in: %{context.name} use -m MODEL --for {told['for']}"
    return f"%{context.name} use PROVIDER, URL, MODEL or image=MODEL. Providers: {', '.join(PROVIDERS)}."


def _medium(context: Context, model: str) -> str:
    """What the catalogue, as far as it is here, says that the model makes; chat where it does not tell."""
    try:
        found = context.session.catalogue().find(model)
    except SettingsError:
        found = None
    return (found.medium if found is not None else "") or "chat"


def _one(context: Context, word: str) -> None:
    from ..settings import PROVIDERS

    medium, equals, model = word.partition("=")
    if equals and not model:
        raise InvalidRequestError(
            f"{shorten(word, 30)} names no model", param="use", advice=f"As in: %{context.name} use {word}MODEL"
        )
    if equals and "/" not in medium and "://" not in word:
        _use_model(context, medium_of(medium), model)
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
        _use_model(context, _medium(context, word), word)


def _is_url(word: str) -> bool:
    host = word.partition("/")[0]
    return "://" in word or word.startswith("localhost") or (":" in host and host.rpartition(":")[2].isdigit())


def _local() -> str:
    from ..settings import resolve

    found = resolve("local")
    say(f"Found {found.title} at {found.base_url}.")
    return str(found.base_url)


def _use_server(context: Context, provider: str | None = None, base_url: str | None = None) -> None:
    """Switch, unless it cannot work; models chosen for the server before do not go along."""
    config = context.config
    before = {name: getattr(config, name) for name in ("provider", "base_url", *MODELS)}
    config.provider, config.base_url = provider, base_url
    for name in MODELS:
        setattr(config, name, None)
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
    models = "".join(f", {medium}: {model}" for medium in BY_MEDIUM if (model := endpoint.default_model(medium)))
    say(f"Calls go to {endpoint.title}{where} from now on{models}.")


def _use_model(context: Context, medium: str, model: str) -> None:
    setattr(context.config, f"model_{medium}", model)
    context.config.apply(context.session)
    say(f"%%{BY_MEDIUM[medium].name} uses {model} from now on.{_doubt(context, medium, model)}")


def _doubt(context: Context, medium: str, model: str) -> str:
    """What the catalogue, as far as it is here, says against this id."""
    try:
        catalogue: Any = context.session.catalogue()
    except SettingsError:
        return ""
    if not catalogue.time:
        return ""
    found = catalogue.rows(model)
    if not found:
        return f" The catalogue does not have it. {catalogue.nearest(model)}".rstrip()
    makes = sorted({row.medium for row in found if row.medium})
    return f" The catalogue says that it is for {' and '.join(makes)}." if makes and medium not in makes else ""
