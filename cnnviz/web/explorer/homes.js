// A run may give the explorer another place on the page: what the reader sees, and the focus, move along.

const HOMELESS = 50; // ms for which an explorer without a place waits for another one
/** @type {Set<object>} the explorers that are on the page, or have just lost their place there */
const alive = new Set();

/** An explorer has a place. */
export function live(explorer) {
  alive.add(explorer);
}

/** The explorer that has just lost its place on this page moves to `parentElement`; null where there is none. */
export function moveHere(parentElement) {
  const found = [...alive].find(({ panel, levels }) => !panel.root.isConnected && levels.page === location.pathname);
  if (!found) return null;
  parentElement.append(found.panel.root);
  found.giveFocusBack();
  return found;
}

/** Its place is gone; it waits for another one. */
export function leave(explorer) {
  clearTimeout(explorer.telling);
  explorer.telling = 0;
  setTimeout(() => !explorer.panel.root.isConnected && alive.delete(explorer) && explorer.close(), HOMELESS);
}
