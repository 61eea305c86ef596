"""Studio against the sandbox, with real threads: form, call, gallery, cell; what a user sees is in the browser's test."""

from __future__ import annotations

import io
import json
import socket
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ipywidgets as w
import pytest
from IPython.core.interactiveshell import InteractiveShell
from PIL import Image
from traitlets.config import Config

from aiml_nb.catalogue import Model
from aiml_nb.content import Attachment
from aiml_nb.errors import InvalidRequestError
from aiml_nb.media.image import Images
from aiml_nb.session import Session
from aiml_nb.store import Call
from aiml_nb.widgets import gallery
from aiml_nb.widgets.mask import Drawing, mask_of
from aiml_nb.widgets.studio import Studio

SECONDS = 20


@pytest.fixture
def open_studio() -> Iterator[Callable[..., Studio]]:
    """Call it as Studio; the form is there when it returns."""
    made: list[Studio] = []

    def open_it(*, session: Session | None = None, **options: Any) -> Studio:
        studio = Studio(session or Session(), **options)
        made.append(studio)
        assert studio.form.wait(SECONDS)
        return studio

    yield open_it
    for studio in made:
        studio.cancel()
        studio.worker.wait(SECONDS)
        studio.session.close()


def until(fact: Callable[[], Any]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + SECONDS
    while not fact():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.02)


def pick(studio: Studio, model: str) -> None:
    studio.form.picker.field.value = model
    assert studio.form.wait(SECONDS), studio.errors.value


def field(studio: Studio, name: str) -> Any:
    assert studio.form.controls is not None
    return studio.form.controls.fields[name]


def test_a_picture_is_made_and_shown(open_studio: Callable[..., Studio]) -> None:
    """Generate returns at once; then the picture is on the screen, in `result` and in the gallery, as a small copy."""
    studio = open_studio()
    studio.prompt.value = "a red fox in the snow"
    assert "$0" in studio.price.value
    studio.go.click()
    assert studio.go.disabled
    result = studio.wait(SECONDS)
    assert isinstance(result, Images)
    assert 'alt="a red fox in the snow"' in studio.view.value
    assert "$0 · sandbox" in studio.view.value
    until(lambda: studio.gallery.items)
    assert result.path == studio.gallery.items[0].path
    assert not studio.go.disabled
    assert "" == studio.progress.value == studio.errors.value


def test_the_picture_is_there_in_the_next_cell(open_studio: Callable[..., Studio]) -> None:
    """It is set as `_image`, as the magics do, and in the namespace of the notebook only."""
    InteractiveShell.clear_instance()
    config = Config()
    config.HistoryManager.enabled = False
    ip = InteractiveShell.instance(config=config)
    try:
        studio = open_studio()
        studio.prompt.value = "a whale"
        studio.generate()
        assert studio.wait(SECONDS) is ip.user_ns["_image"]
        studio.as_cell()
        assert "%%image -m flux/schnell\na whale" == ip.rl_next_input
    finally:
        InteractiveShell.clear_instance()


