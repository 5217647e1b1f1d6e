"""The softmax in numbers: from scores (logits) to probabilities, and the cross-entropy of one class.

p = exp(z / T − m) / Σ exp(z / T − m) with m = max(z / T), so that no power overflows; log Σ exp(z / T) = m + log Σ.
Refuses to know: which layer the scores come from, and what the classes are called.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cnnviz.checks import require
from cnnviz.core.explain.cell import (
    Cell,
    ExplainError,
    cell_position,
    common_fields,
    demand_finite,
    exact_sum,
    explainer_of,
)
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _


@dataclass(frozen=True, eq=False, kw_only=True)
class SoftmaxCell:
    """`exponentials / sum == probabilities`, all (classes,) in float64; or PyTorch's own, which may be float32.

    `shifted` is (logits − max) / temperature and `exponentials` its powers of e; `log_sum_exp` that of the
    logits / temperature. `cross_entropy` is −log of the probability of class `target`, None without one.

    >>> import numpy as np
    >>> from cnnviz.core.explain import explain_softmax
    >>> cell = explain_softmax(np.array([0.0, 0.0]), target=1)
    >>> cell.sum, round(cell.cross_entropy, 4)  # ln 2
    (2.0, 0.6931)
    """

    logits: np.ndarray
    temperature: float
    shifted: np.ndarray
    exponentials: np.ndarray
    sum: float
    probabilities: np.ndarray
    log_sum_exp: float
    target: int | None = None
    cross_entropy: float | None = None

    def __post_init__(self) -> None:
        for array in (self.logits, self.shifted, self.exponentials, self.probabilities):
            array.setflags(write=False)
        if not math.isclose(self.probabilities.sum(), 1, abs_tol=1e-6):
            raise ExplainError(
                _("probabilities must add up to 1, got {total}: compute them from the logits",
                  total=self.probabilities.sum())
            )  # fmt: skip


def explain_softmax(logits: np.ndarray, temperature: float = 1.0, target: int | None = None) -> SoftmaxCell:
    """The softmax of `logits` (classes,), a score of −∞ being a class that is ruled out.

    `temperature` above 0: 1 is the network's own, a higher one evens the probabilities out. `target`: the number of a
    class, for the cross-entropy (in nats).
    Raises: ExplainError for a temperature that is not above 0 or too small to divide by, or for logits that are empty,
    NaN, +∞ or all −∞; IndexError for a target that there is not.

    >>> import numpy as np
    >>> from cnnviz.core.explain.softmax import explain_softmax
    >>> explain_softmax(np.array([0.0, 0.0])).probabilities.tolist()
    [0.5, 0.5]
    """
    values = _checked(logits, temperature)
    if target is not None and not 0 <= target < len(values):
        raise IndexError(_("target must be a class below {count}, got {target}", count=len(values), target=target))
    with np.errstate(over="ignore"):  # a power of −∞ is 0, as it should be
        shifted = (values - values.max()) / temperature
        largest = float(values.max() / np.float64(temperature))
    if not math.isfinite(largest):
        raise ExplainError(_("temperature must be large enough to divide by, got {value}", value=temperature))
    exponentials = np.exp(shifted)
    total = float(exponentials.sum())
    return SoftmaxCell(
        logits=values, temperature=temperature, shifted=shifted, exponentials=exponentials, sum=total,
        probabilities=exponentials / total, log_sum_exp=largest + math.log(total), target=target,
        cross_entropy=None if target is None else math.log(total) - float(shifted[target]),
    )  # fmt: skip


def _checked(logits: np.ndarray, temperature: float) -> np.ndarray:
    is_any = temperature > 0 and math.isfinite(temperature)
    way_out = _("1 is the network's own, larger makes probabilities more equal")
    require(is_any, "temperature", _("above 0"), temperature, way_out, ExplainError)
    values = exact_sum(np.ravel(logits))
    if not len(values) or not math.isfinite(values.max()):
        raise ExplainError(
            _("logits must be finite numbers (or −∞ for a class ruled out, not for all), got {logits}: "
              "load the weights again", logits=values.tolist())
        )  # fmt: skip
    return values


@dataclass(frozen=True, eq=False, kw_only=True)
class SoftmaxUnitCell(Cell):
    """One cell of a softmax inside a network: `exponentials[own] / sum == total`, its logarithm where `is_log`.

    `logits` (n,) are the cells along its axis, `shifted` these minus their largest, `exponentials` the powers of e.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.Flatten(), nn.Softmax(1)), np.zeros((1, 1, 2), np.float32)).layers[1]
    >>> cell = explain(layer, UnitRef("1", 0))
    >>> cell.sum, cell.total
    (2.0, 0.5)
    """

    logits: np.ndarray
    shifted: np.ndarray
    exponentials: np.ndarray
    sum: float
    own: int
    is_log: bool = False

    def _check(self) -> None:
        if self.is_log:
            self._must_make_total(
                float(self.shifted[self.own]) - math.log(self.sum), float(np.abs(self.logits).max()) + 1
            )
        else:
            self._must_make_total(float(self.exponentials[self.own]) / self.sum, 1.0)


@explainer_of(Kind.SOFTMAX)
def explain_softmax_unit(layer: LayerTrace, unit: UnitRef) -> SoftmaxUnitCell:
    """The cell of a softmax layer, or of its logarithm, along the axis that it normalises.

    Raises: ExplainError where a score is not finite.
    """
    shape = layer.output_axes
    entry = np.ravel_multi_index(cell_position(layer, unit), layer.output.shape)
    place = [int(at) for at in np.unravel_index(int(entry), shape)]
    axis = len(place) + layer.spec.over[0]
    own = place.pop(axis)
    logits = exact_sum(np.moveaxis(layer.input.reshape(shape), axis, -1)[tuple(place)])
    demand_finite(layer, _("input"), logits)
    shifted = logits - logits.max()
    exponentials = np.exp(shifted)
    return SoftmaxUnitCell(
        **common_fields(layer, unit), logits=logits, shifted=shifted, exponentials=exponentials,
        sum=float(exponentials.sum()), own=own, is_log=layer.spec.type_name == "LogSoftmax",
    )  # fmt: skip
