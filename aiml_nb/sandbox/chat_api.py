"""POST /v1/chat/completions: reads the request, lets `writing` answer, and puts it in OpenAI's JSON, whole or as chunks."""

from __future__ import annotations

from typing import Any

from . import asked
from .asked import Asked
from .base import Handler
from .catalogue import Model
from .refusal import CREATED, invalid
from .tokens import digest, meta, pieces, timings
from .wire import breaking_point
from .writing import Written, write


class ChatHandler(Handler):
    """Chat completions."""

    def prompt(self, body: dict[str, Any]) -> str:
        """The text in which a fault may be asked for."""
        return last_text(body.get("messages"))

    async def answer(self, body: dict[str, Any]) -> None:
        """Answer a POST."""
        model = self.wanted(body, "chat")
        request = ask(body, model)
        count = body.get("n") or 1
        written = await self.apart(lambda: [write(request, index, count) for index in range(count)])
        self.tokens = (request.tokens, sum(one.tokens for one in written))
        base = {"id": f"chatcmpl-{digest(body)[:24]}", "created": CREATED, "model": model.id}
        if body.get("stream"):
            usage = bool((body.get("stream_options") or {}).get("include_usage"))
            events = chunks(base, request, written, usage=usage)
            if self.fault is not None and self.fault.name in ("cut", "error"):
                _time(events)
            await self.stream(("", event) for event in events)
        else:
            await self.reply(completion(base, request, written))


def ask(body: dict[str, Any], model: Model) -> Asked:
    """The request in our own shape; Refusal 400 for what is wrong with it."""
    tools = asked.tools(body.get("tools"))
    stop = body.get("stop") or body.get("stop_sequences") or ()
    system = asked.system(body.get("system"))  # Anthropic's place for the system prompt
    return Asked(
        model,
        system + asked.messages(body["messages"], model),
        tools,
        asked.choice(body.get("tool_choice"), tools),
        body.get("parallel_tool_calls") is not False,
        wanted_format(body.get("response_format"), "response_format"),
        body.get("max_completion_tokens") or body.get("max_tokens"),
        (stop,) if isinstance(stop, str) else tuple(stop),
        (body.get("thinking") or {}).get("type") in ("enabled", "adaptive"),
    )


def wanted_format(raw: Any, where: str) -> Any:
    """None for text, "json_object", or the JSON schema that the answer must fit."""
    if raw is None or raw.get("type", "text") == "text":
        return None
    if raw["type"] == "json_object":
        return "json_object"
    if raw["type"] != "json_schema":
        raise invalid(
            f"{where}.type", f"Expected 'text' | 'json_object' | 'json_schema', received {str(raw['type'])[:40]!r}"
        )
    inner = raw.get("json_schema", raw)
    if not isinstance(inner, dict) or not inner.get("name") or not isinstance(inner.get("schema"), dict):
        raise invalid(f"{where}.json_schema", "Required: an object with name and schema")
    return inner["schema"]


def last_text(messages: Any) -> str:
    """The text of the last message, if it is the user's; "" for anything else."""
    last = messages[-1] if isinstance(messages, list) and messages else None
    if not isinstance(last, dict) or last.get("role") != "user":
        return ""
    content = last.get("content")
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content or "")


def usage(request: Asked, written: list[Written]) -> dict[str, Any]:
    """Tokens in and out, by the sandbox's rule."""
    output = sum(one.tokens for one in written)
    return {
        "prompt_tokens": request.tokens,
        "completion_tokens": output,
        "total_tokens": request.tokens + output,
        "prompt_tokens_details": {"cached_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": sum(one.reasoning_tokens for one in written)},
    }


def completion(base: dict[str, Any], request: Asked, written: list[Written]) -> dict[str, Any]:
    """The whole answer as one object."""
    choices = []
    for index, one in enumerate(written):
        message: dict[str, Any] = {
            "role": "assistant",
            "content": one.text or (None if one.calls else ""),
            "refusal": None,
        }
        if one.reasoning:
            message["reasoning_content"] = one.reasoning
        if one.calls:
            message["tool_calls"] = list(one.calls)
        choices.append({"index": index, "message": message, "logprobs": None, "finish_reason": one.finish})
    told = {"usage": usage(request, written), "meta": meta(written[0].text)}
    return base | {"object": "chat.completion", "choices": choices} | told


def chunks(base: dict[str, Any], request: Asked, written: list[Written], *, usage: bool) -> list[Any]:
    """The answer as stream chunks. `meta` rides on the last one before [DONE], so that no client meets a strange chunk."""
    base = base | {"object": "chat.completion.chunk"}
    out: list[Any] = []
    for index, one in enumerate(written):
        deltas = [{"role": "assistant", "content": ""}, *_deltas(one)]
        ends = [None] * len(deltas) + [one.finish]
        for delta, end in zip([*deltas, {}], ends, strict=True):
            out.append(base | {"choices": [{"index": index, "delta": delta, "logprobs": None, "finish_reason": end}]})
    if usage:
        out.append(base | {"choices": [], "usage": _usage(request, written)})
    out[-1] = out[-1] | {"meta": meta(written[0].text)}
    return [*out, "[DONE]"]


_usage = usage


def _time(events: list[Any]) -> None:
    """Let an answer that will break off tell its steady timings as well, on the last chunk that goes out."""
    end = breaking_point(len(events))
    text = "".join(c["delta"].get("content", "") for event in events[:end] for c in event["choices"])
    events[end - 1] = events[end - 1] | {"meta": {"timings": timings(text)}}


def _deltas(one: Written) -> list[dict[str, Any]]:
    deltas: list[dict[str, Any]] = [{"reasoning_content": piece} for piece in pieces(one.reasoning)]
    deltas += [{"content": piece} for piece in pieces(one.text)]
    for index, call in enumerate(one.calls):
        head = call | {"index": index, "function": call["function"] | {"arguments": ""}}
        deltas.append({"tool_calls": [head]})
        arguments = call["function"]["arguments"]
        for start in range(0, len(arguments), 12):
            deltas.append({"tool_calls": [{"index": index, "function": {"arguments": arguments[start : start + 12]}}]})
    return deltas
