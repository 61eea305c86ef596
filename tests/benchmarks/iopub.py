"""Messages from a kernel to the screen while an answer is drawn live: for a short burst, and for a long slow answer."""

from __future__ import annotations

import json
import os
import queue

from measure import KEY, Bar, main

ASIDE = {"status", "execute_input"}


def drawn(url: str, model: str, seconds: float) -> tuple[int, int, int]:
    """One %%chat in a kernel that somebody watches: messages, their bytes, bytes of the final text."""
    from jupyter_client.manager import start_new_kernel

    os.environ |= {"AIMLAPI_BASE_URL": url, "AIMLAPI_API_KEY": KEY}
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        for source in ("%load_ext aiml_nb", "%%chat -m line\nhello"):
            client.execute_interactive(source, timeout=60, allow_stdin=True, output_hook=lambda message: None)
        asked = client.execute(f"%%chat -m {model}\ngo on", allow_stdin=True)
        seen: list[dict[str, object]] = []
        while True:
            message = client.get_iopub_msg(timeout=seconds + 60)
            if message["parent_header"].get("msg_id") != asked:
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
            if message["msg_type"] not in ASIDE:
                seen.append(message["content"])
        text = (
            client.execute_interactive(
                "print(len(_reply.text.encode()))",
                timeout=60,
                output_hook=lambda m: sizes.put(m["content"].get("text")),
            )
            and [each for each in list(sizes.queue) if each][-1]
        )
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return len(seen), sum(len(json.dumps(each)) for each in seen), int(text)


sizes: queue.Queue[str | None] = queue.Queue()


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
