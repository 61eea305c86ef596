"""`%%image` in a real IPython against the built-in sandbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aiml_nb.errors import APIError, InvalidRequestError


def test_a_picture_is_drawn_and_kept(shell: Any) -> None:
    """`%%image` shows a picture and sets `_image`; the same prompt and seed give the same pixels."""
    done = shell.cell("%%image --size 64x64 --seed 7\nA red fox")
    assert None is done.error
    assert "image/png" in done.shown[0]
    first = shell.names["_image"]
    assert (64, 64) == first.image.size
    shell.cell("%image -q -o again --size 64x64 --seed 7 A red fox")
    assert first[0].pixel_hash == shell.names["again"][0].pixel_hash


def test_it_is_saved_where_one_says(shell: Any, tmp_path: Path) -> None:
    """`--save` writes a file, or several into a folder that it makes."""
    shell.cell("%image -q --save fox.png --size 64x64 a fox")
    assert shell.names["_image"].bytes == (tmp_path / "fox.png").read_bytes()
    shell.cell("%image -q --save 'my foxes/' --n 2 --size 64x64 a fox")
    assert 2 == len(list((tmp_path / "my foxes").iterdir()))


def test_a_name_that_no_picture_has_is_refused_before_it_is_paid_for(shell: Any) -> None:
    """`--save fox.txt` sends nothing."""
    error = shell.cell("%image --save fox.txt a fox").error
    assert isinstance(error, InvalidRequestError)
    assert ".txt" in error.message
    assert "_image" not in shell.names


def test_a_dry_run_makes_no_folder(shell: Any, tmp_path: Path) -> None:
    """`--dry-run` shows the request and leaves the disk alone."""
    out = shell.cell("%image --dry-run --save foxes/ --n 2 a fox").out
    body = json.JSONDecoder().raw_decode(out, out.index("{"))[0]
    assert {"model": "flux/schnell", "prompt": "a fox", "num_images": 2} == body
    assert not (tmp_path / "foxes").exists()


def test_each_picture_tells_its_own_seed(shell: Any) -> None:
    """Pictures of one call have the seeds that the answer tells; asking for one of those gives that picture again."""
    shown = shell.cell("%image --seed 7 --n 2 --size 64x64 a fox").shown[0]["text/plain"]
    assert ["seed 7", "seed 8"] == [line.split(", ")[1] for line in shown.splitlines()]
    second = shell.names["_image"][1]
    done = shell.cell("%image --seed 8 --size 64x64 a fox")
    assert second.pixel_hash == shell.names["_image"][0].pixel_hash
    assert "seed 8" in done.shown[1]["text/plain"]


def test_a_prompt_beside_two_signs(shell: Any) -> None:
    """`%%image a fox` alone in its cell is the line form."""
    assert None is shell.cell("%%image --size 64x64 a fox").error
    assert "_image" in shell.names


def test_a_failure_says_why(shell: Any) -> None:
    """What the provider refuses is one short error."""
    error = shell.cell("%image FAULT credits a fox").error
    assert isinstance(error, APIError)
    assert error.advice
    assert "_image" not in shell.names
