"""What drawing costs on the wire between kernel and notebook: messages and bytes, ours over those of one update a token.

    python tests/benchmarks/drawing.py [--seconds 40]

A real kernel streams a real Reply to a client that watches, as JupyterLab does. Status and execute_input messages are left
out; bytes are whole messages with their headers. The bars are those of the package: at most 6 messages for a burst of 20
tokens; for 2,000 tokens over 40 s at most 10 messages a second, and at most 60 times the bytes of the final text. A run of fewer
seconds is scaled: frames grow in number with the time, their size does not.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.display.kernels import Run, running

CODE = """
import json, time
from IPython.display import Markdown, display as show
from aiml_nb.media.reply import Reply
from aiml_nb.operation import Operation

def tokens(count):
    return [f"token{n % 97} " + ("\\n\\n" if n % 80 == 79 else "") for n in range(count)]

def reply(count, seconds):
    def work(op):
        reply, start = Reply(model="test/tokens"), time.monotonic()
        for n, token in enumerate(tokens(count), 1):
            reply.add(json.dumps({"choices": [{"index": 0, "delta": {"content": token}}]}).encode())
            yield reply
            time.sleep(max(0, start + n * seconds / count - time.monotonic()))
    return Operation(work, medium="chat", model="test/tokens")

def naive(count, seconds):
    text, start = "", time.monotonic()
    handle = show(Markdown(""), display_id=True)
    for n, token in enumerate(tokens(count), 1):
        text += token
        handle.update(Markdown(text))
        time.sleep(max(0, start + n * seconds / count - time.monotonic()))
"""


def main() -> None:
    """Run the four cases and print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument(
        "--seconds", type=float, default=10, help="time for the 2,000 tokens (default: 10, the bar's is 40)"
    )
    seconds = options.parse_args().seconds
    with tempfile.TemporaryDirectory() as home, running(Path(home) / "kernel") as kernel:
        kernel.run(CODE)
        size = int(kernel.run("print(len(''.join(tokens(2000))))").stream())
        kernel.run("display.live(reply(20, 0), quiet=True); _ = display.live(reply(20, 0))")
        pairs = [
            (title, kernel.run(f"_ = display.live(reply({what}))"), kernel.run(f"naive({what})"))
            for title, what in (
                ("burst of 20 tokens", "20, 0"),
                (f"2,000 tokens over {seconds:g} s", f"2000, {seconds}"),
            )
        ]
    print(f"{'':32}{'messages':>10}{'naive':>8}{'ratio':>8}{'bytes':>12}{'naive':>14}{'ratio':>8}")
    for title, ours, theirs in pairs:
        print(row(title, ours, theirs))
    burst, long = pairs[0][1], pairs[1][1]
    frames = (long.size - 2.5 * size) * 40 / seconds + 2.5 * size
    print(f"\nburst: {len(burst.kinds)} messages (at most 6)")
    print(f"long: {busiest(long)} in the busiest second (at most 10), {len(long.kinds) / seconds:.1f} a second")
    print(f"bytes over the final text, at 40 s: {frames / size:.0f} (at most 60)")


def row(title: str, ours: Run, theirs: Run) -> str:
    """One line of the table."""
    assert {"ok"} == {ours.reply["status"], theirs.reply["status"]}, ours.messages[-1:] + theirs.messages[-1:]
    counts = f"{len(ours.kinds):>10,}{len(theirs.kinds):>8,}{len(ours.kinds) / len(theirs.kinds):>8.3f}"
    return f"{title:32}{counts}{ours.size:>12,}{theirs.size:>14,}{ours.size / theirs.size:>8.3f}"


def busiest(run: Run) -> int:
    """The most messages in any one second."""
    return max(sum(start <= at < start + 1 for at in run.times) for start in run.times)


if __name__ == "__main__":
    main()
