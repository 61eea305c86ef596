"""The models of a provider as a table, and all that is known of one."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..catalogue import STALE, Deprecation, deprecation
from ..errors import InvalidRequestError, shorten
from ..session.fitting import form_of
from .page import Page, Table, age, count

if TYPE_CHECKING:
    from ..catalogue import Catalogue, Model
    from ..schema import Form, Parameter
    from ..session import Session

#: How many models are listed at once.
ROWS = 60

#: How much of a description stands in a table of parameters.
_PROSE = 110
_ALLOWED = 160

#: Where rows of servers tell a licence, and the model that one was made of; in the row itself or in its `info`.
_LICENCES = ("license", "licence", "license_name")
_BASES = ("base_model", "baseModel", "parent", "root", "fine_tuned_from")


def models(
    session: Session, words: str = "", *, medium: str | None = None, refresh: bool = False, at: str | None = None
) -> Page:
    """The models that have all the words and make the medium, with price; how old the list is where that matters.

    Raises InvalidRequestError when there is none, and what the client raises when there is no list at all.
    """
    catalogue = session.catalogue(at)
    catalogue.models(refresh=refresh)
    found = catalogue.search(words, medium=medium)
    if not found:
        raise _none(catalogue, words, medium)
    rows = _merged(found)
    rest = len(rows) - ROWS
    told = f"{count(len(rows), 'model')} at {session.endpoint(at, need_key=False).title}"
    more = f"; {rest:,} more, narrow it down with words: %aiml models WORD --medium M" if rest > 0 else ""
    table = Table(("model", "medium", "context", "price", ""), rows[:ROWS])
    return Page(table, f"{told}{more}{_state(session, catalogue, at)}")


def _merged(found: list[Model]) -> list[tuple[str, str, str, str, str]]:
    """One row an id: a model under several endpoints is one model."""
    by_id: dict[str, list[Model]] = {}
    for model in found:
        by_id.setdefault(model.id, []).append(model)
    return [
        (
            name,
            ", ".join(dict.fromkeys(row.medium or "?" for row in rows)),
            f"{rows[0].context:,}" if rows[0].context else "",
            next((row.price for row in rows if row.pricing), rows[0].price),
            "deprecated" if deprecated(rows[0]) else "",
        )
        for name, rows in by_id.items()
    ]


def _state(session: Session, catalogue: Catalogue, at: str | None) -> str:
    """How old the list is when it is no longer fresh, and why it could not be fetched anew."""
    if session.endpoint(at, need_key=False).is_sandbox:
        return "."
    told = time.time() - (catalogue.time or 0.0)
    if catalogue.problem:
        return f".\nThe provider did not answer ({catalogue.problem}); this list is {age(told)} old."
    return f"; the list is {age(told)} old." if told > STALE else "."


def _none(catalogue: Catalogue, words: str, medium: str | None) -> InvalidRequestError:
    if not catalogue.models():
        return InvalidRequestError("the catalogue is empty", param="models", advice="%aiml doctor looks why.")
    asked = " ".join([*([shorten(words, 60)] if words else []), *([f"--medium {medium}"] if medium else [])])
    if medium and not any(model.medium for model in catalogue.models()):
        advice = f"{catalogue.provider} does not tell what its models make: leave --medium out."
    else:
        advice = catalogue.nearest(words) or "%aiml models lists all of them."
    return InvalidRequestError(f"no model matches {asked}", param="models", advice=advice)


def deprecated(model: Model) -> Deprecation | None:
    """What is known of a model's end: from the data file, which is of the gateway that publishes schemas, or from its own row."""
    names = model.names if model.schema_url else ()
    found = next((d for name in names if (d := deprecation(name)) is not None), None)
    if found is None and (model.raw.get("deprecated") or model.raw.get("status") == "deprecated"):
        return Deprecation(model.id)
    return found


def model(session: Session, name: str, *, at: str | None = None) -> Page:
    """Everything of one model: each endpoint with its parameters. Raises InvalidRequestError that names the nearest."""
    catalogue = session.catalogue(at)
    first = catalogue.model(name)
    rows = catalogue.rows(name) or [first]
    pieces: list[str | Table] = [Table((), _facts(first))]
    for row in rows:
        pieces += _endpoint(catalogue, row)
    return Page(*pieces)


def _facts(model: Model) -> list[tuple[str, str]]:
    ended = deprecated(model)
    told = [
        ("id", model.id),
        ("also", ", ".join(each for each in model.aliases if each != model.id)),
        ("name", model.name),
        ("by", model.developer),
        ("about", model.description),
        ("deprecated", str(ended) if ended else ""),
        ("made from", _base(model)),
        ("licence", _read(model.raw, _LICENCES) or "unknown"),
        ("context", count(model.context, "token") if model.context else "unknown"),
        ("longest reply", count(model.output_max, "token") if model.output_max else ""),
        ("takes", ", ".join(model.inputs)),
        ("gives", ", ".join(model.outputs)),
        ("can", ", ".join(model.capabilities)),
        ("price", model.price),
    ]
    return [row for row in told if row[1]]


def _base(model: Model) -> str:
    """The model that a fine-tuned one was made of: as the row tells it, or as OpenAI writes it into the id."""
    if model.id.startswith("ft:") and model.id.count(":") > 1:
        return model.id.split(":")[1]
    base = _read(model.raw, _BASES)
    return base if base not in model.names else ""


def _read(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    info = row.get("info")
    for place in (row, info if isinstance(info, Mapping) else {}):
        for name in names:
            if isinstance(told := place.get(name), str) and told:
                return told
    return ""


def _endpoint(catalogue: Catalogue, model: Model) -> list[str | Table]:
    """Where it is called, and each parameter there."""
    form = form_of(catalogue, model, wait=True)
    if form is None:
        told = f" under {model.type}" if model.type else ""
        return [f"\n{catalogue.provider} publishes no schema of it{told}: parameters go as they are given."]
    makes = f" ({model.medium})" if model.medium else ""
    table = Table(
        ("parameter", "word", "type", "what it may be", "default", "meaning"), [*map(_row(form), _shown(form))]
    )
    return [f"\nPOST {form.path}{makes}", table]


def _shown(form: Form) -> list[Parameter]:
    return [each for each in form.parameters if each.name != "model"]


def _row(form: Form) -> Any:
    def row(parameter: Parameter) -> tuple[str, str, str, str, str, str]:
        word = form.word(parameter.name)
        marks = ["required"] * (parameter.required and "." not in parameter.name) + [
            "deprecated"
        ] * parameter.deprecated
        return (
            parameter.name + f" ({', '.join(marks)})" * bool(marks),
            f"--{word}" if word else "",
            " or ".join(parameter.types),
            shorten(parameter.allowed, _ALLOWED),
            "" if parameter.default is None else shorten(_plain(parameter.default), 40),
            shorten(parameter.description, _PROSE),
        )

    return row


def _plain(value: Any) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
