"""`%api METHOD /path` and `%%api`: any endpoint, JSON in the cell, files as uploads, the answer as JSON.

It builds one request and shows one answer; what an endpoint means is the user's business.
"""

from __future__ import annotations

import json
import mimetypes
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from ..errors import InvalidRequestError, shorten
from . import generate
from .body import read_body
from .context import Context
from .help import short
from .line import Line, parse, split_assignment
from .out import pretty, say

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")

#: Where the decoded answer is found afterwards.
VARIABLE = "_answer"


def call(context: Context) -> None:
    """Send the request, or show it."""
    from ..settings import refuse_key

    words = context.line.prompt.split(None, 2)
    if not words:
        say(short(context.magic, context.name))
        return
    refuse_key(context.written, cell=context.body or "")
    method, path, rest = _request_line(words, context)
    context.line = _joined(context.line, parse(rest, context.magic))
    _ = context.into
    body, files = _body(context), _files(context)
    if not generate.sends(context):
        say(_shown(context, method, path, body, files))
        return
    _show(context, method, path, _answer(context, method, path, body, files))


def _request_line(words: list[str], context: Context) -> tuple[str, str, str]:
    """METHOD, /path and what follows. A path alone is a GET, or a POST when there is something to send."""
    first = words[0]
    if first.startswith("/") or "://" in first:
        has_body = bool((context.body or "").strip()) or "--file" in context.line.prompt
        return "POST" if has_body or context.line.many("file") else "GET", first, " ".join(words[1:])
    if first.upper() not in METHODS:
        raise InvalidRequestError(
            f"{shorten(first, 30)} is no HTTP method",
            param="method",
            advice=f"As in: %{context.name} GET /v1/models. One of {', '.join(METHODS)}.",
        )
    if len(words) < 2 or not (words[1].startswith("/") or "://" in words[1]):
        raise InvalidRequestError(
            "the path is missing, or does not start with /",
            param="path",
            advice=f"As in: %{context.name} {first.upper()} /v1/models",
        )
    path, _ = context.filled(words[1])
    return first.upper(), path, words[2] if len(words) > 2 else ""


def _joined(before: Line, after: Line) -> Line:
    """The options before and behind the path."""
    if after.prompt:
        raise InvalidRequestError(
            f"{shorten(after.prompt, 40)} stands behind the path",
            param="path",
            advice="What is sent goes into the cell, as JSON, with %%api.",
        )
    options = dict(before.options)
    for key, value in after.options.items():
        if key in options and not isinstance(value, list):
            raise InvalidRequestError(f"--{key} is given twice", param=key, advice="Once is enough.")
        options[key] = options[key] + value if isinstance(value, list) and key in options else value
    return Line(options, before.params | after.params, "")


def _body(context: Context) -> Any:
    if not (context.body or "").strip():
        return None
    return read_body(context.body or "", context)


def _files(context: Context) -> dict[str, str]:
    """Field to path, each file there and readable."""
    files: dict[str, str] = {}
    for value in context.line.many("file"):
        field, path = split_assignment("--file", value.text)
        path, _ = context.filled(path)
        real = Path(path).expanduser()
        if not real.is_file():
            raise InvalidRequestError(
                f"--file {field}: there is no file {shorten(path, 60)}",
                param="file",
                advice=f"This notebook's folder is {Path.cwd()}.",
            )
        files[field] = str(real)
    return files


def _answer(context: Context, method: str, path: str, body: Any, files: dict[str, str]) -> Any:
    at = context.text("at")
    with ExitStack() as opened:
        more: dict[str, Any] = {}
        if files:
            more["files"] = {field: _part(opened, name) for field, name in files.items()}
            more["data"] = _form(body)
        elif body is not None:
            more["json"] = body
        return context.session.request(method, path, at=at, timeout=context.timeout, **more)


def _part(opened: ExitStack, name: str) -> tuple[str, Any, str]:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return Path(name).name, opened.enter_context(Path(name).open("rb")), kind


def _form(body: Any) -> dict[str, str]:
    """The fields beside an upload: the cell's JSON object."""
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise InvalidRequestError(
            "beside --file the cell is a JSON object of form fields", param="file", advice='{"purpose": "batch"}'
        )
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in body.items()}


def _shown(context: Context, method: str, path: str, body: Any, files: dict[str, str]) -> str:
    from ..snippet import Request, snippet

    endpoint = context.session.endpoint(context.text("at"), need_key=False)
    kind = context.line.text("as")
    option = context.magic.option("as")
    if kind is not None and option is not None and kind not in option.values:
        raise InvalidRequestError(f"--as {shorten(kind, 30)} is not known", param="as", advice="Write curl or python.")
    if kind is not None:
        return snippet(kind, Request.to(endpoint, method, path, body, files=[*files.items()]))
    where = f"sandbox{path}" if endpoint.is_sandbox else endpoint.url(path)
    lines = ["Nothing was sent. This would go out:", "", f"{method} {where}"]
    lines += [f"{field}: the file {name}" for field, name in files.items()]
    return "\n".join([*lines, *([pretty(body)] if body is not None else [])])


def _show(context: Context, method: str, path: str, answer: Any) -> None:
    value, text = _read(answer)
    context.ip.user_ns[VARIABLE] = value
    context.keep(value)
    if not context.line.flag("quiet"):
        cost = f" · {answer.cost}" if getattr(answer, "cost", None) else ""
        say(f"{answer.status} {method} {path}{cost}\n{text}".rstrip())


def _read(answer: Any) -> tuple[Any, str]:
    """The answer as a value and as text: JSON decoded, other text as it is, anything else as bytes."""
    content = answer.content
    try:
        value = json.loads(content)
    except ValueError:
        kind = answer.headers.get("content-type", "")
        if not kind.startswith("text/"):
            return content, f"{len(content):,} bytes of {kind or 'an unknown kind'}, in {VARIABLE}" if content else ""
        value = content.decode("utf-8", "replace")
        return value, shorten(value, 2000)
    return value, pretty(value, VARIABLE)
