"""A canvas has as many pixels as the screen has under it: at 150 %, as on many laptops, small pictures too."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from cnnviz import web

FOLDER = Path(web.__file__).parent
PAINTED = {
    "conv_lab/thumbnails.js": """(() => {
      const maps = new m.Thumbnails(() => {});
      const picture = Object.assign(document.createElement("canvas"), { width: 8, height: 4 });
      const atlas = { canvas: picture, rows: 4, cols: 4 };
      const layer = { count: 2, rows: 4, cols: 4, output: { values: new Float32Array(32) } };
      const scene = { atlases: new Map([["map:1", atlas]]) };
      maps.show({ scene, layer, unit: 0, half: 1, span: null, isColour: false, texts: { map: "" } });
      return [maps.root, 54];
    })()""",
    "walk/convolution.js": """(() => {
      const walk = { sourceAnswers: () => ({}), resultAnswers: () => ({}) };
      const scene = new m.ConvolutionScene(walk);
      const white = () => 0xffffffff;
      scene.model = { channels: [0], scales: { share: white, product: white } };
      scene.chips.append(scene.chip(0));
      scene.paintChips([[1, 2, 3, 4]], [10], { rows: 2, cols: 2 }, 0);
      return [scene.chips, 40];
    })()""",
}
AT_150 = """(() => {
  Object.defineProperty(window, "devicePixelRatio", { value: 1.5, configurable: true });
  const [part, side] = %s;
  const { width, height, style } = part.querySelector("canvas");
  delete window.devicePixelRatio;
  return [width / side, height / side, style.width === `${side}px`];
})()"""


@pytest.mark.parametrize("module", PAINTED)
def test_a_small_picture_has_the_pixels_of_the_screen(module: str, run_module: Callable[..., object]):
    assert run_module(module, AT_150 % PAINTED[module]) == [1.5, 1.5, True]


def test_no_canvas_is_made_with_pixels_of_the_page():
    """But those that have one pixel for each cell, which the style sheet enlarges as they are."""
    sized = re.compile(r'element\("canvas", \{[^}]*\bwidth:')
    made = {path.name for path in FOLDER.rglob("*.js") if sized.search(path.read_text("utf-8"))}
    assert made <= {"thumbs.js"}
