"""How one `size` (1024x768, 16:9, square_hd, 2K) becomes what a model has: width and height, a list of sizes, ratios, resolutions.

A size is never changed silently: pixels become a ratio only where the ratio is exactly theirs, and a note says what was chosen.
Pure; it knows the shapes of slots, not the names of models.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from .conform import choose
from .form import Form
from .problem import Problem, listing, shown
from .reading import Schema, leaves, types_of

_PIXELS = re.compile(r"\s*(\d{1,5})\s*[x×*]\s*(\d{1,5})\s*(?:px)?\s*", re.IGNORECASE)
_RATIO = re.compile(r"\s*(\d{1,4}(?:\.\d+)?)\s*[:/]\s*(\d{1,4}(?:\.\d+)?)\s*")
_PRESET = re.compile(r"(?:(square)(?:_hd)?|(portrait|landscape)(?:_hd)?(?:_(\d+)_(\d+))?)", re.IGNORECASE)
_MULTIPLE = re.compile(r"multiples? of (\d+)", re.IGNORECASE)

#: The fewest and the most pixels a side that are taken for a picture's.
_SMALLEST, _LARGEST = 64, 4096

#: The area, in pixels, that a ratio is made into where a model wants width and height.
_AREA = 1024 * 1024

#: Short sides, in pixels, by the names that they go by; `720p` needs no name.
_SHORT_SIDES = {"sd": 480, "hd": 720, "fhd": 1080, "qhd": 1440, "uhd": 2160}


@dataclass(frozen=True)
class Slot:
    """A parameter that a size may go to. choices: its listed values. box: the schema of its width and height, if it has one."""

    name: str
    choices: tuple[Any, ...]
    box: Schema | None
    free: bool
    step: int

    @classmethod
    def of(cls, name: str, schema: Schema) -> Slot:
        """Read from the parameter's schema."""
        opened = list(leaves(schema))
        box = next((leaf for leaf in opened if {"width", "height"} <= set(leaf.get("properties") or ())), None)
        told = " ".join(str(leaf.get("description") or "") for leaf in [schema, *opened])
        multiple = _MULTIPLE.search(told)
        return cls(
            name=name,
            choices=tuple(value for leaf in opened for value in leaf.get("enum") or () if value is not None),
            box=box,
            free=any("string" in types_of(leaf) and "enum" not in leaf for leaf in opened),
            step=int(multiple[1]) if multiple else 1,
        )

    def pick(self, fits: Any) -> Any:
        """The first choice that `fits`, or None."""
        return next((choice for choice in self.choices if fits(str(choice))), None)


@dataclass
class Sized:
    """Where a size went: `values` by parameter name, `notes` on what was chosen, or the `problem`."""

    values: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problem: Problem | None = None


def slots(form: Form, names: Sequence[str]) -> list[Slot]:
    """The parameters of `names` that the model has; the width and height that stand alone count as one slot, named ""."""
    found = [Slot.of(name, form.properties[name]) for name in names if name in form.properties]
    if not any(slot.box for slot in found) and {"width", "height"} <= set(form.properties):
        sides = {side: form.properties[side] for side in ("width", "height")}
        found.insert(0, Slot.of("", {"type": "object", "properties": sides}))
    return found


def fit_size(value: Any, open_slots: Sequence[Slot], *, typed: str = "size") -> Sized:
    """`value` spread over the slots that are still open; several sizes may be given together, as in `16:9 2K`.

    value: text, (width, height), or a dict with both. typed: the word the user wrote.
    """
    parts = re.split(r"[\s,;@]+", value.strip()) if isinstance(value, str) and not _PIXELS.fullmatch(value) else [value]
    out = Sized()
    for part in parts:
        left = [slot for slot in open_slots if slot.name not in out.values]
        sized = _fit_one(part, left, typed)
        out.values |= sized.values
        out.notes += sized.notes
        out.problem = out.problem or sized.problem
    return out


