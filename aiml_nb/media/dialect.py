"""Dialect: one way to put a chat into JSON. What all of them share stands here, once; what differs, each one's module gives.

A request is made from a prompt, what was said before, files, tools, a schema and parameters, as far as the model's features
allow: what it has no place for goes another way that is said in a note, or is refused. Pure: values in, a body out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec import Struct, structs

from ..content import Attachment, Message
from ..errors import InvalidRequestError
from ..schema import ChatFeatures
from .chunks import ANSWER_TOOL

#: Who gives instructions in a talk.
_INSTRUCTORS = ("system", "developer")


class Dialect(Struct, frozen=True):
    """One wire format of chat.

    types: of the catalogue. key: where the messages stand in the body. features: what its models take, unless a schema
    says more. words: the common vocabulary that it has. turns: messages as its JSON. finish: completes and checks a body.
    """

    path: str
    types: tuple[str, ...]
    key: str
    features: ChatFeatures
    words: frozenset[str]
    turns: Callable[[Sequence[Message], ChatFeatures], list[dict[str, Any]]]
    finish: Callable[[dict[str, Any], ChatFeatures], None] | None = None

    def fitted(self, features: ChatFeatures) -> Dialect:
        """The same for a model whose features are known from its schema."""
        return structs.replace(self, features=features)

    def payload(
        self,
        prompt: str,
        *,
        model: str,
        attachments: Sequence[Attachment] = (),
        messages: Iterable[Message] = (),
        system: str | None = None,
        stream: bool = True,
        schema: dict[str, Any] | None = None,
        tools: Sequence[dict[str, Any]] = (),
        features: ChatFeatures | None = None,
        notes: list[str] | None = None,
        **params: Any,
    ) -> dict[str, Any]:
        """The body of a POST to `path`.

        prompt: the new user message; empty when `messages` already end with one.
        messages: what came before, in order. system: put first, in place of a system message among them.
        schema: `{"name":, "schema":, "strict":}` that the answer must fit; where the model has no place for one, it is made to
            call `ANSWER_TOOL`, whose arguments `Reply` takes as the answer. tools: function declarations.
        features: what the model takes, from its schema. notes: what went another way than asked is added to it.
        params: common or own names. Raises InvalidRequestError for what the model cannot take.
        """
        known = features or self.features
        told, turns = _instructed(_gathered(prompt, attachments, messages, system), known, notes)
        body: dict[str, Any] = {"model": model, self.key: self.turns(turns, known), **told}
        if stream and known.stream:
            body |= {"stream": True, **({"stream_options": {"include_usage": True}} if known.stream_options else {})}
        declared = [_declared(tool, known) for tool in tools]
        if schema:
            _structured(body, schema, declared, known)
        if declared:
            body["tools"] = declared
        for name, value in params.items():
            _put(body, *self._own(name, value, known))
        if self.finish is not None:
            self.finish(body, known)
        return body

    def follow_up(
        self, body: dict[str, Any], said: Sequence[Message], carried: Sequence[dict[str, Any]] = ()
    ) -> dict[str, Any]:
        """The body of the next round: `body`, then what the model called and what came of it.

        carried: blocks of its answer that must go back as they came, before what it said; thoughts only where they are signed.
        """
        rows = self.turns(said, self.features)
        blocks = [block for block in carried if block.get("type") != "thinking" or block.get("signature")]
        if blocks:
            rows[0] = {**rows[0], "content": [*blocks, *rows[0]["content"]]}
        return {**body, self.key: [*body[self.key], *rows]}

    def _own(self, name: str, value: Any, known: ChatFeatures) -> tuple[str, Any]:
        """A parameter in the dialect's own words, dotted where it stands inside another."""
        own = {"max_tokens": known.max_tokens, "stop": known.stop, "effort": known.effort}.get(name, name)
        if not own or (name == "seed" and name not in self.words):
            raise InvalidRequestError(f"this model takes no {name}", param=name, advice="Leave it out.")
        least = known.max_tokens_minimum
        if name == "max_tokens" and isinstance(value, int) and value < least:
            raise InvalidRequestError(f"max_tokens is {value}", param=name, advice=f"It is at least {least}.")
        if own == "stop_sequences":
            value = [value] if isinstance(value, str) else value
        if name == "effort" and own == "thinking":
            value = thinking(value)
        return own, value


