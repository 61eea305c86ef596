"""The options of every magic, declared once as data.

The parser, the help text, tab completion and the README's tables all read these tables. Nothing here parses, prints or
sends, and nothing here knows what an option does.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Option(NamedTuple):
    """One option: `-m, --model ID`.

    takes: "value" (one value), "many" (one value, may be repeated) or "flag" (no value).
    values: what completion offers: a tuple of words, or the name of a kind (`model`, `provider`, `conversation`,
        `variable`, `file`).
    """

    name: str
    short: str = ""
    metavar: str = "VALUE"
    help: str = ""
    takes: str = "value"
    values: tuple[str, ...] | str = ()

    @property
    def key(self) -> str:
        """The name as a Python word: `dry_run`."""
        return self.name.replace("-", "_")

    @property
    def label(self) -> str:
        """As help writes it: `-m, --model ID`."""
        names = f"-{self.short}, --{self.name}" if self.short else f"--{self.name}"
        return names if self.takes == "flag" else f"{names} {self.metavar}"


class Magic(NamedTuple):
    """One magic, for all that need to know its words.

    words: the parameters that every model of this medium understands, in OpenAI's names; others pass as well.
    cell: True when it has the form with `%%`.
    params: True when it takes any parameter as `--NAME VALUE`.
    """

    name: str
    summary: str
    options: tuple[Option, ...] = ()
    words: Mapping[str, str] = MappingProxyType({})
    examples: tuple[str, ...] = ()
    cell: bool = True
    params: bool = False
    sets: str = ""

    def option(self, name: str) -> Option | None:
        """The option with this name (`model`, `m`), without its dashes; None when there is none."""
        return next((option for option in self.options if name and name in (option.name, option.short)), None)


MODEL = Option("model", "m", "ID", "a model id or alias; `%aiml use` sets the default", values="model")
AT = Option("at", "", "NAME|URL", "this call on another provider", values="provider")
ATTACH = Option("attach", "a", "X", "file, URL or {{ variable }}; may be repeated", "many", "file")
INTO = Option("into", "o", "NAME", "keep the result in a variable too", values="variable")
PARAM = Option("param", "p", "NAME=JSON", "a parameter whose value is JSON, under exactly this name", "many")
DRY_RUN = Option("dry-run", help="show the request and what it will cost as far as known; send nothing", takes="flag")
AS = Option(
    "as",
    "",
    "curl|python|openai",
    "show this call as code for outside the notebook",
    values=("curl", "python", "openai"),
)
TIMEOUT = Option("timeout", "", "SECONDS", "wait this long")
QUIET = Option("quiet", "q", help="draw nothing", takes="flag")
SAVE = Option("save", "", "PATH", "write the picture to this file or folder", values="file")
ORIGINAL = Option("original", help="send attached pictures as they are, not made smaller", takes="flag")

_COMMON = (MODEL, AT, ATTACH, INTO)
_LAST = (PARAM, DRY_RUN, AS, TIMEOUT, QUIET)

CONVERSATION = Option(
    "conversation", "c", "NAME", "the conversation to go on with; without it, `main`", values="conversation"
)
SHOW_WAYS = ("markdown", "text", "json", "code")

CHAT = Magic(
    "chat",
    "Ask a chat model; the cell is the prompt.",
    (
        *_COMMON,
        CONVERSATION,
        Option("new", help="start the conversation afresh", takes="flag"),
        Option("system", "s", "TEXT", "the system prompt"),
        Option("messages", "", "NAME", "a variable with a list of messages, any roles", values="variable"),
        Option(
            "show",
            "",
            "|".join(SHOW_WAYS),
            "how to draw the reply; `code` puts its code in a new cell",
            values=SHOW_WAYS,
        ),
        Option(
            "schema",
            "",
            "NAME",
            "a pydantic model, dataclass, TypedDict or JSON schema for the reply",
            values="variable",
        ),
        Option(
            "tool",
            "t",
            "NAME",
            "a function the model may call; may be repeated; the call is shown first",
            "many",
            "variable",
        ),
        Option("no-stream", help="wait for the whole reply", takes="flag"),
        ORIGINAL,
        *_LAST,
    ),
    {
        "temperature": "0 is steady, above 1 is wild",
        "max_tokens": "the longest reply, in tokens",
        "seed": "the same seed gives a similar reply",
        "stop": "text at which the reply ends",
        "effort": "how long a reasoning model thinks: low, medium, high",
    },
    (
        "%%chat\nWhy is the sky blue?",
        "%chat What is a token?",
        "%%chat -m openai/gpt-4o --attach plan.pdf -o summary\nSummarise this plan in five lines.",
        "%%chat --temperature 0\nWhich row of this table is odd?\n{{ df }}",
    ),
    params=True,
    sets="_reply",
)

IMAGE = Magic(
    "image",
    "Draw a picture; the cell is the prompt.",
    (*_COMMON, SAVE, ORIGINAL, *_LAST),
    {
        "size": "width x height in pixels, as 1024x1024",
        "n": "how many pictures",
        "seed": "the same seed gives the same picture, where the model allows",
        "negative": "what must not be in it",
        "guidance": "how closely to follow the prompt",
        "strength": "how far to go from the attached picture, 0 to 1",
        "steps": "how many drawing steps",
        "enhance": "true: let the provider improve the prompt",
        "format": "png, jpeg or webp",
    },
    (
        "%%image\nA lighthouse at dusk, watercolour",
        "%image --size 512x512 --seed 7 a red fox in the snow",
        "%%image --n 4 --save foxes/\nA fox, four seasons",
    ),
    params=True,
    sets="_image",
)

API = Magic(
    "api",
    "Call any endpoint: METHOD /path, JSON in the cell.",
    (
        AT,
        Option("file", "", "FIELD=PATH", "upload a file in this field; may be repeated", "many", "file"),
        INTO,
        DRY_RUN,
        Option("as", "", "curl|python", "show this call as code for outside the notebook", values=("curl", "python")),
        TIMEOUT,
        QUIET,
    ),
    examples=(
        "%api GET /v1/models",
        '%%api POST /v1/embeddings\n{"model": "text-embedding-3-small", "input": "{{ text }}"}',
        "%api POST /v1/files --file file=notes.pdf",
    ),
)

EXPLAIN = Magic(
    "explain",
    "Explain the last error: sends its cell and the end of its traceback, after showing them.",
    (MODEL, AT, INTO, DRY_RUN, TIMEOUT, QUIET),
    sets="_reply",
    examples=("%explain", "%explain How do I avoid this in a loop?", "%explain --dry-run"),
    cell=False,
)

AIML = Magic(
    "aiml",
    "See and set up: status, use, key, models, conversations, usage, sandbox, doctor, prune.",
    examples=("%aiml status", "%aiml use groq", "%aiml key", "%aiml conversations show main"),
    cell=False,
)

MAGICS: dict[str, Magic] = {magic.name: magic for magic in (CHAT, IMAGE, API, EXPLAIN, AIML)}

#: What another extension cannot have taken: these names exist in any case.
KIN: dict[str, str] = {name: "aiml_nb" if name == "aiml" else f"aiml_{name}" for name in MAGICS}

#: The subcommands of `%aiml`: what follows the name, and what it does.
SUBCOMMANDS: dict[str, tuple[str, str]] = {
    "status": ("", "provider, key, models, this session's cost"),
    "use": ("PROVIDER|URL|MODEL", "where calls go from now on, or the default model of chat (`image=ID` for pictures)"),
    "key": ("[PROVIDER]", "type a key in a hidden field; it is kept for next time"),
    "models": ("[WORDS]", "the models of the provider in use, those that have all the words"),
    "model": ("ID", "what the catalogue tells of one model: price, context, description"),
    "conversations": ("[show|undo|edit|export|resume|delete NAME]", "what was said, and changing it"),
    "usage": ("", "calls, tokens and cost of this session"),
    "sandbox": ("[start|stop|faults]", "the built-in provider that needs no key"),
    "doctor": ("", "what is wrong with this setup, and the remedy"),
    "prune": ("[DAYS|all]", "how much is stored, and emptying it"),
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

#: Set by other options or by the prompt itself, never as a parameter.
RESERVED: dict[str, str] = {
    "prompt": "write the prompt in the cell",
    "stream": "leave it out, or use --no-stream",
    "medium": "use the magic of that medium",
    "dry": "use --dry-run",
    "cell": "the notebook tells it",
    "tools": "use --tool NAME",
    "conversation": "use --conversation NAME",
    "attach": "use --attach X",
    "model": "use --model ID",
    "messages": "use --messages NAME",
    "base_url": "use --at URL",
    "api_key": "run %aiml key; it asks for the key in a hidden field",
}
