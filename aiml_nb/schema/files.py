"""Where attachments go: the parameters of a model that take a file, found by name and shape, and the values they get.

A picture goes as its URL, as a data URL or base64 that is read while it is sent, or beside the payload as an upload; what the
schema takes decides. Pure but for a path that the user typed as a parameter's value, which is opened to learn its kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..content import Attachment, Base64
from ..errors import InvalidRequestError, shorten
from .form import Form, Parameter, is_upload
from .problem import Problem
from .reading import Schema, leaves, types_of
from .words import medium_of

_KINDS = (
    ("mesh", re.compile(r"mesh|model_url|glb")),
    ("video", re.compile(r"video|clip|movie")),
    ("audio", re.compile(r"audio|song|music|voice|speech|sound")),
    ("image", re.compile(r"image|photo|picture|frame|mask|portrait|face|img|logo")),
    ("document", re.compile(r"document|pdf|doc_")),
)
_ROLES = (
    ("mask", re.compile(r"mask")),
    ("last", re.compile(r"(^|_)(last|tail|end)(_|$)")),
    ("first", re.compile(r"(^|_)(first|start)(_|$)")),
    (
        "reference",
        re.compile(
            r"(^|_)(ref|refs|reference|references|subject|subjects|character|element|style|background|logo)(_|$)"
        ),
    ),
    ("front", re.compile(r"(^|_)(front|frontal)(_|$)")),
    ("back", re.compile(r"(^|_)back(_|$)")),
    ("left", re.compile(r"(^|_)left(_|$)")),
    ("right", re.compile(r"(^|_)right(_|$)")),
)
_NAMED = re.compile(
    r"(^|_)(urls?|uris?|images?|photos?|pictures?|frames?|masks?|videos?|audios?|documents?|files?|mesh|img|song|clip)(_(list|file|input|data|base64|tail|end|start|\d+))?$"
)
_NO_FILE = re.compile(r"callback|webhook|notify|redirect|return_url|proxy")
_LINK = re.compile(r"(https?|data):", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]{200,}")

#: What a bare `url` or `file` is of, by the medium.
_KIND_OF_MEDIUM = {"transcript": "audio", "ocr": "document", "image": "image"}

_MESHES = (".glb", ".gltf", ".obj", ".stl", ".fbx", ".ply")

#: The order in which an attachment without a role tries slots: the plain one first, a mask never.
_ORDER = ("", "first", "front", "reference", "left", "back", "right", "last")

NOUNS = {
    "image": "picture",
    "video": "video",
    "audio": "sound file",
    "mesh": "3D model",
    "document": "document",
    "any": "file",
}


@dataclass(frozen=True)
class FileSlot:
    """A parameter that takes files. kind: `image`, `video`, `audio`, `mesh`, `document`, or `any`. role: ``, `last`, `mask`, ….

    most: how many it takes. one: one may stand alone, without a list. data: it takes bytes. upload: only as a multipart form.
    """

    parameter: Parameter
    kind: str
    role: str
    most: int
    one: bool
    data: bool
    upload: bool

    @property
    def name(self) -> str:
        """The parameter's name."""
        return self.parameter.name

    @property
    def noun(self) -> str:
        """`picture`, `sound file`, …"""
        return NOUNS[self.kind]

    def takes(self, kind: str) -> bool:
        """True when an attachment of that kind has a place in it."""
        if kind == "video" and self.kind == "audio" and self.name in ("url", "audio", "file"):
            return True  # what is said in a video is transcribed too
        return kind == self.kind or "any" in (kind, self.kind) or (self.kind == "document" and kind == "image")


def file_slots(form: Form) -> list[FileSlot]:
    """The parameters of `form` that take files, the required ones first."""
    found = [slot for parameter in form.parameters if (slot := _slot(form, parameter))]
    return sorted(found, key=lambda slot: not slot.parameter.required)


def _slot(form: Form, parameter: Parameter) -> FileSlot | None:
    name, schema = parameter.name, parameter.schema
    if "." in name or _NO_FILE.search(name) or not _NAMED.search(name):
        return None
    single, several = list(_holders(schema, listed=False)), list(_holders(schema, listed=True))
    if not single and not several:
        return None
    upload = is_upload(schema)
    most = max([1, *(leaf.get("maxItems") or 99 for leaf in several)]) if several else 1
    return FileSlot(
        parameter=parameter,
        kind=_kind_by(name)
        or _kind_by(parameter.description.lower())
        or _KIND_OF_MEDIUM.get(medium_of(form.path), "any"),
        role=next((role for role, pattern in _ROLES if pattern.search(name)), ""),
        most=most,
        one=bool(single),
        data=upload or _takes_data(form, parameter),
        upload=upload,
    )


