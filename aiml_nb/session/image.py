"""The work of an image call: ask, fetch what came, keep the original bytes, and make the pictures of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiml_nb.errors import APIError, Interrupted
from aiml_nb.media.image import Images, Picture, found

if TYPE_CHECKING:
    from aiml_nb.operation import Operation

    from .call import Call
    from .ledger import Ledger


def run(call: Call, ledger: Ledger, op: Operation[Images]) -> Iterator[Images]:
    """Send `call`; yield the images once they are here. The ledger's row is written however it ends."""
    entry = ledger.begin(call)
    call.tell(op)
    begun = time.perf_counter()
    try:
        answer = call.client.request_media(
            call.method,
            call.path,
            json=call.body,
            folder=ledger.store.media.scratch(),
            timeout=call.timeout,
            op=op,
            request_id=call.request_id,
        )
        body = answer.json()
        pictures = [_picture(row, answer.media, call, ledger, op) for row in found(body)]
        images = Images.from_json(body, pictures, model=call.model, provider=call.provider, seed=_seed(call.body))
        images.time(time.perf_counter() - begun)
        images.id = answer.request_id or images.id
        images.cost = images.cost or answer.cost
        images.notes = call.notes
        if call.save:
            images.saved = images.save(call.save)
    except KeyboardInterrupt as error:
        entry.stopped(None)
        if isinstance(error, Interrupted):
            raise
        raise Interrupted("stopped; the provider may still finish and charge for it") from None
    except BaseException as error:
        entry.failed(error, None)
        raise
    entry.done(images)
    yield images


def _picture(
    row: Mapping[str, Any], media: Mapping[str, Path], call: Call, ledger: Ledger, op: Operation[Images]
) -> Picture:
    """One picture from a row of the answer, checked by decoding it, its original in the media store."""
    from aiml_nb.render.picture import open_image, pixel_hash

    url = row.get("url")
    if url:
        source = call.client.download(
            str(url), ledger.store.media.scratch(), name=f"{call.request_id}-image", op=op, kinds=("image",)
        )
    else:
        source = media.get(str(row["b64_json"]), Path())
        if not source.is_file():
            raise APIError("the answer's picture is not base64", advice="Run the cell again, or try another model.")
    try:
        image = open_image(source)
        image.load()
        mime = f"image/{(image.format or 'png').lower()}"
        kept = ledger.keep(source, mime)
        return Picture(kept, mime, image.size, pixel_hash(image), str(url) if url else None, _seed(row))
    finally:
        source.unlink(missing_ok=True)


def _seed(told: Mapping[str, Any]) -> int | None:
    seed = told.get("seed")
    return seed if isinstance(seed, int) else None
