"""Ready-made kernels: as image processing writes them, at any size; what can be done to a kernel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.core.kernels import (
    LARGEST,
    PRESETS,
    KernelError,
    KernelOperation,
    apply_operation,
    find_preset,
    flip,
    normalise,
    resize,
)

# As Gonzalez and Woods, Prewitt, Sobel and Scharr have them.
PUBLISHED = {
    "gaussian": np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16,
    "box": np.full((3, 3), 1 / 9),
    "vertical": [[-1, 0, 1]] * 3,
    "horizontal": [[-1, -1, -1], [0, 0, 0], [1, 1, 1]],
    "prewitt": [[1, 0, -1]] * 3,
    "sobel": [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
    "sobel-horizontal": [[1, 2, 1], [0, 0, 0], [-1, -2, -1]],
    "scharr": [[3, 0, -3], [10, 0, -10], [3, 0, -3]],
    "laplacian": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "outline": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "emboss": [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]],
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "corner": [[1, 0], [0, 0]],
    "difference": [[1, -1]],
    "motion": np.eye(5) / 5,
    "ones": np.ones((3, 3)),
}
EDGES = ("vertical", "horizontal", "prewitt", "sobel", "sobel-horizontal", "scharr", "laplacian", "outline")
SIZES = [(rows, cols) for rows in range(1, LARGEST + 1) for cols in range(1, LARGEST + 1)]


def test_every_kernel_is_compared_with_a_published_one():
    assert {preset.key for preset in PRESETS} == set(PUBLISHED)


@pytest.mark.parametrize("key", PUBLISHED)
def test_a_kernel_is_the_published_one_at_its_own_size(key: str):
    preset = find_preset(key)
    np.testing.assert_array_equal(preset.fitted(*preset.natural), np.asarray(PUBLISHED[key], np.float32))


def test_sobel_turned_the_wrong_way_would_be_noticed():
    with pytest.raises(AssertionError):
        np.testing.assert_array_equal(find_preset("sobel").fitted(3, 3), np.asarray(PUBLISHED["sobel"]).T)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.key)
def test_a_kernel_has_the_size_that_was_asked_for_or_says_that_it_does_not_fit(preset):
    for rows, cols in SIZES:
        if preset.fits(rows, cols):
            assert preset.fitted(rows, cols).shape == (rows, cols)
            assert preset.fitted(rows, cols).dtype == np.float32
        else:
            with pytest.raises(KernelError, match=f"got {rows}×{cols}"):
                preset.fitted(rows, cols)


@pytest.mark.parametrize("key", ["box", "gaussian", "motion"])
def test_a_blur_keeps_the_brightness_at_every_size(key: str):
    for rows, cols in SIZES:
        assert find_preset(key).fitted(rows, cols).sum() == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("key", EDGES)
def test_an_edge_finder_gives_nothing_where_nothing_changes_at_any_size(key: str):
    for rows, cols in SIZES:
        if find_preset(key).fits(rows, cols):
            assert find_preset(key).fitted(rows, cols).sum() == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(("upright", "lying"), [("vertical", "horizontal"), ("sobel", "sobel-horizontal")])
def test_a_turned_edge_finder_is_the_other_one_transposed(upright: str, lying: str):
    for rows, cols in SIZES:
        if find_preset(upright).fits(rows, cols):
            np.testing.assert_array_equal(
                find_preset(upright).fitted(rows, cols), find_preset(lying).fitted(cols, rows).T
            )


def test_a_sobel_of_five_is_the_smoothed_one():
    """1 4 6 4 1 along the edge, 1 2 0 −2 −1 across it."""
    np.testing.assert_array_equal(find_preset("sobel").fitted(5, 5), np.outer([1, 4, 6, 4, 1], [1, 2, 0, -2, -1]))


def test_a_wide_prewitt_falls_evenly():
    np.testing.assert_array_equal(find_preset("prewitt").fitted(3, 5)[0], [2, 1, 0, -1, -2])
    np.testing.assert_array_equal(find_preset("prewitt").fitted(3, 4)[0], [3, 1, -1, -3])


@pytest.mark.parametrize("key", ["sobel", "sobel-horizontal", "prewitt"])
@pytest.mark.parametrize("size", [(2, 3), (3, 2), (2, 2), (1, 5)])
def test_what_is_smaller_than_three_by_three_is_no_sobel_and_no_prewitt(key: str, size: tuple[int, int]):
    assert not find_preset(key).fits(*size)


def test_an_unknown_kernel_is_one_sentence():
    with pytest.raises(KeyError, match="kernel must be one of box, gaussian"):
        find_preset("nothing")


@given(rows=st.integers(1, 11), cols=st.integers(1, 11), seed=st.integers(0, 99))
def test_turning_by_half_twice_and_by_a_quarter_four_times_changes_nothing(rows: int, cols: int, seed: int):
    kernel = np.random.default_rng(seed).normal(size=(rows, cols)).astype(np.float32)
    np.testing.assert_array_equal(flip(flip(kernel)), kernel)
    turned = kernel
    for _ in range(4):
        turned = apply_operation(turned, KernelOperation.ROTATE)
    np.testing.assert_array_equal(turned, kernel)
    np.testing.assert_array_equal(
        apply_operation(apply_operation(kernel, KernelOperation.ROTATE), KernelOperation.ROTATE),
        apply_operation(kernel, KernelOperation.FLIP),
    )


def test_a_quarter_turn_goes_clockwise():
    np.testing.assert_array_equal(apply_operation(np.array([[1, 2], [3, 4]]), KernelOperation.ROTATE), [[3, 1], [4, 2]])


def test_turning_by_half_is_more_than_turning_the_rows_round():
    kernel = np.array([[1, 2], [3, 4]])
    np.testing.assert_array_equal(apply_operation(kernel, KernelOperation.FLIP), [[4, 3], [2, 1]])
    assert not np.array_equal(apply_operation(kernel, KernelOperation.FLIP), kernel[::-1])


def test_negating_leaves_no_minus_zero():
    negated = apply_operation(np.array([[0.0, 1.0]], np.float32), KernelOperation.NEGATE)
    np.testing.assert_array_equal(negated, [[0, -1]])
    assert not np.signbit(negated[0, 0])


def test_an_edit_leaves_the_kernel_that_it_was_given_as_it_is():
    kernel = np.arange(6, dtype=np.float32).reshape(2, 3)
    for edit in KernelOperation:
        apply_operation(kernel, edit)[:] = 7
    np.testing.assert_array_equal(kernel, np.arange(6).reshape(2, 3))


EDITED = {
    KernelOperation.NORMALISE: [[0.25, 0.5, 0.25]],
    KernelOperation.NEGATE: [[-1, -2, -1]],
    KernelOperation.FLIP: [[1, 2, 1]],
    KernelOperation.ROTATE: [[1], [2], [1]],
    KernelOperation.ZERO: [[0, 0, 0]],
}


@pytest.mark.parametrize("kind", [np.float32, np.float64, np.int64, np.uint8])
@pytest.mark.parametrize("edit", KernelOperation)
def test_a_kernel_of_whole_numbers_is_edited_like_one_of_fractions(edit: KernelOperation, kind: type):
    np.testing.assert_array_equal(apply_operation(np.array([[1, 2, 1]], kind), edit), EDITED[edit])


def test_normalising_divides_by_the_sum_or_by_the_sizes_where_they_cancel_out():
    np.testing.assert_array_equal(normalise(np.array([[1, 2, 1]], np.float32)), [[0.25, 0.5, 0.25]])
    np.testing.assert_array_equal(normalise(np.array([[1, 0, -1]], np.float32)), [[0.5, 0, -0.5]])
    with pytest.raises(KernelError, match="other than 0"):
        normalise(np.zeros((3, 3), np.float32))


@given(st.integers(1, 11), st.integers(1, 11), st.integers(1, 11), st.integers(1, 11))
def test_a_resized_kernel_keeps_its_middle(rows: int, cols: int, new_rows: int, new_cols: int):
    """By hand: each weight keeps its distance from the middle, (n − 1) // 2; outside the new size it is lost."""
    kernel = np.arange(1, rows * cols + 1, dtype=np.float32).reshape(rows, cols)
    expected = np.zeros((new_rows, new_cols), np.float32)
    for row, col in np.ndindex(rows, cols):
        y = row - (rows - 1) // 2 + (new_rows - 1) // 2
        x = col - (cols - 1) // 2 + (new_cols - 1) // 2
        if 0 <= y < new_rows and 0 <= x < new_cols:
            expected[y, x] = kernel[row, col]
    np.testing.assert_array_equal(resize(kernel, new_rows, new_cols), expected)


@pytest.mark.parametrize("size", [(0, 3), (3, 12), (-1, 1)])
def test_a_size_outside_the_bounds_is_refused(size: tuple[int, int]):
    with pytest.raises(KernelError, match="from 1 to 11"):
        resize(np.ones((3, 3)), *size)
