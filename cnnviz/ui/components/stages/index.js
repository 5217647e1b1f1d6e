// The steps from ink to input: one small picture each, with a switch.

import { element } from "../shared/dom.js";
import { attachField, readWire } from "../shared/wire.js";

const rows = new WeakMap();

/** One step, built once for each key; later packets only change it. */
function buildStep(step, onSwitch) {
  const canvas = element("canvas", { role: "img" });
  const name = element("span", { class: "name" });
  const knob = element("i", { class: "knob" });
  const button = element(step.switch ? "button" : "div", { class: "step", type: step.switch ? "button" : null, "data-key": step.key });
  button.append(element("span", { class: "frame" }, [canvas]), element("span", { class: "foot" }, step.switch ? [knob, name] : [name]));
  if (step.switch) button.addEventListener("click", () => onSwitch(step.key));
  return { button, canvas, name };
}

/** Ink as grey: 0 is the dark ground of the pad, 255 is white. */
function paintInk(canvas, { shape: [rows_, cols], values }) {
  Object.assign(canvas, { width: cols, height: rows_ });
  const context = canvas.getContext("2d");
  const image = context.createImageData(cols, rows_);
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < values.length; i += 1) {
    const v = Math.round(11 + (values[i] / 255) * 244);
    pixels[i] = (255 << 24) | (v << 16) | (v << 8) | v;
  }
  context.putImageData(image, 0, 0);
}

function writeStep(parts, step, texts) {
  paintInk(parts.canvas, step.ink);
  parts.canvas.setAttribute("aria-label", `${step.name}: ${step.note}`);
  parts.name.textContent = step.name;
  parts.button.title = step.note;
  if (step.switch) {
    parts.button.setAttribute("aria-pressed", String(step.on));
    parts.button.setAttribute("aria-label", `${step.name}: ${step.on ? texts.on : texts.off}`);
  }
}

/** Streamlit calls this for every new packet; the row itself stays. */
export default function mountStages({ data, parentElement, setStateValue }) {
  const { header, floats } = readWire(data);
  header.steps.forEach((step) => attachField(step.ink, floats));
  let row = rows.get(parentElement);
  if (!row) {
    row = { root: element("div", { class: "cnnviz-stages", role: "group" }), parts: new Map(), off: new Set() };
    rows.set(parentElement, row);
    parentElement.append(row.root);
  }
  row.root.setAttribute("aria-label", header.texts.label);
  const onSwitch = (key) => {
    if (!row.off.delete(key)) row.off.add(key);
    row.send("off", [...row.off]);
  };
  row.send = setStateValue;
  row.off = new Set(header.steps.filter((step) => step.switch && !step.on).map((step) => step.key));
  const nodes = header.steps.map((step) => {
    if (!row.parts.has(step.key)) row.parts.set(step.key, buildStep(step, onSwitch));
    writeStep(row.parts.get(step.key), step, header.texts);
    return row.parts.get(step.key).button;
  });
  if (nodes.length !== row.root.children.length || nodes.some((node, i) => node !== row.root.children[i])) row.root.replaceChildren(...nodes);
  return undefined;
}
