"""Images: a prompt as a request, and the answer's pictures as Images.

Pure: it builds the payload and reads the answer. Where the bytes lie (a URL, base64 that the client has taken out of the
answer) is told by `found`; fetching and keeping them is the session's work, which hands back files.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from ..content import Attachment, Base64
from ..costs import Cost, RateLimit, Usage
from ..errors import APIError, InvalidRequestError, shorten
from .files import entry, save_file

if TYPE_CHECKING:
    from PIL.Image import Image

#: The catalogue types that this medium serves.
TYPES = ("openai/image-generations", "openai/image-editing", "internal/image-generations")

#: Where pictures are asked for when no schema tells it.
PATH = "/v1/images/generations"

#: The common vocabulary, and the names it may have on the wire, the likeliest first.
WORDS: dict[str, tuple[str, ...]] = {
    "size": ("size", "image_size", "aspect_ratio", "resolution"),
    "n": ("n", "num_images"),
    "seed": ("seed",),
    "negative": ("negative_prompt",),
    "guidance": ("guidance_scale", "cfg_scale"),
    "strength": ("strength",),
    "steps": ("num_inference_steps", "steps"),
    "enhance": ("enhance_prompt", "enable_prompt_expansion", "prompt_expansion", "prompt_optimizer"),
    "format": ("output_format",),
}


def payload(prompt: str, *, model: str, attachments: Sequence[Attachment] = (), **params: Any) -> dict[str, Any]:
    """The body of `POST /v1/images/generations`. Attached pictures go in as `image_url`, several as `image_urls`."""
    if not prompt and not attachments:
        raise InvalidRequestError("there is no prompt", param="prompt", advice="Describe the picture in the cell.")
    body: dict[str, Any] = {"model": model}
    if prompt:
        body["prompt"] = prompt
    pictures = [_source(a) for a in attachments]
    if len(pictures) == 1:
        body["image_url"] = pictures[0]
    elif pictures:
        body["image_urls"] = pictures
    body |= {WORDS[name][0] if name in WORDS else name: value for name, value in params.items()}
    return body


def _source(attachment: Attachment) -> Any:
    if attachment.kind != "image":
        raise InvalidRequestError(
            f"{attachment.label} is not a picture",
            param="attach",
            advice="An image model takes PNG, JPEG, WEBP or GIF.",
        )
    return attachment.url or Base64(attachment, prefix=f"data:{attachment.mime};base64,")


def found(answer: Any) -> list[Mapping[str, Any]]:
    """The entries that hold a picture, under `data`, `images` or their kin, each with a `url` or a `b64`.

    Raises APIError (kind "protocol") when there is none: an empty list is what moderated output looks like.
    """
    if rows := _rows(answer):
        return rows
    raise APIError(
        "the answer holds no picture", advice="The provider may have held it back: try other words, or another model."
    )


def _rows(answer: Any, *, deep: bool = True) -> list[Mapping[str, Any]]:
    for key in ("data", "images", "image", "output"):
        told = answer.get(key) if isinstance(answer, Mapping) else None
        rows = [row for each in (told if isinstance(told, list) else [told]) if (row := _row(each))]
        if rows or (deep and (rows := _rows(told, deep=False))):
            return rows
    return []


def _row(told: Any) -> Mapping[str, Any] | None:
    """One picture's entry; a `url` that is no address counts too, for fetching it says what is wrong."""
    row = told if isinstance(told, Mapping) else {}
    file = entry(told, "image")
    return {**row, **file} if file else row if isinstance(row.get("url"), str) else None


@dataclass(frozen=True)
class Picture:
    """One picture: `.path` of the original in the media store, `.mime`, `.size` in pixels, `.pixel_hash`; `.image` decodes it.

    seed: its own, where the answer tells it.
    """

    path: Path
    mime: str
    size: tuple[int, int]
    pixel_hash: str
    url: str | None = None
    seed: int | None = None

    @property
    def image(self) -> Image:
        """The picture as a PIL image, decoded anew."""
        from ..render.picture import open_image

        return open_image(self.path)

    @property
    def bytes(self) -> bytes:
        """The file as the provider made it."""
        return self.path.read_bytes()

    def save(self, path: str | Path) -> Path:
        """Write the original bytes to `path`, or into it when it is a folder; returns where they are."""
        return save_file(self.path, path)

    def __repr__(self) -> str:
        return f"Picture({self.size[0]}×{self.size[1]} {self.mime}, pixels {self.pixel_hash})"

    def _repr_mimebundle_(self, **_: Any) -> Any:
        from .picture_drawing import bundle

        return bundle([self], repr(self))


