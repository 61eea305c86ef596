"""Films: jobs that take a few polls, files that play, parameters honoured, faults of jobs."""

from __future__ import annotations

import base64
import io
import time
from typing import Any

import httpx
import pytest
from PIL import Image

from aiml_nb import sandbox
from aiml_nb.sandbox import h264

KLING, VEO, HAILUO = "kling-video/v1.6/standard/text-to-video", "google/veo-3.1-t2v", "minimax/hailuo-02"
PATH = "/v2/video/generations"


def create(http: httpx.Client, **body: Any) -> Any:
    return http.post(PATH, json={"model": KLING, "prompt": "a red fox in the snow"} | body)


def poll(http: httpx.Client, job: str) -> Any:
    return http.get(PATH, params={"generation_id": job}).json()


def film(http: httpx.Client, **body: Any) -> bytes:
    job = create(http, **body).json()["id"]
    states = [poll(http, job) for _ in range(3)]
    return httpx.get(states[-1]["video"]["url"], trust_env=False).content


def facts(data: bytes) -> tuple[int, int, float]:
    """Width, height and seconds, read from the file's own tables."""
    track, entry = data.index(b"mvhd"), data.index(b"avc1", 40)
    scale, ticks = (int.from_bytes(data[track + 16 + 4 * i : track + 20 + 4 * i], "big") for i in range(2))
    width, height = (int.from_bytes(data[entry + 28 + 2 * i : entry + 30 + 2 * i], "big") for i in range(2))
    return width, height, ticks / scale


def test_a_film_takes_three_polls(http: httpx.Client) -> None:
    """Created with 201, then queued, generating, completed; polling on changes nothing."""
    answer = create(http)
    job = answer.json()
    assert (201, "queued", 0) == (answer.status_code, job["status"], job["meta"]["usage"]["credits_used"])
    assert answer.headers["x-inference-id"] == job["id"]
    told = [poll(http, job["id"]) for _ in range(4)]
    assert ["queued", "generating", "completed", "completed"] == [each["status"] for each in told]
    assert told[2] == told[3]
    assert "video" not in told[1]


def test_equal_requests_make_two_jobs_with_one_film(http: httpx.Client) -> None:
    """Ids differ, even with colons and slashes in them; the file is the same."""
    ids = [create(http).json()["id"] for _ in range(2)]
    assert ids[0] != ids[1]
    assert ids[0].endswith(":" + KLING)
    urls = {[poll(http, job) for _ in range(3)][-1]["video"]["url"] for job in ids}
    assert 1 == len(urls)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (320, 180, 5)),
        ({"duration": 10, "aspect_ratio": "9:16"}, (180, 320, 10)),
        ({"aspect_ratio": "1:1"}, (180, 180, 5)),
        ({"model": VEO, "duration": 4}, (480, 270, 4)),
        ({"model": VEO, "duration": 6, "resolution": "720p"}, (320, 180, 6)),
    ],
)
def test_size_and_duration_are_honoured(http: httpx.Client, body: Any, expected: Any) -> None:
    """The file's own tables tell what was asked for, at a quarter of the resolution."""
    assert expected == facts(film(http, **body))


def test_what_decides_the_film(http: httpx.Client) -> None:
    """Prompt, seed, negative prompt and guidance each make another film; the same ones the same film."""
    base: dict[str, Any] = {"model": VEO, "duration": 4, "resolution": "720p", "prompt": "a fox at noon"}
    changes: list[dict[str, Any]] = [
        {},
        {"seed": 8},
        {"negative_prompt": "fox"},
        {"prompt": "a cat"},
        {"enhance_prompt": True},
    ]
    films = [film(http, **base | change) for change in changes]
    assert len(films) == len(set(films))
    assert films[1] == film(http, **base, seed=8)


def test_a_first_frame_starts_the_film(http: httpx.Client) -> None:
    """image_url in one model, first_frame_image in another; the film has the picture's shape."""
    out = io.BytesIO()
    Image.new("RGB", (200, 100), "teal").save(out, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"
    assert facts(film(http, model="kling-video/v1.6/pro/image-to-video", image_url=url)) == (360, 180, 5)
    data = film(http, model=HAILUO, first_frame_image=url, last_image_url=url)
    assert facts(data) == (384, 192, 6)
    assert "image_url: Required" in create(http, model="kling-video/v1.6/pro/image-to-video").json()["message"]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"duration": 7}, "duration"),
        ({"duration": "5"}, "duration"),
        ({"cfg_scale": 2}, "cfg_scale"),
        ({"seed": 3}, "seed: Unrecognized key"),
        ({"model": "flux/schnell"}, "for image"),
        ({"prompt": ""}, "prompt"),
    ],
)
def test_what_a_model_does_not_take_is_refused(http: httpx.Client, body: Any, word: str) -> None:
    """Before a job is made, in the provider's words."""
    assert word in create(http, **body).json()["message"]


