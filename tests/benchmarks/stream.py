"""CPU a streamed chunk: 20,000 chunks from the wire to typed values, one HTTP chunk an event and in 16 kB blocks."""

from __future__ import annotations

from collections.abc import Callable

from measure import Bar, cpu, main, our_session, their_client

COUNT = 20_000
PROMPT = [{"role": "user", "content": "go on"}]


def client_only(kind: str) -> Callable[[str], dict[str, float]]:
    """The client and the typed decoding of each event."""

    def side(url: str) -> dict[str, float]:
        from aiml_nb.media.chunks import decode

        client, out, seen = our_session(url).client(), {}, 0
        body = {"model": "line", "messages": PROMPT, "stream": True}
        for _ in client.stream("POST", "/v1/chat/completions", json=body):
            pass
        with cpu(out):
            stream = client.stream("POST", "/v1/chat/completions", json=body | {"model": f"{kind}-{COUNT}"})
            for data in stream:
                if data != b"[DONE]":
                    seen += bool(decode(data).choices)
        assert seen >= COUNT, seen
        return out

    return side


def whole_reply(kind: str) -> Callable[[str], dict[str, float]]:
    """All of a call: session, ledger, and the reply that grows."""

    def side(url: str) -> dict[str, float]:
        session, out = our_session(url), {}
        session.chat("go on", model="line")
        with cpu(out):
            reply = session.chat("go on", model=f"{kind}-{COUNT}")
        assert COUNT == len(reply.text.split())
        return out

    return side


def sdk(kind: str) -> Callable[[str], dict[str, float]]:
    def side(url: str) -> dict[str, float]:
        client, out, seen = their_client(url), {}, 0
        list(client.chat.completions.create(model="line", messages=PROMPT, stream=True))
        with cpu(out):
            for chunk in client.chat.completions.create(model=f"{kind}-{COUNT}", messages=PROMPT, stream=True):
                seen += bool(chunk.choices)
        assert seen >= COUNT, seen
        return out

    return side


SIDES = {
    f"{name}_{kind}": make(kind)
    for kind in ("event", "block")
    for name, make in (("client", client_only), ("reply", whole_reply), ("openai", sdk))
}

if __name__ == "__main__":
    main(
        __file__,
        SIDES,
        [
            Bar("CPU of 20,000 chunks, a chunk an event, client", "client_event.cpu", "openai_event.cpu", 1 / 10, "s"),
            Bar("CPU of 20,000 chunks, 16 kB blocks, client", "client_block.cpu", "openai_block.cpu", 1 / 30, "s"),
            Bar(
                "CPU of 20,000 chunks, a chunk an event, Session.chat",
                "reply_event.cpu",
                "openai_event.cpu",
                1 / 5,
                "s",
            ),
            Bar("CPU of 20,000 chunks, 16 kB blocks, Session.chat", "reply_block.cpu", "openai_block.cpu", 1 / 15, "s"),
        ],
        runs=3,
    )
