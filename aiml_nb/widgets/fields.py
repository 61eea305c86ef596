"""One control for one parameter of a model: a slider, a list, a tick, a text, a size, made from what its schema says.

A control that nobody touched sends nothing: the model then does what it does by itself. What a provider wrote (names,
descriptions, choices) is shown as plain text. It knows ipywidgets and one `Parameter`, no session and no network.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import ipywidgets as w

from ..errors import shorten
from ..schema.conform import choose, conform
from ..schema.form import Parameter

#: What stands in a list for "not sent".
AUTO = "—"

#: The width of the labels, and of everything in its column.
_LABEL = {"description_width": "8.5em"}
_WIDE = {"width": "99%"}

#: A range of whole numbers up to this many gets a slider.
_SLIDER_STEPS = 10_000

#: What a dice throws where a seed has no bound.
_DICE = 2**31 - 1


#: What common words are called beside their control; the model's own name is in the hint.
_NAMES = {
    "n": "How many",
    "negative": "Negative prompt",
    "steps": "Steps",
    "guidance": "Guidance",
    "strength": "Strength",
    "enhance": "Improve prompt",
    "fps": "Frames a second",
    "duration": "Duration",
    "format": "Format",
    "voice": "Voice",
    "speed": "Speed",
    "sound": "With sound",
}


def label_of(name: str, word: str = "") -> str:
    """A parameter's name for people: `voice_setting.vol` is `Voice setting › vol`, `num_images` is `How many`."""
    if word in _NAMES and not name.endswith(("_ms", "_frames")):
        return _NAMES[word]
    told = name.replace(".", " › ").replace("_", " ").strip()
    return told[:1].upper() + told[1:]


class Field:
    """One parameter's control, to be shown as `widget`. word: the common word it goes by, or its name.

    value: what will be sent, None when it is left to the model. `changed` is called after each change by the user.
    """

    #: True for a control that tells nothing until it is touched.
    touched = False

    def __init__(self, parameter: Parameter, word: str) -> None:
        self.parameter = parameter
        self.name = parameter.name
        self.word = word
        self.label = label_of(parameter.name, word) + " *" * parameter.required
        self.changed: Callable[[], Any] = lambda: None
        self._quiet = False
        self.widget = self._make()

    def _make(self) -> w.Widget:
        raise NotImplementedError

    @property
    def value(self) -> Any:
        """What will be sent; None when it is left to the model."""
        return self._read() if self.touched else None

    def _read(self) -> Any:
        raise NotImplementedError

    def put(self, value: Any) -> bool:
        """Show `value`, as if the user had chosen it; False, and nothing done, where the model has no such value."""
        fitted, faults = conform(self.parameter.schema, value)
        if faults:
            return False
        with self._silently():
            done = self._show(fitted)
        self.touched = self.touched or done
        return done

    def _show(self, value: Any) -> bool:
        raise NotImplementedError

    @property
    def hint(self) -> str:
        """What it is, what it may be, what it is by itself."""
        default = f" By itself: {_plain(self.parameter.default)}." if self.parameter.default is not None else ""
        return shorten(f"{self.name}: {self.parameter.description} ({self.parameter.allowed}).{default}", 400)

    def _common(self, **more: Any) -> dict[str, Any]:
        return {"description": self.label, "tooltip": self.hint, "style": _LABEL, "layout": dict(_WIDE), **more}

    def _watch(self, control: w.Widget) -> w.Widget:
        control.observe(self._touch, "value")
        return control

    def _touch(self, _: Any = None) -> None:
        if not self._quiet:
            self.touched = True
            self.changed()

    @contextmanager
    def _silently(self) -> Iterator[None]:
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False


class Choice(Field):
    """One of the values that the schema lists."""

    def _make(self) -> w.Widget:
        options = [(_plain(value), value) for value in self.parameter.choices]
        start = self.parameter.default if self.parameter.default in self.parameter.choices else None
        if start is None:
            options.insert(0, (AUTO, None))
        self.control = self._watch(w.Dropdown(options=options, value=start, **self._common()))
        return self.control

    def _read(self) -> Any:
        return self.control.value

    def _show(self, value: Any) -> bool:
        found = choose(self.parameter.choices, value) if isinstance(value, str | int) else value
        if found is None or found not in self.parameter.choices:
            return False
        self.control.value = found
        return True


class Tick(Field):
    """True or false; a list with both where the schema does not say what it is by itself."""

    def _make(self) -> w.Widget:
        default = self.parameter.default
        if isinstance(default, bool):
            self.control = w.Checkbox(
                value=default, indent=False, **self._common(style={"description_width": "initial"})
            )
        else:
            options = [(AUTO, None), ("yes", True), ("no", False)]
            self.control = w.Dropdown(options=options, **self._common())
        return self._watch(self.control)

    def _read(self) -> Any:
        return self.control.value

    def _show(self, value: Any) -> bool:
        if not isinstance(value, bool):
            return False
        self.control.value = value
        return True