def test_opening_and_switching_never_wait_for_the_network() -> None:
    """With a server that takes connections and says nothing, the panel opens at once and says that the form is loading."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        session = Session(base_url=f"http://127.0.0.1:{silent.getsockname()[1]}", api_key="none")
        begun = time.perf_counter()
        studio = Studio(session, model="some/model")
        studio.form.picker.field.value = "some/other"
        studio.prompt.value = "x"
        assert time.perf_counter() - begun < 1.0
        assert "loading" in studio.form.told.value
        with pytest.raises(InvalidRequestError, match="not there yet"):
            studio.generate()
        studio.go.click()
        assert "not there yet" in studio.errors.value
    session.close()


def test_another_model_keeps_what_both_have(open_studio: Callable[..., Studio]) -> None:
    """The seed and the number of pictures go along; a slider that only the new model has is there."""
    studio = open_studio()
    field(studio, "seed").control.value = "7"
    field(studio, "num_images").control.value = 3
    pick(studio, "alibaba/qwen-image")
    assert studio.form.controls is not None
    assert {"guidance_scale", "negative_prompt"} <= set(studio.form.controls.fields)
    assert {"seed": 7, "num_images": 3} == studio.form.values()


def test_a_model_that_is_not_there_is_said_in_place(open_studio: Callable[..., Studio]) -> None:
    """The nearest names are told, and the next right one puts it all in order."""
    studio = open_studio()
    studio.form.picker.field.value = "flux/snell"
    until(lambda: studio.errors.value)
    assert "flux/schnell" in studio.errors.value
    pick(studio, "flux/schnell")
    assert "" == studio.errors.value


def test_a_part_of_a_name_that_fits_one_model_is_enough(open_studio: Callable[..., Studio]) -> None:
    """Typing `qwen-image-edit` picks the one model whose id has it."""
    studio = open_studio()
    until(lambda: studio.form.picker.field.options)
    pick(studio, "qwen-image-edit")
    assert "alibaba/qwen-image-edit" == studio.form.model


def test_a_refusal_is_short_and_nothing_is_sent(open_studio: Callable[..., Studio]) -> None:
    """What the schema forbids is said under the form before the call."""
    studio = open_studio(model="google/imagen-4.0-fast-generate-001")
    studio.prompt.value = "x" * 500
    studio.generate()
    studio.worker.wait(SECONDS)
    assert "400 characters" in studio.errors.value
    assert studio.result is None
    assert [] == studio.session.store.calls.rows()


def test_the_price_is_shown_before_the_click(open_studio: Callable[..., Studio]) -> None:
    """Where the catalogue fixes it by the picture, it follows the form; a price by what only the answer tells is its rule."""
    studio = open_studio()
    unit = {"name": "image", "measure": "output", "price": 0.03, "per": 1}
    studio.form.entry = Model("m", pricing={"kind": "fixed", "units": [unit]})
    field(studio, "num_images").control.value = 4
    assert "$0.12" in studio.price.value
    studio.form.entry = Model("m", pricing={"kind": "fixed", "units": [unit | {"name": "megapixel"}]})
    field(studio, "num_images").control.value = 2
    assert "$0.03 for each" in studio.price.value


def test_a_job_that_is_no_longer_waited_for_is_collected(open_studio: Callable[..., Studio]) -> None:
    """Cancel ends the waiting at once and says how to get the film; Collect fetches it, and it is not made twice."""
    studio = open_studio(medium="video")
    studio.prompt.value = "waves"
    studio.generate()
    until(lambda: studio.session.jobs() and studio.session.jobs()[0]["id"])
    until(lambda: " s" in studio.progress.value)
    begun = time.perf_counter()
    studio.stop.click()
    studio.worker.wait(SECONDS)
    assert time.perf_counter() - begun < 1.0
    assert "resume" in studio.errors.value
    assert studio.collect_button.layout.display is None
    studio.collect_button.click()
    result = studio.wait(SECONDS)
    assert result is not None, studio.errors.value
    assert "<video" in studio.view.value
    assert 1 == len(studio.session.jobs())


def test_each_medium_keeps_its_model_and_settings(open_studio: Callable[..., Studio]) -> None:
    """Going to film and back brings the picture's model with what was chosen for it."""
    studio = open_studio(model="alibaba/qwen-image")
    field(studio, "seed").control.value = "7"
    for medium, model in (("video", "text-to-video"), ("image", "alibaba/qwen-image")):
        studio.medium.value = medium
        assert studio.form.wait(SECONDS)
        assert model in studio.form.model
    assert {"seed": 7} == studio.form.values()


def test_a_saved_notebook_stays_small(open_studio: Callable[..., Studio]) -> None:
    """The twin has small copies of the pictures and no film or sound, only what they are."""
    studio = open_studio()
    field(studio, "num_images").control.value = 4
    studio.prompt.value = "a city at night"
    studio.generate()
    studio.wait(SECONDS)
    assert 4 == studio._twin_html_().count("<img")
    assert len(studio._twin_html_()) < 150_000
    studio.medium.value = "speech"
    assert studio.form.wait(SECONDS)
    studio.generate()
    assert studio.wait(SECONDS) is not None
    until(lambda: "<audio" in studio.view.value)
    assert "<audio" not in studio._twin_html_()
    assert "sha256" in studio._twin_html_()


