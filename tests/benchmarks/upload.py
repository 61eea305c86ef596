"""A PDF of 50 MB attached to a prompt: memory over what was in use before, and seconds."""

from __future__ import annotations

import base64
import os
import tempfile
from pathlib import Path

from measure import Bar, main, our_session, peak, their_client, wall

SIZE = 50_000_000


def pdf(size: int) -> Path:
    """A valid PDF of one empty page, most of whose bytes are one stream that nothing uses."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
    ]
    with tempfile.NamedTemporaryFile(suffix=".pdf", delete=False) as file:
        offsets = []
        file.write(b"%PDF-1.4\n")
        for number, body in enumerate(objects, 1):
            offsets.append(file.tell())
            file.write(b"%d 0 obj%b endobj\n" % (number, body))
        offsets.append(file.tell())
        file.write(b"4 0 obj<</Length %d>>stream\n" % size)
        for at in range(0, size, 1 << 20):
            file.write(os.urandom(min(1 << 20, size - at)))
        file.write(b"\nendstream endobj\n")
        start = file.tell()
        file.write(b"xref\n0 5\n0000000000 65535 f \n")
        file.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
        file.write(b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start)
    return Path(file.name)


def ours(url: str) -> dict[str, float]:
    session, out, small, large = our_session(url), {}, pdf(1000), pdf(SIZE)
    try:
        session.chat("What is this?", model="line", attach=small)
        with peak(out), wall(out):
            reply = session.chat("What is this?", model="line", attach=large)
        assert "A short answer." in reply.text
    finally:
        small.unlink()
        large.unlink()
    return out


def theirs(url: str) -> dict[str, float]:
    client, out, small, large = their_client(url), {}, pdf(1000), pdf(SIZE)

    def ask(path: Path) -> str:
        data = "data:application/pdf;base64," + base64.b64encode(path.read_bytes()).decode()
        content = [{"type": "text", "text": "What is this?"}]
        content += [{"type": "file", "file": {"file_data": data, "filename": path.name}}]
        stream = client.chat.completions.create(
            model="line", messages=[{"role": "user", "content": content}], stream=True
        )
        return "".join((chunk.choices and chunk.choices[0].delta.content) or "" for chunk in stream)

    try:
        ask(small)
        with peak(out), wall(out):
            assert "A short answer." in ask(large)
    finally:
        small.unlink()
        large.unlink()
    return out


if __name__ == "__main__":
    main(
        __file__,
        {"ours": ours, "openai": theirs},
        [
            Bar("memory to attach 50 MB", "ours.peak", "", 5e6, "bytes"),
            Bar("time to attach 50 MB", "ours.wall", "openai.wall", 1 / 3, "s"),
        ],
        runs=5,
    )
