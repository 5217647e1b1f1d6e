// "Save" in a comparison: A, B and B − A of what is open, as one picture or as one table of numbers.

import { scaleOf, withTable } from "../shared/atlas.js";
import { SaveBox } from "../network/savebox.js";
import { saveNumbers } from "../network/savenumbers.js";
import { savePicture } from "../network/savepicture.js";
import { SIDES, shownNumbers } from "./pairs.js";

export class PairSaving {
  /** @param {HTMLElement} root whose colours are the page's */
  constructor(root) {
    this.root = root;
    this.box = new SaveBox((way) => this.save(way));
  }

  /**
   * @param {import("./pairs.js").Compared} compared
   * @param {?import("./pairs.js").Pair} pair what is open
   * @param {number} channel
   * @param {import("../network/paint.js").Scene} scene of one side: its colours
   */
  show(compared, pair, channel, scene) {
    this.now = { compared, pair, channel, scene };
    const sides = pair ? sidesOf(compared, pair) : [];
    const canSave = sides.length > 0;
    const { texts } = compared.one;
    const closed = pair ? pair.reason || compared.texts.waiting : texts.save_closed;
    const form = canSave ? layerOf(compared, pair, sides[0]).form : "";
    const hint = canSave ? compared.texts.save_hint : closed;
    this.box.show({ texts, canSave, hasMaps: form === "maps", hint });
  }

  save({ isMap, isTable }) {
    const saved = this.saved(isMap ? this.now.channel : null);
    return isTable ? saveNumbers(saved) : savePicture(saved, this.root);
  }

  /** @returns {import("../network/savenumbers.js").Saved} */
  saved(channel) {
    const { compared, pair } = this.now;
    const sides = sidesOf(compared, pair);
    const { form, count, rows, cols, classes } = layerOf(compared, pair, sides[0]);
    const { networks, images, texts } = compared;
    return {
      names: [...new Set(sides.map((side) => networks[side])), texts.file_compared],
      about: sides.map((side) => [texts[side], [networks[side], images[side]].filter(Boolean).join(", ")]),
      layer: pair.path,
      note: "",
      parts: this.parts(sides),
      classes: classes ? compared[sides[0]].classes : null,
      texts: compared.one.texts,
      form,
      count,
      rows,
      cols,
      channel,
    };
  }

  /** The values of each side, and their difference where both have them. */
  parts(sides) {
    const { compared, pair, scene } = this.now;
    const { texts, titles } = compared;
    const parts = sides.map((side) => {
      const layer = layerOf(compared, pair, side);
      const scale = (channel) => withTable(scene.tables, scaleOf(layer, "layer", channel));
      return { name: texts[side], title: titles[side], values: layer.output.values, hasOwnRanges: false, scale };
    });
    if (sides.length < 2) return [{ ...parts[0], name: "", title: `${parts[0].name}: ${parts[0].title}` }];
    const scale = () => ({ table: scene.tables.activations, low: -pair.reach, high: pair.reach });
    const { values } = pair.difference;
    const all = [...parts, { name: texts.difference, title: "", values, hasOwnRanges: false, scale }];
    const { form } = layerOf(compared, pair, "one");
    const written = (at) => shownNumbers(...all.map((part) => part.values[at]), form);
    return all.map((part, at) => ({ ...part, textOf: (entry) => written(entry)[[...SIDES, "difference"][at]] }));
  }
}

function layerOf(compared, pair, side) {
  return compared[side].layers[pair[side]];
}

/** The sides whose values can be saved: both where they have a difference, the one that has this layer. */
function sidesOf(compared, pair) {
  const here = SIDES.filter((side) => pair[side] !== null);
  if (here.length === 2) return pair.difference ? SIDES : [];
  return here.filter((side) => layerOf(compared, pair, side).output);
}
