"""`%aiml conversations`: listed, shown, undone, edited, exported, resumed, deleted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InvalidRequestError, shorten
from .chat import MAIN
from .commands import none_left, unknown
from .context import Context
from .out import count, line_of, say, table
from .subcommands import CONVERSATION_ACTIONS

if TYPE_CHECKING:
    from ..conversation import Conversation

_FORMS = {".md": "md", ".ipynb": "ipynb", ".json": "json"}


def conversations(context: Context, words: list[str]) -> None:
    """The action that the words name; without one, the list."""
    if not words:
        _list(context)
        return
    action = _ACTIONS.get(words[0])
    if action is None:
        raise unknown("action", words[0], f"%{context.name} conversations", CONVERSATION_ACTIONS)
    action(context, words[1:])


def _list(context: Context) -> None:
    book = context.session.conversations
    rows: list[tuple[Any, ...]] = [
        (talk.name, count(len(talk), "turn"), line_of(_first(talk))) for talk in book if len(talk)
    ]
    say(table(rows) if rows else "No conversation yet in this session: %%chat begins `main`.")
    earlier = book.earlier(10)
    if earlier:
        say(f"From earlier sessions (%{context.name} conversations resume NAME goes on with one):")
        say(
            table(
                [
                    (
                        row["name"],
                        count(int(row["turns"]), "turn"),
                        line_of(str(row.get("words") or row.get("first") or "")),
                    )
                    for row in earlier
                ]
            )
        )


def _first(talk: Conversation) -> str:
    return talk.turns[0].prompt if talk.turns else ""


def _show(context: Context, words: list[str]) -> None:
    name, *rest = words or [MAIN]
    none_left(rest, f"%{context.name} conversations show NAME")
    talk = context.session.conversations.find(name)
    lines = [f"system: {talk.system}"] if talk.system else []
    for number, turn in enumerate(talk, 1):
        lines += [_line(number, message) for message in turn.messages]
    say("\n".join(lines) if lines else f"{name} is empty.")


def _line(number: int, message: Any) -> str:
    marks = "".join(f" [{attachment.label}]" for attachment in message.attachments)
    calls = "".join(f" [calls {call.get('function', {}).get('name', '?')}]" for call in message.tool_calls)
    partial = " [partial]" if message.partial else ""
    return f"{number} {message.role}: {message.content}{marks}{calls}{partial}"


def _undo(context: Context, words: list[str]) -> None:
    name, turns, *rest = [*words, *[MAIN, "1"][len(words) :]]
    none_left(rest, f"%{context.name} conversations undo NAME N")
    talk = context.session.conversations.find(name)
    gone = talk.undo(_number(turns, "how many turns"))
    say(
        f"Taken back from {name}: {count(len(gone), 'turn')}; {len(talk)} left. The last was: {line_of(gone[-1].prompt)}"
    )


def _edit(context: Context, words: list[str]) -> None:
    if len(words) < 3:
        raise InvalidRequestError(
            "edit needs a name, a turn's number and the new text",
            param="edit",
            advice=f"As in: %{context.name} conversations edit main 1 It is Paris.",
        )
    name, number, *_ = words
    text = context.written.split(None, 4)[4]
    context.session.conversations.find(name).edit(_number(number, "the turn's number"), text)
    say(f"The model's answer in turn {number} of {name} is now: {line_of(text)}")


def _number(text: str, what: str) -> int:
    if not text.isdecimal():
        raise InvalidRequestError(f"{shorten(text, 30)} is not {what}", advice="Give a whole number, from 1 on.")
    return int(text)


def _export(context: Context, words: list[str]) -> None:
    """Write a file of the kind that its name ends in; none that is there already is written over."""
    if not words:
        raise InvalidRequestError(
            "export to which file?", param="export", advice=f"As in: %{context.name} conversations export main talk.md"
        )
    name = words[0] if len(words) > 1 else MAIN
    written = context.written.split(None, 3)[3] if len(words) > 1 else words[0]
    path = Path(written.strip("\"'")).expanduser()
    form = _FORMS.get(path.suffix.lower())
    if form is None:
        raise InvalidRequestError(
            f"cannot export to {shorten(path.name, 40)}",
            param="export",
            advice=f"The name ends in {', '.join(_FORMS)}.",
        )
    text = context.session.conversations.find(name).export(form)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InvalidRequestError(f"{path} is there already", param="export", advice="Choose another name.") from None
    except OSError as error:
        raise InvalidRequestError(f"cannot write {path}: {error.strerror}", param="export") from None
    say(f"{name} is in {path}.")


def _resume(context: Context, words: list[str]) -> None:
    name = _one_name(context, words, "resume")
    talk = context.session.conversations.resume(name)
    say(f"{name} goes on: {count(len(talk), 'turn')}. Use it with: %%chat" + ("" if name == MAIN else f" -c {name}"))


def _delete(context: Context, words: list[str]) -> None:
    name = _one_name(context, words, "delete")
    context.session.conversations.delete(name)
    say(f"{name} is forgotten.")


def _one_name(context: Context, words: list[str], action: str) -> str:
    if len(words) != 1:
        raise InvalidRequestError(
            f"{action} takes one name", param="conversation", advice=f"%{context.name} conversations lists them."
        )
    return words[0]


_ACTIONS: dict[str, Callable[[Context, list[str]], None]] = {
    "show": _show,
    "undo": _undo,
    "edit": _edit,
    "export": _export,
    "resume": _resume,
    "delete": _delete,
}
