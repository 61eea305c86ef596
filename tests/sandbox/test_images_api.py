"""Pictures over HTTP: sizes, counts, seeds, files, edits, and what is refused."""

from __future__ import annotations

import base64
import io
import json
import struct
from typing import Any

import httpx
import pytest
from PIL import Image, ImageStat

from aiml_nb.sandbox import Server, catalogue


def square(side: int) -> Any:
    return {"width": side, "height": side}


def make(http: httpx.Client, **body: Any) -> Any:
    return http.post("/v1/images/generations", json={"model": "flux/schnell", "prompt": "a red cat"} | body).json()


def opened(row: Any, http: httpx.Client) -> Image.Image:
    data = base64.b64decode(row["b64_json"]) if "b64_json" in row else httpx.get(row["url"], trust_env=False).content
    return Image.open(io.BytesIO(data))


def test_a_picture_comes_as_a_url_by_default(http: httpx.Client) -> None:
    """The URL needs no key, and leads to a PNG of the model's own size."""
    answer = make(http)
    file = httpx.get(answer["data"][0]["url"], trust_env=False)
    assert (file.status_code, file.headers["content-type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(file.content)).size == (1024, 768)
    assert answer["meta"]["usage"]["usd_spent"] == 0


def test_flux_answers_in_both_lists(http: httpx.Client) -> None:
    """`images` and `data` hold the same, as the provider's flux models do."""
    answer = make(http, image_size=square(128))
    assert answer["images"] == answer["data"]


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ({"image_size": {"width": 320, "height": 192}}, (320, 192)),
        ({"image_size": "square"}, (512, 512)),
        ({"model": "gpt-image-1", "size": "1024x1536"}, (1024, 1536)),
        ({"model": "gpt-image-1", "size": "auto"}, (1024, 1024)),
    ],
)
def test_the_size_is_honoured(http: httpx.Client, body: Any, size: tuple[int, int]) -> None:
    """As an object, as a preset's name, as text."""
    row = make(http, **body)["data"][0]
    assert opened(row, http).size == size
    assert (row["width"], row["height"]) == size


def test_the_same_seed_gives_the_same_bytes(http: httpx.Client) -> None:
    """Seeds decide; without one the prompt does."""

    def once(**body: Any) -> str:
        return str(make(http, image_size=square(128), **body)["data"][0]["url"])

    assert once(seed=7) == once(seed=7)
    assert once() == once()
    assert len({once(seed=7), once(seed=8), once(), once(prompt="a blue cat")}) == 4


def test_several_pictures_are_several(http: httpx.Client) -> None:
    """num_images gives that many different pictures, each with its seed."""
    rows = make(http, image_size=square(96), seed=5, num_images=3)["data"]
    assert len({row["url"] for row in rows}) == 3
    assert [row["seed"] for row in rows] == [5, 6, 7]


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_the_format_is_honoured(http: httpx.Client, kind: str) -> None:
    """output_format gives a real file of that kind."""
    row = make(http, model="blackforestlabs/flux-2", image_size="square", output_format=kind)["data"][0]
    assert opened(row, http).format == kind.upper()


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"model": "gpt-image-1", "size": "big"}, "1024x1024"),
        ({"num_images": 5}, "num_images:"),
        ({"seed": 0}, "seed"),
        ({"seed": True}, "seed"),
        ({"model": "gpt-image-1", "n": 11}, "n:"),
        ({"image_size": {"width": 5000, "height": 64}}, "image_size.width"),
        ({"image_size": {"width": 512}}, "image_size.height"),
        ({"image_size": "huge"}, "square_hd"),
        ({"negative_prompt": "x"}, "negative_prompt"),
        ({"model": "gpt-image-1", "size": "512x512"}, "1024x1024"),
        ({"model": "gpt-image-1", "response_format": "gif"}, "b64_json"),
    ],
)
def test_a_wrong_field_is_refused_by_name(http: httpx.Client, body: Any, word: str) -> None:
    """400 in the provider's words: the field, and what is allowed."""
    answer = make(http, **body)
    assert answer["statusCode"] == 400
    assert answer["message"].startswith("Body validation error!")
    assert word in answer["message"]


