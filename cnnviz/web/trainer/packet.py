"""What is told of a run as a packet: how it stands, its curves, and what it makes of a picture at one moment.

Refuses to know: words (`texts`), how numbers were found (`view`), how bytes are laid out (`wire`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from cnnviz.training import Evaluation
from cnnviz.training.reports import EpochReport, TestReport
from cnnviz.training.worker import History
from cnnviz.training.worker.thinning import find_extremes
from cnnviz.web.trainer.run_log import put_log, run_log
from cnnviz.web.trainer.view import KernelGradients, TrainerView
from cnnviz.web.wire import Header, PacketWriter

MOST_POINTS = 600  # of a curve


def put_curves(history: History, cargo: PacketWriter) -> Header:
    """The curves, each of at most 600 points: of a longer one the least and the largest of each stretch."""
    curve, norms, layers = history.curve(), history.norms(), history.started.layers if history.started else ()
    kept = find_extremes(np.stack([curve.losses, curve.accuracies], axis=1), MOST_POINTS)
    lengths = _table(norms, layers)
    normed = [norms[at] for at in find_extremes(_ends(lengths), MOST_POINTS)]
    return {
        "steps": _put(curve.steps[kept], cargo),
        "loss": _put(curve.losses[kept], cargo),
        "accuracy": _put(curve.accuracies[kept], cargo),
        "rates": _put(curve.rates[kept], cargo),
        "layers": list(layers),
        "norm_steps": _put([step for step, _by_layer in normed], cargo),
        "norms": cargo.put(_table(normed, layers)) if normed and layers else None,
        "checks": _put_checks(history.evaluations, cargo),
        "tests": _put_tests(history.tests, cargo),
        "epochs": _put_epochs(history.epochs, cargo),
        "log": put_log(run_log(history, curve), cargo),
        "test_cost": history.test_cost and vars(history.test_cost),
    }


def _table(norms: Sequence[tuple[int, Mapping[str, float]]], layers: Sequence[str]) -> np.ndarray:
    """(points, layers); NaN where a layer had no gradient."""
    rows = [[by_layer.get(layer, np.nan) for layer in layers] for _step, by_layer in norms]
    return np.array(rows, np.float32).reshape(len(rows), len(layers))


def _ends(table: np.ndarray) -> np.ndarray:
    """(points, 2): the least and the largest of each row."""
    return np.stack([table.min(axis=1, initial=np.inf), table.max(axis=1, initial=-np.inf)], axis=1)


def _put_checks(evaluations: Sequence[Evaluation], cargo: PacketWriter) -> Header:
    """How well it read, on the validation pictures and on some of those for training."""
    scores = np.array([(each.validation.loss, each.validation.accuracy) for each in evaluations]).reshape(-1, 2)
    checks = [evaluations[at] for at in find_extremes(scores, MOST_POINTS)]
    return {
        "steps": _put([check.step for check in checks], cargo),
        "loss": _put([check.validation.loss for check in checks], cargo),
        "accuracy": _put([check.validation.accuracy for check in checks], cargo),
        "training_loss": _put([check.training.loss for check in checks], cargo),
        "training_accuracy": _put([check.training.accuracy for check in checks], cargo),
    }


def _put_tests(reports: Sequence[TestReport], cargo: PacketWriter) -> Header:
    """Loss and accuracy on the first test images, and the last look at all of them."""
    parts = [report for report in reports if not report.is_whole]
    scores = np.array([(each.score.loss, each.score.accuracy) for each in parts]).reshape(-1, 2)
    shown = [parts[at] for at in find_extremes(scores, MOST_POINTS)]
    whole = next((report for report in reversed(reports) if report.is_whole), None)
    return {
        "steps": _put([report.step for report in shown], cargo),
        "loss": _put([report.score.loss for report in shown], cargo),
        "accuracy": _put([report.score.accuracy for report in shown], cargo),
        "n": parts[-1].score.n if parts else 0,
        "whole": whole and {"step": whole.step, **vars(whole.score)},
    }


def _put_epochs(reports: Sequence[EpochReport], cargo: PacketWriter) -> Header:
    """Loss and accuracy epoch by epoch, of both parts."""
    return {
        "numbers": _put([report.epoch for report in reports], cargo),
        "steps": _put([report.step for report in reports], cargo),
        "training_loss": _put([report.training.loss for report in reports], cargo),
        "training_accuracy": _put([report.training.accuracy for report in reports], cargo),
        "loss": _put([report.validation.loss for report in reports], cargo),
        "accuracy": _put([report.validation.accuracy for report in reports], cargo),
    }


def put_sight(sight: TrainerView, cargo: PacketWriter) -> Header:
    """Kernels, maps and answer of one picture."""
    return {
        "layers": list(sight.layers),
        "layer": sight.layer,
        "kernel_layer": sight.kernel_layer,
        "channel": sight.channel,
        "channels": sight.channels,
        "kernels": None if sight.kernels is None else cargo.put(sight.kernels),
        "kernel_range": sight.kernel_range,
        "maps": None if sight.maps is None else cargo.put(sight.maps),
        "maps_in_all": sight.maps_in_all,
        "range": sight.range,
        "probabilities": cargo.put(sight.probabilities),
    }


def put_penalty(factor: float, squares: float, step: int) -> Header | None:
    """λ and Σ p² of the weights after `step` steps; None where nothing is added to the loss, or it is no number."""
    if not factor or not math.isfinite(squares):
        return None
    return {"factor": factor, "squares": squares, "value": factor * squares, "step": step}


def put_gradients(found: KernelGradients | None, cargo: PacketWriter) -> Header | None:
    """The gradients of the kernels that are shown."""
    if found is None:
        return None
    return {"values": cargo.put(found.values), "range": found.range, "batch": found.batch}


def put_pictures(images: np.ndarray, cargo: PacketWriter) -> Header:
    """Pictures (n, c, h, w) as bytes."""
    return cargo.put(np.ascontiguousarray(images, dtype=np.uint8))


def _put(values: Sequence[float] | np.ndarray, cargo: PacketWriter) -> Header:
    return cargo.put(np.array(values, dtype=np.float32))
