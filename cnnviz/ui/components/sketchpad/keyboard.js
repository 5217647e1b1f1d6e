// Drawing without a pointer: a cross-hair that the arrow keys move, a pen that Space puts down and lifts.

import {commandOf, movedBy} from "./keys.js";

/** @typedef {import("./sketch.js").Sketch} Sketch */

/**
 * @param {HTMLElement} root takes the short cuts (tool buttons included)
 * @param {HTMLElement} pad takes the keys that draw
 * @param {Sketch} sketch
 * @param {{run: (command: string) => void, say: (text: string, values?: object) => void,
 *   onCross: (at: [number, number] | null) => void, signal: AbortSignal}} options
 */
export function listenToKeys(root, pad, sketch, {run, say, onCross, signal}) {
  /** @type {[number, number]} */
  let at = [0.5, 0.5];
  let isDown = false;
  const held = new Set();

  function togglePen() {
    if (isDown) return lift();
    isDown = true;
    sketch.begin(at, {isSmooth: false});
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
    say("position", {column: Math.min(28, Math.floor(at[0] * 28) + 1), row: Math.min(28, Math.floor(at[1] * 28) + 1)});
  }

  function onKeyDown(event) {
    const command = commandOf(event);
    const draws = command === "move" || command === "pen" || command === "lift" || command === "clear";
    if (command === null || (draws && event.target !== pad)) return;
    if (command === "lift" && !isDown) return;
    event.preventDefault();
    event.stopPropagation();
    if (command === "move") move(event);
    else if (command === "pen") event.repeat || togglePen();
    else if (command === "lift") lift();
    else act(command);
  }

  function act(command) {
    lift();
    run(command);
  }

  root.addEventListener("keydown", onKeyDown, {signal});
  root.addEventListener("keyup", (event) => held.delete(event.key), {signal});
  pad.addEventListener("pointerdown", () => {
    lift();
    onCross(null);
  }, {signal, capture: true});
  pad.addEventListener("focus", () => pad.matches(":focus-visible") && onCross(at), {signal});
  pad.addEventListener("blur", () => {
    lift();
    held.clear();
    onCross(null);
  }, {signal});
}
