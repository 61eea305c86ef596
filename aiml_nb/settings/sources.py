"""Where settings are found: the call's arguments, `%config`, the environment, `.env`, and the keys that were stored.

Each is a Source, a few named values that show as nothing but where they are from. A `.env` is read by python-dotenv
without expanding `${…}`, so that a downloaded one cannot copy the environment's key into a URL, and nothing of it
enters `os.environ`. Which source wins is not decided here.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import Path

from ..errors import SettingsError
from .secret import Secret, clean_key

ENVIRONMENT = "the environment"
_LARGEST = 1_000_000
#: PowerShell writes UTF-16, Windows' Notepad a mark before UTF-8.
_MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


class Source:
    """Named values from one place. Its repr tells the place only, since some of the values are keys."""

    def __init__(self, name: str, values: Mapping[str, str | None]) -> None:
        self.name = name
        self._values = values

    def __repr__(self) -> str:
        return f"Source({self.name!r})"

    def get(self, names: Iterable[str]) -> tuple[str, str] | None:
        """The first of `names` that has a value, as (value, "NAME in the place")."""
        for name in names:
            value = (self._values.get(name) or "").strip()
            if value:
                return value, self.called(name)
        return None

    def key(self, names: Iterable[str]) -> tuple[Secret, str] | None:
        """The first of `names` that holds a key, cleaned, and where it was. Raises SettingsError for a placeholder."""
        for name in names:
            secret = clean_key(self._values.get(name) or "", self.called(name))
            if secret is not None:
                return secret, self.called(name)
        return None

    def has(self, names: Iterable[str]) -> str | None:
        """The first of `names` that has any value at all; the value itself is not looked at."""
        return next((name for name in names if (self._values.get(name) or "").strip()), None)

    def called(self, name: str) -> str:
        """How to call one of its values in a sentence."""
        return f"{name} in {self.name}"


class Sources:
    """The environment, or `environ` in its place, and then the nearest `.env`, as often as they are iterated.

    The `.env` is looked for when it is come to: where the environment has decided already, no call waits for the disk.
    """

    def __init__(self, environ: Mapping[str, str] | None = None, folder: Path | None = None) -> None:
        self._outside = Source(ENVIRONMENT, os.environ if environ is None else environ)
        self._folder = folder

    def __iter__(self) -> Iterator[Source]:
        yield self._outside
        if self._file is not None:
            yield self._file

    @cached_property
    def _file(self) -> Source | None:
        return dotenv(self._folder)


def dotenv(folder: Path | None = None) -> Source | None:
    """The nearest `.env`, read again whenever it has changed; None without one.

    It is looked for in `folder` (default: the current one) and above it, up to the folder that holds `.git` or to
    the user's home, whichever is met first; where neither is above, in `folder` alone. A project's `.env` stands
    at its root, and further up the files are somebody else's: in `/tmp`, anybody's.
    """
    for path in _candidates((folder or Path.cwd()).absolute()):
        if path.is_file():
            return _read(path)
    return None


def _candidates(folder: Path) -> list[Path]:
    """The `.env` of each folder to look into; none of them need exist."""
    try:
        home = Path.home().absolute()
    except RuntimeError:
        home = folder
    found = []
    for place, file, repository in _above(folder):
        found.append(file)
        if place == home or repository.exists():
            return found
    return found[:1]


@lru_cache(maxsize=8)
def _above(folder: Path) -> list[tuple[Path, Path, Path]]:
    """A folder and those above it, each with its `.env` and `.git`: made once, since every call asks."""
    return [(place, place / ".env", place / ".git") for place in (folder, *folder.parents)]


def _read(path: Path) -> Source:
    try:
        state = path.stat()
        if state.st_size > _LARGEST:
            raise SettingsError(f"{path} is too large for a .env", advice="Move it, or put the key elsewhere.")
        return Source(str(_short(path)), _parsed(path, state.st_mtime_ns, state.st_size))
    except (OSError, UnicodeError) as error:
        raise SettingsError(
            f"{path} cannot be read: {_reason(error)}",
            advice="Save it as UTF-8 text with lines such as AIMLAPI_API_KEY=…, readable for you.",
        ) from None


def _reason(error: OSError | UnicodeError) -> str:
    return error.strerror or "no reason given" if isinstance(error, OSError) else "it is not UTF-8 text"


@lru_cache(maxsize=4)
def _parsed(path: Path, changed: int, size: int) -> dict[str, str | None]:  # noqa: ARG001 - a change makes it read again
    import io

    from dotenv import dotenv_values

    data = path.read_bytes()
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    return dotenv_values(stream=io.StringIO(data.decode(encoding)), interpolate=False)


def _short(path: Path) -> Path:
    """The path as the user would say it: relative where it is here."""
    try:
        return path.relative_to(Path.cwd())
    except (ValueError, OSError):
        return path
