// Keeps one text of the visitor's in this browser, and says at the start of a session what was kept. Nothing to see.

import { readKept, writeKept } from "../shared/store.js";

/**
 * @typedef {{name: string, session: string, asks: boolean, mark: string, text: ?string}} KeeperData
 * session: which session of the server asks; mark: names the text; text: null where the browser should have it already.
 */

const answered = new Set(); // sessions and names
const written = new Map(); // name → mark of the text that is kept

/** Whether this page was loaded again: what was kept is then newer than what the address says. */
function isReload() {
  return performance.getEntriesByType("navigation")[0]?.type === "reload";
}

/** Streamlit calls this for every run. */
export default function mountBrowserStore({ data, setStateValue }) {
  const { name, session, asks, mark, text } = data;
  if (asks) {
    const question = `${session} ${name}`;
    if (answered.has(question)) return;
    answered.add(question);
    readKept(name).then((found) => setStateValue("found", { session, text: found, is_reload: isReload() }));
  } else if (written.get(name) !== mark) {
    if (text === null) setStateValue("lacks", { session, mark });
    else {
      written.set(name, mark);
      writeKept(name, text);
    }
  }
}
