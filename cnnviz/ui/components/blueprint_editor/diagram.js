// The shapes on the way from picture to scores, drawn small: stacks of maps, columns of numbers.

import { svgElement } from "../shared/dom.js";

const HEIGHT = 118;
const FOOT = 34; // room for two lines of words
const GAP = 26;
const LEAST = 12;
const MOST = 62;

/** The steps at which a shape changes: the input, then every layer that changes it. */
export function stepsOf(inputShape, inputName, looks) {
  const steps = [{ name: inputName, sizes: inputShape, row: null }];
  looks.forEach((look, row) => {
    const last = steps[steps.length - 1];
    if (String(look.sizes) !== String(last.sizes)) steps.push({ name: look.name, sizes: look.sizes, row });
  });
  return steps;
}

/** Where each step stands: maps as tall as they are large, some sheets for the channels; columns by their length. */
export function layOut(steps) {
  const side = Math.max(1, ...steps.filter((step) => step.sizes?.length === 3).map((step) => Math.max(step.sizes[1], step.sizes[2])));
  const entries = Math.max(2, ...steps.filter((step) => step.sizes?.length === 1).map((step) => step.sizes[0]));
  const long = (cells) => LEAST + (MOST - LEAST) * Math.sqrt(cells / side);
  let x = 6;
  return steps.map((step) => {
    const box = { ...step, x, sheets: 1, width: 34, height: 34 };
    if (step.sizes?.length === 3) {
      const [channels, rows, cols] = step.sizes;
      Object.assign(box, { sheets: Math.min(6, 1 + Math.floor(Math.log2(channels))), width: long(cols), height: long(rows) });
    } else if (step.sizes) {
      Object.assign(box, { width: 9, height: LEAST + MOST * (Math.log(step.sizes[0] + 1) / Math.log(entries + 1)) });
    }
    const words = Math.max(step.name.length, shapeWords(step.sizes).length) * 6.4;
    box.across = Math.max(box.width + (box.sheets - 1) * 3, words);
    x += box.across + GAP;
    return box;
  });
}

export function shapeWords(sizes) {
  return sizes ? sizes.join("×") : "?";
}

/**
 * Draws the steps into `svg`.
 * @param {SVGElement} svg
 * @param {object[]} boxes of `layOut`
 * @param {(row: number) => void} onPick
 */
export function paintShapes(svg, boxes, onPick) {
  const last = boxes[boxes.length - 1];
  const width = last.x + last.across + 6;
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  svg.setAttribute("width", width);
  svg.setAttribute("height", HEIGHT);
  svg.replaceChildren(...boxes.flatMap((box, at) => [...(at ? [arrow(boxes[at - 1], box)] : []), group(box, onPick)]));
}

function group(box, onPick) {
  const middle = (HEIGHT - FOOT) / 2;
  const left = box.x + (box.across - box.width - (box.sheets - 1) * 3) / 2;
  const sheets = [];
  for (let sheet = box.sheets - 1; sheet >= 0; sheet -= 1) {
    sheets.push(svgElement("rect", { x: left + sheet * 3, y: middle - box.height / 2 - sheet * 2, width: box.width, height: box.height, rx: 2, class: box.sizes ? "bp-sheet" : "bp-sheet bp-unknown" }));
  }
  const centre = box.x + box.across / 2;
  const words = [
    svgElement("text", { x: centre, y: HEIGHT - 18, class: "bp-size" }, [shapeWords(box.sizes)]),
    svgElement("text", { x: centre, y: HEIGHT - 4, class: "bp-step" }, [box.name]),
  ];
  const target = svgElement("rect", { x: box.x - 4, y: 0, width: box.across + 8, height: HEIGHT, class: "bp-target" });
  const made = svgElement("g", { class: "bp-box", "data-row": box.row ?? "input" }, [target, ...sheets, ...words]);
  if (box.row !== null) made.addEventListener("click", () => onPick(box.row));
  return made;
}

function arrow(from, to) {
  const y = (HEIGHT - FOOT) / 2;
  const start = from.x + from.across + 4;
  return svgElement("path", { d: `M${start} ${y}H${to.x - 5}m-4 -3l4 3l-4 3`, class: "bp-arrow" });
}
