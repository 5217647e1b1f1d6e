// Mouse, finger and pen on the pad: one pointer at a time, every point that the device has seen.

import { momentsOf } from "../shared/moments.js";

/** @typedef {import("./sketch.js").Sketch} Sketch */

const PRIMARY_BUTTON = 0;
const ERASER_BUTTON = 5;
const ERASER_PRESSED = 32;

/**
 * Where the event is on a square that stands at `rect`, as fractions of its side.
 * @param {{left: number, top: number, width: number, height: number}} rect
 * @param {{clientX: number, clientY: number}} event
 * @returns {[number, number]}
 */
function pointIn(rect, { clientX, clientY }) {
  return [(clientX - rect.left) / rect.width, (clientY - rect.top) / rect.height];
}

/** @param {{button: number, buttons: number}} event */
function isEraserEnd({ button, buttons }) {
  return button === ERASER_BUTTON || (buttons & ERASER_PRESSED) !== 0;
}

/**
 * @param {HTMLElement} pad
 * @param {Sketch} sketch
 * @param {{onHover: (at: [number, number] | null) => void, signal: AbortSignal}} options
 */
export function listenToPointer(pad, sketch, { onHover, signal }) {
  /** @type {number | null} the pointer that draws; a second finger is ignored */
  let drawing = null;

  function start(event) {
    if (drawing !== null || !(event.button === PRIMARY_BUTTON || isEraserEnd(event))) return;
    event.preventDefault();
    drawing = event.pointerId;
    pad.setPointerCapture(event.pointerId);
    pad.focus({ preventScroll: true });
    hover(event);
    sketch.begin(pointIn(pad.getBoundingClientRect(), event), isEraserEnd(event) ? { erases: true } : {});
  }

  function move(event) {
    if (event.pointerId === drawing && event.buttons === 0) end(event);
    if (drawing === null || event.pointerId === drawing) hover(event);
    if (event.pointerId !== drawing) return;
    const rect = pad.getBoundingClientRect();
    sketch.extend(momentsOf(event).map((each) => pointIn(rect, each)));
  }

  function end(event) {
    if (event.pointerId !== drawing) return;
    drawing = null;
    if (event.pointerType === "touch") onHover(null);
    sketch.finish();
  }

  function lift(event) {
    if (event.pointerId === drawing) sketch.extend([pointIn(pad.getBoundingClientRect(), event)]);
    end(event);
  }

  function hover(event) {
    onHover(pointIn(pad.getBoundingClientRect(), event));
  }

  const on = (name, listener) => pad.addEventListener(name, listener, { signal });
  on("pointerdown", start);
  on("pointermove", move);
  on("pointerup", lift);
  // A cancelled pointer (a call comes in, the system takes the gesture) keeps its ink; undo is at hand.
  on("pointercancel", end);
  on("lostpointercapture", end);
  on("pointerleave", () => drawing === null && onHover(null));
  on("contextmenu", (event) => event.preventDefault());
}