def thinking(effort: Any) -> dict[str, Any]:
    """Anthropic's `thinking` for a word of effort. Raises InvalidRequestError for other words."""
    from ..schema.words import BUDGETS

    if effort in ("none", "off"):
        return {"type": "disabled"}
    if effort not in BUDGETS:
        raise InvalidRequestError(f"effort is {effort!r}", param="effort", advice=f"Give none, {', '.join(BUDGETS)}.")
    return {"type": "enabled", "budget_tokens": BUDGETS[effort]}


def _gathered(
    prompt: str, attachments: Sequence[Attachment], messages: Iterable[Message], system: str | None
) -> list[Message]:
    """The talk in order: the system prompt, what came before, the new message. Raises when there is nothing to answer."""
    turns = [m for m in messages if not (system and m.role in _INSTRUCTORS)]
    if system:
        turns.insert(0, Message("system", system))
    if prompt or attachments:
        turns.append(Message("user", prompt, tuple(attachments)))
    if not any(m.role in ("user", "tool") for m in turns):
        raise InvalidRequestError(
            "there is no user message to answer", param="messages", advice="Write a prompt in the cell."
        )
    return turns


def _instructed(
    turns: list[Message], known: ChatFeatures, notes: list[str] | None
) -> tuple[dict[str, Any], list[Message]]:
    """What stands beside the messages, and the messages, with the instructions where the model takes them."""
    if known.system == "role":
        return {}, turns
    told = "\n\n".join(m.content for m in turns if m.role in _INSTRUCTORS and m.content)
    rest = [m for m in turns if m.role not in _INSTRUCTORS]
    if not told or known.system == "param":
        return ({known.system_name: told} if told else {}), rest
    first = next((at for at, m in enumerate(rest) if m.role == "user"), None)
    if first is None:
        return {}, [Message("user", told), *rest]
    rest[first] = dataclasses.replace(rest[first], content=f"{told}\n\n{rest[first].content}".strip())
    if notes is not None:
        notes.append("this model takes no system prompt: it stands before the first message")
    return {}, rest


def _declared(tool: dict[str, Any], known: ChatFeatures) -> dict[str, Any]:
    """One function as the model's tools have it."""
    if known.tools is None:
        raise InvalidRequestError("this model cannot call tools", param="tool", advice="Take another model.")
    if tool["name"] == ANSWER_TOOL:
        raise InvalidRequestError(f"{ANSWER_TOOL} is taken", param="tool", advice="Give the function another name.")
    return _shaped(tool, known)


def _shaped(tool: dict[str, Any], known: ChatFeatures) -> dict[str, Any]:
    if known.tools == "anthropic":
        schema = {"type": "object", **tool.get("parameters", {})}
        return {**{k: v for k, v in tool.items() if k != "parameters"}, "input_schema": schema}
    if known.tools == "responses":
        return {"type": "function", "strict": False, "parameters": {"type": "object", "properties": {}}, **tool}
    return {"type": "function", "function": dict(tool)}


def _structured(
    body: dict[str, Any], schema: dict[str, Any], declared: list[dict[str, Any]], known: ChatFeatures
) -> None:
    """Ask for an answer that fits `schema`, by the model's format for it, else by making it call a tool."""
    name = known.response_format_name
    if "json_schema" in known.response_format and name:
        shape: dict[str, Any] = {"type": "json_schema", "json_schema": schema}
        if name == "text.format":
            shape = {"type": "json_schema", **schema}
        elif name.startswith("output_"):
            shape = {"type": "json_schema", "schema": schema["schema"]}
        _put(body, name, shape)
        return
    if known.tools is None:
        raise InvalidRequestError(
            "this model has no structured output",
            param="schema",
            advice="Take another model, or ask for JSON in words.",
        )
    body["tool_choice"] = _choice(known, only=not declared)
    told = "Give the whole answer by calling this once."
    declared.append(_shaped({"name": ANSWER_TOOL, "description": told, "parameters": schema["schema"]}, known))


def _choice(known: ChatFeatures, *, only: bool) -> Any:
    """Makes the model call the answer's tool, or, beside other tools, any of them."""
    if known.tools == "anthropic":
        return {"type": "tool", "name": ANSWER_TOOL} if only else {"type": "any"}
    if not only:
        return "required"
    named = {"name": ANSWER_TOOL}
    return {"type": "function", **(named if known.tools == "responses" else {"function": named})}


def _put(body: dict[str, Any], name: str, value: Any) -> None:
    """Set a parameter, dotted when it stands inside another, beside what is there already."""
    outer, _, inner = name.partition(".")
    value = {inner: value} if inner else value
    held = body.get(outer)
    body[outer] = (
        {**held, **value} if isinstance(held, dict) and isinstance(value, dict) and outer != "tool_choice" else value
    )
