"""Maps and layers that are longer than any canvas: each of their cells is still seen, on the page and in a file."""

from __future__ import annotations

from collections.abc import Callable

import pytest

LONG = 200_000  # cells; Chromium's canvases end at 65,535 pixels, others earlier
# Of what is painted the first quarter is red, the last blue; what is copied is read there.
COPIED = """(() => {
  const values = new Float32Array(data.count * data.rows * data.cols);
  values.fill(1, 0, values.length / 4);
  values.fill(-1, (values.length * 3) / 4);
  const [red, white, blue] = [0xff0000ff, 0xffffffff, 0xffff0000];
  const table = Uint32Array.from({ length: 256 }, (_, at) => (at < 100 ? blue : at > 200 ? red : white));
  const scale = () => ({ table, low: -1, high: 1 });
  const atlas = m.paintAtlas(values, data, scale, undefined, true);
  const canvas = Object.assign(document.createElement("canvas"), { width: 40, height: 40 });
  const context = canvas.getContext("2d");
  const pixel = (x, y) => [...context.getImageData(x, y, 1, 1).data];
  const rect = { x: 0, y: 0, w: 40, h: 40 };
  m.copyMap(context, atlas, 0, rect);
  const first = pixel(0, 0);
  m.copyMap(context, atlas, data.count - 1, rect);
  const last = pixel(39, 39);
  m.copyMap(context, atlas, data.count >> 1, rect);
  return [first, last, pixel(...data.white)];
})()"""


@pytest.mark.parametrize(
    "shape",
    [
        {"count": 1, "rows": LONG, "cols": 1, "white": [20, 20]},  # a flattened vector
        {"count": 1, "rows": 2, "cols": LONG, "white": [10, 39]},  # a sound
        {"count": 2_000, "rows": 10, "cols": 100, "white": [20, 20]},  # many maps
        {"count": 2_000, "rows": 1, "cols": 40, "white": [20, 20]},
    ],
    ids=["strip", "line", "maps", "few cells"],
)
def test_every_cell_is_painted(run_module: Callable[..., object], shape: dict):
    first, last, middle = run_module("shared/atlas.js", COPIED, shape)  # type: ignore[misc]
    assert [first, last, middle] == [[255, 0, 0, 255], [0, 0, 255, 255], [255, 255, 255, 255]]


SAVED = """(() => {
  const [count, rows, cols] = [600, 120, 120];
  const values = new Float32Array(count * rows * cols).fill(1);
  const scale = () => ({ table: new Uint32Array(256).fill(0xff0000ff), low: -1, high: 1 });
  const parts = [{ name: "", title: "", values, scale, hasOwnRanges: false }];
  const saved = { parts, form: "maps", count, rows, cols, channel: null, layer: "", note: "", texts: {} };
  const canvas = m.pictureOf(saved, { ink: "#000", ground: "#fff" });
  const { data: pixels } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let red = 0;
  for (let at = 0; at < pixels.length; at += 4) red += pixels[at] === 255 && pixels[at + 1] === 0;
  return red / (count * rows * cols);
})()"""


def test_a_layer_wider_than_a_canvas_is_saved_whole(run_module: Callable[..., object]):
    """600 maps of 120 cells side by side are 72,000 pixels; the colour bar is red too."""
    assert 1 <= float(run_module("network/savepicture.js", SAVED)) < 1.01  # type: ignore[arg-type]
