// One run at one moment: its answer, kernels, maps, first ten guesses, mistakes, and where it puts the pictures.

import { element, fill } from "../shared/dom.js";
import { Answer } from "./bars.js";
import { MapGrid } from "./mapgrid.js";
import { Matrix } from "./matrix.js";
import { Scatter } from "./scatter.js";
import { ThumbRow } from "./thumbs.js";

export class Column {
  /** @param {{onCell: (cell: ?number[]) => void, onPlane: (change: object) => void,
   *   onImage: (index: number) => void, onDrop: () => void}} answers */
  constructor(answers) {
    this.title = element("h2", {});
    this.drop = element("button", { type: "button", class: "tr-small-button", "data-act": "drop" });
    this.drop.addEventListener("click", () => answers.onDrop());
    this.head = element("div", { class: "tr-run" }, [this.title, this.drop]);
    this.sentence = element("p", { class: "tr-notice", role: "status", hidden: true });
    this.answer = new Answer();
    this.kernels = new MapGrid({ name: "kernels", least: 24, most: 46 });
    this.gradients = new MapGrid({ name: "gradients", least: 24, most: 46 });
    this.maps = new MapGrid({ name: "maps", least: 50, most: 96 });
    this.tenTitle = element("h3", {});
    this.ten = new ThumbRow("ten");
    this.matrix = new Matrix({ onCell: answers.onCell });
    this.scatter = new Scatter({ onChange: answers.onPlane, onImage: answers.onImage });
    const grids = [this.kernels, this.gradients, this.maps].map(({ root }) => root);
    const inside = element("div", { class: "tr-panel" }, [this.answer.root, ...grids]);
    const tested = element("div", { class: "tr-panel" }, [
      element("section", {}, [this.tenTitle, this.ten.root]),
      this.matrix.root,
    ]);
    this.plane = element("div", { class: "tr-panel" }, [this.scatter.root]);
    this.panels = [inside, tested, this.plane];
    this.root = element("div", { class: "tr-column" }, [this.head, this.sentence, ...this.panels]);
  }

  /** Widths are read when they change. */
  measure() {
    this.wides = this.panels.map((panel) => Math.max(200, Math.floor(panel.clientWidth)));
  }

  /** @param {object} run what is known of it @param {object} scene words, colours, what is looked at */
  show(run, scene) {
    const { texts } = scene;
    this.root.dataset.letter = run.letter;
    this.title.textContent = run.letter ? fill(texts.run_head, { letter: run.letter, title: run.title ?? "" }) : "";
    this.head.hidden = !run.letter;
    this.drop.hidden = !run.isKept;
    this.drop.textContent = texts.drop;
    this.drop.title = texts.drop_hint;
    this.sentence.hidden = !run.sentence;
    this.sentence.textContent = run.sentence ?? "";
    for (const panel of this.panels) panel.hidden = !run.look;
    if (!run.look || !run.statics) return;
    if (!this.wides) this.measure();
    this.showInside(run, scene);
    this.showTested(run, scene);
    this.showPlane(run, scene);
  }

  showInside({ look, statics }, scene) {
    const { texts, tables, ink } = scene;
    const wide = this.wides[0];
    this.answer.show({ look, classes: statics.classes, texts, title: texts.answers[look.subject_kind] });
    this.kernels.root.hidden = !look.kernels;
    if (look.kernels) {
      const scale = { table: tables.weights, low: -look.kernel_range, high: look.kernel_range };
      this.kernels.show({
        field: look.kernels,
        scale,
        title: fill(look.channels > 1 ? texts.kernels_of : texts.kernels, {
          layer: look.kernel_layer,
          channel: look.channel,
        }),
        text: texts.kernel_cell,
        wide,
        ink,
      });
    }
    this.showGradients(look, scene, wide);
    this.maps.root.hidden = !look.maps;
    if (!look.maps) return;
    const scale = { table: tables.activations, low: -look.range, high: look.range };
    this.maps.show({
      field: look.maps,
      scale,
      title: fill(texts.maps, { layer: look.layer }),
      text: texts.map_cell,
      wide,
      ink,
    });
  }

  /** Below each kernel its gradient at this very moment: the same places, a scale of its own. */
  showGradients({ gradients }, { texts, tables, ink }, wide) {
    this.gradients.root.hidden = !gradients;
    if (!gradients) return;
    this.gradients.show({
      field: gradients.values,
      scale: { table: tables.weights, low: -gradients.range, high: gradients.range },
      title: fill(texts.gradients, { n: gradients.batch }),
      text: texts.gradient_cell,
      wide,
      ink,
    });
  }

  showTested({ look, statics }, scene) {
    const { texts, tables } = scene;
    const { ten, confusion } = look;
    const right = ten.guesses.filter((guess, at) => guess === statics.ten.truths[at]).length;
    this.tenTitle.textContent = fill(statics.ten.is_test ? texts.ten_test : texts.ten, {
      right,
      total: ten.guesses.length,
    });
    const words = ten.guesses.map((guess, at) => {
      const isRight = guess === statics.ten.truths[at];
      const truth = fill(texts.is_really, { truth: statics.classes[statics.ten.truths[at]] });
      return { text: `${statics.classes[guess]} ${isRight ? "✓" : "✗"}`, mark: isRight ? "" : truth, isRight };
    });
    this.ten.show(statics.ten.images, words, 44);
    this.matrix.root.hidden = !confusion;
    if (!confusion) return;
    this.matrix.show({
      counts: confusion.counts,
      step: confusion.step,
      classes: statics.classes,
      texts,
      table: tables.scores,
    });
    this.matrix.showPictures(look.pictures ?? null);
  }

  showPlane({ statics, plane }, scene) {
    const { texts, ink, dark } = scene;
    this.plane.hidden = !plane;
    if (!plane) return;
    const isNear = plane.perplexity !== null;
    const words = { layer: plane.layer, n: plane.labels.length, perplexity: isNear && Math.round(plane.perplexity) };
    const note = plane.sentence || fill(isNear ? texts.embedding_note_tsne : texts.embedding_note, words);
    this.scatter.show({
      ...plane,
      note,
      classes: statics.classes,
      texts,
      ink,
      dark,
      wide: this.wides[2],
      step: plane.step,
      method: scene.method,
      aspect: scene.aspect,
    });
  }
}
