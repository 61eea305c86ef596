"""From an answer to a result: the files that it tells of are fetched at once, for their links expire, and kept for good."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..errors import APIError
from ..media.files import File, decoded, mime_of_body
from ..media.image import Images, Picture
from ..render.picture import open_image, pixel_hash

if TYPE_CHECKING:
    from ..client import Answer
    from ..media.files import Found
    from ..operation import Operation
    from .call import Call
    from .ledger import Ledger


def result(call: Call, ledger: Ledger, op: Operation[Any], body: Any, media: Mapping[str, Path] | None = None) -> Any:
    """The medium's result of an answer's JSON. media: the files that the client took out of the answer while it came."""
    kind, media = call.kind, media or {}
    sources = [_fetched(row, media, call, ledger, op) for row in kind.module.found(body)]
    try:
        if kind.name == "image":
            made = _images(call, ledger, body, sources)
        else:
            kept = [ledger.keep(source, File.of(source, cast("Found", row), kind.name).mime) for source, row in sources]
            extra = {"inputs": call.inputs} if kind.name == "embedding" else {}
            made = kind.result.from_json(body, kept, model=call.model, provider=call.provider, **extra)
    finally:
        for source, _ in sources:
            source.unlink(missing_ok=True)
    made.notes = [*call.notes, *made.notes]
    return made


def from_body(call: Call, ledger: Ledger, answer: Answer) -> Any:
    """The result of an answer that is itself the file, as speech is; None when it is JSON."""
    mime = mime_of_body(answer.headers.get("content-type", ""), answer.content[:64])
    if mime is None or not call.kind.downloads:
        return None
    kept = ledger.keep(answer.content, mime)
    made = call.kind.result.from_json({}, [kept], model=call.model, provider=call.provider)
    made.notes = list(call.notes)
    return made


def _fetched(
    row: Mapping[str, Any], media: Mapping[str, Path], call: Call, ledger: Ledger, op: Operation[Any]
) -> tuple[Path, Mapping[str, Any]]:
    """A file of the answer on this disk, and the row that told of it."""
    scratch = ledger.store.media.scratch()
    name = f"{call.request_id}-{call.medium}"
    if url := row.get("url"):
        return call.client.download(str(url), scratch, name=name, op=op, kinds=call.kind.downloads), row
    text = str(row.get("b64") or row.get("b64_json") or "")
    if text in media:
        return media[text], row
    if not text:
        raise APIError("a file of the answer is empty", advice="Run it again, or try another model.")
    target = scratch / f"{name}-{abs(hash(text)) % 10**12}"
    target.write_bytes(decoded(text))
    return target, row


def _images(call: Call, ledger: Ledger, body: Any, sources: list[tuple[Path, Mapping[str, Any]]]) -> Images:
    pictures = [_picture(source, row, ledger) for source, row in sources]
    return Images.from_json(body, pictures, model=call.model, provider=call.provider, seed=_seed(call.body))


def _picture(source: Path, row: Mapping[str, Any], ledger: Ledger) -> Picture:
    """A picture, checked by decoding it, its original in the media store."""
    image = open_image(source)
    mime = f"image/{(image.format or 'png').lower()}"
    url = row.get("url")
    return Picture(
        ledger.keep(source, mime), mime, image.size, pixel_hash(image), str(url) if url else None, _seed(row)
    )


def _seed(told: Mapping[str, Any]) -> int | None:
    seed = told.get("seed")
    return seed if isinstance(seed, int) and not isinstance(seed, bool) else None
