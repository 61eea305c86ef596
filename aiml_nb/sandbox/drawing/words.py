"""Reads a picture prompt for the words that the drawing understands: a place, the time, the weather, figures, colours.

Everything else in the prompt only feeds the seed. Plain data and sets of words; no Pillow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

RGB = tuple[int, int, int]

PLACES = {
    "mountains": "mountain mountains alps peak peaks summit himalaya volcano",
    "sea": "sea ocean beach lake water waves wave coast island harbour harbor river bay boat ship sailboat lighthouse",
    "forest": "forest wood woods jungle trees pine pines fir firs",
    "city": "city town skyline skyscraper skyscrapers street streets urban tokyo london paris york metropolis",
    "desert": "desert dunes dune sand sahara camel pyramid pyramids",
    "space": "space planet planets galaxy stars cosmos universe saturn mars jupiter astronaut orbit nebula rocket",
    "meadow": "meadow field fields garden flower flowers spring grass park farm tulip tulips sunflower sunflowers",
    "hills": "hill hills valley countryside landscape tuscany vineyard sheep",
    "abstract": "abstract geometric geometry pattern bauhaus shapes circle circles square squares triangle triangles logo mosaic",
}
TIMES = {
    "night": "night midnight moon moonlight moonlit dark stars starry",
    "sunset": "sunset evening dusk twilight",
    "dawn": "dawn sunrise morning",
    "day": "day noon sunny daylight",
}
WEATHERS = {
    "snow": "snow snowy winter snowfall christmas",
    "rain": "rain rainy storm stormy",
    "clouds": "cloud clouds cloudy fog foggy mist misty",
}
FIGURES = {
    "cat": "cat cats kitten kitty", "fox": "fox foxes", "dog": "dog dogs puppy", "robot": "robot robots android machine",
    "house": "house houses cottage cabin home hut barn", "boat": "boat boats ship ships sailboat yacht",
    "lighthouse": "lighthouse", "balloon": "balloon balloons", "rocket": "rocket rockets spaceship",
    "birds": "bird birds gull gulls swallow swallows", "flower": "flower flowers tulip tulips rose sunflower sunflowers",
    "tree": "tree oak", "fish": "fish fishes whale", "castle": "castle palace tower",
}  # fmt: skip
COLOURS: dict[str, RGB] = {
    "red": (214, 48, 49), "crimson": (190, 30, 60), "orange": (240, 140, 40), "gold": (226, 178, 60),
    "golden": (226, 178, 60), "yellow": (245, 205, 70), "green": (64, 150, 84), "lime": (150, 200, 60),
    "teal": (30, 150, 150), "turquoise": (50, 180, 175), "cyan": (60, 190, 210), "blue": (50, 110, 210),
    "navy": (30, 45, 110), "indigo": (75, 60, 160), "purple": (130, 70, 180), "violet": (140, 90, 200),
    "lilac": (180, 150, 215), "pink": (240, 130, 175), "magenta": (205, 60, 150), "brown": (140, 95, 60),
    "black": (35, 35, 45), "grey": (128, 132, 140), "gray": (128, 132, 140), "white": (240, 240, 240),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """What a prompt asks to see; empty where it does not say."""

    place: str = ""
    time: str = ""
    weather: str = ""
    figures: tuple[str, ...] = ()
    coats: tuple[RGB | None, ...] = ()
    sky: RGB | None = None
    land: RGB | None = None
    sun: bool = True


def wish(prompt: str, avoid: str = "") -> Wish:
    """The wish in a prompt. Words that `avoid` (a negative prompt) names are left out."""
    unwanted = set(_words(avoid))
    said = [word for word in _words(prompt) if word not in unwanted]
    figures = _figures(said)
    sky, land = _grounds(said, figures)
    return Wish(
        _first(said, PLACES),
        _first(said, TIMES),
        _first(said, WEATHERS),
        tuple(figures),
        tuple(figures.values()),
        sky,
        land,
        not unwanted & {"sun", "moon"},
    )


def _figures(said: list[str]) -> dict[str, RGB | None]:
    """The first three figures, each with the colour word right before it, if any."""
    found: dict[str, RGB | None] = {}
    for before, word in zip(["", *said], said, strict=False):
        for name, names in FIGURES.items():
            if word in names.split() and len(found) < 3:
                found.setdefault(name, COLOURS.get(before))
    return found


def _grounds(said: list[str], figures: dict[str, RGB | None]) -> tuple[RGB | None, RGB | None]:
    """Colours of sky and land: `green hills` colours the land, `pink sky` the sky, a colour by itself both."""
    sky = land = None
    for word, after in zip(said, [*said[1:], ""], strict=True):
        if word not in COLOURS or any(after in FIGURES[name].split() for name in figures):
            continue
        if after in ("sky", "sunset", "sunrise", "clouds", "night", "evening", "morning"):
            sky = COLOURS[word]
        elif any(after in PLACES[place].split() for place in ("hills", "mountains", "forest", "meadow", "desert")):
            land = COLOURS[word]
        else:
            sky, land = sky or COLOURS[word], COLOURS[word]
    return sky, land


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())


def _first(said: list[str], table: dict[str, str]) -> str:
    """The entry that the earliest word belongs to, `lake in the mountains` being about the lake."""
    return next((name for word in said for name, names in table.items() if word in names.split()), "")
