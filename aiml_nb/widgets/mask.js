// A canvas over a picture, to paint a mask on: with a pointer, or with the keyboard (arrows move the brush, space paints).
// After each stroke the painted part goes to the kernel as a PNG. It holds no other state and draws nothing of a model's words.

const COLOR = "#2f9bff";
const STEPS = 40; // strokes that can be taken back

function made(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function render({ model, el }) {
  const end = new AbortController();
  const on = (node, name, handler) => node.addEventListener(name, handler, { signal: end.signal });
  const picture = made("img", { alt: "The picture under the mask", src: model.get("picture") });
  const canvas = made("canvas", {
    tabindex: "0", role: "application",
    "aria-label": "Mask. Arrow keys move the brush, space paints, E erases, U takes back the last stroke.",
  });
  const size = made("input", { type: "range", min: "4", max: "120", value: "36" });
  const erase = made("input", { type: "checkbox" });
  const undo = made("button", { type: "button" }, "Undo");
  const clear = made("button", { type: "button" }, "Clear");
  const close = made("button", { type: "button" }, "Done");
  const state = made("span", { role: "status", class: "aiml-mask-state" });
  const bar = made("div", { class: "aiml-mask-bar" },
    made("label", {}, "Brush ", size), made("label", {}, erase, " Erase"), undo, clear, close, state);
  const stage = made("div", { class: "aiml-mask-stage" }, picture, canvas);
  el.append(made("style", {}, `
    .aiml-mask-stage{position:relative;display:inline-block;max-width:100%;line-height:0;border-radius:6px;overflow:hidden}
    .aiml-mask-stage img{max-width:100%;display:block}
    .aiml-mask-stage canvas{position:absolute;inset:0;width:100%;height:100%;opacity:.55;cursor:crosshair;touch-action:none}
    .aiml-mask-stage canvas:focus-visible{outline:2px solid var(--jp-brand-color1,#2196f3);outline-offset:-2px}
    .aiml-mask-bar{display:flex;flex-wrap:wrap;gap:8px;align-items:center;margin:4px 0;font-size:var(--jp-ui-font-size1,13px)}
    .aiml-mask-bar button{background:var(--jp-layout-color2,#8882);color:inherit;border:1px solid var(--jp-border-color2,#8886);
      border-radius:5px;padding:3px 10px;font:inherit}
    .aiml-mask-bar label{display:flex;align-items:center;gap:4px}
    .aiml-mask-state{color:var(--jp-ui-font-color2,#767676)}`), bar, stage);

  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const past = [];
  let last = null; // where the stroke is, in the canvas's own pixels
  let spot = null; // where the keyboard's brush is
  on(picture, "load", () => {
    canvas.width = picture.naturalWidth;
    canvas.height = picture.naturalHeight;
    spot = [canvas.width / 2, canvas.height / 2];
  });
  const width = () => Number(size.value) * (canvas.width / Math.max(1, canvas.clientWidth));
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * canvas.width, ((event.clientY - box.top) / box.height) * canvas.height];
  };
  const keep = () => {
    past.push(pen.getImageData(0, 0, canvas.width, canvas.height));
    if (past.length > STEPS) past.shift();
  };
  const line = (from, to) => {
    pen.globalCompositeOperation = erase.checked ? "destination-out" : "source-over";
    pen.strokeStyle = COLOR;
    pen.lineCap = pen.lineJoin = "round";
    pen.lineWidth = width();
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(to[0] + 0.01, to[1]); // a line of no length would not be drawn
    pen.stroke();
  };
  const send = () => canvas.toBlob(async (blob) => {
    if (!blob || end.signal.aborted) return;
    model.send({ do: "mask" }, undefined, [await blob.arrayBuffer()]);
    state.textContent = `${share()} % painted`;
  }, "image/png");
  const share = () => {
    const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 3; at < data.length; at += 4) count += data[at] > 63;
    return ((count * 400) / data.length).toFixed(1);
  };

  on(canvas, "pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    keep();
    last = place(event);
    line(last, last);
  });
  on(canvas, "pointermove", (event) => {
    if (!last) return;
    const now = place(event);
    line(last, now);
    last = now;
  });
  for (const name of ["pointerup", "pointercancel"]) on(canvas, name, () => { if (last) { last = null; send(); } });

  const back = () => { const was = past.pop(); if (was) { pen.putImageData(was, 0, 0); send(); } };
  const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  on(canvas, "keydown", (event) => {
    const step = event.shiftKey ? 1 : width() / 2;
    const move = MOVES[event.key];
    if (move && spot) {
      spot = [Math.min(canvas.width, Math.max(0, spot[0] + move[0] * step)), Math.min(canvas.height, Math.max(0, spot[1] + move[1] * step))];
      state.textContent = `brush at ${Math.round((100 * spot[0]) / canvas.width)} %, ${Math.round((100 * spot[1]) / canvas.height)} %`;
    } else if (event.key === " " && spot) { keep(); line(spot, spot); send(); }
    else if (event.key === "e" || event.key === "E") erase.checked = !erase.checked;
    else if (event.key === "u" || event.key === "U") back();
    else return;
    event.preventDefault();
    event.stopPropagation(); // the notebook has shortcuts of its own
  });
  on(undo, "click", back);
  on(clear, "click", () => { keep(); pen.clearRect(0, 0, canvas.width, canvas.height); send(); });
  on(close, "click", () => model.send({ do: "close" }));
  return () => end.abort();
}

export default { render };
