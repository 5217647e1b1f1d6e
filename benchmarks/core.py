"""The package without a browser: a trace beside a plain forward pass, and the preparation of a drawing."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import torch

from benchmarks.rows import Row, in_turns, milliseconds, ratio, times_of
from cnnviz.core.graph import build_graph
from cnnviz.core.receptive_field import receptive_field
from cnnviz.core.receptive_field.field import reaches
from cnnviz.core.trace import Tracer
from cnnviz.core.units import UnitRef
from cnnviz.data.rasterize import preprocess
from cnnviz.data.sample_drawings import find_sample
from cnnviz.models import checkpoints
from cnnviz.models.summary import build_network

ROUNDS = 1000


def trace_cost(device: str = "cpu") -> Row:
    """The same image in, the same logits out: once plainly, once with every layer recorded."""
    model, _manifest = checkpoints.load("mnist")
    model = model.to(device)
    tracer, image = Tracer(model), np.array(preprocess(find_sample("three").sketch).image)

    def plain() -> None:
        with torch.inference_mode():
            model(torch.tensor(image, device=device)[None])[0].softmax(0).cpu().numpy()

    in_turns(50, plain, lambda: tracer(image))
    bare, traced = in_turns(ROUNDS, plain, lambda: tracer(image))
    return ratio(f"full trace against a plain forward pass, {device}", traced, bare, "ms", 1.2)


def preparation() -> Row:
    """Strokes to 1×28×28, with a picture of every step."""
    sketch, times = find_sample("eight").sketch, []
    for _ in range(200):
        start = time.perf_counter()
        preprocess(sketch)
        times.append((time.perf_counter() - start) * 1e3)
    return milliseconds("strokes → the network's input, every step kept", times, 4)


def field_of_resnet50() -> list[Row]:
    """What one unit near the end of a ResNet-50 reaches in the image and in all layers, and the table of all units."""
    model, shape = build_network("torchvision:resnet50")
    graph = build_graph(model, shape)
    unit = UnitRef("layer4.2.conv3", 0, 3, 3)
    position = graph.position(unit.layer)
    reach, cells = (
        times_of(50, lambda: reaches(graph, position, unit)),
        times_of(10, lambda: receptive_field(graph, unit)),
    )
    return [
        milliseconds("receptive field of a unit of ResNet-50, by formula, in every layer", reach, 10),
        milliseconds("the same, cell by cell", cells, None),
    ]


def rows() -> Iterator[Row]:
    """All rows of this file; with a GPU there is one more."""
    torch.set_num_threads(1)
    for device in ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]:
        yield trace_cost(device)
    yield preparation()
    yield from field_of_resnet50()
