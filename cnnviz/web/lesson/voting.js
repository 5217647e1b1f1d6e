// Chapter 7: twelve values in one column, their votes for X and for O as lines as thick as the weights, and the scores.

import { cssColour, tableIndex } from "../shared/colour.js";
import { element, fill, svgElement } from "../shared/dom.js";
import { largestSize } from "../shared/extent.js";
import { formatNumber } from "../shared/format.js";
import { digitsOfFactors, digitsThatHold } from "../shared/sums.js";
import { WeightGrid } from "../kernel_editor/grid.js";
import { letterName } from "./comparing.js";
import { Numbers } from "./numbers.js";
import { Question } from "./predict.js";

const VALUES = 12;
export const LETTERS = ["X", "O"];
const ROW = 30; // of the drawing of the lines: a value, its two votes, the start of its two lines (--row on the page)
const TALL = VALUES * ROW;
const NODES = [0.27, 0.73]; // where the lines end, of the whole height
const THICKEST = 9; // pixels, of a weight of 1
const MOST = 10;
const DIGITS_OF_VOTES = 2;

export class Voting {
  /**
   * @param {{onVotes: (votes: number[]) => void, onSharpness: (value: number) => void, onRestore: () => void,
   *   onPicture: (key: string) => void, onTold: () => void}} answers
   */
  constructor(answers) {
    this.answers = answers;
    this.question = new Question(() => {
      this.show(this.view);
      answers.onTold();
    });
    this.picked = 0;
    this.lit = null;
    this.column = new Numbers({ onPoint: (at) => this.light(at === null ? null : { value: at, letter: null }) });
    this.grid = new WeightGrid({ onPick: (at) => this.pick(at), onValue: (at, value) => this.put(at, value) });
    this.lines = new Lines((lit) => this.light(lit));
    this.heads = ["column", ...LETTERS].map(() => element("h4", {}));
    this.nodes = LETTERS.map((letter, at) =>
      element("div", { class: "score-node", "data-letter": letter, style: `top:${100 * NODES[at]}%` }, [
        element("b", {}, [letter]),
        element("output", {}),
      ])
    );
    const ends = element("div", { class: "score-nodes" }, this.nodes);
    this.names = Array.from({ length: VALUES }, () => element("span", {}));
    const board = element("div", { class: "vote-board" }, [
      element("div", { class: "vote-names" }, this.names),
      this.column.node,
      this.grid.root,
      this.lines.node,
      ends,
    ]);
    this.readout = element("p", { class: "step-sentence" });
    this.answer = element("p", { class: "verdict", "aria-live": "polite" });
    this.sums = LETTERS.map((letter) => element("p", { class: "sum-line", "data-letter": letter }));
    this.softmax = new Softmax(answers.onSharpness);
    this.restore = element("button", { type: "button", class: "quiet" });
    this.restore.addEventListener("click", () => answers.onRestore());
    this.others = element("div", { class: "others" });
    this.others.addEventListener("click", (event) => this.take(event.target.closest("button")));
    this.othersTitle = element("h3", {});
    const heads = element("div", { class: "vote-heads" }, this.heads);
    this.node = element("section", { class: "voting" }, [
      this.question.node,
      heads,
      board,
      this.readout,
      this.answer,
      ...this.sums,
      this.restore,
      this.softmax.node,
      this.othersTitle,
      this.others,
    ]);
  }

  get isHeld() {
    return this.grid.isHeld;
  }

  /** @param {object} view what is on screen; `votes` as the hand has them */
  show(view) {
    this.view = view;
    const { packet, tools, votes } = view;
    const { texts } = tools;
    this.values = packet.outputs.pool2.values;
    this.weights = [...this.values].flatMap((_, at) => [votes[at], votes[VALUES + at]]); // as the two columns stand
    this.half = Math.max(1, largestSize(votes));
    this.heads.forEach(
      (head, at) => (head.textContent = at === 0 ? texts.column : fill(texts.vote_for, { letter: LETTERS[at - 1] }))
    );
    this.names.forEach((name, at) => (name.textContent = nameOfValue(at, texts)));
    this.showGrid();
    this.nodes.forEach((node, at) => {
      node.lastChild.textContent = formatNumber(packet.scores[at], 2);
      node.dataset.wins = String(packet.answer === LETTERS[at] && !packet.is_blank);
      node.setAttribute(
        "aria-label",
        `${fill(texts.score_for, { letter: LETTERS[at] })}: ${node.lastChild.textContent}`
      );
    });
    this.answer.textContent = verdictText(packet, texts);
    this.question.show(this.ask(texts), texts);
    for (const part of [this.readout, ...this.sums]) part.hidden = !this.question.isDone;
    this.sums.forEach((line, at) => (line.textContent = sumLine(packet, at, texts)));
    this.restore.textContent = texts.restore_votes;
    const { plain } = tools;
    const isPlainNow =
      view.sharpness === plain.sharpness && votes.every((vote, at) => Math.round(vote * 100) === plain.votes[at]);
    this.restore.setAttribute("aria-disabled", String(isPlainNow));
    this.softmax.show(view);
    this.showOthers(view);
    this.showLit();
  }

