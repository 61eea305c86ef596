"""Secret, a key that hides itself, and the process's memory of every key, so that `scrub` can take them out of any text.

A Secret shows as `Secret(…)` wherever it is printed, formatted, dumped or seen in a traceback's locals; only
`reveal()` gives the key. This module knows nothing of where keys come from.
"""

from __future__ import annotations

import base64
import hmac
import html
import json
import re
import threading
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NoReturn
from urllib.parse import quote, quote_plus

from ..errors import SettingsError

HIDDEN = "Secret(…)"

#: Words that local servers take for a key: no secret, and too common to be scrubbed from a text.
_DUMMIES = {"sandbox", "ollama", "lm-studio", "lmstudio", "not-needed", "no-key", "none", "empty", "dummy", "anything"}
_SCRUBBED_LENGTH = 8
_HEAD_LENGTH = 16

_SHAPES = r"(?:sk|gsk|hf|xai|pplx|fw|nvapi|rk|r8|ghp|glpat)[-_][A-Za-z0-9_-]{16,}|AIza[A-Za-z0-9_-]{30,}"
_KEY = re.compile(rf"(?<![\w-])(?:{_SHAPES})")
_HEX = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z])")
_KEY_OPTION = re.compile(
    r"(?<!\S)(?:--?(?:aiml(?:api)?[-_]?)?(?:api[-_]?)?(?:key|token|secret)(?=[\s=]|$)|-p\s+api[-_]?key=)",
    re.IGNORECASE,
)
_NAMED_KEY = re.compile(r"(?:\w*(?:key|token|secret|bearer))[\"']?\s*[=: ]\s*[\"']?[0-9a-f]{32}\b", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"<.*>|\$?\{.*\}|.*\*{3,}.*|.*(?:\.{3}|…).*|x{3,}|(?:sk-)?x{4,}.*|.*\byour[-_ ].*|.*[-_ ]here|"
    r"(?:insert|paste|replace|put|enter|add)[-_ ].*|change[-_]?me|todo|api[-_]?key",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"(?:sk-or|sk-proj|sk-ant|sk|gsk|hf|xai)[-_]")

_known: dict[str, None] = {}
_lock = threading.Lock()


class Secret:
    """A key. `reveal()` gives it; everything else gives `Secret(…)`. Copies are the same object; pickling is refused."""

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        self.__value = value
        if len(value) >= _SCRUBBED_LENGTH and value.lower() not in _DUMMIES:
            with _lock:
                _known[value] = None

    @classmethod
    def of(cls, value: str | Secret) -> Secret:
        """A Secret of a text; a Secret as it is."""
        return value if isinstance(value, Secret) else cls(value)

    def reveal(self) -> str:
        """The key itself, for the Authorization header and for nothing else."""
        return self.__value

    @property
    def masked(self) -> str:
        """`sk-…abcd`, enough to tell two keys apart; `…` for a short one."""
        if len(self.__value) < 20:
            return "…"
        prefix = _PREFIX.match(self.__value)
        return f"{prefix[0] if prefix else ''}…{self.__value[-4:]}"

    def __repr__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self.__value.encode(), other.__value.encode())

    def __hash__(self) -> int:
        return hash(self.__value)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __getstate__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled: resolve the settings again where it is needed")

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        self.__getstate__()


def clean_key(raw: str | Secret, where: str) -> Secret | None:
    """A key as typed, pasted or read: spaces, quotes and line ends around it go; None when nothing is left.

    where: what to call it in the error ("AIMLAPI_API_KEY in .env"). Raises SettingsError for a placeholder, or for
    a key that could not stand in a header.
    """
    text = (raw.reveal() if isinstance(raw, Secret) else raw).strip().strip("\"'“”‘’`").strip("\ufeff\u200b \t\r\n")
    text = re.sub(r"^Bearer\s+", "", text, flags=re.IGNORECASE)
    problem = _problem(text)
    secret = None if problem or not text else Secret(text)
    raw = text = ""  # a traceback that shows locals finds none here
    if problem:
        raise SettingsError(f"{where} {problem[0]}", advice=problem[1])
    return secret


