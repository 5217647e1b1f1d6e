// What is open as a picture: in the colours that are shown, at a size that can be read, with its colour bar.

import { copyMap, paintAtlas } from "../shared/atlas.js";
import { FAMILY_OF_NUMBERS, fitEnds, textWidth } from "../shared/celltext.js";
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
const CAPTION = { height: 26, gap: 32, font: `600 13px ${FAMILY_OF_NUMBERS}` }; // of parts side by side
const WIDEST_TEXT = 1200;

/**
 * @param {import("./savenumbers.js").Saved} saved
 * @param {HTMLElement} root whose colours are the page's
 */
export async function savePicture(saved, root) {
  const canvas = pictureOf(saved, coloursOf(root));
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob) saveBlob(nameOf(saved, "png"), blob);
}

/** Text and ground of the page: a component has no ground of its own, and a file must not be seen through. */
function coloursOf(root) {
  const style = getComputedStyle(root);
  return { ink: style.color, ground: style.getPropertyValue("--st-background-color").trim() || "#fff" };
}

/**
 * Its parts side by side, each with its name above and its colour bar below.
 * @param {import("./savenumbers.js").Saved} saved
 * @param {{ink: string, ground: string}} colours
 * @returns {HTMLCanvasElement}
 */
export function pictureOf(saved, colours) {
  const columns = columnsOf(saved);
  const canvas = document.createElement("canvas");
  const width = innerWidthOf(columns);
  const [caption, height] = [captionHeight(saved), Math.max(...columns.map(({ body }) => body.height))];
  Object.assign(canvas, { width: width + 2 * EDGE, height: EDGE + HEAD_HEIGHT + caption + height + BAR.below + EDGE });
  const context = canvas.getContext("2d");
  context.fillStyle = colours.ground;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.textBaseline = "top";
  write(context, titleOf(saved), EDGE, EDGE, `600 18px ${FAMILY_OF_NUMBERS}`, colours.ink);
  write(context, aboutOf(saved), EDGE, EDGE + 26, `13px ${FAMILY_OF_NUMBERS}`, colours.ink);
  let x = EDGE;
  for (const column of columns) {
    const y = EDGE + HEAD_HEIGHT + caption;
    if (caption) write(context, captionOf(column), x, y - caption, CAPTION.font, colours.ink);
    column.body.paint(context, x, y, colours);
    paintColourBar(context, column, { x, y: y + column.body.height + 12, width: column.width }, colours);
    x += column.width + CAPTION.gap;
  }
  return canvas;
}

/** What stands side by side: each part of what is saved, with its cells and its width; one alone takes all of it. */
function columnsOf(saved) {
  const columns = saved.parts.map((part) => {
    const body = bodyOf({ ...saved, ...part });
    return { ...saved, ...part, body, width: Math.max(body.width, BAR.least) };
  });
  if (columns.length === 1) columns[0].width = Math.max(columns[0].width, titleWidth(saved));
  else for (const column of columns) column.width = Math.max(column.width, roomFor(captionOf(column), 13));
  return columns;
}

function innerWidthOf(columns) {
  const parts = columns.reduce((sum, { width }) => sum + width, 0) + CAPTION.gap * (columns.length - 1);
  return Math.max(parts, titleWidth(columns[0]));
}

function captionHeight({ parts }) {
  return parts.some(({ name }) => name) ? CAPTION.height : 0;
}

function captionOf({ name, title }) {
  return title ? `${name}: ${title}` : name;
}

function titleOf({ layer, channel, texts }) {
  return channel === null ? layer : fill(texts.crumb_map, { layer, channel });
}

/** Shape and note; of one network alone its name too, which else stands above its part. */
function aboutOf(saved) {
  const { parts, note, form, count, rows, cols, channel } = saved;
  const shape = form !== "maps" ? [count * rows] : channel === null ? [count, rows, cols] : [rows, cols];
  return [captionHeight(saved) ? "" : parts[0].title, shape.join("×"), note].filter(Boolean).join(" · ");
}

function titleWidth(saved) {
  return Math.max(roomFor(titleOf(saved), 18), roomFor(aboutOf(saved), 13, 400));
}

function roomFor(text, size, weight = 600) {
  return Math.min(WIDEST_TEXT, Math.ceil(textWidth(text, size, weight)));
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
      const atlas = paintAtlas(cells, { count: 1, rows, cols }, () => scale(channel), undefined, true);
      copyMap(context, atlas, 0, { x, y, w: cols * side, h: rows * side });
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
      const atlas = paintAtlas(values, { count, rows, cols }, scale, undefined, true);
      for (let channel = 0; channel < count; channel += 1) {
        const [x, y] = [left + (channel % across) * pitch.x, top + Math.floor(channel / across) * pitch.y];
        write(context, String(channel), x, y + 2, `12px ${FAMILY_OF_NUMBERS}`, ink);
        copyMap(context, atlas, channel, { x, y: y + TILE_LABEL, w, h });
      }
    },
  };
}

/** A short vector: a line for each entry, with its number. */
function lines({ values, classes, form, scale, textOf = (at) => entryAsText(values[at], form) }) {
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
        write(context, textOf(at), x + ENTRY_LINE.name + 8, y + 4, `600 13px ${FAMILY_OF_NUMBERS}`, textOn(colour));
      });
    },
  };
}

function entryAsText(value, form) {
  return form === "bars" ? formatNumber(value, PROBABILITY_DIGITS) : valueText(value);
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
