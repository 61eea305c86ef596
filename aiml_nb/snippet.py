"""A call as code that runs outside the notebook: a curl line, a few lines of Python, or OpenAI's SDK.

The code asks the same of the same server. The key is read from the environment, never written; an attachment is read
from its file and encoded by the code itself, so a snippet stays short. Only turns a call into text: it sends nothing,
and does not know how a call is made from a prompt.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .content import Attachment, Base64
from .errors import InvalidRequestError
from .settings import Endpoint

if TYPE_CHECKING:
    from .session.call import Call

#: What an argument of a program may weigh on Linux is 128 kB; longer JSON goes through a pipe.
_ARGUMENT_BYTES = 100_000

_WIDTH = 100
_UNPRINTABLE = re.compile(r"[\ud800-\udfff]|[^\n\S ]|[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069]")

#: The SDK's method for a path, and the parameters it takes by name; all others travel in its `extra_body`.
_SDK = {
    "/chat/completions": (
        "chat.completions.create",
        frozenset(
            "frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens messages "
            "metadata modalities model n parallel_tool_calls prediction presence_penalty reasoning_effort "
            "response_format seed service_tier stop store stream stream_options temperature tool_choice tools "
            "top_logprobs top_p user web_search_options".split()
        ),
    ),
    "/images/generations": (
        "images.generate",
        frozenset(
            "background model moderation n output_compression output_format prompt quality response_format size "
            "style user".split()
        ),
    ),
    "/embeddings": ("embeddings.create", frozenset(("dimensions", "encoding_format", "input", "model", "user"))),
}


@dataclass(frozen=True)
class Request:
    """One request, as a snippet needs it.

    payload: the JSON body, with `Base64` leaves for attachments, or None.
    key_name: the environment variable that holds the key, or None when the server asks for none.
    key: only for the sandbox, whose key is no secret; shown as it is.
    files: multipart uploads, (field, path); the payload's values are then form fields.
    """

    method: str
    url: str
    payload: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    key_name: str | None = None
    key: str = ""
    files: Sequence[tuple[str, str]] = ()

    @classmethod
    def to(
        cls, endpoint: Endpoint, method: str, path: str, payload: Mapping[str, Any] | None = None, **more: Any
    ) -> Request:
        """A request for `path` at an endpoint; its key goes in by name only."""
        names = endpoint.preset.key_names if endpoint.preset else ()
        key = endpoint.key.reveal() if endpoint.is_sandbox and endpoint.key else ""
        needs_key = not key and (endpoint.key is not None or not endpoint.is_local)
        name = (names[0] if names else "API_KEY") if needs_key else None
        return cls(method.upper(), endpoint.url(path), payload, key_name=name, key=key, **more)


def snippet(kind: str, call: Request | Call) -> str:
    """The call, a Request or one that a Session made ready, as code.

    kind: `curl` (bash or zsh), `python` (httpx) or `openai` (its SDK).
    """
    if not isinstance(call, Request):
        files = [(name, _place(each)) for name, several in call.files.items() for each in several]
        call = Request.to(call.client.endpoint, call.method, call.path, call.body, files=files)
    try:
        write = _WRITERS[kind]
    except KeyError:
        raise InvalidRequestError(
            f"--as {kind} is not known", param="as", advice=f"Write one of: {', '.join(_WRITERS)}."
        ) from None
    return write(dataclasses.replace(call, payload=_plain(call.payload)))


def _plain(value: Any) -> Any:
    """The payload as it is sent: NumPy's numbers as numbers, and what is no number in JSON as null."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _curl(call: Request) -> str:
    implied = "GET" if call.payload is None and not call.files else "POST"
    flags = [*(["-N"] if _streams(call) else []), *(["-X", call.method] if call.method != implied else [])]
    if re.search(r"[][{}]", call.url):
        flags.append("-g")  # brackets are meant as they stand
    lines = [" ".join(["curl", *flags, shlex.quote(call.url)]), *_curl_headers(call)]
    if call.files:
        lines += [f"-F {shlex.quote(f'{name}=@{_curl_path(path)}')}" for name, path in call.files]
        fields = (call.payload or {}).items()
        lines += [f"--form-string {shlex.quote(f'{name}={_form(value)}')}" for name, value in fields]
    elif call.payload is not None:
        parts = _pieces(call.payload)
        if len(parts) == 1 and len(str(parts[0]).encode()) < _ARGUMENT_BYTES:
            lines.append(f"--data-binary {shlex.quote(str(parts[0]))}")
        else:
            return _piped(parts, " \\\n  ".join([*lines, "--data-binary @-"]))
    return " \\\n  ".join(lines) + "\n"


def _curl_path(path: str) -> str:
    """A path as curl's -F reads it, whatever characters are in it."""
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _curl_headers(call: Request) -> list[str]:
    headers = [f"-H {shlex.quote(f'{name}: {value}')}" for name, value in call.headers.items()]
    if call.key_name:
        headers.insert(0, f'-H "Authorization: Bearer ${call.key_name}"')
    elif call.key:
        headers.insert(0, f"-H {shlex.quote(f'Authorization: Bearer {call.key}')}")
    return headers if call.payload is None or call.files else [*headers, "-H 'Content-Type: application/json'"]


