"""A cell of a convolution: hand examples, padded copies and loops, autograd, and wrong readings that are caught."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from cells import CROSS, DIAGONAL, cell_at, convolution, random_maps, three_channels, totals, traced, units
from torch import nn

from cnnviz.core.explain import ExplainError, explain
from cnnviz.core.layer_trace import LayerTrace
from tests.lesson.lesson_oracle import PRINTED

X = np.arange(9.0).reshape(1, 3, 3)
K = np.array([[0.0, 1.0], [2.0, 3.0]])


def test_the_first_window_of_the_text_book_makes_19():
    cell = cell_at(traced(convolution(K[None, None]), X))
    np.testing.assert_array_equal(cell.products[0], [[0 * 0, 1 * 1], [3 * 2, 4 * 3]])
    assert cell.total == 0 + 1 + 6 + 12


def test_the_text_book_map_and_its_mirror_twin():
    """The negative twin: a true convolution, which flips the kernel, gives another map."""
    layer = traced(convolution(K[None, None]), X)
    np.testing.assert_array_equal(totals(layer), [[[19, 25], [37, 43]]])
    assert not np.array_equal(totals(traced(convolution(K[None, None, ::-1, ::-1].copy()), X)), totals(layer))


def test_two_input_and_three_output_channels_of_the_text_book():
    kernel = np.stack([K, K + 1])
    layer = traced(convolution(np.stack([kernel, kernel + 1, kernel + 2])), np.concatenate([X, X + 1]))
    expected = [[[56, 72], [104, 120]], [[76, 100], [148, 172]], [[96, 128], [192, 224]]]
    np.testing.assert_array_equal(totals(layer), expected)
    np.testing.assert_array_equal(cell_at(layer).sums, [19, 56 - 19])


def test_the_match_scores_of_the_x():
    layer = traced(convolution(DIAGONAL[None, None] / 9), CROSS[None])
    np.testing.assert_allclose(totals(layer)[0], PRINTED[0], atol=0.005)


def test_the_match_scores_of_the_small_x():
    feature = np.where(np.eye(3) + np.eye(3)[::-1] > 0, 1.0, -1.0)
    scores = totals(traced(convolution(feature[None, None] / 9), CROSS[None]))[0]
    np.testing.assert_allclose(scores[0], [0.33, -0.56, 0.11, -0.11, 0.11, -0.56, 0.33], atol=0.005)
    assert scores[3, 3] == pytest.approx(1)


def test_a_kernel_of_ninths_gives_the_mean_of_the_neighbourhood():
    photo = random_maps(1, 8, 8)
    cell = cell_at(traced(convolution(np.full((1, 1, 3, 3), 1 / 9)), photo), row=2, col=3)
    assert cell.total == pytest.approx(photo[0, 2:5, 3:6].mean())


def test_a_vertical_edge_kernel_subtracts_the_left_from_the_right():
    photo = random_maps(1, 8, 8)
    cell = cell_at(traced(convolution([[[[-1, 0, 1]] * 3]]), photo), row=2, col=3)
    assert cell.total == pytest.approx(photo[0, 2:5, 5].sum() - photo[0, 2:5, 3].sum())


def test_three_channels_and_a_bias_make_109_in_the_corner():
    layer = traced(convolution(np.ones((1, 3, 3, 3)), [1.0]), three_channels())
    assert totals(layer)[0].tolist() == [[109, 109, 55], [163, 163, 82], [217, 217, 109]]
    cell = cell_at(layer)
    assert cell.sums.tolist() == [72, 18, 18]
    assert cell.sums.sum() + cell.bias == 109


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "expected"),
    [
        ((32, 32), (4, 4), (1, 1), (0, 0), (29, 29)), ((32, 32), (4, 4), (3, 3), (0, 0), (10, 10)),
        ((32, 32), (4, 4), (3, 3), (1, 1), (11, 11)), ((8, 8), (3, 3), (1, 1), (1, 1), (8, 8)),
        ((8, 8), (5, 3), (1, 1), (2, 1), (8, 8)), ((8, 8), (3, 3), (2, 2), (1, 1), (4, 4)),
        ((8, 8), (3, 5), (3, 4), (0, 1), (2, 2)),
    ],
)  # fmt: skip
def test_the_last_cell_of_a_map_of_published_size_is_explained(size, kernel, stride, padding, expected):
    layer = traced(nn.Conv2d(1, 1, kernel, stride, padding), random_maps(1, *size))
    assert layer.output.shape == (1, *expected)
    assert cell_at(layer, 0, expected[0] - 1, expected[1] - 1).patch.shape == (1, *kernel)


def test_the_columns_that_a_stride_never_reaches_are_no_cells_source():
    """32 columns, kernel 4, stride 3: (32 − 4) / 3 is not whole, so the last one is never read."""
    layer = traced(nn.Conv2d(1, 1, 4, stride=3), random_maps(1, 32, 32))
    read = {int(col) for unit in units(layer) for col in explain(layer, unit).sources[..., 1].ravel()}
    assert set(range(32)) - read == {31}


def test_a_one_by_one_convolution_is_a_fully_connected_layer_at_each_pixel():
    image, weight = random_maps(3, 5, 4), random_maps(2, 3, seed=1)
    layer = traced(convolution(weight[:, :, None, None]), image)
    np.testing.assert_allclose(totals(layer), np.einsum("oc,chw->ohw", weight, image), atol=1e-12)


def test_a_single_one_attends_to_its_place_in_the_window():
    """Its place upper left gives the upper left of each window; moved to the lower right, the lower right."""
    image = random_maps(1, 5, 5)
    upper, lower = np.zeros((2, 1, 1, 2, 2))
    upper[0, 0, 0, 0] = lower[0, 0, 1, 1] = 1
    np.testing.assert_array_equal(totals(traced(convolution(upper), image))[0], image[0, :-1, :-1])
    np.testing.assert_array_equal(totals(traced(convolution(lower), image))[0], image[0, 1:, 1:])


@pytest.mark.parametrize(("stride", "pixels"), [(2, 5), (1, 4)])
def test_two_by_two_cells_of_a_three_by_three_convolution_see_the_published_pixels(stride: int, pixels: int):
    below = traced(nn.Conv2d(1, 1, 3, stride=stride), random_maps(1, 12, 12))
    above = traced(nn.Conv2d(1, 1, 2), below.output)
    cells = cell_at(above, 0, 1, 1).sources.reshape(-1, 2)
    seen = np.concatenate([cell_at(below, 0, *map(int, at)).sources.reshape(-1, 2) for at in cells])
    assert len(cells) == 4
    assert (np.ptp(seen, axis=0) + 1).tolist() == [pixels, pixels]


def test_a_tap_between_the_strides_of_a_transposed_convolution_is_no_padding():
    cell = cell_at(traced(nn.ConvTranspose2d(1, 1, 3, stride=2), random_maps(1, 2, 2)), 0, 1, 0)
    assert cell.sources[..., 0].tolist() == [[-1, -1, -1], [0, -1, -1], [-1, -1, -1]]
    assert cell.padded.tolist() == [[False] * 3, [False, False, True], [False] * 3]


def test_a_depthwise_convolution_reads_its_own_channel_only():
    cell = cell_at(traced(nn.Conv2d(3, 6, 3, groups=3), random_maps(3, 5, 5)), 4)
    assert cell.channels == (4 // 2,)
    assert cell.patch.shape == (1, 3, 3)


def wrong_layers() -> dict[str, LayerTrace]:
    torch.manual_seed(0)
    layer = traced(nn.Conv2d(2, 4, 3, padding=1, padding_mode="reflect", groups=2), random_maps(2, 6, 6))
    spec = layer.spec
    return {
        "true convolution": replace(layer, weight=layer.weight[:, :, ::-1, ::-1].copy()),
        "padding forgotten": replace(layer, spec=replace(spec, padding=(0, 0))),
        "zeros for reflections": replace(layer, spec=replace(spec, padding_mode="zeros")),
        "a stride": replace(layer, spec=replace(spec, stride=(2, 2))),
        "a dilation": replace(layer, spec=replace(spec, dilation=(2, 2), padding=(2, 2))),
        "bias forgotten": replace(layer, bias=None),
        "the other group": replace(layer, inputs=(layer.input[::-1].copy(),)),
    }


@pytest.mark.parametrize("name", wrong_layers())
def test_a_wrong_reading_is_refused_not_shown(name: str):
    layer = wrong_layers()[name]
    with pytest.raises(ExplainError, match="numbers of 0 must make its output"):
        totals(layer)


def test_a_record_with_products_that_are_not_patch_times_kernel_cannot_be_made():
    cell = cell_at(traced(convolution(K[None, None]), X))
    with pytest.raises(ExplainError, match="products of 0 must be patch × kernel"):
        replace(cell, kernel=cell.kernel[:, ::-1, ::-1])


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_weight_that_is_no_number_is_refused_by_name(value: float):
    layer = traced(nn.Conv2d(1, 2, 3), random_maps(1, 5, 5))
    broken = layer.weight.copy()
    broken[1, 0, 0, 0] = value
    with pytest.raises(ExplainError, match=f"kernel of 0 must be finite numbers, got {value}"):
        cell_at(replace(layer, weight=broken), 1)
    assert cell_at(replace(layer, weight=broken), 0).is_finite


def test_a_value_that_is_no_number_spoils_only_the_windows_that_read_it():
    image = random_maps(1, 6, 6)
    image[0, 0, 0] = np.nan
    layer = traced(nn.Conv2d(1, 1, 3, padding=1), image)
    with pytest.raises(ExplainError, match="input of 0 must be finite numbers, got nan"):
        cell_at(layer, 0, 1, 1)
    assert cell_at(layer, 0, 2, 2).is_finite


def test_a_cell_in_half_precision_still_adds_up():
    layer = traced(nn.Conv2d(8, 4, 5, padding=2), random_maps(8, 9, 9), torch.float16)
    cell = cell_at(layer, 3, 4, 4)
    assert cell.sums.sum() + cell.bias == pytest.approx(cell.total, abs=0.01)


def test_arrays_of_a_cell_are_read_only():
    cell = cell_at(traced(convolution(K[None, None]), X))
    for array in (cell.patch, cell.kernel, cell.products, cell.sums, cell.padded, cell.sources):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
