"""What all cells share: a record that checks its own arithmetic, and the registry of what can be explained.

Refuses to know: any kind of layer; each one registers itself with `explainer_of`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.layers import Kind, LayerSpec
from cnnviz.core.units import UnitRef
from cnnviz.i18n import _

LEEWAY = 64  # rounding steps that a long sum, in any order, may be off, relative to the sum of its magnitudes


class ExplainError(ValueError):
    """A cell cannot be put in numbers; the message says which layer and why.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import ExplainError, explain
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.ReLU()), np.ones((1, 1, 1), np.float32)).layers[0]
    >>> try:
    ...     explain(layer, UnitRef("conv1", 0, 0, 0))
    ... except ExplainError as error:
    ...     print(error)
    unit must be one of 0, got one of conv1: choose the layer that it belongs to
    """


@dataclass(frozen=True, eq=False, kw_only=True)
class Cell:
    """One unit of one layer: `total` is the number that PyTorch gave, as `dtype`. Arrays are read-only.

    `explain` makes one of the layer's kind. Raises: ExplainError where its numbers do not make the total.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.ReLU()), np.full((1, 1, 1), 2, np.float32)).layers[0]
    >>> cell = explain(layer, UnitRef("0", 0, 0, 0))
    >>> cell.total, cell.dtype, cell.is_finite
    (2.0, dtype('float32'), True)
    """

    spec: LayerSpec
    unit: UnitRef
    total: float
    dtype: np.dtype[Any]

    def __post_init__(self) -> None:
        for value in vars(self).values():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
        self._check()

    @property
    def is_finite(self) -> bool:
        """Whether the number is one; where it is not (a NaN that a pooling hands on), it is still PyTorch's."""
        return bool(np.isfinite(self.total))

    def _check(self) -> None:
        raise NotImplementedError

    def _must_make_total(self, made: float, magnitude: float) -> None:
        """Raise ExplainError unless `made` is the total, up to the rounding of numbers of this magnitude."""
        limits = np.finfo(self.dtype)
        if made == self.total or (np.isnan(made) and np.isnan(self.total)):
            return
        if abs(made - self.total) <= LEEWAY * (limits.eps * magnitude + limits.tiny):
            return
        raise ExplainError(
            _("numbers of {path} must make its output ({total}), got {made}: trace the layer again",
              path=self.spec.path, total=self.total, made=made)
        )  # fmt: skip


Explain = Callable[[LayerTrace, UnitRef], Cell]
_REGISTRY: dict[Kind, Explain] = {}


def explainer_of(kind: Kind) -> Callable[[Explain], Explain]:
    """Register how a cell of this kind of layer is explained; a kind has one way only."""

    def register(function: Explain) -> Explain:
        if kind in _REGISTRY:
            raise ValueError(f"kind must be explained once, got {kind!r} twice: remove one")
        _REGISTRY[kind] = function
        return function

    return register


def explain(layer: LayerTrace, unit: UnitRef) -> Cell:
    """The numbers behind `unit` of `layer`, which was traced in evaluation mode.

    Raises: ExplainError for a kind of layer that nobody explains, a unit of another layer, numbers that are not
    finite, or an output that these numbers do not make; IndexError for a unit that the layer does not have.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain import explain
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.Conv2d(1, 4, 3, padding=1)), np.ones((1, 5, 5), np.float32)).layers[0]
    >>> explain(layer, UnitRef("0", 3, 0, 0)).padded[0].tolist()
    [True, True, True]
    """
    if layer.spec.kind not in _REGISTRY:
        raise ExplainError(
            _("layer must be of a known kind ({known}), got {path}, a {type}: choose another layer",
              known=", ".join(_REGISTRY), path=layer.spec.path, type=layer.spec.type_name)
        )  # fmt: skip
    return _REGISTRY[layer.spec.kind](layer, unit)


def cell_position(layer: LayerTrace, unit: UnitRef) -> tuple[int, ...]:
    """The index of `unit` into the layer's output.

    Raises: ExplainError for a unit of another layer, IndexError for one outside this layer.
    """
    demand_kind(layer, unit)
    return unit.within(layer.output.shape)


def channel_of(layer: LayerTrace, unit: UnitRef, channels: int) -> int:
    """Which of the `channels` of the layer `unit` is in, or which of as many groups of them.

    Of maps it is the map; of a line, which is kept as one map, the row; of a volume several maps are one channel.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.explain.cell import channel_of
    >>> from cnnviz.core.trace import trace
    >>> from cnnviz.core.units import UnitRef
    >>> layer = trace(nn.Sequential(nn.ReLU()), np.ones((6, 1, 1), np.float32)).layers[0]
    >>> channel_of(layer, UnitRef("0", 5), 6), channel_of(layer, UnitRef("0", 5), 2)
    (5, 1)
    """
    shape = layer.output.shape
    return int(np.ravel_multi_index(unit.within(shape), shape)) * channels // layer.output.size


def demand_kind(layer: LayerTrace, unit: UnitRef) -> None:
    """Raise ExplainError for a unit of another layer."""
    if unit.layer != layer.spec.path:
        raise ExplainError(
            _("unit must be one of {path}, got one of {other}: choose the layer that it belongs to",
              path=layer.spec.path, other=unit.layer)
        )  # fmt: skip


def common_fields(layer: LayerTrace, unit: UnitRef) -> dict[str, Any]:
    """The fields of `Cell` itself."""
    total = float(layer.output[cell_position(layer, unit)])
    return {"spec": layer.spec, "unit": unit, "total": total, "dtype": layer.output.dtype}


def exact_sum(values: np.ndarray) -> np.ndarray:
    """A copy in float64, where the product of two float32 numbers is exact."""
    return np.array(values, dtype=np.float64)


def demand_finite(layer: LayerTrace, name: str, values: np.ndarray | float) -> None:
    """Raise ExplainError, naming the layer and what it is (`name`), where a value is infinite or no number."""
    is_finite = np.isfinite(values)
    if not np.all(is_finite):
        wrong = np.asarray(values)[~is_finite]
        raise ExplainError(
            _("{name} of {path} must be finite numbers, got {value}: choose another cell, or load the weights again",
              name=name, path=layer.spec.path, value=wrong[0])
        )  # fmt: skip


def weights_of(layer: LayerTrace) -> np.ndarray:
    """The layer's weights; raises ExplainError where the trace has none."""
    if layer.weight is None:
        raise ExplainError(_("{path} must have weights, got none: trace the layer again", path=layer.spec.path))
    return layer.weight
