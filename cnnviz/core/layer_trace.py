"""The record of one forward pass: the inputs and the output of every layer, as plain arrays.

Numbers are PyTorch's, as read-only NumPy arrays without the batch axis. Refuses to know: how they came about (`trace`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from cnnviz.checks import check_one_of
from cnnviz.core.layers import LayerSpec

Shape = tuple[int, ...]
SourceLine = tuple[str, int, str]  # the name of a file, the number of a line in it, and what stands there


def maps_shape(shape: Shape) -> Shape:
    """How an output of `shape`, without the batch axis, is kept: as a vector (entries,), or as maps.

    Maps are (channels, rows, cols). Two axes are one map; axes in front of the last two are channels one after another.

    >>> from cnnviz.core.layer_trace import maps_shape
    >>> maps_shape((10,)), maps_shape((197, 768)), maps_shape((2, 58, 7, 7))
    ((10,), (1, 197, 768), (116, 7, 7))
    """
    if len(shape) <= 1:
        return shape or (1,)
    return (prod(shape[:-2]), *shape[-2:])


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """What one layer did: arrays without the batch axis, (channels, rows, cols) or (entries,), see `maps_shape`.

    `inputs` are what it took, `sources` the columns that these are the outputs of: 0 is the image, n the layer number
    n − 1 of its trace; None for a constant. `shape` is that of the output as PyTorch has it.
    `weight` is (out, in / groups, rows, cols), (in, out / groups, rows, cols) for a transposed convolution, (out, in)
    or (channels,); weight and bias are None for layers without parameters. `mean` and `variance` (channels,) are
    the running estimates of a batch normalisation. `apply` computes the output of a layer that moves cells for other
    inputs of the same shapes, None for other layers. `source_line` is the author's own line of code, where it is known:
    a text from outside. `input_shape` is that of the first input as PyTorch has it, () where nobody says it.
    """

    spec: LayerSpec
    inputs: tuple[np.ndarray, ...]
    output: np.ndarray
    weight: np.ndarray | None = None
    bias: np.ndarray | None = None
    mean: np.ndarray | None = None
    variance: np.ndarray | None = None
    sources: tuple[int | None, ...] = (0,)
    shape: Shape = ()
    apply: Callable[[Sequence[np.ndarray]], np.ndarray] | None = None
    source_line: SourceLine | None = None
    input_shape: Shape = ()

    def __post_init__(self) -> None:
        for array in (*self.inputs, self.output, self.weight, self.bias, self.mean, self.variance):
            if array is not None:
                array.setflags(write=False)

    @property
    def input(self) -> np.ndarray:
        """The first of its inputs; of most layers the only one."""
        return self.inputs[0]

    @property
    def input_axes(self) -> Shape:
        """The sizes of the axes of the first input as PyTorch has them, without the batch."""
        return _axes(self.input_shape, self.input)

    @property
    def output_axes(self) -> Shape:
        """The sizes of the axes of the output as PyTorch has them, without the batch."""
        return _axes(self.shape, self.output)


def _axes(shape: Shape, kept: np.ndarray) -> Shape:
    own = shape[1:] if len(shape) > 1 and shape[0] == 1 else shape
    return own if own and prod(own) == kept.size else kept.shape


@dataclass(frozen=True, eq=False)
class Trace:
    """One forward pass: `image` (channels, rows, cols), all layers, `logits` and `probabilities` (classes,).

    `stopped`: why it ended half-way, one sentence that names the layer that refused; "" for a whole one. A part has no
    logits and no probabilities.
    """

    network: str
    image: np.ndarray
    layers: tuple[LayerTrace, ...]
    logits: np.ndarray
    probabilities: np.ndarray
    stopped: str = ""

    def __post_init__(self) -> None:
        for array in (self.image, self.logits, self.probabilities):
            array.setflags(write=False)

    def as_part(self, stopped: str) -> Trace:
        """The same as one that ended before there was an answer, and why; what had stopped keeps its own reason."""
        nothing = np.zeros(0, np.float32)
        return self if self.stopped else replace(self, logits=nothing, probabilities=nothing, stopped=stopped)

    def position(self, path: str) -> int:
        """The place of the layer called `path`, counted from 0.

        Raises: KeyError, naming the layers that there are.
        """
        paths = [layer.spec.path for layer in self.layers]
        check_one_of("layer", path, paths, KeyError)
        return paths.index(path)
