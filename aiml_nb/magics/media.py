"""The magics of every medium but chat, and `%%generate`, which picks the medium by the catalogue: one way for all of them.

The line is read, the call made ready, sent, drawn and kept. What a medium takes is told by its schema, not here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import InvalidRequestError, shorten
from . import generate
from .chat import MAIN
from .context import Context
from .line import Value, expression_end
from .options import BY_MEDIUM
from .spelling import is_models_own, near_word

#: Words that may stand in place of a prompt, whichever medium they are of.
_ENOUGH = {"text", "input", "lyrics", "url", "image", "images", "front", "first", "video", "audio", "document"}

#: Media that work on a file, and what it is.
_FILE = {"transcript": "recording", "ocr": "scan or PDF", "mesh": "picture"}


def call(context: Context) -> None:
    """Have it made, or show what would be asked."""
    line = context.line
    also = bool(line.many("param")) or any(name.rpartition("_url")[0] or name in _ENOUGH for name in line.params)
    if not generate.ready(context, also=also):
        return
    medium = context.magic.medium or _picked(context)
    told = _told(context, medium)
    prompt, inserted = _prompt(context)
    made = context.session.prepare(medium, prompt, attach=[*context.attached, *inserted] or None, **told)
    if made.form is None:
        _refuse_misspelled(context, medium)
    generate.go(context, made, lambda result: context.keep(result, medium=medium))


def _picked(context: Context) -> str:
    """The medium of the model that the line names."""
    model = context.text("model")
    if model is None:
        raise InvalidRequestError(
            f"%%{context.name} needs a model",
            param="model",
            advice=f"As in: %%{context.name} -m MODEL. %aiml models WORDS finds one; %%image, %%video … have defaults.",
        )
    return context.session.medium(model, context.text("at"))


def _told(context: Context, medium: str) -> dict[str, Any]:
    told: dict[str, Any] = generate.options(context)
    if medium == "chat":
        if "save" in context.line.options:
            raise InvalidRequestError(
                "a chat's reply is no file to --save", param="save", advice="Keep it in a variable: -o NAME."
            )
        return {**told, "conversation": MAIN, "cell": context.cell}
    if "save" in context.line.options:
        told["save"] = context.text("save")
    _refuse_path_as_prompt(context, medium, told)
    return told


def _prompt(context: Context) -> tuple[Any, list[Any]]:
    """The prompt, filled; for texts to embed a list, where one is given or each line is one."""
    text = context.prompt.strip()
    if context.magic.medium == "embedding":
        each_line = context.line.flag("lines")
        if text.startswith("{{") and expression_end(text, 0) == len(text):
            texts = _texts(context.value(Value(text)))
            if texts is not None:
                if each_line:
                    raise InvalidRequestError(
                        f"{shorten(text, 40)} is a list already", param="lines", advice="Leave out --lines."
                    )
                return texts, []
        if each_line:
            filled, inserted = context.filled(context.prompt, context.attached)
            return [row.strip() for row in filled.splitlines() if row.strip()], inserted
    return context.filled(context.prompt, context.attached)


def _texts(value: Any) -> list[str] | None:
    """A list, tuple, array or column of texts as a list; None for anything else."""
    value = value.tolist() if hasattr(value, "tolist") else value
    if not isinstance(value, list | tuple):
        return None
    if not value or not all(isinstance(each, str) for each in value):
        raise InvalidRequestError(
            "the list to embed is empty" if not value else "not everything in the list is text",
            param="prompt",
            advice="Embed a list of texts; [str(x) for x in numbers] makes texts of anything.",
        )
    return list(value)


def _refuse_path_as_prompt(context: Context, medium: str, told: dict[str, Any]) -> None:
    """`%ocr scan.pdf`: a file's name would be taken for words."""
    text = context.prompt.strip()
    if medium not in _FILE or not text or context.line.many("attach") or "{{" in text or "://" in text:
        return
    if text.startswith("data:") or _ENOUGH & told.keys():
        return
    is_file = "\n" not in text and len(text) < 1000 and Path(text.strip("\"'")).expanduser().is_file()
    if is_file or medium != "mesh":
        quoted = f'"{text}"' if " " in text and text[0] not in "\"'" else text
        raise InvalidRequestError(
            f"the {_FILE[medium]} is not attached; words alone are nothing to work on",
            param="attach",
            advice=f"As in: %{context.name} -a {shorten(quoted, 80) if is_file else 'FILE'}",
        )


def _refuse_misspelled(context: Context, medium: str) -> None:
    """Without a schema nobody checks a parameter's name, so one that is nearly a common word is taken for a slip."""
    words = [*BY_MEDIUM[medium].words, *BY_MEDIUM[medium].files]
    for name in context.line.params:
        near = near_word(name, words)
        if near and name not in words and not is_models_own(name):
            raise InvalidRequestError(
                f"there is no option --{name}",
                param=name,
                advice=f"Did you mean --{near}? A parameter that really is called so: -p {name}=VALUE",
            )
