"""Speech, music and transcripts: real WAV files, parameters honoured, and speech that can be read back."""

from __future__ import annotations

import base64
import io
import math
import struct
import wave
from typing import Any

import httpx
import pytest

from aiml_nb.sandbox import wav

GPT, ELEVEN, MINIMAX = "openai/gpt-4o-mini-tts", "elevenlabs/eleven_turbo_v2_5", "minimax/speech-2.5-hd-preview"
TEXT = "Hello, world. How are you today?"


def speak(http: httpx.Client, **body: Any) -> httpx.Response:
    return http.post("/v1/tts", json={"model": GPT, "text": TEXT} | body)


def spoken(http: httpx.Client, **body: Any) -> bytes:
    answer = speak(http, **body).json()
    assert "audio" in answer, answer
    return httpx.get(answer["audio"]["url"], trust_env=False).content


def opened(data: bytes) -> wave.Wave_read:
    return wave.open(io.BytesIO(data))


def seconds(data: bytes) -> float:
    with opened(data) as sound:
        return sound.getnframes() / sound.getframerate()


def test_speech_comes_as_a_url_or_as_sound(http: httpx.Client) -> None:
    """JSON with audio.url; where stream is the model's default, audio/wav itself, unless stream is false."""
    assert 2 < seconds(spoken(http)) < 4
    streamed = speak(http, model=ELEVEN)
    assert "audio/wav" == streamed.headers["content-type"]
    assert spoken(http, model=ELEVEN, stream=False) == streamed.content


def test_voices_and_speeds_differ(http: httpx.Client) -> None:
    """Another voice, other sound; twice the speed, half the time; a longer text, a longer sound."""
    assert spoken(http, voice="onyx") != spoken(http, voice="nova")
    assert spoken(http, voice="onyx") == spoken(http, voice="onyx")
    usual = seconds(spoken(http))
    assert 0.45 < seconds(spoken(http, speed=2)) / usual < 0.6
    assert seconds(spoken(http, text=TEXT * 3)) > 2.5 * usual


def test_nested_settings_are_honoured(http: httpx.Client) -> None:
    """MiniMax's voice_setting and audio_setting: speed, rate, channels."""
    setting = {"voice_id": "Deep_Voice_Man", "speed": 2, "pitch": -3}
    data = spoken(http, model=MINIMAX, voice_setting=setting, audio_setting={"sample_rate": 16000, "channel": 2})
    with opened(data) as sound:
        assert (16000, 2) == (sound.getframerate(), sound.getnchannels())
    assert seconds(data) < seconds(spoken(http, model=MINIMAX))


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"voice": "nobody"}, "alloy"),
        ({"speed": 9}, "speed"),
        ({"stream": True}, "stream"),
        ({"response_format": "mp3"}, "wav"),
        ({"text": ""}, "text"),
        ({"model": "nova-2-general"}, "for transcript"),
    ],
)
def test_what_a_voice_does_not_take_is_refused(http: httpx.Client, body: Any, word: str) -> None:
    """400 with what is allowed."""
    assert word in speak(http, **body).json()["message"]


def compose(http: httpx.Client, **body: Any) -> bytes:
    job = http.post(
        "/v2/generate/audio", json={"model": "elevenlabs/eleven_music", "prompt": "calm piano"} | body
    ).json()
    assert "id" in job, job
    told = [http.get("/v2/generate/audio", params={"generation_id": job["id"]}).json() for _ in range(3)]
    assert ["queued", "generating", "completed"] == [each["status"] for each in told]
    data = httpx.get(told[-1]["audio_file"]["url"], trust_env=False).content
    assert len(data) == told[-1]["audio_file"]["file_size"]
    return data


def test_music_lasts_as_long_as_asked(http: httpx.Client) -> None:
    """Milliseconds in, a WAV of that length out, which is no silence and never too loud."""
    data = compose(http, music_length_ms=12000)
    assert 12 == seconds(data)
    sound = wav.read(data)
    assert sound is not None
    assert -40 < sound.loudness < -6


def test_what_decides_the_music(http: httpx.Client) -> None:
    """Seed, prompt and negative prompt each make other music; the same ones the same."""
    bodies: list[dict[str, Any]] = [{"seed": 1}, {"seed": 2}, {"seed": 1, "prompt": "sad bells"}]
    made = [compose(http, model="google/lyria2", **body) for body in bodies]
    assert 3 == len(set(made))
    assert made[0] == compose(http, model="google/lyria2", seed=1)


