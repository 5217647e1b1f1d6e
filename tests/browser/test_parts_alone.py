"""Parts of components by themselves, where what they are given is odd: another network, one cell, very many cells."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from cnnviz import web
from cnnviz.core.training_step import OptimiserMethod, OptimiserSettings, trace_training_step
from cnnviz.web.training_step import training_step_packet

FOLDER = Path(web.__file__).parent
CATS, DOGS = ["cat", "dog"], ["oak", "elm"]  # as many classes of one network as of the next

TARGETS = """(() => {
  const texts = { temperature: "", true_class: "" };
  const scene = new m.SoftmaxScene({ texts });
  const named = (classes, values) => {
    scene.hold({ classes, layer: { output: { values: new Float32Array(values) } } });
    return [[...scene.target.options].map((option) => option.textContent), scene.target.value];
  };
  return [named(data[0], [0.1, 0.9]), named(data[1], [0.8, 0.2]), named(data[1], [0.3, 0.7])];
})()"""


def test_the_true_class_is_one_of_the_network_that_is_shown(run_module: Callable[..., object]):
    """What the reader has chosen of this network stays."""
    found = run_module("walk/softmax.js", TARGETS, [CATS, DOGS])
    assert found == [[CATS, "1"], [DOGS, "0"], [DOGS, "0"]]


BARS = """(() => {
  const bars = new m.AnswerBars();
  return data.map((classes) => {
    const fields = { scores_after: { values: new Float32Array([0.25, 0.75]) } };
    bars.show({ classes, fields, verdict: { headline: "" } }, {});
    return [...bars.list.children].map((row) => row.firstChild.textContent);
  });
})()"""


def test_the_bars_of_an_edited_network_have_the_names_of_its_classes(run_module: Callable[..., object]):
    assert run_module("edits/answer.js", BARS, [CATS, DOGS]) == [CATS, DOGS]


PLAYED = """((count) => {
  const player = new m.Player(() => {});
  player.count = count;
  player.play();
  player.tick(performance.now() + 100_000);
  cancelAnimationFrame(player.frame);
  return [player.at, player.isPlaying];
})(data)"""


def test_a_walk_over_one_cell_ends_like_any_other(run_module: Callable[..., object]):
    assert [run_module("walk/player.js", PLAYED, count) for count in (1, 2, 9)] == [[0, False], [1, False], [8, False]]


FLATTENED = """(() => {
  const peeked = [];
  const walk = { model: {}, peek: (at) => peeked.push(at), settle() {}, ink: {},
                 texts: { dense_maps: "", flat_column: "", formula_flatten: "" } };
  const scene = new m.FlattenScene(walk);
  document.body.replaceChildren(scene.node);
  scene.hold({ source: { count: 1, rows: 2, cols: 2 }, sourceName: "" }, 1000);
  const { left, top } = scene.maps.canvas.getBoundingClientRect();
  scene.maps.canvas.dispatchEvent(new PointerEvent("pointermove", { clientX: left + 5, clientY: top + 5 }));
  scene.maps.canvas.dispatchEvent(new PointerEvent("pointerleave", { pointerType: "mouse" }));
  return peeked;
})()"""


def test_a_flattening_shows_its_own_step_again_when_the_pointer_leaves(run_module: Callable[..., object]):
    assert run_module("walk/dense.js", FLATTENED) == [0, None]


LONG = 400  # cells on a side: more numbers than Chromium takes as arguments of one call


def test_a_map_of_very_many_cells_has_a_curve_and_a_window(run_module: Callable[..., object]):
    values = f"new Float32Array({LONG * LONG}).fill(-3)"
    source = f"{{ output: {{ values: {values} }}, form: 'maps', rows: {LONG}, cols: {LONG} }}"
    held = f"const scene = {{ model: {{ source: {source}, channels: [0] }} }};"
    curve = f"(() => {{ {held} m.ActivationScene.prototype.holdMiddle.call(scene, 100); return scene.room.reach; }})()"
    assert run_module("walk/cellscenes.js", curve) == 3
    taps = f"Array.from({{ length: {LONG * LONG} }}, (_, at) => ({{ placeRow: at, placeCol: 1 }}))"
    framed = f"""(() => {{
      const frames = [];
      m.MapFigure.prototype.paintTaps.call({{ outline: (_, ...box) => frames.push(box) }}, null, {taps});
      return frames.at(-1);
    }})()"""
    assert run_module("walk/mapfigure.js", framed) == [0, 1, LONG * LONG, 1, 2.4]


def test_what_is_not_finite_is_not_the_largest(run_module: Callable[..., object]):
    assert run_module("shared/extent.js", "m.largestSize([1, NaN, -2, Infinity])") == 2
    assert run_module("shared/extent.js", "m.largestSize([])") == 0


def test_no_module_takes_numbers_of_the_network_as_arguments():
    spread = re.compile(r"Math\.(?:max|min)\(.*\.\.\..*\.map\(Math\.abs\)")
    assert [path.name for path in FOLDER.rglob("*.js") if spread.search(path.read_text("utf-8"))] == []


SHOWN = """data.map((bytes) => {
  const place = window.place ??= document.body.appendChild(document.createElement("div"));
  m.default({ data: new Uint8Array(bytes), parentElement: place });
  return [...place.querySelectorAll(".figures figcaption")].map((one) => one.firstChild.textContent);
})"""


def _step_of(maps: int, strongest: int) -> list[int]:
    """The packet of a step of a small network in which map number `strongest` has far the largest gradient."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, maps, 3), nn.ReLU(), nn.Flatten(), nn.Linear(maps * 36, 2)).eval()
    with torch.no_grad():
        model[0].bias.fill_(1.0)  # no ReLU closes the way back
        model[3].weight[:, strongest * 36 : strongest * 36 + 36] *= 50
    image = np.ones((1, 8, 8), np.float32)
    made = trace_training_step(model, image, 1, OptimiserSettings(OptimiserMethod.SGD, rate=0.1))
    return list(training_step_packet(made, ("cat", "dog")))


