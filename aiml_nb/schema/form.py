"""Form: what one model takes, read once from the request schema that its provider publishes.

It says which parameters there are, with what types, bounds, choices, defaults and meaning; nothing of how a request comes to
fit them. Pure: a schema is a dict that somebody else fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .conform import choose, conform
from .document import BODY, NEEDS, flat, plain, request_schema, resolved
from .reading import Schema, describe, is_nullable, leaves, types_of
from .words import WORDS, medium_of

#: How deep a parameter may stand in another to have a name of its own, as `voice_setting.voice_id`.
_DEPTH = 3

#: Prose that says a file's bytes are taken as well as its URL, and prose that speaks of its URL.
_TAKES_DATA = re.compile(r"base\s?-?64|data[ :-]?ur[il]|upload|local (file|path|image)|encoded", re.IGNORECASE)
_SPEAKS_OF_URL = re.compile(r"\burls?\b|\blinks?\b", re.IGNORECASE)

#: What kind of file a parameter's name speaks of.
_KIND = re.compile("image|video|audio|mesh|document")

#: Parameters of well-known shapes whose own documentation says what this provider's schemas leave out.
#: Mistral's OCR takes `data:` URLs in both: https://docs.mistral.ai/capabilities/document_ai/basic_ocr
_KNOWN_TO_TAKE_DATA = frozenset({"document.document_url", "document.image_url"})


@dataclass(frozen=True)
class Parameter:
    """One parameter of one model.

    name: dotted when it stands inside another. types: JSON's names, null left out. enum: the only values allowed, () when
    they are not listed. choices: values that the schema names, others may be allowed too. default: of the right type,
    None where there is none. min_length, max_length in characters. items: types of a list's members.
    """

    name: str
    schema: Schema = field(repr=False)
    required: bool = False
    types: tuple[str, ...] = ()
    enum: tuple[Any, ...] = ()
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: bool = False
    exclusive_maximum: bool = False
    min_length: int | None = None
    max_length: int | None = None
    min_items: int | None = None
    max_items: int | None = None
    items: tuple[str, ...] = ()
    default: Any = None
    description: str = ""
    nullable: bool = False
    deprecated: bool = False
    format: str = ""

    @property
    def allowed(self) -> str:
        """What it may be, for people: `1 to 4`, `jpeg or png`."""
        return describe(self.schema)

    @classmethod
    def of(cls, name: str, schema: Schema, *, required: bool = False) -> Parameter:
        """Read from its schema; of alternatives, the widest bounds."""
        opened = list(leaves(schema))
        scalars = [leaf for leaf in opened if not {"object", "array"} & set(types_of(leaf))]
        choices = _distinct(value for leaf in opened for value in leaf.get("enum") or () if value is not None)
        closed = bool(scalars) and all("enum" in leaf for leaf in scalars)
        return cls(
            name=name,
            schema=schema,
            required=required,
            types=tuple(dict.fromkeys(kind for leaf in opened for kind in _implied(leaf))),
            enum=choices if closed else (),
            choices=choices,
            minimum=_bound(opened, "minimum", min),
            maximum=_bound(opened, "maximum", max),
            exclusive_minimum=any(leaf.get("exclusiveMinimum") is True for leaf in opened),
            exclusive_maximum=any(leaf.get("exclusiveMaximum") is True for leaf in opened),
            min_length=_bound(opened, "minLength", min),
            max_length=_bound(opened, "maxLength", max),
            min_items=_bound(opened, "minItems", min),
            max_items=_bound(opened, "maxItems", max),
            items=tuple(
                dict.fromkeys(k for o in opened for leaf in leaves(o.get("items") or {}) for k in _implied(leaf))
            ),
            default=_default(schema, opened),
            description=_prose(schema, opened),
            nullable=is_nullable(schema),
            deprecated=bool(schema.get("deprecated")),
            format=next((str(leaf["format"]) for leaf in opened if leaf.get("format")), ""),
        )


class Form:
    """What one model takes. path: the endpoint's. model: its id. schema: its request schema, references resolved.

    Make it with `from_json`; it can be pickled, and `to_json` gives what `from_json` takes.
    """

    def __init__(self, schema: Schema, *, path: str = "", model: str = "") -> None:
        self.schema = schema
        self.path = path
        self.model = model
        self.required: frozenset[str] = frozenset(schema.get("required") or ())
        listed: Mapping[str, Schema] = schema.get("properties") or {}
        # What is required and not listed can be given all the same.
        wanted = self.required.union(*self.needs)
        self.properties: Mapping[str, Schema] = {**listed, **{name: {} for name in sorted(wanted - set(listed))}}

    @classmethod
    def from_json(cls, schema_json: Mapping[str, Any], *, path: str = "", model: str = "") -> Form:
        """From a request schema, a whole OpenAPI document that holds it (its POST at `path`, or its only one), or `to_json`.

        Raises ValueError when there is no object schema in it.
        """
        if "schema" in schema_json and "properties" not in schema_json and "paths" not in schema_json:
            return cls(schema_json["schema"], path=path or schema_json["path"], model=model or schema_json["model"])
        if "paths" in schema_json and "properties" not in schema_json:
            path, found = request_schema(schema_json, path)
        else:
            found = plain(resolved(schema_json, schema_json))
        whole = flat(found, model)
        if not whole.get("properties"):
            raise ValueError("there is no request schema")
        return cls(whole, path=path, model=model)

    def to_json(self) -> dict[str, Any]:
        """As plain data, for a cache on disk."""
        return {"schema": self.schema, "path": self.path, "model": self.model}

    @property
    def body(self) -> str:
        """The content type that the body must have where it is not JSON; else empty."""
        return str(self.schema.get(BODY, ""))

    @property
    def is_open(self) -> bool:
        """True when the schema says that other parameters than the listed ones are taken too."""
        more = self.schema.get("additionalProperties")
        return more is True or isinstance(more, Mapping)

    @property
    def needs(self) -> list[list[str]]:
        """Lists of names, of which one must be given whole; none where the required ones say all."""
        return list(self.schema.get(NEEDS, ()))

    def __repr__(self) -> str:
        return f"Form({self.model or self.path!r}, {len(self.properties)} parameters)"

    def __getstate__(self) -> dict[str, Any]:
        return self.to_json()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    @cached_property
    def parameters(self) -> list[Parameter]:
        """Each parameter, those inside another one after it, in the schema's order."""
        return list(_walk(self.properties, self.required, "", 1))

    @cached_property
    def by_name(self) -> dict[str, Parameter]:
        """The parameters by their dotted names."""
        return {parameter.name: parameter for parameter in self.parameters}

    def takes(self, name: str) -> bool:
        """True when the model has the parameter, whose name may be dotted."""
        return name in self.by_name

    def spelled(self, model: str) -> str:
        """A model's id as the schema spells it; an alias that it does not list becomes the id that this form is of."""
        listed = self.by_name["model"].enum if self.takes("model") else ()
        if not listed or model in listed:
            return model
        own = self.model if self.model in listed else listed[0] if len(listed) == 1 else model
        return str(choose(listed, model) or own)

    def word(self, name: str, words: Mapping[str, tuple[str, ...]] | None = None) -> str | None:
        """The common word that stands for a parameter of this model; None when it has none.

        words: a medium's; by default those of the medium that the path belongs to.
        """
        table = WORDS.get(medium_of(self.path), {}) if words is None else words
        for word, names in table.items():
            taken = [each for each in names if self.takes(each)]
            if name in (taken if word == "size" else taken[:1]):
                return word
        return None

    def accepts_file(self, parameter: str | Parameter) -> bool:
        """True when a parameter for a file takes its bytes, as a data URL or base64; False when it only takes an http(s) URL.

        What the schema says in words counts, of this parameter or of another for the same kind of file; where it is silent
        and has the format `uri`, or speaks of URLs only, it is False.
        """
        known = self.by_name.get(parameter) if isinstance(parameter, str) else parameter
        if known is None:
            return False
        kind = _KIND.search(known.name)
        peers = [p for p in self.parameters if kind and kind[0] in p.name and _texts(p.schema)]
        if any(_says_data(each) for each in (known, *peers)):
            return True
        texts = [leaf for leaf in _texts(known.schema) if "enum" not in leaf]
        links = [leaf for leaf in texts if leaf.get("format") == "uri"]
        if links and len(links) < len(texts):
            return True
        return not links and not _SPEAKS_OF_URL.search(known.description)


