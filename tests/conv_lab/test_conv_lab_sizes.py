"""Output sizes: the published ones, what is never read, how many parameters."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from wishing import wishes

from cnnviz.conv_lab.images import LabImage, find_image
from cnnviz.conv_lab.output_sizes import (
    axis_sizes,
    count_parameters,
    describe_parameters,
    describe_shapes,
    describe_unread,
    receptive_field_with_second,
    unread_cells,
)
from cnnviz.conv_lab.run import lab_network, lab_result
from cnnviz.conv_lab.settings import LabSettings, LabSetup, Operation, PaddingMode, nearest_setup

TWO_BY_TWO = np.array([[[[0, 1], [2, 3]]]], np.float32)


def setup(picture: str = "nine", kernel: np.ndarray = TWO_BY_TWO, **rest: object) -> LabSetup:
    return LabSetup(picture=find_image(picture), kernel=kernel, **rest)  # type: ignore[arg-type]


def sizes_of(made: LabSetup):
    layer = lab_result(made)
    return axis_sizes(made, layer.spec.axes(layer.input.shape[1:], layer.output.shape[1:]))


# Dumoulin, Visin, "A guide to convolution arithmetic": (input, kernel, stride, padding, dilation) → output.
ARITHMETIC = [
    (4, 3, 1, 0, 1, 2), (5, 4, 1, 2, 1, 6), (5, 3, 1, 1, 1, 5), (5, 3, 1, 2, 1, 7), (5, 3, 2, 0, 1, 2),
    (5, 3, 2, 1, 1, 3), (6, 3, 2, 1, 1, 3), (7, 3, 1, 0, 2, 3), (32, 4, 1, 0, 1, 29), (32, 4, 3, 0, 1, 10),
    (32, 4, 3, 1, 1, 11),
]  # fmt: skip


@pytest.mark.parametrize(("n", "k", "s", "p", "d", "expected"), ARITHMETIC)
def test_sizes_are_the_published_ones(n: int, k: int, s: int, p: int, d: int, expected: int):
    made = LabSetup(
        picture=LabImage("own", np.zeros((1, n, n), np.float32)), kernel=np.ones((1, 1, k, k)), stride=(s, s),
        padding=(p, p), dilation=(d, d),
    )  # fmt: skip
    rows, _cols = sizes_of(made)
    assert rows.output == expected == lab_result(made).output.shape[1]
    assert rows.formula.startswith(f"⌊({n} + 2·{p} − {d}·({k} − 1) − 1) / {s}⌋ + 1 = ")
    assert rows.formula.endswith(f"+ 1 = {expected}")


@pytest.mark.parametrize(
    ("n", "k", "s", "p", "extra", "expected"),
    [(2, 3, 1, 0, 0, 4), (2, 3, 2, 0, 0, 5), (3, 3, 2, 1, 0, 5), (3, 3, 2, 1, 1, 6)],
)
def test_transposed_sizes_are_the_published_ones(n: int, k: int, s: int, p: int, extra: int, expected: int):
    made = LabSetup(
        picture=LabImage("own", np.zeros((1, n, n), np.float32)), kernel=np.ones((1, 1, k, k)), stride=(s, s),
        padding=(p, p), output_padding=(extra, extra), operation=Operation.TRANSPOSED,
    )  # fmt: skip
    assert sizes_of(made)[1].formula == f"({n} − 1)·{s} − 2·{p} + 1·({k} − 1) + {extra} + 1 = {expected}"
    assert lab_result(made).output.shape == (1, expected, expected)


@settings(max_examples=25, deadline=None)
@given(wishes((Operation.CONVOLUTION,)))
def test_what_is_never_read_has_no_influence(wish: LabSettings):
    """A changed cell that is called unread changes nothing; one that is read changes something."""
    made, _sentences = nearest_setup(replace(wish, bias=None, is_flipped=False))
    made = LabSetup(
        **{n: getattr(made, n) for n in LabSettings.__dataclass_fields__} | {"kernel": np.abs(made.kernel) + 1}
    )
    before = lab_result(made).output
    for axis, size in enumerate(sizes_of(made)):
        for place in range(made.picture.size[axis]):
            values = made.picture.values.copy()
            values[(slice(None), place) if axis == 0 else (slice(None), slice(None), place)] += 100
            after = lab_result(replace(made, picture=LabImage("own", values))).output
            other = sizes_of(made)[1 - axis]
            all_unread = len(other.unread) == made.picture.size[1 - axis]
            assert np.array_equal(before, after) == (place in size.unread or all_unread)


def test_a_rest_of_the_division_is_said():
    made = setup("gradient", np.ones((1, 1, 4, 4)), stride=(3, 3))
    rows, cols = sizes_of(made)
    assert (rows.rest, rows.unread, cols.unread) == (1, (31,), (31,))
    assert describe_unread((rows, cols)) == "Covered by no window: rows 31, columns 31."
    assert describe_unread(sizes_of(replace(made, padding=(1, 1)))) == ""


def test_a_stride_larger_than_the_kernel_skips_cells_between():
    made = setup("sixty-four", np.ones((1, 1, 1, 2)), stride=(4, 4))
    rows, cols = sizes_of(made)
    assert (rows.unread, cols.unread) == ((1, 2, 3, 5, 6, 7), (2, 3, 6, 7))
    assert describe_unread((rows, cols)) == "Covered by no window: rows 1–3, 5–7, columns 2–3, 6–7."


def test_unread_counts_no_cell_that_padding_repeats():
    made = setup("sixty-four", np.ones((1, 1, 3, 3)), padding=(1, 1), padding_mode=PaddingMode.REFLECT)
    axes = lab_result(made).spec.axes((8, 8), (8, 8))
    assert unread_cells(axes[0]) == ()


def test_parameters_are_counted_with_groups_and_bias():
    assert count_parameters(setup("small-landscape", np.ones((6, 3, 5, 5)), bias=np.ones(6), padding=(2, 2))) == 6 * (
        75 + 1
    )
    depthwise = setup("small-landscape", np.ones((3, 1, 3, 3)), groups=3)
    assert count_parameters(depthwise) == 27
    assert describe_parameters(depthwise) == "3 · (3·3·1) = 27 parameters"
    assert count_parameters(setup(operation=Operation.MAX)) == 0
    assert sum(p.numel() for p in lab_network(depthwise).parameters()) == 27


def test_a_window_on_top_sees_further_with_a_stride_below():
    below = np.ones((1, 1, 3, 3))
    assert receptive_field_with_second(setup("sixty-four", below, stride=(2, 2), on_top=2)) == (5, 5)
    assert receptive_field_with_second(setup("sixty-four", below, on_top=2)) == (4, 4)
    assert receptive_field_with_second(setup("sixty-four", below)) is None


def test_shapes_are_told():
    assert describe_shapes(setup("small-landscape", np.ones((6, 3, 5, 5)), padding=(2, 2))) == "3×32×32 → 6×32×32"
