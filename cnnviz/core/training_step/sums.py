"""A single gradient as the sum that it is: of one weight, of one bias, of one cell before a pooling or activation.

Plain arrays in, plain arrays out. Refuses to know: how the gradients were computed (`step`), and drawing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnviz.core.geometry import Axis
from cnnviz.core.layers import POOLING, Kind
from cnnviz.core.training_step.records import LayerStep, TrainingStepError
from cnnviz.i18n import _


@dataclass(frozen=True, eq=False)
class WeightSum:
    """The gradient of one weight: all that it ever multiplied, times what came back there.

    `seen` are the input values, one for each output cell (rows, cols), 0 where `padded`; `gradients` is
    d loss / d output at these cells; `products` = seen · gradients; their sum is `total`, PyTorch's gradient.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.training_step import trace_training_step, weight_sum
    >>> network = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    >>> step = trace_training_step(network, np.ones((1, 2, 2), np.float32), target=0)
    >>> found = weight_sum(step.layer("0"), out_channel=0, in_channel=0)  # row 0, col 0: the first tap
    >>> found.padded.tolist(), bool(np.isclose(found.products.sum(), found.total))
    ([[True, True], [True, False]], True)
    """

    seen: np.ndarray
    padded: np.ndarray
    gradients: np.ndarray
    products: np.ndarray
    total: float

    def __post_init__(self) -> None:
        for array in (self.seen, self.padded, self.gradients, self.products):
            array.setflags(write=False)


@dataclass(frozen=True, eq=False)
class BiasSum:
    """The gradient of one bias: the sum of `gradients`, d loss / d output over one map (rows, cols), is `total`.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.training_step import bias_sum, trace_training_step
    >>> network = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    >>> found = bias_sum(trace_training_step(network, np.ones((1, 2, 2), np.float32), target=0).layer("0"), 0)
    >>> found.gradients.shape, bool(np.isclose(found.gradients.sum(), found.total))
    ((2, 2), True)
    """

    gradients: np.ndarray
    total: float

    def __post_init__(self) -> None:
        self.gradients.setflags(write=False)


@dataclass(frozen=True, eq=False)
class InputGradient:
    """The gradient of one input cell of a pooling or an activation, from the output cells that read it.

    `cells` (n, 2) are their rows and columns, `factors` (n,) how much each passes on (a maximum: 1 to the winner, 0 to
    the others; ReLU: 1 above 0, else 0), `gradients` (n,) what it has; `products.sum()` is `total`, PyTorch's gradient.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.training_step import input_gradient, trace_training_step
    >>> network = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    >>> step = trace_training_step(network, np.ones((1, 2, 2), np.float32), target=0)
    >>> found = input_gradient(step.layer("1"), channel=0, row=1, col=1)
    >>> found.cells.tolist(), found.factors.tolist()  # the mean of four cells
    ([[0, 0]], [0.25])
    """

    cells: np.ndarray
    factors: np.ndarray
    gradients: np.ndarray
    products: np.ndarray
    total: float

    def __post_init__(self) -> None:
        for array in (self.cells, self.factors, self.gradients, self.products):
            array.setflags(write=False)


def weight_sum(layer: LayerStep, out_channel: int, in_channel: int, row: int = 0, col: int = 0) -> WeightSum:
    """The sum behind the gradient of the weight at (row, col) of the kernel from `in_channel` to `out_channel`.

    Formula: dL/dw[o, i, r, c] = Σ over output cells y of dL/dout[o, y] · in[i, the cell under tap (r, c) at y].
    For a fully connected layer the channels are entries, and there is one product; where it stands on maps, one for
    each row of the maps. `total` is the part of the gradient that comes from this layer.
    Raises: TrainingStepError for a layer that has no weights for pairs of channels or that got no gradient, IndexError
    for a weight that it does not have.

    >>> import numpy as np
    >>> from cnnviz.models.zoo import find_recipe
    >>> from cnnviz.core.training_step.step import trace_training_step
    >>> from cnnviz.core.training_step.sums import weight_sum
    >>> image = np.ones((1, 28, 28), np.float32)
    >>> motion = trace_training_step(find_recipe("mnist").build(), image, target=3)
    >>> weight_sum(motion.layer("conv2"), 3, 5, 0, 2).products.shape
    (14, 14)
    """
    gradient, grad_output = _weights(layer), _arrived(layer)
    place = _place(layer, gradient.shape, out_channel, in_channel, row, col)
    if layer.spec.kind is Kind.LINEAR:  # its entries are the last axis; each row before it is one product
        seen = layer.input[..., in_channel].reshape(-1, 1)
        return _weight_sum(
            seen, np.zeros(seen.shape, bool), grad_output[..., out_channel].reshape(-1, 1), gradient[place]
        )  # fmt: skip
    rows, cols = _axes(layer)
    seen, padded = cells_under_tap(layer.input[in_channel], rows, cols, row, col)
    return _weight_sum(seen, padded, grad_output[out_channel], gradient[place])


def _weight_sum(seen: np.ndarray, padded: np.ndarray, gradients: np.ndarray, total: np.ndarray) -> WeightSum:
    return WeightSum(seen, padded, gradients, seen * gradients, float(total))


def cells_under_tap(channel: np.ndarray, rows: Axis, cols: Axis, row: int, col: int) -> tuple[np.ndarray, np.ndarray]:
    """What lies under tap (row, col) at every place of the window, and where nothing does (0 there, and True)."""
    down, across = tap_sources(rows, row), tap_sources(cols, col)
    padded = (down[:, None] < 0) | (across[None, :] < 0)
    return np.where(padded, 0, channel[np.ix_(down, across)]).astype(channel.dtype), padded


def tap_sources(axis: Axis, tap: int) -> np.ndarray:
    """The input index under `tap` for every unit of the axis, −1 where nothing stands."""
    return np.array([-1 if row[tap] is None else row[tap] for row in axis.sources])


def bias_sum(layer: LayerStep, out_channel: int) -> BiasSum:
    """The sum behind the gradient of the bias of `out_channel`: a bias is added to every cell of its map.

    Formula: dL/db[o] = Σ over output cells y of dL/dout[o, y].
    Raises: TrainingStepError for a layer without biases or without gradient, IndexError for a channel that it does not
    have.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.training_step import bias_sum, trace_training_step
    >>> network = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    >>> step = trace_training_step(network, np.ones((1, 2, 2), np.float32), target=0)
    >>> bool(np.isclose(bias_sum(step.layer("1"), 0).total, step.probabilities[0] - 1))  # probability − truth
    True
    """
    if layer.spec.kind not in (Kind.CONVOLUTION, Kind.LINEAR) or layer.bias_part is None:
        raise TrainingStepError(
            _("{path} has no bias that is added to a whole map: choose a layer with biases", path=layer.spec.path)
        )
    _demand_within(layer, "channel", out_channel, len(layer.bias_part))
    arrived = _arrived(layer)
    gradients = arrived[..., out_channel] if layer.spec.kind is Kind.LINEAR else arrived[out_channel]
    return BiasSum(np.atleast_2d(gradients), float(layer.bias_part[out_channel]))


def input_gradient(layer: LayerStep, channel: int, row: int = 0, col: int = 0) -> InputGradient:
    """Where the gradient of input cell (channel, row, col) of a pooling or an activation comes from.

    An entry of a vector is a channel at (0, 0).
    Raises: TrainingStepError for other layers, IndexError for a cell that it does not have.

    >>> import numpy as np
    >>> from cnnviz.models.zoo import find_recipe
    >>> from cnnviz.core.training_step.step import trace_training_step
    >>> from cnnviz.core.training_step.sums import input_gradient
    >>> image = np.ones((1, 28, 28), np.float32)
    >>> motion = trace_training_step(find_recipe("mnist").build(), image, target=3)
    >>> input_gradient(motion.layer("pool1"), 0, 5, 6).factors.shape
    (1,)
    """
    if layer.spec.kind not in (*POOLING, Kind.ACTIVATION):
        raise TrainingStepError(
            _("{path} is not a pooling or activation: choose one of these layers", path=layer.spec.path)
        )
    grad_output = _arrived(layer)
    assert layer.grad_input is not None
    maps, out, back = (array.reshape(*array.shape, 1, 1) if array.ndim == 1 else array
                       for array in (layer.input, grad_output, layer.grad_input))  # fmt: skip
    for name, at, size in zip(("channel", "row", "col"), (channel, row, col), maps.shape, strict=True):
        _demand_within(layer, name, at, size)
    if layer.spec.kind is Kind.ACTIVATION:
        pairs = [((row, col), _slope(layer, (channel, row, col), maps))]
    else:
        pairs = _shares(layer, maps[channel], row, col)
    cells = np.array([cell for cell, _factor in pairs], dtype=int).reshape(-1, 2)
    factors = np.array([factor for _cell, factor in pairs], dtype=float)
    gradients = out[channel][cells[:, 0], cells[:, 1]]
    return InputGradient(cells, factors, gradients, factors * gradients, float(back[channel, row, col]))


def _slope(layer: LayerStep, cell: tuple[int, int, int], maps: np.ndarray) -> float:
    """The derivative of the activation at a cell; ReLU's at 0 is 0, as in PyTorch, which takes those without a case."""
    value = float(maps[cell])
    match layer.spec.type_name:
        case "ReLU":
            return float(value > 0)
        case "LeakyReLU":
            return 1.0 if value > 0 else layer.spec.slope
        case "Tanh":
            return 1 - float(np.tanh(value)) ** 2
        case "Sigmoid":
            share = 1 / (1 + float(np.exp(-value)))
            return share * (1 - share)
    assert layer.derivative is not None
    entry = int(np.ravel_multi_index(cell, maps.shape))
    return float(layer.derivative(0, entry).reshape(-1)[entry])


