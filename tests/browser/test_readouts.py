"""What is said of the cell under the pointer goes with the numbers: they change while the pointer rests."""

from __future__ import annotations

import re
from collections.abc import Callable

from laboratory_bench import after, opened
from watching import APPS

POINTED_AT = """await (async () => {
  const grid = new m.MapGrid({ name: "maps", least: 40, most: 80 });
  document.body.replaceChildren(grid.root);
  const scale = { table: new Uint32Array(256), low: 0, high: 1 };
  const show = (value) => grid.show({
    field: { shape: [1, 2, 2], values: new Float32Array(4).fill(value) }, scale, title: "maps",
    text: "{index} {row} {col}: {value}", wide: 400, ink: { faint: "#888" },
  });
  const point = (name) => {
    const box = grid.canvas.getBoundingClientRect();
    grid.canvas.dispatchEvent(new PointerEvent(name, { clientX: box.left + 10, clientY: box.top + 10 }));
    return grid.readout.textContent;
  };
  show(0.25);
  const said = [point("pointermove")];
  show(0.5);
  said.push(grid.readout.textContent);
  point("pointerleave");
  show(0.75);
  return [...said, grid.readout.textContent];
})()"""


def test_a_map_that_changes_under_the_pointer_says_its_new_number(run_module: Callable[..., object]):
    assert run_module("trainer/mapgrid.js", POINTED_AT) == ["0 0 0: 0.2500", "0 0 0: 0.5000", ""]


def test_the_image_of_the_laboratory_says_its_cell_after_an_answer_too(new_page, serve):
    page = opened(new_page, serve(APPS / "laboratory_app.py"), "/?example=sixteen-kernels-padded")
    said = page.locator(".lab-picture .lab-readout")
    page.locator(".lab-picture canvas").first.hover()
    assert re.match(r"row \d+, column \d+", said.inner_text())
    stride = page.get_by_label("Stride: rows")
    after(page, lambda: stride.evaluate(TYPE, "2"))  # by no hand: the pointer stays where it is
    assert re.match(r"row \d+, column \d+", said.inner_text())


TYPE = """(field, text) => {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}"""


STATUS = """m.statusOf(
  { state: "running", steps: 100, step: 7, epoch: 1, left: 6, per_second: 9 },
  { states: { running: "Training" }, epoch: "epoch {epoch} of 3", step_of: "step {step} of {steps}",
    speed: "{n} images per second", left: "{time} left", seconds: "{n} s", minutes: "{n} min" })"""


def test_a_line_on_how_a_run_stands_ends_between_its_parts_only(run_module: Callable[..., object]):
    said = str(run_module("trainer/words.js", STATUS))
    parts = ["Training", "epoch 1 of 3", "step 7 of 100", "9 images per second", "6 s left"]
    assert said.split(" · ") == [part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts]
