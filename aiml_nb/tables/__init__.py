"""What is listed, as tables: models, one model, jobs, usage. Each is a Page that a notebook and a terminal can show.

The magics and the command line print the same ones. Nothing here sends a call, parses a line or knows a front end.
"""

from __future__ import annotations

from .page import Page, Table

__all__ = ["Page", "Table"]
