// What is open as a picture: in the colours that are shown, at a size that can be read, with its colour bar.

import { paintAtlas } from "../shared/atlas.js";
import { FAMILY_OF_NUMBERS, fitEnds } from "../shared/celltext.js";
import { cssColour, tableIndex, textOn } from "../shared/colour.js";
import { fill } from "../shared/dom.js";
import { PROBABILITY_DIGITS, formatNumber, valueText } from "../shared/format.js";
import { saveBlob } from "../shared/savefile.js";
import { nameOf } from "./savenumbers.js";

const EDGE = 24; // pixels of the file
const HEAD_HEIGHT = 58;
const BAR = { height: 14, below: 40, least: 220 };
const MAP_SIDE = 640; // of one map at least half of it, and more where it has more cells
const TILE_SIDE = 112; // of a map among others
const TILE_LABEL = 18;
const LINES = 40; // entries of a vector that are written line by line
const ENTRY_LINE = { height: 22, name: 150, cell: 110 };
const ACROSS = 32; // cells of a longer vector in a row
const CELL = 18;

/**
 * @param {import("./savenumbers.js").Saved} saved
 * @param {{ink: string, ground: string}} colours of the page
 */
export async function savePicture(saved, colours) {
  const canvas = pictureOf(saved, colours);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob) saveBlob(nameOf(saved, "png"), blob);
}

/** @returns {HTMLCanvasElement} */
export function pictureOf(saved, colours) {
  const body = bodyOf(saved);
  const canvas = document.createElement("canvas");
  const width = Math.max(body.width, BAR.least, titleWidth(saved)) + 2 * EDGE;
  Object.assign(canvas, { width, height: EDGE + HEAD_HEIGHT + body.height + BAR.below + EDGE });
  const context = canvas.getContext("2d");
  context.fillStyle = colours.ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.textBaseline = "top";
  write(context, titleOf(saved), EDGE, EDGE, `600 18px ${FAMILY_OF_NUMBERS}`, colours.ink);
  write(context, aboutOf(saved), EDGE, EDGE + 26, `13px ${FAMILY_OF_NUMBERS}`, colours.ink);
  body.paint(context, EDGE, EDGE + HEAD_HEIGHT, colours);
  paintColourBar(
    context,
    saved,
    { x: EDGE, y: EDGE + HEAD_HEIGHT + body.height + 12, width: canvas.width - 2 * EDGE },
    colours
  );
  return canvas;
}

function titleOf({ layer, channel, texts }) {
  return channel === null ? layer : fill(texts.crumb_map, { layer, channel });
}

function aboutOf({ network, note, form, count, rows, cols, channel }) {
  const shape = form !== "maps" ? [count * rows] : channel === null ? [count, rows, cols] : [rows, cols];
  return [network, shape.join("×"), note].filter(Boolean).join(" · ");
}

function titleWidth(saved) {
  const context = document.createElement("canvas").getContext("2d");
  context.font = `600 18px ${FAMILY_OF_NUMBERS}`;
  const title = context.measureText(titleOf(saved)).width;
  context.font = `13px ${FAMILY_OF_NUMBERS}`;
  return Math.min(1200, Math.ceil(Math.max(title, context.measureText(aboutOf(saved)).width)));
}

/** The cells themselves: how large they are, and how they are painted. */
function bodyOf(saved) {
  if (saved.form === "maps") return saved.channel === null ? tiles(saved) : oneMap(saved);
  return saved.values.length <= LINES ? lines(saved) : wrapped(saved);
}

function oneMap({ values, rows, cols, channel, scale }) {
  const side = Math.max(1, Math.floor(MAP_SIDE / Math.max(rows, cols)));
  const cells = values.subarray(channel * rows * cols, (channel + 1) * rows * cols);
  return {
    width: cols * side,
    height: rows * side,
    paint(context, x, y) {
      const { canvas } = paintAtlas(cells, { count: 1, rows, cols }, () => scale(channel));
      context.imageSmoothingEnabled = false;
      context.drawImage(canvas, x, y, cols * side, rows * side);
    },
  };
}

