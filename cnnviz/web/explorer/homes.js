// A run may give the explorer another place on the page: what the reader sees, and the focus, move along. Where another
// network takes its place, nothing does: what was edited and opened is that network's.

const HOMELESS = 50; // ms for which an explorer without a place waits for another one
/** @type {Set<object>} the explorers that are on the page, or have just lost their place there */
const alive = new Set();
/** @type {WeakMap<Element, object>} the explorer of each place */
const places = new WeakMap();

/**
 * The explorer of `network` at `parentElement`: the one that is there, one that has just lost its place, or a new one,
 * if one can be made.
 * @param {Element} parentElement
 * @param {string | undefined} network its key, as far as Python says it
 * @param {() => ?object} make
 * @returns {?object}
 */
export function explorerAt(parentElement, network, make) {
  const here = places.get(parentElement);
  if (here && here.network !== network) end(here);
  const isHere = here && alive.has(here);
  const explorer = isHere ? here : (moveHere(parentElement, network) ?? make());
  if (!explorer) return null;
  explorer.network = network;
  places.set(parentElement, explorer);
  alive.add(explorer);
  return explorer;
}

/** The explorer that has just lost its place on this page moves to `parentElement`; null where there is none. */
function moveHere(parentElement, network) {
  const found = [...alive].find(
    (one) => !one.panel.root.isConnected && one.levels.page === location.pathname && one.network === network
  );
  if (!found) return null;
  parentElement.append(found.panel.root);
  found.giveFocusBack();
  return found;
}

/** What was at `parentElement` has lost its place; it waits for another one. */
export function leave(parentElement) {
  const explorer = places.get(parentElement);
  places.delete(parentElement);
  if (!explorer) return;
  explorer.telling.stop();
  setTimeout(() => !explorer.panel.root.isConnected && end(explorer), HOMELESS);
}

function end(explorer) {
  if (alive.delete(explorer)) explorer.close();
}
