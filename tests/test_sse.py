"""Server-sent events, by the WHATWG rules, cut anywhere."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiml_nb.errors import StreamError
from aiml_nb.sse import Decoder
from tests.quirks import FRAMING


def decoded(blocks):
    decoder = Decoder()
    events = [each for block in blocks for each in decoder.feed(block)]
    shown = [
        {"event": name or "message", "data": data.decode("utf-8", "replace"), "id": id} for data, name, id in events
    ]
    return shown, decoder.retry


def cuts(vector):
    """The ways to cut a vector's bytes: as given, whole, one by one, in two anywhere, in three anywhere if short."""
    chunks = [chunk.encode("latin-1") for chunk in vector["chunks"]]
    yield chunks
    if vector["split"] != "any":
        return
    whole = b"".join(chunks)
    yield [whole]
    if len(whole) > 5000:
        yield from ([whole[at : at + 4093] for at in range(0, len(whole), 4093)], [whole[:-1], whole[-1:]])
        return
    yield [whole[at : at + 1] for at in range(len(whole))]
    yield from ([whole[:at], whole[at:]] for at in range(len(whole) + 1))
    if len(whole) < 60:
        yield from ([whole[:a], whole[a:b], whole[b:]] for a in range(len(whole)) for b in range(a, len(whole)))


@pytest.mark.parametrize("vector", FRAMING, ids=lambda v: v["name"])
def test_each_vector_gives_its_events_however_it_is_cut(vector):
    """Every framing vector gives the events of the standard, for every cut of its bytes."""
    right = [vector["events"], *vector.get("tolerated", ())]
    for blocks in cuts(vector):
        events, retry = decoded(blocks)
        assert events in right, blocks
        assert vector.get("retry", retry) == retry


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [b"data: {}", b"data:x", b"event: e", b"id: 1", b":c", b"\n", b"\r", b"\r\n", b"\xef\xbb\xbf", b"\0"]
        )
    ),
    st.lists(st.integers(0, 60)),
)
def test_a_cut_never_changes_the_events(pieces, marks):
    """Any bytes give the same events whole and cut, and none raises."""
    whole = b"".join(pieces)
    edges = sorted({0, len(whole), *(mark for mark in marks if mark < len(whole))})
    blocks = [whole[a:b] for a, b in itertools.pairwise(edges)]
    assert decoded([whole]) == decoded(blocks)


def test_an_event_without_an_end_is_the_tail():
    """What no blank line ended is no event, and can be had from `tail`."""
    decoder = Decoder()
    assert [] == decoder.feed(b"data: [DONE]")
    assert b"[DONE]" == decoder.tail()
    assert b"" == decoder.tail()


def test_an_event_beyond_the_limit_is_an_error():
    """A line or an event larger than the limit ends the stream with an error, not the memory."""
    for block in (b"data: " + b"x" * 600, b"data: x\n" * 100):
        decoder = Decoder(limit=1000)
        with pytest.raises(StreamError) as caught:
            for _ in range(20):
                decoder.feed(block)
        assert "protocol" == caught.value.kind


def test_a_long_line_costs_its_length_and_no_more():
    """A line that arrives in thousands of pieces is put together once: 16 MB in 1 kB pieces take well under a second."""
    import time

    decoder, piece = Decoder(), b"x" * 1024
    begun = time.process_time()
    decoder.feed(b"data: ")
    for _ in range(16384):
        assert [] == decoder.feed(piece)
    ((data, _, _),) = decoder.feed(b"\n\n")
    assert 16 << 20 == len(data)
    assert 1.0 > time.process_time() - begun