def test_a_negative_prompt_takes_the_sun_away(http: httpx.Client) -> None:
    """A model that lists negative_prompt honours it."""
    request = {"model": "alibaba/qwen-image", "prompt": "hills at noon", "image_size": "square"}
    both = [make(http, **request, negative_prompt=text)["data"][0]["url"] for text in ("fog", "sun")]
    assert both[0] != both[1]


def edit(http: httpx.Client, files: Any, **data: Any) -> httpx.Response:
    fields = {"model": "openai/gpt-image-1", "prompt": "paint it blue", "response_format": "b64_json"} | data
    return http.post("/v1/images/edits", data=fields, files=files)


def png(size: tuple[int, int], colour: Any, mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, colour).save(out, "PNG")
    return out.getvalue()


def test_an_edit_repaints_where_the_mask_is_clear(http: httpx.Client) -> None:
    """The opaque half of the mask keeps its pixels, the clear half changes."""
    mask = Image.new("RGBA", (200, 100), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (0, 0, 100, 100))
    out = io.BytesIO()
    mask.save(out, "PNG")
    files = {"image": ("a.png", png((200, 100), (200, 30, 30))), "mask": ("m.png", out.getvalue())}
    picture = opened(edit(http, files).json()["data"][0], http)
    assert picture.size == (200, 100)
    assert picture.getpixel((190, 20)) == (200, 30, 30)
    assert picture.getpixel((20, 20)) != (200, 30, 30)


@pytest.mark.parametrize(
    ("files", "data", "word"),
    [
        ({"image": ("a.txt", b"hello")}, {}, "image"),
        ({"other": ("a.png", b"x")}, {}, "1 to 16"),
        ({"image": ("a.png", png((64, 64), "red"))}, {"n": "two"}, "n:"),
        ({"image": ("a.png", png((64, 64), "red"))}, {"size": "7x7"}, "size"),
        ({"image": ("a.png", png((64, 64), "red"))}, {"image_url": "http://x"}, "image_url"),
    ],
)
def test_a_wrong_edit_is_refused_by_name(http: httpx.Client, files: Any, data: Any, word: str) -> None:
    """A file that is no picture, a missing one, a wrong number, an unknown field."""
    answer = edit(http, files, **data)
    assert answer.status_code == 400
    assert word in answer.json()["message"]


def test_json_is_no_edit(http: httpx.Client) -> None:
    """The path takes multipart only, and says so."""
    answer = http.post("/v1/images/edits", json={"model": "openai/gpt-image-1", "prompt": "x"})
    assert "multipart" in answer.json()["message"]


def test_a_file_that_is_gone_gets_404(server: Server) -> None:
    """The sandbox keeps the last files only."""
    assert httpx.get(f"{server.url}/files/{'0' * 32}.png", trust_env=False).status_code == 404


def test_a_key_sent_to_a_file_is_refused(http: httpx.Client) -> None:
    """A key belongs to the API's paths; a client that sends it to a file's address learns so."""
    answer = http.get(make(http, image_size="square")["data"][0]["url"])
    assert (answer.status_code, "no key" in answer.json()["message"]) == (400, True)


def data_url(image: Image.Image) -> str:
    out = io.BytesIO()
    image.save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"


RED = data_url(Image.new("RGB", (300, 200), (200, 30, 30)))


def changed(http: httpx.Client, model: str, **body: Any) -> Image.Image:
    answer = http.post("/v1/images/generations", json={"model": model} | body).json()
    assert "data" in answer, answer
    return opened(answer["data"][0], http)


def test_strength_says_how_far_a_picture_is_left(http: httpx.Client) -> None:
    """0 keeps the picture, 1 leaves nothing of it."""
    pictures = [
        changed(http, "flux/dev/image-to-image", prompt="a green hill", image_url=RED, strength=strength)
        for strength in (0, 0.5, 1)
    ]
    distances = [abs(one.convert("RGB").getpixel((10, 10))[0] - 200) for one in pictures]
    assert distances[0] == 0
    assert distances[0] < distances[1] < distances[2]


@pytest.mark.parametrize(
    ("model", "given"),
    [
        ("google/nano-banana-edit", {"image_urls": [RED, RED]}),
        ("alibaba/qwen-image-edit", {"image": RED}),
    ],
)
def test_each_edit_model_takes_its_own_field(http: httpx.Client, model: str, given: Any) -> None:
    """image_urls here, image there: a picture of the given size comes back."""
    assert changed(http, model, prompt="blue night", **given).size == (300, 200)


