"""How the turns of a conversation look in a chat: what was asked, what was answered, what it cost, as safe HTML.

What a model wrote goes through `render`; prompts are shown as they were typed. The same pieces make the panel's log, with
small buttons that the panel's JavaScript serves, and its twin, without.
"""

from __future__ import annotations

import base64
import functools
from collections.abc import Mapping, Sequence
from typing import Any

from ..content import Attachment, Message
from ..conversation import Turn
from ..costs import Cost
from ..media.drawing import calls_html, tokens
from ..render import parts
from ..render.markdown import Stream, to_html
from .looks import escape

#: The longer side of a preview, in pixels.
PREVIEW = 96

#: Stands for an answer that has not begun.
WAIT = '<div class="aiml-wait" role="status"><i></i><i></i><i></i><span class="aiml-hidden">waiting for the answer</span></div>'

#: JupyterLab's own typography for headings, tables and code, where that is the front end.
_TYPE = "jp-RenderedHTMLCommon aiml-type"


def asked(message: Message, tools: str = "", note: str = "") -> str:
    """What the user said: the text as it was typed, its files, and buttons."""
    files = "".join(preview(each) for each in message.attachments)
    text = parts.plain(message.content) if message.content else ""
    told = f'<span class="aiml-hidden">You: </span>{text}{files}'
    return f'<div class="aiml-ask"><div class="aiml-bubble">{told}</div>{tools}{note}</div>'


def answered(turn: Turn, row: Mapping[str, Any] | None = None) -> str:
    """What the model answered: thoughts folded, tools it used, the text, and a line with model, tokens and cost."""
    replies = [m for m in turn.messages if m.role == "assistant"]
    pieces = [parts.step(f"{call['function']['name']}({call['function']['arguments']})") for call in _calls(replies)]
    if replies:
        pieces = [parts.reasoning(replies[-1].reasoning), *pieces, to_html(replies[-1].content)]
    warning = "partial: the answer was broken off" if turn.partial else ""
    return "".join(pieces) + parts.footer(numbers(row), warning=warning)


def growing(reply: Any, stream: Stream) -> tuple[list[str], str]:
    """An answer that still grows, for `render.markdown.wrap`: the pieces that will not change any more, and the rest."""
    if reply is None or not reply.started:
        return [], WAIT
    if len(reply.choices) > 1 or not reply.text:
        return [], str(reply._live_html_())
    closed, rest = stream.split(reply.text)
    head = "".join([*map(parts.note, reply.notes), *map(parts.step, reply.steps)])
    return ([head, *closed] if head else closed), rest + calls_html(reply.choices[0])


def framed(html: str, tools: str = "") -> str:
    """An answer's HTML with the typography of the front end, and buttons."""
    return f'<div class="aiml-answer"><span class="aiml-hidden">Answer: </span><div class="{_TYPE}">{html}</div>{tools}</div>'


def saved(message: Message, answer: str) -> str:
    """A turn without a panel's style around it, for the twin."""
    files = "".join(preview(each) for each in message.attachments)
    return f"<div><strong>You</strong> {parts.plain(message.content)}{files}</div><div><strong>Answer</strong></div><div>{answer}</div>"


def tools(number: int, *names: tuple[str, str, str]) -> str:
    """Small buttons under a turn, (what to do, label, explanation) each; hidden where no JavaScript serves them."""
    made = (
        f'<button type="button" data-aiml="{what} {number}" title="{escape(told)}" aria-label="{escape(told)}">{label}</button>'
        for what, label, told in names
    )
    return f'<div class="aiml-tools">{"".join(made)}</div>'


def numbers(row: Mapping[str, Any] | None) -> list[str]:
    """Model, tokens and cost of a call, from its row in the ledger."""
    if row is None:
        return []
    cost = "cost unknown" if row["usd"] is None else str(Cost(usd=row["usd"]))
    told = [row["model"], tokens(row["input_tokens"], row["output_tokens"]), cost]
    return [each for each in (*told, "sandbox" if row["provider"] == "sandbox" else "") if each]


def preview(attachment: Attachment) -> str:
    """A file in a few pixels: a thumbnail for a picture, a name and size for the rest."""
    label = escape(attachment.label)
    source = _thumbnail(attachment) if attachment.kind == "image" and attachment.url is None else ""
    if source:
        style = "max-height:96px;max-width:140px;border-radius:4px;display:block"
        return f'<span class="aiml-file"><img src="{source}" alt="{label}" title="{label}" style="{style}"></span>'
    return f'<span class="aiml-file">{label}</span>'


def _thumbnail(attachment: Attachment) -> str:
    try:
        return _small(attachment.sha256 or "", attachment)
    except Exception:  # noqa: BLE001 - a picture that cannot be read any more is shown by its name
        return ""


@functools.lru_cache(maxsize=64)
def _small(_sha256: str, attachment: Attachment) -> str:
    from ..render.picture import thumbnail

    data, mime = thumbnail(attachment.read(), PREVIEW)
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def _calls(replies: Sequence[Message]) -> list[dict[str, Any]]:
    return [dict(call) for reply in replies for call in reply.tool_calls if isinstance(call.get("function"), dict)]


def as_text(turn: Turn) -> str:
    """A turn for a reader without colours."""
    files = "".join(f" [{each.label}]" for m in turn.messages if m.role == "user" for each in m.attachments)
    mark = " [partial]" if turn.partial else ""
    return f"You: {turn.prompt}{files}\nAnswer: {turn.answer}{mark}"


def question(turn: Turn) -> Message:
    """What the user said in a turn, files and all."""
    return next((m for m in turn.messages if m.role == "user"), Message("user", turn.prompt))
