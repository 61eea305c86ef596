"""The style that Studio, ModelBrowser and Compare share, beyond that of every panel: chosen buttons, folds, columns, tables."""

from __future__ import annotations

#: Buttons of which one is chosen, the prompt, folded settings; a chosen button is underlined, which reads in every theme.
CONTROLS = """
.aiml-panel .widget-toggle-buttons .jupyter-button{box-shadow:none;margin:0 2px 0 0}
.aiml-panel .widget-toggle-buttons .jupyter-button.mod-active{font-weight:600;box-shadow:inset 0 -3px 0 var(--jp-brand-color1,#2196f3)}
.aiml-panel .aiml-prompt textarea{font-size:var(--jp-ui-font-size2,14px);line-height:1.4}
.aiml-panel .aiml-label{justify-content:flex-end}
.aiml-panel .jupyter-widget-Collapse,.aiml-panel .jupyter-widget-Collapse-header,.aiml-panel .jupyter-widget-Collapse-contents{
 border:0;background:transparent}
.aiml-panel .jupyter-widget-Collapse-header{padding:4px 0 4px 2px;font-weight:400;color:var(--jp-ui-font-color2,#767676)}
.aiml-panel .jupyter-widget-Collapse-contents{padding:0}
"""

#: A list of models in columns, and tables that may be wider than the panel.
TABLES = """
.aiml-panel .aiml-models select{font-family:var(--jp-code-font-family,monospace);font-size:12px}
.aiml-panel .aiml-details{max-height:26em;overflow:auto}
.aiml-panel .aiml-details table{font-size:12px;border-collapse:collapse;overflow-wrap:normal;word-break:normal}
.aiml-panel .aiml-details :is(td,th){padding:2px 12px 2px 0!important;line-height:1.35}
.aiml-panel .aiml-details table:not(:first-child){min-width:640px}
"""

#: Answers side by side, below one another where there is no room.
COLUMNS = """
.aiml-panel .aiml-columns{display:flex;flex-flow:row wrap;gap:10px;align-items:stretch;width:100%}
.aiml-panel .aiml-column{flex:1 1 240px;min-width:0;border:1px solid var(--jp-border-color2,#8886);border-radius:6px;padding:8px 10px}
.aiml-panel .aiml-column-head{font-weight:600;overflow-wrap:anywhere}
.aiml-panel .aiml-column .aiml-scroll{max-height:480px;overflow:auto}
.aiml-panel .aiml-column img{max-width:100%!important}
.aiml-panel .aiml-summary :is(td,th){padding:2px 14px 2px 0!important;line-height:1.4}
"""
