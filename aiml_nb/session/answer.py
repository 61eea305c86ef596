"""The work of a call that answers at once: send it, fetch what came, and make the result of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..errors import Interrupted
from . import saving

if TYPE_CHECKING:
    from ..operation import Operation
    from .call import Call
    from .ledger import Ledger


def run(call: Call, ledger: Ledger, op: Operation[Any]) -> Iterator[Any]:
    """Send `call`; yield the result once all of it is here. The ledger's row is written however it ends."""
    from . import files

    entry = ledger.begin(call)
    call.tell(op)
    begun = time.perf_counter()
    try:
        answer = call.send_media(op, ledger.store.media.scratch())
        call.note_answer(answer)
        made = files.from_body(call, ledger, answer) or files.result(call, ledger, op, answer.json(), answer.media)
        made.time(time.perf_counter() - begun)
        made.id = answer.request_id or made.id
        made.limits = answer.limits
        made.cost = made.cost or answer.cost or (call.entry.cost(made.usage) if call.entry else None)
    except KeyboardInterrupt as error:
        entry.stopped(None)
        if isinstance(error, Interrupted):
            raise
        raise Interrupted("stopped; the provider may still finish and charge for it") from None
    except BaseException as error:
        entry.failed(error, None)
        raise
    entry.done(made)
    saving.save(call, made)
    yield made
