"""Studio: pictures, films, speech and music, made with a form that comes from the chosen model's own schema.

The call runs beside, through the Session that the magics use; what comes is shown, set as `_image` and its kin in the
notebook, and stands in the gallery with all that was made before. It knows no model by name.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from ..content import Attachment
from ..display.front import shell
from ..errors import InvalidRequestError, shorten
from ..media.pending import Pending
from ..render import parts
from ..schema import PROMPTS
from ..session.kinds import KINDS
from . import gallery, looks, stage
from .aside import aside
from .base import Panel, button, row, show
from .cell_text import cell_text
from .front import front
from .model_form import ModelForm
from .sheets import CONTROLS
from .worker import Run, Worker, beside, in_colab

if TYPE_CHECKING:
    from ..session import Session

MEDIA = ("image", "video", "speech", "music")

#: Seconds between two looks at the clock while nothing else happens.
_TICK = 0.5

#: Bytes of a picture that is dropped or pasted.
_LARGEST = 50 << 20

_ASK = {
    "image": "Describe the picture",
    "video": "Describe the film",
    "speech": "The text to read aloud",
    "music": "Describe the music",
}


class Studio(Panel):
    """Make pictures, films, speech or music, with the controls that the chosen model has.

    session: whose calls these are, by default the one that the magics use. medium: image, video, speech or music.
    model: an id or alias, by default the medium's. `result` is what is shown. Raises InvalidRequestError for another medium.
    """

    def __init__(self, session: Session | None = None, *, medium: str = "image", model: str | None = None) -> None:
        if medium not in MEDIA:
            raise InvalidRequestError(
                f"the Studio makes no {shorten(medium, 30)}", param="medium", advice=f"It is one of {', '.join(MEDIA)}."
            )
        super().__init__(session)
        self.result: Any = None
        self._shown_prompt = ""
        self._item: gallery.Item | None = None
        self._waiting = Pending("", medium)
        self._asked = ""
        self.worker = Worker(self._paint, self._ended)
        self.medium = w.ToggleButtons(options=[(each.capitalize(), each) for each in MEDIA], value=medium)
        self.medium.style.button_width = "auto"
        self.prompt = w.Textarea(placeholder=_ASK[medium], rows=3, continuous_update=False, layout={"width": "auto"})
        self.prompt.tooltip = _ASK[medium]
        self.form = ModelForm(self.session, medium, changed=self._follow, tell=self.tell)
        self.gallery = gallery.Gallery(self._chosen)
        self.style_with(CONTROLS)
        self._build()
        self.medium.observe(self._change_medium, "value")
        self.prompt.observe(lambda _: self._follow(), "value")
        self.form.start(medium, model)
        aside(self._refresh)

    def _build(self) -> None:
        self.go = self.on(
            button("Generate", tooltip="Make it (Ctrl+Enter)", icon="magic", style="primary"), self.generate
        )
        self.stop = self.on(button("Cancel", tooltip="Stop waiting", icon="stop"), self.cancel)
        self.cell_button = self.on(button("As a cell", tooltip="The same call as a cell to copy"), self._show_cell)
        self.collect_button = self.on(button("Collect", tooltip="Fetch a job that was begun earlier"), self.collect)
        self.price, self.progress, self.view = w.HTML(), w.HTML(), w.HTML(layout={"width": "auto"})
        self.cell_view = w.Textarea(rows=4, tooltip="The cell: copy it", layout={"width": "100%", "display": "none"})
        self.reuse = self.on(button("Reuse settings", tooltip="Fill the form as this was made"), self._reuse)
        self.use = self.on(button("Use as reference", tooltip="Attach this picture to the form"), self._use)
        self.path = w.Text(placeholder="name or folder/", tooltip="Where to save", layout={"width": "11em"})
        self.save_button = self.on(button("Save", tooltip="Write the original file", icon="save"), self._save)
        self.saved = w.HTML()
        self.actions = row(self.reuse, self.use, self.path, self.save_button, self.saved)
        self.prompt.add_class("aiml-prompt")
        self.go.add_class("aiml-go")
        for one, visible in ((self.stop, False), (self.actions, False), (self.collect_button, False)):
            show(one, visible)
        self.gallery.back.on_click(lambda _: aside(self.gallery.turn, -1))
        self.gallery.forth.on_click(lambda _: aside(self.gallery.turn, 1))
        left = [self.form.picker.widget, self.prompt, row(self.go, self.stop, self.cell_button, self.collect_button)]
        left += [self.price, self.progress, self.cell_view, self.form.task, self.form.told, self.form.box]
        right = [self.view, self.actions, self.gallery.widget]
        columns = w.HBox([w.VBox(left), w.VBox(right)], layout={"flex_flow": "row wrap", "width": "100%"})
        for one in columns.children:
            one.layout = w.Layout(flex="1 1 330px", min_width="0", padding="0 6px")
        comforts = front("studio.js", self._heard)
        self.fill(self.medium, columns, *([comforts] if comforts is not None else []))

    # What the user does

    def generate(self) -> None:
        """Make what the form says; returns at once."""
        medium, model, prompt = self.medium.value, self.form.model, str(self.prompt.value).strip()
        values = self.form.values()
        with self.lock:
            self._waiting = Pending(model, medium, word="asked")
            self._asked = prompt

        def make() -> Any:
            self._waiting.typical = self.session.store.calls.typical(model)
            return self.session.start(medium, prompt, model=model, **values)

        self._begin(make)

    def collect(self) -> None:
        """Fetch the newest job of this medium that was begun earlier, here or in another kernel."""
        rows = self._open_jobs()
        if not rows:
            raise InvalidRequestError("no job waits to be collected", param="job")
        name = rows[0]["job_id"] or str(rows[0]["id"])
        with self.lock:
            self._waiting = Pending(rows[0]["model"], rows[0]["medium"], word="collecting")
        self._begin(lambda: self.session.resume(name))

    def cancel(self) -> None:
        """Stop waiting. A job goes on at the provider: `Collect` fetches it later."""
        self.worker.stop()

    def wait(self, timeout: float | None = None) -> Any:
        """Wait until the form is there and nothing is under way, for scripts; returns the result."""
        self.form.wait(timeout)
        self.worker.wait(timeout)
        return self.result

    @property
    def cell(self) -> str:
        """The cell that asks for what the form says."""
        controls, values = self.form.controls, self.form.values()
        assert controls is not None
        return cell_text(self.medium.value, self.form.model, str(self.prompt.value), values, controls.form, self._place)

    def as_cell(self) -> None:
        """Put the cell below the one that runs this, in the notebook."""
        shell().set_next_input(self.cell)

    # What is shown

    def _begin(self, make: Any) -> None:
        with self.lock:
            if self.worker.busy:
                return
            self._busy(True)
            self.worker.start(make)
        if not in_colab():
            beside(self._tick)

    def _busy(self, busy: bool) -> None:
        self.go.disabled = busy
        show(self.stop, busy)
        show(self.collect_button, not busy and bool(self._open_jobs()))
        if not busy:
            self.progress.value = ""

    def _tick(self) -> None:
        while self.worker.busy:
            self._draw(self._waiting)
            time.sleep(_TICK)
        with self.lock:
            self.progress.value = ""

    def _paint(self, run: Run) -> int:
        if hasattr(run.state, "job_id"):
            self._waiting = run.state
        return self._draw(self._waiting, run.note)

    def _draw(self, pending: Pending, note: str = "") -> int:
        html = pending._live_html_() + parts.note(note)
        with self.lock:
            if self.worker.busy:
                self.progress.value = html
        return len(html)

    def _ended(self, run: Run) -> None:
        """In the thread that did the work: show what came, or why nothing did."""
        made = run.state if run.error is None and not hasattr(run.state, "job_id") else None
        with self.lock:
            if made is not None:
                self._item = None
                medium = self._waiting.medium
                self._show(made, self._asked, medium)
                if (ip := shell()) is not None:
                    ip.user_ns[f"_{medium}"] = made
            elif run.error is not None:
                self.tell(run.error)
            self._busy(False)
        if made is not None:
            self._refresh()
        self.keep()

    def _show(self, result: Any, prompt: str, medium: str) -> None:
        self.result, self._shown_prompt = result, prompt
        self.view.value = stage.result_html(result, shorten(prompt, 200))
        self.path.value = stage.suggested_name(medium, result.paths[0])
        self.saved.value = ""
        show(self.actions, True)
        show(self.reuse, self._item is not None)
        show(self.use, result.paths[0].suffix in (".png", ".jpg", ".jpeg", ".webp"))

    def _follow(self) -> None:
        """After a change of the form: the price, and the cell where it is shown."""
        value = looks.muted(self.form.price(str(self.prompt.value)))
        if self.price.value != value:
            self.price.value = value
        if self.cell_view.layout.display is None and self.form.controls is not None:
            self.cell_view.value = self.cell

    def _refresh(self) -> None:
        """In a thread: the gallery from the ledger."""
        medium = self.medium.value
        with contextlib.suppress(RuntimeError):  # the kernel is going
            self.gallery.fill(gallery.items(self.session.store, medium, PROMPTS))
            show(self.collect_button, not self.worker.busy and bool(self._open_jobs()))

    def _open_jobs(self) -> list[dict[str, Any]]:
        medium = self.medium.value
        return self.session.store.calls.unfinished([medium]) if KINDS[medium].job else []

    def _change_medium(self, change: Any) -> None:
        with self.guard():
            self.prompt.placeholder = self.prompt.tooltip = _ASK[change["new"]]
            self.form.start(change["new"])
            aside(self._refresh)

    def _chosen(self, item: gallery.Item) -> None:
        with self.guard(), self.lock:
            self._item = item
            self._show(stage.again(item), item.prompt, item.medium)

    def _reuse(self) -> None:
        if self._item is None:
            return
        if self._item.prompt:
            self.prompt.value = self._item.prompt
        taken = {"model", *PROMPTS}
        values = {n: v for n, v in self._item.settings.items() if n not in taken and not _is_file(v)}
        self.form.put(self._item.model, values)

    def _use(self) -> None:
        if self.result is not None and not self.form.attach(Attachment.of(self.result.paths[0])):
            raise InvalidRequestError(
                f"{self.form.model} takes no picture", param="model", advice="Pick a model that edits or animates one."
            )

    def _save(self) -> None:
        name = str(self.path.value).strip()
        if not name:
            raise InvalidRequestError("there is no name to save under", param="save", advice="As in: fox.png")
        written = self.result.save(name)
        self.saved.value = looks.muted(f"saved as {', '.join(str(each) for each in written)}")

    def _show_cell(self) -> None:
        self.cell_view.value = self.cell
        show(self.cell_view, True)

    def _place(self, attachment: Attachment) -> Any:
        """The attachment as a file: uploaded bytes go into the media store."""
        return attachment.path or self.session.store.media.put(attachment.read(), attachment.mime)

    def _heard(self, content: dict[str, Any], buffers: list[Any]) -> None:
        """What the page sends: Ctrl+Enter, and files that were dropped or pasted."""
        with self.guard():
            if content.get("do") == "go":
                self.prompt.value = str(content.get("text", self.prompt.value))
                self.generate()
            elif content.get("do") != "file" or not buffers or len(buffers[0]) > _LARGEST:
                return
            elif not self.form.attach(Attachment.of(bytes(buffers[0]))):
                raise InvalidRequestError(f"{self.form.model} takes no picture", param="model")

    # What is left without a kernel

    def _twin_html_(self) -> str:
        if self.result is None:
            return looks.muted(self._twin_())
        return parts.plain(self._shown_prompt) + stage.kept_html(self.result, shorten(self._shown_prompt, 200))

    def _twin_(self) -> str:
        if self.result is None:
            return "Studio()"
        return f"{self._shown_prompt}\n{self.result._twin_()}".strip()

    def __repr__(self) -> str:
        return "Studio()"


def _is_file(value: Any) -> bool:
    """True for what stands for a file in the ledger: it is not kept there, so it cannot be put back."""
    texts = value if isinstance(value, list) else [value]
    return any(
        isinstance(each, str) and (each.startswith("data:") or each.endswith((" bytes", "kB", "MB"))) for each in texts
    )
