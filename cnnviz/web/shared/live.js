// The short way between components of one page: what changes under the hand need not wait for a run of the page.

export const INK_DRAWN = "cnnviz:ink";
export const STEPS_TAKEN = "cnnviz:steps";
export const IMAGE_ASKED = "cnnviz:asked"; // what the network was asked about: who shows more of it asks too
export const ANSWERS_FOUND = "cnnviz:answers";

/**
 * Tells the page something; true where somebody takes care of it.
 * @param {string} name
 * @param {unknown} detail
 * @returns {boolean}
 */
export function tell(name, detail) {
  return !window.dispatchEvent(new CustomEvent(name, { detail, cancelable: true }));
}

/**
 * Listens until `signal` is aborted; `take` says whether it takes care of what it was told.
 * @param {string} name
 * @param {(detail: any) => boolean} take
 * @param {AbortSignal} signal
 */
export function hear(name, take, signal) {
  window.addEventListener(name, (event) => take(event.detail) && event.preventDefault(), { signal });
}
