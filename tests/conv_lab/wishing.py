"""Wishes of every kind for Hypothesis: most are possible, some are not."""

import numpy as np
from hypothesis import strategies as st

from cnnviz.conv_lab.images import LabImage
from cnnviz.conv_lab.settings import LabSettings, Operation, PaddingMode

SMALL = st.integers(1, 4)


def numbers(shape: tuple[int, ...], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@st.composite
def wishes(draw: st.DrawFn, operations: tuple[Operation, ...] = tuple(Operation)) -> LabSettings:
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    channels, out = groups * draw(st.integers(1, 2)), groups * draw(st.integers(1, 2))
    rows, cols = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    kernel = numbers((out, channels // groups, draw(SMALL), draw(SMALL)), draw(st.integers(0, 99)))
    pair = lambda least, most: st.tuples(st.integers(least, most), st.integers(least, most))  # noqa: E731
    return LabSettings(
        picture=LabImage("own", numbers((channels, rows, cols), draw(st.integers(0, 99)))),
        kernel=kernel,
        bias=numbers((out,), 5) if draw(st.booleans()) else None,
        operation=draw(st.sampled_from(operations)),
        stride=draw(pair(1, 3)),
        padding=draw(pair(0, 3)),
        is_same=draw(st.booleans()),
        padding_mode=draw(st.sampled_from(PaddingMode)),
        dilation=draw(pair(1, 3)),
        groups=groups,
        output_padding=draw(pair(0, 2)),
        is_flipped=draw(st.booleans()),
    )
