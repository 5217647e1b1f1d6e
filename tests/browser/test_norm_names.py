"""The tables of a batch are called what they show now: another layer, or words of another language, rename them."""

from __future__ import annotations

from collections.abc import Callable

STAGES = """(() => {
  const figure = new m.StageFigure(() => {});
  const scale = { table: new Uint32Array(256), low: -1, high: 1 };
  return data.map(([title, channel]) => {
    const field = { shape: [1, 2, 1, 1], values: new Float32Array(2) };
    const texts = { channel, image: "", both: "", cell_name: "" };
    const stage = { key: "made", title, texts: ["0", "0"], is_layer: true, field };
    figure.show(stage, { cell: [0, 0, 0, 0], counts: false, scale, texts });
    return [...figure.root.querySelectorAll("table")].map((table) => table.getAttribute("aria-label"));
  });
})()"""


def test_a_table_is_named_after_the_stage_that_it_shows(run_module: Callable[..., object]):
    named = [["ReLU", "map {channel}"], ["Dropout", "map {channel}"], ["Dropout", "Karte {channel}"]]
    assert run_module("normalisation/stages.js", STAGES, named) == [
        ["ReLU, map 0", "ReLU, map 1"],
        ["Dropout, map 0", "Dropout, map 1"],
        ["Dropout, Karte 0", "Dropout, Karte 1"],
    ]


RUNNING = """(() => {
  const table = new m.RunningTable();
  const rows = [{ batch: 0, cells: ["0", "1"], says: ["a", "b"] }];
  return data.map((words) => {
    const texts = { running: "", running_mean: `${words}: {sum}`, running_variance: "", start: words, head: [words] };
    table.show({ rows, channel: 0, texts });
    return [...table.root.querySelectorAll("th, p")].map((one) => one.textContent);
  });
})()"""


def test_the_running_estimates_have_the_words_of_the_page(run_module: Callable[..., object]):
    found = run_module("normalisation/numbers.js", RUNNING, ["start", "Anfang"])
    assert found == [[words, words, f"{words}: a", ""] for words in ("start", "Anfang")]
