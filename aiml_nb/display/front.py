"""Which front end is this: where a drawing goes, and whether somebody watches it. It knows nothing of what is drawn.

Measured: the execute request's `allow_stdin` is true from JupyterLab 4 and Notebook 7, false from nbclient, nbval,
nbconvert, papermill, nbmake and Voila. Only read about, not tried:

- Colab and VS Code: the protocol's default for a front end with `input()` is true, and both apply updates of a display
  by its id. Colab drops traits that threads set on widgets, so nothing here uses widgets. VS Code has ignored updates
  of *metadata*, so a picture's width there may be the original's.
- jupyter-console and qtconsole also say true, and may ignore updates: use `AIML_NB_DISPLAY=print` (or `final`) there.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from ..errors import InvalidRequestError, SettingsError

MODES = ("live", "final", "print")

#: The environment variable that decides where no argument does.
VARIABLE = "AIML_NB_DISPLAY"


def shell() -> Any:
    """The running IPython shell, or None; IPython is not imported for the question."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def kernel(ip: Any) -> Any:
    """The kernel that `ip` runs in, or None in a terminal."""
    return getattr(ip, "kernel", None)


def mode(asked: str | None = None) -> str:
    """One of `MODES` for this execution: `asked`, else the environment's word, else what the front end is.

    "live" where nothing can be updated is given as what comes nearest: "print" in a terminal, "final" under `%%capture`.
    Raises InvalidRequestError or SettingsError for a word that is no mode ("auto" and "" mean: decide).
    """
    chosen = _checked(asked, InvalidRequestError) or _checked(os.environ.get(VARIABLE), SettingsError)
    if chosen not in {"", "live"}:
        return chosen
    ip = shell()
    if ip is not None and _captured(ip):
        return "final"
    if kernel(ip) is None:
        return "print"
    return chosen or ("live" if watched(ip) else "final")


def watched(ip: Any) -> bool:
    """True when the request that is being executed came from somebody who could be asked for input."""
    try:
        return bool(ip.kernel.get_parent()["content"].get("allow_stdin", False))
    except (AttributeError, KeyError, TypeError):
        # A kernel of another make, or no request at all: a single display is right everywhere.
        return False


def publish(
    data: dict[str, Any], metadata: dict[str, Any] | None = None, *, handle: str | None = None, update: bool = False
) -> None:
    """Send one mime bundle to the front end: a new output, or with `update` the new content of the one called `handle`."""
    transient = {"display_id": handle} if handle else {}
    shell().display_pub.publish(data=data, metadata=metadata or {}, transient=transient, update=update)


def _checked(word: str | None, error: type[InvalidRequestError | SettingsError]) -> str:
    word = (word or "").strip().lower()
    if word in {"", "auto"}:
        return ""
    if word in MODES:
        return word
    where = VARIABLE if error is SettingsError else "the display mode"
    raise error(
        f"{where} cannot be {word[:30]!r}",
        advice=f"It is one of {', '.join(MODES)}; leave it out to let it be decided.",
    )


def _captured(ip: Any) -> bool:
    """True under `%%capture`, which keeps every update as an output of its own."""
    from IPython.core.displaypub import CapturingDisplayPublisher

    return isinstance(ip.display_pub, CapturingDisplayPublisher)
