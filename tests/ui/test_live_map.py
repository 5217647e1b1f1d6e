"""The map that follows the hand: the same as the page's own, of the same drawing, network, edits and question."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest
import torch
from packet_reading import array, opened

from cnnviz.attribution import Question, Settings, attribute_graph
from cnnviz.core.graph import build_graph
from cnnviz.data.pixel_edits import PixelEdits
from cnnviz.data.sample_drawings import find_sample
from cnnviz.models.checkpoints import load
from cnnviz.ui.app import route_paths, routes
from cnnviz.ui.draw.show import prepare_sketch

SKETCH = find_sample("four").sketch
STROKES = SKETCH.to_record()["strokes"]


def ask(**question: Any) -> tuple[dict[str, Any], np.ndarray]:
    """The header of the answer, and the map (rows, cols)."""
    header, floats = opened(routes.answer_to(route_paths.WHY, json.dumps(question).encode()))
    return header, array(header["pictures"][1]["field"], floats)


def gradient(model: torch.nn.Module, image: np.ndarray, entry: int) -> np.ndarray:
    seen = torch.tensor(image)[None].requires_grad_()
    return torch.autograd.grad(model(seen)[0, entry], seen)[0][0, 0].numpy()


@pytest.mark.parametrize("network", ["mnist", "digits_residual"])
def test_it_is_the_gradient_of_the_answer_to_the_strokes(network: str):
    model, image = load(network)[0], prepare_sketch(SKETCH).image
    _header, made = ask(strokes=STROKES, network=network, why={"method": "gradient", "target": None})
    answer = int(model(torch.tensor(image)[None]).argmax())
    np.testing.assert_allclose(made, gradient(model, image, answer), atol=1e-5)
    _header, other = ask(strokes=STROKES, network=network, why={"method": "gradient", "target": (answer + 1) % 10})
    assert np.abs(other - made).max() > 1e-2


def test_pixels_set_by_hand_and_images_are_asked_about_as_they_are():
    pixels = PixelEdits(tuple((place, 255) for place in range(300, 340)))
    image = pixels.applied_to(prepare_sketch(SKETCH)).image
    why = {"method": "grad_cam", "target": 4, "against": 9, "layer": "relu2"}
    _header, of_strokes = ask(strokes=STROKES, pixels=pixels.text, why=why)
    _header, of_image = ask(image=base64.b64encode(image.tobytes()).decode(), why=why)
    model = load("mnist")[0]
    graph = build_graph(model, (1, 28, 28))
    wanted = attribute_graph(model, graph, image, "grad_cam", Question(4, 9), settings=Settings(layer="relu2"))
    np.testing.assert_allclose(of_strokes, wanted.by_pixel, atol=1e-5)
    np.testing.assert_allclose(of_image, wanted.by_pixel, atol=1e-5)
    _header, without = ask(strokes=STROKES, why=why)
    assert np.abs(without - wanted.by_pixel).max() > 1e-2


def test_an_edit_that_comes_with_the_question_is_in_force():
    surgery = {"done": "", "undone": "", "view": "after", "version": 1, "open": True}
    act = {"do": {"op": "off", "layer": "conv1", "out": 3}}
    why = {"method": "gradient", "target": 4}
    _header, plain = ask(strokes=STROKES, why=why)
    _header, edited = ask(strokes=STROKES, why=why, surgery=surgery, acts=[act])
    model = load("mnist")[0]
    with torch.no_grad():
        model.conv1.weight[3], model.conv1.bias[3] = 0, 0
    image = prepare_sketch(SKETCH).image
    np.testing.assert_allclose(edited, gradient(model, image, 4), atol=1e-5)
    assert np.abs(edited - plain).max() > 1e-3


def test_the_sum_in_words_is_of_this_very_map():
    header, made = ask(strokes=STROKES, why={"method": "ig", "target": 4})
    assert header["said"].startswith("Score of 4: ")
    total = float(header["said"].split("adds up to ")[1].split(",")[0].replace("−", "-"))
    assert total == pytest.approx(float(made.sum(dtype=np.float64)), abs=1e-3)


@pytest.mark.parametrize(
    "why",
    [None, {}, {"method": "lrp"}, {"method": ["ig"]}, {"method": "ig", "target": 10}, {"method": "ig", "target": "3"},
     {"method": "grad_cam", "layer": 3}, {"method": "grad_cam", "layer": "fc"}, {"method": "occlusion", "window": 99},
     {"method": "occlusion", "window": 1e9}],
)  # fmt: skip
def test_what_is_no_question_is_refused_in_one_sentence(why: Any):
    with pytest.raises(ValueError, match=r"^\S.*\S$"):
        ask(strokes=STROKES, why=why)
