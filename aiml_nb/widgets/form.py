"""The form of a model: a control for each parameter of its schema, the common ones first, the rest folded away.

    controls = Controls(form, "image", memory)      # memory: what was chosen before, under another model
    controls.values()                               # {"image_size": "square_hd", "seed": 7}, in the model's own names

What was chosen goes on to the next model by its common word, then by its name; what that one lacks waits for one that has
it. It knows a `schema.Form` and ipywidgets, no session and no network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import ipywidgets as w

from ..content import Attachment
from ..schema import PROMPTS, WORDS, Form
from ..schema.files import FileSlot, share
from ..schema.form import Parameter
from ..schema.size import fit_size, slots
from ..schema.traits import traits
from .fields import Choice, Field, Long, Seed, Slider, Suggested, Text, Tick, is_slider
from .file_field import Files
from .size_field import Size, box_of

#: How an answer comes back is the client's business; these have no control.
PLUMBING = frozenset({"model", "stream", "sync_mode", "convert_base64_to_url", "user", "webhook_url", "callback_url"})

#: Texts of several lines.
_LONG = ("negative", "lyrics", "instructions")

#: Common words in the order in which they are asked for; files stand before them.
_ORDER = tuple("negative lyrics voice instructions size duration n strength guidance steps seed".split())


@dataclass
class Memory:
    """What the user chose under any model: values by common word and by name, files with their parts. It outlives a form."""

    values: dict[str, Any] = field(default_factory=dict)
    files: list[tuple[str, Attachment]] = field(default_factory=list)


class Controls:
    """The controls of one model, to be shown as `widget`. form: None for a provider that publishes no schema.

    changed: called after each change by the user. prompt_name: what the model calls its prompt, empty if it takes none.
    """

    def __init__(self, form: Form | None, medium: str, memory: Memory | None = None) -> None:
        self.form = form or _plain_form(medium)
        self.medium = medium
        self.memory = memory or Memory()
        self.changed: Callable[[], Any] = lambda: None
        self.words = WORDS.get(medium, {})
        self.slots = {} if form is None else traits(form).file_slots
        texts = (name for name in PROMPTS if name in self.form.properties)
        self.prompt_name = next((n for n in texts if self.form.by_name[n].types != ("object",)), "")
        self.fields = {each.name: each for each in map(self._field, self._wanted())}
        self._recall()
        for each in self.fields.values():
            each.changed = self._remembering(each)
        self.widget = self._laid_out()

    def values(self) -> dict[str, Any]:
        """What the user chose, by the model's own names; a file slot has a list of attachments."""
        found = {name: each.value for name, each in self.fields.items()}
        return {name: value for name, value in found.items() if value is not None}

    def put(self, values: Mapping[str, Any]) -> list[str]:
        """Show values given by name or common word; returns the names of those that this model has no place for."""
        return [name for name, value in values.items() if not self._put(name, value)]

    def defaults(self) -> dict[str, Any]:
        """What the model uses for what is not sent, as far as its schema says."""
        return {each.name: each.default for each in self.form.parameters if each.default is not None}

    def file_fields(self) -> list[Files]:
        """The controls for files."""
        return [each for each in self.fields.values() if isinstance(each, Files)]

    def _wanted(self) -> list[Parameter]:
        """The parameters that get a control: of nested ones the inner, of sizes the outer."""
        found = []
        for each in self.form.parameters:
            head = each.name.partition(".")[0]
            outer = head if head != each.name else ""
            if each.name in PLUMBING or each.name == self.prompt_name or self._is_plumbing(each):
                continue
            if outer and (outer in self.slots or box_of(self.form.by_name[outer])):
                continue
            inner = any(other.name.startswith(f"{each.name}.") for other in self.form.parameters)
            if inner and each.name not in self.slots and not box_of(each):
                continue
            found.append(each)
        return found

    def _is_plumbing(self, parameter: Parameter) -> bool:
        word = self.form.word(parameter.name, self.words)
        fixed = len(parameter.enum) == 1 or (parameter.minimum is not None and parameter.minimum == parameter.maximum)
        transport = parameter.name == "response_format" and word is None
        return parameter.deprecated or fixed or transport

    def _field(self, parameter: Parameter) -> Field:
        word = self.form.word(parameter.name, self.words) or parameter.name
        slot: FileSlot | None = self.slots.get(parameter.name)
        return Files(slot, word) if slot is not None else _kind(parameter, word)(parameter, word)

    def _remembering(self, each: Field) -> Callable[[], None]:
        def changed() -> None:
            self._remember(each)
            self.changed()

        return changed

    def _remember(self, each: Field) -> None:
        if isinstance(each, Files):
            self.memory.files = [(f.slot.role, a) for f in self.file_fields() for a in f.attachments]
            return
        for key in {each.name, each.word} - ({"size"} if each.word == "size" != each.name else set()):
            self.memory.values.pop(key, None)
            if each.value is not None:
                self.memory.values[key] = each.value
        if each.word == "size":
            sizes = [_size_text(other.value) for other in self.fields.values() if other.word == "size"]
            self.memory.values["size"] = " ".join(filter(None, sizes))

    def _recall(self) -> None:
        """Show what was chosen before, as far as this model has a place for it."""
        values = self.memory.values
        for each in self.fields.values():
            if each.name in values and each.put(values[each.name]):
                continue
            if each.word in values and each.word != "size":
                each.put(values[each.word])
        self._recall_size(str(values.get("size") or ""))
        placed, _ = share(self.memory.files, list(self.slots.values()))
        for name, attachments in placed.items():
            found = self.fields.get(name)
            if isinstance(found, Files):
                found.set(attachments, tell=False)

    def _recall_size(self, size: str) -> None:
        """A size in other words: 1024x1024 as square, 16:9 as width and height. What does not fit is left to the model."""
        taken = [each.name for each in self.fields.values() if each.word == "size" and each.touched]
        if size and not taken:
            sized = fit_size(size, slots(self.form, self.words.get("size", ())))
            for name, value in sized.values.items():
                if name in self.fields:
                    self.fields[name].put(value)

    def _put(self, name: str, value: Any) -> bool:
        each = self.fields.get(name) or next((f for f in self.fields.values() if f.word == name), None)
        if each is None:
            inner = value if isinstance(value, dict) else {}
            return bool(inner) and not self.put({f"{name}.{key}": part for key, part in inner.items()})
        done = each.put(value)
        self._remember(each)
        return done

    def _laid_out(self) -> w.Widget:
        main = [each for each in self.fields.values() if self._is_common(each)]
        main.sort(key=_rank)
        rest = [each.widget for each in self.fields.values() if each not in main]
        rows = [each.widget for each in main]
        if rest:
            more = w.Accordion([w.VBox(rest)], titles=(f"More settings ({len(rest)})",), selected_index=None)
            rows.append(more)
        return w.VBox(rows, layout={"width": "100%"})

    def _is_common(self, each: Field) -> bool:
        return isinstance(each, Files) or each.parameter.required or each.word in self.words


