"""The package without a browser: a trace beside a plain forward pass, and the preparation of a drawing."""

from __future__ import annotations

import time

import numpy as np
import torch

from benchmarks.rows import Row, in_turns, milliseconds, ratio
from cnnviz import checkpoints
from cnnviz.drawing import prepare
from cnnviz.samples import find_sample
from cnnviz.trace import Tracer

ROUNDS = 1000


def trace_cost(device: str = "cpu") -> Row:
    """The same image in, the same logits out: once plainly, once with every layer recorded."""
    model, _manifest = checkpoints.load("mnist")
    model = model.to(device)
    tracer, image = Tracer(model), np.array(prepare(find_sample("three").sketch).image)

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
        prepare(sketch)
        times.append((time.perf_counter() - start) * 1e3)
    return milliseconds("strokes → the network's input, every step kept", times, 4)


def rows() -> list[Row]:
    """All rows of this file; with a GPU there is one more."""
    torch.set_num_threads(1)
    devices = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]
    return [*(trace_cost(device) for device in devices), preparation()]
