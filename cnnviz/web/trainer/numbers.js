// What was measured, as numbers: the test at the end, log lines, a table of the epochs, all of it as a file.

import { element, fill, putText, renewChildren } from "../shared/dom.js";
import { formatNumber } from "../shared/format.js";

const DECIMALS = 4;

export class RunNumbers {
  /** @param {{onCsv: () => void}} answers */
  constructor({ onCsv }) {
    this.tested = element("p", { class: "tr-tested", "aria-live": "polite" });
    this.penalty = element("p", { class: "tr-penalty" });
    this.summary = element("summary", {});
    this.logTitle = element("h3", {});
    this.log = element("ol", { class: "tr-log", tabindex: 0 });
    this.cost = element("p", { class: "tr-small tr-cost" });
    this.tableTitle = element("h3", {});
    this.table = element("table", { class: "tr-epochs" });
    this.csv = element("button", { type: "button", class: "tr-small-button", "data-act": "csv" });
    this.csv.addEventListener("click", onCsv);
    const parts = [
      element("section", {}, [this.logTitle, this.log, this.cost]),
      element("section", { class: "tr-scroll" }, [this.tableTitle, this.table, this.csv]),
    ];
    this.details = element("details", { class: "tr-numbers" }, [
      this.summary,
      element("div", { class: "tr-numbers-body" }, parts),
    ]);
    this.root = element("div", {}, [this.tested, this.penalty, this.details]);
  }

  /** @param {object} run @param {Record<string, any>} texts */
  show(run, texts) {
    const { curves, statics } = run;
    this.root.hidden = !curves;
    if (!curves) return;
    putText(this.summary, texts.numbers);
    putText(this.csv, texts.csv);
    const lines = testedLines(curves, statics?.published, texts);
    this.tested.hidden = lines.length === 0;
    putText(this.tested, lines.join(" "));
    this.showPenalty(run.look?.penalty, texts);
    this.showLog(curves.log, texts);
    this.showCost(curves.test_cost, texts);
    this.showEpochs(curves.epochs, texts);
  }

  /** What is added to the loss at the moment that is shown. */
  showPenalty(penalty, texts) {
    this.penalty.hidden = !penalty;
    if (!penalty) return;
    const [squares, value] = [penalty.squares, penalty.value].map((number) => formatNumber(number, DECIMALS));
    putText(this.penalty, fill(texts.penalty, { step: penalty.step, factor: penalty.factor, squares, value }));
  }

  showLog(log, texts) {
    const lines = logLines(log, texts);
    putText(this.logTitle, lines.length > 0 ? logTitle(log, texts) : texts.log_none);
    renewChildren(this.log, lines, () => lines.map((line) => element("li", {}, [line])));
  }

  showCost(cost, texts) {
    this.cost.hidden = !cost;
    if (!cost) return;
    const [seconds, training] = [cost.test_s, cost.training_s].map((number) => formatNumber(number, 1));
    const said = [fill(texts.test_cost, { tests: cost.tests, seconds, training })];
    if (cost.left_out > 0) said.push(fill(texts.tests_left_out, { n: cost.left_out }));
    putText(this.cost, said.join(" "));
  }

  showEpochs(epochs, texts) {
    const rows = epochRows(epochs);
    putText(this.tableTitle, rows.length > 0 ? texts.epochs_table : texts.no_epoch);
    this.table.hidden = rows.length === 0;
    renewChildren(this.table, [texts.epochs_head, rows], () => [
      element("thead", {}, [element("tr", {}, texts.epochs_head.map(columnHead))]),
      element("tbody", {}, rows.map(epochRow)),
    ]);
  }
}

function columnHead(name) {
  return element("th", { scope: "col" }, [name]);
}

function epochRow([epoch, ...cells]) {
  return element("tr", {}, [
    element("th", { scope: "row" }, [epoch]),
    ...cells.map((text) => element("td", {}, [text])),
  ]);
}

/** What the run came to, and what was published for its network: of a set without a test the last epoch. */
function testedLines({ tests, epochs }, published, texts) {
  const own = tests.whole ? wholeTest(tests.whole, texts) : published && lastEpoch(epochs, texts);
  return own ? [own, ...(published ? [published] : [])] : [];
}

function wholeTest(whole, texts) {
  const [loss, accuracy] = [whole.loss, whole.accuracy].map((value) => formatNumber(value, DECIMALS));
  return fill(texts.at_the_end, { ...whole, n: whole.n.toLocaleString("en"), loss, accuracy });
}

function lastEpoch({ numbers, training_loss, training_accuracy, accuracy }, texts) {
  const last = numbers.values.length - 1;
  if (last < 0) return null;
  const [loss, training, validation] = [training_loss, training_accuracy, accuracy].map(({ values }) =>
    formatNumber(values[last], DECIMALS)
  );
  return fill(texts.after_epoch, { epoch: numbers.values[last], loss, training, validation });
}

function logTitle({ kind, every }, texts) {
  return every > 1 ? fill(texts.log_part_titles[kind], { n: every }) : texts.log_titles[kind];
}

function logLines({ kind, epoch, step, loss, accuracy }, texts) {
  return Array.from(step.values, (steps, at) =>
    fill(texts.log_lines[kind], {
      epoch: epoch.values[at],
      step: steps,
      loss: formatNumber(loss.values[at], DECIMALS),
      accuracy: formatNumber(accuracy.values[at], DECIMALS),
    })
  );
}

function epochRows({ numbers, training_loss, training_accuracy, loss, accuracy }) {
  const columns = [training_loss, training_accuracy, loss, accuracy];
  return Array.from(numbers.values, (epoch, at) => [
    String(epoch),
    ...columns.map((column) => formatNumber(column.values[at], DECIMALS)),
  ]);
}
