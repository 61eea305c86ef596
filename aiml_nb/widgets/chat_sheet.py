"""The style of the ChatPanel, below `.aiml-chat`, and the colours of code."""

from ..render import code
from ..render.markdown import SCOPE

#: Once for all answers that are growing; one that is done brings its own.
CODE = code.sheet(SCOPE).removeprefix("<style>").removesuffix("</style>")

SHEET = """
.aiml-chat .aiml-log{min-height:120px;max-height:min(60vh,560px);overflow-y:auto;overflow-x:hidden;padding:4px 8px;border-radius:6px;
 border:1px solid var(--jp-border-color3,#8884);flex:0 1 auto;display:block}
.aiml-chat .aiml-empty{color:var(--jp-ui-font-color2,#767676);text-align:center;padding:26px 12px}
.aiml-chat .aiml-ask{display:flex;flex-flow:row-reverse wrap;align-items:flex-end;gap:4px;margin:10px 0 2px}
.aiml-chat .aiml-bubble{max-width:85%;padding:6px 12px;border-radius:12px 12px 3px 12px;background:var(--jp-layout-color2,#8882)}
.aiml-chat .aiml-answer{margin:4px 0 0}
.aiml-chat .aiml-type{padding:0;font-size:var(--jp-content-font-size1,14px)}
.aiml-chat .aiml-type>:first-child{margin-top:0}
.aiml-chat .aiml-type p{margin:.5em 0}
.aiml-chat .aiml-type table{margin-left:0;margin-right:auto}
.aiml-chat.aiml-front .aiml-plain{display:none}
.aiml-chat .aiml-type pre{overflow-x:auto}
.aiml-chat .aiml-file{display:inline-block;margin:4px 6px 2px 0;vertical-align:middle;font-size:.92em}
.aiml-chat .aiml-tools{visibility:hidden;display:none;gap:2px;min-height:20px}
.aiml-chat.aiml-front .aiml-tools{display:flex;opacity:0;visibility:visible;transition:opacity .12s}
.aiml-chat.aiml-front :is(.widget-html,.widget-htmlmath):is(:hover,:focus-within) .aiml-tools{opacity:1}
.aiml-chat .aiml-tools button{border:0;background:none;color:var(--jp-ui-font-color2,#767676);font-size:12px;padding:1px 6px;cursor:pointer;
 border-radius:4px}
.aiml-chat .aiml-tools button:hover{background:var(--jp-layout-color2,#8882);color:var(--jp-ui-font-color1,inherit)}
.aiml-chat .aiml-tools button:focus-visible{opacity:1}
.aiml-chat .aiml-composer{align-items:flex-end}
.aiml-chat textarea{line-height:1.45;padding:6px 8px;resize:vertical;min-height:44px;font-size:var(--jp-content-font-size1,14px)}
.aiml-chat .aiml-upload{flex:0 0 auto}
.aiml-chat .aiml-chip{align-items:center;border:1px solid var(--jp-border-color2,#8886);border-radius:6px;padding:2px 2px 2px 8px;gap:4px}
.aiml-chat .aiml-chip img{max-height:52px!important;max-width:80px!important}
.aiml-chat .aiml-chip button{background:none;min-width:24px;padding:0 4px}
.aiml-chat .aiml-options,.aiml-chat .aiml-edit{border:1px solid var(--jp-border-color2,#8886);border-radius:6px;padding:8px;gap:6px}
.aiml-chat.aiml-drop{outline:2px dashed var(--jp-brand-color1,#2196f3);outline-offset:-4px}
.aiml-chat .aiml-wait{display:flex;gap:5px;padding:10px 2px}
.aiml-chat .aiml-wait i{width:7px;height:7px;border-radius:50%;background:var(--jp-ui-font-color2,#808080);animation:aiml-wait 1.2s infinite}
.aiml-chat .aiml-wait i:nth-child(2){animation-delay:.2s}
.aiml-chat .aiml-wait i:nth-child(3){animation-delay:.4s}
@keyframes aiml-wait{0%,60%,100%{opacity:.25}30%{opacity:1}}
@media (prefers-reduced-motion:reduce){.aiml-chat .aiml-wait i{animation:none;opacity:.6}}
"""
