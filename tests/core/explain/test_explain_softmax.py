"""The softmax in numbers: PyTorch's in float64, stable for huge scores, with a temperature and a target."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from cnnviz.core.explain import ExplainError, explain_softmax

logits = st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=12).map(np.array)
temperatures = st.sampled_from([0.01, 0.5, 1.0, 3.0, 100.0])


@settings(max_examples=300, deadline=None)
@given(scores=logits, temperature=temperatures, data=st.data())
def test_every_number_is_pytorchs(scores: np.ndarray, temperature: float, data):
    target = data.draw(st.integers(0, len(scores) - 1))
    cell = explain_softmax(scores, temperature, target)
    tensor = torch.tensor(scores) / temperature
    np.testing.assert_allclose(cell.probabilities, functional.softmax(tensor, dim=0), rtol=1e-9, atol=1e-15)
    assert cell.log_sum_exp == pytest.approx(float(torch.logsumexp(tensor, 0)), rel=1e-12, abs=1e-12)
    expected = float(functional.cross_entropy(tensor[None], torch.tensor([target])))
    assert cell.cross_entropy == pytest.approx(expected, rel=1e-9, abs=1e-9)
    np.testing.assert_allclose(cell.exponentials / cell.sum, cell.probabilities)
    np.testing.assert_allclose(cell.exponentials, np.exp(cell.shifted))


def test_two_equal_scores_share_evenly():
    cell = explain_softmax(np.array([0.0, 0.0]), target=1)
    assert cell.probabilities.tolist() == [0.5, 0.5]
    assert cell.log_sum_exp == cell.cross_entropy == pytest.approx(math.log(2))


def test_scores_by_hand():
    """e^0 : e^−log 3 is 3 : 1."""
    cell = explain_softmax(np.array([math.log(3), 0.0]))
    assert cell.shifted.tolist() == [0, -math.log(3)]
    np.testing.assert_allclose(cell.exponentials, [1, 1 / 3])
    np.testing.assert_allclose(cell.probabilities, [3 / 4, 1 / 4])
    assert cell.cross_entropy is None


def test_huge_scores_do_not_overflow_where_plain_powers_do():
    """The negative twin: exp(1000) is infinite, and ∞ / ∞ no number."""
    scores = np.array([1000.0, 999.0, -1e308])
    with np.errstate(over="ignore", invalid="ignore"):
        naive = np.exp(scores) / np.exp(scores).sum()
    assert np.isnan(naive).any()
    np.testing.assert_allclose(explain_softmax(scores).probabilities, [1 / (1 + math.exp(-1)), 1 / (1 + math.e), 0])


def test_a_high_temperature_evens_out_and_a_low_one_decides():
    scores = np.array([1.0, 2.0])
    cold, own, hot = (explain_softmax(scores, temperature).probabilities[1] for temperature in (0.01, 1, 1000))
    assert 0.5 < hot < 0.501 < own < 0.8 < cold
    assert cold == pytest.approx(1)


@pytest.mark.parametrize("temperature", [0.0, -1.0, math.nan, math.inf])
def test_a_temperature_that_is_not_above_0_is_refused(temperature: float):
    with pytest.raises(ExplainError, match=f"temperature must be above 0, got {temperature}: 1 is the network's own"):
        explain_softmax(np.array([1.0, 2.0]), temperature)


def test_a_temperature_too_small_to_divide_by_is_refused():
    with pytest.raises(ExplainError, match="temperature must be large enough to divide by, got 1e-308"):
        explain_softmax(np.array([100.0, 2.0]), 1e-308)


@pytest.mark.parametrize("scores", [[], [math.nan, 0.0], [math.inf, 0.0], [-math.inf, -math.inf]])
def test_scores_that_are_no_numbers_are_refused(scores: list[float]):
    with pytest.raises(ExplainError, match="logits must be finite numbers"):
        explain_softmax(np.array(scores))


def test_a_class_ruled_out_has_no_share():
    cell = explain_softmax(np.array([0.0, -math.inf]), target=1)
    assert cell.probabilities.tolist() == [1, 0]
    assert cell.cross_entropy == math.inf


@pytest.mark.parametrize("target", [-1, 2])
def test_a_class_that_is_not_there_is_refused(target: int):
    with pytest.raises(IndexError, match=f"target must be a class below 2, got {target}"):
        explain_softmax(np.array([0.0, 1.0]), target=target)


def test_the_given_scores_stay_writable_and_the_records_do_not():
    scores = np.array([0.0, 1.0])
    cell = explain_softmax(scores)
    scores[0] = 5
    assert cell.logits[0] == 0
    with pytest.raises(ValueError, match="read-only"):
        cell.probabilities[0] = 1


def test_probabilities_that_do_not_add_up_cannot_be_recorded():
    cell = explain_softmax(np.array([0.0, 1.0]))
    with pytest.raises(ExplainError, match="probabilities must add up to 1, got 2"):
        replace(cell, probabilities=cell.probabilities * 2)
