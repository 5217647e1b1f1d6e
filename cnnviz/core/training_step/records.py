"""What one training step leaves behind: read-only records, of one layer, of its parameters, of the whole step.

Refuses to know: how the numbers were computed (`step` does that).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from cnnviz.core.layer_trace import LayerTrace, Trace
from cnnviz.core.layers import LayerSpec
from cnnviz.core.trace import TraceError
from cnnviz.core.training_step.optimisers import OptimiserSettings

Derivative = Callable[[int | str, int], np.ndarray]


class TrainingStepError(TraceError):
    """No training step can be taken like this; the message says why, and what can.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.training_step import TrainingStepError, trace_training_step
    >>> try:
    ...     trace_training_step(nn.Sequential(nn.Flatten()), np.ones((1, 2, 2), np.float32), target=0)
    ... except TrainingStepError as error:
    ...     print(error)
    network must have weights to learn, got one without: choose another network
    """


@dataclass(frozen=True, eq=False)
class ParameterStep:
    """One weight or bias array before, during and after the step; all arrays have the shape of `before`.

    `gradient` is d loss / d weight, None where none came through. `step` is what was really added:
    `before + step` is `after`. `velocity` is SGD's (with momentum); `mean`, `square` are Adam's m and v,
    `fair_mean`, `fair_square` the same after the bias correction.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.training_step import OptimiserSettings, trace_training_step
    >>> network, image = nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), np.ones((1, 2, 2), np.float32)
    >>> weight = trace_training_step(network, image, target=0, optimiser=OptimiserSettings(rate=0.5)).layer("1").weight
    >>> bool(np.allclose(weight.after, weight.before - 0.5 * weight.gradient))
    True
    """

    before: np.ndarray
    gradient: np.ndarray | None
    step: np.ndarray
    after: np.ndarray
    velocity: np.ndarray | None = None
    mean: np.ndarray | None = None
    square: np.ndarray | None = None
    fair_mean: np.ndarray | None = None
    fair_square: np.ndarray | None = None

    def __post_init__(self) -> None:
        _freeze(self.before, self.gradient, self.step, self.after, self.velocity)
        _freeze(self.mean, self.square, self.fair_mean, self.fair_square)


@dataclass(frozen=True, eq=False)
class LayerStep:
    """One layer: what it did, and what came back through it.

    `grad_output`: d loss / d output, the sum of what all its readers hand back. `grad_inputs`: what this layer hands
    back to each of its inputs, of their shapes; where it takes one output twice, both entries are the sum of both.
    None where no gradient came this far. `weight`, `bias` are None for a layer without parameters of these names.
    `weight_part`, `bias_part`: the parts of their gradients that came from this layer; all of it unless `calls`, the
    number of layers that use the same weight, is above 1. `derivative(at, entry)`: d output / d one entry of input
    number `at`, or of the parameter of that name, counted as its array lies; of the shape of the output.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.training_step import trace_training_step
    >>> network, image = nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), np.ones((1, 2, 2), np.float32)
    >>> layer = trace_training_step(network, image, target=0).layer("1")
    >>> layer.grad_input.shape, layer.grad_output.shape
    ((4,), (2,))
    """

    traced: LayerTrace
    grad_inputs: tuple[np.ndarray | None, ...]
    grad_output: np.ndarray | None
    weight: ParameterStep | None = None
    bias: ParameterStep | None = None
    weight_part: np.ndarray | None = None
    bias_part: np.ndarray | None = None
    calls: int = 1
    derivative: Derivative | None = None

    def __post_init__(self) -> None:
        _freeze(*self.grad_inputs, self.grad_output, self.weight_part, self.bias_part)

    @property
    def grad_input(self) -> np.ndarray | None:
        """What it hands back to the first of its inputs; of most layers the only one."""
        return self.grad_inputs[0]

    @property
    def spec(self) -> LayerSpec:
        """What the layer is."""
        return self.traced.spec

    @property
    def input(self) -> np.ndarray:
        """What went in, (channels, rows, cols) or (entries,)."""
        return self.traced.input

    @property
    def output(self) -> np.ndarray:
        """What came out."""
        return self.traced.output


@dataclass(frozen=True, eq=False)
class StepTrace:
    """The whole step: `loss` = −ln of the probability of `target`, `grad_logits` = probabilities − truth (classes,).

    `losses` holds the loss before each of the `step` steps of the run and after the last, so `losses[-2]` is `loss`
    and `losses[-1]` is `loss_after`. `problems` are sentences about what could not be computed. `parameters` are all
    that the network learns, by path; `grad_image` is d loss / d image, None where no gradient came this far.

    >>> import numpy as np
    >>> from torch import nn
    >>> from cnnviz.core.training_step import trace_training_step
    >>> network, image = nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), np.ones((1, 2, 2), np.float32)
    >>> step = trace_training_step(network, image, target=0)
    >>> step.truth.tolist(), step.loss_after < step.loss
    ([1.0, 0.0], True)
    """

    trace: Trace
    target: int
    loss: float
    grad_logits: np.ndarray
    layers: tuple[LayerStep, ...]
    optimiser: OptimiserSettings
    step: int
    losses: tuple[float, ...]
    after: Trace
    problems: tuple[str, ...] = ()
    parameters: Mapping[str, ParameterStep] = field(default_factory=dict)
    grad_image: np.ndarray | None = None

    def __post_init__(self) -> None:
        _freeze(self.grad_logits, self.grad_image)

    @property
    def logits(self) -> np.ndarray:
        """The scores before the step, (classes,)."""
        return self.trace.logits

    @property
    def probabilities(self) -> np.ndarray:
        """Their softmax, (classes,)."""
        return self.trace.probabilities

    @property
    def loss_after(self) -> float:
        """The loss of the same drawing with the new weights."""
        return self.losses[-1]

    @property
    def truth(self) -> np.ndarray:
        """1 at the target and 0 elsewhere, (classes,)."""
        return np.eye(len(self.logits), dtype=self.logits.dtype)[self.target]

    def layer(self, path: str) -> LayerStep:
        """The layer called `path`. Raises: KeyError, naming the layers that there are."""
        return self.layers[self.trace.position(path)]

    def readers(self, path: str) -> tuple[tuple[LayerStep, int], ...]:
        """The layers that read the output of the layer called `path` ("" for the image), and as which of their inputs.

        What they hand back adds up to its gradient. A layer that takes it twice stands here once.

        >>> import numpy as np
        >>> from torch import nn
        >>> from cnnviz.core.training_step import trace_training_step
        >>> network, image = nn.Sequential(nn.Flatten(), nn.Linear(4, 2)), np.ones((1, 2, 2), np.float32)
        >>> [(layer.spec.path, at) for layer, at in trace_training_step(network, image, target=0).readers("0")]
        [('1', 0)]
        """
        column = self.trace.position(path) + 1 if path else 0
        return tuple(
            (layer, layer.traced.sources.index(column)) for layer in self.layers if column in layer.traced.sources
        )  # fmt: skip


def _freeze(*arrays: np.ndarray | None) -> None:
    for array in arrays:
        if array is not None:
            array.setflags(write=False)
