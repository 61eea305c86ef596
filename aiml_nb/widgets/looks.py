"""How widgets look: one sheet of style for both themes and any width, and the small pieces of HTML that all of them use.

Colours are JupyterLab's variables with fallbacks of middle brightness. What a model or a server said comes in escaped.
"""

from __future__ import annotations

import html

from ..errors import AIMLError, Interrupted, shorten
from ..render.text import visible

MUTED = "var(--jp-ui-font-color2,#808080)"
BORDER = "var(--jp-border-color2,#8886)"

#: Every rule is below `.aiml-panel`, so that nothing of the page changes.
SHEET = """
.aiml-panel{gap:8px;padding:10px;border:1px solid var(--jp-border-color2,#8886);border-radius:8px;
 background:var(--jp-layout-color1,transparent);color:var(--jp-ui-font-color1,inherit);max-width:980px;min-width:0;overflow:hidden}
.aiml-panel .widget-box,.aiml-panel .jupyter-widgets{min-width:0}
.aiml-panel .aiml-row{gap:6px;flex-flow:row wrap;align-items:center}
.aiml-panel .widget-html,.aiml-panel .widget-htmlmath{margin:0;height:auto}
.aiml-panel .widget-html-content,.aiml-panel .widget-htmlmath-content{line-height:1.5;font-size:var(--jp-ui-font-size1,13px);
 overflow-wrap:anywhere;min-width:0;width:100%}
.aiml-panel .jupyter-button{border-radius:5px;width:auto;min-width:30px;padding:0 10px}
.aiml-panel :is(input,select,textarea,button){font-family:inherit}
.aiml-panel :is(input,select,textarea){border-radius:5px}
.aiml-panel :is(button,input,select,textarea,a,summary,[tabindex]):focus-visible{outline:2px solid var(--jp-brand-color1,#2196f3);
 outline-offset:1px}
.aiml-panel .aiml-muted{color:var(--jp-ui-font-color2,#767676);font-size:.92em}
.aiml-panel .aiml-error{border-left:3px solid var(--jp-error-color1,#d32f2f);padding:4px 10px;border-radius:3px;
 background:var(--jp-layout-color2,#8881)}
.aiml-panel .aiml-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.aiml-panel .aiml-sheet{display:none}
"""

#: A live widget hides the twin that stands below it in the same cell's outputs.
LIVE = ":is(.jp-OutputArea,.output_wrapper,.cell_container):has(.aiml-panel) .aiml-twin{display:none}"
#: A twin hides the front end's line about a widget that is gone, where its style is trusted.
GONE = ".jp-OutputArea:has(.aiml-twin) .jp-OutputArea-output.jupyter-widgets:not(:has(*)){display:none}"


def escape(text: object) -> str:
    """Any value as HTML text that shows exactly what is in it."""
    return html.escape(visible(str(text)))


def muted(text: str) -> str:
    """A small quiet line; nothing for an empty text."""
    return f'<div class="aiml-muted">{escape(text)}</div>' if text else ""


def problem(error: BaseException) -> str:
    """An error in place: the short cause, then what to do; told to screen readers at once."""
    if isinstance(error, AIMLError | Interrupted):
        cause, advice = shorten(error.message, 200), shorten(error.advice, 200)
    else:
        from ..settings import scrub

        cause = shorten(f"{type(error).__name__}: {scrub(str(error))}", 200)
        advice = "This looks like a bug in aiml_nb. Set AIML_NB_LOG=FILE in the environment, and try again."
    more = f' <span class="aiml-muted">{escape(advice)}</span>' if advice else ""
    return f'<div class="aiml-error" role="alert">{escape(cause)}{more}</div>'