function tiles({ values, count, rows, cols, scale }) {
  const side = Math.max(1, Math.floor(TILE_SIDE / Math.max(rows, cols)));
  const [w, h] = [cols * side, rows * side];
  const pitch = { x: Math.max(w, 30) + 8, y: h + TILE_LABEL + 8 };
  const across = Math.max(1, Math.ceil(Math.sqrt((count * pitch.y) / pitch.x)));
  return {
    width: Math.min(count, across) * pitch.x - 8,
    height: Math.ceil(count / across) * pitch.y - 8,
    paint(context, left, top, { ink }) {
      const { canvas } = paintAtlas(values, { count, rows, cols }, scale);
      context.imageSmoothingEnabled = false;
      for (let channel = 0; channel < count; channel += 1) {
        const [x, y] = [left + (channel % across) * pitch.x, top + Math.floor(channel / across) * pitch.y];
        write(context, String(channel), x, y + 2, `12px ${FAMILY_OF_NUMBERS}`, ink);
        context.drawImage(canvas, channel * cols, 0, cols, rows, x, y + TILE_LABEL, w, h);
      }
    },
  };
}

/** A short vector: a line for each entry, with its number. */
function lines({ values, classes, form, scale }) {
  const textOf = (value) => (form === "bars" ? formatNumber(value, PROBABILITY_DIGITS) : valueText(value));
  return {
    width: ENTRY_LINE.name + ENTRY_LINE.cell,
    height: values.length * ENTRY_LINE.height,
    paint(context, x, top, { ink }) {
      values.forEach((value, at) => {
        const y = top + at * ENTRY_LINE.height;
        write(context, String(classes?.[at] ?? at).slice(0, 20), x, y + 4, `13px ${FAMILY_OF_NUMBERS}`, ink);
        const colour = pixelOf(value, scale(at));
        context.fillStyle = cssColour(colour);
        context.fillRect(x + ENTRY_LINE.name, y + 1, ENTRY_LINE.cell, ENTRY_LINE.height - 2);
        write(context, textOf(value), x + ENTRY_LINE.name + 8, y + 4, `600 13px ${FAMILY_OF_NUMBERS}`, textOn(colour));
      });
    },
  };
}

/** A long vector, row after row; the number of the first entry stands before each row. */
function wrapped({ values, scale }) {
  return {
    width: 50 + ACROSS * CELL,
    height: Math.ceil(values.length / ACROSS) * CELL,
    paint(context, x, top, { ink }) {
      values.forEach((value, at) => {
        const [row, col] = [Math.floor(at / ACROSS), at % ACROSS];
        if (col === 0) write(context, String(at), x, top + row * CELL + 3, `11px ${FAMILY_OF_NUMBERS}`, ink);
        context.fillStyle = cssColour(pixelOf(value, scale(at)));
        context.fillRect(x + 50 + col * CELL, top + row * CELL, CELL, CELL);
      });
    },
  };
}

function pixelOf(value, { table, low, high }) {
  return table[tableIndex(value, low, high)];
}

function paintColourBar(context, saved, { x, y, width }, { ink }) {
  const { table, low, high } = saved.scale(saved.channel ?? 0);
  for (let at = 0; at < width; at += 1) {
    context.fillStyle = cssColour(table[Math.round((at * 255) / (width - 1))]);
    context.fillRect(x + at, y, 1, BAR.height);
  }
  const isOwn = saved.hasOwnRanges && saved.channel === null && saved.form === "maps";
  const ends = isOwn ? [saved.texts.own_range] : fitEnds(low, high, { room: width, size: 13 });
  ends.forEach((text, at) => {
    context.textAlign = ["left", "center", "right"][ends.length === 2 && at === 1 ? 2 : at];
    const place = ends.length === 1 ? 0 : at / (ends.length - 1);
    write(context, text, x + place * width, y + BAR.height + 5, `13px ${FAMILY_OF_NUMBERS}`, ink);
  });
  context.textAlign = "left";
}

function write(context, text, x, y, font, colour) {
  context.font = font;
  context.fillStyle = colour;
  context.fillText(text, x, y);
}