def _fit_one(value: Any, open_slots: Sequence[Slot], typed: str) -> Sized:
    for slot in open_slots:
        found = choose(slot.choices, value) if isinstance(value, str | int) else None
        if found is not None:
            return Sized({slot.name: found})
    pixels = _pixels(value)
    if pixels:
        found = _fit_pixels(*pixels, open_slots)
    else:
        ratio = _ratio(value)
        found = _fit_ratio(value, ratio, open_slots) if ratio else _fit_free(value, open_slots)
    return found or Sized(problem=_refused(value, open_slots, typed))


def _pixels(value: Any) -> tuple[int, int] | None:
    if isinstance(value, Mapping) and {"width", "height"} <= set(value):
        value = (value["width"], value["height"])
    if isinstance(value, list | tuple) and len(value) == 2:
        value = f"{value[0]}x{value[1]}"
    found = _PIXELS.fullmatch(value) if isinstance(value, str) else None
    return (int(found[1]), int(found[2])) if found else None


def _ratio(value: Any) -> Fraction | None:
    """Width to height of `16:9` or of a preset's name, as `landscape_4_3`."""
    if not isinstance(value, str):
        return None
    told = _RATIO.fullmatch(value)
    if told:
        return Fraction(told[1]) / Fraction(told[2]) if Fraction(told[1]) and Fraction(told[2]) else None
    preset = _PRESET.fullmatch(value.strip())
    if not preset or not (preset[1] or preset[3]):
        return None
    if preset[1]:
        return Fraction(1)
    sides = sorted((int(preset[3]), int(preset[4])), reverse=preset[2].lower() == "landscape")
    return Fraction(*sides)


def _fit_pixels(width: int, height: int, open_slots: Sequence[Slot]) -> Sized | None:
    for slot in open_slots:
        if slot.box:
            return Sized(_boxed(slot, width, height))
    for slot in open_slots:
        same = slot.pick(lambda text: _pixels(text) == (width, height))
        if same is not None:
            return Sized({slot.name: same})
    sized = _fit_halves(width, height, open_slots)
    if sized:
        return sized
    for slot in open_slots:
        if slot.free and "size" in slot.name:
            return Sized({slot.name: f"{width}x{height}"})
    return None


def _fit_halves(width: int, height: int, open_slots: Sequence[Slot]) -> Sized | None:
    """A ratio that is exactly theirs, and the resolution that is theirs too where the model has one."""
    if min(width, height) < _SMALLEST or max(width, height) > _LARGEST:
        return None
    wanted = Fraction(width, height)
    for slot in open_slots:
        ratio = slot.pick(lambda text: _ratio(text) == wanted and ":" in text)
        if ratio is None:
            continue
        rest = [other for other in open_slots if other is not slot and other.choices]
        for other in rest:
            named = other.pick(lambda text: _is_resolution(text, width, height))
            if named is not None:
                note = f"{width}x{height} is {slot.name} {ratio} and {other.name} {named}"
                return Sized({slot.name: ratio, other.name: named}, [note])
        if any(_resolution_like(other) for other in rest):
            return None
        return Sized({slot.name: ratio}, [f"{width}x{height} is {slot.name} {ratio}: the model sets the pixels itself"])
    return None


def _resolution_like(slot: Slot) -> bool:
    return slot.pick(lambda text: text.lower() in _SHORT_SIDES or re.fullmatch(r"[\d.]+[pPkK]", text)) is not None


def _is_resolution(name: str, width: int, height: int) -> bool:
    """True when the name of a resolution is that of `width` x `height`: 720p by the short side, 2K by the area or the long side."""
    short, long = sorted((width, height))
    name = name.lower()
    if name in _SHORT_SIDES:
        return short == _SHORT_SIDES[name]
    if re.fullmatch(r"\d+p", name):
        return short == int(name[:-1])
    if re.fullmatch(r"[\d.]+k", name):
        side = float(name[:-1]) * 1024
        return long in (side, float(name[:-1]) * 960) or math.isclose(width * height, side * side, rel_tol=0.06)
    return False


