"""`%aiml models` and `%aiml model ID`: what the provider's catalogue tells, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiml_nb.errors import InvalidRequestError

from .context import Context
from .out import count, say, table

if TYPE_CHECKING:
    from aiml_nb.catalogue import Model

#: How many models are listed at once.
_ROWS = 60


def models(context: Context, words: list[str]) -> None:
    """List the models whose id, name, type or developer hold all the words."""
    found = [model for model in context.session.models() if all(word.lower() in _searched(model) for word in words)]
    if not found:
        raise InvalidRequestError(
            f"no model matches {' '.join(words)}" if words else "the catalogue is empty",
            param="models",
            advice=f"%{context.name} models lists all of them." if words else f"%{context.name} doctor looks why.",
        )
    say(table([(model.id, model.type, model.price) for model in found[:_ROWS]]))
    rest = len(found) - _ROWS
    more = f"; {rest:,} more, narrow it down: %{context.name} models WORD" if rest > 0 else ""
    say(f"{count(len(found), 'model')} at {context.session.endpoint().title}{more}")


def _searched(model: Model) -> str:
    return " ".join((model.id, *model.aliases, model.type, model.name, model.developer)).lower()


def model(context: Context, words: list[str]) -> None:
    """Show what the catalogue has on one model."""
    if len(words) != 1:
        raise InvalidRequestError(
            "model takes one id", param="model", advice=f"As in: %{context.name} model openai/gpt-4o"
        )
    found = context.session.model(words[0])
    rows = [("id", found.id), ("also", ", ".join(found.aliases)), ("name", found.name), ("by", found.developer)]
    rows += [("type", found.type), ("price", found.price), ("context", _tokens(found.context))]
    rows += [("longest reply", _tokens(found.output_max)), ("about", found.description)]
    say(table([row for row in rows if row[1]]))


def _tokens(number: int | None) -> str:
    return count(number, "token") if number else "unknown"
