"""The subcommands of `%aiml`, declared once as data: for the help, for completion, for the README, and for who reads their words."""

from __future__ import annotations

from ..errors import InvalidRequestError, shorten
from .options import AT, BY_MEDIUM, INTO, QUIET, Option

#: What `%aiml usage --by` sums up by.
GROUPS = ("model", "day", "medium", "notebook", "session", "provider")

#: What follows the name, and what it does.
SUBCOMMANDS: dict[str, tuple[str, str]] = {
    "status": ("", "provider, key, models, this session's cost"),
    "use": (
        "PROVIDER|URL|MODEL",
        "where calls go from now on, or a medium's default model: `use -m ID --for video`, or `use video=ID`",
    ),
    "key": ("[PROVIDER]", "type a key in a hidden field; it is kept for next time"),
    "models": (
        "[WORDS]",
        "models that have all the words in name, developer, description or capabilities, with prices",
    ),
    "model": ("ID", "all of one model: price, context, and each parameter with range, default and common word"),
    "conversations": ("[show|undo|edit|export|resume|delete NAME]", "what was said, and changing it"),
    "jobs": ("", "films, music and other work that takes time: state, files, cost; what waits to be collected first"),
    "resume": ("[ID]", "collect a job after a stop, a restart or a lost network; without ID the newest that waits"),
    "usage": (
        "",
        "calls, tokens and cost; also in _usage: a DataFrame where pandas is imported, else rows with .to_pandas()",
    ),
    "balance": ("", "what is left at the provider, in US dollars"),
    "budget": (
        "[USD|off]",
        "stop the next call before it is sent when so much is spent: in this session, or --per day in all notebooks",
    ),
    "sandbox": ("[start|stop|faults]", "the built-in provider that needs no key"),
    "doctor": ("", "what is wrong with this setup, and the remedy"),
    "prune": ("[DAYS|all]", "how much is stored, and emptying it"),
}

_MEDIUM = Option("medium", "", "M", "only models that make this", values=tuple(BY_MEDIUM))

#: The options of the subcommands that have some.
SUB_OPTIONS: dict[str, tuple[Option, ...]] = {
    "use": (
        Option("model", "m", "ID", "the model", values="model"),
        Option("for", "", "MEDIUM", "the medium whose default it becomes", values=tuple(BY_MEDIUM)),
    ),
    "models": (_MEDIUM, Option("refresh", help="ask the provider anew", takes="flag"), AT),
    "model": (AT,),
    "jobs": (Option("all", help="every job, not only the newest 30", takes="flag"),),
    "resume": (AT, INTO, QUIET),
    "usage": (
        Option("by", "", "|".join(GROUPS), "what to sum up by; `model` unless told", values=GROUPS),
        Option("days", "", "N", "the last N days of all sessions, today included; else this session"),
        Option("plot", help="draw the cost: a picture where matplotlib is installed, else bars of text", takes="flag"),
    ),
    "balance": (AT,),
    "budget": (
        Option(
            "per",
            "",
            "session|day",
            "`session` unless told; a day's holds until `budget off`",
            values=("session", "day"),
        ),
    ),
}

#: What follows `%aiml conversations`.
CONVERSATION_ACTIONS: dict[str, str] = {
    "show": "NAME: every message",
    "undo": "NAME [N]: take the last question and answer back, or the last N",
    "edit": "NAME N TEXT: change the answer of turn N",
    "export": "NAME FILE: as .md, .ipynb or .json",
    "resume": "NAME: go on with one from an earlier run",
    "delete": "NAME: forget it",
}


def take(words: list[str], command: str, name: str) -> tuple[list[str], dict[str, str]]:
    """The words that are no options, and the options of `%name command` by their names; a flag's value is empty.

    Raises InvalidRequestError for an option that the command has not, or one without its value.
    """
    rest: list[str] = []
    told: dict[str, str] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        if not word.startswith("-") or not word.lstrip("-")[:1].isalpha():
            rest.append(word)
            continue
        written, joined, value = word.partition("=")
        option = _option(written, command, name)
        if option.name in told:
            raise InvalidRequestError(f"{written} is given twice", param=option.name, advice="Once is enough.")
        if option.takes == "flag":
            told[option.name] = ""
            continue
        if not joined and (not left or left[0].startswith("-")):
            raise InvalidRequestError(
                f"{written} needs a value", param=option.name, advice=f"As in: {written} {option.metavar}"
            )
        told[option.name] = _checked(option, value if joined else left.pop(0))
    return rest, told


def _option(written: str, command: str, name: str) -> Option:
    options = SUB_OPTIONS.get(command, ())
    for option in options:
        if written in (f"--{option.name}", f"-{option.short}" if option.short else None):
            return option
    known = [f"--{option.name}" for option in options]
    import difflib

    near = difflib.get_close_matches(written, known, 1)
    hint = f"Did you mean {near[0]}? " if near else ""
    raise InvalidRequestError(
        f"%{name} {command} has no option {shorten(written, 30)}",
        param=written.lstrip("-"),
        advice=f"{hint}There is {', '.join(known)}." if known else "It takes no options.",
    )


def _checked(option: Option, value: str) -> str:
    value = value.strip("\"'")
    if option.metavar in ("M", "MEDIUM"):
        return medium_of(value)
    if isinstance(option.values, tuple) and option.values and value not in option.values:
        import difflib

        near = difflib.get_close_matches(value, option.values, 1)
        raise InvalidRequestError(
            f"--{option.name} {shorten(value, 30)} is not known",
            param=option.name,
            advice=(f"Did you mean {near[0]}? " if near else "") + f"It is one of {', '.join(option.values)}.",
        )
    return value


def medium_of(word: str) -> str:
    """The medium that a word names: its own name, or its magic's (`transcribe`). Raises InvalidRequestError."""
    for medium, magic in BY_MEDIUM.items():
        if word.lower() in (medium, magic.name):
            return medium
    import difflib

    near = difflib.get_close_matches(word.lower(), BY_MEDIUM, 1)
    raise InvalidRequestError(
        f"there is no medium {shorten(word, 30)}",
        param="medium",
        advice=(f"Did you mean {near[0]}? " if near else "") + f"It is one of {', '.join(BY_MEDIUM)}.",
    )
