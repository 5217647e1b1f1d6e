// Pictures in an even grid; a click takes one, and brings in sight where it is laid.

import { element } from "../shared/dom.js";

const BELOW_THE_BAR = 64; // pixels that the page's own bar covers
const galleries = new WeakMap();

/** @typedef {{key: string, address: string, words: string}} Exhibit */

/** @param {Exhibit} exhibit @param {string} act */
function exhibitButton({ key, address, words }, act) {
  const parts = [
    element("img", { src: address, alt: "" }),
    element("span", {}, [words]),
    element("b", { "aria-hidden": "true" }, [act]),
  ];
  return element("button", { type: "button", "data-key": key, "aria-label": `${act}: ${words}` }, parts);
}

/** @param {string} key of a container of the page */
function bringInSight(key) {
  const place = document.querySelector(`.st-key-${key}`);
  if (!place) return;
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  place.style.scrollMarginTop = `${BELOW_THE_BAR}px`;
  place.scrollIntoView({ block: "start", behavior: isCalm ? "auto" : "smooth" });
}

/** Streamlit calls this for every run; the gallery is built again only when its pictures change. */
export default function mountImageGrid({ data, parentElement, setTriggerValue }) {
  let gallery = galleries.get(parentElement);
  if (!gallery) {
    gallery = { root: element("div", { class: "cnnviz-gallery", role: "group" }), shown: "", take: null };
    gallery.root.addEventListener("click", (event) => {
      const taken = event.target.closest("button");
      if (taken) gallery.take(taken.dataset.key);
    });
    parentElement.append(gallery.root);
    galleries.set(parentElement, gallery);
  }
  gallery.take = (key) => {
    bringInSight(data.leads_to);
    setTriggerValue("take", key);
  };
  const text = JSON.stringify(data);
  if (text === gallery.shown) return undefined;
  gallery.shown = text;
  gallery.root.setAttribute("aria-label", data.act);
  gallery.root.replaceChildren(...data.exhibits.map((exhibit) => exhibitButton(exhibit, data.act)));
  return undefined;
}
