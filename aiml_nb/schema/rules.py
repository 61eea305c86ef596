"""Rules that only a schema's prose states, as a table: a pattern on a parameter's description, and what it asks for.

`multiple of 32`, `either prompt or multi_prompt`, `together with image_url`: read once for a form, then applied to each
payload. Pure; a rule that finds nothing to compare says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from .form import Form, Parameter
from .problem import Problem, shown

Payload = MutableMapping[str, Any]


@dataclass(frozen=True)
class Rule:
    """What one sentence asks. parameter: whose description it stands in. told: the pattern's groups. apply: gives notes, and problems."""

    parameter: Parameter
    told: tuple[str, ...]
    apply: Callable[[Form, Parameter, tuple[str, ...], Payload], Iterator[Problem | str]]

    def __call__(self, form: Form, payload: Payload) -> list[Problem | str]:
        """Problems, and notes on what was set because of the rule."""
        return list(self.apply(form, self.parameter, self.told, payload))


def rules_of(form: Form) -> list[Rule]:
    """The rules in the prose of a form's parameters."""
    found = []
    for parameter in form.parameters:
        for pattern, apply in TABLE:
            match = pattern.search(parameter.description)
            if match:
                found.append(Rule(parameter, tuple(group or "" for group in match.groups()), apply))
    return found


def value_at(payload: Mapping[str, Any], name: str) -> Any:
    """What stands at a dotted name, or None."""
    found: Any = payload
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def copied(value: Any) -> Any:
    """A dict of the user's as our own, which is written to; what stands in it stays what it is."""
    return {key: copied(item) for key, item in value.items()} if isinstance(value, dict) else value


def _multiple(_: Form, parameter: Parameter, told: tuple[str, ...], payload: Payload) -> Iterator[Problem | str]:
    step, value = int(told[0]), value_at(payload, parameter.name)
    numbers = value if isinstance(value, dict) else {"": value}
    for name, each in numbers.items():
        if isinstance(each, int) and not isinstance(each, bool) and step and each % step:
            near = f"{each // step * step} or {(each // step + 1) * step}"
            dotted = ".".join(part for part in (parameter.name, name) if part)
            yield Problem(dotted, f"{dotted} {each} must be a multiple of {step}: {near}")


def _span(_: Form, parameter: Parameter, told: tuple[str, ...], payload: Payload) -> Iterator[Problem | str]:
    value, low, high = value_at(payload, parameter.name), float(told[0]), float(told[1])
    if (
        parameter.minimum is None
        and parameter.maximum is None
        and isinstance(value, int | float)
        and not isinstance(value, bool)
    ) and not low <= value <= high:
        yield Problem(parameter.name, f"{parameter.name} {value} must be {told[0]} to {told[1]}")


def _longest(_: Form, parameter: Parameter, told: tuple[str, ...], payload: Payload) -> Iterator[Problem | str]:
    value, most = value_at(payload, parameter.name), int(told[0].replace(",", ""))
    if parameter.max_length is None and isinstance(value, str) and len(value) > most:
        yield Problem(parameter.name, f"{parameter.name} may have at most {most:,} characters; it has {len(value):,}")


def _most(_: Form, parameter: Parameter, told: tuple[str, ...], payload: Payload) -> Iterator[Problem | str]:
    value, most = value_at(payload, parameter.name), int(told[0])
    if parameter.max_items is None and isinstance(value, list) and len(value) > most:
        yield Problem(parameter.name, f"{parameter.name} may have at most {most}; it has {len(value)}")


def _one_or_more(_: Form, parameter: Parameter, told: tuple[str, ...], payload: Payload) -> Iterator[Problem | str]:
    del told
    value = value_at(payload, parameter.name)
    if isinstance(value, int | float) and (value < 1 or value % 1):
        yield Problem(parameter.name, f"{parameter.name} {value} must be a whole number from 1 on")


def _one_of(form: Form, _: Parameter, told: tuple[str, ...], payload: Payload) -> Iterator[Problem | str]:
    names = [name for name in told[:2] if form.takes(name)]
    if len(names) == 2 and not any(value_at(payload, name) is not None for name in names):
        yield Problem(names[0], f"one of {names[0]} and {names[1]} is needed")


