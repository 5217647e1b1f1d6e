// The table below the network: all values of the open map, or, in the walk, the whole arithmetic of one cell.

import { askCellTable, writeCellTable } from "../network/celltable.js";
import { writeTable } from "./panel.js";

export class NumbersTable {
  /** @param {object} explorer */
  constructor(explorer) {
    this.explorer = explorer;
    this.box = explorer.panel.table;
    this.isOpen = false;
    this.url = null;
    this.asked = 0;
    explorer.panel.numbers.addEventListener("click", () => this.toggle());
    this.box.addEventListener("pointerover", (event) => this.point(event.target.closest("td")));
  }

  toggle() {
    this.isOpen = !this.isOpen;
    this.isNew = this.isOpen;
    this.explorer.describe();
    this.explorer.tellPython();
    if (!this.box.hidden) this.box.scrollIntoView({ block: "nearest" });
  }

  show() {
    const { scene, walk, panel } = this.explorer;
    this.box.hidden = !(this.isOpen && scene.open && scene.packet.layers[scene.open.index].output);
    if (this.box.hidden) return;
    this.isOfCell = !walk.root.hidden && this.url !== null;
    if (this.isOfCell) this.askPython();
    else writeTable(panel, scene);
  }

  /** Asks for the cell on which the walk rests; only the answer to the latest question is shown. */
  async askPython() {
    const { scene, walk, say } = this.explorer;
    this.asked += 1;
    const { asked } = this;
    if (!this.box.querySelector(".ledger")) writeCellTable(this.box, { problem: scene.packet.texts.computing });
    const table = await askCellTable(
      this.url,
      { ...say, ...walk.unitOf(walk.player.at) },
      scene.packet.layers[0].output.values
    );
    if (!table || asked !== this.asked || !this.isOfCell) return;
    writeCellTable(this.box, table);
    if (this.isNew) this.box.scrollIntoView({ block: "nearest", behavior: "smooth" });
    this.isNew = false;
  }

  /** Marks the value of a lit cell. */
  light(cell) {
    for (const old of this.box.querySelectorAll(".lit")) old.classList.remove("lit");
    const { scene } = this.explorer;
    if (!cell || this.box.hidden || cell.index !== scene.open?.index) return;
    const { form } = scene.packet.layers[cell.index];
    const row = form === "cells" || form === "bars" ? cell.channel : cell.row;
    this.box.querySelector(`td[data-row="${row}"][data-col="${cell.col}"]`)?.classList.add("lit");
  }

  /** A value under the pointer lights its cell. */
  point(cell) {
    if (!cell?.dataset.row || !this.explorer.scene.open) return;
    this.explorer.light(this.placed(Number(cell.dataset.row), Number(cell.dataset.col)));
  }

  /** A cell of the open layer as its table counts: a row of a vector's table is a unit. */
  placed(row, col) {
    const { open, packet } = this.explorer.scene;
    const { form } = packet.layers[open.index];
    if (form === "cells" || form === "bars") return { index: open.index, channel: row, row: 0, col: 0, part: "map" };
    return { ...open, row, col, part: form === "strip" ? "map" : "result" };
  }
}
