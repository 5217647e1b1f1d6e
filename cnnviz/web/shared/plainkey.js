// Keys that are the browser's own: Alt and an arrow lead back, Control and plus enlarge the page.

/**
 * Whether a key is pressed by itself or with Shift: with Alt, Control or Command it means what it does everywhere.
 * @param {{ctrlKey: boolean, metaKey: boolean, altKey: boolean}} event
 * @returns {boolean}
 */
export function isPlainKey({ ctrlKey, metaKey, altKey }) {
  return !ctrlKey && !metaKey && !altKey;
}