def _rank(each: Field) -> tuple[bool, int]:
    at = _ORDER.index(each.word) if each.word in _ORDER else len(_ORDER)
    return (not isinstance(each, Files), at)


def _kind(parameter: Parameter, word: str) -> type[Field]:
    """The control that suits a parameter."""
    if box_of(parameter) is not None:
        return Size
    if parameter.types == ("boolean",):
        return Tick
    if parameter.enum:
        return Choice
    if word == "seed":
        return Seed
    numeric = bool({"integer", "number"} & set(parameter.types)) and "string" not in parameter.types
    if numeric:
        return Slider if is_slider(parameter) else Text
    if parameter.choices:
        return Suggested
    listed = {"array", "object"} & set(parameter.types)
    return Long if listed or word in _LONG or (parameter.max_length or 0) > 200 else Text


def _size_text(value: Any) -> str:
    if isinstance(value, dict) and {"width", "height"} <= set(value):
        return f"{value['width']}x{value['height']}"
    return str(value) if value is not None else ""


def _plain_form(medium: str) -> Form:
    """The common words of a medium as a form of texts: the provider is the judge of them."""
    names = [word for word in _ORDER if word in WORDS.get(medium, {})]
    texts: dict[str, Any] = {name: {"type": "string"} for name in names}
    numbers = {name: {"type": "number"} for name in ("strength", "guidance", "duration") if name in texts}
    whole = {name: {"type": "integer", "minimum": 1} for name in ("n", "steps", "seed") if name in texts}
    return Form.from_json({"properties": {"prompt": {"type": "string"}, **texts, **numbers, **whole}})
