// What the page's address cannot carry: said by who writes it, read by who copies it.

const PLACE = "cnnvizLeftOut";

/** @param {string} sentence empty where the address carries all */
export function leaveOutOfLink(sentence) {
  document.documentElement.dataset[PLACE] = sentence;
}

/** @returns {string} */
export function leftOutOfLink() {
  return document.documentElement.dataset[PLACE] ?? "";
}
