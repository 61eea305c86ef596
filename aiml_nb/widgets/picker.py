"""The model picker: a text field that offers the catalogue's models of one medium as one types.

The list is what the catalogue knows; a cold one is fetched beside, and offered when it is there. Nothing here waits in a
callback.
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from ..errors import AIMLError
from .aside import aside

if TYPE_CHECKING:
    from ..session import Session

#: How many models are offered; more would make the page slow.
OFFERED = 600


class Picker:
    """Shown as `widget`; `model` is what is written in it. picked: called with each new model, in a callback."""

    def __init__(self, session: Session, medium: str, picked: Callable[[str], Any] | None = None) -> None:
        self._session = session
        self.medium = medium
        self.picked = picked
        self.field = w.Combobox(
            description="Model",
            placeholder="type to search",
            continuous_update=False,
            ensure_option=False,
            tooltip="Type to search the models; empty it to see all",
            style={"description_width": "8.5em"},
            layout={"flex": "1 1 16em", "width": "auto"},
        )
        self.clear = w.Button(
            description="✕", tooltip="Empty the field, to see all models", layout={"width": "2.4em", "flex": "0 0 auto"}
        )
        self.clear.on_click(lambda _: setattr(self.field, "value", ""))
        self.field.observe(self._changed, "value")
        self.widget = w.HBox([self.field, self.clear], layout={"align_items": "center", "width": "99%"})
        self._silent = False
        aside(self._fill)

    @property
    def model(self) -> str:
        """The id as it is written; the one match of what is written in part."""
        text = str(self.field.value).strip()
        if not text or text in self.field.options:
            return text
        found = [name for name in self.field.options if text.lower() in name.lower()]
        return found[0] if len(found) == 1 else text

    @model.setter
    def model(self, name: str) -> None:
        self._silent = True
        try:
            self.field.value = name
        finally:
            self._silent = False

    def offer(self, medium: str) -> None:
        """Offer the models of another medium."""
        self.medium = medium
        aside(self._fill)

    def nearest(self) -> str:
        """Models called much like what is written, for a sentence; empty when there is none."""
        return ", ".join(get_close_matches(str(self.field.value), self.field.options, 3, 0.4))

    def _changed(self, change: Any) -> None:
        if self.picked is not None and not self._silent and str(change["new"]).strip():
            self.picked(self.model)

    def _fill(self) -> None:
        """In a thread: the models of the medium, those that are known first."""
        try:
            catalogue = self._session.catalogue()
            self.field.options = tuple(catalogue.ids(self.medium)[:OFFERED])
            if not self.field.options:
                catalogue.models()
                self.field.options = tuple(catalogue.ids(self.medium)[:OFFERED])
        except AIMLError:
            return  # no list: the field takes any id, and the call will say what is wrong
