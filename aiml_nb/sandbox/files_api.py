"""GET /files/NAME: what answers point to. In one piece, or the part that a `Range` header asks for, as players do."""

from __future__ import annotations

import re

from .base import Handler
from .refusal import Refusal

_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")


class FileHandler(Handler):
    """A file that an answer pointed to. It is public, so a key sent along is refused: it should not leave the API's paths."""

    needs_key = False

    async def read(self, name: str = "", **_: str) -> None:
        """Answer a GET."""
        if self.request.headers.get("Authorization"):
            raise Refusal(
                400, "Files need no key, and a key was sent along. A key belongs to the API's own paths only."
            )
        if name not in self.shop.files:
            raise Refusal(404, "This file is gone: the sandbox keeps its last 200 files, while it runs.")
        data, kind = self.shop.files[name]
        part = _RANGE.fullmatch(self.request.headers.get("Range", ""))
        if part is None:
            self.head(200, kind)
            self.set_header("Accept-Ranges", "bytes")
            await self.finish(data)
            return
        start, end = int(part[1]), min(int(part[2] or len(data)), len(data) - 1)
        if start > end:
            raise Refusal(416, f"The file has {len(data)} bytes.", {"Content-Range": f"bytes */{len(data)}"})
        self.head(206, kind)
        self.set_header("Content-Range", f"bytes {start}-{end}/{len(data)}")
        await self.finish(data[start : end + 1])
