// A press counts where it began: between pressing and letting go a run of the page may move what is under the hand, or
// make it anew, and the browser then gives the press to nobody, or to what lies there now. There is nothing to see.

const PRESSABLE = "button, summary, label, a[href]";
const STILL = 6; // pixels that a hand moves in a press; farther away it takes the press back
const LONG = 1500; // ms, after which it was no press
const TAP = 400; // ms in which a browser says of a finger what it has clicked; of a mouse it says so at once

/** @type {?{element: Element, key: string, words: string, x: number, y: number, at: number}} */
let pressed = null;
let isOurs = false; // the click that is under way
let swallowsUntil = -Infinity;

function begin(event) {
  if (!event.isPrimary || event.button !== 0) return;
  const element = event.composedPath().find((each) => each instanceof Element && each.matches(PRESSABLE));
  const { clientX: x, clientY: y, timeStamp: at } = event;
  pressed = element ? { element, key: keyOf(element), words: element.textContent, x, y, at } : null;
}

/** The class of Streamlit's that names the element by its key: the same in every run. */
function keyOf(element) {
  const keyed = element.closest("[class*='st-key-']");
  return [...(keyed?.classList ?? [])].find((name) => name.startsWith("st-key-")) ?? "";
}

function end(event) {
  if (!pressed || !event.isPrimary) return;
  const { element, x, y, at } = pressed;
  const isPress = Math.hypot(event.clientX - x, event.clientY - y) < STILL && event.timeStamp - at < LONG;
  const meant = isPress && !isUnder(element, x, y) ? whatWasPressed() : null;
  pressed = null;
  if (!meant) return; // the browser itself answers where what was pressed is still under the hand
  const isMouse = event.pointerType === "mouse";
  swallowsUntil = event.timeStamp + TAP;
  setTimeout(() => {
    if (isMouse) swallowsUntil = -Infinity;
    isOurs = true;
    meant.click();
    isOurs = false;
  });
}

/** Whether an element lies at a place; a finger's events do not say so, they all go to where it came down. */
function isUnder(element, x, y) {
  let each = deepestAt(document, x, y);
  while (each && each !== element) each = each.parentNode ?? each.host;
  return each === element;
}

function deepestAt(root, x, y) {
  const there = root.elementFromPoint(x, y);
  const inside = there?.shadowRoot && there.getRootNode() === root ? deepestAt(there.shadowRoot, x, y) : null;
  return inside ?? there;
}

/** What was pressed; where a run has made it anew, the one of the same key and the same words. */
function whatWasPressed() {
  const { element, key, words } = pressed;
  if (element.isConnected) return element;
  const anew = key ? [...document.querySelectorAll(`.${CSS.escape(key)} :is(${PRESSABLE})`)] : [];
  return anew.find((each) => each.tagName === element.tagName && each.textContent === words) ?? null;
}

function swallow(event) {
  if (isOurs || !event.isTrusted || event.timeStamp > swallowsUntil) return;
  swallowsUntil = -Infinity;
  event.stopImmediatePropagation();
  event.preventDefault();
}

function listen() {
  window.addEventListener("pointerdown", begin, { capture: true });
  window.addEventListener("pointerup", end, { capture: true });
  window.addEventListener("pointercancel", () => (pressed = null), { capture: true });
  window.addEventListener("click", swallow, { capture: true });
}

/** Streamlit calls this for every run; one listener hears all of the page, for as long as it is open. */
export default function mountKeptPress() {
  const { dataset } = document.documentElement;
  if (!dataset.pressesKept) listen();
  dataset.pressesKept = "yes";
}
