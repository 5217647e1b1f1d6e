// Keeps one text of the visitor's in this browser, and says at the start of a session what was kept. Nothing to see.

import { readKept, writeKept } from "../shared/store.js";

/**
 * @typedef {{name: string, session: string, asks: boolean, mark: string, text: ?string}} KeeperData
 * session: which session of the server asks; mark: names the text; text: null where the browser should have it already.
 */

const UNKNOWN = "unknown";
const NOTHING = "nothing";
const SAID = "said";
const answers = new Map(); // session and name → what was kept
const newest = new Map(); // name → what the last run gave
const written = new Map(); // name → mark of the text that is kept

/** Whether this page was loaded again: what was kept is then newer than what the address says. */
function isReload() {
  return performance.getEntriesByType("navigation")[0]?.type === "reload";
}

/** Streamlit calls this for every run. */
export default function mountBrowserStore({ data, setStateValue }) {
  const { name, session, asks } = data;
  const question = `${session} ${name}`;
  newest.set(name, { data, setStateValue });
  if (!asks || answers.get(question) === NOTHING) keep(name);
  else if (!answers.has(question)) {
    answers.set(question, UNKNOWN);
    readKept(name).then((found) => hear(question, name, session, found));
  }
}

/** Python hears only of something: each report is a run of the page. */
function hear(question, name, session, found) {
  answers.set(question, found ? SAID : NOTHING);
  const { data, setStateValue } = newest.get(name);
  if (found) setStateValue("found", { session, text: found, is_reload: isReload() });
  else if (data.session === session) keep(name);
}

function keep(name) {
  const { data, setStateValue } = newest.get(name);
  const { session, mark, text } = data;
  if (written.get(name) === mark) return;
  if (text === null) setStateValue("lacks", { session, mark });
  else {
    written.set(name, mark);
    writeKept(name, text);
  }
}
