"""What a common word's value becomes under a model's own name: seconds as milliseconds or frames, `en` as English, an effort as
a budget of tokens. Only what the word means is used; whether the result is allowed is `conform`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .conform import choose
from .form import Form, Parameter
from .reading import leaves, number, types_of
from .words import BUDGETS, LANGUAGES, SYNONYMS

_SECONDS = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:s|sec|secs|seconds?)?\s*", re.IGNORECASE)
_CLOCK = re.compile(r"\s*(\d+):([0-5]\d)\s*")
_RATES = ("frames_per_second", "fps", "frame_rate")


def convert(word: str, value: Any, parameter: Parameter, form: Form, request: Mapping[str, Any]) -> tuple[Any, str]:
    """`value` in the terms of `parameter`, and a note on what was chosen (empty when nothing was).

    word: the common word. request: what else was asked, for the frame rate that a duration depends on.
    """
    if word == "duration":
        return _duration(value, parameter, form, request)
    if word == "language":
        return _language(value, parameter), ""
    if word == "format":
        return _format(value, parameter)
    if word == "effort":
        return _effort(value, parameter, request)
    return _inside(value, parameter), ""


def _duration(value: Any, parameter: Parameter, form: Form, request: Mapping[str, Any]) -> tuple[Any, str]:
    seconds = _amount(value)
    if seconds is None:
        return value, ""
    if parameter.name.endswith("_ms") or "in milliseconds" in parameter.description.lower():
        return round(seconds * 1000), ""
    if parameter.name == "num_frames":
        rate = _rate(form, request)
        frames = round(seconds * rate)
        return frames, f"{number(float(seconds))} s are {frames} frames, at {number(rate)} a second"
    if "string" in parameter.types and "integer" not in parameter.types and "number" not in parameter.types:
        return value, ""
    return (int(seconds) if float(seconds).is_integer() else seconds), ""


def _amount(value: Any) -> float | None:
    """A number, or one in text: `5`, `5s`, `1:30`."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    told = _SECONDS.fullmatch(value) if isinstance(value, str) else None
    clock = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if clock:
        return 60 * int(clock[1]) + int(clock[2])
    return float(told[1]) if told else None


def _rate(form: Form, request: Mapping[str, Any]) -> float:
    """Frames a second: as asked, else the model's default, else 24."""
    for name in _RATES:
        asked = _amount(request.get(name))
        if asked:
            return asked
    known = [form.by_name[name].default for name in _RATES if form.takes(name)]
    return float(next((rate for rate in known if isinstance(rate, int | float)), 24))


def _language(value: Any, parameter: Parameter) -> Any:
    """A code as the name that the choices have, or the other way round."""
    if not isinstance(value, str) or not parameter.choices or choose(parameter.choices, value) is not None:
        return value
    code = value.lower().replace("_", "-").split("-")[0]
    names = [LANGUAGES.get(code), *(code for code, name in LANGUAGES.items() if name.lower() == value.lower())]
    for name in names:
        found = choose(parameter.choices, name) if name else None
        if found is not None:
            return found
    return value


def _format(value: Any, parameter: Parameter) -> tuple[Any, str]:
    """`jpg` for jpeg; `mp3` for the model's usual one of mp3_44100_64, mp3_44100_128, …"""
    if not isinstance(value, str) or not parameter.choices or choose(parameter.choices, value) is not None:
        return value, ""
    for same in SYNONYMS.get(value.lower(), ()):
        if choose(parameter.choices, same) is not None:
            return same, ""
    family = [choice for choice in parameter.choices if str(choice).lower().startswith(f"{value.lower()}_")]
    if not family:
        return value, ""
    chosen = parameter.default if parameter.default in family else family[-1]
    return chosen, f"{value} is {chosen} here; there are {len(family)} of that kind"


def _effort(value: Any, parameter: Parameter, request: Mapping[str, Any]) -> tuple[Any, str]:
    """An effort in words, for a model that is only told to think, and for how many tokens."""
    if "object" not in parameter.types and "boolean" not in parameter.types:
        return value, ""
    off = value is False or (isinstance(value, str) and value.lower() in ("none", "off", "disabled", "false"))
    if "boolean" in parameter.types:
        return (not off if off or (isinstance(value, str) and value.lower() in BUDGETS) else value), ""
    kinds = _kinds_of_thinking(parameter)
    if off and "disabled" in kinds:
        return {"type": "disabled"}, ""
    if not isinstance(value, str) or value.lower() not in BUDGETS:
        return (kinds and {"type": value} if value in kinds else value), ""
    if "budget_tokens" in kinds.get("enabled", ()):
        tokens, most = BUDGETS[value.lower()], _amount(request.get("max_tokens"))
        if most and most <= tokens:  # what is thought counts as output
            tokens = max(BUDGETS["minimal"], int(most * 3 / 4))
        return {
            "type": "enabled",
            "budget_tokens": tokens,
        }, f"effort {value} is a budget of {tokens:,} tokens to think with"
    return {"type": next((kind for kind in ("adaptive", "enabled") if kind in kinds), value)}, ""


def _kinds_of_thinking(parameter: Parameter) -> dict[str, Sequence[str]]:
    """The values of `type` to the names that each needs besides."""
    found: dict[str, Sequence[str]] = {}
    for leaf in leaves(parameter.schema):
        properties = leaf.get("properties") or {}
        for kind in (properties.get("type") or {}).get("enum") or ():
            found[kind] = [name for name in leaf.get("required") or () if name != "type"]
    return found


def _inside(value: Any, parameter: Parameter) -> Any:
    """One plain value where the model wants it in an object, or in a list of them: a voice as `[{"preset": voice}]`."""
    if isinstance(value, dict | list) or not {"object", "array"} & set(parameter.types):
        return value
    if "string" in parameter.types:
        return _numbers(value) if "array" in parameter.types else value
    if isinstance(value, str) and value.lstrip()[:1] in {"{", "["}:
        return value
    opened = list(leaves(parameter.schema))
    listed = next((leaf for leaf in opened if "array" in types_of(leaf)), None)
    boxes = list(leaves(listed.get("items") or {})) if listed else opened
    box = next((leaf for leaf in boxes if "object" in types_of(leaf) and leaf.get("properties")), None)
    if box is None:
        return value
    properties = box["properties"]
    names = [
        *(box.get("required") or ()),
        *(n for n in ("id", "voice_id", "name", "preset", "voice") if n in properties),
    ]
    if not names:
        return value
    return [{names[0]: value}] if listed else {names[0]: value}


def _numbers(value: Any) -> Any:
    """A list of whole numbers that was typed, as `[0, 1]` for pages; anything else as it is."""
    if not isinstance(value, str) or not re.fullmatch(r"\s*\[[\d\s,]*\]\s*", value):
        return value
    return [int(number) for number in re.findall(r"\d+", value)]
