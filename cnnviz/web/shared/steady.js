// Streamlit hides components for some frames of a run: the page would scroll to its top meanwhile, the focus be lost.

const HELD = 2000; // ms, longer than a run takes
/** @type {WeakMap<HTMLElement, number>} */
const timers = new WeakMap();

/**
 * The page keeps its height for the run that is about to begin, and with it the place to which one has scrolled.
 * @param {Element} root of a component
 */
export function holdPage(root) {
  const page = root.getRootNode().host?.closest('[data-testid="stMainBlockContainer"]');
  if (!page) return;
  page.style.minHeight = `${page.offsetHeight}px`;
  clearTimeout(timers.get(page));
  timers.set(
    page,
    setTimeout(() => (page.style.minHeight = ""), HELD)
  );
}

const OF_A_HAND = 300; // ms after a press in which a loss of focus is the hand's own doing
let pressedAt = -Infinity;
let isListening = false;

function listenToHand() {
  if (!isListening) window.addEventListener("pointerdown", () => (pressedAt = performance.now()), { capture: true });
  isListening = true;
}

/**
 * Whether a loss of focus was nobody's will: a run has hidden the component, often for less than the browser tells.
 * A field of text gives its focus up by itself, after Enter.
 * @param {FocusEvent} event of "blur" or "focusout"
 * @returns {boolean}
 */
export function isTakenAway({ target, relatedTarget }) {
  const isByHand = performance.now() - pressedAt < OF_A_HAND;
  return relatedTarget === null && document.hasFocus() && !isByHand && !target.matches("input[type=text]");
}

/**
 * What has the focus in a component has it again after a run has hidden the component for some frames.
 * @param {HTMLElement} root
 * @returns {() => void} gives it back now
 */
export function keepFocus(root) {
  listenToHand();
  /** @type {?HTMLElement} */
  let lost = null;
  const giveBack = () => {
    if (!lost?.checkVisibility()) return;
    if (document.activeElement === document.body) lost.focus({ preventScroll: true });
    lost = null;
  };
  root.addEventListener("focusout", (event) => {
    lost = isTakenAway(event) || !root.checkVisibility() ? event.target : null;
    if (lost) requestAnimationFrame(giveBack);
  });
  new ResizeObserver(giveBack).observe(root);
  return giveBack;
}
