"""A call as the text of a cell: `%%image -m flux/schnell --seed 7`, then the prompt, so that it can be run again and kept.

Common words where they mean the same, else the model's own names. Braces that a cell would fill are escaped. Pure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..content import Attachment
from ..schema import Form
from ..template import find

#: What needs no quotes on a magic's line.
_BARE = re.compile(r"(?![-+.\d])[\w./:@+%=&?~-]+\Z")
_LOOKS_LIKE = re.compile(r"(true|false|null|none)\Z", re.IGNORECASE)

#: Words whose value is told in another unit than the model's own.
_CONVERTED = ("duration", "language", "format", "effort")

Place = Callable[[Attachment], Path]


def cell_text(medium: str, model: str, prompt: str, values: Mapping[str, Any], form: Form, place: Place) -> str:
    """The cell that asks for the same. values: by the model's own names. place: where an attachment's bytes are, as a file."""
    sizes = [name for name in values if form.word(name) == "size"]
    options = [f"-m {_shown(model)}"]
    for name, value in values.items():
        word = form.word(name) or name
        if word != name and (word in _CONVERTED or (word == "size" and len(sizes) > 1)):
            word = name
        options += _option(word, value, place)
    line = " ".join(options)
    prompt = _escaped(prompt.strip("\n"))
    return f"%%{medium} {line}\n{prompt}" if prompt.strip() else f"%{medium} {line}"


def _option(name: str, value: Any, place: Place) -> list[str]:
    if isinstance(value, list) and value and isinstance(value[0], Attachment):
        return [_file(name, value, place)]
    if isinstance(value, dict) and {"width", "height"} == set(value):
        return [f"--{name} {value['width']}x{value['height']}"]
    if isinstance(value, str) and ("\n" in value or value.endswith("\\")):
        return [f"-p {name}={json.dumps(_escaped(value), ensure_ascii=False)}"]
    return [f"--{name} {_shown(value)}"]


def _file(name: str, attachments: list[Attachment], place: Place) -> str:
    told = [each.url or place(each).as_posix() for each in attachments]
    return f"--{name} {_shown(told[0] if len(told) == 1 else told)}"


def _shown(value: Any) -> str:
    """A value as a magic's line reads it back."""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if _BARE.match(value) and not _LOOKS_LIKE.match(value):
        return value
    return '"' + _escaped(value).replace('"', '\\"') + '"'


def _escaped(text: str) -> str:
    """The text with a backslash before each `{{ … }}` that a cell would fill."""
    for found in reversed(find(text)):
        if not found.escaped:
            text = f"{text[: found.start]}\\{text[found.start :]}"
    return text
