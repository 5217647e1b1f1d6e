// The panel below the network: kernel, the open map before and after, operations on whole layers, the list of edits.

import { element } from "../shared/dom.js";
import { KernelEditor } from "../kernel_editor/editor.js";
import { AccuracyMeter } from "./accuracy.js";
import { AnswerBars } from "./answer.js";
import { ThreeMaps } from "./threemaps.js";

const STEPS = ["undo", "redo", "reset"];
const TOLD_COPIED = 1500; // ms that "copied" stands
const ONE_MOVE_MS = 1500; // key after key on one weight is one edit

export class EditsPanel {
  /**
   * @param {{onEdit: (edit: object, isSame: boolean) => void, onStep: (step: string) => void, onClose: () => void}}
   *   answers
   */
  constructor(answers) {
    this.answers = answers;
    this.isFresh = true;
    this.editor = new KernelEditor({
      onChange: (weights, isFinal, bias) => this.moved(weights, isFinal, bias),
      onAction: (key, place) => this.acted(key, place),
    });
    this.maps = new ThreeMaps();
    this.bars = new AnswerBars();
    this.meter = new AccuracyMeter();
    this.build();
  }

  build() {
    this.title = element("h2", { class: "surgery-title" });
    this.closer = element("button", { type: "button", class: "surgery-close" });
    this.closer.addEventListener("click", () => this.answers.onClose());
    this.kernelTitle = element("h3", {});
    this.noKernel = element("p", { class: "surgery-hint" });
    this.kernel = element("div", { class: "surgery-kernel" }, [this.kernelTitle, this.noKernel, this.editor.root]);
    this.menu = element("select", { class: "surgery-menu" });
    this.menuDo = element("button", { type: "button" });
    this.menuDo.addEventListener("click", () => this.doChosen());
    this.menu.addEventListener("change", () => (this.menuDo.disabled = this.menu.value === ""));
    this.menuTitle = element("h3", {});
    this.listTitle = element("h3", {});
    this.list = element("ol", { class: "surgery-list" });
    this.steps = element(
      "div",
      { class: "surgery-steps" },
      STEPS.map((step) => element("button", { type: "button", "data-step": step }))
    );
    this.steps.addEventListener("click", (event) => this.step(event.target.dataset.step));
    this.problem = element("p", { class: "surgery-problem", role: "alert", hidden: true });
    this.codeTitle = element("summary", {});
    this.code = element("pre", { tabindex: 0 });
    this.copy = element("button", { type: "button" });
    this.copy.addEventListener("click", () => this.copyCode());
    const work = element("div", { class: "surgery-work" }, [
      this.menuTitle,
      element("div", { class: "surgery-row" }, [this.menu, this.menuDo]),
      this.listTitle,
      this.list,
      this.steps,
      this.problem,
      this.meter.root,
      element("details", {}, [this.codeTitle, this.copy, this.code]),
    ]);
    const middle = element("div", { class: "surgery-middle" }, [this.maps.root, this.bars.root]);
    const head = element("div", { class: "surgery-head" }, [this.title, this.closer]);
    this.root = element("section", { class: "surgery", hidden: true }, [
      head,
      element("div", { class: "surgery-columns" }, [this.kernel, middle, work]),
    ]);
  }

  /**
   * @param {{edits: object, scene: object, say: object, url: ?string, isOpen: boolean, isBehind: boolean}} shown
   *   `isBehind`: acts are not answered yet
   */
  show({ edits, scene, say, url, isOpen, isBehind }) {
    this.root.hidden = !(isOpen && edits.open);
    this.meter.hold(url, say, edits.done, edits.texts);
    if (this.root.hidden) return;
    this.said = edits;
    this.writeTexts(edits.texts);
    this.showKernel(scene, isBehind);
    this.maps.show(scene, edits.texts);
    this.bars.show(scene.packet, edits.texts);
    this.showMenu(edits);
    this.showList(edits);
    this.problem.hidden = !edits.problem;
    this.problem.textContent = edits.problem;
    if (this.code.textContent !== edits.code) this.code.textContent = edits.code;
  }

  writeTexts(texts) {
    if (this.texts && this.texts.title === texts.title) return;
    this.texts = texts;
    this.root.setAttribute("aria-label", texts.title);
    const words = {
      title: texts.title,
      closer: texts.close,
      noKernel: texts.no_kernel,
      menuTitle: texts.menu,
      menuDo: texts.menu_do,
      listTitle: texts.edits,
      codeTitle: texts.code,
      copy: texts.copy,
    };
    for (const [part, text] of Object.entries(words)) this[part].textContent = text;
    this.menu.setAttribute("aria-label", texts.menu);
    for (const button of this.steps.children) button.textContent = texts[button.dataset.step];
  }

