"""Pictures drawn from prompt and seed: steady, different, quick, of any size."""

from __future__ import annotations

import hashlib
import time

import PIL
import pytest

from aiml_nb.sandbox.drawing import draw
from aiml_nb.sandbox.drawing.words import COLOURS, FIGURES, PLACES, wish

OLD = tuple(map(int, PIL.__version__.split(".")[:2])) < (11, 3)


@pytest.mark.parametrize("place", sorted(PLACES))
def test_every_place_is_drawn(place: str) -> None:
    """Each scene works in a wide, a tall and a tiny picture, and is no flat surface."""
    for width, height in ((240, 100), (90, 240), (64, 64)):
        picture = draw(PLACES[place].split()[0], width, height, 3)
        assert picture.size == (width, height)
        assert len(picture.getcolors(width * height) or []) > 30 or place == "abstract"


@pytest.mark.parametrize("figure", sorted(FIGURES))
def test_every_figure_is_drawn(figure: str) -> None:
    """A figure's word changes the picture from one without it."""
    name = FIGURES[figure].split()[0]
    assert draw(f"hills {name}", 160, 160, 3).tobytes() != draw(f"hills {name}", 160, 160, 3, avoid=name).tobytes()


@pytest.mark.skipif(OLD, reason="Pillow filled polygons a little differently before 11.3")
def test_the_pixels_are_the_same_on_every_machine() -> None:
    """A hash of the pixels, written down once: a change here changes every tutorial's pictures."""
    pixels = draw("A cat in a forest", 256, 192, 1).tobytes()
    assert hashlib.sha256(pixels).hexdigest()[:16] == "9f19dec1e01632a2"


def test_seeds_differ() -> None:
    """Twenty seeds give twenty pictures."""
    assert len({draw("a lake", 64, 64, seed).tobytes() for seed in range(1, 21)}) == 20


def test_a_large_picture_takes_under_300_ms() -> None:
    """The median CPU time of a few 1024x1024 pictures, drawn in this process."""
    times = []
    for prompt in ("a cat in a forest", "city at night", "galaxy", "abstract", "mountains"):
        began = time.process_time()
        draw(prompt, 1024, 1024, 1)
        times.append(time.process_time() - began)
    assert sorted(times)[2] < 0.3


def test_words_are_read() -> None:
    """Place, time, weather and figures; a colour belongs to the word right behind it."""
    asked = wish("A red balloon over green hills at night in the snow")
    assert (asked.place, asked.time, asked.weather, asked.figures) == ("hills", "night", "snow", ("balloon",))
    assert (asked.coats, asked.land, asked.sky) == ((COLOURS["red"],), COLOURS["green"], None)


def test_avoided_words_are_not_read() -> None:
    """A negative prompt takes a figure or the sun out."""
    asked = wish("a cat and a dog", "cat, sun")
    assert (asked.figures, asked.sun) == (("dog",), False)