class Slider(Field):
    """A number between two bounds. Without a default it has a tick before it, which moving the slider sets."""

    def _make(self) -> w.Widget:
        whole = "integer" in self.parameter.types and "number" not in self.parameter.types
        low, high = self.parameter.minimum or 0, self.parameter.maximum or 0
        low, high = (int(low), int(high)) if whole else (float(low), float(high))
        step = 1 if whole else _step(high - low)
        default = self.parameter.default
        start = default if isinstance(default, int | float) and low <= default <= high else _middle(low, high, whole)
        kind = w.IntSlider if whole else w.FloatSlider
        told = {} if whole else {"readout_format": f".{max(0, -math.floor(math.log10(step) + 1e-9))}f"}
        bounds = {"min": low, "max": high, "step": step, "value": start, "continuous_update": False}
        if default is not None:
            self.set: w.Checkbox | None = None
            self.control = self._watch(kind(**bounds, **told, **self._common()))
            return self.control
        ticked = self._common(indent=False, layout={"width": "8.5em", "flex": "0 0 auto"})
        self.set = w.Checkbox(value=False, **ticked | {"style": {"description_width": "initial"}})
        self.control = self._watch(kind(**bounds, **told, **self._common(description="", layout={"flex": "1 1 6em"})))
        self.set.observe(self._tick, "value")
        return w.HBox([self.set, self.control], layout={"align_items": "center", **_WIDE})

    def _tick(self, change: Any) -> None:
        if not self._quiet:
            self.touched = bool(change["new"])
            self.changed()

    def _touch(self, change: Any = None) -> None:
        if self._quiet:
            return
        if self.set is not None and not self.set.value:
            with self._silently():
                self.set.value = True
        super()._touch(change)

    def _read(self) -> Any:
        return self.control.value

    def _show(self, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        self.control.value = value
        if self.set is not None:
            self.set.value = True
        return True


class Text(Field):
    """A line of text; empty is not sent. Numbers, lists and objects are read as what they are."""

    control_class: ClassVar[Any] = w.Text

    def _make(self) -> w.Widget:
        placeholder = _plain(self.parameter.default) if self.parameter.default is not None else ""
        self.control = self.control_class(
            placeholder=shorten(placeholder, 80), continuous_update=False, **self._common(**self._more())
        )
        return self._watch(self.control)

    def _more(self) -> dict[str, Any]:
        return {"options": [_plain(value) for value in self.parameter.choices]} if self.parameter.choices else {}

    def _read(self) -> Any:
        text = str(self.control.value).strip()
        return self._parsed(text) if text else None

    def _parsed(self, text: str) -> Any:
        """The text as the type that the schema asks for; as it is where it is no such thing, for `fit` to refuse."""
        types = self.parameter.types
        if "string" in types or not types:
            return text
        if "array" in types and text[0] != "[" and "object" not in self.parameter.items:
            return [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]
        try:
            return json.loads(text)
        except ValueError:
            return text

    def _show(self, value: Any) -> bool:
        self.control.value = _plain(value)
        return True


class Suggested(Text):
    """A line of text with suggestions: the schema names values and takes others too."""

    control_class = w.Combobox

    def _make(self) -> w.Widget:
        made = super()._make()
        self.control.ensure_option = False
        return made


class Long(Text):
    """Text of several lines."""

    control_class = w.Textarea

    def _more(self) -> dict[str, Any]:
        return {"rows": 2}


class Seed(Text):
    """A whole number with a dice; empty is another one each time."""

    def _make(self) -> w.Widget:
        super()._make()
        self.control.placeholder = "another each time"
        self.control.layout.width, self.control.layout.flex = "auto", "1 1 8em"
        self.dice = w.Button(
            description="⚄", tooltip=f"{self.label}: throw the dice", layout={"width": "2.6em", "flex": "0 0 auto"}
        )
        self.dice.on_click(self._throw)
        return w.HBox([self.control, self.dice], layout=dict(_WIDE))

    def _throw(self, _: Any) -> None:
        low, high = self.parameter.minimum, self.parameter.maximum
        low = int(low) if low is not None else 1
        self.control.value = str(random.randint(max(low, 0), int(min(high, _DICE) if high is not None else _DICE)))


def _step(width: float) -> float:
    """A round step that goes through a range in about a hundred."""
    if width <= 0:
        return 0.01
    rough = width / 100
    unit = 10.0 ** math.floor(math.log10(rough))
    return next(unit * each for each in (1, 2, 5, 10) if unit * each >= rough - 1e-12)


def _middle(low: float, high: float, whole: bool) -> float:
    middle = low + (high - low) / 2
    return int(middle) if whole else round(middle, 2) if low <= round(middle, 2) <= high else middle


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def is_slider(parameter: Parameter) -> bool:
    """True for a number with both bounds, close enough together for a hand to find one."""
    low, high = parameter.minimum, parameter.maximum
    if low is None or high is None or high <= low or parameter.exclusive_minimum or parameter.exclusive_maximum:
        return False
    return "number" in parameter.types or high - low <= _SLIDER_STEPS
