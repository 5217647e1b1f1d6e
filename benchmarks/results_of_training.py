"""How good a network becomes, and how soon: B1 on MNIST's test images, C1 on the pictures held out of its training."""

from __future__ import annotations

import time
from collections.abc import Iterator

import torch

from benchmarks.loops import B1, BATCH
from benchmarks.rows import Row
from benchmarks.training import all_cores
from benchmarks.watched import POLL_S, served
from cnnviz.data.datasets import mnist
from cnnviz.data.image_sets import DataChoice
from cnnviz.models.builder import build_module, preset
from cnnviz.training import Job, TrainConfig, start_session
from cnnviz.training.worker import History, RunState, Worker

QUICK = TrainConfig(epochs=8, batch=BATCH, rate=3e-3, schedule="cosine", averaging=0.99, device="cpu")
BIRDS = TrainConfig(epochs=100, batch=64, optimiser="sgd", rate=1e-2, scaling="data", device="cpu")


def on_test(weights: dict, images: torch.Tensor, labels: torch.Tensor) -> float:
    """The share of MNIST's test images that a network with these weights reads rightly."""
    model = build_module(B1.blueprint).eval()
    model.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
    with torch.no_grad():
        return float(torch.cat([model(part).argmax(1) for part in images.split(500)]).eq(labels).float().mean())


def test_images() -> tuple[torch.Tensor, torch.Tensor]:
    digits = mnist("test")
    return torch.tensor(digits.images)[:, None].float().div_(255), torch.tensor(digits.labels)


def time_to(goal: float, budget: float | None, config: TrainConfig) -> Row:
    """Seconds from the press of the button, in a warm worker that is watched, to the first weights this good."""
    history, came = History(), {}
    with Worker(threads=1, patience_s=600) as worker, served(worker, history) as ask:
        while not worker.is_ready:
            time.sleep(POLL_S)
        start = time.perf_counter()
        worker.start(Job(B1.blueprint, B1.data, config))
        images, labels = test_images()
        found: dict = {}
        while found.get("state") not in (RunState.DONE, RunState.FAILED):
            found = ask()
            for step in history.moments:
                came.setdefault(step, time.perf_counter() - start)
            good = history.evaluation_at(found["step"])
            if good is not None and good.validation.accuracy >= goal and _reached(history, goal, images, labels):
                break
            time.sleep(POLL_S)
    reached = _reached(history, goal, images, labels)
    what = f"B1 to {goal:.1%} of all MNIST test images, from the press of the button"
    limit = f"≤ {budget:g} s" if budget else ""
    if reached is None:
        return Row(what, "not reached", limit, False)
    return Row(what, f"{came[reached]:.1f} s ({reached:,} steps)", limit, budget is None or came[reached] <= budget)


def _reached(history: History, goal: float, images: torch.Tensor, labels: torch.Tensor) -> int | None:
    """The earliest remembered moment that is this good, looked for from the middle (accuracy mostly rises)."""
    moments = history.moments
    low, high = 0, len(moments)
    while low < high:
        middle = (low + high) // 2
        good = on_test(dict(history.weights_at(moments[middle])), images, labels) >= goal
        low, high = (low, middle) if good else (middle + 1, high)
    return moments[low] if low < len(moments) else None


def birds(config: TrainConfig = BIRDS) -> Row:
    """C1 as the book trains it, on birds and airplanes: accuracy on the validation pictures at the end."""
    course = start_session(Job(preset("birds_c1"), DataChoice("birds"), config))
    start = time.perf_counter()
    with all_cores():
        course.run.advance(float("inf"))
    took, found = time.perf_counter() - start, course.evaluated().validation
    said = f"{found.accuracy:.3f} of {found.n:,} ({config.epochs} epochs, {took:.0f} s)"
    return Row("C1, birds and airplanes: validation accuracy", said, "≥ 0.88", found.accuracy >= 0.88)


def rows() -> Iterator[Row]:
    """All rows of this file; some minutes."""
    torch.set_num_threads(1)
    yield time_to(0.97, 30, B1.config)
    yield time_to(0.989, None, QUICK)
    yield birds()
