"""What a model wrote and what we want to say, as safe HTML and as readable text.

`markdown` makes inert HTML of a model's Markdown, `text` plain text without tricks, `parts` the small pieces of our own
(footer, table, citations), `picture` opens and shrinks images. All of it is pure: values in, strings and bytes out. It
knows neither the network nor IPython, and loads markdown-it, Pygments and Pillow only when something is rendered.
"""

from .text import visible

__all__ = ["visible"]
