"""Why convolutions: a map shifts with its picture, but for the border; counts against a fully connected layer."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnnviz.conv_lab.images import LabImage, find_image
from cnnviz.conv_lab.run import lab_result
from cnnviz.conv_lab.settings import LabSetup, PaddingMode, SettingsError
from cnnviz.conv_lab.shifts import change_after_pooling, count_dense_parameters, run_shifted, shift_image

STEPS = st.integers(-7, 7)


def setup(mode: PaddingMode = PaddingMode.ZEROS, shape: tuple[int, int] = (3, 3), seed: int = 0) -> LabSetup:
    dice = np.random.default_rng(seed)
    picture = LabImage("own", dice.random((2, 12, 15), dtype=np.float32))
    kernel = dice.normal(size=(2, 2, *shape))
    return LabSetup(picture=picture, kernel=kernel, is_same=True, padding_mode=mode, bias=dice.normal(size=2))


def test_a_shift_by_hand():
    values = np.array([[[1, 2, 3], [4, 5, 6]]], np.float32)
    np.testing.assert_array_equal(shift_image(values, 0, 1), [[[0, 1, 2], [0, 4, 5]]])
    np.testing.assert_array_equal(shift_image(values, -1, 0), [[[4, 5, 6], [0, 0, 0]]])
    np.testing.assert_array_equal(shift_image(values, 0, 1, wraps=True), [[[3, 1, 2], [6, 4, 5]]])
    np.testing.assert_array_equal(shift_image(values, 0, 9), np.zeros((1, 2, 3)))


@settings(max_examples=50, deadline=None)
@given(mode=st.sampled_from(PaddingMode), rows=st.integers(1, 4), cols=st.integers(1, 4), down=STEPS, right=STEPS)
def test_maps_differ_near_the_border_only(mode: PaddingMode, rows: int, cols: int, down: int, right: int):
    made = run_shifted(setup(mode, (rows, cols)), down, right)
    assert not (made.differs & ~made.border).any()


@settings(max_examples=30, deadline=None)
@given(down=STEPS, right=STEPS, rows=st.integers(1, 4), cols=st.integers(1, 4))
def test_with_a_border_that_joins_the_other_side_nothing_differs(down: int, right: int, rows: int, cols: int):
    made = run_shifted(setup(PaddingMode.CIRCULAR, (rows, cols)), down, right)
    assert not made.differs.any()
    assert not made.border.any()


def test_at_the_border_of_zeros_something_does_differ():
    assert run_shifted(setup(), 0, 3).differs.any()


def test_a_map_shifted_by_another_step_would_be_noticed():
    made = run_shifted(setup(PaddingMode.CIRCULAR), 0, 3)
    wrong = shift_image(made.before, 0, 2, wraps=True)
    assert np.abs(wrong - made.after).max() > 0.1


def test_without_a_shift_nothing_changes():
    made = run_shifted(setup(), 0, 0)
    np.testing.assert_array_equal(made.before, made.after)
    assert change_after_pooling(made, 4) == 0


def test_a_border_cell_by_hand():
    """3×3 kernel, shift by 3 to the right: columns 0–3 see what came in, 14 what lies outside."""
    border = run_shifted(setup(), 0, 3).border
    np.testing.assert_array_equal(border[5], [True] * 4 + [False] * 10 + [True])


def test_a_layer_that_changes_the_size_is_refused():
    with pytest.raises(SettingsError, match="stride 1"):
        run_shifted(replace(setup(), is_same=False), 0, 1)


def test_the_change_after_pooling_is_that_of_a_loop():
    made = setup()
    moved = run_shifted(made, 0, 1)
    before, after = lab_result(made).output, moved.after
    total = size = 0.0
    for channel, row, col in np.ndindex(2, 4, 5):
        window = (channel, slice(3 * row, 3 * row + 3), slice(3 * col, 3 * col + 3))
        one, other = before[window].max(), after[window].max()
        total, size = total + abs(float(one) - float(other)), size + abs(float(one)) + abs(float(other))
    assert change_after_pooling(moved, 3) == pytest.approx(total / size, rel=1e-5)
    assert change_after_pooling(moved, 1) > change_after_pooling(moved, 3)


def test_pooling_forgives_a_small_shift_of_a_face():
    made = LabSetup(picture=find_image("face"), kernel=np.array([[[[-1, 0, 1]] * 3]], np.float32), is_same=True)
    changes = [change_after_pooling(run_shifted(made, 0, 1), side) for side in (1, 2, 4)]
    assert changes == sorted(changes, reverse=True)


def test_a_fully_connected_layer_has_millions_of_parameters():
    picture = LabImage("own", np.zeros((1, 28, 28), np.float32))
    made = LabSetup(picture=picture, kernel=np.ones((16, 1, 5, 5)), bias=np.zeros(16), is_same=True)
    assert count_dense_parameters(made) == 784 * 12_544 + 12_544 == 9_847_040
    small = LabSetup(picture=LabImage("own", np.zeros((1, 2, 3), np.float32)), kernel=np.ones((2, 1, 1, 1)))
    assert count_dense_parameters(small) == sum(p.numel() for p in nn.Linear(6, 12).parameters())
