"""The debug log: one line a call into the file that `AIML_NB_LOG` names, never a key, a query or a body."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from ..settings.secret import scrub

log = logging.getLogger("aiml_nb.client")
log.addHandler(logging.NullHandler())

#: What httpx and httpcore tell at DEBUG may hold a header in which a server echoes the key.
_TALKATIVE = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "httpcore.socks")

_open: dict[str, logging.Handler] = {}


class _Scrub(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = scrub(record.getMessage()), ()
        return True


_scrub = _Scrub()


def set_up() -> None:
    """Follow `AIML_NB_LOG` as it is now; a file that cannot be written is an error in the log's own voice, not ours."""
    for talker in _TALKATIVE:
        logging.getLogger(talker).addFilter(_scrub)  # the same one: added once
    name = os.environ.get("AIML_NB_LOG", "").strip()
    if name in _open or (not name and not _open):
        return
    for handler in _open.values():
        log.removeHandler(handler)
        handler.close()
    _open.clear()
    if not name:
        return
    path = Path(name).expanduser()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(threadName)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    log.propagate = False
    _open[name] = handler
