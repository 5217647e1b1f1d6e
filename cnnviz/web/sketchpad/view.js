// The pad's elements: the square with its canvases, the tool bar, the words for screen readers.

import { pixelRatio } from "../shared/canvas.js";
import { element, svgElement } from "../shared/dom.js";
import { THICKEST, THINNEST } from "./sketch.js";

/** Our own drawings, on a field of 24 × 24. */
const ICONS = {
  pen: ["M5 19l1-4L16.5 4.5a1.8 1.8 0 0 1 2.5 0l.5.5a1.8 1.8 0 0 1 0 2.5L9 18z", "M14.5 6.5l3 3"],
  eraser: ["M4.5 15.5 13 7a2 2 0 0 1 2.8 0l3.2 3.2a2 2 0 0 1 0 2.8L13 19H8z", "M9.5 10.5l6 6", "M6 19h13"],
  undo: ["M8 6 4 10l4 4", "M4 10h10a5 5 0 0 1 0 10h-4"],
  redo: ["M16 6l4 4-4 4", "M20 10H10a5 5 0 0 0 0 10h4"],
  clear: ["M4 7h16", "M9 7V4.5h6V7", "M6 7l1 13h10l1-13", "M10 11v5", "M14 11v5"],
};

/**
 * @typedef {{root: HTMLElement, pad: HTMLElement, guide: HTMLCanvasElement, ink: HTMLCanvasElement,
 *   tip: HTMLCanvasElement, prompt: HTMLElement, promptText: HTMLElement, keyHint: HTMLElement, instructions:
 *   HTMLElement, status: HTMLElement,
 *   tools: HTMLElement, width: HTMLInputElement, buttons: Record<"pen" | "eraser" | "undo" | "redo" | "clear",
 *   HTMLElement>}} View
 */

/** @returns {View} */
export function buildView() {
  const [guide, ink, tip] = ["guide", "ink", "tip"].map(canvasElement);
  const pad = element("div", { class: "pad", role: "application", tabindex: 0, "aria-describedby": "instructions" });
  pad.append(guide, ink, tip);
  const promptText = element("span");
  const keyHint = element("span", { class: "key-hint" });
  const prompt = element("div", { class: "prompt", "aria-hidden": "true" }, [promptText, keyHint]);
  const buttons = {
    pen: iconButton("pen"),
    eraser: iconButton("eraser"),
    undo: iconButton("undo"),
    redo: iconButton("redo"),
    clear: iconButton("clear"),
  };
  const width = /** @type {HTMLInputElement} */ (
    element("input", { type: "range", min: THINNEST, max: THICKEST, step: 0.01 })
  );
  const tools = element("div", { class: "tools", role: "group" }, [
    ...Object.values(buttons),
    element("span", { class: "width" }, [dot(5), width, dot(13)]),
  ]);
  const instructions = element("p", { class: "unseen", id: "instructions" });
  const status = element("div", { class: "unseen", role: "status", "aria-live": "polite" });
  const square = element("div", { class: "square" }, [pad, prompt]);
  const root = element("div", { class: "sketchpad" }, [square, tools, instructions, status]);
  return { root, pad, guide, ink, tip, prompt, promptText, keyHint, instructions, status, tools, width, buttons };
}

function canvasElement(name) {
  return /** @type {HTMLCanvasElement} */ (element("canvas", { class: name }));
}

/** @param {keyof typeof ICONS} name */
function iconButton(name) {
  const lines = ICONS[name].map((d) => svgElement("path", { d }));
  const icon = svgElement("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, lines);
  return element("button", { type: "button", class: name, "aria-pressed": isTool(name) && "false" }, [icon]);
}

/** Whether one draws with it, until another one is taken. */
function isTool(name) {
  return name === "pen" || name === "eraser";
}

function dot(size) {
  return element("i", { class: "dot", style: `width:${size}px;height:${size}px` });
}

/**
 * Put every text in its place.
 * @param {View} view
 * @param {Record<string, string>} texts
 */
export function showTexts(view, texts) {
  view.pad.setAttribute("aria-label", texts.label);
  view.tools.setAttribute("aria-label", texts.tools);
  view.promptText.textContent = texts.prompt;
  view.keyHint.textContent = texts.key_hint;
  view.instructions.textContent = texts.instructions;
  nameControl(view.width, texts.width);
  for (const [name, button] of Object.entries(view.buttons)) nameControl(button, texts[name]);
}

function nameControl(control, text) {
  control.setAttribute("aria-label", text);
  control.setAttribute("title", text);
}

/**
 * Show what can be done now. Buttons stay focusable when there is nothing to undo, so that focus is not lost.
 * @param {View} view
 * @param {import("./sketch.js").Sketch} sketch
 */
export function showTools(view, sketch) {
  view.buttons.pen.setAttribute("aria-pressed", String(!sketch.isEraser));
  view.buttons.eraser.setAttribute("aria-pressed", String(sketch.isEraser));
  view.buttons.eraser.setAttribute("aria-disabled", String(sketch.isEmpty));
  view.buttons.undo.setAttribute("aria-disabled", String(sketch.past.length === 0));
  view.buttons.redo.setAttribute("aria-disabled", String(sketch.future.length === 0));
  view.buttons.clear.setAttribute("aria-disabled", String(sketch.isEmpty));
  view.width.value = String(sketch.width);
  view.prompt.hidden = !sketch.isEmpty;
}

/**
 * Give the canvases as many pixels as the screen has under them; says whether that changed anything.
 * @param {View} view
 * @returns {boolean}
 */
export function fitCanvases({ pad, guide, ink, tip }) {
  const side = Math.max(1, Math.round(pad.getBoundingClientRect().width * pixelRatio()));
  if (ink.width === side) return false;
  for (const canvas of [guide, ink, tip]) canvas.width = canvas.height = side;
  return true;
}