def _kind_by(text: str) -> str:
    """The kind of file that a name or a description speaks of; empty for none."""
    return next((kind for kind, pattern in _KINDS if pattern.search(text)), "")


def _takes_data(form: Form, parameter: Parameter) -> bool:
    inner = [p for p in form.parameters if p.name.startswith(parameter.name + ".") and _NAMED.search(p.name)]
    return any(form.accepts_file(each) for each in [*inner]) if inner else form.accepts_file(parameter)


def _holders(schema: Schema, *, listed: bool) -> Iterator[Schema]:
    """The alternatives that hold one file, or the lists of such."""
    for leaf in leaves(schema):
        if "array" in types_of(leaf):
            fits = listed and any(_holders(leaf.get("items") or {}, listed=False))
        else:
            fits = not listed and _holds_one(leaf)
        if fits:
            yield leaf


def _holds_one(schema: Schema) -> bool:
    kinds = types_of(schema)
    if "string" in kinds and "enum" not in schema:
        return True
    return is_upload(schema) or ("object" in kinds and bool(_inside(schema, "")))


def _inside(schema: Schema, kind: str) -> str:
    """The name under which an object holds its file: `url`, `image_url`, …; empty when it holds none."""
    texts = [
        name
        for name, part in (schema.get("properties") or {}).items()
        if any("string" in types_of(p) and "enum" not in p for p in leaves(part))
    ]
    wanted = [f"{kind}_url", kind, "url", "uri"]
    likely = [name for name in wanted if name in texts] or [n for n in texts if n.endswith("_url")]
    return likely[0] if likely else ""


def kind_of(attachment: Attachment) -> str:
    """The kind of slot an attachment looks for; `any` for a URL whose address tells nothing."""
    if attachment.mime.startswith("model/") or attachment.name.lower().endswith(_MESHES):
        return "mesh"
    if attachment.mime == "image/*" or (attachment.url and attachment.kind == "file"):
        return "any"
    return attachment.kind if attachment.kind in {"image", "audio", "video"} else "document"


def attachments_of(value: Any) -> list[Any] | Problem:
    """What a user gave a file parameter, as Attachments; links and base64 stay the text that they are."""
    values = value if isinstance(value, list | tuple) else [value]
    try:
        return [each if _as_it_is(each) else Attachment.of(each) for each in values]
    except InvalidRequestError as error:
        return Problem(error.param or "attach", error.message, error.advice)


def _as_it_is(value: Any) -> bool:
    if isinstance(value, str):
        return bool(_LINK.match(value)) or bool(_BASE64.fullmatch(value))
    return isinstance(value, dict | Base64 | Attachment)


def share(
    given: Sequence[tuple[str, Attachment]], open_slots: Sequence[FileSlot]
) -> tuple[dict[str, list[Attachment]], list[tuple[str, Attachment]]]:
    """Attachments with their roles, spread over slots: by slot name, and those that found no place."""
    placed: dict[str, list[Attachment]] = {}
    left: list[tuple[str, Attachment]] = []
    plain: dict[str, list[Attachment]] = {}
    for role, attachment in given:
        if not role:
            plain.setdefault(_sought(attachment, open_slots), []).append(attachment)
            continue
        slot = _with_role(role, attachment, open_slots, placed)
        if slot:
            placed.setdefault(slot.name, []).append(attachment)
        else:
            left.append((role, attachment))
    for kind, attachments in plain.items():
        left += [("", attachment) for attachment in _spread(kind, attachments, open_slots, placed)]
    return placed, left


def _sought(attachment: Attachment, open_slots: Sequence[FileSlot]) -> str:
    """The kind of slot to look for; what could be anything is a picture where the model takes one, else what it takes."""
    kind = kind_of(attachment)
    if kind != "any" or not open_slots:
        return kind
    kinds = [slot.kind for slot in open_slots]
    return "image" if "image" in kinds else kinds[0]


def _with_role(
    role: str, attachment: Attachment, open_slots: Sequence[FileSlot], placed: dict[str, list[Attachment]]
) -> FileSlot | None:
    """The slot for a role; the first frame goes to the plain slot too, a reference to a plain list."""
    kind = kind_of(attachment)
    for wanted in {"first": ("first", ""), "reference": ("reference", ""), "front": ("front", "")}.get(role, (role,)):
        for slot in open_slots:
            fits = slot.kind == wanted or (slot.role == wanted and slot.takes(kind))
            if fits and len(placed.get(slot.name, ())) < slot.most:
                return slot
    return None