@pytest.mark.parametrize("medium", ["speech", "music"])
def test_sound_has_a_player(medium: str, open_studio: Callable[..., Studio]) -> None:
    """Speech and music come as a player, and stand in the gallery with their words."""
    studio = open_studio(medium=medium)
    studio.prompt.value = "a slow waltz for piano"
    studio.generate()
    assert studio.wait(SECONDS) is not None, studio.errors.value
    assert "<audio" in studio.view.value
    until(lambda: studio.gallery.items)
    assert "slow waltz" in studio.gallery.grid.children[0].description


def ledger(session: Session, folder: Path, count: int) -> None:
    """So many pictures of 1024 pixels in the ledger, as other sessions left them."""
    for at in range(count):
        picture = Image.linear_gradient("L").resize((1024, 1024)).point(lambda value, at=at: (value + at) % 256)
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=40)
        path = session.store.media.put(out.getvalue(), "image/jpeg")
        body = {"model": "flux/schnell", "prompt": f"gradient {at}", "seed": at + 1, "image_size": "square"}
        row = session.store.calls.begin(
            Call(medium="image", model="flux/schnell", provider="sandbox", host="sandbox", prompt=body)
        )
        session.store.calls.finish(row, "ok", media=[path])


def test_two_hundred_pictures_are_a_page_of_thumbnails(open_studio: Callable[..., Studio], tmp_path: Path) -> None:
    """One page goes to the browser, as small copies; turning it makes only what is new, and pressing a tile shows one."""
    session = Session()
    ledger(session, tmp_path, 200)
    begun = time.process_time()
    studio = open_studio(session=session)
    until(lambda: studio.gallery.style.value)
    assert time.process_time() - begun < 3.0
    shown = studio.gallery
    assert "1 to 24 of 200" in shown.told.value
    assert gallery.PAGE == len(shown.grid.children)
    assert len(shown.style.value) < 300_000
    shown.forth.click()
    until(lambda: "25 to 48" in shown.told.value)
    again = time.process_time()
    shown.turn(-1)
    assert time.process_time() - again < 0.2
    shown.grid.children[3].click()
    assert "gradient 196" in studio.view.value
    assert "info" == shown.grid.children[3].button_style


def test_settings_are_used_again(open_studio: Callable[..., Studio], tmp_path: Path) -> None:
    """Prompt, model and parameters of an earlier picture fill the form; what was chosen since is gone."""
    session = Session()
    ledger(session, tmp_path, 2)
    studio = open_studio(session=session, model="alibaba/qwen-image")
    field(studio, "guidance_scale").control.value = 3
    until(lambda: studio.gallery.items)
    studio.gallery.grid.children[0].click()
    studio.reuse.click()
    assert studio.form.wait(SECONDS)
    assert "gradient 1" == studio.prompt.value
    assert "flux/schnell" == studio.form.model
    assert {"seed": 2, "image_size": "square"} == studio.form.values()
    assert "%%image -m flux/schnell --size square --seed 2\ngradient 1" == studio.cell


def test_a_picture_becomes_the_reference_of_the_next(open_studio: Callable[..., Studio], tmp_path: Path) -> None:
    """Use as reference attaches it where the model takes one, and says so where it does not."""
    session = Session()
    ledger(session, tmp_path, 1)
    studio = open_studio(session=session)
    until(lambda: studio.gallery.items)
    studio.gallery.grid.children[0].click()
    studio.use.click()
    assert "takes no picture" in studio.errors.value
    pick(studio, "flux/dev/image-to-image")
    studio.use.click()
    assert "" == studio.errors.value
    studio.prompt.value = "the same in autumn"
    studio.generate()
    assert studio.wait(SECONDS) is not None, studio.errors.value
    assert "/v1/images/generations" == studio.session.store.calls.rows()[0]["path"]


def test_it_is_saved_under_a_name(open_studio: Callable[..., Studio], tmp_path: Path) -> None:
    """A free name is offered; Save writes the original and says where; a place that cannot be is told."""
    session = Session()
    ledger(session, tmp_path, 1)
    studio = open_studio(session=session)
    until(lambda: studio.gallery.items)
    studio.gallery.grid.children[0].click()
    assert "image.jpg" == studio.path.value
    studio.save_button.click()
    assert studio.result.bytes == (tmp_path / "image.jpg").read_bytes()
    assert "image.jpg" in studio.saved.value
    studio.path.value = ""
    studio.save_button.click()
    assert "no name" in studio.errors.value


