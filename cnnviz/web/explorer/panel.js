// The parts around the canvas that are plain HTML: verdict, breadcrumb, controls, labels, legends, table.

import { element, fill, putText, renewChildren } from "../shared/dom.js";
import { PROBABILITY_DIGITS, formatNumber, valueText } from "../shared/format.js";
import { cssColour, tableIndex, textOn } from "../shared/colour.js";
import { scaleOf } from "../shared/atlas.js";
import { fittingNote, fittingPath } from "./heads.js";
import { readsWhole, shownChannels } from "../network/reads.js";
import { mapName } from "../network/words.js";

const SCOPES = ["map", "layer", "network"];

/** The skeleton, built once. Handlers are attached by `index.js`. */
export function buildPanel() {
  const scopes = SCOPES.map((scope) => element("button", { type: "button", "data-scope": scope }));
  const [answer, headline, detail] = [element("div", { class: "answer" }), element("strong"), element("span")];
  const words = element("div", { class: "words" }, [headline, detail]);
  const parts = {
    answer,
    headline,
    detail,
    verdict: element("section", { class: "verdict", "aria-live": "polite" }, [answer, words]),
    crumbs: element("nav", { class: "crumbs" }),
    scopeLabel: element("span", { class: "scope-label" }),
    scopes: element("div", { class: "scopes", role: "group" }, scopes),
    numbers: element("button", { type: "button", class: "numbers-button", "aria-expanded": "false" }),
    maps: element("button", { type: "button", class: "maps-button", hidden: true }),
    gallery: element("div", { class: "gallery", role: "region", hidden: true }),
    steps: element("button", { type: "button", class: "step-button" }),
    stopped: element("p", { class: "stopped", role: "status", hidden: true }),
    source: element("p", { class: "source-line", hidden: true }),
    info: element("p", { class: "info", "aria-live": "polite" }),
    base: element("canvas", { class: "base", "aria-hidden": "true" }),
    over: element("canvas", { class: "over", tabindex: "0", role: "application" }),
    labels: element("div", { class: "labels" }),
    notes: element("div", { class: "labels notes" }),
    legends: element("div", { class: "legends", "aria-hidden": "true" }),
    lens: element("div", { class: "lens", "aria-hidden": "true" }),
    table: element("div", { class: "numbers", role: "region", tabindex: 0, hidden: true }), // keys scroll it
    leftOut: element("p", { class: "left-out", role: "note" }),
  };
  const stage = element("div", { class: "stage" }, [
    parts.base,
    parts.legends,
    parts.over,
    parts.labels,
    parts.notes,
    parts.lens,
  ]);
  const controls = element("div", { class: "controls" }, [
    parts.scopeLabel,
    parts.scopes,
    parts.maps,
    parts.numbers,
    parts.steps,
  ]);
  const bar = element("div", { class: "bar" }, [parts.crumbs, controls]);
  const head = element("div", { class: "head" }, [parts.verdict, parts.info]);
  const root = element("div", { class: "cnnviz-explorer" }, [
    head,
    bar,
    parts.stopped,
    parts.source,
    stage,
    parts.gallery,
    parts.table,
    parts.leftOut,
  ]);
  return { ...parts, bar, stage, root };
}

/** Fills in what never changes while the page is open. */
export function writeTexts(panel, texts) {
  panel.scopeLabel.textContent = texts.scope;
  panel.scopes.setAttribute("aria-label", texts.scope);
  for (const button of panel.scopes.children) {
    button.textContent = texts[`scope_${button.dataset.scope}`];
    button.title = texts[`scope_${button.dataset.scope}_hint`];
  }
  panel.table.setAttribute("aria-label", texts.numbers);
  panel.numbers.textContent = texts.numbers;
  panel.gallery.setAttribute("aria-label", texts.maps);
  panel.steps.textContent = texts.steps;
  panel.texts = texts;
}

/** @param {import("../network/packet.js").Packet} packet */
export function writeVerdict(panel, packet) {
  const { verdict } = packet;
  panel.verdict.dataset.status = verdict.status;
  for (const part of ["answer", "headline", "detail"]) putText(panel[part], verdict[part]);
  panel.stopped.hidden = !packet.stopped;
  putText(panel.stopped, packet.stopped ? fill(packet.texts.stopped, { reason: packet.stopped }) : "");
  panel.answer.dataset.long = String(verdict.answer.length > 2); // the name of a class: it stands in the headline
}

/** Which scope is on, and whether the table of numbers can be opened; a button's hint says what it does, or why not. */
export function writeControls(panel, scope, open, tableIsOpen, canWalk, isWalking, why = null) {
  panel.steps.disabled = !canWalk;
  panel.steps.hidden = isWalking;
  for (const button of panel.scopes.children)
    button.setAttribute("aria-pressed", String(button.dataset.scope === scope));
  panel.numbers.disabled = !open;
  panel.numbers.setAttribute("aria-expanded", String(tableIsOpen));
  const { texts } = panel;
  panel.numbers.title = !open ? texts.numbers_hint : isWalking ? texts.numbers_of_cell : texts.numbers_of_map;
  panel.steps.title = !open ? texts.steps_hint : (why ?? (canWalk ? texts.steps_here : texts.steps_nowhere));
}

