"""Questions to the short way about an edited network, its answers opened, and the oracle: a network edited by hand."""

import copy
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from cnnviz.core.edits import Edit, EditKind, editable_layers
from cnnviz.core.layer_trace import Trace
from cnnviz.core.trace import Tracer
from cnnviz.data.rasterize import preprocess
from cnnviz.data.sample_drawings import find_sample
from cnnviz.models import checkpoints
from cnnviz.ui.app import route_paths, routes
from cnnviz.ui.app.links import snap_to_grid

MODEL, MANIFEST = checkpoints.load("mnist")
ANATOMY = editable_layers(MODEL)
SKETCH = find_sample("four").sketch
IMAGE = preprocess(snap_to_grid(SKETCH)).image
NEGATE = Edit(EditKind.NEGATE, "conv2", 3, 1)
NEGATED = {"do": {"op": "negate", "layer": "conv2", "out": 3, "into": 1}}


def by_hand(change: Callable[[torch.nn.Sequential], None] | None = None) -> Trace:
    """The oracle: a copy of the network, changed in place."""
    twin = copy.deepcopy(MODEL)
    with torch.no_grad():
        (change or negate)(twin)
    return Tracer(twin)(IMAGE)


def negate(model: torch.nn.Sequential) -> None:
    model.conv2.weight[3, 1] *= -1


def question(**rest: Any) -> dict[str, Any]:
    asked = {"strokes": SKETCH.to_record()["strokes"], "surgery": {}, **rest}
    return {name: value for name, value in asked.items() if value is not ...}


class Opened:
    """An answer of the short way, read with a few independent lines."""

    def __init__(self, **rest: Any) -> None:
        answer = routes.answer_to(route_paths.LOOK, json.dumps(question(**rest)).encode())
        packet = answer[4 : 4 + int.from_bytes(answer[:4], "little")]
        length = int.from_bytes(packet[:4], "little")
        self.header, self.body = json.loads(packet[4 : 4 + length]), packet[4 + length :]
        self.surgery = self.header.get("surgery")
        self.steps = answer[4 + len(packet) :]

    def array(self, field: dict[str, Any]) -> np.ndarray:
        shape = field["shape"]
        return np.frombuffer(self.body, "<f4", int(np.prod(shape)), field["at"]).reshape(shape)

    def output(self, layer: str) -> np.ndarray:
        return self.array(next(one for one in self.header["layers"] if one["path"] == layer)["output"])

    def field(self, name: str) -> np.ndarray:
        return self.array(self.header["fields"][name])


def assert_shows(answer: Opened, wanted: Trace) -> None:
    for layer in wanted.layers:
        np.testing.assert_allclose(answer.output(layer.spec.path), layer.output, atol=1e-5)
    np.testing.assert_allclose(answer.output("softmax"), wanted.probabilities, atol=1e-6)
