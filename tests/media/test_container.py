"""Tests of `aiml_nb.media.container`: lengths and sizes out of headers."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiml_nb.media.container import duration, frame_size
from tests.recordings import box, mp3, mp4, wav


def kept(folder: Path, data: bytes) -> Path:
    path = folder / "file"
    path.write_bytes(data)
    return path


def test_a_wav_by_its_data(tmp_path: Path) -> None:
    """Bytes of sound over bytes a second."""
    assert duration(kept(tmp_path, wav(0.5))) == pytest.approx(0.5)


@pytest.mark.parametrize("length", [0, 0xFFFFFFFF])
def test_a_streamed_wav_tells_no_length(tmp_path: Path, length: int) -> None:
    """A header written before the sound was known has no true length: the file's own counts."""
    data = bytearray(wav(0.5))
    data[40:44] = struct.pack("<I", length)
    assert duration(kept(tmp_path, bytes(data))) == pytest.approx(0.5)


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("last", [False, True])
def test_an_mp4_by_its_header(tmp_path: Path, version: int, last: bool) -> None:
    """Duration and picture size, in 32 and 64 bits, with the header before or behind the film."""
    path = kept(tmp_path, mp4(4.0, (640, 360), version=version, last=last))
    assert (duration(path), frame_size(path)) == (4.0, (640, 360))


def test_a_fragmented_mp4(tmp_path: Path) -> None:
    """Where the header has no duration, the box for fragments has it."""
    mvhd = box(b"mvhd", bytes(4), struct.pack(">IIII", 0, 0, 1000, 0), bytes(80))
    mehd = box(b"mvex", box(b"mehd", bytes(4), struct.pack(">I", 2500)))
    assert duration(kept(tmp_path, box(b"ftyp", b"isom\0\0\0\0") + box(b"moov", mvhd, mehd))) == 2.5


def test_an_mp3_roughly(tmp_path: Path) -> None:
    """Bytes over the first frame's bit rate; 40 frames of 1152 samples last 1.04 s."""
    assert duration(kept(tmp_path, mp3(40))) == pytest.approx(40 * 1152 / 44100, abs=0.01)


def test_an_mp3_of_varying_rate_counts_its_frames(tmp_path: Path) -> None:
    """A Xing header tells how many frames there are."""
    frame = b"\xff\xfb\x90\x00" + bytes(32) + b"Xing" + struct.pack(">II", 1, 441) + bytes(365)
    assert duration(kept(tmp_path, frame + bytes(1000))) == pytest.approx(441 * 1152 / 44100)


def test_a_flac_by_its_samples(tmp_path: Path) -> None:
    """Samples over sample rate, out of STREAMINFO."""
    packed = (16000 << 44 | 0 << 41 | 15 << 36 | 24000).to_bytes(8, "big")
    assert duration(kept(tmp_path, b"fLaC\0\0\0\x22" + bytes(10) + packed + bytes(16))) == 1.5


def test_an_opus_file_by_its_last_page(tmp_path: Path) -> None:
    """The last page's position, less what is skipped, in 48 kHz."""
    first = b"OggS\0\2" + bytes(20) + b"\1\x13OpusHead\1\1" + struct.pack("<H", 312) + bytes(7)
    last = b"OggS\0\4" + struct.pack("<q", 48000 * 2 + 312) + bytes(20)
    assert duration(kept(tmp_path, first + last)) == 2.0


def test_what_is_not_there(tmp_path: Path) -> None:
    """A file that is gone or empty has no length."""
    assert duration(tmp_path / "gone") is None
    assert frame_size(tmp_path / "gone") is None
    assert duration(kept(tmp_path, b"")) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from([wav(0.01), mp4(), mp4(version=1), mp3(2), b"fLaC" + bytes(30), b"OggS" + bytes(60), b""]),
    st.binary(max_size=40),
    st.integers(0, 200),
)
def test_damaged_files_raise_nothing(tmp_path: Path, data: bytes, noise: bytes, at: int) -> None:
    """Whatever stands in a header, the length is a sane number or unknown."""
    path = kept(tmp_path, data[:at] + noise + data[at + len(noise) :])
    found = duration(path)
    assert found is None or 0 < found <= 7 * 86400
    size = frame_size(path)
    assert size is None or min(size) > 0
