"""Painter: calls a function that draws, as often as the eye wants and the wire can bear. It knows nothing of what is drawn.

The states of an operation are pulled in the main thread, which then sleeps in a read: a state that came within the
pause after a frame would not be seen until the next one. So the frames are drawn by a thread of their own, which sleeps
until something has changed and the pause is over. It only updates a display by its id, which is addressed rightly from any
thread; it never makes a new one. Drawing in one thread alone also means that Ctrl-C, which strikes the main thread,
never cuts a message in two, and that rendering does not hold up the stream.

The two talk through a SimpleQueue, whose `put` is one step of C: a KeyboardInterrupt cannot leave a lock behind.
"""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

#: Seconds from one frame to the next: nine a second at most, so that with the last one there are never more than ten.
SHORTEST = 0.12
#: Never fewer than two a second while something changes.
LONGEST = 0.495
#: Between the two, the frames are spaced so that they take this many bytes a second.
BYTES_A_SECOND = 6000


def pause(size: int) -> float:
    """Seconds to wait after a frame of `size` bytes."""
    return min(max(size / BYTES_A_SECOND, SHORTEST), LONGEST)


class Painter:
    """Calls `draw` in a thread of its own after each `mark`, never twice at once, with pauses after what it cost.

    draw: sends one frame and returns its size in bytes. When it raises, the frame is left out and tried again later: it
    may have looked at a state that was just growing, and the last picture is drawn by somebody else.
    """

    def __init__(self, draw: Callable[[], int]) -> None:
        self._draw = draw
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._changed = False
        self._urgent = False
        self._pause = SHORTEST
        self._last = time.monotonic()
        self.over = False

    def mark(self, *, urgent: bool = False) -> None:
        """Something has changed. Urgent: wait for the shortest pause only, however large the last frame was."""
        if self._changed and (self._urgent or not urgent):
            return
        self._urgent = self._urgent or urgent
        self._changed = True
        self._wake.put(None)
        if self._thread is None:
            self._start()

    def stop(self) -> None:
        """Draw no more; returns when the frame under way, if any, has been sent."""
        self.over = True
        self._wake.put(None)
        if self._thread is not None:
            self._thread.join()

    def _start(self) -> None:
        # The context carries the request that this cell belongs to, on kernels that can run several at once.
        context = contextvars.copy_context()
        self._thread = thread = threading.Thread(
            target=context.run, args=(self._run,), name="aiml-nb-painter", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:
            # No more threads to be had: the first and the last picture are still drawn.
            self.over = True
            self._thread = None

    def _run(self) -> None:
        while self._due():
            self._changed = self._urgent = False
            self._last = time.monotonic()
            try:
                self._pause = pause(self._draw())
            except Exception:  # noqa: BLE001 - see the class
                self.mark()

    def _due(self) -> bool:
        """Sleep until a frame is wanted and the pause is over; False when it is the end."""
        while not self.over:
            left = self._last + (SHORTEST if self._urgent else self._pause) - time.monotonic()
            if self._changed and left <= 0:
                return True
            try:
                self._wake.get(timeout=left if self._changed else None)
            except Empty:
                pass
        return False
