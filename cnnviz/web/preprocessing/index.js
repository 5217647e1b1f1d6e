// The steps from ink to input: one small picture each, with a switch.

import { paintPixels } from "../shared/canvas.js";
import { element, isOnPage } from "../shared/dom.js";
import { STEPS_TAKEN, hear } from "../shared/live.js";
import { attachField, readWire } from "../shared/wire.js";

const rows = new WeakMap();

/** One step, built once for each key; later packets only change it. */
function buildStep(step, onSwitch) {
  const canvas = element("canvas", { role: "img" });
  const name = element("span", { class: "name" });
  const knob = element("i", { class: "knob" });
  const button = element(step.switch ? "button" : "div", {
    class: "step",
    type: step.switch ? "button" : null,
    "data-key": step.key,
  });
  button.append(
    element("span", { class: "frame" }, [canvas]),
    element("span", { class: "foot" }, step.switch ? [knob, name] : [name])
  );
  if (step.switch) button.addEventListener("click", () => onSwitch(step.key));
  return { button, canvas, name };
}

/** Ink as grey: 0 is the dark ground of the pad, 255 is white. */
function paintInk(canvas, { shape: [tall, cols], values }) {
  paintPixels(canvas, { rows: tall, cols }, (pixels) => {
    for (let i = 0; i < values.length; i += 1) {
      const v = Math.round(11 + (values[i] / 255) * 244);
      pixels[i] = (255 << 24) | (v << 16) | (v << 8) | v;
    }
  });
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

/** One row of steps on the page. */
function createRow(parentElement) {
  const row = {
    root: element("div", { class: "cnnviz-stages", role: "group" }),
    parts: new Map(),
    off: new Set(),
    send: null,
    title: element("span", { class: "title" }),
  };
  const end = new AbortController();
  hear(STEPS_TAKEN, (bytes) => showSteps(row, bytes), end.signal);
  parentElement.append(row.root);
  return { row, end };
}

/** @param {Uint8Array} bytes @returns {boolean} */
function showSteps(row, bytes, isRun = false) {
  const { header, body } = readWire(bytes);
  header.steps.forEach((step) => attachField(step.ink, body));
  row.root.setAttribute("aria-label", header.texts.label);
  if (isRun) row.off = new Set(header.steps.filter((step) => step.switch && !step.on).map((step) => step.key));
  const nodes = header.steps.map((step) => {
    if (!row.parts.has(step.key))
      row.parts.set(
        step.key,
        buildStep(step, (key) => toggle(row, key))
      );
    writeStep(row.parts.get(step.key), step, header.texts);
    return row.parts.get(step.key).button;
  });
  row.title.textContent = header.texts.label;
  const wanted = [row.title, ...nodes];
  const same = wanted.length === row.root.children.length && wanted.every((node, i) => node === row.root.children[i]);
  if (!same) row.root.replaceChildren(...wanted);
  return true;
}

function toggle(row, key) {
  if (!row.off.delete(key)) row.off.add(key);
  row.send("off", [...row.off]);
}

/** Streamlit calls this for every new packet; the row itself stays. */
export default function mountPreprocessing({ data, parentElement, setStateValue }) {
  if (!rows.has(parentElement)) rows.set(parentElement, createRow(parentElement));
  const { row, end } = rows.get(parentElement);
  row.send = setStateValue;
  showSteps(row, data, true);
  return () => {
    if (isOnPage(parentElement)) return;
    end.abort();
    row.root.remove();
    rows.delete(parentElement);
  };
}
