// A file made by Python, put into the reader's hands.

import { element } from "../shared/dom.js";

/** @param {{name: string, bytes: {values: Uint8Array}}} file */
export function saveFile({ name, bytes }) {
  const address = URL.createObjectURL(new Blob([bytes.values], { type: "application/octet-stream" }));
  const link = element("a", { href: address, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
