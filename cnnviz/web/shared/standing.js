// A component is made once for its place on the page, and stays while runs of the page bring it new packets.

import { isOnPage } from "./dom.js";

const standing = new WeakMap();

/**
 * What a component's entry does at every call: the one that stands here, or a new one, receives what has come.
 * @template {{close: () => void}} T
 * @param {new (parent: ShadowRoot | Element) => T} Component
 * @param {ShadowRoot | Element} parentElement
 * @param {(one: T) => void} receive
 * @returns {() => void} for Streamlit, which calls it also where the component stays
 */
export function keepStanding(Component, parentElement, receive) {
  if (!standing.has(parentElement)) standing.set(parentElement, new Component(parentElement));
  const one = standing.get(parentElement);
  receive(one);
  return () => {
    if (isOnPage(parentElement)) return;
    one.close();
    standing.delete(parentElement);
  };
}
