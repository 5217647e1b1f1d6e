// The shapes on the way from picture to scores, drawn small: stacks of maps, columns of numbers; where a layer adds
// what came in to what it makes of it, a second way leads past it.

import { svgElement } from "../shared/dom.js";

const HEIGHT = 132;
const HEAD = 14; // room for a way past a layer
const FOOT = 34; // room for two lines of words
const MIDDLE = (HEIGHT + HEAD - FOOT) / 2;
const GAP = 26;
const LEAST = 12;
const MOST = 62;
const PAST = 9; // where the way past a layer runs
const SIGN = 7; // radius of the plus sign at its end

/** The steps: the input, then every layer that changes the shape, or adds what came in. */
export function stepsOf(inputShape, inputName, looks) {
  const steps = [{ name: inputName, sizes: inputShape, row: null }];
  looks.forEach((look, row) => {
    const last = steps[steps.length - 1];
    const isOther = String(look.sizes) !== String(last.sizes);
    if (isOther || look.adds_input) steps.push({ name: look.name, sizes: look.sizes, row, adds: look.adds_input });
  });
  return steps;
}

/** Where each step stands: maps as tall as they are large, some sheets for the channels; columns by their length. */
export function layOut(steps) {
  const side = Math.max(
    1,
    ...steps.filter((step) => step.sizes?.length === 3).map((step) => Math.max(step.sizes[1], step.sizes[2]))
  );
  const entries = Math.max(2, ...steps.filter((step) => step.sizes?.length === 1).map((step) => step.sizes[0]));
  const long = (cells) => LEAST + (MOST - LEAST) * Math.sqrt(cells / side);
  let x = 6;
  return steps.map((step) => {
    const box = { ...step, x, sheets: 1, width: 34, height: 34 };
    if (step.sizes?.length === 3) {
      const [channels, rows, cols] = step.sizes;
      Object.assign(box, {
        sheets: Math.min(6, 1 + Math.floor(Math.log2(channels))),
        width: long(cols),
        height: long(rows),
      });
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
  svg.replaceChildren(...boxes.flatMap((box, at) => [...(at ? waysTo(boxes[at - 1], box) : []), group(box, onPick)]));
}

/** The arrow to a step, and for a step that adds what came in the way past the layer, with a plus at its end. */
function waysTo(from, to) {
  return to.adds ? [arrow(from, to), wayPast(from, to)] : [arrow(from, to)];
}

function wayPast(from, to) {
  const [start, end] = [from, to].map((box) => box.x + box.across / 2);
  const top = (box) => MIDDLE - box.height / 2 - box.sheets * 2;
  const line = svgElement("path", { d: `M${start} ${top(from)}V${PAST}H${end}`, class: "bp-arrow" });
  const ring = svgElement("circle", { cx: end, cy: PAST, r: SIGN, class: "bp-plus" });
  const sign = svgElement("path", {
    d: `M${end - 4} ${PAST}h8m-4 -4v8M${end} ${PAST + SIGN}V${top(to)}`,
    class: "bp-arrow",
  });
  return svgElement("g", { class: "bp-past", "data-row": to.row }, [line, ring, sign]);
}

function group(box, onPick) {
  const left = box.x + (box.across - box.width - (box.sheets - 1) * 3) / 2;
  const sheets = [];
  for (let sheet = box.sheets - 1; sheet >= 0; sheet -= 1) {
    sheets.push(
      svgElement("rect", {
        x: left + sheet * 3,
        y: MIDDLE - box.height / 2 - sheet * 2,
        width: box.width,
        height: box.height,
        rx: 2,
        class: box.sizes ? "bp-sheet" : "bp-sheet bp-unknown",
      })
    );
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
  const start = from.x + from.across + 4;
  return svgElement("path", { d: `M${start} ${MIDDLE}H${to.x - 5}m-4 -3l4 3l-4 3`, class: "bp-arrow" });
}
