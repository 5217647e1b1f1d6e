// Mouse or finger: what pointing at something means, and the words for it.

/** @returns {boolean} whether the reader's first pointer is a finger: it cannot hover */
export function isByFinger() {
  return matchMedia("(hover: none), (pointer: coarse)").matches;
}

/**
 * Texts for the hand that is at work: for a finger `name_touch`, where there is one, takes the place of `name`.
 * @template T
 * @param {T} texts
 * @param {boolean} [byFinger]
 * @returns {T}
 */
export function textsForHand(texts, byFinger = isByFinger()) {
  if (!byFinger || texts === null || typeof texts !== "object") return texts;
  if (Array.isArray(texts)) return texts.map((each) => textsForHand(each, byFinger));
  const chosen = Object.entries(texts).map(([name, text]) => [
    name,
    textsForHand(texts[`${name}_touch`] ?? text, byFinger),
  ]);
  return Object.fromEntries(chosen);
}

/**
 * Tells what is pointed at: under the mouse, or under the last tap, which stays when the finger is lifted.
 * @param {Element} target
 * @param {(event: PointerEvent) => void} onPoint
 * @param {() => void} onLeave
 */
export function listenToPointing(target, onPoint, onLeave) {
  for (const name of ["pointerover", "pointermove", "pointerdown"]) target.addEventListener(name, onPoint);
  target.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && onLeave());
}
