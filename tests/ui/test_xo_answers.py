"""Drawing an X or an O past the page: maps, verdict, cells, fields, surgery and scores are those of its network."""

import base64
import copy
import json
from typing import Any

import numpy as np
import pytest
import torch
from short_way import Opened, assert_shows

from cnnviz.core.trace import Tracer
from cnnviz.data.rasterize import preprocess
from cnnviz.data.sample_drawings import find_sample
from cnnviz.models import checkpoints
from cnnviz.ui.app import route_paths, routes
from cnnviz.ui.app.links import snap_to_grid

MODEL, MANIFEST = checkpoints.load("xo")
SKETCH = find_sample("bowed-x").sketch
IMAGE = preprocess(snap_to_grid(SKETCH)).image


def opened(key: str = "bowed-x", **rest: Any) -> Opened:
    return Opened(network="xo", strokes=find_sample(key).sketch.to_record()["strokes"], **rest)


def test_maps_and_scores_are_those_of_the_network_for_x_and_o():
    answer = opened(surgery=...)
    assert_shows(answer, Tracer(MODEL)(IMAGE))
    assert answer.header["classes"] == ["X", "O"]
    with pytest.raises((AssertionError, StopIteration, ValueError)):  # the digits' network is another one
        assert_shows(Opened(strokes=SKETCH.to_record()["strokes"]), Tracer(MODEL)(IMAGE))


@pytest.mark.parametrize(
    ("key", "answer", "headline"),
    [("bowed-x", "X", "Prediction: X"), ("open-o", "O", "Prediction: O"), ("zigzag", "?", "Neither an X nor an O")],
)
def test_the_verdict_says_which_letter_or_neither(key: str, answer: str, headline: str):
    verdict = opened(key).header["verdict"]
    assert verdict["answer"] == answer
    assert verdict["headline"].startswith(headline)


def test_nothing_drawn_asks_for_a_letter_and_a_truth_is_named():
    assert "Draw an X or an O" in Opened(network="xo", strokes=[]).header["verdict"]["detail"]
    assert opened(truth=1).header["verdict"]["detail"].endswith("true class: O")


@pytest.mark.parametrize("truth", [2, 5, -1, True, "1", None])
def test_a_truth_that_the_network_has_no_class_for_is_taken_as_nothing(truth: object):
    assert "true class" not in opened(truth=truth).header["verdict"]["detail"]


def test_its_link_leads_back_to_its_own_network():
    assert "network=xo" in opened().header["link"]


def asked(**more: Any) -> dict[str, Any]:
    image = base64.b64encode(np.ascontiguousarray(IMAGE, "<f4").tobytes()).decode()
    return {"network": "xo", "image": image, "layer": "conv2", "channel": 15, "row": 3, "col": 4, **more}


def test_a_cell_is_explained_to_its_value():
    told = json.loads(routes.answer_to(route_paths.CELL, json.dumps(asked()).encode()))
    value = float(Tracer(MODEL)(IMAGE).layers[3].output[15, 3, 4])
    shown = [float(row[-1].replace("\N{MINUS SIGN}", "-")) for row in told["sums"] if row[-1]]
    assert shown[-1] == pytest.approx(value, abs=6e-4)


def test_what_a_cell_sees_is_answered_for_its_network():
    packet = routes.answer_to(route_paths.FIELD, json.dumps(asked()).encode())
    header = json.loads(packet[4 : 4 + int.from_bytes(packet[:4], "little")])
    assert header["status"] in {"exact", "bound"}


def test_an_edit_is_one_of_its_own_kernels_and_is_measured_on_letters():
    edit = {"do": {"op": "zero", "layer": "conv2", "out": 15, "into": 7}}
    twin = copy.deepcopy(MODEL)
    with torch.no_grad():
        twin.conv2.weight[15, 7] = 0
    answer = opened(acts=[edit])
    assert_shows(answer, Tracer(twin)(IMAGE))
    question = {"network": "xo", "surgery": {"done": answer.surgery["done"]}}
    told = json.loads(routes.answer_to(route_paths.ACCURACY, json.dumps(question).encode()))
    assert (told["done"], told["total"] in (400, 459)) == (100, True)
    assert told["before"] >= 99


def test_an_edit_of_a_kernel_that_it_does_not_have_is_one_sentence():
    answer = opened(acts=[{"do": {"op": "zero", "layer": "conv2", "out": 31, "into": 0}}])  # the digits' network has it
    assert answer.surgery["done"] == ""
    assert answer.surgery["problem"]
