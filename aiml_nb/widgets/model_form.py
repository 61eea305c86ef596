"""The model picker with the form of the picked model under it: loaded beside, so that no callback waits for a schema.

It keeps what was chosen, for the next model and for each medium, and tells the price where the catalogue fixes it. It makes
no call.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from ..errors import AIMLError, InvalidRequestError
from ..schema import WORDS
from ..schema.traits import traits
from ..session.fitting import form_of
from ..tables.models import deprecated
from . import looks
from .aside import aside
from .base import close, show
from .file_field import Files
from .form import Controls, Memory
from .mask import offer_drawing
from .picker import Picker

if TYPE_CHECKING:
    from ..catalogue import Catalogue, Model
    from ..schema import Form
    from ..session import Session

_TASKS = (("New picture", False), ("Edit a picture", True))


class ModelForm:
    """Shown as `widget`. controls: the form's, None while it loads. changed: called after each change of a value, and when a
    form is there. tell: shows an error, or takes it away.
    """

    def __init__(
        self, session: Session, medium: str, *, changed: Callable[[], Any], tell: Callable[[BaseException | None], Any]
    ) -> None:
        self._session, self._changed, self._tell = session, changed, tell
        self.medium = medium
        self.entry: Model | None = None
        self.controls: Controls | None = None
        self._memories: dict[str, Memory] = {}
        self._last: dict[str, str] = {}
        self._wanted: dict[str, Any] = {}
        self._rows: list[tuple[Model, Form | None]] = []
        self._ticket = 0
        self._lock = threading.RLock()
        self._ready = threading.Event()
        self.picker = Picker(session, medium, self.pick)
        self.task = w.ToggleButtons(
            options=_TASKS, tooltips=("From words alone", "From a picture of yours"), layout={"display": "none"}
        )
        self.task.style.button_width = "auto"
        self.task.observe(lambda _: self._show_task(), "value")
        self.told = w.HTML()
        self.box = w.VBox(layout={"width": "100%"})
        self.widget = w.VBox([self.picker.widget, self.task, self.told, self.box], layout={"width": "100%"})

    @property
    def model(self) -> str:
        """The id of the picked model."""
        return self.picker.model

    @property
    def memory(self) -> Memory:
        """What was chosen for this medium."""
        return self._memories.setdefault(self.medium, Memory(values=self._defaults()))

    def values(self) -> dict[str, Any]:
        """What is chosen, by the model's own names. Raises InvalidRequestError while the form is loading."""
        if self.controls is None:
            raise InvalidRequestError("the form is not there yet", advice="Wait a moment, then press again.")
        return self.controls.values()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the form is there, for scripts."""
        return self._ready.wait(timeout)

    def start(self, medium: str, model: str | None = None) -> None:
        """Begin with a medium, and a model, the last one picked for it, or the default one."""
        self.medium = medium
        self.picker.offer(medium)
        self._begin(model or self._last.get(medium))

    def pick(self, model: str) -> None:
        """Show a model's form: at once that it loads, then the controls."""
        self._begin(model)

    def put(self, model: str, values: Mapping[str, Any]) -> None:
        """Show a model with these values and no others, once its form is there."""
        with self._lock:
            self._wanted = dict(values)
            self.memory.values.clear()
        self.picker.model = model
        self._begin(model)

    def price(self, prompt: str) -> str:
        """What the call costs where the catalogue fixes it, else what the price goes by."""
        entry, controls = self.entry, self.controls
        if entry is None or controls is None:
            return ""
        payload = controls.values() | {controls.prompt_name or "prompt": prompt}
        cost = entry.estimate(payload, controls.defaults())
        return f"This costs {cost}" if cost is not None else entry.price

    def _defaults(self) -> dict[str, Any]:
        """The session's and the course folder's own values, to be seen and changed."""
        words = WORDS.get(self.medium, {})
        mine = {name: value for name, value in self._session.defaults.items() if name in words}
        try:
            return {**self._session.course().get(self.medium, {}), **mine}
        except AIMLError:
            return mine

    def _begin(self, model: str | None) -> None:
        with self._lock:
            self._ticket += 1
            ticket = self._ticket
            self._ready.clear()
            self.controls = self.entry = None
        self._tell(None)
        self.told.value = looks.muted("loading the form …")
        aside(self._load, model, ticket)

    def _load(self, model: str | None, ticket: int) -> None:
        """In a thread: the model's rows and forms; what was picked meanwhile goes before."""
        try:
            name = model or self._session.default_model(self.medium)
            catalogue = self._session.catalogue()
            rows = self._found(catalogue, name)
            forms = [(row, form_of(catalogue, row, wait=True)) for row in rows]
        except Exception as error:  # noqa: BLE001 - whatever it is, it is shown in place
            with self._lock:
                if ticket == self._ticket:
                    self.told.value = ""
                    self._tell(error)
            return
        with self._lock:
            if ticket == self._ticket:
                self._shown(name, forms)

    def _found(self, catalogue: Catalogue, name: str) -> list[Model]:
        """The catalogue's rows of a model in this medium. Raises InvalidRequestError for one that a full catalogue lacks."""
        catalogue.models()
        rows = catalogue.rows(name)
        mine = [row for row in rows if row.medium in ("", self.medium)]
        if not mine and rows:
            raise InvalidRequestError(f"{name} is for {rows[0].medium}, not for {self.medium}", param="model")
        if not mine and catalogue.is_rich:
            raise InvalidRequestError(
                f"there is no model {name!r}",
                param="model",
                advice=catalogue.nearest(name) or "Empty the field to see all.",
            )
        return mine

    def _shown(self, name: str, forms: list[tuple[Model, Form | None]]) -> None:
        self._rows, self._last[self.medium] = forms, name
        self.picker.model = name
        show(self.task, len({row.type for row, _ in forms}) > 1 and self.medium == "image")
        self._show_task()

    def _show_task(self) -> None:
        with self._lock:
            self.entry, form = self._row_for(edit=self.task.layout.display is None and self.task.value)
            self.controls = controls = Controls(form, self.medium, self.memory)
            controls.changed = self._changed
            left = controls.put(self._wanted)
            self._wanted = {}
            offer_drawing(controls)
            ended = deprecated(self.entry) if self.entry is not None else None
            told = [f"⚠ {ended}"] * (ended is not None) + [f"no place here for {', '.join(left)}"] * bool(left)
            self.told.value = looks.muted("; ".join(told))
            before, self.box.children = self.box.children, (controls.widget,)
            close(*before)
            self._ready.set()
        self._changed()

    def _row_for(self, *, edit: bool) -> tuple[Model | None, Form | None]:
        """The catalogue's row for drawing anew, or for changing a picture, and its form."""
        takes = [form is not None and bool(traits(form).file_slots) for _, form in self._rows]
        if not self._rows:
            return None, None
        return self._rows[takes.index(edit) if edit in takes else 0]

    def attach(self, attachment: Any) -> bool:
        """Put a picture into the first slot for one; False where the model takes none."""
        controls = self.controls
        fields: list[Files] = controls.file_fields() if controls is not None else []
        for each in fields:
            if each.slot.takes("image") and each.slot.role != "mask":
                each.add(attachment)
                return True
        return False