def _problem(text: str) -> tuple[str, str] | None:
    if _PLACEHOLDER.fullmatch(text):
        return "still holds a placeholder, not a key", "Put your own key in its place, or take the line out."
    if not text.isascii() or not text.isprintable() or " " in text:
        return (
            "holds a key with a space, a line break or another character that no key has",
            "Copy the key again, whole and on one line.",
        )
    return None


def known_secrets() -> tuple[Secret, ...]:
    """Every key that this process has had in a Secret, short and well-known dummies left out."""
    with _lock:
        raws = tuple(_known)
    return tuple(map(Secret, raws))


def scrub(text: str, secrets: Iterable[Secret] | None = None) -> str:
    """`text` with every known key, or each of `secrets`, replaced by `Secret(…)`.

    Found as it is, cut short after its first sixteen characters, URL-quoted, in JSON, in HTML, and inside base64 at
    any alignment. Scrub before shortening a text: a key cut very short is not recognised.
    """
    if secrets is None:
        with _lock:
            raws = tuple(_known)
    else:
        raws = tuple(secret.reveal() for secret in secrets)
    return _pattern(raws).sub(HIDDEN, text) if raws else text


def holds_key(text: str) -> bool:
    """True when `text` holds the beginning of a known key in any of its forms: cheap enough for each piece of a stream."""
    with _lock:
        raws = tuple(_known)
    return any(head in text for head in _heads(raws))


@lru_cache(maxsize=8)
def _heads(raws: tuple[str, ...]) -> tuple[str, ...]:
    return tuple({form[:_HEAD_LENGTH] for raw in raws for form in _forms(raw)})


@lru_cache(maxsize=8)
def _pattern(raws: tuple[str, ...]) -> re.Pattern[str]:
    parts = sorted({form for raw in raws for form in _forms(raw)}, key=len, reverse=True)
    heads = [re.escape(raw[:_HEAD_LENGTH]) + r"[\w-]*" for raw in raws if len(raw) >= _HEAD_LENGTH + 8]
    return re.compile("|".join([*map(re.escape, parts), *heads]))


def _forms(raw: str) -> set[str]:
    forms = {raw, quote(raw, safe=""), quote_plus(raw), json.dumps(raw)[1:-1], html.escape(raw)}
    for shift in range(3):
        # Only the characters that depend on nothing but the key: what stands around it shares the outer ones.
        encoded = base64.b64encode(b"\0" * shift + raw.encode()).decode().rstrip("=")
        whole = encoded[(0, 2, 3)[shift] : len(encoded) - (1 if (len(raw) + shift) % 3 else 0)]
        forms |= {whole, whole.replace("+", "-").replace("/", "_")}
    return {form for form in forms if len(form) >= _SCRUBBED_LENGTH}


def looks_like_key(text: str) -> bool:
    """True when `text` holds something of a key's shape (`sk-…`, `gsk_…`, `hf_…`, `key=` and 32 hex digits), or a known key."""
    return bool(_KEY.search(text) or _NAMED_KEY.search(text)) or scrub(text) != text


def refuse_key(line: str, *, prompt: str = "", cell: str = "") -> None:
    """Raise SettingsError when a magic carries a key: cells are saved, and so is their history.

    line: its options, or the whole line of a command that takes no prompt; here an option that asks for a key
    (`--api-key`, `--key`, `--token`) is refused as well. prompt: what follows the options, where that may be meant as text.
    cell: what stands below, where only a key that is in use is refused, for a lesson may show a made-up one.
    """
    found = bool(_KEY_OPTION.search(line)) or looks_like_key(line) or bool(_HEX.fullmatch(line.strip()))
    found = found or looks_like_key(prompt) or holds_key(cell)
    line = prompt = cell = ""  # a traceback that shows locals finds none here
    if found:
        raise SettingsError(
            "a key does not belong in a cell: it would be saved with the notebook and in the history",
            advice="Take it out and run %aiml key, which asks for it hidden; or put AIMLAPI_API_KEY=… into a file named .env.",
        )
