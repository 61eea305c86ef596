"""The folder where this package keeps what is the user's: the store and the keys. It knows nothing of what is in it."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """`AIML_NB_HOME`, or the user's data directory as the system has it. It need not exist yet."""
    named = os.environ.get("AIML_NB_HOME", "").strip()
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("aiml_nb", appauthor=False)
