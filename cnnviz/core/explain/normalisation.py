"""One cell of a batch normalisation: centred, divided by the spread, scaled and moved.

y = γ · (x − mean) / √(variance + ε) + β (Ioffe, Szegedy, "Batch Normalization", 2015).
Evaluation takes the running mean and variance. Training takes those of the batch: the **biased** variance (divided by
n) normalises, the **unbiased** one (divided by n − 1) goes into the running estimate.
Refuses to know: other kinds of normalisation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from cnnviz.checks import sides
from cnnviz.core.explain.cell import (
    Cell,
    ExplainError,
    channel_of,
    common_fields,
    demand_finite,
    demand_kind,
    exact_sum,
    explainer_of,
)
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _


class Statistics(StrEnum):
    """Where the mean and the variance come from.

    >>> from cnnviz.core.explain import Statistics
    >>> [each.value for each in Statistics]
    ['running', 'batch', 'image']
    """

    RUNNING = "running"
    BATCH = "batch"
    IMAGE = "image"  # of this image alone: its group of channels, its map, or its last axes


@dataclass(frozen=True)
class RunningStatisticsStep:
    """The running estimates of one channel after a training step: old + `factor` · (batch − old).

    The variance of the batch is the unbiased one: of 1 and 3 it is 2, and 0.9 · 1 + 0.1 · 2 = 1.1.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain_batch_statistics
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> batch = np.array([[[[1, 3]]]], np.float32)
    >>> layer = trace(nn.Sequential(nn.BatchNorm2d(1)), batch[0]).layers[0]
    >>> step = explain_batch_statistics(layer, UnitRef("0", 0, 0, 0), batch).running
    >>> round(step.mean, 6), round(step.variance, 6), step.factor
    (0.2, 1.1, 0.1)
    """

    mean: float
    variance: float
    factor: float


@dataclass(frozen=True, eq=False, kw_only=True)
class NormCell(Cell):
    """`gamma · normalised + beta == total`; `normalised = centred / deviation`, `centred = value − mean`.

    `deviation` is √(`variance` + `epsilon`). With `statistics` of a batch, `count` is the number of cells that they are
    taken over, `variance` the biased and `unbiased_variance` the other one; `running` is what a step in training mode
    leaves behind, None in evaluation mode or where a layer keeps no estimates.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.BatchNorm2d(1)), np.full((1, 1, 1), 3, np.float32)).layers[0]
    >>> cell = explain(layer, UnitRef("0", 0, 0, 0))  # fresh estimates: mean 0, variance 1
    >>> cell.centred, cell.statistics.value, abs(cell.gamma * cell.normalised + cell.beta - cell.total) < 1e-6
    (3.0, 'running', True)
    """

    value: float
    mean: float
    variance: float
    epsilon: float
    gamma: float
    beta: float
    statistics: Statistics
    count: int | None = None
    unbiased_variance: float | None = None
    running: RunningStatisticsStep | None = None

    @property
    def centred(self) -> float:
        """The value without the mean."""
        return self.value - self.mean

    @property
    def deviation(self) -> float:
        """What the centred value is divided by."""
        return math.sqrt(self.variance + self.epsilon)

    @property
    def normalised(self) -> float:
        """The centred value in deviations, before γ and β."""
        return self.centred / self.deviation

    def _check(self) -> None:
        if not self.variance + self.epsilon > 0:
            raise ExplainError(
                _("variance + epsilon of {path} must be above 0, got {variance} + {epsilon}: choose a larger epsilon",
                  path=self.spec.path, variance=self.variance, epsilon=self.epsilon)
            )  # fmt: skip
        magnitude = abs(self.gamma) * (abs(self.value) + abs(self.mean)) / self.deviation + abs(self.beta)
        self._must_make_total(self.gamma * self.normalised + self.beta, magnitude)


@explainer_of(Kind.NORMALISATION)
def explain_normalisation(layer: LayerTrace, unit: UnitRef) -> NormCell:
    """The cell in evaluation mode: the running estimates, or where the layer keeps none, those of this one image.

    Raises: ExplainError where a number is not finite, or where there is nothing to divide by.
    """
    fields = common_fields(layer, unit) | _affine(layer, unit)
    if layer.spec.is_by_image:
        fields |= _statistics_of(layer, _group(layer, unit))
        if not layer.spec.type_name.startswith("BatchNorm"):  # which takes those of the batch, here of one image
            fields |= {"statistics": Statistics.IMAGE}
    else:
        assert layer.mean is not None
        assert layer.variance is not None
        at = channel_of(layer, unit, len(layer.mean))
        running = {"mean": float(layer.mean[at]), "variance": float(layer.variance[at])}
        fields |= running | {"statistics": Statistics.RUNNING}
    return _made(layer, fields | {"value": float(layer.input[unit.within(layer.input.shape)])})


def explain_batch_statistics(
    layer: LayerTrace, unit: UnitRef, batch: np.ndarray, image: int = 0, batches_seen: int | None = None
) -> NormCell:
    """The cell of one `image` of a `batch` (n, c, h, w) of inputs to this layer, in training mode.

    The layer's own input is not looked at; the total is computed here. A layer with `momentum=None` averages over all
    batches: the step then is 1 / (`batches_seen` + 1), for which `batches_seen`, PyTorch's `num_batches_tracked`
    before the step, must be given.
    Raises: ExplainError for a batch of one value a channel, a missing `batches_seen`, numbers that are not finite;
    IndexError for an image or a unit that the batch does not have.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain.normalisation import explain_batch_statistics
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> batch = np.array([[[[1, 3]]]], np.float32)
    >>> layer = trace(nn.Sequential(nn.BatchNorm2d(1)), batch[0]).layers[0]
    >>> cell = explain_batch_statistics(layer, UnitRef("0", 0, 0, 0), batch)
    >>> cell.mean, cell.variance
    (2.0, 1.0)
    """
    demand_kind(layer, unit)
    batch = _checked_batch(layer, batch)
    value = _value_at(batch, unit, image)
    fields = _affine(layer, unit) | _statistics_of(layer, batch[:, unit.channel])
    total = _normalised(layer, value, fields)
    fields |= {"spec": layer.spec, "unit": unit, "total": total, "dtype": batch.dtype, "value": value}
    return _made(layer, fields | {"running": _step(layer, unit.channel, fields, batches_seen)})


def _checked_batch(layer: LayerTrace, batch: np.ndarray) -> np.ndarray:
    """In float64. PyTorch refuses to train on one value a channel, which has no spread."""
    if batch.ndim != 4 or batch.shape[1] != layer.spec.channels[0] or batch.size // batch.shape[1] < 2:
        raise ExplainError(
            _("batch for {path} must be (n, {channels}, h, w) with more than one value a channel, got {shape}: "
              "give more images or larger ones",
              path=layer.spec.path, channels=layer.spec.channels[0], shape=sides(batch.shape))
        )  # fmt: skip
    return exact_sum(batch)


def _value_at(batch: np.ndarray, unit: UnitRef, image: int) -> float:
    if not 0 <= image < len(batch):
        raise IndexError(
            _("image must be below {count}, the size of the batch, got {image}", count=len(batch), image=image)
        )
    return float(batch[(image, *unit.within(batch.shape[1:]))])


def _affine(layer: LayerTrace, unit: UnitRef) -> dict[str, Any]:
    """γ and β, 1 and 0 where the layer learns none."""
    gamma, beta = (
        default if array is None else float(array[_own_parameter(layer, unit, array)])
        for default, array in ((1.0, layer.weight), (0.0, layer.bias))
    )
    return {"gamma": gamma, "beta": beta, "epsilon": layer.spec.epsilon}


def _own_parameter(layer: LayerTrace, unit: UnitRef, array: np.ndarray) -> tuple[int, ...]:
    """One for each channel, or one for each place on the axes that are normalised."""
    return _place(layer, unit)[-array.ndim :] if layer.spec.over else (channel_of(layer, unit, len(array)),)


def _place(layer: LayerTrace, unit: UnitRef) -> tuple[int, ...]:
    """The index of `unit` on the axes as PyTorch has them."""
    entry = np.ravel_multi_index(unit.within(layer.output.shape), layer.output.shape)
    return tuple(int(at) for at in np.unravel_index(int(entry), layer.shape))


def _group(layer: LayerTrace, unit: UnitRef) -> np.ndarray:
    """The cells whose mean and variance normalise `unit`."""
    if layer.spec.over:
        before = _place(layer, unit)[: -len(layer.spec.over)]
        group: np.ndarray = layer.input.reshape(layer.shape)[before]
        return group
    groups: np.ndarray = layer.input.reshape(layer.spec.groups, -1)
    return groups[channel_of(layer, unit, layer.spec.groups)]


def _statistics_of(layer: LayerTrace, values: np.ndarray) -> dict[str, Any]:
    """The mean and both variances of the cells of one channel."""
    values = exact_sum(values)
    demand_finite(layer, _("input"), values)
    unbiased = float(values.var(ddof=1)) if values.size > 1 else None
    return {
        "statistics": Statistics.BATCH,
        "mean": float(values.mean()),
        "variance": float(values.var()),
        "unbiased_variance": unbiased,
        "count": values.size,
    }


def _normalised(layer: LayerTrace, value: float, fields: dict[str, Any]) -> float:
    spread = fields["variance"] + fields["epsilon"]
    return fields["gamma"] * (value - fields["mean"]) / math.sqrt(spread) + fields["beta"] if spread > 0 else math.nan


def _step(
    layer: LayerTrace, channel: int, fields: dict[str, Any], batches_seen: int | None
) -> RunningStatisticsStep | None:
    """`momentum` is the share of the batch; None averages over all batches so far."""
    if layer.mean is None or layer.variance is None:
        return None
    if layer.spec.momentum is None and batches_seen is None:
        raise ExplainError(
            _("batches_seen must be given for {path}, which averages over all batches, got none: "
              "give num_batches_tracked", path=layer.spec.path)
        )  # fmt: skip
    factor = 1 / ((batches_seen or 0) + 1) if layer.spec.momentum is None else layer.spec.momentum
    mean, variance = float(layer.mean[channel]), float(layer.variance[channel])
    return RunningStatisticsStep(
        mean=(1 - factor) * mean + factor * fields["mean"],
        variance=(1 - factor) * variance + factor * fields["unbiased_variance"],
        factor=factor,
    )


def _made(layer: LayerTrace, fields: dict[str, Any]) -> NormCell:
    for name in ("value", "mean", "variance", "gamma", "beta"):
        demand_finite(layer, name, fields[name])
    return NormCell(**fields)
