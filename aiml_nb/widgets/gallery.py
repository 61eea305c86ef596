"""The gallery: what was made earlier, in this session and in others, from the ledger, a page of small pictures at a time.

Only thumbnails go to the browser, each made once and kept in memory. A tile is a plain button, so that the keyboard reaches
it, with the picture as its background. It knows the store and Pillow's door in `render`, and calls nobody.
"""

from __future__ import annotations

import base64
import json
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from ..errors import AIMLError, shorten
from ..render.picture import thumbnail
from ..render.text import visible
from . import looks

if TYPE_CHECKING:
    from ..store import Store

#: Tiles on a page, pixels of a thumbnail's longer side, thumbnails in memory, calls looked at.
PAGE, EDGE, KEPT, CALLS = 24, 144, 600, 1000

_SHEET = """
.{name}{{display:grid;grid-template-columns:repeat(auto-fill,minmax(88px,1fr));gap:6px}}
.{name} .jupyter-button{{width:100%;height:88px;margin:0;padding:0;display:flex;align-items:flex-end;overflow:hidden;
 background:var(--jp-layout-color2,#8882) center/cover no-repeat;border:1px solid var(--jp-border-color2,#8886);border-radius:6px}}
.{name} .jupyter-button:is(.mod-info){{outline:2px solid var(--jp-brand-color1,#2196f3);outline-offset:1px}}
.{name} .jupyter-button{{font-size:0;color:transparent}}
.{name} .jupyter-button.aiml-named{{font-size:10px;line-height:1.25;color:inherit;display:block!important;padding:6px;
 text-align:center;white-space:normal;overflow-wrap:anywhere}}
"""


@dataclass(frozen=True)
class Item:
    """One file that was made. settings: the request in the model's own names, empty where it is not kept."""

    row: int
    time: float
    medium: str
    model: str
    path: Path
    prompt: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    provider: str = ""
    usd: float | None = None

    @property
    def caption(self) -> str:
        """When, by which model and from what, on one line."""
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(self.time))
        return visible(shorten(f"{self.prompt or 'no prompt'} · {self.model} · {when}", 200))


def items(store: Store, medium: str, prompt_names: tuple[str, ...]) -> list[Item]:
    """What was made in a medium and is still there, the newest first."""
    found = []
    for row in store.calls.rows(medium=medium, status="ok", limit=CALLS):
        settings = _settings(row["prompt"])
        prompt = next((str(settings[name]) for name in prompt_names if settings.get(name)), "")
        for name in json.loads(row["media"] or "[]"):
            path = store.media.get(name.partition(".")[0])
            if path is not None:
                told = (row["id"], row["time"], medium, row["model"], path, prompt, settings, row["provider"])
                found.append(Item(*told, usd=row["usd"]))
    return found


def _settings(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class Thumbnails:
    """Small copies as data: URLs, made once; empty for what is no picture. Safe from several threads."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, path: Path) -> str:
        """The small copy of a picture."""
        with self._lock:
            if path.name in self._kept:
                self._kept.move_to_end(path.name)
                return self._kept[path.name]
        made = _small(path)
        with self._lock:
            self._kept[path.name] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made


#: One for all galleries: the same picture is the same file.
THUMBNAILS = Thumbnails()


def _small(path: Path) -> str:
    if path.suffix not in (".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif"):
        return ""
    try:
        data, mime = thumbnail(path, EDGE)
    except AIMLError:
        return ""
    return f"data:{mime};base64,{base64.b64encode(data).decode('ascii')}"


class Gallery:
    """Shown as `widget`. chosen: called with an Item when its tile is pressed.

    `fill` and `turn` make thumbnails, so they belong in a thread; pressing a tile costs nothing.
    """

    def __init__(self, chosen: Callable[[Item], Any]) -> None:
        self._chosen = chosen
        self._name = f"aiml-gallery-{uuid.uuid4().hex[:8]}"
        self._lock = threading.Lock()
        self.items: list[Item] = []
        self.page = 0
        self.style = w.HTML(layout={"display": "none"})
        self.grid = w.Box()
        self.grid.add_class(self._name)
        self.told = w.HTML(layout={"flex": "1 1 auto"})
        self.back = w.Button(description="‹", tooltip="Newer", layout={"width": "2.6em"})
        self.forth = w.Button(description="›", tooltip="Older", layout={"width": "2.6em"})
        head = w.HBox([self.told, self.back, self.forth], layout={"align_items": "center"})
        self.widget = w.VBox([self.style, head, self.grid])

    def fill(self, found: list[Item], *, page: int = 0) -> None:
        """Show these, from a page on."""
        with self._lock:
            self.items = found
            self._show(page)

    def turn(self, by: int) -> None:
        """Turn over so many pages."""
        with self._lock:
            self._show(self.page + by)

    @property
    def shown(self) -> list[Item]:
        """The items of this page."""
        return self.items[self.page * PAGE : (self.page + 1) * PAGE]

    def _show(self, page: int) -> None:
        last = max(0, (len(self.items) - 1) // PAGE)
        self.page = min(max(0, page), last)
        shown = self.shown
        first = self.page * PAGE + 1
        told = (
            f"History: {first} to {first + len(shown) - 1} of {len(self.items):,}" if shown else "History: nothing yet"
        )
        self.told.value = looks.muted(told)
        self.back.disabled, self.forth.disabled = self.page == 0, self.page == last
        for one in (self.back, self.forth):
            one.layout.display = None if last else "none"
        self._more_tiles(len(shown))
        rules = [_SHEET.format(name=self._name)]
        for at, tile in enumerate(self.grid.children):
            tile.layout.display = "flex" if at < len(shown) else "none"
            tile.button_style = ""
            if at < len(shown):
                rules.append(self._drawn(at, tile, shown[at]))
        self.style.value = f"<style>{''.join(rules)}</style>"

    def _drawn(self, at: int, tile: w.Button, item: Item) -> str:
        """A tile's words, and the rule that puts its picture behind them."""
        tile.description = tile.tooltip = item.caption
        small = THUMBNAILS.get(item.path)
        (tile.remove_class if small else tile.add_class)("aiml-named")
        return f".{self._name} .aiml-tile-{at}{{background-image:url({small})}}\n" if small else ""

    def _more_tiles(self, count: int) -> None:
        tiles = list(self.grid.children)
        for at in range(len(tiles), min(count, PAGE)):
            tile = w.Button()
            tile.add_class(f"aiml-tile-{at}")
            tile.on_click(lambda _, at=at: self._press(at))
            tiles.append(tile)
        if len(tiles) != len(self.grid.children):
            self.grid.children = tuple(tiles)

    def _press(self, at: int) -> None:
        shown = self.shown
        if at < len(shown):
            for other, tile in enumerate(self.grid.children):
                style = "info" if other == at else ""
                if tile.button_style != style:
                    tile.button_style = style
            self._chosen(shown[at])
