"""The help of the magics as text, made from the tables of options: for `%%chat?`, for an empty cell, for the README.

It formats and nothing else.
"""

from __future__ import annotations

from .options import MAGICS, Magic
from .subcommands import CONVERSATION_ACTIONS, SUB_OPTIONS, SUBCOMMANDS

_LINE_FORM = """\
Options come first, then the prompt, word for word. -- ends the options. Quotes group a value: -s "Be brief".
{{ expression }} puts in a value of this notebook; other braces, $ and backslashes stay as they are."""


def text(magic: Magic, name: str | None = None) -> str:
    """What `%%chat?` shows. name: what it is called here, when not by its own name."""
    if magic.name == "aiml":
        return _aiml(name or magic.name)
    name = name or magic.name
    parts = [magic.summary, _rows("Examples", [(example, "") for example in _examples(magic, name)], blank=True)]
    parts.append(_rows("Options", [(option.label, option.help) for option in magic.options]))
    if magic.files:
        parts.append(_rows("Files", [(f"--{word} FILE", meaning) for word, meaning in magic.files.items()]))
    if magic.params:
        words = [(f"--{word} VALUE", meaning) for word, meaning in magic.words.items()]
        parts.append(
            _rows(
                "Parameters", [*words, ("--NAME VALUE", "any other parameter, as the model calls it; nested: --a.b 1")]
            )
        )
        parts.append(_LINE_FORM)
    if magic.sets:
        parts.append(f"The result is always in {magic.sets} too.")
    return "\n\n".join(parts) + "\n"


def short(magic: Magic, name: str | None = None) -> str:
    """What an empty prompt shows: nothing was sent, one example, where the help is."""
    name = name or magic.name
    example = _examples(magic, name)[0]
    mark = "%%" if magic.cell else "%"
    lacking = "nothing is attached" if magic.medium in ("transcript", "ocr", "mesh") else "there is no prompt"
    return f"Nothing was sent: {lacking}. As in\n\n{_indent(example)}\n\n{mark}{name}? shows all options."


def magics_table() -> str:
    """The README's table of magics, in Markdown."""
    rows = ["| magic | what it does |", "|---|---|"]
    rows += [f"| `{_forms(magic)}` | {_code(magic.summary)} |" for magic in MAGICS.values()]
    return "\n".join(rows) + "\n"


def options_table(magic: Magic) -> str:
    """The README's table of one magic's options, in Markdown."""
    rows = ["| option | meaning |", "|---|---|"]
    rows += [f"| `{_code(option.label)}` | {_code(option.help)} |" for option in magic.options]
    rows += [f"| `--{word} FILE` | {_code(meaning)} |" for word, meaning in magic.files.items()]
    rows += [f"| `--{word} VALUE` | {_code(meaning)} |" for word, meaning in magic.words.items()]
    return "\n".join(rows) + "\n"


def takers(names: list[str]) -> str:
    """Who takes an option, for the README: magics by name, all that make or read a medium in two words.

    `chat image … generate api` gives `all media, api`, and without `chat` it is `all media but chat`.
    """
    media = [magic.name for magic in MAGICS.values() if magic.params]
    missing = [name for name in media if name not in names]
    if len(missing) > 1:
        return " ".join(names)
    but = f"all media but {missing[0]}" if missing else "all media"
    return ", ".join([but, *(name for name in names if name not in media)])


def subcommands_table() -> str:
    """The README's table of `%aiml`'s subcommands, in Markdown."""
    rows = ["| command | what it does |", "|---|---|"]
    rows += [
        f"| `%aiml {_code(f'{name} {_takes(name)}'.strip())}` | {_code(does)} |"
        for name, (_, does) in SUBCOMMANDS.items()
    ]
    return "\n".join(rows) + "\n"


def _takes(command: str) -> str:
    """What follows a subcommand: its words, then its options."""
    options = [f"[{option.label.rpartition(', ')[2]}]" for option in SUB_OPTIONS.get(command, ())]
    return " ".join([SUBCOMMANDS[command][0], *options]).strip()


def _aiml(name: str) -> str:
    rows = [(f"%{name} {word} {takes}".rstrip(), does) for word, (takes, does) in SUBCOMMANDS.items()]
    options = [(f"%{name} {word} {option.label}", option.help) for word, some in SUB_OPTIONS.items() for option in some]
    actions = [(f"%{name} conversations {word}", does) for word, does in CONVERSATION_ACTIONS.items()]
    return (
        "\n\n".join(
            [
                MAGICS["aiml"].summary,
                _rows("Commands", rows),
                _rows("Options", options),
                _rows("Conversations", actions),
            ]
        )
        + "\n"
    )


def _examples(magic: Magic, name: str) -> list[str]:
    return [example.replace(f"%{magic.name}", f"%{name}", 1) for example in magic.examples]


def _forms(magic: Magic) -> str:
    return f"%%{magic.name}` `%{magic.name}" if magic.cell else f"%{magic.name}"


def _rows(title: str, rows: list[tuple[str, str]], *, blank: bool = False) -> str:
    width = min(max(len(left) for left, _ in rows), 34)
    lines = [f"{title}:"]
    for at, (left, right) in enumerate(rows):
        if blank and at:
            lines.append("")
        lines.append(_indent(left) if not right else f"    {left:<{width}}  {right}")
    return "\n".join(lines)


def _indent(block: str) -> str:
    return "\n".join(f"    {line}" for line in block.splitlines())


def _code(cell: str) -> str:
    return cell.replace("|", "\\|")
