// Keys that Streamlit takes for itself unless a text is typed: R runs the page again, C asks to clear its caches.

import { isPlainKey } from "./plainkey.js";

const TAKEN = new Set(["r", "c"]);

/**
 * Keeps these keys from Streamlit while `root` is on the page and has the focus, or nothing has it: whoever walks or
 * draws by keyboard must not start a run with a stray one. With Control or Command they mean what they always do.
 * @param {Element} root
 * @param {AbortSignal} [end] for a root that may leave the page for a moment; without it, leaving is the end
 */
export function keepStrayKeys(root, end) {
  const listen = (event) => {
    if (!root.isConnected) return end ?? window.removeEventListener("keydown", listen, { capture: true });
    const path = event.composedPath();
    const isOurs = path.includes(root) || path[0] === document.body;
    const isTyped = path.some(
      (node) => node instanceof Element && node.matches("input[type=text], input[type=number], textarea, select")
    );
    if (isOurs && isPlainKey(event) && !isTyped && TAKEN.has(event.key.toLowerCase())) event.stopPropagation();
    return undefined;
  };
  window.addEventListener("keydown", listen, { capture: true, signal: end });
}
