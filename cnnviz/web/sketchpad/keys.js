// What a key means on the pad: names of commands, no effects.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const PLAIN = {
  " ": "touch",
  Enter: "touch",
  Escape: "lift",
  Delete: "clear",
  Backspace: "clear",
  e: "change",
  p: "pen",
  "[": "thinner",
  "]": "thicker",
};
const BRACKETS = new Set(["[", "]"]);
/** One cell of the 28 that the network gets, and with Shift four. */
const STEP = 1 / 28;
const LARGE_STEP = 4 / 28;

/**
 * @param {{key: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean, shiftKey?: boolean}} event
 * @returns {"undo" | "redo" | "touch" | "lift" | "clear" | "pen" | "change" | "thinner" | "thicker" | "move" | null}
 */
export function commandOf({ key, ctrlKey = false, metaKey = false, altKey = false, shiftKey = false }) {
  const letter = key.toLowerCase();
  if ((ctrlKey || metaKey) && !altKey) {
    if (letter === "z") return shiftKey ? "redo" : "undo";
    return letter === "y" && !shiftKey ? "redo" : null;
  }
  // Brackets stand on AltGr on some keyboards, which says so as Alt (and on Windows as Control too).
  if (altKey && !BRACKETS.has(key)) return null;
  if (Object.hasOwn(ARROWS, key)) return "move";
  const name = key.length === 1 ? letter : key;
  return Object.hasOwn(PLAIN, name) ? PLAIN[name] : null;
}

/**
 * Where the cross-hair goes while these keys are held (two arrows together go diagonally), kept inside the pad.
 * @param {[number, number]} at
 * @param {Iterable<string>} held
 * @param {boolean} isLarge
 * @returns {[number, number]}
 */
export function movedBy(at, held, isLarge) {
  const moved = [...at];
  for (const key of held) {
    for (const axis of [0, 1]) moved[axis] += ARROWS[key][axis] * (isLarge ? LARGE_STEP : STEP);
  }
  return /** @type {[number, number]} */ (moved.map((value) => Math.min(1, Math.max(0, value))));
}
