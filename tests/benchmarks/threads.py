"""100 streams at once, a thread each, over one client: seconds for all their tokens."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

from measure import Bar, main, our_session, their_client, wall

STREAMS, TOKENS = 100, 200
BODY = {"messages": [{"role": "user", "content": "go on"}], "stream": True}


def together(one: Callable[[], int]) -> dict[str, float]:
    """Run `one` in all threads at once; it returns how many chunks it saw."""
    out: dict[str, float] = {}
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(one())) for _ in range(STREAMS)]
    with wall(out):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert STREAMS == len([count for count in counts if count >= TOKENS]), sorted(counts)[:5]
    return out


def ours(url: str) -> dict[str, float]:
    from aiml_nb.media.chunks import decode

    client = our_session(url).client()

    def events(model: str) -> Iterator[bytes]:
        return iter(client.stream("POST", "/v1/chat/completions", json=BODY | {"model": model}))

    list(events("line"))
    return together(lambda: sum(bool(decode(data).choices) for data in events(f"event-{TOKENS}") if data != b"[DONE]"))


def ours_whole(url: str) -> dict[str, float]:
    session = our_session(url)
    session.chat("go on", model="line")
    return together(lambda: len(session.chat("go on", model=f"event-{TOKENS}").text.split()))


def theirs(url: str) -> dict[str, float]:
    client = their_client(url)
    list(client.chat.completions.create(model="line", **BODY))
    return together(
        lambda: sum(bool(c.choices) for c in client.chat.completions.create(model=f"event-{TOKENS}", **BODY))
    )


if __name__ == "__main__":
    main(
        __file__,
        {"ours": ours, "whole": ours_whole, "openai": theirs},
        [
            Bar("100 streams at once: time for all tokens, client", "ours.wall", "openai.wall", 1 / 5, "s"),
            Bar("100 streams at once: time for all tokens, Session.chat", "whole.wall", "openai.wall", 1 / 5, "s"),
        ],
        runs=3,
    )
