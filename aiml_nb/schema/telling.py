"""The sentences of a refusal: an unknown parameter, a file that has no place, a file that is missing, each with the way out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ..content import Attachment
from ..content.wording import nearest
from . import files
from .form import Form
from .problem import Problem, listing, shown
from .traits import traits

#: A word to the names of models that take it.
Others = Callable[[str], Sequence[str]]


class Telling:
    """What is told of one model's form, in the common words and the model's own."""

    def __init__(
        self, form: Form, words: Mapping[str, tuple[str, ...]], prompt_name: str, others: Others | None
    ) -> None:
        self.form, self.words, self.prompt_name, self.others = form, words, prompt_name, others
        self.who = shown(form.model or "this model", 50)

    def unknown(self, name: str, text: str = "") -> Problem:
        """The model has no such parameter: the nearest right name, the models that have it, or what this one has."""
        near, takers = self.near(name), self._takers(name)
        advice = [f"Did you mean {near}?"] if near else []
        advice += [f"{listing(takers)} {'takes' if len(takers) == 1 else 'take'} it."] if takers else []
        if not advice:
            own = [n for n in self.form.properties if n not in {"model", "stream", self.prompt_name}]
            told = dict.fromkeys(self.form.word(each, self.words) or each for each in own)
            advice = [f"It takes {listing(told, 8)}." if told else "It takes no parameters."]
        return Problem(name, text or f"{self.who} has no parameter {shown(name)}", " ".join(advice))

    def _takers(self, word: str) -> list[str]:
        return list(self.others(word))[:4] if self.others else []

    def near(self, name: str) -> str:
        """Another name of the same thing, else one that is spelled alike."""
        for names in self.words.values():
            if name in names:
                return next((each for each in names if self.form.takes(each)), "")
        mine = [word for word, names in self.words.items() if any(self.form.takes(each) for each in names)]
        return next(iter(nearest(name, [*self.form.by_name, *mine])), "")

    def no_place(self, role: str, attachment: Attachment, count: int, word: str) -> Problem:
        """There is no slot for an attachment, or not one more."""
        slots = traits(self.form).file_slots.values()
        kind = files.kind_of(attachment)
        rooms = [slot for slot in slots if slot.takes(kind)]
        if rooms and not role:
            most = sum(slot.most for slot in rooms if slot.role != "mask")
            noun = rooms[0].noun + "s" * (most > 1)
            return Problem(word, f"{self.who} takes at most {most} {noun}; there are {count}")
        told = f"; it takes {listing(sorted({slot.role or slot.name for slot in rooms}))}" if rooms else ""
        what = " ".join(part for part in ("no", role, files.NOUNS.get(kind, "file")) if part)
        return Problem(
            word, f"{self.who} takes {what}{told} ({shown(attachment.label)})", self._instead(word, bool(rooms))
        )

    def _instead(self, word: str, has_room: bool) -> str:
        nouns = sorted({slot.noun for slot in traits(self.form).file_slots.values()})
        takers = self._takers(word)
        if nouns and not has_room:
            return f"It takes a {listing(nouns)}."
        return f"{listing(takers)} can take it." if takers else "Leave it out, or take a model that has a use for it."

    def needs_file(self, *slots: files.FileSlot) -> Problem:
        """A file is missing, that one of `slots` must have."""
        how = "a file or a URL" if any(slot.data for slot in slots) else "a URL"
        text = f"{self.who} needs a {slots[0].noun} ({listing(slot.name for slot in slots)})"
        return Problem(slots[0].name, text, f"Attach {how}: -a, or --{slots[0].name}.")