def test_a_song_needs_lyrics_or_none(http: httpx.Client) -> None:
    """music-2.6: lyrics, or is_instrumental; the transcript of a song reads the lyrics back."""
    body = {"model": "minimax/music-2.6", "prompt": "happy folk"}
    assert "lyrics" in http.post("/v2/generate/audio", json=body).json()["message"]
    song = compose(http, **body, lyrics="Row row row your boat")
    assert "Row row row your boat" == transcribe(http, song)["results"]["channels"][0]["alternatives"][0]["transcript"]
    assert compose(http, **body, is_instrumental=True) != song


def transcribe(http: httpx.Client, data: bytes, model: str = "nova-2-general", **fields: Any) -> Any:
    answer = http.post("/v1/stt/create", data={"model": model} | fields, files={"audio": ("a.wav", data)})
    assert 201 == answer.status_code, answer.text
    job = answer.json()["generation_id"]
    told = [http.get(f"/v1/stt/{job}").json() for _ in range(3)]
    assert ["queued", "generating", "completed"] == [each["status"] for each in told]
    return told[-1].get("result") or told[-1]["output"]


def test_speech_is_read_back(http: httpx.Client) -> None:
    """Text to speech and back gives the text, with words in order whose times lie in the sound."""
    data = spoken(http)
    best = transcribe(http, data)["results"]["channels"][0]["alternatives"][0]
    assert TEXT == best["transcript"]
    times = [time for word in best["words"] for time in (word["start"], word["end"])]
    assert times == sorted(times)
    assert times[-1] < seconds(data)
    other = transcribe(http, data, "slam-1")
    assert (TEXT, "Hello,") == (other["text"], other["words"][0]["text"])


def test_speakers_utterances_and_punctuation(http: httpx.Client) -> None:
    """Each is asked for in the model's own word, and comes."""
    data = spoken(http)
    told = transcribe(http, data, diarize="true", utterances="true", punctuate="false")["results"]
    assert "hello world how are you today" == told["channels"][0]["alternatives"][0]["transcript"]
    assert ["Hello, world.", "How are you today?"] == [each["transcript"] for each in told["utterances"]]
    assert 0 == told["channels"][0]["alternatives"][0]["words"][0]["speaker"]
    assert "A" == transcribe(http, data, "slam-1", speaker_labels="true")["utterances"][0]["speaker"]


def tone() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"".join(struct.pack("<h", int(16000 * math.sin(i / 5))) for i in range(16000)))
    return out.getvalue()


def test_any_other_sound_is_described(http: httpx.Client) -> None:
    """Length, rate and loudness, and that nobody listened."""
    told = transcribe(http, tone())
    text = told["results"]["channels"][0]["alternatives"][0]["transcript"]
    for part in ("no AI ran", "2.0 seconds", "8000 samples", "1 channel", "-9.2 dB"):
        assert part in text
    assert 2 == told["metadata"]["duration"]
    assert "no AI ran" in transcribe(http, b"not a sound", "slam-1")["text"]


def test_a_sound_comes_by_url_too(http: httpx.Client) -> None:
    """The sandbox's own files and data URLs; nothing else is fetched, and both ways at once are refused."""
    url = speak(http).json()["audio"]["url"]
    data = f"data:audio/wav;base64,{base64.b64encode(tone()).decode()}"
    for place in (url, data):
        assert http.post("/v1/stt/create", json={"model": "nova-2-general", "url": place}).status_code == 201
    far = http.post("/v1/stt/create", json={"model": "nova-2-general", "url": "https://example.com/a.wav"})
    assert "fetches nothing" in far.json()["message"]
    assert "url" in http.post("/v1/stt/create", json={"model": "nova-2-general"}).json()["message"]


def test_music_is_small_unless_a_rate_is_asked_for(http: httpx.Client) -> None:
    """A byte a sample by default, so that it fits into a notebook; two where the request tells the rate."""
    assert 115_000 > len(compose(http)) > 110_000
    song = compose(http, model="minimax/music-2.6", is_instrumental=True, audio_setting={"audio_sample_rate": 16000})
    assert 2 * 16000 * 30 < len(song)
