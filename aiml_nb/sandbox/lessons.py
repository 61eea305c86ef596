"""Ready-made pieces for lessons: a table, code, formulas and more, shown when a prompt asks for them by name.

They let a tutorial show how an answer is drawn. Each is fixed text; nothing is worked out.
"""

from __future__ import annotations

import re

_TABLE = """\
A table, always the same one:

| planet | moons | a day lasts |
|:-------|------:|------------:|
| Earth  |     1 |    23.9 h   |
| Mars   |     2 |    24.6 h   |
| Jupiter|    97 |     9.9 h   |"""

_CODE = """\
A piece of Python, always the same one:

```python
def greet(name: str) -> str:
    \"\"\"Say hello.\"\"\"
    return f"Hello, {name}!"

print(greet("sandbox"))
```"""

_FORMULA = """\
A formula in a line, \\(e^{i\\pi} + 1 = 0\\), and one by itself:

\\[ \\int_0^1 x^2 \\, dx = \\frac{1}{3} \\]

Money such as $5 stays money."""

_LIST = """\
A list, always the same one:

1. Write a prompt.
2. Run the cell.
3. Read the answer, **then** change one word and run it again."""

_HTML = """\
Some HTML, which a notebook must show as text: <b>bold?</b> <img src="x" alt="no picture">"""

_LONG = "Sentence {} of {}: nothing is said here, slowly and at length, so that you can watch it arrive or stop it."

_PIECES = (
    (r"tables?|tabular", _TABLE),
    (r"code|python|function|program|script", _CODE),
    (r"maths?|mathematics|formulas?|formulae|equations?|latex|integral", _FORMULA),
    (r"list|bullets?|steps", _LIST),
    (r"html", _HTML),
)


def pieces(prompt: str) -> list[str]:
    """The pieces that a prompt asks for, in order; most prompts ask for none."""
    found = [text for words, text in _PIECES if re.search(rf"\b(?:{words})\b", prompt, re.IGNORECASE)]
    if re.search(r"\blong (?:answer|text|story|essay)\b", prompt, re.IGNORECASE):
        found.append(long())
    return found


def long(sentences: int = 60) -> str:
    """A text of many paragraphs, five sentences each."""
    lines = [_LONG.format(number, sentences) for number in range(1, sentences + 1)]
    return "\n\n".join(" ".join(lines[start : start + 5]) for start in range(0, sentences, 5))