def _piped(parts: list[str | Base64], curl: str) -> str:
    """A body of any length: text by printf, a builtin, and attachments encoded from their files."""
    lines = []
    for part in parts:
        if isinstance(part, str):
            lines.append(f"  printf '%s' {shlex.quote(part)}")
        else:
            lines.append(f"  base64 < {shlex.quote(_place(part.attachment))} | tr -d '\\n'{_hint(part)}")
    return "\n".join(["{", *lines, f"}} | {curl}", ""])


def _pieces(payload: Mapping[str, Any]) -> list[str | Base64]:
    """The payload's JSON, cut at each attachment."""
    leaves: list[Base64] = []
    mark = _unused(payload)

    def lay_out(value: Any) -> Any:
        if isinstance(value, Base64):
            leaves.append(value)
            return f"{value.prefix}{mark}"
        raise TypeError(f"{type(value).__name__} is no JSON")

    text = json.dumps(payload, indent=2, ensure_ascii=False, default=lay_out)
    texts = [_UNPRINTABLE.sub(_escape, part) for part in text.split(mark)]
    return [part for pair in itertools.zip_longest(texts, leaves) for part in pair if part is not None]


def _escape(match: re.Match[str]) -> str:
    """A character that cannot be seen, as JSON writes it; line ends are the layout's."""
    return match[0] if match[0] == "\n" else f"\\u{ord(match[0]):04x}"


def _unused(payload: Mapping[str, Any]) -> str:
    """A mark that stands nowhere in the payload."""
    text = json.dumps(payload, ensure_ascii=False, default=lambda leaf: leaf.prefix)
    return next(mark for number in itertools.count() if (mark := f"<<{number}>>") not in text)


