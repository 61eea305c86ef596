"""POST /v1/responses: OpenAI's newer chat path, whole or as typed events; answers come from `writing` as in chat."""

from __future__ import annotations

from typing import Any

from . import asked
from .asked import Asked, Heard
from .base import Handler
from .catalogue import Model
from .chat_api import last_text, usage, wanted_format
from .refusal import CREATED, Refusal
from .tokens import digest, meta, pieces
from .writing import Written, write

_EMPTY: dict[str, dict[str, Any]] = {
    "message": {"content": []},
    "function_call": {"arguments": ""},
    "reasoning": {"summary": []},
}


class ResponsesHandler(Handler):
    """Responses."""

    def prompt(self, body: dict[str, Any]) -> str:
        """The text in which a fault may be asked for."""
        given = body.get("input")
        return given if isinstance(given, str) else last_text(given)

    async def answer(self, body: dict[str, Any]) -> None:
        """Answer a POST."""
        model = self.wanted(body, "responses")
        request = self._ask(body, model)
        written = await self.apart(write, request)
        self.tokens = (request.tokens, written.tokens)
        response = complete(f"resp_{digest(body)[:32]}", body, request, written)
        said = Heard("assistant", written.text, tool_calls=written.calls)
        self.shop.responses.put(response["id"], (*request.messages, said))
        if body.get("stream"):
            await self.stream(events(response), named=True)
        else:
            await self.reply(response)

    def _ask(self, body: dict[str, Any], model: Model) -> Asked:
        earlier: tuple[Heard, ...] = ()
        if previous := body.get("previous_response_id"):
            if previous not in self.shop.responses:
                raise Refusal(404, f"Previous response with id {previous[:80]!r} not found.")
            earlier = self.shop.responses[previous]
        tools = asked.tools(body.get("tools"))
        return Asked(
            model,
            earlier + asked.items(body["input"], body.get("instructions"), model),
            tools,
            asked.choice(body.get("tool_choice"), tools),
            body.get("parallel_tool_calls") is not False,
            wanted_format((body.get("text") or {}).get("format"), "text.format"),
            body.get("max_output_tokens"),
        )


def complete(response_id: str, body: dict[str, Any], request: Asked, written: Written) -> dict[str, Any]:
    """The finished response object."""
    told = usage(request, [written])
    cut_off = written.finish == "length"
    return {
        "id": response_id,
        "object": "response",
        "created_at": CREATED,
        "status": "incomplete" if cut_off else "completed",
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if cut_off else None,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "model": request.model.id,
        "output": _output(response_id, written),
        "output_text": written.text,
        "parallel_tool_calls": request.parallel,
        "previous_response_id": body.get("previous_response_id"),
        "temperature": body.get("temperature", 1.0),
        "text": body.get("text") or {"format": {"type": "text"}},
        "tool_choice": body.get("tool_choice", "auto"),
        "tools": body.get("tools") or [],
        "top_p": body.get("top_p", 1.0),
        "metadata": body.get("metadata") or {},
        "usage": {
            "input_tokens": told["prompt_tokens"],
            "input_tokens_details": told["prompt_tokens_details"],
            "output_tokens": told["completion_tokens"],
            "output_tokens_details": told["completion_tokens_details"],
            "total_tokens": told["total_tokens"],
        },
        "meta": meta(written.text),
    }


def _output(response_id: str, written: Written) -> list[dict[str, Any]]:
    tail = response_id[5:29]
    out: list[dict[str, Any]] = []
    if written.reasoning:
        summary = [{"type": "summary_text", "text": written.reasoning}]
        out.append({"id": f"rs_{tail}", "type": "reasoning", "summary": summary, "status": "completed"})
    for index, call in enumerate(written.calls):
        function = {"call_id": call["id"], **call["function"]}
        out.append({"id": f"fc_{tail}{index}", "type": "function_call", "status": "completed", **function})
    if not written.calls:
        part = {"type": "output_text", "text": written.text, "annotations": [], "logprobs": []}
        status = "incomplete" if written.finish == "length" else "completed"
        out.append({"id": f"msg_{tail}", "type": "message", "role": "assistant", "status": status, "content": [part]})
    return out


def events(response: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The typed events of a stream, numbered, that build up `response`."""
    begun = response | {"status": "in_progress", "output": [], "output_text": "", "usage": None}
    del begun["meta"]
    out: list[dict[str, Any]] = [{"type": f"response.{name}", "response": begun} for name in ("created", "in_progress")]
    for index, item in enumerate(response["output"]):
        out += _item_events(index, item)
    last = "incomplete" if response["status"] == "incomplete" else "completed"
    out.append({"type": f"response.{last}", "response": response, "meta": response["meta"]})
    return [(event["type"], event | {"sequence_number": number}) for number, event in enumerate(out)]


def _item_events(index: int, item: dict[str, Any]) -> list[dict[str, Any]]:
    empty = _EMPTY[item["type"]]
    inner = {"message": _text_events, "function_call": _call_events, "reasoning": _summary_events}[item["type"]]
    place = {"item_id": item["id"], "output_index": index}
    first = {
        "type": "response.output_item.added",
        "output_index": index,
        "item": item | empty | {"status": "in_progress"},
    }
    return [first, *inner(place, item), {"type": "response.output_item.done", "output_index": index, "item": item}]


def _text_events(place: dict[str, Any], item: dict[str, Any]) -> list[dict[str, Any]]:
    part, place = item["content"][0], place | {"content_index": 0}
    out = [{"type": "response.content_part.added", **place, "part": part | {"text": ""}}]
    out += [
        {"type": "response.output_text.delta", **place, "delta": piece, "logprobs": []}
        for piece in pieces(part["text"])
    ]
    out.append({"type": "response.output_text.done", **place, "text": part["text"], "logprobs": []})
    return [*out, {"type": "response.content_part.done", **place, "part": part}]


def _call_events(place: dict[str, Any], item: dict[str, Any]) -> list[dict[str, Any]]:
    kind, arguments = "response.function_call_arguments", item["arguments"]
    out = [{"type": f"{kind}.delta", **place, "delta": arguments[at : at + 12]} for at in range(0, len(arguments), 12)]
    return [*out, {"type": f"{kind}.done", **place, "name": item["name"], "arguments": arguments}]


def _summary_events(place: dict[str, Any], item: dict[str, Any]) -> list[dict[str, Any]]:
    part, place = item["summary"][0], place | {"summary_index": 0}
    kind = "response.reasoning_summary"
    out = [{"type": f"{kind}_part.added", **place, "part": part | {"text": ""}}]
    out += [{"type": f"{kind}_text.delta", **place, "delta": piece} for piece in pieces(part["text"])]
    out.append({"type": f"{kind}_text.done", **place, "text": part["text"]})
    return [*out, {"type": f"{kind}_part.done", **place, "part": part}]
