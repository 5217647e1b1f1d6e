// When to tell Python about something that keeps changing under the hand: soon, but one update at a time.

/**
 * Whether Streamlit is at rest: no run asked for, none going on. True where the page does not say.
 * A new update would stop a run half-way, so that nothing would be painted while the hand moves.
 * @returns {boolean}
 */
function isAppAtRest() {
  const state = document.querySelector('[data-testid="stApp"]')?.getAttribute("data-test-script-state");
  return state !== "running" && state !== "rerunRequested";
}

/**
 * A sender of the latest state. `offer()` says that there is something new: it goes out when the last update is at
 * least `gap` ms old and has been answered, or at the latest after `patience` ms. `flush()` sends at once.
 * What has just been sent is not sent again.
 * @param {{read: () => unknown, send: (value: any) => void, isAtRest?: () => boolean, gap?: number, patience?: number,
 *   now?: () => number, later?: (task: () => void, ms: number) => any, cancel?: (timer: any) => void}} options
 * @returns {{offer: () => void, flush: () => void, stop: () => void}}
 */
export function createSender({
  read,
  send,
  isAtRest = isAppAtRest,
  gap = 60,
  patience = 1000,
  now = () => performance.now(),
  later = (task, ms) => setTimeout(task, ms),
  cancel = (timer) => clearTimeout(timer),
}) {
  const POLL = 8;
  let sentAt = -Infinity;
  let sent = "";
  let timer = null;

  function sendNow() {
    stop();
    const value = read();
    const text = JSON.stringify(value);
    if (text === sent) return;
    sent = text;
    sentAt = now();
    send(value);
  }

  function tick() {
    timer = null;
    const age = now() - sentAt;
    if (age >= gap && (isAtRest() || age >= patience)) sendNow();
    else timer = later(tick, Math.max(POLL, gap - age));
  }

  function offer() {
    if (timer === null) tick();
  }

  function stop() {
    if (timer !== null) cancel(timer);
    timer = null;
  }

  return { offer, flush: sendNow, stop };
}
