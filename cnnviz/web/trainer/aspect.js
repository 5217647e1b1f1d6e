// How the runs are looked at, in the page's address: which plane of how many images and of which layer's inputs,
// whether the loss is logarithmic.

import { searchWith, writeSearch } from "../shared/address.js";

const PLANE = "plane";
const LOSS_AXIS = "axis";
const USUAL_PLANE = "pca";
const PLANES = [USUAL_PLANE, "tsne"];
const LOG = "log";
const FEATURES = "features";
const LONGEST = 200; // characters of a layer's path, as in `web/selection.py`
const NUMBERS = { points: { usual: 500, least: 10, most: 1000 }, perplexity: { usual: 30, least: 2, most: 100 } };

/** The bounds of a number of the plane. @param {"points" | "perplexity"} name */
export function boundsOf(name) {
  return NUMBERS[name];
}

/**
 * What the address asks for; anything else is as usual.
 * @returns {{method: string, isLog: boolean, points: number, perplexity: number, features: string}} `features`: the
 *   layer whose inputs stand for the images, "" for the usual one
 */
export function readAspect(search = location.search) {
  const query = new URLSearchParams(search);
  const plane = query.get(PLANE);
  const numbers = Object.entries(NUMBERS).map(([name, { usual, least, most }]) => {
    const value = Number(query.get(name));
    return [name, Number.isInteger(value) && value >= least && value <= most ? value : usual];
  });
  const method = PLANES.includes(plane) ? plane : USUAL_PLANE;
  const features = (query.get(FEATURES) ?? "").slice(0, LONGEST);
  return { method, isLog: query.get(LOSS_AXIS) === LOG, features, ...Object.fromEntries(numbers) };
}

/** What is as usual is not in the address. @param {{method: string, isLog: boolean, features: string}} aspect */
export function writeAspect({ method, isLog, features, ...numbers }) {
  const values = { ...(method === USUAL_PLANE ? {} : { [PLANE]: method }), ...(isLog ? { [LOSS_AXIS]: LOG } : {}) };
  for (const [name, { usual }] of Object.entries(NUMBERS)) if (numbers[name] !== usual) values[name] = numbers[name];
  if (features) values[FEATURES] = features;
  writeSearch(searchWith([PLANE, LOSS_AXIS, FEATURES, ...Object.keys(NUMBERS)], values));
}