def test_another_network_of_as_many_layers_shows_a_map_that_it_has(run_module: Callable[..., object]):
    first, second = run_module("training_step/index.js", SHOWN, [_step_of(8, 7), _step_of(3, 1)])  # type: ignore[misc]
    assert ["map 7" in text for text in first] == [True]
    assert ["map 1" in text for text in second] == [True]


GALLERY = """(() => {
  const [gallery, maps] = ["div", "button"].map((tag) => document.createElement(tag));
  document.body.replaceChildren(gallery);
  const texts = Object.fromEntries(["maps_all", "maps_hint", "maps_search", "maps_by_active", "maps_by_number",
    "maps_found", "maps_more", "maps_activity"].map((name) => [name, name]));
  const plan = { columns: [{ index: 0, order: [0], activity: null }] };
  const packet = { texts, plan, layers: [{ form: "maps", count: 20 }] };
  const explorer = { panel: { gallery, maps }, scene: { packet, open: { index: 0, channel: 0 }, atlases: new Map() } };
  const shown = new m.Gallery(explorer);
  shown.isOpen = true;
  shown.show();
  const focused = () => document.activeElement.dataset.channel ?? document.activeElement.tagName;
  shown.search.focus();
  shown.search.value = "1";
  shown.search.dispatchEvent(new Event("input"));
  const typed = [focused(), shown.grid.childElementCount];
  shown.grid.querySelector("[data-channel='12']").focus();
  shown.show();
  return [...typed, focused()];
})()"""


def test_all_maps_keep_the_focus_while_one_types_and_when_numbers_come(run_module: Callable[..., object]):
    assert run_module("explorer/gallery.js", GALLERY) == ["INPUT", 11, "12"]


ANSWER = """(() => {
  const answer = new m.Answer();
  const subject = { shape: [1, 1, 1, 1], values: new Uint8Array(1) };
  return data.map((values) => {
    const look = { probabilities: { values: values.map((value) => value ?? NaN) }, subject, truth: 0 };
    answer.show({ look, classes: ["cat", "dog"], texts: { is_true: "" }, title: "{guess}: {share}" });
    return [answer.title.textContent, answer.bars.querySelectorAll("[data-best=true]").length];
  });
})()"""


def test_a_network_that_has_diverged_takes_an_image_for_nothing(run_module: Callable[..., object]):
    found = run_module("trainer/bars.js", ANSWER, [[0.2, 0.8], [None, None]])
    assert found == [["dog: 80.0 %", 1], ["?: NaN", 0]]


MATRIX = """(() => {
  const picked = [];
  const matrix = new m.Matrix({ onCell: (cell) => picked.push(cell) });
  document.body.replaceChildren(matrix.root);
  const texts = { confusion: "", confusion_hint: "", truth_guess: "", confusion_cell: "" };
  const table = new Uint32Array(256);
  matrix.show({ counts: [[5, 2], [1, 4]], step: 1, classes: ["cat", "dog"], texts, table });
  const press = (key) => {
    const event = new KeyboardEvent("keydown", { key, cancelable: true, bubbles: true });
    matrix.cells[1].dispatchEvent(event);
    return [event.defaultPrevented, matrix.cells.map((cell) => cell.getAttribute("aria-pressed"))];
  };
  return [press("Tab"), press(" "), press("Enter"), picked];
})()"""


def test_space_on_a_count_shows_its_images_and_does_not_scroll(run_module: Callable[..., object]):
    none, open_ = ["false"] * 4, ["false", "true", "false", "false"]
    found = run_module("trainer/matrix.js", MATRIX)
    assert found == [[False, none], [True, open_], [True, none], [[0, 1], None]]


