"""OpenAI's Responses API (`POST /v1/responses`) as a dialect of chat, for the models that exist only there.

After https://platform.openai.com/docs/api-reference/responses/create. Messages, tool calls and their results are items of
`input`; the system prompt is `instructions`. Its answers are read in `responses_events`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..content import Message
from ..schema import ChatFeatures
from . import parts
from .dialect import Dialect

FEATURES = ChatFeatures(
    shape="responses",
    system="param",
    system_name="instructions",
    roles=frozenset({"system", "developer", "user", "assistant"}),
    parts=frozenset({"input_text", "input_image", "input_file"}),
    max_tokens="max_output_tokens",
    max_tokens_minimum=16,
    stream_options=False,
    tools="responses",
    response_format_name="text.format",
    effort="reasoning.effort",
    stop="",
    image_part="input_image",
    file_part="input_file",
    audio_part=None,
    video_part=None,
)


def turns(messages: Sequence[Message], features: ChatFeatures) -> list[dict[str, Any]]:
    """Messages as items of `input`: a message, its tool calls, and each result of one are items of their own."""
    return [item for message in messages for item in _items(message, features)]


def _items(message: Message, features: ChatFeatures) -> Iterator[dict[str, Any]]:
    if message.role == "tool":
        yield {"type": "function_call_output", "call_id": message.tool_call_id or "", "output": message.content}
        return
    files = [parts.part(a, features) for a in message.attachments]
    words = [parts.text(message.content, features)] if message.content else []
    if files or message.content or not message.tool_calls:
        yield {"role": message.role, "content": [*words, *files] if files else message.content}
    for call in message.tool_calls:
        function = call.get("function", {})
        name, arguments = function.get("name", ""), function.get("arguments") or "{}"
        yield {"type": "function_call", "call_id": call.get("id", ""), "name": name, "arguments": arguments}


DIALECT = Dialect(
    "/v1/responses",
    ("openai/responses/submit",),
    "input",
    FEATURES,
    frozenset({"temperature", "max_tokens", "effort"}),
    turns,
)

#: The body of a request; see `Dialect.payload`.
payload = DIALECT.payload