def _spread(
    kind: str, attachments: list[Attachment], open_slots: Sequence[FileSlot], placed: dict[str, list[Attachment]]
) -> list[Attachment]:
    """Attachments of one kind into slots, in the order they came; those left over."""
    fitting = [slot for slot in open_slots if slot.takes(kind) and slot.role in _ORDER and slot.name not in placed]
    only = [slot for slot in open_slots if slot.takes(kind) and slot.name not in placed]
    left = list(attachments)
    for slot in _ranked(fitting or only[:1], left):
        count = min(len(left), slot.most)
        if not count:
            break
        if not slot.data and any(not a.url for a in left[:count]) and _elsewhere(slot, fitting):
            continue
        placed[slot.name], left = left[:count], left[count:]
    return left


def _elsewhere(slot: FileSlot, others: Sequence[FileSlot]) -> bool:
    """True when another slot of the same part takes the bytes that this one does not."""
    return not slot.parameter.required and any(
        o is not slot and o.data and o.kind == slot.kind and o.role == slot.role for o in others
    )


def _ranked(fitting: Sequence[FileSlot], attachments: Sequence[Attachment]) -> list[FileSlot]:
    """Required slots first; then, for several, a list that holds them all; then by what part each plays."""
    count, local = len(attachments), any(not a.url for a in attachments)

    def rank(slot: FileSlot) -> tuple[bool, bool, bool, int, bool]:
        holds = slot.most >= count
        role = _ORDER.index(slot.role) if slot.role in _ORDER else len(_ORDER)
        unfit = slot.upload != local if any(o.upload != slot.upload for o in fitting) else False
        return (
            unfit,
            not slot.parameter.required,
            not holds and count > 1,
            role,
            slot.most > 1 and count == 1,
        )

    return sorted(fitting, key=rank)


def wire_value(form: Form, slot: FileSlot, attachments: Sequence[Any]) -> tuple[Any, Problem | None]:
    """The slot's value for these attachments, or why it cannot have one."""
    if len(attachments) > slot.most:
        return None, Problem(slot.name, f"{slot.name} takes at most {slot.most}; there are {len(attachments)}")
    made = []
    for attachment in attachments:
        link, problem = _link(form, slot, attachment)
        if problem:
            return None, problem
        made.append(_shaped(slot, attachment, link))
    listed = not slot.one or (len(made) > 1 and slot.most > 1)
    return (made if listed else made[0]), None


def _link(form: Form, slot: FileSlot, attachment: Any) -> tuple[Any, Problem | None]:
    if not isinstance(attachment, Attachment):
        return attachment, None
    if not slot.takes(kind_of(attachment)):
        return None, Problem(slot.name, f"{slot.name} takes a {slot.noun}; {attachment.label} is {attachment.mime}")
    if attachment.url:
        return attachment.url, None
    if not slot.data:
        said = shorten(slot.parameter.description, 70)
        reason = f' ("{said}")' if said else ""
        return None, Problem(
            slot.name,
            f"{slot.name} takes only a URL, and {shorten(attachment.name, 40)} is a file here{reason}",
            "Put the file online and attach its URL, or use a model that takes files.",
        )
    bare = "mimeType" in form.properties or "mime_type" in form.properties
    return Base64(attachment, "" if bare else f"data:{attachment.mime};base64,"), None


def _shaped(slot: FileSlot, attachment: Any, link: Any) -> Any:
    """The link by itself where text is taken, else in the object that the schema asks for, its `type` filled in."""
    opened = [
        inner
        for leaf in leaves(slot.parameter.schema)
        for inner in (leaves(leaf["items"]) if leaf.get("items") else [leaf])
    ]
    if isinstance(link, dict) or any("string" in types_of(leaf) for leaf in opened):
        return link
    kind = kind_of(attachment) if isinstance(attachment, Attachment) else "document"
    boxes = [leaf for leaf in opened if "object" in types_of(leaf) and _inside(leaf, kind)]
    best = next(
        (leaf for leaf in boxes if _inside(leaf, kind).startswith(kind)), boxes[-1] if kind == "any" else boxes[0]
    )
    properties, inside = best.get("properties") or {}, _inside(best, kind)
    fixed = {
        name: inside if inside in choices else choices[0]  # a `type` that names the member which holds the link
        for name in best.get("required") or ()
        if (choices := (properties.get(name) or {}).get("enum"))
    }
    return {**fixed, inside: link}