  /** How much one value adds to the score for X: the one that adds most. */
  ask(texts) {
    const products = [...this.values].map((value, at) => value * this.weights[2 * at]);
    const at = products.reduce(
      (best, product, i) => (isPlain(this.weights[2 * i]) || product <= products[best] ? best : i),
      0
    );
    const [value, weight] = [this.values[at], this.weights[2 * at]];
    const said = (number) => formatNumber(number, DIGITS_OF_VOTES);
    const [left, right] = digitsOfFactors([value], [weight], [products[at]], DIGITS_OF_VOTES) ?? [4, 4];
    const words = {
      name: nameOfValue(at, texts),
      value: formatNumber(value, left),
      weight: formatNumber(weight, right),
      letter: LETTERS[0],
    };
    const choices = [...new Set([products[at], value, value + weight].map(said))];
    return {
      ask: fill(texts.ask_vote, words),
      choices,
      right: said(products[at]),
      why: `${this.voteLine(at, 0)}. ${texts.why_vote}`,
    };
  }

  showGrid() {
    const { tables, tools } = this.view;
    const { texts } = tools;
    this.grid.show({
      rows: VALUES,
      cols: 2,
      values: this.weights,
      picked: this.picked,
      half: this.half,
      step: 0.01,
      table: tables.weights,
      texts: texts.editor,
    });
    this.grid.root.setAttribute("aria-label", texts.chapters[6].title);
    this.grid.fields.forEach((field, at) =>
      field.setAttribute(
        "aria-label",
        fill(texts.vote_label, { name: nameOfValue(at >> 1, texts), letter: LETTERS[at % 2] })
      )
    );
  }

  showOthers({ packet, tools }) {
    const { texts, ready } = tools;
    const stamp = JSON.stringify([packet.presets, texts.language]);
    if (stamp === this.stamp) return; // a button that is being pressed must stay
    this.stamp = stamp;
    this.othersTitle.textContent = texts.all_pictures;
    const buttons = ready.map(({ key, title, letter }, at) => {
      const { answer, scores } = packet.presets[at];
      const said = `X ${formatNumber(scores[0], 2)} · O ${formatNumber(scores[1], 2)}`;
      const mark = `${letterName(answer, texts)}, ${answer === letter ? texts.right : texts.wrong}`;
      return element("button", { type: "button", "data-key": key, "data-right": String(answer === letter) }, [
        element("b", {}, [title]),
        said,
        element("span", {}, [mark]),
      ]);
    });
    this.others.replaceChildren(...buttons);
  }

  take(button) {
    if (button) this.answers.onPicture(button.dataset.key);
  }

  pick(at) {
    this.picked = at;
    this.light({ value: at >> 1, letter: at % 2 });
    this.showGrid();
  }

  /** A vote changes: whole hundredths, not beyond what a link can say. */
  put(at, value) {
    const bounded = Math.max(-MOST, Math.min(MOST, Math.round(value * 100) / 100));
    const votes = [...this.view.votes];
    votes[(at % 2) * VALUES + (at >> 1)] = bounded;
    this.lit = { value: at >> 1, letter: at % 2 };
    this.answers.onVotes(votes);
  }

  light(lit) {
    this.lit = lit;
    if (this.view) this.showLit();
  }

  /** What is pointed at: its lines, its value, its numbers. */
  showLit() {
    const { tables, tools } = this.view;
    this.column.show({
      rows: VALUES,
      cols: 1,
      values: this.values,
      table: tables.activations,
      label: tools.texts.column,
      lit: (at) => this.lit?.value === at,
    });
    this.lines.show({ weights: this.weights, half: this.half, table: tables.weights, lit: this.lit });
    this.showReadout();
  }

  /** The pointed-at vote in numbers; without one, the one that is picked in the grid. */
  showReadout() {
    const { value, letter } = this.lit ?? { value: this.picked >> 1, letter: this.picked % 2 };
    const letters = letter === null ? [0, 1] : [letter];
    this.readout.textContent = letters.map((one) => this.voteLine(value, one)).join(" · ");
  }

  voteLine(at, letter) {
    const { texts } = this.view.tools;
    const [value, weight] = [this.values[at], this.weights[2 * at + letter]];
    const product = value * weight;
    const [left, right] = digitsOfFactors([value], [weight], [product], 2) ?? [4, 4];
    return fill(texts.vote_line, {
      name: nameOfValue(at, texts),
      value: formatNumber(value, left),
      weight: formatNumber(weight, right),
      product: formatNumber(product, 2),
      letter: LETTERS[letter],
    });
  }
}

