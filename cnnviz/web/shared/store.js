// What a visitor made, kept in this browser: texts by name, each tab's own, the newest for a tab that has none yet.

import { thisTab } from "./tabname.js";

const DATABASE = "cnnviz";
const TABLE = "kept";
const PREFIX = "cnnviz"; // of everything of ours in the tab's own storage
const MOST_TABS = 4; // whose texts of one name are kept

/** @typedef {{name: string, tab: string, text: string, at: number}} Kept */

/**
 * The text that was kept under `name`; empty where there is none, or where this browser keeps nothing.
 * @param {string} name
 * @returns {Promise<string>}
 */
export async function readKept(name) {
  try {
    const tab = await thisTab();
    const records = await recordsOf(await openTable("readonly"), name);
    const of = (wanted) => records.find((record) => record.tab === wanted);
    return (of(tab.name) ?? of(tab.copied) ?? newestFirst(records)[0])?.text ?? "";
  } catch {
    return ""; // storage that is switched off
  }
}

/**
 * Keeps `text` under `name`; an empty one too, so that a new tab does not bring back what was thrown away.
 * @param {string} name
 * @param {string} text
 * @returns {Promise<boolean>} whether it is kept: not before it is on its way to the disk as a whole
 */
export async function writeKept(name, text) {
  try {
    const tab = (await thisTab()).name; // first: a transaction waits for nothing else
    const table = await openTable("readwrite");
    const isDone = isCompleted(table.transaction);
    const others = newestFirst(await recordsOf(table, name)).filter((record) => record.tab !== tab);
    const at = Math.max(Date.now(), 1 + (others[0]?.at ?? 0)); // a clock that was set back makes nothing older
    table.put({ name, tab, text, at });
    for (const record of others.slice(MOST_TABS - 1)) table.delete([record.name, record.tab]);
    return await isDone;
  } catch {
    return false;
  }
}

/** Forgets everything that this browser keeps of the app, in all tabs. */
export async function forgetKept() {
  try {
    await answer((await openTable("readwrite")).clear());
  } catch {
    // nothing can be kept there, so nothing is
  }
  for (const storage of [sessionStorage, localStorage]) {
    for (const key of Object.keys(storage)) if (key.startsWith(PREFIX)) storage.removeItem(key);
  }
}

/** @param {Kept[]} records */
function newestFirst(records) {
  return [...records].sort((one, other) => other.at - one.at);
}

/** @returns {Promise<Kept[]>} */
function recordsOf(table, name) {
  return answer(table.getAll(IDBKeyRange.bound([name], [name, []])));
}

async function openTable(mode) {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: ["name", "tab"] });
  const database = await answer(request);
  const transaction = database.transaction(TABLE, mode);
  for (const end of ["complete", "abort"]) transaction.addEventListener(end, () => database.close());
  return transaction.objectStore(TABLE);
}

/** @returns {Promise<boolean>} whether all that a transaction was to do is done; else nothing of it is */
function isCompleted(transaction) {
  return new Promise((resolve) => {
    transaction.addEventListener("complete", () => resolve(true));
    transaction.addEventListener("abort", () => resolve(false));
  });
}

/** A request of IndexedDB as a promise. */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });
}
