"""The rules of the laboratory: each says in one sentence what is wrong with a wish, and mends it in the least way.

The sentence and the way out stand side by side, so that they cannot disagree. Bounds are PyTorch's where it has one,
else what keeps an answer quick (visitors share the cores).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from cnnviz.conv_lab.problems import Problem, Rule
from cnnviz.conv_lab.requests import GLOBAL, LabSettings, Operation, PaddingMode, Pair
from cnnviz.conv_lab.rules_of_kernels import RULES_OF_KERNELS
from cnnviz.core.geometry import span
from cnnviz.core.kernels import LARGEST, resize
from cnnviz.i18n import _

MOST_STRIDE = MOST_DILATION = 8
MOST_PADDING = 16
MOST_OUTPUT = 384  # cells on a side of a map
MOST_CELLS = 1_000_000  # of all maps together
MOST_PRODUCTS = 200_000_000  # multiplications of one run


def _within(name: str, pair: Pair, least: int, most: int, way_out: str) -> tuple[str, Pair] | None:
    """The sentence and the nearest pair for a pair outside its bounds."""
    rows, cols = (min(max(value, least), most) for value in pair)
    if (rows, cols) == tuple(pair):
        return None
    received = str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}, {pair[1]}"
    sentence = _(
        "{name} must be from {least} to {most}, got {received}: {way_out}",
        name=name, least=least, most=most, received=received, way_out=way_out,
    )  # fmt: skip
    return sentence, (rows, cols)


_BOUNDS: dict[str, tuple[Callable[[], str], int, int]] = {
    "stride": (lambda: _("stride"), 1, MOST_STRIDE),
    "padding": (lambda: _("padding"), 0, MOST_PADDING),
    "dilation": (lambda: _("dilation"), 1, MOST_DILATION),
    "output_padding": (lambda: _("output padding"), 0, MOST_STRIDE),
    "on_top": (lambda: _("the second window"), 0, LARGEST),
}


def _in_bounds(field: str) -> Rule:
    """The rule that a number, or each of a pair, lies within its bounds."""
    describe, least, most = _BOUNDS[field]

    def rule(wish: LabSettings) -> Problem | None:
        value = getattr(wish, field)
        pair = (value, value) if isinstance(value, int) else value
        found = _within(describe(), pair, least, most, _("choose a number in between"))
        if found is None:
            return None
        sentence, nearest = found
        changes: dict[str, Any] = {field: nearest if isinstance(value, tuple) else nearest[0]}
        return Problem(sentence, replace(wish, **changes))

    return rule


def _mode_goes_with_the_operation(wish: LabSettings) -> Problem | None:
    if wish.operation is Operation.CONVOLUTION or wish.padding_mode is PaddingMode.ZEROS:
        return None
    sentence = _("padding mode must be zeros for anything but a convolution, got {mode}: zeros are used",
                 mode=wish.padding_mode.value)  # fmt: skip
    return Problem(sentence, replace(wish, padding_mode=PaddingMode.ZEROS))


def _same_is_possible(wish: LabSettings) -> Problem | None:
    if not wish.is_same:
        return None
    if wish.operation is not Operation.CONVOLUTION:
        sentence = _("PyTorch has padding “same” for convolutions only: give the padding as a number")
        return Problem(sentence, replace(wish, is_same=False))
    if wish.stride == (1, 1):
        return None
    rows, cols = (min(d * (k - 1) // 2, MOST_PADDING) for d, k in zip(wish.dilation, wish.size, strict=True))
    sentence = _("stride must be 1 for padding “same”, got {stride}: padding {rows}, {cols} is the nearest number",
                 stride=max(wish.stride), rows=rows, cols=cols)  # fmt: skip
    return Problem(sentence, replace(wish, is_same=False, padding=(rows, cols)))


def _average_has_no_dilation(wish: LabSettings) -> Problem | None:
    if wish.operation is not Operation.AVERAGE or wish.dilation == (1, 1):
        return None
    sentence = _("dilation must be 1 for average pooling, got {dilation}: PyTorch has no other",
                 dilation=max(wish.dilation))  # fmt: skip
    return Problem(sentence, replace(wish, dilation=(1, 1)))


def _pooling_reaches_the_picture(wish: LabSettings) -> Problem | None:
    if wish.operation not in (Operation.MAX, Operation.AVERAGE):
        return None
    limits = [k // 2 for k in wish.size]  # PyTorch's rule, whatever the dilation
    rows, cols = (min(p, limit) for p, limit in zip(wish.padding, limits, strict=True))
    if (rows, cols) == wish.padding:
        return None
    sentence = _("padding must be at most half of the pooling window ({limit}), got {padding}: make it smaller",
                 limit=min(limits), padding=max(wish.padding))  # fmt: skip
    return Problem(sentence, replace(wish, padding=(rows, cols)))


def _border_can_be_filled(wish: LabSettings) -> Problem | None:
    """A mirror needs a row behind the border, a ring goes round once."""
    less = {PaddingMode.REFLECT: 1, PaddingMode.CIRCULAR: 0}.get(wish.padding_mode)
    if wish.operation is not Operation.CONVOLUTION or less is None:
        return None
    limits = [side - less for side in wish.picture.size]
    widest = [max(pair) for pair in wish.around]
    if all(padding <= limit for padding, limit in zip(widest, limits, strict=True)):
        return None
    axis = 0 if widest[0] > limits[0] else 1
    sentence = _(
        "padding must be at most {limit} in {mode} mode for {size} cells, got {padding}: make it smaller",
        limit=limits[axis], mode=wish.padding_mode.value, size=wish.picture.size[axis], padding=widest[axis],
    )  # fmt: skip
    rows, cols = (min(padding, limit) for padding, limit in zip(widest, limits, strict=True))
    return Problem(sentence, replace(wish, is_same=False, padding=(rows, cols)))


def _output_padding_is_small(wish: LabSettings) -> Problem | None:
    if wish.operation is not Operation.TRANSPOSED:
        return None
    limits = [max(s, d) - 1 for s, d in zip(wish.stride, wish.dilation, strict=True)]
    rows, cols = (min(p, limit) for p, limit in zip(wish.output_padding, limits, strict=True))
    if (rows, cols) == wish.output_padding:
        return None
    sentence = _(
        "output padding must be smaller than the stride or the dilation ({limit}), got {padding}: make it smaller",
        limit=min(limits) + 1, padding=max(wish.output_padding),
    )  # fmt: skip
    return Problem(sentence, replace(wish, output_padding=(rows, cols)))


def _window_fits(wish: LabSettings) -> Problem | None:
    """The padded picture must hold the window once; what is taken from a transposed one must leave a cell."""
    if wish.operation in GLOBAL:
        return None
    for axis, name in ((0, _("rows")), (1, _("columns"))):
        if wish.output[axis] >= 1:
            continue
        if wish.operation is Operation.TRANSPOSED:
            return _less_padding(wish, axis)
        padded = wish.picture.size[axis] + sum(wish.around[axis])
        covered = span(wish.size[axis], wish.dilation[axis])
        sentence = _(
            "the kernel must be at most as long as the padded image ({padded} {name}), got {covered}: make the "
            "padding larger, or the kernel or its dilation smaller",
            padded=padded, name=name, covered=covered,
        )  # fmt: skip
        return Problem(sentence, _made_to_fit(wish, axis, covered - padded))
    return None


def _less_padding(wish: LabSettings, axis: int) -> Problem:
    missing = 1 - wish.output[axis]
    most = wish.padding[axis] - -(-missing // 2)
    sentence = _(
        "padding must be at most {most} here, for it is cut off the result of a transposed convolution, got {padding}: "
        "make it smaller", most=most, padding=wish.padding[axis],
    )  # fmt: skip
    return Problem(sentence, replace(wish, padding=_changed(wish.padding, axis, most)))


def _made_to_fit(wish: LabSettings, axis: int, missing: int) -> LabSettings:
    """More padding where it may grow enough, else less dilation, else a smaller kernel."""
    more = wish.padding[axis] + -(-missing // 2)
    trial = replace(wish, is_same=False, padding=_changed(wish.padding, axis, more))
    is_enough = more <= MOST_PADDING and not _pooling_reaches_the_picture(trial) and not _border_can_be_filled(trial)
    if is_enough and not wish.is_same:
        return trial
    if wish.dilation[axis] > 1:
        return replace(wish, dilation=_changed(wish.dilation, axis, wish.dilation[axis] - 1))
    rows, cols = _changed(wish.size, axis, max(1, wish.size[axis] - missing))
    return replace(wish, kernel=resize(np.asarray(wish.kernel), rows, cols))


def _changed(pair: Pair, axis: int, value: int) -> Pair:
    return (value, pair[1]) if axis == 0 else (pair[0], value)


def _result_is_bounded(wish: LabSettings) -> Problem | None:
    if max(wish.output) > MOST_OUTPUT:
        axis = int(wish.output[1] > wish.output[0])
        sentence = _(
            "the result must have at most {most} cells on a side, got {got}: make the stride smaller",
            most=MOST_OUTPUT, got=wish.output[axis],
        )  # fmt: skip
        smaller = replace(wish, stride=_changed(wish.stride, axis, wish.stride[axis] - 1))
        return Problem(sentence, smaller)
    cells = wish.channels[1] * wish.output[0] * wish.output[1]
    if cells <= MOST_CELLS:
        return None
    sentence = _(
        "the maps of the result must have at most {most:,} cells together, got {got:,}: make the stride smaller",
        most=MOST_CELLS, got=cells,
    )  # fmt: skip
    rows, cols = (max(1, stride - 1) for stride in wish.stride)
    return Problem(sentence, replace(wish, stride=(rows, cols)))


def _work_is_bounded(wish: LabSettings) -> Problem | None:
    """Visitors share the cores."""
    if not wish.has_weights:
        return None
    cells = wish.picture.size if wish.operation is Operation.TRANSPOSED else wish.output
    products = int(np.asarray(wish.kernel).size) * cells[0] * cells[1]
    if products <= MOST_PRODUCTS:
        return None
    sentence = _(
        "one run must have at most {most} million products, got {got} million: fewer kernels are taken",
        most=MOST_PRODUCTS // 10**6, got=products // 10**6,
    )  # fmt: skip
    count = max(1, len(wish.kernel) // 2)
    bias = None if wish.bias is None else wish.bias[:count]
    return Problem(sentence, replace(wish, kernel=wish.kernel[:count], bias=bias))


RULES: tuple[Rule, ...] = (
    *RULES_OF_KERNELS, *map(_in_bounds, _BOUNDS), _mode_goes_with_the_operation, _same_is_possible,
    _average_has_no_dilation, _pooling_reaches_the_picture, _border_can_be_filled, _output_padding_is_small,
    _window_fits, _result_is_bounded, _work_is_bounded,
)  # fmt: skip
