// Things to take instead of drawing: small drawings, and words on buttons.

import { element, svgElement } from "../shared/dom.js";

const shelves = new WeakMap();

/** @param {[number, number][][]} paths points in the unit square */
function thumbnail(paths) {
  const lines = paths.map((points) => svgElement("polyline", { points: points.map((p) => p.join(",")).join(" ") }));
  return svgElement("svg", { viewBox: "0.14 0.1 0.72 0.8", "aria-hidden": "true" }, lines);
}

/** @param {{key: string, title: string, hint: string, paths: [number, number][][], there: boolean}} offer */
function button(offer) {
  const drawn = offer.paths.length > 0;
  return element(
    "button",
    {
      type: "button",
      class: drawn ? "drawing" : "word",
      "data-key": offer.key,
      disabled: offer.there ? null : "",
      title: drawn ? offer.title : offer.hint,
      "aria-label": drawn ? offer.title : null,
    },
    [drawn ? thumbnail(offer.paths) : offer.title]
  );
}

/** Streamlit calls this for every run; the shelf is built again only when its offers change. */
export default function mountSampleBar({ data, parentElement, setTriggerValue }) {
  let shelf = shelves.get(parentElement);
  if (!shelf) {
    shelf = { root: element("div", { class: "cnnviz-shelf", role: "group" }), shown: "", take: null };
    shelf.root.addEventListener("click", (event) => {
      const taken = event.target.closest("button");
      if (taken) shelf.take(taken.dataset.key);
    });
    parentElement.append(shelf.root);
    shelves.set(parentElement, shelf);
  }
  shelf.take = (key) => setTriggerValue("take", key);
  const text = JSON.stringify(data);
  if (text === shelf.shown) return undefined;
  shelf.shown = text;
  shelf.root.setAttribute("aria-label", data.label);
  const drawings = data.offers.filter((offer) => offer.paths.length > 0).map(button);
  const words = data.offers.filter((offer) => offer.paths.length === 0).map(button);
  shelf.root.replaceChildren(
    element("div", { class: "drawings" }, drawings),
    element("div", { class: "words" }, words)
  );
  return undefined;
}
