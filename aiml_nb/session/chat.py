"""The work of a chat call: stream the answer, run the tools it asks for, and write the turn when it ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..content import Message
from ..conversation import Turn
from ..errors import APIError, BadRequestError, Interrupted, NotFoundError, StreamError
from ..media.reply import Reply
from .asking import write_again

if TYPE_CHECKING:
    from ..operation import Operation
    from ..tools import Tool
    from .call import Call
    from .ledger import Entry, Ledger

#: How often a model may call tools before it must answer.
ROUNDS = 10


def run(call: Call, ledger: Ledger, op: Operation[Reply]) -> Iterator[Reply]:
    """Send `call`; yield the reply as it grows. The turn and the ledger's row are written however it ends."""
    entry = ledger.begin(call)
    call.tell(op)
    said: list[Message] = []
    reply = _reply(call)
    try:
        for left in range(ROUNDS, -1, -1):
            yield from _answered(call, reply, entry, op)
            if op.cancelled or not (call.tools and reply.tool_calls):
                break
            if not left:
                raise APIError(
                    f"the model called tools {ROUNDS} times and gave no answer", advice="Ask for less at once."
                )
            yield from _use_tools(call, reply, said, op)
            reply = _reply(call, after=reply)
    except GeneratorExit:
        _stopped(call, reply, said, entry)
        raise
    except KeyboardInterrupt:
        _stopped(call, reply, said, entry)
        if not op.cancelled:
            raise Interrupted(_what_is_kept(reply)) from None
        yield reply
        return
    except BaseException as error:
        reply.partial = reply.started
        entry.failed(error, reply)
        raise
    if op.cancelled:
        _stopped(call, reply, said, entry)
        yield reply
        return
    _ended(call, reply, said, entry)
    if call.schema is not None:
        reply.value = call.schema.parse(reply.text)
    yield reply


def _reply(call: Call, after: Reply | None = None) -> Reply:
    reply = Reply(model=call.model, provider=call.provider, show=call.show)
    reply.notes = call.notes
    if after is not None:
        reply.follow(after)
    return reply


def _answered(call: Call, reply: Reply, entry: Entry, op: Operation[Reply]) -> Iterator[Reply]:
    """Send it; a request that the model refuses as it stands goes again, once, as the model's schema has it."""
    try:
        yield from _stream(call, reply, entry, op)
    except (BadRequestError, NotFoundError):
        if reply.started or reply.steps or not write_again(call):
            raise
        op.note("refused as it was sent; sent again as the model's schema has it")
        yield from _stream(call, reply, entry, op)


def _stream(call: Call, reply: Reply, entry: Entry, op: Operation[Reply]) -> Iterator[Reply]:
    begun, first = time.perf_counter(), None
    stream = call.client.stream(
        call.method, call.path, json=call.body, timeout=call.timeout, op=op, request_id=call.request_id
    )
    try:
        for event in stream:
            reply.add(event)
            if first is None and reply.started:
                first = time.perf_counter() - begun
            entry.progress(reply)
            yield reply
    finally:
        stream.close()
        reply.time(first, time.perf_counter() - begun)
        _number(call, reply, stream)
    if not reply.complete and not op.cancelled:
        _incomplete(reply)


def _number(call: Call, reply: Reply, stream: Any) -> None:
    """Fill in what the headers and the catalogue know: the id, the rate limits, the cost."""
    call.note_answer(stream)
    reply.id = stream.request_id or reply.id
    reply.limits = stream.limits
    reply.cost = reply.cost or stream.cost
    if reply.cost is None and call.entry is not None:
        reply.cost = call.entry.cost(reply.usage)
    reply.settle()


def _incomplete(reply: Reply) -> None:
    if not reply.started:
        raise APIError(
            "the answer is empty: no text and no reason to stop",
            kind="incomplete_stream",
            advice="Run the cell again; if it stays, try another model, or --no-stream.",
        )
    raise StreamError(
        "the stream was cut short: the server ended it without saying that it was done",
        kind="incomplete_stream",
        advice="What came is kept in _reply, not in the conversation. Run the cell again.",
    )


def _use_tools(call: Call, reply: Reply, said: list[Message], op: Operation[Reply]) -> Iterator[Reply]:
    """Run what the model asked for, each call shown first; the results go to the model in the next round."""
    known = {tool.name: tool for tool in call.tools}
    asked = [
        {"id": c["id"], "type": "function", "function": {"name": c["name"], "arguments": c["arguments"] or "{}"}}
        for c in reply.tool_calls
    ]
    said.append(Message("assistant", reply.text, tool_calls=tuple(asked)))
    for wanted in reply.tool_calls:
        tool: Tool | None = known.get(wanted["name"])
        reply.steps.append(tool.shown(wanted["arguments"]) if tool else f"{wanted['name']}: no such tool")
        op.note(f"→ {reply.steps[-1]}")
        yield reply
        result = (
            tool.run(wanted["arguments"])
            if tool
            else f"error: there is no tool {wanted['name']}; use {', '.join(known)}"
        )
        said.append(Message("tool", result, tool_call_id=wanted["id"]))
    call.body = call.dialect.follow_up(call.body, said[-len(asked) - 1 :], reply.carried)


def _ended(call: Call, reply: Reply, said: list[Message], entry: Entry) -> None:
    _write(call, reply, said, entry)
    entry.done(reply)


def _stopped(call: Call, reply: Reply, said: list[Message], entry: Entry) -> None:
    """Keep what came before the user stopped, marked as partial; nothing came: the conversation stays as it was."""
    reply.partial = True
    if reply.text:
        _write(call, reply, said, entry)
    entry.stopped(reply)


def _write(call: Call, reply: Reply, said: list[Message], entry: Entry) -> None:
    if call.conversation is None or call.question is None:
        return
    answer = Message("assistant", reply.text, partial=reply.partial, reasoning=reply.reasoning)
    question = replace(call.question, attachments=tuple(entry.kept(a) for a in call.question.attachments))
    talk = call.conversation.anew() if call.fresh else call.conversation
    talk.system = call.system
    talk.add(Turn((question, *said, answer), call.cell, entry.row), at=None if call.fresh else call.at)


def _what_is_kept(reply: Reply) -> str:
    return "stopped; what came is kept, marked as partial" if reply.text else "stopped before an answer came"
