"""A request in common words, fitted to the model: its row in the catalogue, its schema, and what they make of the request.

What is not known yet is waited for only where it must be: a plain chat goes as given, a generation, which costs more and
is called differently by every model, waits for the catalogue and the schema once a day.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..catalogue import Deprecation, deprecation
from ..content import Attachment
from ..errors import AIMLError, BadRequestError, InvalidRequestError, NotFoundError
from ..schema import ROLES, WORDS

if TYPE_CHECKING:
    from ..catalogue import Catalogue, Model
    from ..schema import Form
    from .call import Call

_NO_SCHEMA = "this provider publishes no schema for the model: the parameters go as they are"
_UNREAD = "the model's schema could not be read: the parameters go as they are"


def look_up(call: Call, *, wait: bool) -> None:
    """Fill in the call's row of the catalogue and its form, as far as known; `wait` for what is not."""
    catalogue = call.catalogue
    if catalogue is None:
        return
    types = getattr(call.kind.module, "TYPES", ())
    call.entry = catalogue.find(call.model, types)
    if wait and call.entry is None and _has_schemas(call):
        with_list = _listed(catalogue)
        call.entry = catalogue.find(call.model, types) if with_list else None
    if call.entry is not None:
        call.form = form_of(catalogue, call.entry, wait=wait)


def form_of(catalogue: Catalogue, model: Model, *, wait: bool) -> Form | None:
    """The model's form; None where the provider publishes none, or it is not at hand and is not to be waited for."""
    kept = catalogue.cache.schema(model.id, model.type)
    if kept is None and not (wait and model.schema_url):
        return None
    try:
        found = kept or catalogue.schema(model)
        return _form(catalogue, model, *found) if found else None
    except (AIMLError, ValueError, RecursionError):
        return (
            None  # a provider that lists a schema and gives none, or one that cannot be read: the request goes as given
        )


def _form(catalogue: Catalogue, model: Model, path: str, schema: dict[str, Any]) -> Form:
    from ..schema import Form

    forms: dict[tuple[str, str], Form] = catalogue.forms
    key = (model.id, model.type)
    if key not in forms:
        forms[key] = Form.from_json(schema, path=path, model=model.id)
    return forms[key]


def fitted(call: Call, request: Mapping[str, Any], attachments: Sequence[Attachment]) -> None:
    """Make the call's path, body and files from a request in common words."""
    from ..schema import fit

    module = call.kind.module
    _warn(call, request)
    if attachments or any(_is_file(name, value) for name, value in request.items()):
        _take_files(call)
    if call.form is None:
        _unfitted(call, request, attachments)
        return
    made = fit(
        request,
        call.form,
        attachments=attachments,
        medium=call.medium,
        others=functools.partial(others, call),
    )
    call.path = call.form.path or module.PATH
    call.body, call.files = made.payload, made.files
    _warn(call, [name for name in made.payload if name not in request])
    call.notes = [*call.notes, *made.notes]


def _is_file(name: str, value: Any) -> bool:
    """True for a file of the request: a picture's part, or attachments under a parameter's own name."""
    first = value[0] if isinstance(value, list | tuple) and value else value
    return name in ROLES or isinstance(first, Attachment)


def _take_files(call: Call) -> None:
    """A model that draws at one endpoint and edits at another: where there are files, the one that takes them."""
    if call.form is None or call.catalogue is None:
        return
    from ..schema.traits import traits

    if traits(call.form).file_slots:
        return
    for row in call.catalogue.rows(call.model):
        form = form_of(call.catalogue, row, wait=True) if row.medium == call.medium else None
        if form is not None and traits(form).file_slots:
            call.entry, call.form = row, form
            return


