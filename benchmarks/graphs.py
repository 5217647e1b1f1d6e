"""Any network: a trace beside a plain forward pass and beside TorchLens, a summary beside torchinfo, an export opened.

The peers are measured where they are installed (`pip install torchlens torchinfo`); their rows are left out otherwise.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import numpy as np
import torch

from benchmarks.rows import Row, in_turns, milliseconds, ratio, times_of
from cnnviz.core.explain import explain
from cnnviz.core.graph import build_graph
from cnnviz.core.trace import Tracer
from cnnviz.core.units import UnitRef
from cnnviz.models.importers.architectures import build_architecture
from cnnviz.models.importers.network_files import read_network
from cnnviz.models.summary import summarise

SHAPE = (3, 224, 224)
ROUNDS = 30


def _peer(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        return None


def rows() -> Iterator[Row]:
    """All rows of this file."""
    torch.set_num_threads(1)
    model = build_architecture("resnet18")
    image = np.random.default_rng(0).random(SHAPE, dtype=np.float32)
    batch, tracer = torch.tensor(image)[None], Tracer(model)
    made = tracer(image)

    def plain() -> None:
        with torch.inference_mode():
            model(batch)

    bare, traced = in_turns(ROUNDS, plain, lambda: tracer(image))
    yield ratio("trace of ResNet-18 at 224×224 against a plain forward pass", traced, bare, "ms", 1.2)
    lens = _peer("torchlens")
    if lens is not None:
        ours, theirs = in_turns(5, lambda: tracer(image), lambda: lens.trace(model, batch))
        yield ratio("the same against TorchLens, which draws its graph anew each time", ours, theirs, "ms", 1)
    yield milliseconds("graph of ResNet-18, drawn once", times_of(10, lambda: build_graph(model, SHAPE)), 1000)
    layer = made.layers[made.position("layer4.1.conv2")]
    unit = UnitRef("layer4.1.conv2", 3, 3, 3)
    yield milliseconds("one cell of its last convolution in numbers, 4,608 products",
                       times_of(100, lambda: explain(layer, unit)), 5)  # fmt: skip
    info = _peer("torchinfo")
    if info is not None:
        ours, theirs = in_turns(5, lambda: summarise(model, SHAPE), lambda: info.summary(model, (1, *SHAPE), verbose=0))
        yield ratio("summary of ResNet-18, receptive fields and all, against torchinfo", ours, theirs, "ms", 10)
    file = io.BytesIO()
    torch.export.save(torch.export.export(model, (batch,)), file)
    content = file.getvalue()
    opened = times_of(5, lambda: read_network(content, "network.pt2"))
    yield milliseconds("ResNet-18 opened from a .pt2 file of 47 MB", opened, 2000)