def _fit_ratio(value: Any, wanted: Fraction, open_slots: Sequence[Slot]) -> Sized | None:
    for slot in open_slots:
        same = slot.pick(lambda text: ":" in text and _ratio(text) == wanted)
        if same is not None:
            return Sized({slot.name: same}, [] if ":" in str(value) else [f"{value} is {slot.name} {same}"])
    for slot in open_slots:
        best = _best_box(slot, wanted) if slot.box else None
        if best:
            return Sized(_boxed(slot, *best), [f"{value} is {best[0]}x{best[1]} here"])
    for slot in open_slots:
        sized = [choice for choice in slot.choices if (p := _pixels(choice)) and p[1] and Fraction(*p) == wanted]
        if sized:
            nearest = min(sized, key=lambda choice: abs(math.prod(_pixels(choice) or (0, 0)) - _AREA))
            return Sized({slot.name: nearest}, [f"{value} is {nearest} here"])
        preset = slot.pick(lambda text: ":" not in text and _ratio(text) == wanted)
        if preset is not None:
            return Sized({slot.name: preset}, [f"{value} is {preset} here"])
    return next((Sized({slot.name: value}) for slot in open_slots if slot.free and "ratio" in slot.name), None)


def _fit_free(value: Any, open_slots: Sequence[Slot]) -> Sized | None:
    """Text for a slot that lists no values: the provider is the judge of it."""
    free = [slot for slot in open_slots if slot.free and not slot.box and not slot.choices]
    return Sized({free[-1].name: value}) if free and isinstance(value, str) else None


def _boxed(slot: Slot, width: int, height: int) -> dict[str, Any]:
    sides = {"width": width, "height": height}
    return {slot.name: sides} if slot.name else dict(sides)


def _best_box(slot: Slot, wanted: Fraction) -> tuple[int, int] | None:
    """Width and height of that ratio, multiples of 32 (or what the model asks), about a megapixel, in the model's bounds.

    The exact ratio where there is one of half to twice the area; else the nearest within three in a hundred; else None.
    """
    assert slot.box is not None
    sides = slot.box["properties"]
    low, high = ([_side(sides[side], bound) for side in ("width", "height")] for bound in ("minimum", "maximum"))
    area = min(max(_AREA, low[0] * low[1]), high[0] * high[1])
    step = math.lcm(slot.step, 32) if slot.step > 1 else 32
    found = []
    for width in range(-(-low[0] // step) * step, high[0] + 1, step):
        exact = width / wanted
        for height in {math.floor(exact / step) * step, math.ceil(exact / step) * step}:
            if low[1] <= height <= high[1]:
                off = abs(math.log(width / height / float(wanted)))
                found.append((off if off > 1e-9 else 0.0, abs(math.log(width * height / area)), width, height))
    exactly = min((entry for entry in found if not entry[0] and entry[1] < math.log(2)), default=None)
    nearly = [entry for entry in found if entry[0] < 0.03]
    best = exactly or min(nearly, key=lambda entry: 4 * entry[0] + entry[1], default=None)
    return (best[2], best[3]) if best else None


def _side(schema: Schema, bound: str) -> int:
    return int(schema.get(bound) or (_SMALLEST if bound == "minimum" else 4096))


def _refused(value: Any, open_slots: Sequence[Slot], typed: str) -> Problem:
    pixels = _pixels(value)
    value = f"{pixels[0]}x{pixels[1]}" if pixels else value
    if not open_slots:
        return Problem(typed, f"{typed} {shown(value)}: nothing is left to set with it")
    told = [f"{slot.name} {listing(slot.choices)}" for slot in open_slots if slot.choices]
    told += [" ".join(part for part in (slot.name, _span(slot)) if part) for slot in open_slots if slot.box]
    told += [f"{slot.name} as WxH" for slot in open_slots if slot.free and not slot.choices and "size" in slot.name]
    allowed = "; ".join(told) or " and ".join(slot.name for slot in open_slots)
    return Problem(typed, f"{typed} {shown(value)} is not what the model has; allowed: {allowed}")


def _span(slot: Slot) -> str:
    assert slot.box is not None
    width = slot.box["properties"]["width"]
    return f"WxH from {_side(width, 'minimum')} to {_side(width, 'maximum')} a side"
