"""OCR: a PDF's text as Markdown by page, its pictures, and honesty about pictures."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import httpx
import pytest
from fpdf import FPDF
from PIL import Image


@pytest.fixture(scope="module")
def pdf() -> str:
    made = FPDF()
    for number in (1, 2, 3):
        made.add_page()
        made.set_font("helvetica", size=24)
        made.cell(0, 12, f"Chapter {number}", new_x="LMARGIN", new_y="NEXT")
        made.set_font("helvetica", size=11)
        made.multi_cell(0, 6, f"This is the text of page {number}, and there is more of it than of the heading.")
    made.image(Image.new("RGB", (60, 40), "teal"), x=20, y=100, w=30)
    return "data:application/pdf;base64," + base64.b64encode(bytes(made.output())).decode()


def read(http: httpx.Client, url: str, kind: str = "document_url", **more: Any) -> Any:
    body = {"model": "mistral-ocr-latest", "document": {"type": kind, kind: url}} | more
    return http.post("/v1/ocr", json=body).json()


def test_a_pdf_is_read_page_by_page(http: httpx.Client, pdf: str) -> None:
    """Headings are Markdown's, pages have numbers and sizes, pictures a place in the text but no bytes unasked."""
    answer = read(http, pdf)
    assert 3 == answer["usage_info"]["pages_processed"]
    first, _, last = answer["pages"]
    assert first["markdown"].startswith("# Chapter 1")
    assert "This is the text of page 1" in first["markdown"]
    assert (595, 842) == (first["dimensions"]["width"], first["dimensions"]["height"])
    (image,) = last["images"]
    assert f"![{image['id']}]" in last["markdown"]
    assert image["image_base64"] is None


def test_pictures_come_when_asked(http: httpx.Client, pdf: str) -> None:
    """include_image_base64 brings a picture that opens; the limits leave it out."""
    (image,) = read(http, pdf, include_image_base64=True)["pages"][2]["images"]
    data = base64.b64decode(image["image_base64"].partition(",")[2])
    assert (60, 40) == Image.open(io.BytesIO(data)).size
    assert [] == read(http, pdf, image_limit=0)["pages"][2]["images"]
    assert [] == read(http, pdf, image_min_size=50)["pages"][2]["images"]


@pytest.mark.parametrize(("pages", "numbers"), [("0-1", [0, 1]), ([2], [2]), ("0,2", [0, 2])])
def test_pages_are_chosen(http: httpx.Client, pdf: str, pages: Any, numbers: list[int]) -> None:
    """As a list, or as text with ranges, counted from 0."""
    assert numbers == [page["index"] for page in read(http, pdf, pages=pages)["pages"]]


def test_an_annotation_fits_its_schema(http: httpx.Client, pdf: str) -> None:
    """document_annotation is JSON text made from the schema."""
    schema = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "about", "schema": schema}}
    answer = read(http, pdf, document_annotation_format=wanted)
    assert ["title"] == list(json.loads(answer["document_annotation"]))


def test_a_picture_is_described_not_read(http: httpx.Client) -> None:
    """Size and colours, and that no AI ran; the other model answers with 201."""
    out = io.BytesIO()
    Image.new("RGB", (80, 50), (200, 30, 30)).save(out, "PNG")
    url = "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
    text = read(http, url, "image_url")["pages"][0]["markdown"]
    for part in ("no AI ran", "80 × 50", "red"):
        assert part in text
    body = {"model": "zhipu/glm-ocr", "document": {"type": "image_url", "image_url": url}}
    assert 201 == http.post("/v1/ocr", json=body).status_code


@pytest.mark.parametrize(
    ("document", "word"),
    [
        ({"type": "document_url"}, "document.document_url"),
        ({"type": "file"}, "document_url"),
        ({"type": "document_url", "document_url": "https://example.com/a.pdf"}, "fetches nothing"),
        ({"type": "document_url", "document_url": "data:text/plain,hello"}, "PDF or a picture"),
        ({"type": "document_url", "document_url": "data:application/pdf,%25PDF-broken"}, "cannot be read"),
    ],
)
def test_a_wrong_document_is_refused(http: httpx.Client, document: Any, word: str) -> None:
    """400 that names the field."""
    assert word in http.post("/v1/ocr", json={"model": "mistral-ocr-latest", "document": document}).json()["message"]


def test_pages_that_are_not_there_are_refused(http: httpx.Client, pdf: str) -> None:
    """The refusal says how many there are."""
    assert "3 pages" in read(http, pdf, pages=[7])["message"]
    assert "ranges" in read(http, pdf, pages="all")["message"]