def _shares(layer: LayerStep, maps: np.ndarray, row: int, col: int) -> list[tuple[tuple[int, int], float]]:
    """The windows of a pooling that hold (row, col), and which part of its gradient each hands to it."""
    rows, cols = _axes(layer)
    holding = [(r, c) for r, down in enumerate(rows.sources) if row in down
               for c, across in enumerate(cols.sources) if col in across]  # fmt: skip
    if layer.spec.kind is Kind.MAX_POOLING:
        return [(cell, float(_winner(maps, rows, cols, cell) == (row, col))) for cell in holding]
    return [(cell, 1 / _divisor(layer, rows, cols, cell)) for cell in holding]


def _winner(maps: np.ndarray, rows: Axis, cols: Axis, cell: tuple[int, int]) -> tuple[int, int]:
    """The largest cell of a window; of several equal ones the first, row after row, as in PyTorch."""
    down, across = rows.cells(cell[0]), cols.cells(cell[1])
    at = int(np.argmax(maps[np.ix_(down, across)]))
    return down[at // len(across)], across[at % len(across)]


def _divisor(layer: LayerStep, rows: Axis, cols: Axis, cell: tuple[int, int]) -> int:
    """What average pooling divides the sum of a window by."""
    if layer.spec.divisor is not None:
        return layer.spec.divisor
    if layer.spec.counts_padding:
        return len(rows.places[cell[0]]) * len(cols.places[cell[1]])
    return len(rows.cells(cell[0])) * len(cols.cells(cell[1]))


def _weights(layer: LayerStep) -> np.ndarray:
    is_sum = layer.spec.kind in (Kind.CONVOLUTION, Kind.LINEAR)
    if not is_sum or layer.weight_part is None:
        raise TrainingStepError(
            _("{path} has no weights between channels that got a gradient: choose another layer", path=layer.spec.path)
        )
    return layer.weight_part


def _arrived(layer: LayerStep) -> np.ndarray:
    if layer.grad_output is None or layer.grad_input is None:
        raise TrainingStepError(_("no gradient came back through {path}: choose a later layer", path=layer.spec.path))
    return layer.grad_output


def _axes(layer: LayerStep) -> tuple[Axis, Axis]:
    axes = layer.spec.axes(layer.input.shape[-2:], layer.output.shape[-2:])  # type: ignore[arg-type]
    if axes is None:
        raise TrainingStepError(_("{path} reads no windows: choose a convolution or a pooling", path=layer.spec.path))
    return axes


def _place(layer: LayerStep, shape: tuple[int, ...], out: int, in_: int, row: int, col: int) -> tuple[int, ...]:
    """The index of a weight in PyTorch's array, groups and transposed convolutions included."""
    width, count = layer.spec.channels
    _demand_within(layer, "in channel", in_, width)
    _demand_within(layer, "out channel", out, count)
    if layer.spec.kind is Kind.LINEAR:
        _demand_within(layer, "row", row, 1)
        _demand_within(layer, "column", col, 1)
        return out, in_
    _demand_within(layer, "row", row, shape[2])
    _demand_within(layer, "column", col, shape[3])
    wide, deep = width // layer.spec.groups, count // layer.spec.groups
    if in_ // wide != out // deep:
        raise IndexError(
            _("channels must be in the same group, got in {in_} and out {out}: {path} connects only these",
              in_=in_, out=out, path=layer.spec.path)
        )  # fmt: skip
    return (in_, out % deep, row, col) if layer.spec.is_transposed else (out, in_ % wide, row, col)


def _demand_within(layer: LayerStep, name: str, at: int, size: int) -> None:
    if not 0 <= at < size:
        raise IndexError(
            _("{name} must be in 0..{last} in {path}, got {at}: choose one of these",
              name=name, last=size - 1, path=layer.spec.path, at=at)
        )  # fmt: skip