  /** What the hand holds stays as the hand has it; an answer that is behind the hand does not move it back. */
  showKernel(scene, isBehind) {
    const { fields } = scene.packet;
    const edits = this.said;
    const shown = edits.kernel && fields.kernel;
    this.editor.root.hidden = !shown;
    this.noKernel.hidden = Boolean(shown);
    this.kernelTitle.hidden = !shown;
    if (!shown) return;
    const { layer, out, title, actions, texts } = edits.kernel;
    const isOther = this.place?.layer !== layer || this.place?.out !== out;
    if (isBehind && !isOther) return;
    this.place = { layer, out };
    if (isOther) this.startAnew();
    this.kernelTitle.textContent = title;
    const range = Math.max(1, scene.packet.layers.find(({ path }) => path === layer).weight_range);
    if (
      !isOther &&
      this.isShown(fields, {
        range,
        dark: scene.dark,
        count: edits.lines.length,
        chosen: edits.ready_made,
        texts,
      })
    )
      return;
    const shape = [1, ...fields.kernel.shape];
    this.inputs = fields.kernel.shape[0];
    this.last = { weights: fields.kernel.values.slice(), bias: fields.bias ? fields.bias.values.slice() : null };
    this.editor.show({
      shape,
      weights: this.last.weights,
      bias: this.last.bias,
      texts: this.editorTexts(texts),
      table: scene.tables.weights,
      range,
      actions,
      chosen: [edits.ready_made],
    });
  }

  /** Whether the editor shows these very numbers on the same colours already, as it does while the hand moves them. */
  isShown({ kernel, bias }, rest) {
    const key = JSON.stringify(rest);
    const isSame = key === this.shownKey && kernel.values.every((value, i) => value === this.last.weights[i]);
    this.shownKey = key;
    return isSame && (!bias || bias.values[0] === this.last.bias[0]);
  }

  /** The same object as long as the words are the same: the editor writes them only once. */
  editorTexts(texts) {
    if (JSON.stringify(this.words) !== JSON.stringify(texts)) this.words = texts;
    return this.words;
  }

  /**
   * The hand moved a weight or the bias. @param {Float32Array} weights @param {boolean} isFinal @param {?Float32Array}
   * bias
   */
  moved(weights, isFinal, bias) {
    const at = weights.findIndex((value, i) => value !== this.last.weights[i]);
    const edit = this.editOf(weights, bias, at);
    this.last = { weights, bias };
    if (edit) {
      this.answers.onEdit(edit, !this.isFresh || this.goesOn(at));
      this.move = { at, time: performance.now() };
    }
    this.isFresh = isFinal;
  }

  /** Whether the same weight (or, at −1, the bias) was moved a moment ago, and nothing else since. */
  goesOn(at) {
    return this.move?.at === at && performance.now() - this.move.time < ONE_MOVE_MS;
  }

  /** What follows is an edit of its own. */
  startAnew() {
    this.isFresh = true;
    this.move = null;
  }

  /** What differs from the last that was heard of; null where the hand only came to rest. */
  editOf(weights, bias, at) {
    if (bias !== null && bias[0] !== this.last.bias[0]) return { op: "bias", ...this.place, numbers: [bias[0]] };
    if (at < 0) return null;
    const size = weights.length / this.inputs;
    const into = Math.floor(at / size);
    return { op: "set", ...this.place, into, numbers: [...weights.subarray(into * size, (into + 1) * size)] };
  }

  /** A ready-made kernel, or a change of the chosen one. */
  acted(key, { channel }) {
    const { edit } = this.said.kernel.actions.find((action) => action.key === key);
    this.startAnew();
    this.answers.onEdit({ ...edit, ...this.place, into: channel }, false);
  }

  showMenu({ menu, texts }) {
    const key = JSON.stringify(menu);
    if (key === this.menuKey) return;
    this.menuKey = key;
    const chosen = this.menu.selectedIndex > 0 ? this.menu.options[this.menu.selectedIndex].textContent : "";
    const options = menu.map(({ title, edit }) =>
      element("option", { value: JSON.stringify(edit), selected: title === chosen }, [title])
    );
    this.menu.replaceChildren(element("option", { value: "" }, [texts.menu_choose]), ...options);
    this.menuDo.disabled = this.menu.value === "";
  }

  doChosen() {
    this.startAnew();
    if (this.menu.value) this.answers.onEdit(JSON.parse(this.menu.value), false);
  }

  showList({ lines, can_redo: canRedo, texts }) {
    const wanted = lines.length > 0 ? lines : [texts.no_edits];
    this.list.dataset.empty = String(lines.length === 0);
    const same =
      wanted.length === this.list.children.length &&
      wanted.every((line, i) => line === this.list.children[i].textContent);
    if (!same) this.list.replaceChildren(...wanted.map((line) => element("li", {}, [line])));
    const can = { undo: lines.length > 0, redo: canRedo, reset: lines.length > 0 };
    const focused = this.root.getRootNode().activeElement;
    for (const button of this.steps.children) button.disabled = !can[button.dataset.step];
    if (focused?.disabled && this.steps.contains(focused))
      [...this.steps.children].find((button) => !button.disabled)?.focus();
  }

  step(step) {
    this.startAnew();
    if (step) this.answers.onStep(step);
  }

  async copyCode() {
    try {
      await navigator.clipboard.writeText(this.code.textContent);
    } catch {
      this.chooseCode(); // no clipboard without https, or not allowed: by hand
      return;
    }
    this.copy.textContent = this.texts.copied;
    clearTimeout(this.copying);
    this.copying = setTimeout(() => (this.copy.textContent = this.texts.copy), TOLD_COPIED);
  }

  /** All lines chosen, so that Control C takes them. */
  chooseCode() {
    this.code.focus();
    getSelection().selectAllChildren(this.code);
  }

  close() {
    clearTimeout(this.copying);
    this.editor.close();
    this.meter.stop();
    this.root.remove();
  }
}
