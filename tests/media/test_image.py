"""Tests of `aiml_nb.media.image` and of how its results are drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from aiml_nb.content import Attachment
from aiml_nb.errors import APIError, InvalidRequestError
from aiml_nb.media.image import Images, Picture, found, payload, save_file
from aiml_nb.render.picture import pixel_hash

URL = "https://a.example/u.png"


def picture(folder: Path, name: str = "a.png", colour: str = "red", size: tuple[int, int] = (40, 30)) -> Picture:
    image = Image.new("RGB", size, colour)
    image.save(folder / name)
    return Picture(folder / name, "image/png", size, pixel_hash(image))


def images(*pictures: Picture, **told: Any) -> Images:
    return Images.from_json(told, pictures, model="m", seed=told.get("seed"))


def test_the_least_call() -> None:
    """A model and a prompt; parameters pass under OpenAI's names."""
    assert payload("a cat", model="m", size="512x512", n=2) == {
        "model": "m",
        "prompt": "a cat",
        "size": "512x512",
        "n": 2,
    }


def test_common_words_get_their_likeliest_name() -> None:
    """Words that OpenAI does not have go under the name most models give them."""
    assert payload("a cat", model="m", negative="dogs")["negative_prompt"] == "dogs"


def test_one_picture_is_image_url_and_several_are_image_urls() -> None:
    """Attached pictures are sources to work from."""
    link = Attachment.of("https://a.example/a.png")
    assert payload("x", model="m", attachments=[link])["image_url"] == "https://a.example/a.png"
    assert len(payload("x", model="m", attachments=[link, link])["image_urls"]) == 2


def test_no_prompt_is_refused() -> None:
    """Nothing to draw, nothing sent."""
    with pytest.raises(InvalidRequestError, match="no prompt"):
        payload("", model="m")


@pytest.mark.parametrize(
    "answer",
    [{"data": [{"url": URL}]}, {"images": [{"url": URL}]}, {"data": [], "images": [{"url": URL}]}, {"images": [URL]}],
)
def test_pictures_are_found_under_either_key(answer: dict[str, Any]) -> None:
    """Providers put them under `data` or `images`."""
    assert [row["url"] for row in found(answer)] == [URL]


@pytest.mark.parametrize(
    "answer", [{}, {"data": []}, {"data": [{"url": None, "b64_json": None}]}, [], None, {"data": "x"}]
)
def test_an_answer_without_a_picture_is_an_error(answer: Any) -> None:
    """Moderated output is an empty list: that is said, never shown as success."""
    with pytest.raises(APIError, match="no picture"):
        found(answer)


def test_a_single_picture_is_real_image_data(tmp_path: Path) -> None:
    """The output is `image/png` bytes with a readable twin, and no HTML in its way."""
    data, metadata = images(picture(tmp_path), seed=7)._repr_mimebundle_()
    assert data["image/png"] == (tmp_path / "a.png").read_bytes()
    assert data["text/plain"].startswith("PNG 40×30, seed 7, pixels ")
    assert "text/html" not in data
    assert metadata["image/png"]["width"] == 40


def test_several_pictures_are_one_grid(tmp_path: Path) -> None:
    """Several pictures are one image, a line for each in the twin."""
    several = images(picture(tmp_path), picture(tmp_path, "b.png", "blue"))
    data, _ = several._repr_mimebundle_()
    assert [mime for mime in data if mime.startswith("image/")] != []
    assert len(data["text/plain"].splitlines()) == 2


def test_results_are_put_side_by_side(tmp_path: Path) -> None:
    """`+` makes one row of the pictures of two results, each with its seed, and no line of cost, which neither has alone."""
    one, other = images(picture(tmp_path), seed=7), images(picture(tmp_path, "b.png", "blue"), seed=8)
    both = one + other
    assert [*one.paths, *other.paths] == both.paths
    assert ["seed 7", "seed 8"] == [line.split(", ")[1] for line in both._twin_().splitlines()]
    assert 1 == len(both._displays_())
    assert 3 == len(both + one)
    with pytest.raises(TypeError):
        one + 1  # type: ignore[operator]


def test_the_footer_is_a_second_output(tmp_path: Path) -> None:
    """Under the picture stands what it cost; told as unknown where nobody told."""
    made = images(picture(tmp_path))
    made.time(1.5)
    assert made._displays_()[1][0]["text/plain"] == "m · 1.50 s · cost unknown"


def test_equal_pixels_have_equal_twins(tmp_path: Path) -> None:
    """The twin depends on what is seen, not on how the file is packed."""
    one = picture(tmp_path)
    Image.new("RGB", (40, 30), "red").save(tmp_path / "b.png", compress_level=0)
    assert pixel_hash(Image.open(tmp_path / "b.png")) == one.pixel_hash


def test_save_writes_the_original_bytes(tmp_path: Path) -> None:
    """What is saved is what the provider made, several under numbered names."""
    two = images(picture(tmp_path), picture(tmp_path, "b.png", "blue"))
    assert [p.name for p in two.save(tmp_path / "out" / "cat.png")] == ["cat.png", "cat-2.png"]
    assert (tmp_path / "out" / "cat.png").read_bytes() == (tmp_path / "a.png").read_bytes()


def test_save_completes_the_suffix(tmp_path: Path) -> None:
    """A name without a suffix gets the right one."""
    assert picture(tmp_path).save(tmp_path / "cat").name == "cat.png"


def test_save_refuses_a_wrong_suffix(tmp_path: Path) -> None:
    """A PNG is not written under a JPEG's name; the error names the right one."""
    with pytest.raises(InvalidRequestError) as caught:
        picture(tmp_path).save(tmp_path / "cat.jpg")
    assert "cat.png" in caught.value.advice


def test_save_to_an_impossible_place_says_why(tmp_path: Path) -> None:
    """A folder that cannot be made is an error that says where the picture is all the same."""
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidRequestError, match="cannot write") as caught:
        save_file(picture(tmp_path).path, tmp_path / "file" / "cat.png")
    assert ".path" in caught.value.advice


def test_a_sequence_of_pictures(tmp_path: Path) -> None:
    """Images has a length, indices and a first picture as a PIL image."""
    made = images(picture(tmp_path), picture(tmp_path, "b.png", "blue"))
    assert (len(made), made[1].image.getpixel((0, 0)), made.image.size) == (2, (0, 0, 255), (40, 30))
    assert len(made[0:1]) == 1


def test_a_prompt_in_other_words_is_told() -> None:
    """Where the answer says how the prompt was rewritten, a note under the pictures says it once."""
    rows = [{"url": "https://x.test/1.png", "revised_prompt": "A boat, at dawn"}] * 2 + [{"url": "x"}, "x"]
    assert ["The prompt as it was used: A boat, at dawn"] == Images.from_json({"data": rows}, [], model="m").notes
    assert [] == Images.from_json({"data": [{"url": "x", "revised_prompt": 5}]}, [], model="m").notes
