// Streamlit takes components off the page for some frames of a run: a short page would scroll to its top meanwhile.

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
