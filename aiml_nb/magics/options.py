"""The options of every magic, declared once as data.

The parser, the help text, tab completion and the README's tables all read these tables. Nothing here parses, prints or
sends, and nothing here knows what an option does.
"""

from __future__ import annotations

from collections.abc import Mapping
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

    cell: True when it has the form with `%%`.
    params: True when it takes any parameter as `--NAME VALUE`.
    sets: the variable that gets the result. medium: as `Session.start` calls it, where the magic has one.
    """

    name: str
    summary: str
    options: tuple[Option, ...] = ()
    examples: tuple[str, ...] = ()
    cell: bool = True
    params: bool = False
    sets: str = ""
    medium: str = ""

    @property
    def words(self) -> Mapping[str, str]:
        """The common words of its medium, with their meaning; the model's own names pass as well."""
        from .vocabulary import WORDS

        return WORDS.get(self.medium, {})

    @property
    def files(self) -> Mapping[str, str]:
        """Words of its medium whose value is a file."""
        from .vocabulary import FILES

        return FILES.get(self.medium, {})

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
SAVE = Option("save", "", "PATH", "write what was made to this file, or into this folder/", values="file")
ORIGINAL = Option("original", help="send attached pictures as they are, not made smaller", takes="flag")

_COMMON = (MODEL, AT, ATTACH, INTO)
_LAST = (PARAM, DRY_RUN, AS, TIMEOUT, QUIET)
_MEDIA = (*_COMMON, SAVE, ORIGINAL, *_LAST)

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
    (
        "%%chat\nWhy is the sky blue?",
        "%chat What is a token?",
        "%%chat -m openai/gpt-4o --attach plan.pdf -o summary\nSummarise this plan in five lines.",
        "%%chat --temperature 0\nWhich row of this table is odd?\n{{ df }}",
    ),
    params=True,
    sets="_reply",
    medium="chat",
)


def _medium(
    name: str, medium: str, summary: str, sets: str, examples: tuple[str, ...], more: tuple[Option, ...] = ()
) -> Magic:
    """The magic of a medium: the same options for all."""
    return Magic(name, summary, (*more, *_MEDIA), examples, params=True, sets=sets, medium=medium)


IMAGE = _medium(
    "image",
    "image",
    "Draw a picture; the cell is the prompt.",
    "_image",
    (
        "%%image\nA lighthouse at dusk, watercolour",
        "%image --size 512x512 --seed 7 a red fox in the snow",
        "%%image --n 4 --save foxes/\nA fox, four seasons",
        "%image -a fox.png --strength 0.6 the same fox in autumn",
    ),
)

VIDEO = _medium(
    "video",
    "video",
    "Make a film; the cell is the prompt. It takes minutes and goes on when you stop waiting.",
    "_video",
    ("%%video --duration 5\nWaves roll onto a beach", "%%video -a fox.png --save fox.mp4\nThe fox turns its head"),
)

SPEECH = _medium(
    "speech",
    "speech",
    "Read a text aloud; the cell is the text.",
    "_speech",
    ("%%speech\nGood morning, everybody.", "%speech --voice alloy --save hello.mp3 Hello, and welcome."),
)

MUSIC = _medium(
    "music",
    "music",
    "Make music; the cell is the prompt.",
    "_music",
    ("%%music\nA slow waltz for piano and rain", "%music --duration 20 --save theme.wav a cheerful theme"),
)

TRANSCRIBE = _medium(
    "transcribe",
    "transcript",
    "Write down what is said in a recording: attach it, or give its URL.",
    "_transcript",
    ("%transcribe -a talk.wav", "%transcribe -a talk.mp3 --language en --speakers true --save talk.srt"),
)

EMBED = _medium(
    "embed",
    "embedding",
    "Turn texts into vectors: the cell is one text, with --lines each line is one; {{ texts }} alone embeds a list.",
    "_embedding",
    ("%embed a lighthouse at dusk", "%%embed --lines\na red fox\na grey wolf", "%embed -o vectors {{ texts }}"),
    (Option("lines", help="each line of the cell is a text of its own; empty ones are left out", takes="flag"),),
)

OCR = _medium(
    "ocr",
    "ocr",
    "Read a scan or a PDF: attach it, or give its URL.",
    "_ocr",
    ("%ocr -a scan.pdf", "%ocr -a page.png --save page.md", "%ocr -a report.pdf --pages [0,1]"),
)

MESH = _medium(
    "mesh",
    "mesh",
    "Make a shape in three dimensions: attach a picture of the thing.",
    "_mesh",
    ("%mesh -a chair.png", "%mesh -a chair.png --save chair.glb"),
)

GENERATE = Magic(
    "generate",
    "Have any model do what it does: the medium is picked by the catalogue, the variable is that medium's.",
    _MEDIA,
    examples=(
        "%%generate -m flux/schnell\nA lighthouse at dusk",
        "%generate -m google/lyria2 a slow waltz",
        "%generate -m mistral-ocr-latest -a scan.pdf",
    ),
    params=True,
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
    "See and set up: status, models, jobs, usage, budget, conversations, key and more.",
    examples=("%aiml status", "%aiml use groq", "%aiml models video", "%aiml budget 2.50", "%aiml usage --by day"),
    cell=False,
)

MAGICS: dict[str, Magic] = {
    magic.name: magic
    for magic in (
        *(CHAT, IMAGE, VIDEO, SPEECH, MUSIC, TRANSCRIBE, EMBED, OCR, MESH),
        *(GENERATE, API, EXPLAIN, AIML),
    )
}

#: The magic of each medium.
BY_MEDIUM: dict[str, Magic] = {magic.medium: magic for magic in MAGICS.values() if magic.medium}

#: What another extension cannot have taken: these names exist in any case.
KIN: dict[str, str] = {name: "aiml_nb" if name == "aiml" else f"aiml_{name}" for name in MAGICS}

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
