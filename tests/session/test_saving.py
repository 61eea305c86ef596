"""Tests of `aiml_nb.session.saving`: the copy that the user wants, refused before the call or written after it."""

from __future__ import annotations

import csv
import json
import wave
from pathlib import Path

import pytest

from aiml_nb.errors import InvalidRequestError
from aiml_nb.session import Session
from aiml_nb.session.saving import SUFFIXES, check


@pytest.mark.parametrize("medium", SUFFIXES)
def test_a_name_that_no_result_has_is_refused(medium: str) -> None:
    """Each medium has its kinds of file; another is refused with the ones it has, a folder and a bare name are fine."""
    with pytest.raises(InvalidRequestError) as caught:
        check(medium, "thing.exe")
    assert SUFFIXES[medium][0] in caught.value.advice
    for name in (f"thing{SUFFIXES[medium][0]}", "folder/", "thing"):
        check(medium, name)


def test_nothing_is_sent_for_a_name_that_cannot_be() -> None:
    """The ledger stays empty."""
    session = Session()
    with pytest.raises(InvalidRequestError):
        session.speech("Hello", save="hello.txt")
    assert [] == session.usage()


def test_a_sound_is_saved_under_its_own_kind(tmp_path: Path) -> None:
    """A WAV that was to be called .mp3 is written as .wav, and a note says so: what was paid for is not lost."""
    spoken = Session().speech("Hello", save="hello.mp3")
    assert [Path("hello.wav")] == spoken.saved
    assert spoken.bytes == (tmp_path / "hello.wav").read_bytes()
    assert "WAV" in spoken.notes[-1]


def test_a_job_s_file_is_saved_too(tmp_path: Path) -> None:
    """Music comes as a job, and lands in the folder that was named, which is made."""
    made = Session().music("a waltz", save="songs/")
    assert [each.read_bytes() for each in (tmp_path / "songs").iterdir()] == [made.bytes]


def test_texts_are_saved_in_the_form_that_the_name_asks_for(tmp_path: Path) -> None:
    """A transcript as text and subtitles, a scan as Markdown, vectors as CSV and JSON."""
    session = Session()
    with wave.open("talk.wav", "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(b"\0\1" * 8000)
    heard = session.transcribe(attach="talk.wav", save="talk.srt")
    assert heard.srt() == (tmp_path / "talk.srt").read_text()
    read = session.ocr(attach=_scan(), save="page.md")
    assert read.text == (tmp_path / "page.md").read_text()
    vectors = session.embed(["one", "two"], save="vectors.csv")
    rows = list(csv.reader((tmp_path / "vectors.csv").read_text().splitlines()))
    assert ["text", "0"] == rows[0][:2]
    assert [["one", vectors.dimensions + 1], ["two", vectors.dimensions + 1]] == [[r[0], len(r)] for r in rows[1:]]
    session.embed("one", save=Path("vectors.json"))
    assert json.loads((tmp_path / "vectors.json").read_text())["data"]


def _scan() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(out, "PNG")
    return out.getvalue()
