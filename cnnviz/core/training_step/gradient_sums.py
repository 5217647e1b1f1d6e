"""Any gradient as the sum that it is: over the cells of a layer's output that change with one cell, or one parameter.

The factors are derivatives of the layer alone, taken by PyTorch, so there is one for every operation that it can go
back through. The sums of weights, biases, poolings and activations by their own formulas are in `sums`.
Refuses to know: how the gradients were computed (`backward`), and drawing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cnnviz.checks import check_one_of
from cnnviz.core.training_step.records import LayerStep, StepTrace, TrainingStepError
from cnnviz.i18n import _


@dataclass(frozen=True, eq=False)
class GradientSum:
    """d loss / d one number as the sum over the output cells that change with it.

    `cells` (n, axes of the output) are their places, `factors` (n,) how much each changes with the number, `gradients`
    (n,) d loss / d cell; `products` = factors · gradients; their sum is `total`, PyTorch's gradient.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.training_step import cell_gradient, trace_training_step
    >>> network = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    >>> step = trace_training_step(network, np.ones((1, 2, 2), np.float32), target=0)
    >>> found = cell_gradient(step.layer("1"), 1, 0, 1)
    >>> found.cells.tolist(), found.factors.tolist()  # the mean of four cells
    ([[1, 0, 0]], [0.25])
    """

    cells: np.ndarray
    factors: np.ndarray
    gradients: np.ndarray
    products: np.ndarray
    total: float

    def __post_init__(self) -> None:
        for array in (self.cells, self.factors, self.gradients, self.products):
            array.setflags(write=False)


@dataclass(frozen=True, eq=False)
class BranchSum:
    """The gradient of one cell as the sum of what each layer that reads it hands back: `parts`, by their names.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.training_step import branch_sum, trace_training_step
    >>> network = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    >>> step = trace_training_step(network, np.ones((1, 2, 2), np.float32), target=0)
    >>> list(branch_sum(step, "0", 3).parts)
    ['1']
    """

    parts: dict[str, float]
    total: float


def cell_gradient(layer: LayerStep, *cell: int, at: int = 0) -> GradientSum:
    """What `layer` hands back to one cell of its input number `at`, (channel, row, col) or (entry,).

    Where a layer takes the same output twice, its own gradient is the sum of both.
    Raises: TrainingStepError where no gradient came through, IndexError for a cell that it does not have.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.training_step import cell_gradient, trace_training_step
    >>> network = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    >>> step = trace_training_step(network, np.ones((1, 2, 2), np.float32), target=0)
    >>> found = cell_gradient(step.layer("1"), 3)  # its two weights, times the gradients of the two scores
    >>> bool(np.isclose(found.products.sum(), found.total)), found.factors.shape
    (True, (2,))
    """
    back = layer.grad_inputs[at] if 0 <= at < len(layer.grad_inputs) else None
    if back is None or layer.derivative is None:
        raise TrainingStepError(
            _("no gradient goes back to input {at} of {path}: choose another", at=at, path=layer.spec.path)
        )
    entry = _entry(layer, cell, back.shape)
    return _gradient_sum(layer, layer.derivative(at, entry), back.reshape(-1)[entry])


def parameter_sum(layer: LayerStep, name: str, *index: int) -> GradientSum:
    """The gradient of one entry of the "weight" or the "bias" of `layer`, as far as it comes from this layer.

    Raises: TrainingStepError where the layer has none or no gradient came, IndexError for an entry that there is not.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.training_step import parameter_sum, trace_training_step
    >>> network = nn.Sequential(nn.BatchNorm2d(1), nn.Flatten(), nn.Linear(4, 2))
    >>> step = trace_training_step(network, np.ones((1, 2, 2), np.float32), target=0)
    >>> found = parameter_sum(step.layer("0"), "weight", 0)  # γ multiplies every normalised cell of its map
    >>> bool(np.isclose(found.products.sum(), found.total)), len(found.cells)
    (True, 4)
    """
    check_one_of("parameter", name, ("weight", "bias"), TrainingStepError)
    part = layer.weight_part if name == "weight" else layer.bias_part
    if part is None or layer.derivative is None:
        raise TrainingStepError(
            _("{path} has no {name} that got a gradient: choose another layer", path=layer.spec.path, name=name)
        )
    entry = _entry(layer, index, part.shape)
    return _gradient_sum(layer, layer.derivative(name, entry), part.reshape(-1)[entry])


def branch_sum(step: StepTrace, path: str, *cell: int) -> BranchSum:
    """The gradient of one cell of the layer called `path` ("" for the image), from all layers that read it.

    Raises: TrainingStepError where no gradient came, IndexError for a cell that there is not.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.training_step import branch_sum, trace_training_step
    >>> network = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    >>> step = trace_training_step(network, np.ones((1, 2, 2), np.float32), target=0)
    >>> found = branch_sum(step, "", 0, 1, 1)
    >>> bool(np.isclose(sum(found.parts.values()), found.total))
    True
    """
    total = step.layer(path).grad_output if path else step.grad_image
    readers = step.readers(path)
    if total is None or not readers:
        raise TrainingStepError(_("no gradient came back to {path}: choose a later layer", path=path or _("image")))
    entry = _entry(readers[0][0], cell, total.shape)
    parts = {
        layer.spec.path: float(back.reshape(-1)[entry])
        for layer, at in readers
        if (back := layer.grad_inputs[at]) is not None
    }
    return BranchSum(parts, float(total.reshape(-1)[entry]))


def _entry(layer: LayerStep, index: tuple[int, ...], shape: tuple[int, ...]) -> int:
    is_there = len(index) == len(shape) and all(0 <= at < size for at, size in zip(index, shape, strict=True))
    if not is_there:
        raise IndexError(
            _("place must lie in {shape} at {path}, got {index}: choose one of these",
              shape=shape, path=layer.spec.path, index=index)
        )  # fmt: skip
    return int(np.ravel_multi_index(index, shape))


def _gradient_sum(layer: LayerStep, factors: np.ndarray, total: np.ndarray) -> GradientSum:
    assert layer.grad_output is not None
    cells = np.argwhere(factors != 0)
    own, gradients = factors[factors != 0], layer.grad_output[factors != 0]
    return GradientSum(cells, own, gradients, own * gradients, float(total))
