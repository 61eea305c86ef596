"""ModelBrowser: the provider's models, searched and filtered as one types, with all that is known of each, and `Use`.

The list is held in memory once it is fetched, so a keystroke costs no network; the details of a model, which may need its
schema, are fetched beside.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from ..errors import InvalidRequestError, shorten
from ..render.text import visible
from ..tables.models import deprecated
from ..tables.models import model as details
from . import looks
from .aside import aside
from .base import Panel, button, row
from .front import front
from .sheets import TABLES

if TYPE_CHECKING:
    from ..catalogue import Model
    from ..session import Session

#: How many models are listed at once; more would make the page slow.
ROWS = 400

ANY = ""

_CONTEXTS = (
    ("any context", 0),
    ("8k and more", 8_000),
    ("32k and more", 32_000),
    ("128k and more", 128_000),
    ("1M and more", 1_000_000),
)
_PRICES = (("any price", ANY), ("price known", "known"), ("free", "free"), ("at most $ …", "most"))


def unit_price(model: Model) -> float | None:
    """US dollars for a million tokens (the dearer way), else for a picture, second, request; None where it isn't fixed."""
    rates = model.rates()
    tokens = [rate * 1e6 for name, rate in rates.items() if name in ("input", "output")]
    units = model.pricing.get("units")
    counted = [str(unit.get("name")) for unit in units if isinstance(unit, dict)] if isinstance(units, list) else []
    if tokens and not any(name in counted for name in ("image", "second", "request", "character", "page")):
        return max(tokens)
    return max(rates.values()) if rates else None


def filtered(
    models: Iterable[Model],
    words: str = "",
    *,
    medium: str = ANY,
    capability: str = ANY,
    context: int = 0,
    price: str = ANY,
    most: float = 0.0,
) -> list[Model]:
    """The models that have all the words and pass every filter; one row an id.

    context: tokens at least; one that tells none does not pass. price: `known`, `free`, or `most`, at most `most` dollars
    by `unit_price`.
    """
    wanted = words.lower().split()
    found: dict[str, Model] = {}
    for model in models:
        if model.id in found or not all(word in _searched(model) for word in wanted):
            continue
        if medium not in (ANY, model.medium) or capability not in (ANY, *model.capabilities):
            continue
        if (model.context or 0) < context or not _affordable(model, price, most):
            continue
        found[model.id] = model
    return list(found.values())


def _searched(model: Model) -> str:
    told = (*model.names, model.name, model.developer, model.description, model.medium, *model.capabilities)
    return " ".join(told).lower()


def _affordable(model: Model, price: str, most: float) -> bool:
    if price == ANY:
        return True
    told = unit_price(model)
    if price == "known":
        return told is not None or model.price != "price unknown"
    return told is not None and told <= (most if price == "most" else 0.0)


