"""`save=`: the copy of a result that the user wants under a name of his own, checked before the call and written after it.

The originals are in the store in any case, so what cannot be written after a call is said on the cell and never an error:
what was paid for is not lost. It knows which kinds of file each medium can give.
"""

from __future__ import annotations

import importlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InvalidRequestError, shorten

if TYPE_CHECKING:
    from .call import Call

_SOUND = (".mp3", ".wav", ".flac", ".ogg", ".opus", ".aac", ".m4a", ".pcm", ".mp4", ".webm")

#: What the name of a saved file may end in, by medium; the first is what one without an ending gets where it is text.
SUFFIXES: dict[str, tuple[str, ...]] = {
    "image": (".png", ".jpg", ".jpeg", ".webp", ".gif"),
    "video": (".mp4", ".webm", ".mov", ".mkv", ".gif"),
    "speech": _SOUND,
    "music": _SOUND,
    "mesh": (".glb", ".gltf", ".obj", ".stl", ".ply", ".fbx", ".usdz", ".zip"),
    "transcript": (".txt", ".srt", ".vtt", ".json"),
    "embedding": (".csv", ".json", ".npy"),
    "ocr": (".md", ".txt", ".json"),
}


def check(medium: str, path: str) -> None:
    """Refuse a name that no result of the medium can have, or a place that cannot be written. Raises InvalidRequestError."""
    known = SUFFIXES.get(medium, ())
    suffix = Path(path).suffix.lower()
    if not path.strip() or (suffix and suffix not in known and not Path(path).expanduser().is_dir()):
        raise InvalidRequestError(
            f"cannot save {medium} as {shorten(suffix or 'nothing', 20)}",
            param="save",
            advice=f"Name a file that ends in {', '.join(known[:4])}, or a folder/.",
        )
    _check_place(path)


def _check_place(path: str) -> None:
    """Look, and make nothing yet: a place that cannot be written is better known before the call is paid for."""
    folder = Path(f"{path}-").expanduser().parent  # of `foxes/` it is foxes
    ground = next((each for each in (folder, *folder.parents) if os.access(each, os.F_OK)), folder)
    if not (ground.is_dir() and os.access(ground, os.W_OK)):
        raise InvalidRequestError(
            f"cannot save to {shorten(str(folder), 80)}: {ground.name or ground} is "
            + ("not yours to write in" if ground.is_dir() else "no folder"),
            param="save",
            advice="Name another folder.",
        )


def save(call: Call, made: Any) -> None:
    """Write the copy that `call.save` asks for; a file of another kind than its name says gets its own ending, and a note."""
    if not call.save:
        return
    target = Path(call.save).expanduser()
    try:
        if call.save.endswith(("/", "\\")):
            target.mkdir(parents=True, exist_ok=True)
        made.saved = _files(made, target) if hasattr(made, "save") else [_text(call.medium, made, target)]
    except (InvalidRequestError, OSError) as error:
        why = error.message if isinstance(error, InvalidRequestError) else f"{target}: {error.strerror}"
        made.notes = [*made.notes, f"not saved: {why}; -o NAME or the variable has it"]


def _files(made: Any, target: Path) -> list[Path]:
    suffix = made.paths[0].suffix
    given = target.suffix.lower().replace(".jpeg", ".jpg")
    if not target.is_dir() and given and suffix not in ("", ".bin") and given != suffix.replace(".jpeg", ".jpg"):
        made.notes = [*made.notes, f"the model made {suffix[1:].upper()}, so it is saved as {target.stem}{suffix}"]
        target = target.with_suffix(suffix)
    written = made.save(target)
    return list(written) if isinstance(written, list) else [written]


def _text(medium: str, made: Any, target: Path) -> Path:
    """Write a result that is text or numbers in the form that the name asks for."""
    if target.is_dir():
        target = target / f"{medium}{SUFFIXES[medium][0]}"
    if not target.suffix:
        target = target.with_suffix(SUFFIXES[medium][0])
    target.parent.mkdir(parents=True, exist_ok=True)
    suffix = target.suffix.lower()
    if suffix == ".npy":
        _numpy(made, target)
    else:
        target.write_text(_written(made, suffix), encoding="utf-8", newline="")
    return target


def _written(made: Any, suffix: str) -> str:
    if suffix == ".json":
        return json.dumps(made.raw, ensure_ascii=False, indent=1, default=str)
    if suffix in (".srt", ".vtt"):
        return str(getattr(made, suffix[1:])())
    return _csv(made) if suffix == ".csv" else str(made.text)


def _csv(made: Any) -> str:
    """A row for each text: itself, then its numbers."""
    import csv
    import io

    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["text", *range(made.dimensions)])
    rows.writerows([text, *vector] for text, vector in zip(made.inputs, made.vectors, strict=True))
    return out.getvalue()


def _numpy(made: Any, target: Path) -> None:
    try:
        numpy = importlib.import_module("numpy")
    except ImportError:
        raise InvalidRequestError("numpy is not installed, which .npy needs", param="save") from None
    numpy.save(target, made.to_numpy())
