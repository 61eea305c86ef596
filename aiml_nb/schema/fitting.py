"""Fitting: a request in common words, or in a model's own, becomes the model's own request, checked before anything is sent.

Every problem is found before any is told, each under the word that the user wrote. What was chosen on the user's behalf is said
in a note. It reads a Form and the vocabulary, and knows no model by name, no network and no catalogue.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..content import Attachment
from . import files, size
from .conform import Fault, conform
from .convert import convert
from .derive import derive, fill_inner
from .form import Form, Parameter
from .problem import Problem, refusal, shown
from .reading import describe
from .rules import copied
from .telling import Others, Telling
from .traits import traits
from .unformed import unformed
from .words import PROMPTS, ROLES, TEXTS, WORDS, medium_of


@dataclass
class Fitted:
    """A model's own request. payload: the JSON, files in it as lazy leaves. notes: what was chosen, for the cell.

    files: attachments that go beside the payload in a multipart form, by field name; empty for a plain JSON request.
    """

    payload: dict[str, Any]
    notes: list[str] = field(default_factory=list)
    files: dict[str, list[Attachment]] = field(default_factory=dict)


def fit(
    request: Mapping[str, Any],
    form: Form | None,
    *,
    words: Mapping[str, tuple[str, ...]] | None = None,
    attachments: Sequence[Attachment | tuple[str, Attachment]] = (),
    prompt_names: Sequence[str] = PROMPTS,
    medium: str = "",
    others: Others | None = None,
    trusted: Collection[str] = (),
) -> Fitted:
    """`request` as the model of `form` has it; None for a provider that publishes no schema: values go as they are.

    request: `model`, `prompt` and parameters, in common words or the model's own; nested ones dotted or as dicts; None is
        not given. words: the medium's vocabulary, by default the one of the path. attachments: in order; as (role, attachment)
        where the user chose `first`, `last`, `mask`, …. others: names of models that take a word. trusted: names of values
        that the medium built from the form, sent unchecked.
    Raises InvalidRequestError that tells every problem: the parameter, its value, what is allowed.
    """
    given = [each if isinstance(each, tuple) else ("", each) for each in attachments]
    medium = medium or (medium_of(form.path) if form else "")
    vocabulary = WORDS.get(medium, {}) if words is None else words
    if form is None:
        return Fitted(*unformed(request, given, vocabulary, prompt_names, medium))
    fitting = _Fitting(form, vocabulary, prompt_names, others, frozenset(trusted))
    fitting.read(request)
    fitting.attach(given)
    fitting.complete(request)
    fitting.check()
    if fitting.problems:
        raise refusal(fitting.problems)
    return Fitted(fitting.payload, fitting.notes, fitting.files)


class _Fitting:
    """One request on its way. typed: parameter name to the word that the user wrote for it."""

    def __init__(
        self,
        form: Form,
        words: Mapping[str, tuple[str, ...]],
        prompt_names: Sequence[str],
        others: Others | None,
        trusted: frozenset[str],
    ) -> None:
        self.form, self.words, self.trusted = form, words, trusted
        texts = (name for name in prompt_names if name in form.properties)
        self.prompt_name = next((n for n in texts if form.by_name[n].types != ("object",)), "")
        self.traits = traits(form)
        self._tell = Telling(form, words, self.prompt_name, others)
        self.payload: dict[str, Any] = {}
        self.notes: list[str] = []
        self.problems: list[Problem] = []
        self.files: dict[str, list[Attachment]] = {}
        self.typed: dict[str, str] = {}
        self.converted: dict[str, str] = {}

    def read(self, request: Mapping[str, Any]) -> None:
        """Every word of the request goes to the parameter that it stands for."""
        for name, value in request.items():
            if value is None:
                continue
            if name == "model":
                self._model(value)
            elif name == "prompt":
                self._prompt(value)
            else:
                self._word(name, value, request)

    def _model(self, value: Any) -> None:
        if self.form.takes("model"):
            self.payload["model"] = self.form.spelled(value)

    def _prompt(self, value: Any) -> None:
        if value in ("", [], ()):
            return
        if self.prompt_name:
            self._put("prompt", self.prompt_name, value)
        else:
            self.notes.append("this model takes no prompt; the text was not sent")

    def _word(self, name: str, value: Any, request: Mapping[str, Any]) -> None:
        slot = self.traits.file_slots.get(name)
        names, sizes = self.words.get(name, ()), self.words.get("size", ())
        if slot is not None:
            self._own_file(slot, value)
        elif name == "size" and names:
            self._size(name, value, names)
        elif name in sizes and name in self.form.properties and not names and not _is_json(value):
            self._size(name, value, (name,))
        elif names:
            self._common(name, names, value, request)
        elif self.form.takes(name):
            word = self.form.word(name, self.words) or ""
            word = "" if word == "duration" else word  # in the model's own words it has the model's own unit
            converted, note = convert(word, value, self.form.by_name[name], self.form, request)
            self._put(name, name, converted, note)
        elif name in ROLES:
            self._role(name, value)
        else:
            self._inner(name, value)

    def _common(self, word: str, names: Sequence[str], value: Any, request: Mapping[str, Any]) -> None:
        taken = next((name for name in (*names, word) if self.form.takes(name)), None)
        if taken is not None:
            made, note = convert(word, value, self.form.by_name[taken], self.form, request)
            if note or (isinstance(made, int) and str(made) not in str(value)):
                self.converted[taken] = f"{shown(value)} is {taken}"
            self._put(word, taken, made, note)
        elif word == "n":
            if str(value) != "1":  # one is what a model makes that is not told how many
                self.problems.append(self._tell.unknown(word, f"{self._tell.who} makes one at a time"))
        elif word in ROLES:
            self._role(word, value)
        else:
            self.problems.append(self._tell.unknown(word))

    def _inner(self, name: str, value: Any) -> None:
        """A name inside a parameter that takes any, as a map does; else an unknown one."""
        head = name.partition(".")[0]
        known = self.form.by_name.get(head)
        opened = (
            known is not None and "." in name and not any(p.name.startswith(f"{head}.") for p in self.form.parameters)
        )
        if opened and known is not None and ("object" in known.types or not known.types):
            self._put(name, name, value)
        elif self.form.is_open and not self._tell.near(name):
            self._put(name, name, value, f"{name} is not in the model's schema, which takes others too: not checked")
        else:
            self.problems.append(self._tell.unknown(name))

    def _size(self, word: str, value: Any, names: Sequence[str]) -> None:
        open_slots = [slot for slot in self.traits.sizes(names) if slot.name not in self.payload]
        if not open_slots:
            self.problems.append(self._tell.unknown(word))
            return
        sized = size.fit_size(value, open_slots, typed=word)
        for name, each in sized.values.items():
            self._put(f"{word}.{name}" if name in {"width", "height"} else word, name, each)
        self.notes += sized.notes
        self.problems += [sized.problem] if sized.problem else []

    def _own_file(self, slot: files.FileSlot, value: Any) -> None:
        found = files.attachments_of(value)
        if isinstance(found, Problem):
            self.problems.append(Problem(slot.name, found.text, found.advice))
        else:
            self._place(slot, found)

    def _role(self, word: str, value: Any) -> None:
        found = files.attachments_of(value)
        if isinstance(found, Problem):
            self.problems.append(Problem(word, found.text, found.advice))
            return
        made = [Attachment.of(each) if isinstance(each, str) else each for each in found]
        self.attach([(ROLES[word], each) for each in made if isinstance(each, Attachment)], word)

    def attach(self, given: Sequence[tuple[str, Attachment]], word: str = "attach") -> None:
        """Attachments go to the slots that are still empty."""
        open_slots = [slot for slot in self.traits.file_slots.values() if slot.name not in self.typed]
        placed, left = files.share(given, open_slots)
        for name, attachments in placed.items():
            self.typed[name] = word
            self._place(self.traits.file_slots[name], attachments)
        for role, attachment in left:
            self.problems.append(self._tell.no_place(role, attachment, len(given), word))

    def _place(self, slot: files.FileSlot, attachments: Sequence[Any]) -> None:
        if slot.upload and all(isinstance(each, Attachment) and not each.url for each in attachments):
            if len(attachments) > slot.most:
                self.problems.append(
                    Problem(slot.name, f"{slot.name} takes at most {slot.most}; there are {len(attachments)}")
                )
            self.files[slot.name] = list(attachments)
            return
        if slot.upload:
            text = f"{slot.name} takes a file, not a URL"
            self.problems.append(Problem(slot.name, text, "Download it, and attach the file."))
            return
        value, problem = files.wire_value(self.form, slot, attachments)
        if problem:
            self.problems.append(problem)
            return
        self._put(self.typed.get(slot.name, slot.name), slot.name, value)
        mime = next((name for name in ("mimeType", "mime_type") if name in self.form.properties), None)
        if mime and isinstance(attachments[0], Attachment) and not attachments[0].url:
            self.payload.setdefault(mime, attachments[0].mime)

    def _put(self, word: str, name: str, value: Any, note: str = "") -> None:
        """`value` at a dotted name; the same parameter given twice, with two values, is a problem."""
        *way, last = [name] if name in self.form.properties else name.split(".")
        branch = self.payload
        for part in way:
            inner = branch.setdefault(part, {})
            if not isinstance(inner, dict):
                self.problems.append(Problem(word, f"{part} and {name} cannot both be given"))
                return
            branch = inner
        if last in branch and branch[last] != value:
            if not isinstance(branch[last], dict) or not isinstance(value, dict):
                first = self.typed.get(name, name)
                both = f"{first} and {word}" if first != word else word
                self.problems.append(
                    Problem(word, f"{both} set {name} twice: {shown(branch[last])} and {shown(value)}")
                )
                return
            value = {**branch[last], **value}
        branch[last] = copied(value)
        self.typed[name] = word
        if note:
            self.notes.append(note)

    def complete(self, request: Mapping[str, Any]) -> None:
        """What is required and was not given: the default, the only value, the prompt's text; else a problem."""
        prompt = request.get("prompt") or ""
        refused = {problem.param for problem in self.problems}
        for parameter in self.traits.required:
            name = parameter.name
            if name in self.payload or name in self.files or name in refused:
                continue
            slot = self.traits.file_slots.get(name)
            if slot is not None:
                self._needs_file(slot)
            elif name == self.prompt_name:
                self.problems.append(Problem("prompt", "there is no prompt", "Write it in the cell."))
            elif name in TEXTS and isinstance(prompt, str) and prompt:
                self._put("prompt", name, prompt, f"{name} is the prompt too; --{name} gives it words of its own")
            elif name == "model":
                self.payload["model"] = self.form.model
            else:
                self._derived(parameter)
        self._alternatives()
        if not self.prompt_name and self.traits.wants_file and not self._has_file() and not self.problems:
            self._needs_file(*self.traits.file_slots.values())

    def _alternatives(self) -> None:
        """Of several sets of names, one must be given whole; one that can be completed is."""
        ways = [[n for n in way if n not in self.payload and n not in self.files] for way in self.form.needs]
        if [] in ways or not ways or self.problems:
            return
        way = next((w for w in ways if all(derive(self.form.properties[name]) for name in w)), None)
        for name in way or ():
            self._derived(self.form.by_name[name])
        if way is None:
            told = " or ".join(dict.fromkeys(" and ".join(each) for each in ways[:4]))
            self.problems.append(Problem(ways[0][0], f"{self._tell.who} needs {told}", f"Give it with --{ways[0][0]}."))

    def _has_file(self) -> bool:
        return bool(self.files) or any(name in self.payload for name in self.traits.file_slots)

    def _needs_file(self, *slots: files.FileSlot) -> None:
        if not any(problem.param in {"attach", *(slot.name for slot in slots)} for problem in self.problems):
            self.problems.append(self._tell.needs_file(*slots))

    def _derived(self, parameter: Parameter) -> None:
        made = derive(parameter.schema)
        if made is None:
            text = f"{self._tell.who} needs {parameter.name}: {describe(parameter.schema)}"
            self.problems.append(Problem(parameter.name, text, f"Give it with --{parameter.name}."))
            return
        self.payload[parameter.name], told = made
        if told:
            self.notes.append(f"{parameter.name} is {shown(self.payload[parameter.name])}, {told}")

    def check(self) -> None:
        """Each value against its schema, then the rules that only prose states."""
        for name in list(self.payload):
            if name in self.trusted or name not in self.form.properties:
                continue
            fill_inner(self.payload[name], self.traits.inner_required.get(name, ()))
            value, faults = conform(self.form.properties[name], self.payload[name], (name,))
            self.payload[name] = value
            self.problems += [self._told(fault) for fault in faults]
        if self.problems:
            return
        for rule in self.traits.rules:
            for found in rule(self.form, self.payload):
                if isinstance(found, str):
                    self.notes.append(found)
                else:
                    self.problems.append(self._renamed(found))

    def _told(self, fault: Fault) -> Problem:
        near = f"Did you mean {fault.near}?" if fault.near and fault.near != fault.at[-1] else ""
        value = f" {shown(fault.value)}" if fault.value is not None else ""
        word, rest = self._spoken(fault.name)
        if fault.name in self.converted:
            return Problem(word, f"{word} {self.converted[fault.name]}{value} here; that {fault.why}", near)
        return Problem(word, f"{word}{rest}{value} {fault.why}", near)

    def _renamed(self, problem: Problem) -> Problem:
        """A rule's problem, in the user's word where it begins with the parameter's name."""
        word, rest = self._spoken(problem.param)
        text = problem.text.removeprefix(problem.param)
        return Problem(word, f"{word}{rest}{text}" if text != problem.text else problem.text, problem.advice)

    def _spoken(self, name: str) -> tuple[str, str]:
        """The word that the user wrote for what now stands at `name`, and the rest of the way below it."""
        known = name
        while known:
            if known in self.typed:
                word = self.typed[known]
                return (known if word == "attach" else word), name[len(known) :]
            known = known[: max(known.rfind("."), known.rfind("["), 0)]
        return name, ""


def _is_json(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip()[:1] == "{"
