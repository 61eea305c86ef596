"""What fitting asks of a form again and again, worked out once and kept with it: file slots, sizes, rules, what is required."""

from __future__ import annotations

from collections.abc import Sequence

from . import files, size
from .form import Form, Parameter
from .rules import Rule, rules_of


class Traits:
    """What a form tells for fitting, worked out once for each form."""

    def __init__(self, form: Form) -> None:
        self.form = form
        self.file_slots = {slot.name: slot for slot in files.file_slots(form)}
        self.required = [p for p in form.parameters if p.required and "." not in p.name]
        self.rules: list[Rule] = rules_of(form)
        self.wants_file = bool(self.file_slots) and not {"messages", "input", "prompt"} & set(form.properties)
        self.inner_required: dict[str, list[Parameter]] = {}
        for parameter in form.parameters:
            if parameter.required and "." in parameter.name:
                self.inner_required.setdefault(parameter.name.partition(".")[0], []).append(parameter)
        self._sizes: dict[tuple[str, ...], list[size.Slot]] = {}

    def sizes(self, names: Sequence[str]) -> list[size.Slot]:
        """The slots that a size may go to, of the parameters called `names`."""
        key = tuple(names)
        if key not in self._sizes:
            self._sizes[key] = size.slots(self.form, key)
        return self._sizes[key]


def traits(form: Form) -> Traits:
    """The traits of a form, kept with it."""
    known = form.__dict__.get("_traits")
    if known is None:
        known = form.__dict__["_traits"] = Traits(form)
    assert isinstance(known, Traits)
    return known
