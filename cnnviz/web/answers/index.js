// The answers of several networks to one drawing, side by side. What they are comes from Python: from a run of the
// page, and by the short way while the hand draws.

import { element, fill, isOnPage, putText } from "../shared/dom.js";
import { formatPercent } from "../shared/format.js";
import { ANSWERS_FOUND, hear } from "../shared/live.js";

const rows = new WeakMap();

/** One network's answer, built once; later ones only change it. */
function buildCard(classes) {
  const [title, mark, answer, headline, detail] = ["b", "em", "span", "strong", "span"].map((tag) => element(tag));
  answer.className = "answer";
  const bars = classes.map((name) => {
    const [share, fillBar] = [element("span", { class: "share" }), element("i")];
    const node = element("div", { class: "score", role: "listitem", "data-class": name }, [
      share,
      element("div", { class: "track" }, [fillBar]),
      element("span", { class: "name" }, [name]),
    ]);
    return { name, node, share, fillBar };
  });
  const root = element("article", {}, [
    element("header", {}, [title, mark]),
    element("div", { class: "verdict" }, [answer, element("div", { class: "words" }, [headline, detail])]),
    element(
      "div",
      { class: "scores", role: "list" },
      bars.map(({ node }) => node)
    ),
  ]);
  return { root, title, mark, answer, headline, detail, bars };
}

function writeCard(card, { network, title, verdict, probabilities }, { opened, texts }) {
  const isOpen = network === opened;
  Object.assign(card.root.dataset, { network, status: verdict.status, open: String(isOpen) });
  putText(card.title, title);
  putText(card.mark, isOpen ? texts.open : "");
  for (const part of ["answer", "headline", "detail"]) putText(card[part], verdict[part]);
  card.bars.forEach(({ name, node, share, fillBar }, at) => {
    const percent = formatPercent(probabilities[at]);
    fillBar.style.height = `${100 * (probabilities[at] || 0)}%`;
    putText(share, percent);
    node.setAttribute("aria-label", fill(texts.probability, { name, percent }));
    node.title = node.getAttribute("aria-label");
  });
}

function createRow(parentElement) {
  const row = {
    root: element("section", { class: "cnnviz-answers" }),
    cards: [],
    built: null,
    heard: { token: null, version: 0 },
  };
  const end = new AbortController();
  hear(ANSWERS_FOUND, ({ answers, stamp }) => show(row, answers, stamp), end.signal);
  parentElement.append(row.root);
  return { row, end };
}

/** Shows `answers`, unless they are of a drawing that the hand has already gone beyond. */
function show(row, answers, stamp) {
  if (stamp.token === row.heard.token && stamp.version < row.heard.version) return true;
  row.heard = stamp;
  const { networks, classes, texts } = answers;
  const built = JSON.stringify([networks.length, classes]);
  if (row.built !== built) {
    row.built = built;
    row.cards = networks.map(() => buildCard(classes));
    row.root.replaceChildren(...row.cards.map(({ root }) => root));
  }
  row.root.setAttribute("aria-label", texts.label);
  networks.forEach((one, at) => writeCard(row.cards[at], one, answers));
  return true;
}

/** Streamlit calls this for every new run of the page; the row itself stays. */
export default function mountAnswers({ data, parentElement }) {
  if (!rows.has(parentElement)) rows.set(parentElement, createRow(parentElement));
  const { row, end } = rows.get(parentElement);
  show(row, data.answers, data.stamp);
  return () => {
    if (isOnPage(parentElement)) return;
    end.abort();
    row.root.remove();
    rows.delete(parentElement);
  };
}