class ModelBrowser(Panel):
    """Find a model and use it. session: whose models, by default the one that the magics use.

    `model` is the id of the selected one, None where there is none.
    """

    def __init__(self, session: Session | None = None) -> None:
        super().__init__(session)
        self._models: list[Model] = []
        self._ticket = self._drawn = 0
        self._loading = True
        self._ready = threading.Condition()
        self.words = w.Text(
            placeholder="Search models", tooltip="Search models", layout={"flex": "2 1 14em", "width": "auto"}
        )
        self.medium = _choice("Medium", [("any medium", ANY)])
        self.capability = _choice("Capability", [("any capability", ANY)])
        self.context = _choice("Context", _CONTEXTS)
        self.price = _choice("Price", _PRICES)
        self.most = w.BoundedFloatText(
            value=1.0,
            min=0,
            max=1e6,
            step=0.1,
            tooltip="US dollars for a million tokens, a picture, a second or a request",
        )
        self.most.layout = w.Layout(width="5.5em", display="none")
        self.count = w.HTML()
        self.list = w.Select(rows=10, tooltip="Models", layout={"width": "auto"})
        self.list.add_class("aiml-models")
        self.details = w.HTML(layout={"width": "auto"})
        for name in ("aiml-details", "aiml-scroll"):
            self.details.add_class(name)
        self.use_button = self.on(button("Use", tooltip="Make it the default of its medium", style="primary"), self.use)
        self.refresh_button = self.on(button("", icon="refresh", tooltip="Fetch the list anew"), self.refresh)
        self.told = w.HTML()
        for each in (self.words, self.medium, self.capability, self.context, self.price, self.most):
            each.observe(lambda _: self._filter(), "value")
        self.list.observe(lambda _: self._selected(), "value")
        self.style_with(TABLES)
        search = row(self.words, self.medium, self.capability, self.context, self.price, self.most, self.refresh_button)
        comforts = front("studio.js", lambda *_: None)
        below = [row(self.use_button, self.count, self.told), self.details]
        self.fill(search, self.list, *below, *([comforts] if comforts is not None else []))
        aside(self._load, False)

    @property
    def model(self) -> str | None:
        """The id of the selected model."""
        name: str | None = self.list.value
        return name

    def wait(self, timeout: float | None = None) -> str | None:
        """Wait until the list and the details are there, for scripts; returns the id of the selected model."""
        with self._ready:
            self._ready.wait_for(lambda: not self._loading and self._drawn == self._ticket, timeout)
        return self.model

    def refresh(self) -> None:
        """Fetch the list anew; returns at once."""
        self._loading = True
        aside(self._load, True)

    def use(self) -> None:
        """Make the selected model the default of its medium, for the magics too, until the kernel ends."""
        found = self._row(self.model)
        if found is None or not found.medium:
            raise InvalidRequestError("no model is selected, or nobody tells what it makes", param="model")
        self.session.defaults[f"model_{found.medium}"] = found.id
        self.told.value = looks.muted(f"{found.medium}: {found.id} from now on")
        self.keep()

    def _load(self, refresh: bool) -> None:
        """In a thread: the list, and what there is to filter by."""
        self.count.value = looks.muted("loading the models …")
        with self.guard():
            try:
                found = self.session.catalogue().models(refresh=refresh)
            finally:
                self.count.value = ""
            with self.lock:
                self._models = found
                media = sorted({model.medium for model in found if model.medium})
                capabilities = sorted({each for model in found for each in model.capabilities})
                _offer(self.medium, "any medium", media)
                _offer(self.capability, "any capability", capabilities)
            self._filter()
        self._arrived(loading=False)

    def _arrived(self, drawn: int | None = None, *, loading: bool | None = None) -> None:
        """Tell whoever waits that the list, or the details of this ticket, are there."""
        with self._ready:
            self._drawn = self._drawn if drawn is None else drawn
            self._loading = self._loading if loading is None else loading
            self._ready.notify_all()

    def _filter(self) -> None:
        with self.guard(), self.lock:
            self.most.layout.display = None if self.price.value == "most" else "none"
            found = filtered(
                self._models,
                str(self.words.value),
                medium=self.medium.value,
                capability=self.capability.value,
                context=self.context.value,
                price=self.price.value,
                most=self.most.value,
            )
            chosen = self.list.value
            options = _lines(found[:ROWS])
            if options != self.list.options:
                self.list.options = options
                names = [name for _, name in options]
                self.list.value = chosen if chosen in names else names[0] if names else None
            more = f", the first {ROWS} are listed" if len(found) > ROWS else ""
            self.count.value = looks.muted(f"{len(found):,} of {len({m.id for m in self._models}):,} models{more}")

    def _row(self, name: str | None) -> Model | None:
        """The row of a model, rather of the medium that is filtered by."""
        rows = [model for model in self._models if model.id == name]
        return next((r for r in rows if r.medium == self.medium.value), rows[0] if rows else None)

    def _selected(self) -> None:
        with self.lock:
            self._ticket += 1
            ticket, name = self._ticket, self.list.value
        self.told.value = ""
        found = self._row(name)
        self.use_button.description = f"Use for {found.medium}" if found is not None and found.medium else "Use"
        self.use_button.disabled = found is None
        if name is None:
            self.details.value = ""
            self._arrived(ticket)
        else:
            aside(self._detail, name, ticket)

    def _detail(self, name: str, ticket: int) -> None:
        """In a thread: all that is known of one model; one selected meanwhile goes before."""
        with self.guard():
            if ticket != self._ticket:
                return
            html = details(self.session, name).html()
            with self.lock:
                if ticket == self._ticket:
                    self.details.value = html
        self.keep()
        self._arrived(max(ticket, self._drawn))

    def _twin_html_(self) -> str:
        return f"{looks.muted(self._twin_())}{self.details.value}"

    def _twin_(self) -> str:
        return f"ModelBrowser: {self.model}" if self.model else "ModelBrowser()"

    def __repr__(self) -> str:
        return "ModelBrowser()"


def _choice(label: str, options: Sequence[Any]) -> w.Dropdown:
    return w.Dropdown(options=options, tooltip=label, layout={"width": "auto", "flex": "1 1 8em", "max_width": "13em"})


def _offer(choice: w.Dropdown, nothing: str, names: Sequence[str]) -> None:
    """New things to choose from; what was chosen stays where it can."""
    before = choice.value
    options = [(nothing, ANY), *((visible(shorten(name, 40)), name) for name in names)]
    if list(choice.options) != options:
        choice.options = options
        choice.value = before if before in (ANY, *names) else ANY


def _lines(models: Sequence[Model]) -> tuple[tuple[str, str], ...]:
    """A line for each: id, medium, context, price, and a mark for one that ends; in columns as far as that goes."""
    width = min(36, max((len(model.id) for model in models), default=0))
    return tuple((_line(model, width), model.id) for model in models)


def _line(model: Model, width: int) -> str:
    context = f"{model.context / 1000:,.0f}k" if model.context else ""
    mark = "  ⚠ deprecated" if deprecated(model) else ""
    space = "\u00a0"  # a browser would draw several plain spaces as one
    told = f"{shorten(model.id, 60).ljust(width, space)}  {(model.medium or '?').ljust(10, space)}  {context.rjust(6, space)}  {shorten(model.price, 60)}"
    return visible(told.replace("  ", space * 2)) + mark
