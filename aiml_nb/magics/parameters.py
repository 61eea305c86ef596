"""The parameters of a model and their values, for completion: from schemas at hand, so a key press never waits.

A schema that is not at hand is fetched meanwhile, once, so that the next key press has it.
"""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from ..catalogue import Catalogue, Model
    from ..schema import Form
    from ..session import Session

#: What the prompt, other options or nobody sets.
_NOT_OFFERED = frozenset({"model", "prompt", "stream", "messages", "tools", "input"})

#: Of each catalogue, the models whose schema is being fetched, or could not be.
_asked: WeakKeyDictionary[Catalogue, set[str]] = WeakKeyDictionary()


def names(medium: str, model: str, at: str | None) -> list[str]:
    """The model's own names."""
    form = _form(medium, model, at)
    return [each.name for each in form.parameters if each.name not in _NOT_OFFERED] if form is not None else []


def values(medium: str, model: str, at: str | None, word: str) -> list[str]:
    """What a parameter may be where that is a list: its own name, or a common word for it."""
    form = _form(medium, model, at)
    if form is None:
        return []
    name = word.replace("-", "_")
    found = [form.by_name[name]] if form.takes(name) else [p for p in form.parameters if form.word(p.name) == name]
    told = [choice for parameter in found for choice in parameter.choices]
    if any("boolean" in parameter.types for parameter in found):
        told += [True, False]
    return [_text(each) for each in told]


def _text(value: object) -> str:
    """As it is typed on a line."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f'"{text}"' if " " in text else text


def _form(medium: str, model: str, at: str | None) -> Form | None:
    from ..session import default
    from ..session.fitting import form_of
    from ..session.kinds import KINDS

    session = default()
    model = model or _chosen(session, medium, at)
    catalogue = session.catalogue(at)
    catalogue.warm()
    row = catalogue.find(model, getattr(KINDS[medium].module, "TYPES", ()) if medium else ()) if model else None
    if row is None:
        return None
    form = form_of(catalogue, row, wait=False)
    if form is None:
        _fetch(catalogue, row)
    return form


def _chosen(session: Session, medium: str, at: str | None) -> str:
    """The medium's default; a local server would have to be asked for it, so it has none here."""
    endpoint = session.endpoint(at)
    if not medium or (medium == "chat" and endpoint.is_local and not endpoint.is_sandbox):
        return ""
    return session.default_model(medium, at)


def _fetch(catalogue: Catalogue, model: Model) -> None:
    asked = _asked.setdefault(catalogue, set())
    if model.schema_url and model.schema_url not in asked:
        asked.add(model.schema_url)
        threading.Thread(target=_quietly, args=(catalogue, model), name="aiml-nb-schema", daemon=True).start()


def _quietly(catalogue: Catalogue, model: Model) -> None:
    from ..session.fitting import form_of

    with contextlib.suppress(Exception):
        form_of(catalogue, model, wait=True)