def test_a_picture_comes_as_base64_where_the_model_has_a_word_for_it(http: httpx.Client) -> None:
    """response_format in one model, convert_base64_to_url in another."""
    one = make(http, model="gpt-image-1", response_format="b64_json")["data"][0]
    other = make(http, model="google/imagen-4.0-fast-generate-001", convert_base64_to_url=False)["data"][0]
    assert (1024, 1024) == opened(one, http).size == opened(other, http).size
    assert not {"url"} & (set(one) | set(other))


def test_names_that_are_not_the_models_own_are_refused(http: httpx.Client) -> None:
    """OpenAI's n and size are not FLUX's, and the published schema does not have them."""
    assert 400 == make(http, n=2, size="128x128")["statusCode"]
    model = catalogue.require("flux/schnell", "image")
    assert not {"n", "size", "response_format"} & set(catalogue.schema(model, "image")["properties"])


def test_upscaling_gives_a_larger_picture(http: httpx.Client) -> None:
    """No prompt, a picture in, the same shape out with 2048 pixels along the longer side."""
    assert changed(http, "bytedance/dreamina-creative-upscale", image_url=RED, resolution="2k").size == (2048, 1365)


def test_a_picture_made_here_can_be_sent_on_by_its_url(http: httpx.Client) -> None:
    """The sandbox knows its own files; an address elsewhere is refused, as nothing is fetched."""
    url = make(http, image_size="square")["data"][0]["url"]
    assert changed(http, "alibaba/qwen-image-edit", prompt="blue", image=url).size == (512, 512)
    body = {"model": "alibaba/qwen-image-edit", "prompt": "blue", "image": "https://example.com/a.png"}
    assert "fetches nothing" in http.post("/v1/images/generations", json=body).json()["message"]


def test_enhancing_adds_to_the_prompt_and_says_so(http: httpx.Client) -> None:
    """revised_prompt has the prompt as it was used; switched off, there is none."""
    body = {"model": "google/imagen-4.0-fast-generate-001", "prompt": "a cat", "aspect_ratio": "1:1", "seed": 3}
    on = http.post("/v1/images/generations", json=body).json()["data"][0]
    off = http.post("/v1/images/generations", json=body | {"enhance_prompt": False}).json()["data"][0]
    assert on["revised_prompt"].startswith("a cat, ")
    assert "revised_prompt" not in off
    assert on["url"] != off["url"]


def test_guidance_shows(http: httpx.Client) -> None:
    """More guidance, stronger colours."""
    spread = []
    for guidance in (1, 4.5, 15):
        picture = changed(
            http, "alibaba/qwen-image", prompt="green hills", image_size="square", guidance_scale=guidance
        )
        spread.append(ImageStat.Stat(picture.convert("HSV").getchannel("S")).mean[0])
    assert spread[0] < spread[1] < spread[2]


@pytest.mark.parametrize("kind", ["glb", "obj"])
def test_a_picture_becomes_a_solid(http: httpx.Client, kind: str) -> None:
    """model_mesh leads to a file of the size told: glTF 2.0 whose parts fit together, or OBJ."""
    picture = Image.radial_gradient("L").convert("RGB")
    body = {"model": "triposr", "image_url": data_url(picture), "output_format": kind}
    mesh = http.post("/v1/images/generations", json=body).json()["model_mesh"]
    data = httpx.get(mesh["url"], trust_env=False).content
    assert (len(data), mesh["file_name"]) == (mesh["file_size"], f"mesh.{kind}")
    if kind == "obj":
        assert data.count(b"\nv ") == 32 * 32
        return
    magic, version, length, size, name = struct.unpack("<4s3I4s", data[:20])
    document = json.loads(data[20 : 20 + size])
    binary = data[28 + size :]
    assert (magic, version, length, name) == (b"glTF", 2, len(data), b"JSON")
    assert document["buffers"][0]["byteLength"] == len(binary)
    points = list(struct.iter_unpack("<3f", binary[: 12 * document["accessors"][0]["count"]]))
    assert [min(p[axis] for p in points) for axis in range(3)] == document["accessors"][0]["min"]
    view = document["bufferViews"][2]
    indices = struct.unpack(f"<{view['byteLength'] // 4}I", binary[view["byteOffset"] :][: view["byteLength"]])
    assert max(indices) == len(points) - 1
