// What core widgets can't do for the ChatPanel: Enter sends, the log follows the newest word until the reader scrolls up,
// files can be dropped and pasted, buttons copy. It finds its place by class names, holds no state of its own but where the
// reader is, and makes no element of what a model wrote.

const PIECE = 1 << 20; // bytes of a file that travel in one message
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
    // The view gets its place only after it was rendered, so nothing is waited for here.
    found(el).then((panel) => { if (panel && !end.signal.aborted) serve(panel, model, end); });
    return () => end.abort();
  },
};

function serve(panel, model, end) {
  const on = (node, name, handler, capture = false) =>
    node.addEventListener(name, handler, { signal: end.signal, capture });
  panel.classList.add("aiml-front");
  const log = panel.querySelector(".aiml-log");
  // A button with only a sign on it is called by its explanation.
  const name = () => {
    for (const button of panel.querySelectorAll("button[title]:not([aria-label])"))
      if (!/\p{L}/u.test(button.textContent)) button.setAttribute("aria-label", button.title);
  };
  const named = new MutationObserver(name);
  named.observe(panel, { childList: true, subtree: true });
  end.signal.addEventListener("abort", () => named.disconnect());
  name();
  log?.setAttribute("role", "log");
  log?.setAttribute("aria-label", "Conversation");

  // Enter sends, Shift+Enter is a new line; a composed character (Japanese, Chinese) is not sent half.
  on(panel, "keydown", (event) => {
    const box = event.target;
    if (!box.matches?.("textarea") || event.isComposing) return;
    if (event.key === "Escape" && box.closest(".aiml-edit")) model.send({ do: "cancel" });
    if (event.key !== "Enter" || event.shiftKey || !box.closest(".aiml-composer")) return;
    event.preventDefault();
    event.stopPropagation();
    if (panel.querySelector(".aiml-busy") || !(box.value.trim() || panel.querySelector(".aiml-chip"))) return;
    model.send({ do: "send", text: box.value });
    // What was typed and not yet told to the kernel is taken back, so that it does not come again.
    box.value = "";
    box.dispatchEvent(new Event("change", { bubbles: true }));
    grow(box);
    down = true;
    follow();
  }, true);
  const grow = (box) => {
    box.style.height = "auto";
    box.style.height = `${Math.min(box.scrollHeight + 2, 220)}px`;
  };
  on(panel, "input", (event) => event.target.matches?.(".aiml-composer textarea") && grow(event.target));

  // Follow the end, until the reader looks at something above it.
  let down = true;
  const follow = () => { if (down && log) log.scrollTop = log.scrollHeight; };
  if (log) {
    let height = log.scrollHeight;
    on(log, "scroll", () => {
      // A log that shrank or grew scrolls by itself: that is not the reader.
      if (log.scrollHeight === height) down = log.scrollTop + log.clientHeight > log.scrollHeight - 30;
      height = log.scrollHeight;
    });
    on(log, "wheel", (event) => { if (event.deltaY < 0) down = false; });
    const watch = new MutationObserver(() => { follow(); height = log.scrollHeight; });
    watch.observe(log, { childList: true, subtree: true, characterData: true });
    const sized = new ResizeObserver(follow);
    sized.observe(log);
    end.signal.addEventListener("abort", () => { watch.disconnect(); sized.disconnect(); });
    follow();
  }

  // Files: dropped anywhere on the panel, or pasted into it.
  const attach = async (files) => {
    for (const file of files) {
      if (file.size > LARGEST) {
        model.send({ do: "too large", name: file.name, size: file.size });
        continue;
      }
      const id = crypto.getRandomValues(new Uint32Array(1))[0];
      const pieces = Math.max(1, Math.ceil(file.size / PIECE));
      for (let at = 0; at < pieces; at++) {
        const bytes = await file.slice(at * PIECE, (at + 1) * PIECE).arrayBuffer();
        model.send({ do: "file", id, name: file.name, at, pieces }, undefined, [bytes]);
      }
    }
  };
  const brings = (event) => event.dataTransfer?.types.includes("Files");
  on(panel, "dragover", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    event.stopPropagation();
    panel.classList.add("aiml-drop");
  });
  on(panel, "dragleave", (event) => { if (!panel.contains(event.relatedTarget)) panel.classList.remove("aiml-drop"); });
  on(panel, "drop", (event) => {
    panel.classList.remove("aiml-drop");
    if (!brings(event)) return;
    event.preventDefault();
    event.stopPropagation();
    attach([...event.dataTransfer.files]);
  });
  on(panel, "paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    attach(files);
  });

  // The small buttons of each turn, and what the kernel answers to them.
  on(panel, "click", (event) => {
    const button = event.target.closest?.("button[data-aiml]");
    if (!button) return;
    const [what, turn] = button.dataset.aiml.split(" ");
    model.send({ do: what, turn: Number(turn) });
    if (what === "copy") copied = button;
  });
  let copied = null;
  const heard = async (message) => {
    if (message.copy !== undefined) {
      await clip(message.copy);
      const said = copied?.textContent;
      if (copied) {
        copied.textContent = "Copied";
        setTimeout((button) => { button.textContent = said; }, 1200, copied);
      }
    }
    if (message.focus) {
      const box = panel.querySelector(`${message.focus} textarea`);
      if (box) setTimeout(() => { box.focus(); box.setSelectionRange(box.value.length, box.value.length); }, 60);
    }
    if (message.download) setTimeout(() => panel.querySelector("a.aiml-download")?.click(), 60);
    if (message.down) { down = true; follow(); }
  };
  model.on("msg:custom", heard);
  end.signal.addEventListener("abort", () => model.off("msg:custom", heard));
}

async function clip(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // A page that is not secure (plain http from afar) has no clipboard; the old way still works there.
    const box = document.createElement("textarea");
    box.value = text;
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  }
}
