"""What to do about a server's refusal, by the kind of problem: a sentence that names the key, the URL or the command."""

from __future__ import annotations

from collections.abc import Callable

from ..transport import PATIENCE, Problem
from .scene import Scene


def advice_for(problem: Problem, scene: Scene) -> str:
    """What to do about a refusal of this kind; empty where nobody knows."""
    wait = problem.retry_after
    if wait is not None and wait > PATIENCE:
        return f"The server asks to wait {span(wait)}; try again then."
    told = _BY_KIND.get(problem.kind)
    return told(problem, scene) if told is not None else ""


def _on_auth(_: Problem, scene: Scene) -> str:
    if scene.endpoint.key is None:
        return "No key was sent. Set one with %aiml key."
    return f"The key comes from {scene.endpoint.key_source or 'an argument'}. Check it, or set another with %aiml key."


def _on_credits(_: Problem, scene: Scene) -> str:
    if scene.endpoint.is_sandbox:
        return "A lesson of the sandbox: with a key you would top up your balance now."
    if scene.endpoint.provider == "aimlapi":
        return "Top up at https://aimlapi.com/app/billing/"
    return f"Top up your balance with {scene.host}."


def _on_missing(problem: Problem, scene: Scene) -> str:
    if isinstance(problem.body, dict | list) and "model" in problem.text.lower():
        return "Check the model's id: %aiml models lists them."
    if problem.body is None:
        return f"That is no API's answer: the base URL is probably wrong. It is {scene.base_url}."
    return f"Check the model's id (%aiml models) and the base URL, {scene.base_url}."


_BY_KIND: dict[str, Callable[[Problem, Scene], str]] = {
    "auth": _on_auth,
    "credits": _on_credits,
    "not_found": _on_missing,
    "permission": lambda _, __: (
        "This key may not do that: check its rights and limits, or that no firewall is in the way."
    ),
    "quota": lambda _, __: "The quota is used up: wait until it is renewed, or raise the limit with the provider.",
    "rate_limit": lambda _, __: "Wait a little and run it again; send fewer calls at once.",
    "context_length": lambda _, __: (
        "Shorten the prompt, start a new conversation with --new, or use a model with more context."
    ),
    "content_filter": lambda _, __: "The provider's filter held it back: use other words, or another model.",
    "bad_request": lambda _, __: "Check the parameters: %aiml model ID shows what the model takes.",
    "server": lambda _, __: "The trouble is on the server's side: run it again in a minute, or use another model.",
    "timeout": lambda _, __: "The server gave up waiting: run it again.",
}


def span(seconds: float) -> str:
    """Seconds in words: `90 s`, `5 min`, `2.5 h`."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