def _says_data(parameter: Parameter) -> bool:
    """True when prose, or the documentation of a well-known shape, says that bytes are taken."""
    return parameter.name in _KNOWN_TO_TAKE_DATA or bool(_TAKES_DATA.search(parameter.description))


def _walk(properties: Mapping[str, Schema], required: frozenset[str], prefix: str, depth: int) -> Iterator[Parameter]:
    for name, schema in properties.items():
        yield Parameter.of(prefix + name, schema, required=name in required)
        if depth >= _DEPTH or is_upload(schema):
            continue
        inner: dict[str, Schema] = {}
        needed: list[set[str]] = []
        for leaf in leaves(schema):
            inner = {**(leaf.get("properties") or {}), **inner}
            needed += [set(leaf.get("required") or ())] if leaf.get("properties") else []
        if inner:
            yield from _walk(inner, frozenset(set.intersection(*needed)), f"{prefix}{name}.", depth + 1)


def is_upload(schema: Schema) -> bool:
    """True for a file that goes in a multipart form: `format: binary`, or a server's own idea of an uploaded file."""
    return any(
        leaf.get("format") == "binary"
        or {"mimetype", "originalname"} <= set(leaf.get("properties") or ())
        or is_upload(leaf.get("items") or {})
        for leaf in leaves(schema)
    )


def _texts(schema: Schema) -> list[Schema]:
    """The leaves that are text, those inside a list too."""
    opened = list(leaves(schema))
    inside = [leaf for outer in opened for leaf in leaves(outer.get("items") or {})]
    return [leaf for leaf in [*opened, *inside] if "string" in types_of(leaf)]


def _distinct(values: Iterable[Any]) -> tuple[Any, ...]:
    """Each value once; 1 and true are two, and objects may be among them."""
    return tuple({repr(value): value for value in values}.values())


def _implied(schema: Schema) -> list[str]:
    named = types_of(schema)
    if named or not schema.get("enum"):
        return named
    kinds = {str: "string", bool: "boolean", int: "integer", float: "number"}
    return list(dict.fromkeys(kinds.get(type(value), "string") for value in schema["enum"]))


def _bound(opened: list[Schema], key: str, widest: Any) -> Any:
    told = [leaf[key] for leaf in opened if leaf.get(key) is not None]
    return widest(told) if told else None


def _default(schema: Schema, opened: list[Schema]) -> Any:
    told = next((leaf["default"] for leaf in [schema, *opened] if leaf.get("default") is not None), None)
    if told is None:
        return None
    fitted, faults = conform({**schema, "default": None}, told)
    return None if faults else fitted


def _prose(schema: Schema, opened: list[Schema]) -> str:
    """The description, and those of alternatives and of a list's members."""
    told = [schema.get("description")]
    for leaf in opened:
        told += [leaf.get("description"), (leaf.get("items") or {}).get("description")]
    return " ".join(dict.fromkeys(str(text) for text in told if text))
