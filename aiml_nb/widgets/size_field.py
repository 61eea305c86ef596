"""The control for a size in pixels: a name or a ratio from a list, or width and height by hand, within the model's bounds."""

from __future__ import annotations

import math
from typing import Any

import ipywidgets as w

from ..schema.form import Parameter
from ..schema.reading import Schema
from ..schema.size import Slot
from .fields import _LABEL, AUTO, Field, _plain

_HAND = "width × height"


def box_of(parameter: Parameter) -> Schema | None:
    """The schema of the width and height in a parameter; None for one that has none."""
    return Slot.of(parameter.name, parameter.schema).box


class Size(Field):
    """A parameter that takes `{width, height}`, and often names of sizes too."""

    def _make(self) -> w.Widget:
        box = box_of(self.parameter)
        assert box is not None
        slot = Slot.of(self.parameter.name, self.parameter.schema)
        step = math.lcm(slot.step, 32) if slot.step > 1 else 32
        default = self.parameter.default
        start = default if isinstance(default, str) and default in self.parameter.choices else None
        options = [] if start is not None else [(AUTO, None)]
        options += [(_plain(value).replace("_", " "), value) for value in self.parameter.choices]
        self.control = self._watch(w.Dropdown(options=[*options, (_HAND, _HAND)], value=start, **self._common()))
        self.sides = [self._watch(_side(box["properties"][name], name, step)) for name in ("width", "height")]
        by_hand = w.HBox([self.sides[0], w.HTML("×"), self.sides[1], w.HTML("px")])
        by_hand.layout = w.Layout(margin="0 0 0 9em", display="none", align_items="center")
        self.by_hand = by_hand
        self.control.observe(self._open, "value")
        return w.VBox([self.control, by_hand], layout={"width": "99%"})

    def _open(self, _: Any = None) -> None:
        self.by_hand.layout.display = "flex" if self.control.value == _HAND else "none"

    def _read(self) -> Any:
        if self.control.value != _HAND:
            return self.control.value
        return {"width": self.sides[0].value, "height": self.sides[1].value}

    def _show(self, value: Any) -> bool:
        if isinstance(value, dict):
            self.sides[0].value, self.sides[1].value = value["width"], value["height"]
            value = _HAND
        elif value not in self.parameter.choices:
            return False
        self.control.value = value
        return True


def _side(schema: Schema, name: str, step: int) -> w.Widget:
    low, high = int(schema.get("minimum") or 64), int(schema.get("maximum") or 4096)
    start = schema.get("default") if isinstance(schema.get("default"), int) else min(max(1024, low), high)
    return w.BoundedIntText(
        value=start,
        min=low,
        max=high,
        step=step,
        tooltip=f"{name} in pixels, {low} to {high}",
        style=_LABEL | {"description_width": "0"},
        layout={"width": "5.6em"},
    )
