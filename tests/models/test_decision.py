"""A reading: a digit, no digit, or a blank canvas."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from cnnviz.models.decision import DecisionRule, PredictionStatus, RejectBy, acceptance_scores, predict, softmax

logits = st.lists(st.floats(-50, 50), min_size=10, max_size=10)


def naive_softmax(row):
    powers = [math.exp(score) for score in row]
    return [power / sum(powers) for power in powers]


@given(logits)
def test_probabilities_are_those_of_the_formula_and_add_up_to_1(row):
    probabilities = predict(row, has_ink=True).probabilities
    assert probabilities == pytest.approx(naive_softmax(row), abs=1e-12)
    assert probabilities.sum() == pytest.approx(1)


def test_the_formula_oracle_can_fail():
    assert softmax([0.0, 1.0]) != pytest.approx(naive_softmax([1.0, 0.0]))


@given(logits)
def test_top_and_second_are_the_two_largest(row):
    reading = predict(row, has_ink=True)
    assert reading.top != reading.second
    assert row[reading.top] == max(row)
    assert row[reading.second] == sorted(row)[-2]
    assert reading.confidence == reading.probabilities[reading.top]


def test_no_ink_is_blank_however_sure_the_network_is():
    assert predict([0, 100, 0], has_ink=False).status is PredictionStatus.BLANK


def test_the_threshold_decides_between_digit_and_no_digit():
    row = [math.log(0.6), math.log(0.4)]  # probabilities 0.6 and 0.4
    assert predict(row, has_ink=True, rule=DecisionRule(0.59)).status is PredictionStatus.ANSWER
    assert predict(row, has_ink=True, rule=DecisionRule(0.61)).status is PredictionStatus.FOREIGN


def test_large_logits_do_not_overflow():
    assert predict([1000.0, 999.0], has_ink=True).confidence == pytest.approx(1 / (1 + math.exp(-1)))


@pytest.mark.parametrize("bad", [[], [1.0], [[1.0, 2.0]], [1.0, float("nan")], [1.0, float("inf")]])
def test_what_is_not_one_row_of_numbers_is_refused(bad):
    with pytest.raises(ValueError, match="logits must be one row"):
        predict(bad, has_ink=True)


def test_a_threshold_is_a_probability():
    with pytest.raises(ValueError, match="threshold must be"):
        DecisionRule(1.5)


def test_probabilities_are_read_only():
    with pytest.raises(ValueError, match="read-only"):
        predict(np.zeros(10), has_ink=True).probabilities[0] = 1


@given(logits)
def test_the_divergence_is_pytorchs_of_uniform_from_the_probabilities(row):
    likely = torch.tensor(row, dtype=torch.float64).log_softmax(dim=0)
    wanted = torch.nn.functional.kl_div(likely, torch.full((10,), 0.1, dtype=torch.float64), reduction="sum")
    found = acceptance_scores(softmax(row), RejectBy.UNIFORM)
    assert float(found) == pytest.approx(float(wanted), abs=1e-9)


def test_the_divergence_is_not_the_one_the_other_way_round():
    probabilities = np.array([0.9, 0.1])
    other_way = (probabilities * np.log(probabilities / 0.5)).sum()
    assert acceptance_scores(probabilities, RejectBy.UNIFORM) != pytest.approx(other_way, rel=0.1)


def test_equal_probabilities_have_no_divergence():
    assert acceptance_scores(np.full((3, 10), 0.1), RejectBy.UNIFORM) == pytest.approx(0)


def test_what_is_rejected_by_divergence_depends_on_all_classes():
    """The same highest probability: beside one rival the others are ruled out, beside nine nothing is."""
    two = np.array([0.5, 0.4999, *[0.0001 / 8] * 8])
    ten = np.array([0.5, *[0.5 / 9] * 9])
    rule, usual = DecisionRule(3.0, RejectBy.UNIFORM), DecisionRule(0.4)
    assert (bool(rule.accepts(two)), bool(rule.accepts(ten))) == (True, False)
    assert (bool(usual.accepts(two)), bool(usual.accepts(ten))) == (True, True)


@given(logits, st.floats(-30, 30))
def test_a_constant_in_all_scores_changes_no_score_of_a_rule(row, constant):
    """Softmax does not know it, nor did training; the energy, log Σ exp, would rise by it."""
    moved = np.array(row) + constant
    for by in RejectBy:
        assert acceptance_scores(softmax(moved), by) == pytest.approx(acceptance_scores(softmax(row), by), abs=1e-6)
    assert np.logaddexp.reduce(moved) == pytest.approx(np.logaddexp.reduce(row) + constant)


def test_a_probability_of_0_is_very_far_from_uniform_and_no_error():
    found = predict([2000.0, 0.0, 0.0], has_ink=True, rule=DecisionRule(100.0, RejectBy.UNIFORM))
    assert (found.status, found.top) == (PredictionStatus.ANSWER, 0)


@pytest.mark.parametrize("bad", [-0.1, float("inf"), float("nan")])
def test_a_divergence_is_never_negative(bad):
    with pytest.raises(ValueError, match="it is a divergence"):
        DecisionRule(bad, RejectBy.UNIFORM)