def test_a_job_may_fail_inside_a_200(http: httpx.Client) -> None:
    """FAULT job: the status is error, with a name and a message."""
    job = create(http, prompt="FAULT job").json()["id"]
    last = [http.get(PATH, params={"generation_id": job}) for _ in range(3)][-1]
    assert (200, "error", "GenerationError") == (last.status_code, last.json()["status"], last.json()["error"]["name"])


def test_a_job_may_hang(http: httpx.Client) -> None:
    """FAULT hang=4: four polls before it is completed."""
    job = create(http, prompt="a fox FAULT hang=4").json()["id"]
    assert ["queued", *["generating"] * 3, "completed"] == [poll(http, job)["status"] for _ in range(5)]


def test_a_job_survives_a_lost_answer(http: httpx.Client) -> None:
    """FAULT cut: the answer to the create breaks off, but the logs tell the job's id by the client's own."""
    with pytest.raises(httpx.RemoteProtocolError):
        http.post(PATH, json={"model": KLING, "prompt": "FAULT cut"}, headers={"X-Client-Request-Id": "mine"})
    rows = http.get("/v2/logs?period=24h").json()["data"]
    (job,) = (row["inference_id"] for row in rows if row["client_request_id"] == "mine")
    assert "queued" == poll(http, job)["status"]


def test_a_job_fault_needs_a_job(http: httpx.Client) -> None:
    """A chat cannot hang as a job does; the refusal says so."""
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "FAULT hang"}]}
    assert "jobs" in http.post("/v1/chat/completions", json=body).json()["message"]


def test_an_unknown_job_is_not_found(http: httpx.Client) -> None:
    """404; without an id, too. A job of another kind is not found here."""
    assert http.get(PATH, params={"generation_id": "none"}).status_code == 404
    assert http.get(PATH).status_code == 404
    job = create(http).json()["id"]
    assert http.get("/v2/generate/audio", params={"generation_id": job}).status_code == 404


def test_a_film_of_odd_sizes_is_cropped_not_stretched() -> None:
    """The sequence's cropping leaves exactly the size asked for; no start code hides in a unit."""
    made = h264.encode(Image.new("RGB", (60, 34), "navy"), 34, 34, 20)
    assert (34, 34, 20) == (made.width, made.height, len(made.frames))
    for unit in (made.sequence, made.picture, *made.frames):
        assert not any(code in unit for code in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))


def test_a_part_of_a_file_can_be_asked_for(http: httpx.Client) -> None:
    """Range, as players and resumed downloads send it: 206 with the part, 416 beyond the end."""
    job = create(http).json()["id"]
    url = [poll(http, job) for _ in range(3)][-1]["video"]["url"]
    whole = httpx.get(url, trust_env=False).content
    part = httpx.get(url, headers={"Range": "bytes=100-199"}, trust_env=False)
    assert (206, whole[100:200], f"bytes 100-199/{len(whole)}") == (
        part.status_code,
        part.content,
        part.headers["content-range"],
    )
    assert whole[50:] == httpx.get(url, headers={"Range": "bytes=50-"}, trust_env=False).content
    assert 416 == httpx.get(url, headers={"Range": f"bytes={len(whole)}-"}, trust_env=False).status_code


def test_a_job_can_be_watched_at_the_usual_pace() -> None:
    """A film takes seconds, so that its bar is seen; with no pace it takes only its polls."""
    server = sandbox.start(pace=0.002)
    try:
        headers = {"Authorization": f"Bearer {server.key}"}
        with httpx.Client(base_url=server.url, trust_env=False, headers=headers) as http:
            body = {"model": "kling-video/v1.6/standard/text-to-video", "prompt": "a boat"}
            begun = time.monotonic()
            job = http.post("/v2/video/generations", json=body).json()["id"]
            seen = []
            while "completed" not in seen:
                seen.append(http.get("/v2/video/generations", params={"generation_id": job}).json()["status"])
                time.sleep(0.02)
    finally:
        server.stop()
    assert 0.4 <= time.monotonic() - begun
    assert {"queued", "generating", "completed"} == set(seen)
