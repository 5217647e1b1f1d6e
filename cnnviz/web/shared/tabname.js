// A name for this tab that a reload does not change, and that no other open tab has: a duplicated one is renamed.

const TAB_NAME = "cnnviz-tab";
// there while the page is open: in a copy of the storage of a tab, and in that of a tab that was killed
const TAB_OPEN = "cnnviz-tab-open";
const TAB_CLAIM = Symbol.for("cnnviz.tab"); // one for the page, however many components ask
const TAB_PATIENCE = 300; // ms in which another tab of the name answers

/** @typedef {{name: string, copied: ?string}} Tab copied: the tab that this one is a duplicate of, null for most */

/** Fails where the storage of tabs is switched off. @returns {Promise<Tab>} */
export async function thisTab() {
  globalThis[TAB_CLAIM] ??= claimTab();
  const tab = await globalThis[TAB_CLAIM];
  keepName(tab.name); // the reader may have had all forgotten since
  return tab;
}

/** A browser that duplicates a tab copies its storage, name included. @returns {Promise<Tab>} */
async function claimTab() {
  const known = sessionStorage.getItem(TAB_NAME);
  const wasOpen = Boolean(sessionStorage.getItem(TAB_OPEN));
  const channel = new BroadcastChannel(TAB_NAME);
  const copied = known && wasOpen && (await isTaken(channel, known)) ? known : null;
  const name = known && !copied ? known : newName();
  keepName(name);
  channel.addEventListener("message", ({ data }) => {
    if (data.asks !== name) return;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- of a window; a channel has one origin
    channel.postMessage({ taken: name });
  });
  addEventListener("pagehide", () => sessionStorage.removeItem(TAB_OPEN));
  addEventListener("pageshow", () => sessionStorage.setItem(TAB_OPEN, "yes"));
  return { name, copied };
}

function keepName(name) {
  sessionStorage.setItem(TAB_NAME, name);
  sessionStorage.setItem(TAB_OPEN, "yes");
}

/** Whether an open tab says that the name is its own; one that was killed says nothing. @returns {Promise<boolean>} */
function isTaken(channel, name) {
  return new Promise((resolve) => {
    const hear = ({ data }) => data.taken === name && resolve(true);
    channel.addEventListener("message", hear);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- of a window; a channel has one origin
    channel.postMessage({ asks: name });
    setTimeout(() => {
      channel.removeEventListener("message", hear);
      resolve(false);
    }, TAB_PATIENCE);
  });
}

/** Nobody else has it. @returns {string} */
export function newName() {
  return Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) => part.toString(36)).join("");
}
