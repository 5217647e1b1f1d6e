"""What is told of a run as a packet: how it stands, its curves, and what it makes of a picture at one moment.

Refuses to know: words (`texts`), how numbers were found (`ui.training_look`), how bytes are laid out (`wire`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cnnviz.training import Evaluation
from cnnviz.ui.components.wire import Cargo, Header
from cnnviz.ui.training_look import Sight
from cnnviz.worker import History

MOST_POINTS = 600  # of a curve


def put_curves(history: History, cargo: Cargo) -> Header:
    """The curves, each of at most 600 points: every k-th of a longer one, and its last."""
    curve, norms, layers = history.curve(), history.norms(), history.started.layers if history.started else ()
    kept = thinned(len(curve.steps))
    normed = [norms[at] for at in thinned(len(norms))]
    return {
        "steps": _put(curve.steps[kept], cargo),
        "loss": _put(curve.losses[kept], cargo),
        "accuracy": _put(curve.accuracies[kept], cargo),
        "rates": _put(curve.rates[kept], cargo),
        "layers": list(layers),
        "norm_steps": _put([step for step, _by_layer in normed], cargo),
        "norms": cargo.put(_table(normed, layers)) if normed and layers else None,
        "checks": _put_checks(history.evaluations, cargo),
    }


def _table(norms: Sequence[tuple[int, Mapping[str, float]]], layers: Sequence[str]) -> np.ndarray:
    """(points, layers); NaN where a layer had no gradient."""
    return np.array([[by_layer.get(layer, np.nan) for layer in layers] for _step, by_layer in norms], np.float32)


def _put_checks(evaluations: Sequence[Evaluation], cargo: Cargo) -> Header:
    """How well it read, on the validation pictures and on some of those for training."""
    checks = [evaluations[at] for at in thinned(len(evaluations))]
    return {
        "steps": _put([check.step for check in checks], cargo),
        "loss": _put([check.validation.loss for check in checks], cargo),
        "accuracy": _put([check.validation.accuracy for check in checks], cargo),
        "training_loss": _put([check.training.loss for check in checks], cargo),
        "training_accuracy": _put([check.training.accuracy for check in checks], cargo),
    }


def thinned(count: int, most: int = MOST_POINTS) -> np.ndarray:
    """Places of at most `most` of `count` points, evenly apart, the last one among them.

    Example: `thinned(5, 3)` is 0, 2, 4.
    """
    if count == 0:
        return np.zeros(0, np.int64)
    every = -(-count // most)
    return np.arange(count - 1, -1, -every)[::-1]


def put_sight(sight: Sight, cargo: Cargo) -> Header:
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


def put_pictures(images: np.ndarray, cargo: Cargo) -> Header:
    """Pictures (n, c, h, w) as bytes."""
    return cargo.put(np.ascontiguousarray(images, dtype=np.uint8))


def _put(values: Sequence[float] | np.ndarray, cargo: Cargo) -> Header:
    return cargo.put(np.array(values, dtype=np.float32))
