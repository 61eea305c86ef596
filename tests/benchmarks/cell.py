"""A cell: CPU of a warm `%%chat` in process, and seconds from a fresh kernel to its first answer over TLS."""

from __future__ import annotations

import contextlib
import io
import os
import statistics
import time

from measure import KEY, Bar, main, wall

WARM, ROUNDS = 20, 100


def warm(url: str) -> dict[str, float]:
    """Milliseconds of CPU a cell, the answer one line; what an empty cell costs is taken off."""
    os.environ |= {"AIMLAPI_BASE_URL": url, "AIMLAPI_API_KEY": KEY, "AIML_NB_DISPLAY": "live"}
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    cells = {"empty": "pass", "chat": "%%chat -m line --new\nhello"}
    spent: dict[str, list[float]] = {name: [] for name in cells}
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        shell.run_line_magic("load_ext", "aiml_nb")
        for _ in range(WARM + ROUNDS):
            for name, source in cells.items():
                start = time.process_time()
                done = shell.run_cell(source, store_history=True)
                spent[name].append(time.process_time() - start)
                assert done.success, done.error_in_exec or done.error_before_exec
    assert "A short answer." in shell.user_ns["_reply"].text
    medians = {name: 1000 * statistics.median(seen[WARM:]) for name, seen in spent.items()}
    return {"cpu": medians["chat"] - medians["empty"]}


def fresh(first: str, second: str) -> dict[str, float]:
    """Seconds for two cells in a kernel that has only just come up."""
    from jupyter_client.manager import start_new_kernel

    out: dict[str, float] = {}
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        client.execute_interactive("pass", timeout=60, output_hook=lambda message: None)
        shown: list[str] = []
        with wall(out):
            for source in (first, second):
                reply = client.execute_interactive(
                    source, timeout=60, output_hook=lambda message: shown.append(str(message["content"]))
                )
                assert reply["content"]["status"] == "ok", reply["content"]
        assert "A short answer." in "".join(shown), shown
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return out


def ours(url: str) -> dict[str, float]:
    os.environ |= {"AIMLAPI_BASE_URL": url, "AIMLAPI_API_KEY": KEY}
    return fresh("%load_ext aiml_nb", "%%chat -m line\nhello")


def theirs(url: str) -> dict[str, float]:
    os.environ |= {"OPENAI_BASE_URL": f"{url}/v1", "OPENAI_API_KEY": KEY}
    return fresh(
        "from openai import OpenAI\nclient = OpenAI()",
        "messages = [{'role': 'user', 'content': 'hello'}]\n"
        "for chunk in client.chat.completions.create(model='line', messages=messages, stream=True):\n"
        "    print((chunk.choices and chunk.choices[0].delta.content) or '', end='')",
    )


if __name__ == "__main__":
    main(
        __file__,
        {"warm": warm, "ours": ours, "openai": theirs},
        [
            Bar("CPU of a warm %%chat cell", "warm.cpu", "", 6, "ms"),
            Bar("fresh kernel to the first answer, TLS", "ours.wall", "openai.wall", 1 / 4, "s"),
        ],
        runs=5,
        tls=True,
    )
