// What core widgets can't do for the Studio: Ctrl+Enter generates, pictures can be dropped and pasted, sliders get names for
// screen readers, arrow keys walk through the gallery. It finds its place by class names and holds no state.

const LARGEST = 50 << 20;

function found(el) {
  return new Promise((resolve) => {
    const look = (left) => {
      const panel = el.closest(".aiml-panel");
      if (panel || !left) resolve(panel);
      else setTimeout(look, 50, left - 1);
    };
    look(200);
  });
}

export default {
  render({ model, el }) {
    const end = new AbortController();
    found(el).then((panel) => { if (panel && !end.signal.aborted) serve(panel, model, end); });
    return () => end.abort();
  },
};

function serve(panel, model, end) {
  // On the way down: text areas let no key come up.
  const on = (name, handler) => panel.addEventListener(name, handler, { signal: end.signal, capture: true });
  on("keydown", (event) => {
    const box = event.target.closest?.(".aiml-prompt textarea");
    if (box && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopPropagation(); // the notebook would run the cell
      if (!panel.querySelector(".aiml-go")?.disabled) model.send({ do: "go", text: box.value });
    }
    walk(event);
  });
  const attach = async (files) => {
    for (const file of files) {
      if (file.size <= LARGEST && file.type.startsWith("image/")) {
        model.send({ do: "file", name: file.name }, undefined, [await file.arrayBuffer()]);
      }
    }
  };
  const brings = (event) => event.dataTransfer?.types.includes("Files");
  on("dragover", (event) => { if (brings(event)) { event.preventDefault(); event.stopPropagation(); } });
  on("drop", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    event.stopPropagation();
    attach([...event.dataTransfer.files]);
  });
  on("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length) { event.preventDefault(); attach(files); }
  });
  const name = () => {
    for (const handle of panel.querySelectorAll(".noUi-handle:not([aria-label])")) {
      const row = handle.closest(".widget-slider, .jupyter-widget-slider");
      const words = row?.querySelector(".widget-label")?.textContent
        || row?.parentElement?.querySelector(".widget-checkbox")?.textContent;
      if (words?.trim()) handle.setAttribute("aria-label", words.trim());
    }
    for (const readout of panel.querySelectorAll(".widget-readout:not([aria-label])")) {
      const words = readout.closest(".widget-slider, .jupyter-widget-slider")?.querySelector(".noUi-handle")?.getAttribute("aria-label");
      if (words) { readout.setAttribute("aria-label", words); readout.setAttribute("role", "textbox"); }
    }
    for (const box of panel.querySelectorAll(":is(input, select, textarea):not([aria-label])")) {
      const told = box.closest(".jupyter-widgets")?.querySelector(".widget-label");
      const words = box.title || box.closest("[title]")?.title || told?.title || box.placeholder;
      if (words && !(told?.textContent.trim())) box.setAttribute("aria-label", words);
    }
    for (const part of panel.querySelectorAll(".aiml-scroll:not([tabindex])")) {
      part.tabIndex = 0;
      part.setAttribute("role", "region");
      part.setAttribute("aria-label", part.closest(".aiml-column")?.querySelector(".aiml-column-head")?.textContent || "Details");
    }
  };
  const watch = new MutationObserver(name);
  watch.observe(panel, { childList: true, subtree: true });
  end.signal.addEventListener("abort", () => watch.disconnect());
  name();
}

// Arrow keys go from tile to tile.
function walk(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const tile = event.target.closest?.('[class*="aiml-tile-"]');
  if (!step || !tile) return;
  const tiles = [...tile.parentElement.children].filter((each) => each.offsetParent);
  tiles[tiles.indexOf(tile) + step]?.focus();
  event.preventDefault();
  event.stopPropagation();
}
