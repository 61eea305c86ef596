"""Tests of `aiml_nb.media.ocr` and of how documents are drawn."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from aiml_nb.content import Attachment
from aiml_nb.errors import AIMLError, APIError, InvalidRequestError
from aiml_nb.media.document_drawing import _picture, _Room
from aiml_nb.media.ocr import Document, found, payload

KEYS = [
    "pages",
    "markdown",
    "text",
    "index",
    "images",
    "id",
    "image_base64",
    "document",
    "result",
    "layout",
    "textAnchor",
    "textSegments",
    "endIndex",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=20,
)


def png(colour: str = "red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (12, 8), colour).save(out, "PNG")
    return out.getvalue()


def page(index: int, markdown: str, **images: str) -> dict[str, Any]:
    return {
        "index": index,
        "markdown": markdown,
        "images": [
            {"id": name.replace("_", "."), "top_left_x": 0, "image_base64": text} for name, text in images.items()
        ],
        "dimensions": {"dpi": 200, "height": 2200, "width": 1700},
    }


def made(answer: Any, *files: Path) -> Document:
    return Document.from_json(answer, files, model="m")


def test_pages_of_markdown() -> None:
    """Mistral's and Zhipu's answers: pages with Markdown; the cost stands in `meta`."""
    got = made(
        {
            "pages": [page(0, "# One"), page(1, "two")],
            "usage_info": {"pages_processed": 2},
            "meta": {"usage": {"credits_used": 26000}},
        }
    )
    assert (got.text, [p.index for p in got.pages], got.cost and got.cost.credits) == ("# One\n\ntwo", [0, 1], 26000)


def test_pictures_by_their_names(tmp_path: Path) -> None:
    """A fetched picture belongs to the page and to the name that the Markdown uses."""
    answer = {"pages": [page(0, "a"), page(1, "![i](img-0.png)", **{"img-0_png": "aiml-nb-media:0"})]}
    (tmp_path / "x.png").write_bytes(png())
    assert [("aiml-nb-media:0", "img-0.png")] == [(row["b64"], row["name"]) for row in found(answer)]
    got = made(answer, tmp_path / "x.png")
    assert ({}, {"img-0.png": tmp_path / "x.png"}) == (dict(got.pages[0].images), dict(got.pages[1].images))
    assert got.paths == [tmp_path / "x.png"]


def test_pictures_still_in_the_answer() -> None:
    """Without files base64 is decoded, with or without a data: prefix; a reference alone is no picture."""
    raw = base64.b64encode(png()).decode()
    answer = {"pages": [page(0, "x", a=f"data:image/png;base64,{raw}", b=raw, c="aiml-nb-media:7")]}
    assert {"a": png(), "b": png()} == dict(made(answer).pages[0].images)


@pytest.mark.parametrize(
    "answer",
    [
        {"text": "hello"},
        {"document": {"text": "hello"}},
        {"result": {"markdown": "hello"}},
        {"output": "hello"},
        {"pages": [{"text": "hello"}]},
        {"data": [{"content": "hello"}]},
        {"document": {"pages": [{"markdown": "hello"}]}},
    ],
)
def test_text_wherever_it_is(answer: dict[str, Any]) -> None:
    """Of one model the provider tells no shape: a text is found where such services put it."""
    assert made(answer).text == "hello"


def test_document_ai_marks_its_pages() -> None:
    """One long text with anchors becomes pages; where an anchor is broken it stays one."""
    anchor = [
        {"layout": {"textAnchor": {"textSegments": [{"endIndex": "3"}]}}},
        {"layout": {"textAnchor": {"textSegments": [{"startIndex": "3", "endIndex": "6"}]}}},
    ]
    assert ["one", "two"] == [p.markdown for p in made({"document": {"text": "onetwo", "pages": anchor}}).pages]
    assert ["onetwo"] == [p.markdown for p in made({"text": "onetwo", "pages": [{"layout": {}}]}).pages]


def test_an_empty_page_is_a_page() -> None:
    """Nothing to read is an answer."""
    got = made({"pages": [page(0, "")]})
    assert (got.text, len(got.pages)) == ("", 1)
    assert "(empty)" in got._twin_()


@pytest.mark.parametrize("answer", [{}, [], None, "text", {"pages": []}, {"pages": [{"index": 0}]}, {"text": 3}])
def test_nothing_was_read(answer: Any) -> None:
    """An answer with neither page nor text is a protocol error."""
    with pytest.raises(APIError, match="holds no text"):
        made(answer)


def test_pictures_stand_where_the_markdown_has_them() -> None:
    """A picture on a line of its own is put there, others at the end of their page, each re-encoded; other addresses stay links."""
    raw = base64.b64encode(png()).decode()
    text = "before\n\n![fig](img-0.png)\n\nafter ![far](https://example.com/x.png)"
    drawn = made({"pages": [page(0, text, **{"img-0_png": raw, "extra_png": raw})]})._repr_mimebundle_()["text/html"]
    assert drawn.count("<img ") == 2
    assert (
        drawn.index("before") < drawn.index('alt="img-0.png"') < drawn.index("after") < drawn.index('alt="extra.png"')
    )
    assert 'src="https://' not in drawn
    assert 'href="https://example.com/x.png"' in drawn


def test_a_models_markdown_makes_no_html() -> None:
    """HTML in a page is shown, names are escaped, and a broken picture is told in words."""
    raw = base64.b64encode(b"<svg onload=alert(1)>" * 9).decode()
    name = '"><script>alert(1)</script>'
    answer = {
        "pages": [
            {
                "markdown": '<script>alert(2)</script> ![x](y "![a](b)")',
                "images": [
                    {"id": name, "image_base64": raw},
                    {"id": 'a" onerror="alert(3)', "image_base64": base64.b64encode(png()).decode()},
                ],
            }
        ]
    }
    drawn = made(answer)._repr_mimebundle_()["text/html"]
    assert "<script" not in drawn
    assert '" onerror="' not in drawn
    assert "can be shown" in drawn


def test_the_notebook_takes_so_many_pictures() -> None:
    """Beyond the limit a line says where the picture is."""
    room = _Room()
    room.left = len(png())
    drawn = [_picture({"a": png()}, "a", room) for _ in range(2)]
    assert drawn[0].startswith("<img ")
    assert "no more pictures fit" in drawn[1]


def test_the_least_call() -> None:
    """A PDF or a picture, by address or as data, in Mistral's form; the prompt may be the address."""
    assert payload("https://example.com/a.pdf", model="m", pages="0-2") == {
        "model": "m",
        "document": {"type": "document_url", "document_url": "https://example.com/a.pdf"},
        "include_image_base64": True,
        "pages": "0-2",
    }
    scan = payload(
        "", model="m", attachments=[Attachment("image/png", "a.png", data=png())], include_image_base64=False
    )
    assert (scan["document"]["type"], scan["include_image_base64"]) == ("image_url", False)


def test_one_document_and_no_prompt() -> None:
    """Words, no document, two documents or a recording are refused."""
    scan = Attachment("image/png", "a.png", data=b"x")
    for prompt, files in (
        ("read it", [scan]),
        ("", []),
        ("", [scan, scan]),
        ("", [Attachment("audio/wav", "a", data=b"x")]),
    ):
        with pytest.raises(InvalidRequestError):
            payload(prompt, model="m", attachments=files)


@given(JSON)
def test_any_json_is_a_document_or_our_error(answer: Any) -> None:
    """Whatever a server answers raises nothing but our own errors, and what is made of it can be drawn."""
    try:
        got = made(answer)
    except AIMLError as error:
        assert isinstance(error, APIError)
    else:
        assert got._repr_mimebundle_()
        assert isinstance(found(answer), list)
