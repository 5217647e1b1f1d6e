// The whole arithmetic of one cell as a table, asked of Python when the walk rests.

import { element } from "../shared/dom.js";
import { jsonIn, post } from "../shared/post.js";
import { base64Of } from "../shared/wire.js";

/**
 * @param {string} url
 * @param {object} question which network, language and unit
 * @param {Float32Array} image the network's input
 * @returns {Promise<?{problem?: string, caption: string, head: string[], rows: string[][], sums: string[][]}>}
 *   null where nobody answers
 */
export async function askCellTable(url, question, image) {
  const answer = await post(url, { ...question, image: base64Of(image) });
  return answer.bytes || answer.status === 0 ? jsonIn(answer) : { problem: answer.words };
}

/** Writes the table, or the one sentence that says why there is none. */
export function writeCellTable(box, table) {
  if (table.problem) return box.replaceChildren(element("p", { class: "problem" }, [table.problem]));
  const cells = (row, tag, rest = {}) => row.map((text) => element(tag, rest, [text]));
  const line = (row) =>
    element("tr", { class: row.length > 3 && row[2] === "" ? "share" : null }, [
      element("th", { scope: "row" }, [row[0]]),
      ...cells(row.slice(1), "td"),
    ]);
  return box.replaceChildren(
    element("table", { class: "ledger" }, [
      element("caption", {}, [table.caption]),
      element("thead", {}, [element("tr", {}, cells(table.head, "th", { scope: "col" }))]),
      element("tbody", {}, table.rows.map(line)),
      element("tfoot", {}, table.sums.map(line)),
    ])
  );
}