def _unfitted(call: Call, request: Mapping[str, Any], attachments: Sequence[Attachment]) -> None:
    """Without a schema: the names that most servers have, on OpenAI's path where the medium has one there."""
    module = call.kind.module
    told = {name: value for name, value in request.items() if name not in ("model", "prompt")}
    prompt = request.get("prompt", "")
    openai_path = getattr(module, "OPENAI_PATH", None)
    like_openai = openai_path is not None and not _has_schemas(call)
    extra = {"openai": True} if like_openai else {}
    body = module.payload(prompt, model=call.model, attachments=attachments, **extra, **told)
    call.path = openai_path if like_openai and openai_path else module.PATH
    split = getattr(module, "split", None)
    call.body, files = split(body) if split else (body, {})
    call.files = {name: [file] for name, file in files.items()}
    if call.entry is not None and call.entry.schema_url:
        call.notes = [*call.notes, _UNREAD]
    elif told and _has_schemas(call):
        call.notes = [*call.notes, _NO_SCHEMA]


def _warn(call: Call, names: Iterable[str]) -> None:
    """Warn of parameters that are on their way out; one that was dropped is refused with its reason."""
    if call.warner is None:
        return
    gateway = is_gateway(call)
    for name in names:
        _refuse_dropped(call, name, gateway=gateway)
        call.warner.warn(deprecation(call.model, name) if gateway else None)
        parameter = call.form.by_name.get(name) if call.form else None
        if parameter is not None and parameter.deprecated:
            call.warner.warn(Deprecation(call.model, name, why=parameter.description))


def _refuse_dropped(call: Call, name: str, *, gateway: bool) -> None:
    """Refuse a parameter that the model once had, by its own name or the common word, with the reason."""
    if call.form is None or not gateway:
        return
    same = (name, *WORDS.get(call.medium, {}).get(name, ()))
    found = next((told for each in same if (told := deprecation(call.model, each))), None)
    if found is not None and not any(call.form.takes(each) for each in same):
        raise InvalidRequestError(f"{call.model} takes no {name} any more", param=name, advice=found.why)


def others(call: Call, word: str) -> list[str]:
    """Models of the same medium that are known to take a word."""
    catalogue = call.catalogue
    if catalogue is None:
        return []
    forms: dict[tuple[str, str], Form] = catalogue.forms
    types = getattr(call.kind.module, "TYPES", ())
    known = ((model, form) for (model, kind), form in forms.items() if kind in types and model != call.model)
    return [model for model, form in known if form.takes(word)][:3]


def naming_nearest(call: Call, states: Iterator[Any]) -> Iterator[Any]:
    """The states of a call; where the server refuses a model that the catalogue does not list, the nearest are named."""
    try:
        yield from states
    except (BadRequestError, NotFoundError) as error:
        catalogue = call.catalogue
        near = catalogue.nearest(call.model) if catalogue is not None and not catalogue.rows(call.model) else ""
        if near and near not in error.advice:
            error.advice = f"The catalogue does not have {call.model}. {near} {error.advice}".rstrip()
        raise


def is_gateway(call: Call) -> bool:
    """True when the provider is known to be one whose deprecations the data file tells: other servers reuse its models' names."""
    preset = call.client.endpoint.preset
    return preset.schemas if preset is not None else call.catalogue is not None and call.catalogue.is_rich


def _has_schemas(call: Call) -> bool:
    """True when the provider publishes schemas, or may: a preset that does, or an unknown server that answers at its root.

    A server under a path of its own (`https://host/api/v1`) is none of that kind, and is not asked.
    """
    endpoint, catalogue = call.client.endpoint, call.catalogue
    if endpoint.preset is not None:
        return endpoint.preset.schemas
    if catalogue is None or catalogue.time is not None:
        return catalogue is not None and catalogue.is_rich
    return not urlsplit(endpoint.base_url).path


def _listed(catalogue: Catalogue) -> bool:
    if catalogue.problem:
        return False  # it was waited for once, in vain; from then on it is fetched in the background only
    try:
        return bool(catalogue.models())
    except AIMLError:
        return False
