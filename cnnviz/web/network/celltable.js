// The whole arithmetic of one cell as a table, asked of Python when the walk rests.

import { element } from "../shared/dom.js";

/**
 * @param {string} url
 * @param {object} question which network, language and unit
 * @param {Float32Array} image the network's input
 * @returns {Promise<?{problem?: string, caption: string, head: string[], rows: string[][], sums: string[][]}>} null
 *   where
 *   nobody answers
 */
export async function askLedger(url, question, image) {
  try {
    const body = JSON.stringify({ ...question, image: base64Of(image) });
    const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body });
    return answer.ok ? await answer.json() : { problem: await answer.text() };
  } catch {
    return null;
  }
}

/** The bytes of float32 numbers, little-endian, in base64. */
export function base64Of(values) {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/** Writes the table, or the one sentence that says why there is none. */
export function writeLedger(box, ledger) {
  if (ledger.problem) return box.replaceChildren(element("p", { class: "problem" }, [ledger.problem]));
  const cells = (row, tag, rest = {}) => row.map((text) => element(tag, rest, [text]));
  const line = (row) =>
    element("tr", { class: row.length > 3 && row[2] === "" ? "share" : null }, [
      element("th", { scope: "row" }, [row[0]]),
      ...cells(row.slice(1), "td"),
    ]);
  return box.replaceChildren(
    element("table", { class: "ledger" }, [
      element("caption", {}, [ledger.caption]),
      element("thead", {}, [element("tr", {}, cells(ledger.head, "th", { scope: "col" }))]),
      element("tbody", {}, ledger.rows.map(line)),
      element("tfoot", {}, ledger.sums.map(line)),
    ])
  );
}
