"""The built-in provider: a small server on loopback that speaks OpenAI's JSON and the AI/ML API's, and runs no AI.

It lets a notebook run without a key, over real HTTP, in all nine media. Answers are made from the request alone, so the
same request gets the same answer on every machine: chat says what reached it, pictures are drawn by Pillow, films slide
past them, voices and melodies are tones, transcripts read back what the sandbox itself has spoken. Nothing costs anything.

    server = start()                  # a free port, its own daemon thread
    server.url, server.key            # "http://127.0.0.1:40123", "sandbox"
    server.stop()

`shared()` is the one server of this process, started on first use; `serve(port)` blocks, for the command line.

Faults for lessons and tests: write `FAULT name` in the prompt, or put `/faults/name` in front of the path
(`http://127.0.0.1:40123/faults/429/v1`). The names are in `sandbox.faults`.

This package knows the wire only: nothing of settings, the client, IPython or who calls. Tornado, Pillow and pypdf are
imported when they are needed, not before.
"""

from __future__ import annotations

from .server import KEY, Server, serve, shared, start

__all__ = ["KEY", "Server", "serve", "shared", "start"]
