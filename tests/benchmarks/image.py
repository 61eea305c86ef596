"""A picture of 20 MB received as b64_json: memory over what was in use before, until its bytes are there to decode."""

from __future__ import annotations

import base64

from measure import Bar, main, our_session, peak, their_client

MEGABYTES = 20


def ours(url: str) -> dict[str, float]:
    """Until the bytes are there: what the bar is about."""
    client, out = our_session(url).client(), {}

    def ask(size: int) -> int:
        body = {"model": f"size-{size}", "prompt": "noise", "response_format": "b64_json"}
        answer = client.request_media("POST", "/v1/images/generations", json=body)
        (path,) = answer.media.values()
        return path.stat().st_size

    ask(1)
    with peak(out):
        assert ask(MEGABYTES) > 0.9e6 * MEGABYTES
    return {"peak": out["peak"] / (MEGABYTES * 1e6)}


def decoded(url: str) -> dict[str, float]:
    """All of a call: the picture checked by decoding it, hashed and kept in the store."""
    session, out = our_session(url), {}
    session.image("noise", model="size-1", response_format="b64_json")
    with peak(out):
        session.image("noise", model=f"size-{MEGABYTES}", response_format="b64_json")
    return {"peak": out["peak"] / (MEGABYTES * 1e6)}


def theirs(url: str) -> dict[str, float]:
    client, out = their_client(url), {}

    def ask(size: int) -> bytes:
        answer = client.images.generate(model=f"size-{size}", prompt="noise", response_format="b64_json")
        return base64.b64decode(answer.data[0].b64_json)

    ask(1)
    with peak(out):
        assert len(ask(MEGABYTES)) > 0.9e6 * MEGABYTES
    return {"peak": out["peak"] / (MEGABYTES * 1e6)}


if __name__ == "__main__":
    main(
        __file__,
        {"ours": ours, "decoded": decoded, "openai": theirs},
        [
            Bar("memory for a 20 MB picture, times its size", "ours.peak", "", 1.5),
            Bar("the same by Session.image, decoded and checked", "decoded.peak", "", 6),
        ],
        runs=5,
    )
