// A file, put into the reader's hands.

import { element } from "./dom.js";

/** A file that Python made. @param {{name: string, bytes: {values: Uint8Array}}} file */
export function saveFile({ name, bytes }) {
  saveBlob(name, new Blob([bytes.values], { type: "application/octet-stream" }));
}

/** @param {string} name @param {Blob} blob */
export function saveBlob(name, blob) {
  const address = URL.createObjectURL(blob);
  const link = element("a", { href: address, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

const LONGEST_PART = 60; // characters

/**
 * The name of a file from words that may come from anybody: letters, digits, dots, no path, nothing hidden.
 * @param {string[]} parts
 * @param {string} ending
 * @returns {string}
 */
export function fileName(parts, ending) {
  const plain = parts.map((part) =>
    String(part)
      .normalize("NFKC")
      .replace(/[^\p{L}\p{N}._-]+/gu, "-")
      .replace(/\.{2,}/g, ".")
      .slice(0, LONGEST_PART)
      .replace(/^[-._]+|[-._]+$/g, "")
  );
  return `cnnviz-${plain.filter(Boolean).join("-")}.${ending}`;
}