def _either(form: Form, parameter: Parameter, told: tuple[str, ...], payload: Payload) -> Iterator[Problem | str]:
    yield from _one_of(form, parameter, told, payload)
    if all(value_at(payload, name) is not None for name in told[:2]):
        yield Problem(told[1], f"{told[0]} and {told[1]} exclude each other; give one of them")


def _together(form: Form, parameter: Parameter, told: tuple[str, ...], payload: Payload) -> Iterator[Problem | str]:
    given, other = value_at(payload, parameter.name), told[0]
    if given is not None and form.takes(other) and value_at(payload, other) is None:
        yield Problem(parameter.name, f"{parameter.name} needs {other} too")


def _only_without(form: Form, parameter: Parameter, told: tuple[str, ...], payload: Payload) -> Iterator[Problem | str]:
    """The parameter and a switch exclude each other: a switch that the user left alone is turned off."""
    switch = form.by_name.get(told[0])
    if value_at(payload, parameter.name) is None or switch is None or "boolean" not in switch.types:
        return
    if payload.get(switch.name) is True:
        yield Problem(switch.name, f"{parameter.name} does not work with {switch.name}; set it to false")
    elif switch.name not in payload and switch.default is True:
        payload[switch.name] = False
        yield f"{switch.name} is off: the model needs that for {parameter.name}"


def _only_value(form: Form, _: Parameter, told: tuple[str, ...], payload: Payload) -> Iterator[Problem | str]:
    """With one parameter, another one can have one value only."""
    cause, name, only = told[0], told[1], int(told[2])
    other = form.by_name.get(name)
    if other is None or value_at(payload, cause) is None:
        return
    if payload.get(name) not in (None, only):
        yield Problem(name, f"{name} {shown(payload[name])} must be {only} together with {cause}")
    elif name not in payload and other.default != only:
        payload[name] = only
        yield f"{name} is {only}: the model needs that for {cause}"


def _own_only_value(
    form: Form, parameter: Parameter, told: tuple[str, ...], payload: Payload
) -> Iterator[Problem | str]:
    return _only_value(form, parameter, (parameter.name, *told), payload)


def _stands_in(form: Form, parameter: Parameter, told: tuple[str, ...], payload: Payload) -> Iterator[Problem | str]:
    """A switch that makes what is missing: turned on when neither it nor its peers were touched."""
    missing = told[0]
    peers = [p.name for p in form.parameters if f"the {missing} field is not required" in p.description]
    if (
        form.takes(missing)
        and value_at(payload, missing) is None
        and not any(n in payload for n in [parameter.name, *peers])
    ):
        payload[parameter.name] = True
        other = f"; --{peers[0]} true does without" if peers else ""
        yield f"{parameter.name} is on: no {missing} were given{other}"


#: Patterns and what they ask for. The groups are the numbers or the names in the sentence.
TABLE: tuple[tuple[re.Pattern[str], Callable[..., Iterator[Problem | str]]], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), apply)
    for pattern, apply in (
        (r"multiples? of (\d+)", _multiple),
        (
            r"(?:must be|float(?: value)?|integer|number) between (-?\d+(?:\.\d+)?) and (-?\d+(?:\.\d+)?)(?![\w%-])",
            _span,
        ),
        (r"\bmaximum (?:of |length:? )?([\d,]+) characters", _longest),
        (r"^the number of (?:\w+ )?(?:images|videos|pictures) to", _one_or_more),
        (r"^up to (\d+) (?!seconds|minutes|characters|tokens)", _most),
        (r"at least one of `?(\w+)`? (?:or|and) `?(\w+)`? (?:is required|must be|should be)", _one_of),
        (
            r"either `?(\w+)`? or `?(\w+)`? (?:must|should|has to) be (?:provided|specified|given|set),? but not both",
            _either,
        ),
        (r"(?:provide|use|set|specify) it together with `?(\w+)`?", _together),
        (r"must be (?:used|provided|specified) (?:together )?with `?(\w+)`?", _together),
        (r"not supported when `?(\w+)`? is (?:enabled|on|true)", _only_without),
        (r"when using (\w+), the (\w+) can only be (\d+)", _only_value),
        (r"when using this parameter, the (\w+) can only be (\d+)", _own_only_value),
        (r"when set to true and (\w+) is empty", _stands_in),
    )
)
