"""Batch normalisation in the laboratory: the printed numbers, and NumPy by hand as the oracle of every stage."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from cnnviz.conv_lab.normalisation import NormExample, NormLayer, NormSettings, batch_images, run_normalisation

EPSILON = 1e-5


def normalised(values: np.ndarray, correction: int) -> np.ndarray:
    """By the formula, in float64; `correction` 0 divides by n, 1 by n − 1."""
    values = values.astype(np.float64)
    mean = values.mean(axis=(0, 2, 3), keepdims=True)
    variance = values.var(axis=(0, 2, 3), ddof=correction, keepdims=True)
    return (values - mean) / np.sqrt(variance + EPSILON)


def test_the_three_channels_of_the_text_book():
    output = run_normalisation(NormSettings()).output[0]
    assert output[0, 0].round(4).tolist() == pytest.approx([-0.5883, 0.1272, -0.5883, -0.5883, -0.5883], abs=5e-5)
    assert output[0, 4, 1] == pytest.approx(3.3070, abs=5e-5)
    for channel in (1, 2):
        assert output[channel, :, 3] == pytest.approx([-1.4142, -0.7071, 0, 0.7071, 1.4142], abs=5e-5)


def test_two_8_bit_images_through_convolution_normalisation_and_relu():
    made = run_normalisation(NormSettings(NormExample.TWO_IMAGES))
    conv = [[1.4235, 1.4235, 1.2118], [1.6353, 1.6353, 1.3176], [1.8471, 1.8471, 1.4235]]
    assert made.values[0, 0] == pytest.approx(np.array(conv), abs=5e-5)
    assert made.values[1, 0] == pytest.approx(np.full((3, 3), 1.1059), abs=5e-5)
    norm = [[0.4082, 0.4082, -0.4082], [1.2247, 1.2247, 0], [2.0411, 2.0411, 0.4082]]
    assert made.output[0, 0] == pytest.approx(np.array(norm), abs=5e-5)
    assert made.output[1, 0] == pytest.approx(np.full((3, 3), -0.8164), abs=5e-5)
    assert made.relu is not None
    assert made.relu == pytest.approx(np.maximum(made.output, 0))


@pytest.mark.parametrize("example", NormExample)
def test_both_variances_are_those_of_the_formula_and_differ(example: NormExample):
    made = run_normalisation(NormSettings(example, batch=2))
    assert made.output == pytest.approx(normalised(made.values, 0), abs=2e-6)
    assert made.unbiased == pytest.approx(normalised(made.values, 1), abs=2e-6)
    assert np.abs(made.output - normalised(made.values, 1)).max() > 1e-3  # the wrong one is told from the right one


def test_the_running_estimates_take_the_unbiased_variance():
    made = run_normalisation(NormSettings(batch=5))
    mean, variance = np.zeros(3), np.ones(3)
    for batch in range(1, 6):
        values = batch_images(NormExample.CHANNELS, batch).astype(np.float64)
        mean = 0.9 * mean + 0.1 * values.mean(axis=(0, 2, 3))
        variance = 0.9 * variance + 0.1 * values.var(axis=(0, 2, 3), ddof=1)
        assert made.means[batch] == pytest.approx(mean, rel=1e-5)
        assert made.variances[batch] == pytest.approx(variance, rel=1e-5)
    evaluated = run_normalisation(NormSettings(is_training=False, batch=5, gamma=2, beta=-1))
    expected = 2 * (evaluated.values - mean[:, None, None]) / np.sqrt(variance[:, None, None] + EPSILON) - 1
    assert evaluated.output == pytest.approx(expected, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("is_training", [True, False])
def test_the_arithmetic_of_every_cell_makes_pytorchs_output(is_training: bool):
    made = run_normalisation(NormSettings(is_training=is_training, batch=3, gamma=1.5, beta=0.25))
    for channel, row, col in np.ndindex(3, 5, 5):
        cell = made.cell(0, (channel, row, col))
        assert cell.gamma * cell.normalised + cell.beta == pytest.approx(made.output[0, channel, row, col], abs=1e-5)


def test_dropout_drops_whole_channels_and_scales_the_others():
    made = run_normalisation(NormSettings(layer=NormLayer.DROPOUT))
    assert made.is_kept is not None
    assert 0 < made.is_kept.sum() < 3
    for channel, is_kept in enumerate(made.is_kept[0]):
        expected = made.values[0, channel] / 0.6 if is_kept else np.zeros((5, 5))
        assert made.output[0, channel] == pytest.approx(expected, rel=1e-6)
    as_it_is = run_normalisation(NormSettings(layer=NormLayer.DROPOUT, is_training=False))
    assert (as_it_is.output == as_it_is.values).all()
    assert as_it_is.is_kept is None


def test_no_random_number_of_the_caller_is_drawn():
    torch.manual_seed(3)
    expected = torch.rand(2).tolist()
    torch.manual_seed(3)
    run_normalisation(NormSettings(layer=NormLayer.DROPOUT))
    assert torch.rand(2).tolist() == expected


def test_pytorch_itself_says_the_same_of_a_fresh_layer():
    images = torch.from_numpy(batch_images(NormExample.CHANNELS, 1))
    assert np.array_equal(run_normalisation(NormSettings()).output, nn.BatchNorm2d(3)(images).detach().numpy())


@pytest.mark.parametrize(("name", "value"), [("batch", 0), ("gamma", 11.0), ("beta", -11.0), ("probability", 1.0)])
def test_numbers_out_of_their_bounds_are_refused_in_one_sentence(name: str, value: float):
    with pytest.raises(ValueError, match=f"{name} must be .* got"):
        NormSettings(**{name: value})