COPIED = """await (async () => {
  const panel = new m.EditsPanel({});
  panel.texts = { copy: "Copy", copied: "Copied" };
  panel.code.textContent = "model = load()";
  document.body.replaceChildren(panel.code, panel.copy);
  Object.defineProperty(navigator, "clipboard", { value: data, configurable: true });
  await panel.copyCode();
  delete navigator.clipboard;
  return [String(getSelection()), document.activeElement.tagName];
})()"""


def test_code_is_chosen_for_the_hand_where_a_page_may_not_copy(run_module: Callable[..., object]):
    """As on a plain http address of a classroom: there is no clipboard."""
    assert run_module("edits/panel.js", COPIED) == ["model = load()", "PRE"]


TAKEN_BACK = """(() => {
  document.body.replaceChildren();
  const place = document.body.appendChild(document.createElement("div"));
  const texts = Object.fromEntries(["kept", "ask", "yes", "no", "copy", "hint"].map((name) => [name, name]));
  m.default({ data: { texts, link: false, forgotten: false }, parentElement: place, setTriggerValue() {} });
  const button = (words) => [...place.querySelectorAll("button")].find((one) => one.textContent === words);
  const before = document.activeElement.tagName;
  button("ask").click();
  const asked = document.activeElement.textContent;
  button("no").click();
  return [before, asked, document.activeElement.textContent];
})()"""


def test_who_does_not_want_to_forget_is_where_they_were(run_module: Callable[..., object]):
    assert run_module("footer/index.js", TAKEN_BACK) == ["BODY", "no", "ask"]


def test_an_end_of_a_scale_that_is_not_zero_never_looks_like_it(run_module: Callable[..., object]):
    ends = run_module("shared/celltext.js", "[0, 3e-5, -3e-5, 0.0004, -0.25].map(m.endText)")
    assert ends == ["0", "3.0e-5", "−3.0e-5", "0.0004", "−0.25"]
    assert run_module("shared/celltext.js", "m.fitEnds(-3e-9, 1e-9, { room: 300 })") == ["−3e-9", "1e-9"]


SMALL = """(() => {
  const grid = new m.MapGrid({ name: "gradients", least: 24, most: 46 });
  const scale = { table: new Uint32Array(256), low: -data[0], high: data[0] };
  const field = { shape: [1, 1, 1], values: new Float32Array([data[1]]) };
  grid.show({ field, scale, title: "", text: "{value}", wide: 100, ink: {} });
  grid.readAt({ index: 0, row: 0, col: 0 });
  return grid.readout.textContent;
})()"""


def test_a_small_gradient_is_read_as_a_number_of_its_scale(run_module: Callable[..., object]):
    assert run_module("trainer/mapgrid.js", SMALL, [4e-5, 1.25e-5]) == "0.00001250"
    assert run_module("trainer/mapgrid.js", SMALL, [1.0, 0.25]) == "0.2500"


STANDING = """(() => {
  const done = [];
  const controls = new m.Controls({ onDo: (name) => done.push(name) });
  document.body.replaceChildren(controls.root);
  const texts = { buttons: {}, hints: {}, states: {}, speeds: {}, rate: "", next: "", next_kept: "" };
  const run = { rate: null, left: null, per_second: null, steps: 0, moments: [] };
  const show = (state) => controls.show({ ...run, state }, texts, true);
  const press = (name) => controls.buttons[name].click();
  const focused = () => document.activeElement.dataset.do ?? document.activeElement.tagName;
  show("paused");
  controls.buttons.step.focus();
  press("step");
  show("running");
  press("step");
  const running = focused();
  show("paused");
  const paused = focused();
  controls.buttons.stop.focus();
  press("stop");
  show("stopped");
  return [done, running, paused, focused()];
})()"""


def test_a_button_that_cannot_be_pressed_just_now_keeps_the_focus(run_module: Callable[..., object]):
    """Step after step by keyboard; what is pressed meanwhile is not done."""
    assert run_module("trainer/controls.js", STANDING) == [["step", "stop"], "step", "step", "reset"]


CARDS = """(() => {
  const place = document.createElement("div");
  document.body.append(place);
  const shown = (classes, probabilities) => {
    const verdict = { status: "answer", answer: "", headline: "", detail: "" };
    const answers = { networks: [{ network: "a", title: "", verdict, probabilities }], classes, opened: "a",
      texts: { open: "", label: "", probability: "{name} {percent}" } };
    m.default({ data: { answers, stamp: { token: null, version: 0 } }, parentElement: place });
    return [...place.querySelectorAll(".score")].map((score) => score.title);
  };
  return data.map(([classes, probabilities]) => shown(classes, probabilities));
})()"""


def test_the_cards_of_a_network_with_other_classes_are_its_own(run_module: Callable[..., object]):
    three = [["x", "y", "z"], [0.5, 0.25, 0.25]]
    found = run_module("answers/index.js", CARDS, [three, [DOGS, [0.25, 0.75]]])
    assert found == [["x 50.0 %", "y 25.0 %", "z 25.0 %"], ["oak 25.0 %", "elm 75.0 %"]]
