// The sketch pad: wires pointer, keys, tools, paint and Python together. Kept over the reruns of the page.

import { fill, isOnPage } from "../shared/dom.js";
import { INK_DRAWN, tell } from "../shared/live.js";
import { createSender } from "../shared/sender.js";
import { keepFocus } from "../shared/steady.js";
import { keepStrayKeys } from "../shared/straykeys.js";
import { listenToKeys } from "./keyboard.js";
import { Painter, paintGuide } from "./paint.js";
import { listenToPointer } from "./pointer.js";
import { Sketch, packStrokes } from "./sketch.js";
import { buildView, fitCanvases, showTexts, showTools } from "./view.js";

/**
 * @typedef {{key: string, token: string | null, strokes: import("./gesture.js").Stroke[] | null, pen_width: number,
 *   is_example: boolean, texts: Record<string, string>, version: number}} PadData
 */

const REST_MS = 300;
/** The pad of each place that Streamlit gave us; a rerun calls again with the same place. */
const pads = new WeakMap();
/** What was on pads that have left the page, by key: it is there again when the reader comes back. */
const kept = new Map();

/** Streamlit calls this at first and whenever `data` or the theme has changed. */
export default function sketchpad({ data, parentElement, setStateValue }) {
  const pad = padFor(parentElement, data);
  pad.update(data, (drawing) => setStateValue("drawing", drawing));
  return () => {
    if (isOnPage(parentElement)) return;
    pad.destroy();
    pads.delete(parentElement);
  };
}

/** Streamlit may use the place of one pad for another one, of another key. */
function padFor(parentElement, data) {
  const here = pads.get(parentElement);
  if (here?.key === data.key) return here;
  here?.destroy();
  const pad = createPad(parentElement, data);
  pads.set(parentElement, pad);
  return pad;
}

/**
 * @param {ShadowRoot | Element} parentElement
 * @param {PadData} data
 */
function createPad(parentElement, data) {
  const view = buildView();
  const before = kept.get(data.key);
  const sketch = before?.sketch ?? new Sketch(data.pen_width);
  sketch.changed = onChange;
  const painter = new Painter(view.ink, view.tip);
  const end = new AbortController();
  let texts = data.texts;
  let token = before?.token ?? null;
  let send = (_drawing) => {};
  let version = before?.version ?? 0;
  let resting = 0;
  const sender = createSender({
    read: inkNow,
    send: (drawing) => send(drawing),
  });
  /** @type {{at: [number, number], isCross: boolean} | null} */
  let pointer = null;
  let frame = 0;
  let mayBeBlank = false;

  function inkNow() {
    return { strokes: packStrokes(sketch.strokes), token, version };
  }

  function onChange(kind) {
    if (kind === "placed" && !sketch.gesture) tell(INK_DRAWN, { ...inkNow(), isPlaced: true });
    else if (kind === "room") say("example_gone");
    else if (kind !== "tool") report(kind);
    mayBeBlank ||= kind === "drawing" && sketch.isEraser;
    repaint();
  }

  /** Somebody on the page may take the ink at once; Python then hears of it when the hand rests. */
  function report(kind) {
    version += 1;
    clearTimeout(resting);
    resting = 0;
    if (tell(INK_DRAWN, { ...inkNow(), isWhole: kind === "drawing" })) {
      resting = setTimeout(settle, REST_MS);
    } else if (kind === "drawing") sender.flush();
    else sender.offer();
  }

  function settle() {
    resting = 0;
    if (!sketch.gesture) sender.flush();
  }

  function repaint() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      painter.paint(sketch, pointer);
      if (mayBeBlank && painter.isBlank()) sketch.chooseEraser(false); // nothing is left to erase
      mayBeBlank = false;
      showTools(view, sketch);
    });
  }

  function point(at, isCross) {
    pointer = at && { at, isCross };
    repaint();
  }

  function say(name, values = {}) {
    view.status.textContent = fill(texts[name], values);
  }

  const commands = {
    undo: () => sketch.undo(),
    redo: () => sketch.redo(),
    clear: () => sketch.clear(),
    pen: () => sketch.chooseEraser(false),
    eraser: () => sketch.chooseEraser(true),
    change: () => sketch.chooseEraser(!sketch.isEraser),
    thinner: () => sketch.stepWidth(-1),
    thicker: () => sketch.stepWidth(1),
  };

  function run(command) {
    if (commands[command]() === false) return;
    const tool = sketch.isEraser ? "eraser_on" : "pen_on";
    const sentences = { pen: tool, eraser: tool, change: tool, thinner: "width_is", thicker: "width_is" };
    say(sentences[command] ?? `${command}_done`, { percent: Math.round(sketch.width * 100) });
  }

  function update(next, sendNext) {
    send = sendNext;
    texts = next.texts;
    showTexts(view, texts);
    repaint();
    if (next.token === token) {
      if (next.version < version && resting === 0 && !sketch.gesture) sender.flush(); // left before Python heard of it
      return;
    }
    token = next.token;
    if (next.strokes) sketch.place(next.strokes, next.is_example);
    else if (!sketch.isEmpty) sender.flush(); // the server has been started anew and knows nothing of the drawing
  }

  function fit() {
    if (!fitCanvases(view)) return;
    paintGuide(view.guide);
    painter.forget();
    painter.paint(sketch, pointer);
  }

  const sizes = new ResizeObserver(fit);
  const { signal } = end;
  listenToPointer(view.pad, sketch, { onHover: (at) => point(at, false), signal });
  listenToKeys(view.root, view.pad, sketch, { run, say, onCross: (at) => point(at, true), signal });
  for (const [name, button] of Object.entries(view.buttons)) {
    button.addEventListener("click", () => run(name), { signal });
  }
  view.width.addEventListener("input", () => sketch.chooseWidth(Number(view.width.value)), { signal });
  view.root.dataset.key = data.key;
  parentElement.append(view.root);
  keepStrayKeys(view.root);
  keepFocus(view.root);
  fit();
  sizes.observe(view.pad);
  window.addEventListener("resize", fit, { signal });

  function destroy() {
    sketch.finish();
    sketch.chooseEraser(false); // who comes back wants to draw
    clearTimeout(resting);
    kept.set(data.key, { sketch, token, version });
    end.abort();
    sizes.disconnect();
    sender.stop();
    cancelAnimationFrame(frame);
    view.root.remove();
  }

  return { key: data.key, update, destroy };
}