class Images(Sequence[Picture]):
    """The pictures of one answer, a sequence of `Picture`; `.image` is the first as a PIL image.

    model, id, usage, cost, raw as in every result; seed where known; total: seconds; notes: what was done on the way.
    """

    def __init__(
        self,
        pictures: Sequence[Picture] = (),
        *,
        model: str = "",
        provider: str = "",
        raw: Any = None,
        seed: int | None = None,
    ) -> None:
        self._pictures = tuple(pictures)
        self.model = model
        self.provider = provider
        self.raw = raw
        self.seed = seed
        self.id: str | None = None
        self.usage: Usage | None = None
        self.cost: Cost | None = None
        self.limits: RateLimit | None = None
        self.total: float | None = None
        self.notes: list[str] = []
        self.saved: list[Path] = []
        self.partial = False
        self.show_footer = True

    @classmethod
    def from_json(
        cls,
        answer: Mapping[str, Any],
        pictures: Sequence[Picture],
        *,
        model: str,
        provider: str = "",
        seed: int | None = None,
    ) -> Images:
        """The result from the answer's JSON and the pictures fetched for it."""
        told = answer.get("seed")
        images = cls(
            pictures,
            model=model,
            provider=provider,
            raw=answer,
            seed=told if isinstance(told, int) else seed,
        )
        images.usage = Usage.from_json(answer.get("usage"))
        images.cost = Cost.from_json(answer)
        identity = answer.get("id")
        images.id = identity if isinstance(identity, str) else None
        images.notes += _rewritten(answer)
        return images

    @overload
    def __getitem__(self, at: int) -> Picture: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Picture]: ...
    def __getitem__(self, at: int | slice) -> Picture | Sequence[Picture]:
        return self._pictures[at]

    def __len__(self) -> int:
        return len(self._pictures)

    def __iter__(self) -> Iterator[Picture]:
        return iter(self._pictures)

    def __add__(self, other: Images) -> Images:
        """The pictures of both, to be looked at side by side: `plain + enhanced`."""
        if not isinstance(other, Images):
            return NotImplemented
        model = self.model if self.model == other.model else f"{self.model}, {other.model}"
        both = Images([*self._seeded(), *other._seeded()], model=model, provider=self.provider)
        both.show_footer = False
        return both

    def _seeded(self) -> list[Picture]:
        """The pictures, each with its seed where the answer told only one for all."""
        return [replace(each, seed=self.seed) if each.seed is None else each for each in self]

    @property
    def image(self) -> Image:
        """The first picture as a PIL image."""
        return self._pictures[0].image

    @property
    def bytes(self) -> bytes:
        """The first file as the provider made it."""
        return self._pictures[0].bytes

    @property
    def path(self) -> Path:
        """Where the first original is."""
        return self._pictures[0].path

    @property
    def paths(self) -> list[Path]:
        """Where the originals are."""
        return [picture.path for picture in self]

    @property
    def mime(self) -> str:
        """The MIME type of the first."""
        return self._pictures[0].mime

    def save(self, path: str | Path) -> list[Path]:
        """Write every original: `cat.png` becomes `cat.png`, `cat-2.png`, …; a folder gets the store's names."""
        target = Path(path).expanduser()
        if len(self) == 1 or target.is_dir():
            return [picture.save(target) for picture in self]
        names = [target] + [target.with_stem(f"{target.stem}-{n}") for n in range(2, len(self) + 1)]
        return [picture.save(name) for picture, name in zip(self, names, strict=True)]

    def time(self, total: float) -> None:
        """Note the seconds measured here, unless the answer carries its own."""
        meta = self.raw.get("meta") if isinstance(self.raw, Mapping) else None
        timings = meta.get("timings") if isinstance(meta, Mapping) else None
        told = timings.get("total_ms") if isinstance(timings, Mapping) else None
        self.total = told / 1000 if isinstance(told, int | float) else total

    def __repr__(self) -> str:
        return f"Images({len(self)} × {shorten(self.model, 60)})"

    def _live_html_(self) -> str:
        from .picture_drawing import live_html

        return live_html(self)

    def _twin_(self) -> str:
        from .picture_drawing import twin

        return twin(self)

    def _footer_(self) -> str:
        from .picture_drawing import numbers

        return " · ".join(numbers(self))

    def _displays_(self) -> list[Any]:
        from .picture_drawing import displays

        return displays(self)

    def _repr_mimebundle_(self, **_: Any) -> Any:
        from .picture_drawing import bundle

        return bundle(self._pictures, self._twin_())


def _rewritten(answer: Mapping[str, Any]) -> list[str]:
    """A note with the prompt as it was used, where the answer tells that it was put into other words."""
    rows = [row for key in ("data", "images") if isinstance(rows := answer.get(key), list) for row in rows]
    told = [row.get("revised_prompt") for row in rows if isinstance(row, Mapping)]
    texts = dict.fromkeys(text for text in told if isinstance(text, str) and text.strip())
    return [f"The prompt as it was used: {shorten(text, 400)}" for text in texts]
