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
