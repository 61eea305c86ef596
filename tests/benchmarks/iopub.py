"""Messages from a kernel to the screen while an answer is drawn live: for a short burst, and for a long slow answer."""

from __future__ import annotations

import json
import os
from typing import Any

from measure import KEY, Bar, main

ASIDE = {"status", "execute_input"}


def drawn(url: str, model: str, seconds: float) -> tuple[int, int, int]:
    """One %%chat in a kernel that somebody watches: messages, their bytes with headers, bytes of the final text."""
    from jupyter_client.manager import start_new_kernel

    os.environ |= {"AIMLAPI_BASE_URL": url, "AIMLAPI_API_KEY": KEY}
    manager, client = start_new_kernel(kernel_name="python3")
    seen: list[dict[str, Any]] = []

    def run(source: str) -> None:
        seen.clear()
        client.execute_interactive(source, timeout=seconds + 60, allow_stdin=True, output_hook=seen.append)

    try:
        for source in ("%load_ext aiml_nb", "%%chat -m line\nhello", f"%%chat -m {model}\ngo on"):
            run(source)
        drawing = [message for message in seen if message["msg_type"] not in ASIDE]
        run("print(len(_reply.text.encode()))")
        text = next(int(message["content"]["text"]) for message in seen if message["msg_type"] == "stream")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return len(drawing), sum(map(_size, drawing)), text


def _size(message: dict[str, Any]) -> int:
    parts = (message[part] for part in ("header", "parent_header", "metadata", "content"))
    return sum(len(json.dumps(part, default=str).encode()) for part in parts)


def burst(url: str) -> dict[str, float]:
    count, _, _ = drawn(url, "event-20", 5)
    return {"messages": float(count)}


def long(url: str) -> dict[str, float]:
    count, weight, text = drawn(url, "token-2000-20", 40)
    return {"rate": count / 40, "bytes": weight / text}


if __name__ == "__main__":
    main(
        __file__,
        {"burst": burst, "long": long},
        [
            Bar("iopub messages for a burst of 20 tokens", "burst.messages", "", 6),
            Bar("iopub messages a second, 2,000 tokens over 40 s", "long.rate", "", 10),
            Bar("iopub bytes, times the final text", "long.bytes", "", 60),
        ],
        runs=1,
    )
