// One layer of the list: its kind, its fields, what comes out, what is wrong with it.

import { element, fill } from "../shared/dom.js";
import { isPlainKey } from "../shared/plainkey.js";
import { buildField } from "./fields.js";

const UNKNOWN = "?";

/** A problem as a sentence with a button for every way out. */
export function problemNote(problem, onMend) {
  const buttons = problem.mends.map((mend) => {
    const button = element("button", { type: "button", class: "bp-mend" }, [mend.label]);
    button.addEventListener("click", () => onMend(mend));
    return button;
  });
  return element("p", { class: "bp-problem", role: "status" }, [element("span", {}, [problem.sentence]), ...buttons]);
}

export class PartRow {
  /** @param {object} part a record @param {object} texts @param {object} answers what the row calls */
  constructor(part, texts, answers) {
    this.texts = texts;
    this.kindKey = part.kind;
    this.label = "";
    this.answers = answers;
    this.name = element("b", { class: "bp-name" });
    this.kind = element(
      "select",
      { class: "bp-list bp-kind" },
      Object.entries(texts.kinds).map(([value, text]) => element("option", { value }, [text]))
    );
    this.kind.value = part.kind;
    this.kind.addEventListener("change", () => answers.onKind(this.kind.value));
    this.fields = texts.fields[part.kind].map((spec) => [
      spec,
      buildField(spec, (value) => answers.onField(spec.name, value)),
    ]);
    this.shape = element("span", { class: "bp-shape" });
    this.parameters = element("span", { class: "bp-parameters", "data-label": texts.parameters });
    this.sees = element("span", { class: "bp-sees", title: texts.sees_hint, "data-label": texts.sees });
    this.buttons = ["up", "down", "remove"].map((act) => this.tool(act));
    this.problem = element("div", { class: "bp-trouble" });
    this.root = element("li", { class: "bp-row", tabindex: 0, "data-kind": part.kind }, [
      element("span", { class: "bp-what" }, [this.name, this.kind]),
      element(
        "span",
        { class: "bp-fields" },
        this.fields.map(([, field]) => field.root)
      ),
      element("span", { class: "bp-out" }, [this.shape, this.parameters, this.sees]),
      element("span", { class: "bp-tools" }, this.buttons),
      this.problem,
    ]);
    this.root.addEventListener("keydown", (event) => this.press(event));
  }

  tool(act) {
    const signs = { up: "↑", down: "↓", remove: "✕" };
    const button = element("button", { type: "button", "data-act": act }, [signs[act]]);
    button.addEventListener("click", () => this.answers.onTool(act));
    return button;
  }

  /**
   * @param {object} part a record
   * @param {?object} look what Python found out about it; null until it has answered
   * @param {{isFirst: boolean, isLast: boolean, refusal: ?string}} place
   */
  show(part, look, { isFirst, isLast, refusal }) {
    const { texts } = this;
    if (look) this.write(look);
    for (const [spec, field] of this.fields) {
      if (field.box) field.box.isRefused = Boolean(refusal);
      field.isRefused = Boolean(refusal);
      field.show(part[spec.name], spec.name === "inputs" ? look?.inputs : look?.outputs);
    }
    const [up, down] = this.buttons;
    up.disabled = isFirst;
    down.disabled = isLast;
    this.kind.setAttribute("aria-label", fill(texts.kind, { name: this.label }));
    const problem = refusal ? { sentence: refusal, mends: [] } : look?.problem;
    this.root.dataset.wrong = String(Boolean(problem));
    const told = JSON.stringify(problem ?? null);
    if (told !== this.told)
      this.problem.replaceChildren(...(problem ? [problemNote(problem, (mend) => this.answers.onMend(mend))] : []));
    this.told = told;
    for (const [, field] of this.fields) field.root.toggleAttribute("data-wrong", false);
    const wrong = this.fields.find(([spec]) => spec.name === look?.problem?.field);
    if (wrong) wrong[1].root.toggleAttribute("data-wrong", true);
  }

  write(look) {
    const { texts } = this;
    this.label = look.name;
    this.name.textContent = look.name;
    this.shape.textContent = look.shape ?? UNKNOWN;
    this.shape.title = look.shape ? texts.output : texts.unknown;
    this.parameters.textContent = look.shape ? look.parameters : UNKNOWN;
    this.parameters.title = look.formula;
    this.sees.textContent = look.sees ?? UNKNOWN;
    this.root.setAttribute(
      "aria-label",
      `${look.name}: ${texts.kinds[this.kindKey]}, ${texts.output} ${look.shape ?? texts.unknown}`
    );
    this.buttons.forEach((button) =>
      button.setAttribute("aria-label", fill(texts[button.dataset.act], { name: look.name }))
    );
  }

  focus() {
    this.root.focus();
  }

  /** Keys on the row itself; those in a field are the field's, but for Esc. */
  press(event) {
    if (event.target !== this.root) {
      if (event.key === "Escape") this.root.focus();
      return;
    }
    const arrows = { ArrowUp: -1, ArrowDown: 1 };
    const acts = { Delete: "remove", Backspace: "remove", Insert: "add", "+": "add" };
    const isMoved = event.key in arrows && event.altKey && !event.ctrlKey && !event.metaKey;
    if (!isMoved && !isPlainKey(event)) return;
    if (isMoved) this.answers.onTool(event.key === "ArrowUp" ? "up" : "down");
    else if (event.key in arrows) this.answers.onWalk(arrows[event.key]);
    else if (event.key in acts) this.answers.onTool(acts[event.key]);
    else if (event.key === "Enter") (this.fields[0]?.[1] ?? this.kind).focus();
    else return;
    event.preventDefault();
  }
}
