// How the runs are looked at, in the page's address: which plane shows the pictures, whether the loss is logarithmic.

import { searchWith, writeSearch } from "../shared/address.js";

const PLANE = "plane";
const LOSS_AXIS = "axis";
const USUAL_PLANE = "pca";
const PLANES = [USUAL_PLANE, "tsne"];
const LOG = "log";

/** What the address asks for; anything else is as usual. @returns {{method: string, isLog: boolean}} */
export function readAspect(search = location.search) {
  const query = new URLSearchParams(search);
  const plane = query.get(PLANE);
  return { method: PLANES.includes(plane) ? plane : USUAL_PLANE, isLog: query.get(LOSS_AXIS) === LOG };
}

/** What is as usual is not in the address. @param {{method: string, isLog: boolean}} aspect */
export function writeAspect({ method, isLog }) {
  const values = { ...(method === USUAL_PLANE ? {} : { [PLANE]: method }), ...(isLog ? { [LOSS_AXIS]: LOG } : {}) };
  writeSearch(searchWith([PLANE, LOSS_AXIS], values));
}