/** Network › layer › map › cell; each part but the last goes back to its level. And the open layer's line of code. */
export function writeCrumbs(panel, packet, selection) {
  const { texts } = packet;
  const names = [texts.network];
  const index = packet.layers.findIndex((layer) => layer.path === selection.layer);
  if (index >= 0) names.push(mapName(packet, index, selection.channel));
  const source = texts.layers[index]?.source ?? ""; // from a file: letters, whatever they are
  panel.source.hidden = source === "";
  putText(panel.source, source);
  if (selection.row !== null && ["maps", "strip"].includes(packet.layers[index]?.form)) {
    const strip = packet.layers[index]?.form === "strip";
    names.push(fill(strip ? texts.crumb_entry : texts.crumb_cell, { row: selection.row, col: selection.col }));
  }
  renewChildren(panel.crumbs, names, () =>
    names.flatMap((name, depth) => {
      const last = depth === names.length - 1;
      const crumb = last
        ? element("span", { "aria-current": "true" }, [name])
        : element("button", { type: "button", "data-depth": depth }, [name]);
      return last ? [crumb] : [crumb, element("span", { class: "chevron" }, ["›"])];
    })
  );
}

/** The words beside an open map's pictures: what each column is, the bias, the result. */
export function writeNotes(panel, scene) {
  const { packet, layout, open } = scene;
  const layer = open && packet.layers[open.index];
  const whole = Boolean(layer) && readsWhole(layer);
  const { family } = scene.ink;
  const notes = layout.notes.map(({ name, x, y, index, room }) => {
    const words = {
      map: fittingPath(packet.texts.layers[Math.max(index, 0)].name, room, family),
      cut: name === "cut" ? cutNote(packet, open, room) : "",
      kernel: whole ? packet.texts.note_weights : packet.texts.note_kernel,
      sum: whole ? packet.texts.note_products : packet.texts.note_sum,
      bias:
        layer?.adds_up &&
        fill(packet.texts[whole ? "note_bias_products" : "note_bias"], { value: biasOf(layer, open.channel) }),
      result: open && mapName(packet, open.index, open.channel),
      empty: open && isAllZero(layer, open.channel) ? packet.texts.note_all_zero : "",
    };
    const text = words[name] ?? "";
    const wide = name === "bias" && room < Infinity ? `;max-width:${Math.max(56, room)}px` : "";
    return {
      class: `note ${name}`,
      style: `left:${x}px;top:${y}px${wide}`,
      text: name === "bias" || name === "cut" ? text : fittingNote(text, room, family),
    };
  });
  renewChildren(panel.notes, notes, () => notes.map(({ text, ...rest }) => element("span", rest, [text])));
}

/** Which of many inputs stand there. */
function cutNote({ texts, layers, terms }, open, shown) {
  const count = shownChannels(layers, open.index, open.channel).length;
  return fill(terms ? texts.note_cut : texts.note_cut_inputs, { shown, count });
}

/** A map without a single value other than 0, after a layer that turns negatives into 0. */
function isAllZero(layer, channel) {
  if (layer.form !== "maps" || !layer.cuts || !layer.output) return false;
  const size = layer.rows * layer.cols;
  return layer.output.values.subarray(channel * size, (channel + 1) * size).every((value) => value === 0);
}

function biasOf(layer, channel) {
  return layer.bias ? valueText(layer.bias.values[channel]) : "0";
}

/** The open map as a table of numbers, coloured like the picture; a vector has a row for each entry. */
export function writeTable(panel, scene) {
  const { packet, open } = scene;
  const layer = packet.layers[open.index];
  const isMap = layer.form === "maps";
  const [rows, cols] = isMap ? [layer.rows, layer.cols] : [layer.output.values.length, 1];
  const body = Array.from({ length: rows }, (_, row) => {
    const cells = Array.from({ length: cols }, (_unused, col) =>
      tableCell(scene, layer, isMap ? open.channel : row, row, col, isMap)
    );
    const name = layer.classes ? (packet.classes[row] ?? row) : row;
    return element("tr", {}, [element("th", { scope: "row" }, [String(name)]), ...cells]);
  });
  const columns = Array.from({ length: cols }, (_, col) => element("th", { scope: "col" }, [String(col)]));
  const head = isMap ? [element("tr", {}, [element("th", { scope: "col" }, [packet.texts.row]), ...columns])] : [];
  const name = isMap ? mapName(packet, open.index, open.channel) : packet.texts.layers[open.index].name;
  const caption = fill(packet.texts[isMap ? "table_caption" : "table_caption_vector"], { map: name });
  panel.table.replaceChildren(
    element("table", {}, [element("caption", {}, [caption]), element("thead", {}, head), element("tbody", {}, body)])
  );
}

function tableCell(scene, layer, channel, row, col, isMap) {
  const value = layer.output.values[isMap ? (channel * layer.rows + row) * layer.cols + col : row];
  const { table, low, high } = scaleOf(layer, scene.scope, channel);
  const pixel = scene.tables[table][tableIndex(value, low, high)];
  const style = `background:${cssColour(pixel)};color:${textOn(pixel)}`;
  return element("td", { style, "data-row": row, "data-col": col }, [
    layer.form === "bars" ? formatNumber(value, PROBABILITY_DIGITS) : valueText(value),
  ]);
}
