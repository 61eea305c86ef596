"""Small plots and cards as plain HTML: bars with their numbers written beside them, so that they read well without colours too.

Nothing here needs Matplotlib or a script. Values are None where nobody told them, which is shown as unknown, never as zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .looks import escape

Rows = Sequence[tuple[str, float | None]]
Format = Callable[[float], str]

_BAR = "var(--jp-brand-color1,#2196f3)"

SHEET = """
.aiml-cards,.aiml-plots{display:flex;flex-wrap:wrap;gap:10px}
.aiml-cards{margin-bottom:6px}
.aiml-card{flex:1 1 150px;padding:8px 12px;border:1px solid var(--jp-border-color2,#8886);border-radius:8px}
.aiml-card b{display:block;font-size:1.5em;line-height:1.3;font-weight:600}
.aiml-plot{flex:1 1 260px;min-width:0}
.aiml-plot h4{margin:6px 0;font-size:1em;font-weight:600}
.aiml-bar{display:grid;grid-template-columns:minmax(80px,42%) 1fr auto;gap:8px;align-items:center;padding:2px 0}
.aiml-bar span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.aiml-bar i,.aiml-days i{background:var(--jp-brand-color1,#2196f3);border-radius:2px}
.aiml-bar i{height:9px;display:block}
.aiml-days{display:flex;align-items:flex-end;gap:3px;height:90px;border-bottom:1px solid var(--jp-border-color2,#8886)}
.aiml-days i{flex:1 1 0;min-height:1px}
.aiml-axis{display:flex;justify-content:space-between}
.aiml-axis,.aiml-quiet{color:var(--jp-ui-font-color2,#767676);font-size:.92em}
.aiml-track{height:6px;border-radius:3px;background:var(--jp-border-color2,#8884);overflow:hidden;margin:4px 0 2px}
.aiml-track i{display:block;height:100%;background:var(--jp-brand-color1,#2196f3)}
.aiml-track i.aiml-much{background:var(--jp-error-color1,#d32f2f)}
"""


def card(title: str, value: str, more: str, bar: str = "") -> str:
    """A number that matters, with its title above and a quiet line below."""
    below = f'<span class="aiml-quiet">{escape(more)}</span>' if more else ""
    return f'<div class="aiml-card"><span class="aiml-quiet">{escape(title)}</span><b>{escape(value)}</b>{below}{bar}</div>'


def budget(spent: float, limit: float) -> str:
    """How much of a budget is used, in US dollars."""
    share = min(1.0, spent / limit) if limit else 1.0
    much = ' class="aiml-much"' if share > 0.9 else ""
    said = f"{spent / limit:.0%} of the budget of ${limit:,.2f}" if limit else "the budget is $0"
    return (
        f'<div class="aiml-track" role="progressbar" aria-valuenow="{round(share * 100)}" aria-valuemin="0" aria-valuemax="100" '
        f'aria-label="budget used"><i{much} style="width:{share:.0%}"></i></div><span class="aiml-quiet">{escape(said)}</span>'
    )


def bars(title: str, rows: Rows, form: Format) -> str:
    """A bar for each name, the number beside it."""
    most = _most(rows)
    lines = (
        f'<div class="aiml-bar"><span title="{escape(name)}">{escape(name)}</span>'
        f'<i style="width:{_share(value, most)}"></i><span>{escape(_told(value, form))}</span></div>'
        for name, value in rows
    )
    return _plot(title, "".join(lines) or '<div class="aiml-quiet">no calls yet</div>')


def columns(title: str, rows: Rows, form: Format) -> str:
    """A column for each name in a row, told in one sentence to who cannot see it."""
    most = _most(rows)
    said = "; ".join(f"{name}: {_told(value, form)}" for name, value in rows if value != 0) or "nothing"
    each = (
        f'<i style="height:{_share(value, most)}" title="{escape(f"{name}: {_told(value, form)}")}"></i>'
        for name, value in rows
    )
    axis = (
        f"<span>{escape(rows[0][0][5:])}</span><span>most: {escape(form(most))}</span><span>today</span>"
        if rows
        else ""
    )
    body = f'<div class="aiml-days" role="img" aria-label="{escape(said)}">{"".join(each)}</div>'
    return _plot(title, f'{body}<div class="aiml-axis" aria-hidden="true">{axis}</div>')


def _plot(title: str, body: str) -> str:
    return f'<div class="aiml-plot"><h4>{escape(title)}</h4>{body}</div>'


def _most(rows: Rows) -> float:
    return max((value for _, value in rows if value is not None), default=0.0)


def _share(value: float | None, most: float) -> str:
    return f"{100 * value / most:.1f}%" if value and most else "0"


def _told(value: float | None, form: Format) -> str:
    return "unknown" if value is None else form(value)
