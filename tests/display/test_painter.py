"""The painter alone: how often it draws, and that it ends."""

from __future__ import annotations

import threading
import time

import pytest

from aiml_nb.display.painter import LONGEST, SHORTEST, Painter, pause


@pytest.mark.parametrize(("size", "seconds"), [(0, SHORTEST), (500, SHORTEST), (1500, 0.25), (10**7, LONGEST)])
def test_the_pause_grows_with_the_frame(size: int, seconds: float) -> None:
    """Small frames come nine times a second, large ones twice, those between by their bytes."""
    assert seconds == pause(size)


def test_two_thousand_tokens_weigh_at_most_sixty_times_their_text() -> None:
    """Streamed over 40 s, frames of a text whose HTML is a quarter larger stay below the bar, headers included."""
    text, clock, sent, frames = 15_800, 0.0, 0.0, 0
    while clock < 40:
        size = 1.25 * text * clock / 40
        sent, frames, clock = sent + size + 900, frames + 1, clock + pause(int(size))
    assert frames <= 400
    assert sent + 2.25 * text <= 60 * text


def test_the_first_frame_is_not_drawn_twice_in_a_burst() -> None:
    """A thousand marks within one pause are one frame."""
    frames: list[float] = []
    painter = Painter(lambda: frames.append(time.monotonic()) or 1)
    for _ in range(1000):
        painter.mark()
    time.sleep(2 * SHORTEST)
    painter.stop()
    assert 1 == len(frames)


def test_nothing_is_drawn_when_nothing_changes() -> None:
    """Without a mark there is no frame, and not even a thread."""
    painter = Painter(lambda: pytest.fail("drawn"))
    time.sleep(2 * SHORTEST)
    assert [] == [each for each in threading.enumerate() if each.name == "aiml-nb-painter"]
    painter.stop()


def test_an_urgent_mark_does_not_wait_for_a_large_frame() -> None:
    """After a large frame a note comes within the shortest pause."""
    frames: list[float] = []
    painter = Painter(lambda: frames.append(time.monotonic()) or 10**6)
    painter.mark()
    time.sleep(SHORTEST + 0.05)
    painter.mark()
    painter.mark(urgent=True)
    time.sleep(2 * SHORTEST)
    painter.stop()
    assert 2 == len(frames)
    assert SHORTEST <= frames[1] - frames[0] < LONGEST


def test_a_frame_that_fails_is_tried_again() -> None:
    """A state caught while it grew is drawn again a pause later, although nothing was marked."""
    frames: list[int] = []

    def draw() -> int:
        frames.append(1)
        if len(frames) == 1:
            raise RuntimeError("list changed size during iteration")
        return 1

    painter = Painter(draw)
    painter.mark()
    time.sleep(3 * SHORTEST)
    painter.stop()
    assert 2 == len(frames)


def test_after_stop_no_frame_follows() -> None:
    """`stop` returns when the frame under way is done; its thread has ended, and stopping twice is harmless."""
    frames: list[str] = []

    def draw() -> int:
        time.sleep(0.1)
        frames.append("done")
        return 1

    painter = Painter(draw)
    painter.mark()
    time.sleep(SHORTEST + 0.03)
    painter.mark()
    painter.stop()
    painter.stop()
    assert ["done"] == frames
    assert "aiml-nb-painter" not in [thread.name for thread in threading.enumerate()]
