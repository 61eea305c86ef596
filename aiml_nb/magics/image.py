"""`%%image` and `%image`: its own options read, the call made ready, sent and kept."""

from __future__ import annotations

from typing import Any

from aiml_nb.errors import InvalidRequestError

from . import generate
from .context import Context


def call(context: Context) -> None:
    """Have the picture made, or show what would be asked."""
    if not generate.ready(context):
        return
    prompt, inserted = context.filled(context.prompt, context.attached)
    told: dict[str, Any] = generate.options(context)
    if "save" in context.line.options:
        told["save"] = _path(context)
    made = context.session.prepare("image", prompt, attach=[*context.attached, *inserted] or None, **told)
    if generate.sends(context) and str(made.save or "").endswith(("/", "\\")):
        _make_folder(str(made.save))
    generate.go(context, made, context.keep)


def _path(context: Context) -> str:
    """Where to save, refused now rather than after the picture was paid for."""
    from pathlib import Path

    path = context.text("save") or ""
    suffix = Path(path).suffix.lower()
    if suffix and suffix not in (".png", ".jpg", ".jpeg", ".webp", ".gif"):
        raise InvalidRequestError(
            f"--save cannot write {suffix[1:].upper()}",
            param="save",
            advice="Name a .png, .jpg or .webp file, or a folder.",
        )
    return path


def _make_folder(path: str) -> None:
    from pathlib import Path

    try:
        Path(path).expanduser().mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidRequestError(f"--save: {path} cannot be made: {error.strerror}", param="save") from None
