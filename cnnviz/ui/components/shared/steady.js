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
  timers.set(page, setTimeout(() => (page.style.minHeight = ""), HELD));
}

/**
 * What has the focus in a component has it again after the component was hidden for some frames.
 * @param {HTMLElement} root
 */
export function keepFocus(root) {
  /** @type {?HTMLElement} */
  let lost = null;
  root.addEventListener("focusout", ({ target }) => (lost = root.checkVisibility() ? null : target));
  new ResizeObserver(() => {
    if (!lost || !root.checkVisibility()) return;
    if (document.activeElement === document.body) lost.focus({ preventScroll: true });
    lost = null;
  }).observe(root);
}
