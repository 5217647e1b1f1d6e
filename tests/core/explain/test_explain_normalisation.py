"""A cell of a batch normalisation: both variances, both modes, the running estimates, against PyTorch and by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from cells import cell_at, convolution, random_maps, three_channels, traced, units
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnnviz.core.explain import ExplainError, NormCell, Statistics, explain, explain_batch_statistics
from cnnviz.core.layer_trace import LayerTrace
from cnnviz.core.units import UnitRef


def norm(channels: int, momentum: float | None = 0.1, seed: int = 0, **settings: object) -> nn.BatchNorm2d:
    """A normalisation with parameters and running estimates that are not the ones it starts with."""
    torch.manual_seed(seed)
    module = nn.BatchNorm2d(channels, momentum=momentum, **settings)
    for name in ("weight", "bias", "running_mean", "running_var"):
        tensor = getattr(module, name)
        if tensor is not None:
            tensor.data = torch.rand(channels) + (0.1 if name == "running_var" else -0.5)
    return module


def in_training(layer: LayerTrace, batch: np.ndarray, image: int = 0, **more: int) -> np.ndarray:
    cells = [explain_batch_statistics(layer, unit, batch, image, **more) for unit in units(layer)]
    return np.array([cell.total for cell in cells]).reshape(layer.output.shape)


def test_the_published_numbers_of_one_image_need_the_biased_variance():
    batch = three_channels()[None]
    made = in_training(traced(nn.BatchNorm2d(3), batch[0]), batch)
    np.testing.assert_allclose(made[0, 0], [-0.5883, 0.1272, -0.5883, -0.5883, -0.5883], atol=5e-5)
    assert made[0, 4, 1] == pytest.approx(3.3070, abs=5e-5)
    steps = [-1.4142, -0.7071, 0, 0.7071, 1.4142]
    np.testing.assert_allclose(made[1:], np.broadcast_to(np.array(steps)[:, None], (2, 5, 5)), atol=5e-5)


def test_the_unbiased_variance_gives_other_numbers_than_the_published_ones():
    """The negative twin, by n / (n − 1) = 25 / 24."""
    batch = three_channels()[None]
    cell = explain_batch_statistics(traced(nn.BatchNorm2d(3), batch[0]), UnitRef("0", 1, 4, 0), batch)
    assert cell.unbiased_variance == pytest.approx(cell.variance * 25 / 24)
    assert cell.total == pytest.approx(1.4142, abs=5e-5)
    assert cell.centred / np.sqrt(cell.unbiased_variance + cell.epsilon) == pytest.approx(1.3856, abs=5e-5)
    with pytest.raises(ExplainError, match="numbers of 0 must make its output"):
        replace(cell, variance=cell.unbiased_variance)


def test_the_published_batch_of_two_images():
    eight_bit = np.stack([three_channels(), np.ones((3, 5, 5))]) / 255
    conv = convolution(np.ones((1, 3, 3, 3)), [1.0])
    first, second = (traced(conv, image).output for image in eight_bit)
    np.testing.assert_allclose(
        first[0], [[1.4235, 1.4235, 1.2118], [1.6353, 1.6353, 1.3176], [1.8471, 1.8471, 1.4235]], atol=5e-5
    )
    np.testing.assert_allclose(second, np.full((1, 3, 3), 1.1059), atol=5e-5)
    layer, batch = traced(nn.BatchNorm2d(1), first), np.stack([first, second])
    made = in_training(layer, batch)[0]
    expected = [[0.4082, 0.4082, -0.4082], [1.2247, 1.2247, 0], [2.0411, 2.0411, 0.4082]]
    np.testing.assert_allclose(made, expected, atol=2e-4)
    np.testing.assert_allclose(in_training(layer, batch, 1), np.full((1, 3, 3), -0.8164), atol=1e-4)
    relu = np.array([cell_at(traced(nn.ReLU(), made[None]), 0, *at).total for at in np.ndindex(3, 3)])
    np.testing.assert_array_equal(relu.reshape(3, 3), np.maximum(made, 0).astype(np.float32))


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 4), st.integers(2, 4)),
    momentum=st.one_of(st.none(), st.floats(0, 1)),
    batches_seen=st.integers(0, 9),
    affine=st.booleans(),
    epsilon=st.sampled_from([1e-5, 1e-3, 0.5]),
    seed=st.integers(0, 999),
)
def test_a_training_step_is_pytorchs_number_and_running_estimate(size, momentum, batches_seen, affine, epsilon, seed):
    batch = random_maps(*size, seed=seed)
    module = norm(size[1], momentum, seed, eps=epsilon, affine=affine)
    layer = traced(module, batch[0])
    module.train().double().num_batches_tracked.fill_(batches_seen)
    expected = module(torch.tensor(batch)).detach().numpy()
    for image in range(len(batch)):
        made = in_training(layer, batch, image, batches_seen=batches_seen)
        np.testing.assert_allclose(made, expected[image], atol=1e-5)
    for channel in range(size[1]):
        running = explain_batch_statistics(layer, UnitRef("0", channel), batch, batches_seen=batches_seen).running
        assert running.mean == pytest.approx(float(module.running_mean[channel]), abs=1e-6)
        assert running.variance == pytest.approx(float(module.running_var[channel]), abs=1e-6)


def test_the_biased_variance_in_the_running_estimate_is_not_pytorchs():
    """The negative twin of the test above."""
    batch = random_maps(2, 1, 2, 2)
    module = norm(1, momentum=1.0)
    layer = traced(module, batch[0])
    module.train()(torch.tensor(batch))
    cell = explain_batch_statistics(layer, UnitRef("0"), batch)
    assert cell.running.variance == pytest.approx(float(module.running_var))
    assert cell.variance != pytest.approx(float(module.running_var), rel=1e-3)


@settings(max_examples=60, deadline=None)
@given(
    channels=st.integers(1, 4),
    affine=st.booleans(),
    tracks=st.booleans(),
    epsilon=st.sampled_from([1e-5, 1e-3, 0.5]),
    seed=st.integers(0, 999),
)
def test_evaluation_is_pytorchs_number(channels, affine, tracks, epsilon, seed):
    maps = random_maps(channels, 3, 4, seed=seed)
    module = norm(channels, seed=seed, eps=epsilon, affine=affine, track_running_stats=tracks)
    layer = traced(module, maps)
    expected = module.double().eval()(torch.tensor(maps)[None])[0].detach().numpy()
    for unit in units(layer):
        cell = explain(layer, unit)
        assert cell.statistics is (Statistics.RUNNING if tracks else Statistics.BATCH)
        assert cell.gamma * cell.normalised + cell.beta == pytest.approx(
            expected[unit.within(expected.shape)], abs=1e-5
        )


def four() -> NormCell:
    """One value by hand: (7 − 1) / √(8 + 1) · 3 − 2."""
    module = nn.BatchNorm2d(1, eps=1.0)
    tensors = (("running_mean", 1.0), ("running_var", 8.0), ("weight", 3.0), ("bias", -2.0))
    for name, value in tensors:
        getattr(module, name).data.fill_(value)
    return cell_at(traced(module, np.full((1, 1, 1), 7.0)))


def test_one_value_by_hand():
    cell = four()
    assert (cell.centred, cell.deviation, cell.normalised, cell.total) == (7 - 1, 3, 2, 2 * 3 - 2)
    assert cell.running is None


@pytest.mark.parametrize("wrong", [{"epsilon": 0.0}, {"mean": 1.1}, {"variance": 9.0}, {"gamma": 1.0}, {"beta": 0.0}])
def test_a_record_whose_numbers_do_not_make_the_total_cannot_be_made(wrong: dict[str, float]):
    with pytest.raises(ExplainError, match="numbers of 0 must make its output"):
        replace(four(), **wrong)


def test_an_average_over_all_batches_needs_their_number():
    batch = random_maps(2, 1, 2, 2)
    layer = traced(nn.BatchNorm2d(1, momentum=None), batch[0])
    with pytest.raises(ExplainError, match="batches_seen must be given for 0, which averages over all batches"):
        explain_batch_statistics(layer, UnitRef("0"), batch)
    assert explain_batch_statistics(layer, UnitRef("0"), batch, batches_seen=3).running.factor == 1 / 4


def test_a_layer_without_running_estimates_takes_no_step():
    batch = random_maps(2, 1, 2, 2)
    layer = traced(nn.BatchNorm2d(1, track_running_stats=False), batch[0])
    assert explain_batch_statistics(layer, UnitRef("0"), batch).running is None


@pytest.mark.parametrize("shape", [(1, 2, 1, 1), (4, 3, 2, 2), (2, 2, 2)])
def test_a_batch_that_pytorch_refuses_is_refused(shape: tuple[int, ...]):
    layer = traced(nn.BatchNorm2d(2), random_maps(2, 3, 3))
    with pytest.raises(
        ExplainError, match=r"batch for 0 must be \(n, 2, h, w\) with more than one value a channel, got"
    ):
        explain_batch_statistics(layer, UnitRef("0"), np.ones(shape))


def test_an_image_or_a_unit_that_the_batch_does_not_have_is_refused():
    layer = traced(nn.BatchNorm2d(1), random_maps(1, 2, 2))
    with pytest.raises(IndexError, match="image must be below 2, the size of the batch, got 2"):
        explain_batch_statistics(layer, UnitRef("0"), random_maps(2, 1, 2, 2), image=2)
    with pytest.raises(IndexError, match="unit must lie within 0, of shape 1×2×2"):
        explain_batch_statistics(layer, UnitRef("0", 0, 2, 0), random_maps(2, 1, 2, 2))
    with pytest.raises(ExplainError, match="unit must be one of 0, got one of norm9"):
        explain_batch_statistics(layer, UnitRef("norm9"), random_maps(2, 1, 2, 2))


def test_nothing_to_divide_by_is_said_not_shown():
    layer = traced(nn.BatchNorm2d(1, eps=0.0), random_maps(1, 2, 2))
    with pytest.raises(ExplainError, match=r"variance \+ epsilon of 0 must be above 0, got 0\.0 \+ 0\.0"):
        explain_batch_statistics(layer, UnitRef("0"), np.ones((2, 1, 2, 2)))


def test_numbers_that_are_none_are_refused_by_name():
    layer = traced(nn.BatchNorm2d(1), random_maps(1, 2, 2))
    with pytest.raises(ExplainError, match="variance of 0 must be finite numbers, got nan"):
        cell_at(replace(layer, variance=np.array([np.nan])))
    batch = random_maps(2, 1, 2, 2)
    batch[1] = np.inf
    with pytest.raises(ExplainError, match="input of 0 must be finite numbers, got inf"):
        explain_batch_statistics(layer, UnitRef("0"), batch)
