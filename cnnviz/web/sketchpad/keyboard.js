// Drawing without a pointer: a cross-hair that the arrow keys move, a pen that Space puts down and lifts.

import { commandOf, movedBy } from "./keys.js";

/** @typedef {import("./sketch.js").Sketch} Sketch */

const CELLS_A_SIDE = 28;

/**
 * @param {HTMLElement} root takes the short cuts (tool buttons included)
 * @param {HTMLElement} pad takes the keys that draw
 * @param {Sketch} sketch
 * @param {{run: (command: string) => void, say: (text: string, values?: object) => void,
 *   onCross: (at: [number, number] | null) => void, signal: AbortSignal}} options
 */
export function listenToKeys(root, pad, sketch, { run, say, onCross, signal }) {
  /** @type {[number, number]} */
  let at = [0.5, 0.5];
  let isDown = false;
  const held = new Set();

  function togglePen() {
    if (isDown) return lift();
    isDown = true;
    sketch.begin(at, { isSmooth: false });
    onCross(at);
    return say("pen_down");
  }

  function lift() {
    if (!isDown) return;
    isDown = false;
    sketch.finish();
    say("pen_up");
  }

  function move(event) {
    held.add(event.key);
    at = movedBy(at, held, event.shiftKey);
    onCross(at);
    if (isDown) sketch.extend([at]);
    say("position", { column: cellOf(at[0]), row: cellOf(at[1]) });
  }

  function onFocus() {
    if (pad.dataset.by === "pointer" || !pad.matches(":focus-visible")) return;
    pad.dataset.by = "keys";
    onCross(at);
  }

  /** The pointer takes over: no cross-hair and, although the pad gets the focus, no ring around it. */
  function onPointerDown() {
    lift();
    onCross(null);
    pad.dataset.by = "pointer";
  }

  function onBlur() {
    lift();
    held.clear();
    onCross(null);
    delete pad.dataset.by;
  }

  function onKeyDown(event) {
    const command = commandOf(event);
    const draws = command === "move" || command === "touch" || command === "lift" || command === "clear";
    if (command === null || (draws && event.target !== pad)) return;
    if (command === "lift" && !isDown) return;
    event.preventDefault();
    event.stopPropagation();
    pad.dataset.by = "keys";
    if (command === "move") move(event);
    else if (command === "touch") {
      if (!event.repeat) togglePen();
    } else if (command === "lift") lift();
    else act(command);
  }

  function act(command) {
    lift();
    run(command);
  }

  root.addEventListener("keydown", onKeyDown, { signal });
  root.addEventListener("keyup", (event) => held.delete(event.key), { signal });
  pad.addEventListener("pointerdown", onPointerDown, { signal, capture: true });
  pad.addEventListener("focus", onFocus, { signal });
  pad.addEventListener("blur", onBlur, { signal });
}

/** The network's column or row, counted from 1, at `share` of the side. */
function cellOf(share) {
  return Math.min(CELLS_A_SIDE, Math.floor(share * CELLS_A_SIDE + 1e-9) + 1);
}