def _form(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _place(attachment: Attachment) -> str:
    """Where its bytes are, or the name under which the reader has to put them."""
    return str(attachment.path or attachment.name or "attachment")


def _hint(leaf: Base64) -> str:
    return "" if leaf.attachment.path else "  # save the attachment as this file first"


def _python(call: Request) -> str:
    encode = _has_leaf(call.payload)
    lines = [*(["import base64"] if encode else []), *(["import json"] if _streams(call) else [])]
    lines += [*(["import os"] if call.key_name else []), *(["from pathlib import Path"] if encode else [])]
    lines += ["", "import httpx", ""] if lines else ["import httpx", ""]
    lines += _encoder(call) if encode else []
    arguments = [_literal(call.url), *_httpx_arguments(call), "timeout=600"]
    if _streams(call):
        request = _call("httpx.stream", [_literal(call.method), *arguments])
        reading = _READ_STREAM if call.url.endswith("/chat/completions") else _READ_EVENTS
        return "\n".join([*lines, f"with {request} as response:", *reading, ""])
    if call.method in {"GET", "POST", "PUT", "PATCH", "DELETE"} and (call.method != "DELETE" or call.payload is None):
        request = _call(f"httpx.{call.method.lower()}", arguments)
    else:
        request = _call("httpx.request", [_literal(call.method), *arguments])
    return "\n".join([*lines, f"response = {request}", *_READ, ""])


def _encoder(call: Request) -> list[str]:
    """What reads a file as base64, and which files are not there yet."""
    unsaved = sorted(
        {_place(leaf.attachment) for leaf in _pieces(call.payload or {}) if not isinstance(leaf, str) and _hint(leaf)}
    )
    return [*_ENCODE, *(f"# save the attachment as {_string(name)} first" for name in unsaved)]


_ENCODE = ["", "def b64(path):", "    return base64.b64encode(Path(path).read_bytes()).decode()", "", ""]
_READ = ["if response.is_error:", "    raise SystemExit(response.text)", "print(response.text)"]
_READ_STREAM = [
    "    if response.is_error:",
    "        raise SystemExit(response.read().decode())",
    "    for line in response.iter_lines():",
    '        if line.startswith("data: ") and line != "data: [DONE]":',
    '            for choice in json.loads(line[6:]).get("choices", []):',
    '                print(choice.get("delta", {}).get("content") or "", end="", flush=True)',
]
_READ_EVENTS = [  # of the Responses and the Messages API
    *_READ_STREAM[:4],
    '            delta = json.loads(line[6:]).get("delta")',
    '            print(delta if isinstance(delta, str) else (delta or {}).get("text", ""), end="", flush=True)',
]


def _httpx_arguments(call: Request) -> list[str]:
    headers = [f"{_literal(name)}: {_literal(value)}" for name, value in call.headers.items()]
    if call.key_name:
        headers.insert(0, f'"Authorization": f"Bearer {{os.environ[\'{call.key_name}\']}}"')
    elif call.key:
        headers.insert(0, f'"Authorization": {_literal(f"Bearer {call.key}")}')
    arguments = [f"headers={{{', '.join(headers)}}}"] if headers else []
    if call.files:
        opened = [f"({_literal(name)}, open({_literal(path)}, 'rb'))" for name, path in call.files]
        fields = {name: _form(value) for name, value in (call.payload or {}).items()}
        return [*arguments, f"files=[{', '.join(opened)}]", *([f"data={_literal(fields)}"] if fields else [])]
    return arguments if call.payload is None else [*arguments, f"json={_literal(call.payload, 1)}"]


def _openai(call: Request) -> str:
    if call.files:
        raise InvalidRequestError(
            "--as openai cannot show an upload", param="as", advice="--as curl and --as python can."
        )
    base, path = _base(call.url)
    encode = _has_leaf(call.payload)
    lines = [*(["import base64"] if encode else []), *(["import os"] if call.key_name else [])]
    lines += [*(["from pathlib import Path"] if encode else []), *([""] if encode or call.key_name else [])]
    lines += ["from openai import OpenAI", "", *(_encoder(call) if encode else [])]
    key = f'os.environ["{call.key_name}"]' if call.key_name else _literal(call.key or "none")
    lines += [_call("client = OpenAI", [f"base_url={_literal(base)}", f"api_key={key}", *_sdk_headers(call)])]
    if call.method != "POST" or path not in _SDK:
        return "\n".join([*lines, f"print({_generic(call, path)})", ""])
    method, known = _SDK[path]
    request = _call(f"client.{method}", _sdk_arguments(call.payload or {}, known))
    if _streams(call):
        return "\n".join([*lines, f"for chunk in {request}:", *_READ_CHUNKS, ""])
    return "\n".join([*lines, f"answer = {request}", "print(answer.to_json())", ""])


_READ_CHUNKS = [
    "    for choice in chunk.choices:",
    '        print((choice.delta and choice.delta.content) or "", end="", flush=True)',
]


def _base(url: str) -> tuple[str, str]:
    """An URL as the SDK's base, which ends in the version, and the path under it."""
    match = re.fullmatch(r"(.*?/v\d+)(/.*)", url) or re.fullmatch(r"(\w+://[^/]+)(/.*)", url)
    return (match[1], match[2]) if match else (url, "/")


def _sdk_headers(call: Request) -> list[str]:
    return [f"default_headers={_literal(dict(call.headers))}"] if call.headers else []


def _sdk_arguments(payload: Mapping[str, Any], known: frozenset[str]) -> list[str]:
    named = [f"{name}={_literal(value, 1)}" for name, value in payload.items() if name in known]
    rest = {name: value for name, value in payload.items() if name not in known}
    return [*named, f"extra_body={_literal(rest, 1)}"] if rest else named


def _generic(call: Request, path: str) -> str:
    """A path that the code has no method of the SDK for; it answers whole."""
    whole = {name: value for name, value in (call.payload or {}).items() if name != "stream"}
    body = [f"body={_literal(whole, 1)}"] if call.payload is not None else []
    return _call(f"client.{call.method.lower()}", [_literal(path), *body, "cast_to=object"])


def _streams(call: Request) -> bool:
    return bool(call.payload and call.payload.get("stream"))


def _has_leaf(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_leaf, value.values()))
    return any(map(_has_leaf, value)) if isinstance(value, list | tuple) else isinstance(value, Base64)


def _call(name: str, arguments: list[str]) -> str:
    """A call with its arguments, on one line where that is short."""
    line = f"{name}({', '.join(arguments)})"
    return (
        line
        if len(line) <= _WIDTH and "\n" not in line
        else f"{name}(\n" + "".join(f"    {a},\n" for a in arguments) + ")"
    )


def _literal(value: Any, depth: int = 0) -> str:
    """A JSON value as Python source, on one line where that is short; attachments as the call that encodes them."""
    if isinstance(value, Base64):
        encoded = f"b64({_literal(_place(value.attachment))})"
        return f"{_literal(value.prefix)} + {encoded}" if value.prefix else encoded
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Mapping):
        items, ends = [f"{_string(str(name))}: {_literal(each, depth + 1)}" for name, each in value.items()], "{}"
    elif isinstance(value, list | tuple):
        items, ends = [_literal(each, depth + 1) for each in value], "[]"
    else:
        return repr(value)
    line = f"{ends[0]}{', '.join(items)}{ends[1]}"
    if len(line) + 4 * depth <= _WIDTH and "\n" not in line:
        return line
    indent = "    " * (depth + 1)
    return ends[0] + "\n" + "".join(f"{indent}{item},\n" for item in items) + "    " * depth + ends[1]


def _string(text: str) -> str:
    """Python source for a string, in double quotes where that needs no more escapes than single ones."""
    source = repr(text)
    return f'"{source[1:-1]}"' if source[0] == "'" and '"' not in source and "\\'" not in source else source


_WRITERS: dict[str, Callable[[Request], str]] = {"curl": _curl, "python": _python, "openai": _openai}