def test_a_drawn_mask_goes_with_the_picture(open_studio: Callable[..., Studio]) -> None:
    """What was painted is transparent and white at the picture's own size, and the model is called where it edits."""
    studio = open_studio(model="openai/gpt-image-1")
    assert studio.form.task.layout.display is None
    studio.form.task.value = True
    picture, mask = field(studio, "image"), field(studio, "mask")
    picture.set([Attachment.of(png(Image.new("RGB", (300, 200), "orange")))])
    drawing = Drawing(mask, lambda: picture.attachments[0])
    drawing.open()
    painted = Image.new("RGBA", (150, 100))
    painted.paste((47, 155, 255, 255), (0, 0, 75, 100))
    drawing.heard({"do": "mask"}, [png(painted)])
    made = Image.open(io.BytesIO(mask.attachments[0].read()))
    assert ((300, 200), "RGBA") == (made.size, made.mode)
    assert ((255, 255, 255, 0), (0, 0, 0, 255)) == (made.getpixel((10, 10)), made.getpixel((290, 10)))
    studio.prompt.value = "a hat"
    studio.generate()
    assert studio.wait(SECONDS) is not None, studio.errors.value
    row = studio.session.store.calls.rows()[0]
    assert "/v1/images/edits" == row["path"]
    assert {"image", "mask"} <= set(json.loads(row["prompt"]))


def test_an_empty_mask_is_none() -> None:
    """Nothing painted, or what is no drawing, makes no mask."""
    assert mask_of(png(Image.new("RGBA", (8, 8))), (8, 8)) is None
    with pytest.raises(InvalidRequestError, match="transparency"):
        mask_of(png(Image.new("RGB", (8, 8))), (8, 8))


def test_presses_at_the_same_time_start_one_call(open_studio: Callable[..., Studio]) -> None:
    """Callbacks may run in several threads; eight presses at once make one picture."""
    studio = open_studio()
    studio.prompt.value = "a rocket"
    threads = [threading.Thread(target=studio.generate) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    studio.wait(SECONDS)
    assert 1 == len(studio.session.store.calls.rows())


def test_of_models_picked_quickly_the_last_one_stays(open_studio: Callable[..., Studio]) -> None:
    """Forms that were overtaken are never shown, and those that were replaced are gone from the page's memory."""
    studio = open_studio()
    names = ("alibaba/qwen-image", "openai/gpt-image-1", "blackforestlabs/flux-2", "google/nano-banana-edit")
    for name in names:
        pick(studio, name)
    before = len(w.Widget.get_manager_state()["state"])
    for _ in range(3):
        threads = [threading.Thread(target=studio.form.pick, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        studio.form.pick(names[-1])
        assert studio.form.wait(SECONDS)
    until(lambda: "loading" not in studio.form.told.value)
    assert names[-1] == studio.form.model
    assert studio.form.controls is not None
    assert "image_urls" in studio.form.controls.fields
    assert studio.form.box.children == (studio.form.controls.widget,)
    assert len(w.Widget.get_manager_state()["state"]) < before + 20


def test_no_key_is_in_the_state(open_studio: Callable[..., Studio]) -> None:
    """Whatever a saved notebook would keep of the widgets, the key is not in it."""
    key = "sk-" + "test" * 8
    session = Session()
    server = session.endpoint()
    other = Session(base_url=server.base_url, api_key=key)
    studio = Studio(other, model="flux/schnell")
    until(lambda: studio.errors.value or studio.form.controls)
    assert key not in json.dumps(w.Widget.get_manager_state(drop_defaults=True), default=str)
    assert "Studio()" == repr(studio)
    for each in (session, other):
        each.close()


def test_where_threads_may_set_nothing_the_callback_does_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """In Colab the form is there when the panel is, and the picture when the button's callback returns."""
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    studio = Studio(Session())
    assert studio.form.controls is not None
    assert studio.form.picker.field.options
    studio.prompt.value = "a whale"
    studio.go.click()
    assert 'alt="a whale"' in studio.view.value
    assert not studio.go.disabled
    assert 1 == len(studio.gallery.items)
    studio.session.close()


def test_an_unknown_medium_is_refused() -> None:
    """The Studio says which media it has."""
    with pytest.raises(InvalidRequestError, match="no chat"):
        Studio(Session(), medium="chat")


def png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
