"""The few letters of the caption as dots, so that no font, and no version of one, has a say in a picture's pixels."""

from __future__ import annotations

from PIL import Image

#: Seven rows of each letter, `#` for a dot.
_LETTERS = {
    "s": (".....", ".....", ".####", "#....", ".###.", "....#", "####."),
    "a": (".....", ".....", ".###.", "....#", ".####", "#...#", ".####"),
    "n": (".....", ".....", "####.", "#...#", "#...#", "#...#", "#...#"),
    "d": ("....#", "....#", ".####", "#...#", "#...#", "#...#", ".####"),
    "b": ("#....", "#....", "####.", "#...#", "#...#", "#...#", "####."),
    "o": (".....", ".....", ".###.", "#...#", "#...#", "#...#", ".###."),
    "x": (".....", ".....", "#...#", ".#.#.", "..#..", ".#.#.", "#...#"),
}


def lettered(text: str, *, margin: int = 3) -> Image.Image:
    """`text` in white dots on black ("L"), seven dots high and six wide a letter, with a margin around it."""
    image = Image.new("L", (6 * len(text) - 1 + 2 * margin, 7 + 2 * margin), 0)
    for index, letter in enumerate(text):
        for y, row in enumerate(_LETTERS[letter]):
            for x, dot in enumerate(row):
                if dot == "#":
                    image.putpixel((margin + 6 * index + x, margin + y), 255)
    return image