/** Times 0, 1 or −1 is no question. */
function isPlain(weight) {
  return Number.isInteger(weight);
}

function verdictText({ answer, is_blank: isBlank }, texts) {
  if (isBlank) return fill(texts.blank_answer, { answer: letterName(answer, texts) });
  return answer === "neither" ? texts.answer_neither : fill(texts.answer, { answer });
}

/** What a value of the column is called: its map, and its corner of it. */
export function nameOfValue(at, texts) {
  return fill(texts.value_of, { feature: texts.features[Math.floor(at / 4)], place: texts.places[at % 4] });
}

/** A score as the sum of its twelve products, which adds up as shown. */
function sumLine(packet, letter, texts) {
  const values = [...packet.outputs.pool2.values];
  const products = values.map((value, at) => value * packet.votes.values[letter * VALUES + at]);
  const held = digitsThatHold(products, packet.scores[letter], 2);
  const terms = products.map((product, at) => {
    const text = formatNumber(Math.abs(product), held?.[0] ?? 2);
    return `${product < 0 ? "\u2212 " : at > 0 ? "+ " : ""}${text}`;
  });
  const total = formatNumber(packet.scores[letter], held?.[1] ?? 2);
  return fill(texts.sum_line, { letter: LETTERS[letter], terms: terms.join(" "), sign: held ? "=" : "\u2248", total });
}

/** From each value a line to X and one to O; dashed where it votes against. */
class Lines {
  constructor(onPoint) {
    this.onPoint = onPoint;
    this.node = svgElement("svg", {
      class: "vote-lines",
      viewBox: `0 0 100 ${TALL}`,
      preserveAspectRatio: "none",
      role: "presentation",
    });
    this.paths = Array.from({ length: 2 * VALUES }, (_, at) => {
      const [from, to] = [((at >> 1) + 0.5) * ROW, TALL * NODES[at % 2]];
      const d = `M0 ${from} C45 ${from} 55 ${to} 100 ${to}`;
      return [
        svgElement("path", { d, class: "vote-line" }),
        svgElement("path", { d, class: "vote-hit", "data-at": at }),
      ];
    });
    this.node.append(...this.paths.map(([line]) => line), ...this.paths.map(([, hit]) => hit));
    this.node.addEventListener("pointerover", (event) => this.point(event.target.dataset?.at));
    this.node.addEventListener("pointerleave", () => this.onPoint(null));
  }

  point(at) {
    if (at !== undefined) this.onPoint({ value: Number(at) >> 1, letter: Number(at) % 2 });
  }

  show({ weights, half, table, lit }) {
    this.paths.forEach(([line], at) => {
      const weight = weights[at];
      const isLit = lit?.value === at >> 1 && (lit.letter === null || lit.letter === at % 2);
      Object.assign(line.style, {
        stroke: cssColour(table[tableIndex(weight, -half, half)]),
        strokeWidth: `${Math.min(2, Math.abs(weight)) * THICKEST}px`,
        strokeDasharray: weight < 0 ? "5 4" : "",
        opacity: lit && !isLit ? "0.25" : "1",
      });
      line.dataset.weight = String(weight);
    });
  }
}

/** The two scores as shares of 1. */
class Softmax {
  constructor(onSharpness) {
    this.title = element("h3", {});
    this.slider = element("input", { type: "range", min: 0.5, max: 10, step: 0.5 });
    this.slider.addEventListener("input", () => onSharpness(Number(this.slider.value)));
    this.label = element("span", {});
    this.bars = LETTERS.map((letter) =>
      element("div", { class: "share", "data-letter": letter }, [element("i", {}), element("span", {})])
    );
    this.note = element("p", { class: "faint" });
    this.node = element("div", { class: "softmax" }, [
      this.title,
      ...this.bars,
      element("label", {}, [this.label, this.slider]),
      this.note,
    ]);
  }

  show({ packet, tables, tools, sharpness }) {
    const { texts } = tools;
    this.title.textContent = texts.shares;
    this.note.textContent = texts.shares_note;
    this.label.textContent = fill(texts.sharpness, { sharpness });
    this.slider.value = String(sharpness);
    this.bars.forEach((bar, at) => {
      const share = packet.shares[at];
      Object.assign(bar.firstChild.style, {
        width: `${100 * share}%`,
        background: cssColour(tables.scores[tableIndex(share, 0, 1)]),
      });
      bar.lastChild.textContent = fill(texts.share, { letter: LETTERS[at], share: formatNumber(share, 2) });
    });
  }
}
