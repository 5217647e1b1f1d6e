"""How large a result becomes: the formula with today's numbers in it, what is never read, how many parameters.

Formulas: `geometry.output_size`, `geometry.transposed_size`; PyTorch's documentation of `Conv2d` and `ConvTranspose2d`.
Refuses to know: torch, values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cnnviz.conv_lab.settings import GLOBAL, LabSetup, Operation
from cnnviz.core.geometry import Axis, Window, span
from cnnviz.i18n import _, ngettext


@dataclass(frozen=True)
class AxisSize:
    """One axis: its output size, the formula that gives it, and the cells that no window reads."""

    name: str
    output: int
    formula: str
    rest: int  # what the division by the stride leaves
    unread: tuple[int, ...]


def axis_sizes(setup: LabSetup, axes: tuple[Axis, Axis]) -> tuple[AxisSize, AxisSize]:
    """Rows and columns of `setup`; `axes` as its layer's `LayerSpec.axes` gives them.

    >>> import numpy as np
    >>> from cnnviz.conv_lab.images import find_image
    >>> from cnnviz.conv_lab.run import run_setup
    >>> from cnnviz.conv_lab.settings import LabSetup
    >>> from cnnviz.conv_lab.output_sizes import axis_sizes
    >>> setup = LabSetup(picture=find_image("nine"), kernel=np.ones((1, 1, 2, 2)), stride=(2, 2))
    >>> layer = run_setup(setup).layers[0]
    >>> rows, cols = axis_sizes(setup, layer.spec.axes(layer.input.shape, layer.output.shape))
    >>> rows.formula, rows.rest, rows.unread
    ('⌊(3 + 2·0 − 1·(2 − 1) − 1) / 2⌋ + 1 = ⌊1 / 2⌋ + 1 = 1', 1, ())
    """
    rows, cols = (_axis_size(setup, axis, axes[axis]) for axis in (0, 1))
    return rows, cols


def _axis_size(setup: LabSetup, axis: int, cells: Axis) -> AxisSize:
    name = _("rows") if axis == 0 else _("columns")
    if setup.operation in GLOBAL:
        return AxisSize(name, 1, _("the window covers all {size}: 1", size=setup.picture.size[axis]), 0, ())
    formula, rest = (_transposed if setup.operation is Operation.TRANSPOSED else _sliding)(setup, axis)
    return AxisSize(name, setup.output[axis], formula, rest, unread_cells(cells))


def _sliding(setup: LabSetup, axis: int) -> tuple[str, int]:
    sizes = setup.picture.size[axis], setup.size[axis], setup.stride[axis], setup.dilation[axis]
    return sliding_formula(*sizes, setup.around[axis])


def sliding_formula(size: int, kernel: int, stride: int, dilation: int, around: tuple[int, int]) -> tuple[str, int]:
    """The output size of one axis as its formula with the numbers in it, and what the division by the stride leaves.

    size, kernel: in cells; around: padding before and after.

    >>> from cnnviz.conv_lab.output_sizes import sliding_formula
    >>> sliding_formula(32, 4, 3, 1, (1, 1))
    ('⌊(32 + 2·1 − 1·(4 − 1) − 1) / 3⌋ + 1 = 30 / 3 + 1 = 11', 0)
    """
    before, after = around
    added = f"2·{before}" if before == after else f"{before} + {after}"
    distance = size + before + after - span(kernel, dilation)
    exact = f"{distance} / {stride}" if distance % stride == 0 else f"⌊{distance} / {stride}⌋"
    left = f"⌊({size} + {added} − {dilation}·({kernel} − 1) − 1) / {stride}⌋ + 1"
    return f"{left} = {exact} + 1 = {distance // stride + 1}", distance % stride


def _transposed(setup: LabSetup, axis: int) -> tuple[str, int]:
    n, k, s, d = setup.picture.size[axis], setup.size[axis], setup.stride[axis], setup.dilation[axis]
    p, extra = setup.padding[axis], setup.output_padding[axis]
    return f"({n} − 1)·{s} − 2·{p} + {d}·({k} − 1) + {extra} + 1 = {setup.output[axis]}", 0


@lru_cache(maxsize=64)  # the same while a weight moves
def unread_cells(axis: Axis) -> tuple[int, ...]:
    """The cells of the input that no unit reads.

    >>> from cnnviz.core.geometry import sliding_axis
    >>> from cnnviz.conv_lab.output_sizes import unread_cells
    >>> unread_cells(sliding_axis(32, units=10, kernel=4, stride=3))
    (31,)
    """
    read = {source for taps in axis.sources for source in taps}
    return tuple(place for place in range(axis.size) if place not in read)


def describe_unread(sizes: Sequence[AxisSize]) -> str:
    """What is never read, in words; empty where everything is."""
    parts = [_unread_part(size) for size in sizes if size.unread]
    return _("Covered by no window: {parts}.", parts=", ".join(parts)) if parts else ""


def _unread_part(size: AxisSize) -> str:
    places = ", ".join(_runs(size.unread))
    return _("{name} {places}", name=size.name, places=places)


def _runs(places: tuple[int, ...]) -> list[str]:
    """Neighbours together: 1, 2, 3, 7 is "1–3", "7"."""
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs]


def describe_parameters(setup: LabSetup) -> str:
    """How many parameters the layer has, and why."""
    if not setup.has_weights:
        return _("0 parameters: pooling learns nothing")
    out, width, rows, cols = setup.kernel.shape
    count = count_parameters(setup)
    bias = " + 1" if setup.bias is not None else ""
    words = ngettext("{shown} parameter", "{shown} parameters", count, shown=f"{count:,}")
    return f"{out} · ({rows}·{cols}·{width}{bias}) = {words}"


def count_parameters(setup: LabSetup) -> int:
    """Weights and biases; groups make each kernel see fewer channels.

    6·(2·2·1 + 1)

    >>> import numpy as np
    >>> from cnnviz.conv_lab.images import find_image
    >>> from cnnviz.conv_lab.settings import LabSetup
    >>> from cnnviz.conv_lab.output_sizes import count_parameters
    >>> count_parameters(LabSetup(picture=find_image("nine"), kernel=np.ones((6, 1, 2, 2)), bias=np.zeros(6)))
    30
    """
    if not setup.has_weights:
        return 0
    return int(setup.kernel.size) + (0 if setup.bias is None else len(setup.kernel))


def describe_shapes(setup: LabSetup) -> str:
    """From the picture's shape to the result's."""
    before = (setup.picture.channels, *setup.picture.size)
    after = (setup.channels[1], *setup.output)
    return f"{'×'.join(map(str, before))} → {'×'.join(map(str, after))}"


def receptive_field_with_second(setup: LabSetup) -> tuple[int, int] | None:
    """Rows and columns of the picture that a window of `on_top` on the result sees; None without such a window.

    Not for transposed convolutions and global pooling, whose cells do not all reach equally far.

    >>> import numpy as np
    >>> from cnnviz.conv_lab.images import find_image
    >>> from cnnviz.conv_lab.settings import LabSetup
    >>> from cnnviz.conv_lab.output_sizes import receptive_field_with_second
    >>> face, kernel = find_image("face"), np.ones((1, 1, 3, 3))
    >>> receptive_field_with_second(LabSetup(picture=face, kernel=kernel, stride=(2, 2), on_top=2))
    (5, 5)
    >>> receptive_field_with_second(LabSetup(picture=face, kernel=kernel, stride=(1, 1), on_top=2))
    (4, 4)
    """
    if setup.on_top == 0 or setup.operation in (Operation.TRANSPOSED, *GLOBAL):
        return None
    axes = zip(setup.size, setup.stride, setup.dilation, strict=True)
    rows, cols = (Window(setup.on_top).after(Window(span(k, d), s)).size for k, s, d in axes)
    return rows, cols
